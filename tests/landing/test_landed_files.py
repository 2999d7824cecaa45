"""Which files of a year are seen, under which names, and which of them are skipped or the same."""

from datetime import date
from pathlib import Path

import pytest

from pipeline.landing.files import date_in_name, order, suffix_of
from tests.landing.files import column, land, read, xlsx, xlsx_sheets

TABLE = "乡镇,金额\n汤丹镇,100\n"
ROLL = "乡镇,姓名,证件号码{header}\n汤丹镇,张三,530113199501010015{cell}\n"


def statuses(folder: Path, files: dict[str, bytes | str]) -> list[tuple[object, object]]:
    """Names and statuses, in order."""
    return list(land(folder, files).files.select("file_name", "status").iter_rows())


def test_files_are_named_by_their_path_and_sorted_by_code_point(tmp_path: Path) -> None:
    """Sub-folders are read, hidden and lock files not even listed, other suffixes skipped, other folders refused."""
    files: dict[str, bytes | str] = {
        "allocations/汤丹/a.TXT": TABLE,
        "allocations/a.csv": TABLE + "阿旺镇,1\n",
        "allocations/Z.csv": TABLE + "阿旺镇,2\n",
        "allocations/扫描.pdf": b"%PDF",
        "allocations/.hidden.csv": TABLE,
        "allocations/~$a.xlsx": b"x",
        "allocations/.git/a.csv": TABLE,
        "unknown/a.csv": TABLE,
    }
    assert statuses(tmp_path, files) == [
        ("allocations/Z.csv", "read"),
        ("allocations/a.csv", "read"),
        ("allocations/扫描.pdf", "skipped"),
        ("allocations/汤丹/a.TXT", "read"),
        ("unknown", "refused"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        ["a.txt", "a(1).txt", "a(2).txt", "a(10).txt", "a(更正).txt"],
        ["返盘.xls", "返盘.xlsx", "返盘(1).xlsx", "返盘重打.xlsx"],
        ["B201906-002.csv", "B201906-2.txt", "B201906-010.txt"],
        ["2019.6.2", "2019.6.12", "a/z.txt", "b.txt"],
    ],
)
def test_files_are_sorted_without_their_suffix_and_by_their_numbers(names: list[str]) -> None:
    """So that a copy or a correction stands behind its original."""
    assert sorted(names, key=order) == names


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("a.txt", ".txt"),
        ("a.XLSX", ".XLSX"),
        ("返盘2019.6.12", ""),
        ("返盘", ""),
        ("a.b.csv", ".csv"),
        ("名单.更正", ""),
        ("a.7z", ".7z"),
        ("a.keynote", ""),
        ("a.", ""),
    ],
)
def test_a_suffix_has_at_most_five_characters_and_a_letter(name: str, suffix: str) -> None:
    """Else the name has none, and the file is read like any other."""
    assert suffix_of(name) == suffix


def test_files_of_every_text_suffix_and_without_one_are_read(tmp_path: Path) -> None:
    """The kind is found from the content."""
    names = ["a", "b.dat", "c.tsv", "d.TXT", "e2019.6.12"]
    files: dict[str, bytes | str] = {
        f"allocations/{name}": f"{TABLE}阿旺镇,{index}\n" for index, name in enumerate(names)
    }
    assert statuses(tmp_path, files) == [(f"allocations/{name}", "read") for name in names]


def test_the_same_bytes_are_read_once_whatever_their_name(tmp_path: Path) -> None:
    """The first path is read, within one folder; a scan is skipped even where its bytes are a table's."""
    files: dict[str, bytes | str] = {
        "allocations/a.pdf": TABLE,
        "allocations/b.csv": TABLE,
        "allocations/c.txt": TABLE,
        "allocations/d.docx": TABLE,
        "allocations/e.csv": b"",
        "allocations/f.csv": b"",
        "classification/a.csv": TABLE,
    }
    assert statuses(tmp_path, files) == [
        ("allocations/a.pdf", "skipped"),
        ("allocations/b.csv", "read"),
        ("allocations/c.txt", "same_bytes"),
        ("allocations/d.docx", "same_bytes"),
        ("allocations/e.csv", "refused"),
        ("allocations/f.csv", "same_bytes"),
        ("classification/a.csv", "refused"),
    ]


@pytest.mark.parametrize(
    ("file_name", "expected"),
    [
        ("poverty_roll/20190331_名单.xlsx", date(2019, 3, 31)),
        ("poverty_roll/20190331/名单.xlsx", date(2019, 3, 31)),
        ("poverty_roll/名单20191332_20190630.xlsx", date(2019, 6, 30)),
        ("poverty_roll/名单201903311_20190630.xlsx", date(2019, 6, 30)),
        ("poverty_roll/2019年3月.xlsx", None),
        ("poverty_roll/2019033.xlsx", None),
        ("poverty_roll/２０１９０３３１.xlsx", None),
    ],
)
def test_the_date_in_a_name_is_the_first_run_of_eight_digits_that_is_one(file_name: str, expected: date | None) -> None:
    """Exactly eight, and a day that exists."""
    assert date_in_name(file_name) == expected


@pytest.mark.parametrize(
    ("file_name", "content", "stated", "of_name"),
    [
        ("poverty_roll/20190331.csv", ROLL.format(header="", cell=""), None, date(2019, 3, 31)),
        ("poverty_roll/a.csv", ROLL.format(header=",数据日期", cell=",2019-06-30"), date(2019, 6, 30), None),
        (
            "poverty_roll/20190331.csv",
            ROLL.format(header=",数据日期", cell=",20190630"),
            date(2019, 6, 30),
            date(2019, 3, 31),
        ),
        ("poverty_roll/a.csv", "数据日期：2019年6月30日\n" + ROLL.format(header="", cell=""), date(2019, 6, 30), None),
        ("category_rolls/20190331.csv", "姓名,身份证号,类别\n张三,1,低保\n", None, date(2019, 3, 31)),
    ],
)
def test_a_snapshot_is_dated_by_its_content_else_by_its_name(
    file_name: str, content: str, stated: date | None, of_name: date | None, tmp_path: Path
) -> None:
    """数据日期 in a column or above the table."""
    file, _ = read(tmp_path, file_name, content)
    assert (file["status"], file["stated_date"], file["name_date"]) == ("read", stated, of_name)


@pytest.mark.parametrize(
    "content",
    [
        ROLL.format(header="", cell=""),
        ROLL.format(header=",数据日期", cell=","),
        ROLL.format(header=",数据日期", cell=",2019-06-30") + "汤丹镇,李四,530113199601010012,\n",
    ],
)
def test_a_snapshot_without_a_date_is_refused(content: str, tmp_path: Path) -> None:
    """Also where only some rows have none; renaming the file helps."""
    file, _ = read(tmp_path, "poverty_roll/名单.csv", content)
    assert (file["status"], str(file["reason"]).split(":")[0]) == ("refused", "no_snapshot_date")
    file, _ = read(tmp_path / "named", "poverty_roll/20190331名单.csv", content)
    assert file["status"] == "read"


def test_documents_are_dated_row_by_row_and_not_by_their_name(tmp_path: Path) -> None:
    """A list that grows states no day of its own."""
    content = "乡镇,金额,日期\n汤丹镇,1,2019-03-01\n阿旺镇,1,2019-04-01\n"
    file, rows = read(tmp_path, "allocations/20190101.csv", content)
    assert (file["stated_date"], file["name_date"]) == (None, None)
    assert column(rows, "document_date") == [date(2019, 3, 1), date(2019, 4, 1)]


def test_replies_say_by_their_header_who_answers(tmp_path: Path) -> None:
    """填报人 is the maker, 复核人 the checker; the exported cells are kept for the token."""
    for person, day, role in (("填报人", "填报日期", "maker"), ("复核人", "复核日期", "checker")):
        table = [
            ["差异编号", "姓名", "校验码", "处理答复", "答复内容", person, day],
            ["1", "张三", "x", "说明", None, "甲", "2019-07-01"],
        ]
        _, rows = read(tmp_path / role, "township_replies/a.xlsx", xlsx(table))
        assert (rows[0]["role"], rows[0]["cells"], rows[0]["answered_date"]) == (
            role,
            '{"姓名":"张三"}',
            date(2019, 7, 1),
        )


def test_sheets_of_a_list_that_comes_back_are_nothing_to_look_at(tmp_path: Path) -> None:
    """The cover and the ledger are as the bureau wrote them; a sheet of another name may hold answers."""
    answered = [["差异编号", "校验码", "处理答复", "填报人"], ["1", "x", "说明", "甲"]]
    sheets = {"封面": [["汤丹镇"]], "差异清单": answered, "选项": [["说明"]]}
    file, _ = read(tmp_path, "township_replies/a.xlsx", xlsx_sheets(sheets))
    assert file["reason"] == "other_sheets: 工作表“封面”、“选项”不是答复,不读取。"
    file, _ = read(tmp_path / "more", "township_replies/a.xlsx", xlsx_sheets(sheets | {"差异清单 (2)": [["说明"]]}))
    assert str(file["reason"]).startswith("skipped_sheets: 没有读取这些工作表:差异清单 (2)(没有找到表头)。")


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("classification/a.csv", "制表时间:2019-06-12\n身份证号,分类,核查日期\n{id},返还,2019-05-10\n"),
        ("tax_returns/a.csv", "制表日期:2019-06-12\n证件号码,征收项目,实缴金额,征收结果\n{id},10210,100,失败\n"),
        ("benefit_payments/a.csv", "制表时间:2019-06-12 10:00\n身份证号,应发金额,实发金额\n{id},100,100\n"),
        ("fund_documents/a.csv", "下达日期:2019-06-12\n资金级次,金额\n市级,0.08\n"),
        ("allocations/a.csv", "拨付日期:2019-06-12 制表时间:2019-06-30\n乡镇,金额\n汤丹镇,100\n"),
    ],
)
def test_a_head_above_any_table_dates_the_file(name: str, table: str, tmp_path: Path) -> None:
    """The file alone, not its rows: a collection that succeeded still needs a date of its own."""
    file, rows = read(tmp_path, name, table.format(id="530113199501010015"))
    assert (file["status"], file["stated_date"]) == ("read", date(2019, 6, 12))
    assert {row["row_date"] for row in rows} <= {None, date(2019, 5, 10)}
    paid, lines = read(tmp_path / "paid", name, table.format(id="530113199501010015").replace("失败", "成功"))
    assert paid["status"] == "read"
    assert name != "tax_returns/a.csv" or [line["quarantine_field"] for line in lines] == ["paid_date"]
