"""The unit of an amount: the cell's, else the header's, that of the nearest line above that states one, the layout's."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.landing.files import Cell, column, read, xlsx


def amounts(folder: Path, above: list[list[Cell]], header: str = "金额", cell: Cell = 1) -> list[object]:
    """The amount of a list of transfers below the given rows."""
    table = [["资金拨付表", None], *above, ["乡镇", header], ["汤丹镇", cell], ["合计", cell]]
    file, rows = read(folder, "allocations/a.xlsx", xlsx(table))
    assert file["status"] == "read", file["reason"]
    return column(rows, "amount_yuan")


@pytest.mark.parametrize(
    ("above", "yuan"),
    [
        ([[None, "单位:万元"]], "10000.00"),
        ([["单位： 分"]], "0.01"),
        ([["(单位:万元)", None]], "10000.00"),
        ([["计量单位:", "万元"]], "10000.00"),
        ([["单位:户、人、万元"]], "10000.00"),
        ([["本表金额均为万元"]], "10000.00"),
        ([["金额:万元"]], "10000.00"),
        ([["金额单位:人民币万元"]], "10000.00"),
        ([["2019年拨付(万元)"]], "10000.00"),
        ([["批次号:B1 单位:万元 日期:2019-06-01"]], "10000.00"),
        ([["单位:万元"], ["单位:分"]], "0.01"),
        ([["单位:分"], ["填报单位:元谋县社保局"]], "0.01"),
        ([["填报单位:分水镇人民政府"]], "1.00"),
        ([["单位:人"]], "1.00"),
    ],
)
def test_the_nearest_line_above(above: list[list[Cell]], yuan: str, tmp_path: Path) -> None:
    """What is no unit of amounts states none."""
    assert amounts(tmp_path, above) == [Decimal(yuan)]


def test_what_stands_nearer_wins(tmp_path: Path) -> None:
    """The header's unit before the line's, the cell's before both; the total is read in the same unit."""
    assert amounts(tmp_path / "a", [["单位:万元"]], "金额(分)") == [Decimal("0.01")]
    assert amounts(tmp_path / "b", [["单位:万元"]], "金额(分)", "5元") == [Decimal("5.00")]


def test_every_amount_of_the_table_has_it(tmp_path: Path) -> None:
    """In text files too."""
    content = "待遇发放,,\n单位:分,,\n身份证号,应发金额,实发金额(元)\n530199198506150010,10000,100\n"
    _, rows = read(tmp_path, "benefit_payments/a.csv", content)
    assert [(row["due_amount_yuan"], row["amount_yuan"]) for row in rows] == [(Decimal("100.00"), Decimal("100.00"))]


@pytest.mark.parametrize(
    ("above", "yuan"),
    [
        ([["金额以万元计"]], "10000.00"),
        ([["以下金额单位均为万元"]], "10000.00"),
        ([["填报单位:万和镇人民政府"]], "1.00"),
        ([["填报单位:百货公司"]], "1.00"),
    ],
)
def test_a_unit_may_stand_in_a_sentence(above: list[list[Cell]], yuan: str, tmp_path: Path) -> None:
    """And what only begins like a unit is none."""
    assert amounts(tmp_path, above) == [Decimal(yuan)]


@pytest.mark.parametrize("line", ["单位:千元", "(单位：百元)", "金额单位:亿元", "拨付表(千元)", "单位:万", "单位:美元"])
def test_a_unit_that_amounts_are_not_read_in_refuses_the_file(line: str, tmp_path: Path) -> None:
    """It is never read as if nothing were stated, unless the header states a unit itself."""
    table = [[line], ["乡镇", "金额"], ["汤丹镇", 1]]
    file, _ = read(tmp_path, "allocations/a.xlsx", xlsx(table))
    assert str(file["reason"]).startswith("unknown_unit:"), file["reason"]
    table[1][1] = "金额(元)"
    file, rows = read(tmp_path / "header", "allocations/a.xlsx", xlsx(table))
    assert column(rows, "amount_yuan") == [Decimal("1.00")]


@pytest.mark.parametrize(
    ("upper", "lower", "yuan"),
    [
        ("金额", "单位:万元", "10000.00"),
        ("金额", "(分)", "0.01"),
        ("金额", "千元", None),
        ("金额", "(单位:千元)", None),
        ("金额(千元)", "核实", None),
    ],
)
def test_a_unit_in_a_second_header_row(upper: str, lower: str, yuan: str | None, tmp_path: Path) -> None:
    """Belongs to the amount above it."""
    table = [["乡镇", upper], ["", lower], ["汤丹镇", 1]]
    file, rows = read(tmp_path, "allocations/a.xlsx", xlsx(table))
    assert (column(rows, "amount_yuan") or None) == (yuan and [Decimal(yuan)])
    assert file["status"] == ("read" if yuan else "refused")
