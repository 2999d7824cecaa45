"""A header within the rows: of a further page, whose rows are read, or of another list, whose head is not that of the first."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.landing.files import as_files, column, read

TITLE, TOWNSHIPS = ["核查名单"], ["乡镇", "汤丹镇", "铜都街道"]
IDS = ("530113199501010015", "530113199601010012")
HEADER = ["序号", "姓名", "身份证号", "分类", "核查日期"]
ROWS = [[str(number), f"张{number}", id_no, "返还", "2019-05-10"] for number, id_no in enumerate(IDS, start=1)]
BANK = ["序号", "姓名", "身份证号", "账号", "金额", "处理标志"]
LINES = [[str(number), "张三", id_no, "6228", "100.00", "成功"] for number, id_no in enumerate(IDS, start=1)]
TOTAL = ["合计", "2笔", "", "", "200.00"]
HEAD = "制表时间:2019-06-12 10:00 批次号:B1 乡镇:汤丹镇"

Lines = list[list[str]]


def said(folder: Path, source: str, table: Sequence[Sequence[str]]) -> list[tuple[dict[str, object], int]]:
    """What is said of a table as a file, with the number of its rows that can be used."""
    found = []
    for name, content in as_files(table).items():
        file, rows = read(folder / name, f"{source}/{name}", content)
        found.append((file, column(rows, "quarantine_field").count(None)))
    return found


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([["铜都街道核查名单"]], [["铜都街道核查名单"]]),
        ([["铜都街道核查名单"]], [["铜都街道核查名单(续)"]]),
        ([["铜都街道核查名单"]], [["制表人:甲"], ["铜都街道核查名单"]]),
        ([["铜都街道2019年名单"]], [["2019年名单(第2页)"]]),
        ([["铜都街道名单(1)"]], [["铜都街道名单(2)"]]),
        ([["名单1/2"]], [["名单2/2"]]),
        ([["核查名单"]], [["第2页"]]),
        ([["核查名单"]], [["小计", "1人"]]),
        ([["制表时间:2019-06-12"]], [["制表时间:2019-06-13 10:00"]]),
        ([["核查名单"]], [["审核:甲"], ["单位:某所"]]),
        ([], []),
    ],
)
def test_a_further_page_is_read(first: Lines, second: Lines, tmp_path: Path) -> None:
    """Its title is no data."""
    for file, used in said(tmp_path, "classification", [*first, HEADER, ROWS[0], *second, HEADER, ROWS[1]]):
        assert (file["status"], file["rows_read"], used) == ("read", 2, 2), file["reason"]


def test_a_title_may_stand_where_ids_do(tmp_path: Path) -> None:
    """The year and the page of a title are no ID, though they stand in its column."""
    header, first, second = (
        [row[2], township, *row[3:]] for row, township in zip((HEADER, *ROWS), TOWNSHIPS, strict=True)
    )
    for file, used in said(tmp_path, "classification", [TITLE, header, first, ["2019年名单(第2页)"], header, second]):
        assert (file["status"], file["rows_read"], used) == ("read", 2, 2), file["reason"]


def test_a_page_without_rows_cuts_nothing_off(tmp_path: Path) -> None:
    """Its header is the last line, which no line end ends; it is read apart from the lines before."""
    lines = ["核查名单", ",".join(HEADER), f'1,"张三",{IDS[0]},返还,2019-05-10', "核查名单(续)", ",".join(HEADER)]
    file, rows = read(tmp_path / "a.csv", "classification/a.csv", "\n".join(lines))
    assert (file["status"], len(rows)) == ("read", 1), file["reason"]


def test_lists_whose_rows_say_their_township_are_read(tmp_path: Path) -> None:
    """Whatever their titles say."""
    header = ["乡镇", *HEADER]
    table = [["甲名单"], header, ["铜都街道", *ROWS[0]], ["汤丹镇核查名单"], header, ["汤丹镇", *ROWS[1]]]
    for file, used in said(tmp_path, "classification", table):
        assert (file["status"], file["rows_read"], used) == ("read", 2, 2), file["reason"]


@pytest.mark.parametrize(
    ("second", "row"),
    [([["汤丹镇核查名单"]], 4), ([["填报人:甲"], ["汤丹镇核查名单"]], 5), ([["乡镇:汤丹镇"]], 4)],
)
def test_a_list_of_another_township_is_refused_where_no_row_says_it(second: Lines, row: int, tmp_path: Path) -> None:
    """By the row at which it begins."""
    table = [["铜都街道核查名单"], HEADER, ROWS[0], *second, HEADER, ROWS[1]]
    for file, _ in said(tmp_path, "classification", table):
        assert str(file["reason"]).startswith("second_list:") and f"第 {row} 行起" in str(file["reason"])


@pytest.mark.parametrize(
    ("second", "status"),
    [
        ([[HEAD]], "read"),
        ([[HEAD.replace("10:00", "10:05")]], "read"),
        ([["返盘名单(续)"]], "read"),
        ([["制表人:甲 制表日期:2019-06-30"]], "read"),
        ([["制表人:甲 制表日期:2019-06-30"], ["返盘名单(续)"]], "read"),
        ([[HEAD.replace("B1", "B2")]], "refused"),
        ([[HEAD.replace("2019-06-12", "2019-06-13")]], "refused"),
        ([[HEAD.replace("汤丹镇", "阿旺镇")]], "refused"),
        ([[HEAD], ["单位:分"]], "refused"),
    ],
)
def test_a_bank_list_with_another_head_is_refused(second: Lines, status: str, tmp_path: Path) -> None:
    """Also where one total covers both lists."""
    for file, _ in said(tmp_path, "bank_returns", [[HEAD], BANK, LINES[0], *second, BANK, LINES[1], TOTAL]):
        assert file["status"] == status, file["reason"]
        assert status == "read" or str(file["reason"]).startswith("second_list:")


@pytest.mark.parametrize(
    "header",
    [
        [BANK[0], BANK[2], BANK[1], *BANK[3:]],
        [*BANK[:4], "金额(分)", BANK[5]],
        [*BANK[:3], BANK[4], BANK[3], BANK[5]],
    ],
)
def test_a_header_of_other_columns_or_units_begins_another_list(header: list[str], tmp_path: Path) -> None:
    """Its rows would be read under the wrong headers."""
    for file, _ in said(tmp_path, "bank_returns", [[HEAD], BANK, LINES[0], header, LINES[1], TOTAL]):
        assert str(file["reason"]).startswith("second_list: ") and "第 4 行起" in str(file["reason"])


def test_a_row_above_a_repeated_header_is_data_unless_it_is_surely_a_title(tmp_path: Path) -> None:
    """A name alone, an answer of two cells."""
    for source, header, rows in (
        ("satisfaction_survey", ["编号", "满意度"], [["1", "满意"], ["2", "满意"]]),
        ("poverty_roll", ["姓名", "身份证号", "数据日期"], [["张三", "", "20190331"], ["沙马·阿依", "", "20190331"]]),
    ):
        for file, used in said(tmp_path / source, source, [header, *rows, header, rows[0]]):
            assert (file["status"], file["rows_read"], used) == ("read", 3, 3), file["reason"]
