"""Control totals: what a 合计 row or a first line states, against the rows; 小计 rows are passed over."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.landing.files import read, xlsx_sheets

ID = "530113199501010015"
BANK_HEADER = "序号,姓名,身份证号,账号,金额,处理标志,返还日期"
BANK_ROW = f"1,张三,{ID},6228,100.00,成功,2019-06-01"


def allocation(tmp_path: Path, *lines: str) -> dict[str, object]:
    """What is said of an allocation list."""
    return read(tmp_path, "allocations/a.csv", "\n".join(["乡镇,金额,人数,文号", *lines, ""]))[0]


ROWS = ("汤丹镇,100.00,1,", "阿旺镇,250.50,2,")


@pytest.mark.parametrize(
    ("total", "count", "yuan"),
    [
        ("合计,350.50,3,2", 2, Decimal("350.50")),
        ("总计,350.50元,3人,2笔", 2, Decimal("350.50")),
        ("合 计,35050分,,", None, Decimal("350.50")),
        ("合计：,,,", None, None),
        ("全区合计,,3,2.0", 2, None),
        ("合计(大写):叁佰伍拾元伍角,350.50,,", None, Decimal("350.50")),
        ('"合计:2笔,350.50元",,,', 2, Decimal("350.50")),
        ("合计2个乡镇,350.50,,", None, Decimal("350.50")),
        ("2,350.50,,合计", 2, Decimal("350.50")),
    ],
)
def test_a_total_that_agrees_is_kept_with_the_file(
    total: str, count: int | None, yuan: Decimal | None, tmp_path: Path
) -> None:
    """In yuan, whatever its unit; an empty cell states nothing."""
    file = allocation(tmp_path, *ROWS, total)
    assert (file["status"], file["rows_read"], file["control_count"], file["control_yuan"]) == ("read", 2, count, yuan)


@pytest.mark.parametrize(
    "total", ["合计,350.51,3,2", "合计,350.50,4,2", "合计,350.50,3,3", "合计,350.50,,1笔", "合计,很多1,,"]
)
def test_a_total_that_disagrees_refuses_the_file(total: str, tmp_path: Path) -> None:
    """With the place of the total and the count of rows."""
    file = allocation(tmp_path, *ROWS, total)
    assert (file["status"], file["rows_read"]) == ("refused", 0)
    assert file["reason"] == (
        "control_total_differs: 第 4 行的合计与明细不符(明细共 2 行)。请核对笔数和金额后重新报送整份文件。"
    )


def test_subtotals_are_passed_over(tmp_path: Path) -> None:
    """Right or wrong; the total may stand above the rows."""
    file = allocation(tmp_path, "合计,350.50,3,2", ROWS[0], "汤丹镇小计,999,9,9", "本页合计,1,,", ROWS[1], "累计,5,,")
    assert (file["status"], file["rows_read"], file["control_count"]) == ("read", 2, 2)


def test_a_sum_with_an_amount_that_can_not_be_read_is_not_checked(tmp_path: Path) -> None:
    """But the count is, over quarantined rows too."""
    assert allocation(tmp_path, ROWS[0], "阿旺镇,许多,2,", "合计,999.00,,2")["status"] == "read"
    assert allocation(tmp_path / "count", ROWS[0], "阿旺镇,许多,2,", "合计,999.00,,1")["status"] == "refused"


def test_amounts_are_summed_with_the_sign_of_the_file(tmp_path: Path) -> None:
    """A reversal counts against the payments, a dropped row and a failed one like any other."""
    header = "姓名,证件号码,征收项目,实缴金额,征收结果,入库日期"
    rows = [
        f"张三,{ID},10210,100,成功,2019-06-01",
        f"张三,{ID},10210,-100,退库,2019-06-02",
        f"张三,{ID},10299,30,成功,2019-06-01",
        f"张三,{ID},10210,7,失败,",
    ]
    content = "\n".join([header, *rows, "合计,4笔,,37,,", ""])
    file, typed = read(tmp_path, "tax_returns/a.csv", content)
    assert (file["status"], file["control_yuan"]) == ("read", Decimal("37.00"))
    assert [row["amount_yuan"] for row in typed] == [Decimal(100), Decimal(100), Decimal(30), Decimal(7)]


def test_each_sheet_has_its_own_total(tmp_path: Path) -> None:
    """The file states the sum of them."""
    sheets = {
        "一": [["乡镇", "金额", "文号"], ["汤丹镇", 100, None], ["合计", 100, "1笔"]],
        "二": [["乡镇", "金额", "文号"], ["阿旺镇", 200, None], ["合计", 200, "1笔"]],
    }
    file, _ = read(tmp_path, "allocations/a.xlsx", xlsx_sheets(sheets))
    assert (file["control_count"], file["control_yuan"]) == (2, Decimal("300.00"))
    sheets["二"][2] = ["合计", 300, "2笔"]
    file, _ = read(tmp_path / "wrong", "allocations/a.xlsx", xlsx_sheets(sheets))
    assert "工作表“二”第 3 行的合计与明细不符" in str(file["reason"])


def test_a_bank_file_without_its_total_is_refused_as_truncated(tmp_path: Path) -> None:
    """As a transfer that broke off leaves it."""
    file, _ = read(tmp_path, "bank_returns/a.csv", f"{BANK_HEADER}\n{BANK_ROW}\n")
    assert file["reason"] == "truncated: 缺少合计,文件可能不完整。请向银行重新索取完整的返盘文件。"


def test_a_total_may_follow_the_last_line_number_or_stand_under_the_id(tmp_path: Path) -> None:
    """A row with the word and without an ID is no payment."""
    for place, total in enumerate((",合计,1笔,,100.00,,", "1,,合计,,100.00,,", "1,合计,,,100.00,,")):
        file, rows = read(tmp_path / str(place), "bank_returns/a.csv", f"{BANK_HEADER}\n{BANK_ROW}\n{total}\n")
        assert (file["status"], len(rows), file["control_count"]) == ("read", 1, 1), total


def test_a_roll_total_may_count_households_members_or_rows(tmp_path: Path) -> None:
    """人数 is the household's size, repeated on each row: no rule adds it up."""
    content = f"乡镇,姓名,证件号码,人数\n汤丹镇,张三,{ID},4\n汤丹镇,李四,,4\n"
    for total, status in (("8", "read"), ("2", "read"), ("3", "refused")):
        file, _ = read(tmp_path / total, "poverty_roll/20190331.csv", f"{content}合计,,,{total}\n")
        assert file["status"] == status, total
