"""Rows that count successes and failures apart: with the total, above it, or in its place."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.landing.files import as_files, read

ID = "530113199501010015"
LIST = [
    ["返盘名单"],
    ["制表时间:2019-06-12 批次号:B1 乡镇:汤丹镇"],
    ["序号", "姓名", "身份证号", "账号", "金额", "处理标志"],
    ["1", "张三", ID, "6228", "100.00", "成功"],
    ["2", "李四", "530113199601010012", "6229", "120.00", "失败"],
]
TOTAL = ["合计", "2笔", "", "", "220.00"]


def listed(folder: Path, rows: Sequence[Sequence[str]]) -> list[dict[str, object]]:
    """What is said of the list as a file."""
    table = [*LIST, *rows]
    return [read(folder / name, f"bank_returns/{name}", content)[0] for name, content in as_files(table).items()]


@pytest.mark.parametrize(
    "rows",
    [
        [["成功", "1笔", "", "", "100.00"], ["失败", "1笔", "", "", "120.00"], TOTAL],
        [["成功笔数", "1", "", "", "100.00"], ["失败笔数", "1", "", "", "120.00"], TOTAL],
        [["成功笔数", "1", "成功金额", "100.00"], ["失败笔数", "1", "失败金额", "120.00"], TOTAL],
        [["处理成功笔数:1"], ["处理失败笔数:1"], TOTAL],
        [["", "成功", "1", "", "100.00"], ["", "失败", "1", "", "120.00"], ["", *TOTAL[:1], "2笔", "", "220.00"]],
        [["成功", "1笔", "", "", "100.00"], ["失败", "1笔", "", "", "120.00"]],
        [["总笔数", "2", "总金额", "220.00"]],
        [["总笔数:2,总金额:220.00元"]],
    ],
)
def test_rows_of_parts_are_no_data(rows: list[list[str]], tmp_path: Path) -> None:
    """Wherever they stand; both of them together are a total."""
    for file in listed(tmp_path, rows):
        assert (file["status"], file["reason"], file["rows_read"], file["control_count"]) == ("read", None, 2, 2)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["成功", "2笔"], ["失败", "0笔"], TOTAL], "control_total_differs"),
        ([["成功", "1笔", "", "", "101.00"], TOTAL], "control_total_differs"),
        ([["成功", "1笔", "", "", "100.00"]], "truncated"),
        ([["成功", "", ID, "", "100.00"], TOTAL], "control_total_differs"),
        ([["成功", "王五", "", "", "100.00"], TOTAL], "control_total_differs"),
    ],
)
def test_false_parts_and_rows_of_persons(rows: list[list[str]], reason: str, tmp_path: Path) -> None:
    """A part alone is no total of a list that holds other lines; a row that names a person is data."""
    for file in listed(tmp_path, rows):
        assert str(file["reason"]).split(":")[0] == reason, file["reason"]


def test_a_list_that_begins_with_the_outcome_is_data(tmp_path: Path) -> None:
    """Its lines begin with the words of parts."""
    header = "处理标志,姓名,身份证号,账号,金额,返还日期"
    lines = f"成功,张三,{ID},6228,100.00,2019-06-01\n失败,李四,,,100.00,2019-06-01\n成功,,,,5.00,2019-06-01\n"
    file, rows = read(tmp_path, "bank_returns/a.csv", f"{header}\n{lines}合计,3笔,,,205.00,\n")
    assert (file["status"], len(rows)) == ("read", 3), file["reason"]
