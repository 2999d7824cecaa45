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
