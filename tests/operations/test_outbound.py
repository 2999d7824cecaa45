"""Canaries in whatever senders write, looked for in every text column of every published table and in every artefact."""

import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.build.refresh import refresh_year
from pipeline.contracts import tables
from pipeline.reports.release import write_reports
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.outbound import (
    SENDER_COLUMNS,
    Beginnings,
    KnownTexts,
    Landed,
    known_of,
    masked_text,
    masked_texts,
    querying,
)
from pipeline.warehouse.run import make_run
from tests.operations.world import ACCOUNTS, CLASS_HEADER, FILES, IDS, NAMES, TAX_HEADER, YEAR, write_file, write_world

# Columns of published tables that hold codes, hashes, masks, or words of this program and its policies: no sender's.
FIXED_COLUMNS = {
    *("person_key", "suggested_person_key", "posting_id", "id_masked", "name_masked"),
    *("sha256", "input_sha256", "policy_sha256", "landed_sha256", "tables_sha256", "signature", "code_version"),
    *("township_code", "township_name", "village_code", "village_name", "from_account", "to_account", "fund_level"),
    *("action", "actual", "answer", "deviation_reason", "field", "kind", "mismatch_kind", "layout", "level1", "level2"),
    *("level3", "state_reason", "status", "suggestion_reason", "target", "uncovered_reason", "unit"),
    *("vocabulary", "code", "english", "chinese", "severity"),
}
SECRET = "the key of the canaries, long enough"
ID, OTHER_ID = IDS[0], IDS[1]
OLD_ID = ID[:6] + ID[8:17]
ACCOUNT = ACCOUNTS[0]
NAME = NAMES[0]
KNOWN = KnownTexts(frozenset({ID, OTHER_ID, OLD_ID, ACCOUNT}), frozenset({NAME, "张三"}))


def test_every_text_column_is_a_senders_or_is_not() -> None:
    """A column that is new must say which: what isn't said is published without being looked at."""
    unsaid = {
        f"{table.full_name}.{column.name}"
        for table in tables.published_tables()
        for column in table.columns
        if column.type == "VARCHAR" and not column.values and column.name not in SENDER_COLUMNS | FIXED_COLUMNS
    }
    assert unsaid == set()
    assert not SENDER_COLUMNS & FIXED_COLUMNS


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"tax_returns/{NAME}.xlsx", "tax_returns/***.....xlsx"),
        (f"{ID}的名单.csv", "***....的名单.csv"),
        (f"B{ID}", "B***...."),
        (f"{ID[:6]} {ID[6:14]} {ID[14:]}", "***...."),
        (f"{ID[:6]}-{ID[6:14]}-{ID[14:]}", "***...."),
        ("５３０１９８" + ID[6:], "***...."),
        (OLD_ID, "***...."),
        (f"99{ACCOUNT}99", "99***....99"),
        (f"{ACCOUNT[:4]} {ACCOUNT[4:8]} {ACCOUNT[8:]}", "***...."),
        ("张 三", "***...."),
        ("张\u200b三", "***...."),
        ("张三、张三", "***....、***...."),
        (f"{NAME}{ID}", "***....***...."),
        # What is an ID of nobody that is known, by its day of birth and check character, and what isn't.
        ("x110101199003070135x", "x110101199003070135x"),
        ("x110101199003070134x", "x***....x"),
        ("汤丹镇_20190331_名单.xlsx", "汤丹镇_20190331_名单.xlsx"),
        ("B201906-001", "B201906-001"),
        ("330653190012345678", "330653190012345678"),
        ("", ""),
    ],
)
def test_what_is_personal_in_a_text_is_masked(text: str, masked: str) -> None:
    """And nothing else; four digits tell one from the other."""
    found = masked_text(text, KNOWN, SECRET)
    assert len(found) == len(masked)
    assert all(wanted in (given, ".") for given, wanted in zip(found, masked, strict=True)), found


def test_two_names_stay_two() -> None:
    """And one stays one, wherever it stands; another key gives other digits."""
    first, second = (masked_text(f"{name}.csv", KNOWN, SECRET) for name in (NAME, "张三"))
    assert first != second
    assert masked_text(f"b/{NAME}.csv", KNOWN, SECRET) == f"b/{first}"
    assert masked_text(f"{NAME}.csv", KNOWN, SECRET[::-1]) != first
    many = KnownTexts(names=frozenset(f"张{chr(0x4E00 + number)}" for number in range(2000)))
    masked = masked_texts(many.names, many, SECRET)
    assert len(set(masked.values())) == 2000


# As files have them: with blanks, dashes and dots between, in wide and in small letters.
LANDED_NUMBERS = (
    ID,
    f"{OTHER_ID[:6]}-{OTHER_ID[6:14]}-{OTHER_ID[14:]}",
    "11010119900307002x",
    f"{ACCOUNT[:4]} {ACCOUNT[4:]}",
)
LANDED_NAMES = (NAME, "张 三", "买买提·艾力", "汤丹")


@pytest.mark.parametrize(
    ("text", "is_masked"),
    [
        (f"{ID}的名单", True),
        (OLD_ID, True),
        (OTHER_ID, True),
        ("第110101199003070０2X号", True),
        (f"99{ACCOUNT}", True),
        (f"{ID[:17]}", False),
        ("张三.xlsx", True),
        ("买买提艾力.xlsx", True),
        ("买买提.xlsx", False),
        ("汤丹镇20190331", False),
        ("B201906-001", False),
    ],
)
def test_whoever_stands_in_a_text_is_looked_up(text: str, is_masked: bool) -> None:
    """However the files write him; nobody is left out because another begins otherwise."""
    series = [pl.Series(each, dtype=pl.String) for each in (LANDED_NUMBERS, LANDED_NAMES, ["汤丹镇"])]
    for texts in ([text], [text, f"{ID}{NAME}"]):
        known = known_of(series[0], series[1], series[2], Beginnings.of(texts))
        assert (masked_text(text, known, SECRET) != text) == is_masked
    nobody = known_of(series[0], series[1], series[2], Beginnings.of(["B201906-001"]))
    assert {ID, NAME}.isdisjoint(nobody.numbers | nobody.names)


def test_a_hundred_thousand_texts_take_no_time() -> None:
    """Voucher numbers are many, and hold nobody."""
    texts = [f"3306531900{number:08}" for number in range(100_000)]
    known = KnownTexts(frozenset(f"62284808{number:08}" for number in range(100_000)), frozenset({"张三"}))
    began = time.process_time()
    assert masked_texts(texts, known, SECRET) == {}
    assert time.process_time() - began < 5


@pytest.fixture(scope="module")
def landed() -> Iterator[Landed]:
    """A year with a person on the roll, one by an ID with blanks, one by a name with a dot, an account, and another year."""
    spaced = f"{OTHER_ID[:6]} {OTHER_ID[6:14]} {OTHER_ID[14:]}"
    ids = [ID, spaced, "123456", None, "53010219800101789x"]
    names = ["张三", "阿依·古丽", "王", None, "张家村"]
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS warehouse; CREATE SCHEMA warehouse.raw; CREATE SCHEMA warehouse.mart")
        for name, column, texts in (
            ("raw.landed_row", "id_text", ids),
            ("raw.poverty_roll", "name", names),
            ("raw.bank_returns", "account", [ACCOUNT]),
            ("mart.township", "township_name", []),
            ("mart.village", "village_name", ["张家村"]),
        ):
            connection.execute(f"CREATE TABLE warehouse.{name} (policy_year INTEGER, {column} VARCHAR)")
            for text in texts:
                connection.execute(f"INSERT INTO warehouse.{name} VALUES (?, ?)", [YEAR, text])
        connection.execute("INSERT INTO warehouse.raw.landed_row VALUES (?, ?)", [YEAR - 1, IDS[2]])
        connection.execute("INSERT INTO warehouse.raw.poverty_roll VALUES (?, '李四')", [YEAR - 1])
        yield Landed(querying(connection), YEAR)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        (f"{ID}、张三", {ID, "张三"}),
        (f"{ID[:6]}-{ID[6:]} 张 三.csv", {ID, "张三"}),
        (OLD_ID, {OLD_ID}),
        (f"99{ACCOUNT}99", {ACCOUNT}),
        (OTHER_ID, {OTHER_ID}),
        (OTHER_ID[:6] + OTHER_ID[8:17], {OTHER_ID[:6] + OTHER_ID[8:17]}),
        ("x53010219800101789X", {"53010219800101789X"}),
        ("阿依古丽的名单", {"阿依古丽"}),
        # Too short to be anybody's; part of a village's name; of another year; and what only begins like a known one.
        ("123456", set()),
        ("王", set()),
        ("张家村", set()),
        ("李四.csv", set()),
        (f"{ID[:8]}0000000000", set()),
        ("张二", set()),
        ("", set()),
    ],
)
def test_who_was_landed_is_found_in_a_text(landed: Landed, text: str, known: set[str]) -> None:
    """By whatever form it was landed in, without holding all who were."""
    found = landed.known_in([text])
    assert found.numbers | found.names == known
    assert landed.may_stand_in(text) or not known
    assert set(masked_texts([text, "B201906-001"], found, SECRET)) == ({text} if known else set())


def canaries() -> dict[str, list[str]]:
    """Files whose names, sheets, heads and cells hold a person in every place where senders write."""
    tax = FILES["tax_returns/税务返盘.csv"][1]
    return {
        f"tax_returns/{NAMES[1]}.csv": [TAX_HEADER, tax.replace("T0001", f"T{ID}")],
        f"tax_returns/{ACCOUNT}.csv": [
            TAX_HEADER,
            tax.replace("T0001", NAME).replace("1,汤丹镇", f"{OTHER_ID},汤丹镇"),
        ],
        f"classification/{ID}.csv": [CLASS_HEADER, f"汤丹镇,{NAMES[3]},{IDS[3]},返还,,2019-04-11"],
        f"classification/{ID[:6]} {ID[6:]}.csv": [CLASS_HEADER, f"汤丹镇,{NAMES[2]},{IDS[2]},返还,,{NAME}"],
        f"classification/{NAME}/{NAMES[2]}名单.csv": [CLASS_HEADER, f"汤丹镇,{NAMES[2]},{IDS[2]},{NAME},,2019-04-11"],
        f"allocations/{NAME}拨付.csv": ["乡镇,金额,人数,日期,文号", f"汤丹镇,10.00,1,2019-03-16,{NAME}拨{ID}号"],
        f"fund_documents/{ACCOUNT}.csv": [
            "文号,资金级次,金额(万元),人数,日期",
            f"{NAMES[2]}〔2019〕{ACCOUNT},市级,0.01,1,2019-03-02",
        ],
        f"bank_returns/{NAMES[0]} 第2批.txt": [
            f"B{NAMES[2]}{ACCOUNT}|20190712|汤丹镇|1|100.00|",
            f"{ID}|{NAMES[2]}|{ACCOUNTS[1]}|100.00|{IDS[2]}|0000|处理成功|",
        ],
        f"bank_returns/{NAMES[3]}.txt": [f"1|{NAMES[0]}|{ACCOUNTS[2]}|100.00|{IDS[0]}|0000|处理成功|"],
        f"bank_returns/{NAMES[3]} 复件.txt": [f"1|{NAMES[0]}|{ACCOUNTS[2]}|100.00|{IDS[0]}|0000|处理成功|"],
        f"category_rolls/20190331_{NAMES[1]}.csv": [f"证件号码,类别,{NAMES[1]}", f"{IDS[1]},{NAMES[2]},x"],
        f"{NAME}/{ID}.csv": ["x"],
        f"poverty_roll/20190430_{NAME}.csv": [f"姓名,{NAMES[0]},身份证号,{IDS[0]}"],
    }


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation with all of them, refreshed, with its reports."""
    folder = tmp_path_factory.mktemp("canaries")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", SECRET)
        write_world(folder / "raw")
        for name, lines in canaries().items():
            write_file(folder / "raw", name, lines)
        refresh_year(folder / "raw", folder / "warehouse", YEAR)
        run = make_run(Settings(raw=folder / "raw", warehouse=folder / "warehouse"), YEAR)
        with session(run) as open_session:
            list(write_reports(open_session, run, folder / "reports"))
    return folder


def test_no_canary_comes_through(published: Path) -> None:
    """Into any text of any published table, or any file beside it."""
    values = {*NAMES, *IDS, *ACCOUNTS, OLD_ID, f"{ID[:6]} {ID[6:]}"}
    found = {}
    for name, (columns, *rows) in texts_of(published).items():
        for row in rows:
            for column, text in zip(columns, row, strict=True):
                if isinstance(text, str) and any(value in text for value in values):
                    found[f"{name}.{column}"] = text
    assert found == {}
    for path in (published / "warehouse").iterdir():
        if path.is_file() and not path.name.startswith("warehouse.duckdb"):
            content = path.read_bytes()
            assert not [value for value in values if value.encode() in content], path.name


def texts_of(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """The columns and rows of every published table."""
    found: dict[str, list[tuple[object, ...]]] = {}
    with duckdb.connect(str(folder / "warehouse" / "published.duckdb"), read_only=True) as connection:
        for table in tables.published_tables():
            result = connection.execute(f"SELECT * FROM {table.full_name}")
            found[str(table.full_name)] = [tuple(each[0] for each in result.description or ()), *result.fetchall()]
    return found


def test_masked_files_are_still_told_apart(published: Path) -> None:
    """And whatever names a file names the same one."""
    found = texts_of(published)
    columns, *rows = found["mart.source_file"]
    names = [row[columns.index("file_name")] for row in rows]
    assert len(names) == len(set(names)) >= len(FILES) + len(canaries()) - 1
    assert sum("***" in str(name) for name in names) == len(names) - len(FILES)
    for table in ("core.return_line", "mart.quarantined_row", "mart.roster_mismatch"):
        columns, *rows = found[table]
        assert {row[columns.index("source_file")] for row in rows} - {None} <= set(names)


def test_reports_that_are_given_away_hold_no_canary(published: Path) -> None:
    """The evaluation report and the self-evaluation; township workbooks hold full names by their nature."""
    paths = list((published / "reports").glob("*.html"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert not [value for value in (*NAMES, *IDS, *ACCOUNTS) if value in text]
