"""Control totals: what a 合计 row or a first line states, against the rows; 小计 rows are passed over."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.landing.amounts import capital_fen
from tests.landing.files import Table, as_every_kind, as_files, read, xlsx, xlsx_sheets

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
        ("合计:350.50元 3人,,,", None, Decimal("350.50")),
        ("合计,,,3人", None, None),
        ("合计,,,2人", None, None),
        ("合计(2),350.50,,", None, Decimal("350.50")),
        ("合计人民币(大写)叁佰伍拾元伍角,350.50,,", None, Decimal("350.50")),
        ("合计叁佰伍拾元伍角整,350.50,,", None, Decimal("350.50")),
        ("实发合计,350.50,应发合计,400", None, Decimal("350.50")),
        ("合计:应发金额400元 实发金额350.50元,,,", None, Decimal("350.50")),
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
    ("persons", "total", "status"), [("2", "7", "read"), ("2", "3", "read"), ("-2", "3", "read"), ("2", "5", "refused")]
)
def test_the_persons_of_a_transfer_that_came_back(persons: str, total: str, status: str, tmp_path: Path) -> None:
    """Are summed as the file gives them, or subtracted as its money is."""
    file = allocation(tmp_path, "汤丹镇,500.00,5,", f"汤丹镇,-200.00,{persons},", f"合计,300.00,{total},2")
    assert file["status"] == status, file["reason"]


@pytest.mark.parametrize(
    ("total", "place"),
    [
        ("合计,350.51,3,2", "第 4 行“金额(amount)”写的金额合计是 350.51 元,明细为 350.50 元"),
        ("合计,350.50,4,2", "第 4 行“人数(persons)”写的人数合计是 4,明细为 3"),
        ("合计,350.50,3,3", "第 4 行“文号(document_no)”写的笔数合计是 3,明细为 2"),
        ("合计,350.50,,1笔", "第 4 行“文号(document_no)”写的笔数合计是 1,明细为 2"),
        ("合计:350.50元 4人,,,", "第 4 行“乡镇(township)”写的人数合计是 4,明细为 3"),
        ("合计,很多1,,", "第 4 行“金额(amount)”写的金额合计无法识别,明细为 350.50 元"),
    ],
)
def test_a_total_that_disagrees_refuses_the_file(total: str, place: str, tmp_path: Path) -> None:
    """With the place of the total, what it states and what was found."""
    file = allocation(tmp_path, *ROWS, total)
    assert (file["status"], file["rows_read"]) == ("refused", 0)
    assert file["reason"] == f"control_total_differs: {place}(明细共 2 行)。请核对笔数和金额后重新报送整份文件。"


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
    assert "工作表“二”单元格 B3 写的金额合计是 300.00 元,明细为 200.00 元" in str(file["reason"])


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


BANK = [
    ["返盘名单"],
    ["制表时间:2019-06-12 批次号:B1 乡镇:汤丹镇"],
    ["序号", "姓名", "账号", "身份证号", "应处理金额", "金额", "手续费", "状态"],
    ["1", "张三", "6228480000000000001", ID, "120", "100.00", "0.50", "成功"],
    ["2", "李四", "6228480000000000002", ID, "120", "100.00", "0.50", "失败"],
]


def bank(
    tmp_path: Path, *totals: Sequence[str], files: Callable[[Table], Mapping[str, bytes | str]] = as_files
) -> list[dict[str, object]]:
    """What is said of a bank list as a file."""
    table = [*BANK, *totals]
    return [read(tmp_path / name, f"bank_returns/{name}", content)[0] for name, content in files(table).items()]


@pytest.mark.parametrize(
    "totals",
    [
        [["合计", "2笔", "", "", "240", "200.00", "1.00"]],
        [["合计", "2", "", "", "999", "200.00", "999"]],
        [["合计", "总笔数:2 成功笔数:1 失败笔数:1", "", "", "", "200.00"]],
        [["合计", "成功1笔,失败1笔", "", "", "", "成功100.00元,失败100.00元"]],
        [["合计:共2笔,200.00元,其中:成功1笔,金额100.00元;失败1笔,金额100.00元"]],
        [["合计:2笔,金额200.00元,其中代缴1笔"]],
        [["合计", "2笔", "", "", "", "200.00"], ["其中:成功", "1笔", "", "", "", "100.00"], ["其中失败", "1笔"]],
        [["成功合计", "1", "", "", "", "100.00"], ["失败合计", "1", "", "", "", "100.00"]],
        [["合计", "笔数", "2", "金额", "200.00"]],
    ],
)
def test_a_right_total_is_read(totals: list[list[str]], tmp_path: Path) -> None:
    """Sums of other columns are their own, parts are told apart from the whole, 其中 is passed over."""
    for file in bank(tmp_path, *totals):
        assert (file["status"], file["reason"], file["control_count"]) == ("read", None, 2)


@pytest.mark.parametrize(
    ("total", "cell", "line", "says"),
    [
        (["合计", "3笔", "", "", "", "200.00"], "B6", "姓名(name)", "写的笔数合计是 3,明细为 2"),
        (["合计", "2笔", "", "", "", "210.00"], "F6", "金额(amount)", "写的金额合计是 210.00 元,明细为 200.00 元"),
        (["合计", "成功笔数:2 失败笔数:1"], "B6", "姓名(name)", "写的成功与失败的笔数合计是 3,明细为 2"),
        (["合计", "成功笔数:2 失败笔数:0"], "B6", "姓名(name)", "写的成功笔数合计是 2,明细为 1"),
        (["合计", "2笔", "", "3", "", ""], "D6", "身份证号(id_no)", "写的笔数合计是 3,明细为 2"),
        (["合计", "2笔", "", "", "", "", "", "5"], "H6", "状态(outcome)", "写的笔数合计是 5,明细为 2"),
    ],
)
def test_a_false_total_names_its_cell(total: list[str], cell: str, line: str, says: str, tmp_path: Path) -> None:
    """As a spreadsheet names it; in a text by line and field."""
    *workbooks, listed = bank(tmp_path, total, files=as_every_kind)
    for file in workbooks:
        assert (file["status"], f"单元格 {cell} {says}" in str(file["reason"])) == ("refused", True), file["reason"]
    assert f"第 6 行“{line}”{says}" in str(listed["reason"])


def test_where_a_second_list_begins_is_told(tmp_path: Path) -> None:
    """Its title, else its head, else its header; the header of a page begins none."""
    total = ["合计", "2笔", "", "", "", "200.00"]
    for above, row in ((BANK[:2], 8), (BANK[1:2], 8), ([], 8), ([["审核:甲"], *BANK[:2]], 9)):
        table = [*BANK, total, [], *above, *BANK[2:], total]
        file, _ = read(tmp_path / f"{len(above)}", "bank_returns/a.xlsx", xlsx(table))
        assert f"第 {row} 行起是另一份名单" in str(file["reason"]), file["reason"]
    for place, (above, row) in enumerate((([], 7), ([["制单:甲"]], 8))):
        table = [*BANK, total, *above, ["制表时间:2019-07-12 批次号:B9 乡镇:阿旺镇"], *BANK[2:], total]
        file, _ = read(tmp_path / f"head {place}", "bank_returns/a.xlsx", xlsx(table))
        assert f"第 {row} 行起是另一份名单" in str(file["reason"]), file["reason"]
    pages = [*BANK, BANK[0], BANK[2], *BANK[3:], ["合计", "5笔"]]
    file, _ = read(tmp_path / "pages", "bank_returns/a.xlsx", xlsx(pages))
    assert file["status"] == "refused" and "另一份" not in str(file["reason"])
    line = "1|张三|6228|100.00|530113199501010015|0000|成功|\n"
    pipes = f"B1|20190612|汤丹镇|1|100.00|\n{line}B2|20190613|汤丹镇|1|100.00|\n{line}"
    file, _ = read(tmp_path / "pipe", "bank_returns/a.txt", pipes)
    assert "第 3 行起是另一份名单" in str(file["reason"])


@pytest.mark.parametrize(
    "total", [["合计:1人,个人缴费100.00元", "", ""], ["合计", "1人", "100.00"], ["合计", "金额:", "99.00"]]
)
def test_money_in_the_total_of_a_source_without_amounts(total: list[str], tmp_path: Path) -> None:
    """Is no sum of amounts, so nothing is stated of them."""
    table = [["姓名", "身份证号", "个人缴费金额"], ["张三", ID, "100.00"], total]
    file, _ = read(tmp_path, "pension_register/a.xlsx", xlsx(table))
    assert (file["status"], file["control_yuan"]) == ("read", None), file["reason"]


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("叁佰元整", 30_000),
        ("拾元整", 1_000),
        ("陆佰伍拾肆万肆仟叁佰圆正", 654_430_000),
        ("壹仟零伍元零叁分", 100_503),
        ("贰佰元伍角整", 20_050),
        ("壹亿贰仟万零壹元", 12_000_000_100),
        ("叁佰", None),
        ("三百元", None),
    ],
)
def test_sums_in_capitals(text: str, fen: int | None) -> None:
    """As they stand in totals."""
    assert capital_fen(text) == fen
