"""Writing a sample: whole or not at all, never over files, the same bytes for the same seed."""

from decimal import Decimal
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy import load_policy
from pipeline.policy.new import CountyFacts, write_policy_folder
from pipeline.sample import SampleSummary, write, write_sample
from pipeline.sample.files import MARK
from pipeline.sample.writers import write_file
from tests.deep import IS_DEEP

SOURCES = {
    "allocations",
    "bank_returns",
    "benefit_payments",
    "category_rolls",
    "classification",
    "fund_documents",
    "pension_register",
    "poverty_roll",
    "satisfaction_survey",
    "tax_returns",
}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> SampleSummary:
    """A small sample of 2019."""
    return write_sample(tmp_path_factory.mktemp("raw"), 2019, persons=300)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_stands_in_the_plan_and_is_marked(sample: SampleSummary) -> None:
    """All sources but the townships' replies are there, and a folder that is no source."""
    names = set(contents(sample.folder))
    assert {"签到" if name.startswith("签到/") else name for name in names} == set(sample.files["file_name"])
    assert {name.split("/")[0] for name in names} == {*SOURCES, "签到"}
    assert all(MARK in name for name in names)


def test_the_plan_has_every_status_and_counts_every_row(sample: SampleSummary) -> None:
    """Rows of files that aren't read count 0."""
    assert set(sample.file_counts) == {"read", "refused", "replaced", "same_bytes", "same_rows", "skipped"}
    counted = sample.files["rows_accepted"] + sample.files["rows_quarantined"] + sample.files["rows_dropped"]
    assert counted.equals(sample.files["rows_read"], check_names=False)
    unread = sample.files.filter(sample.files["status"] != "read")
    assert unread["rows_read"].sum() == 0


def test_the_files_have_the_shapes_that_counties_send(sample: SampleSummary) -> None:
    """Other suffixes and none, a page of the web as a workbook, units above the header, formulas of text, reprints."""
    found = contents(sample.folder)
    assert {Path(name).suffix for name in found} >= {".csv", ".txt", ".tsv", ".dat", ".xlsx", ".xls", ".pdf", ""}
    texts = "\n".join(decoded(content) for name, content in found.items() if not name.endswith("xlsx"))
    assert all(form in texts for form in ("<html>", "单位:分", '=""530198', "其中:财政代缴"))
    assert all(any(part in name for name in found) for part in ("(1).", "_重印", "_失败明细", "_累计"))


def test_a_batch_has_no_number_and_another_sums_its_fees(sample: SampleSummary) -> None:
    """In workbooks: a head without 批次号, a 合计 row with the sum of a further column of amounts."""
    tables = []
    read = sample.files.filter(pl.col("source") == "bank_returns", pl.col("status") == "read")["file_name"]
    for name in (name for name in read if name.endswith(".xlsx")):
        rows = openpyxl.load_workbook(sample.folder / name).worksheets[0].iter_rows(values_only=True)
        tables.append(["|".join(str(cell) for cell in row if cell is not None) for row in rows])
    assert sum("批次号" not in table[1] for table in tables) == 1
    [with_fees] = [table for table in tables if "手续费" in table[2]]
    total = next(row.split("|") for row in with_fees if row.startswith("合计"))
    assert float(total[-1]) == 0.5 * int(total[1].removesuffix("笔"))


def test_the_text_files_have_four_encodings_and_two_line_breaks(sample: SampleSummary) -> None:
    """UTF-8 with and without BOM, UTF-16, GB18030; LF and CRLF."""
    texts = [
        content for name, content in contents(sample.folder).items() if name.endswith((".csv", ".txt")) and content
    ]
    texts = [content for content in texts if not content.startswith(b"PK")]
    assert any(content.startswith(b"\xef\xbb\xbf") for content in texts)
    assert any(content.startswith(b"\xff\xfe") for content in texts)
    assert any(b"\r\n" in content for content in texts)
    assert any(b"\r\n" not in content for content in texts)
    assert any(MARK.encode("gb18030") in content or "昆明".encode("gb18030") in content for content in texts) or any(
        not is_utf8(content) and not content.startswith(b"\xff\xfe") for content in texts
    )


def decoded(content: bytes) -> str:
    """A text file's text, whatever its encoding."""
    encodings = ("utf-16",) if content.startswith(b"\xff\xfe") else ("utf-8", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


def is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def test_the_same_seed_gives_the_same_bytes(sample: SampleSummary, tmp_path: Path) -> None:
    """File for file."""
    again = write_sample(tmp_path, 2019, persons=300)
    assert contents(again.folder) == contents(sample.folder)


def test_a_years_files_are_never_written_over(tmp_path: Path) -> None:
    """The message names the folder, and what lies there stays."""
    mine = tmp_path / "2019" / "bank_returns" / "a.txt"
    mine.parent.mkdir(parents=True)
    mine.write_text("x")
    with pytest.raises(UsageError, match=str(tmp_path / "2019")):
        write_sample(tmp_path, 2019, persons=300, is_clean=True)
    assert contents(tmp_path) == {"2019/bank_returns/a.txt": b"x"}


def test_an_empty_folder_of_the_year_is_taken(tmp_path: Path) -> None:
    """As `data/raw/2019` may stand in a fresh clone."""
    (tmp_path / "2019").mkdir()
    assert write_sample(tmp_path, 2019, persons=300, is_clean=True).folder == tmp_path / "2019"


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even the folder in which it built."""
    written: list[object] = []

    def write_some(folder: Path, planned: object) -> None:
        if len(written) == 5:
            raise KeyboardInterrupt
        written.append(planned)
        write_file(folder, planned)  # type: ignore[arg-type]

    monkeypatch.setattr(write, "write_file", write_some)
    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path, 2019, persons=300, is_clean=True)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_can_not_be_written_is_named(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "raw").write_text("x")
    with pytest.raises(DaijiaoError, match="can't be written"):
        write_sample(tmp_path / "raw", 2019, persons=300, is_clean=True)


def test_a_sample_must_hold_its_plan(tmp_path: Path) -> None:
    """Fewer than 300 persons can't."""
    with pytest.raises(UsageError, match="300 or more"):
        write_sample(tmp_path, 2019, persons=299)


@pytest.mark.parametrize("year", [2017, 2018, 2020] if IS_DEEP else [2020])
def test_other_years_can_be_written(tmp_path: Path, year: int) -> None:
    """With the townships of their policy."""
    summary = write_sample(tmp_path, year, persons=300)
    assert summary.policy_year == year
    townships = summary.township_participation.filter(summary.township_participation["township_code"] != "000000000")
    assert townships.height == (9 if year == 2020 else 8)


@pytest.mark.parametrize("townships", [1, 2, 3])
def test_a_county_of_few_townships_has_a_sample(tmp_path: Path, townships: int) -> None:
    """Not every bank's form is there then, and what is done to a file of that form is left out."""
    facts = CountyFacts(
        policy_year=2021,
        city_name="示范市",
        district_code="530188",
        district_name="石桥县",
        bureau_name="石桥县社会保险中心",
        premium_yuan=Decimal(120),
        levels={"省级": Decimal("0.5"), "县级": Decimal("0.5")},
        townships={f"53018810{number}": f"{name}乡" for number, name in enumerate("东西南"[:townships])},
    )
    write_policy_folder(tmp_path / "county", facts)
    summary = write_sample(tmp_path / "raw", 2021, 300, policy=load_policy(2021, tmp_path / "county"))
    assert set(summary.files["source"]) >= SOURCES
    known = summary.township_participation.filter(pl.col("township_code") != "000000000")
    assert known["township_name"].to_list() == [f"{name}乡" for name in "东西南"[:townships]]
