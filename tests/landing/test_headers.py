"""How a table's header is found: by aliases, in any order, below titles, in two rows, in merged cells, on any sheet."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.landing import load_layouts
from tests.landing.files import column, read, text, xls, xlsx, xlsx_sheets

ID = "530113199501010015"
ALIASES = {
    "township": "乡镇 乡(镇) 乡(镇、街道) 所属乡镇 乡镇(街道)",
    "village": "行政村 村 村(社区) 村委会",
    "household_no": "户编号",
    "member_no": "人编号",
    "name": "姓名 户名 参保人姓名 缴费人姓名 纳税人名称",
    "id_no": "证件号码 身份证号 身份证号码 身份证 公民身份号码 居民身份证号码 缴费人识别号",
    "schooling": "在校生状况 在校情况",
    "snapshot_date": "数据日期",
    "made_at": "制表时间 制表日期",
    "batch_no": "批次号",
    "line_no": "序号",
    "category": "类别 救助类别 人员类别",
    "class": "分类 核查分类 处理方式",
    "class_reason": "不符合原因 原因 备注原因",
    "verified_date": "核查日期 核实日期",
    "insured_status": "参保状态",
    "exclusion": "排除情形 参加其他保险情况",
    "self_paid_amount": "个人缴费金额 个人缴费",
    "self_paid_date": "个人缴费日期",
    "event_date": "情形发生日期 发生日期 死亡日期 终止日期",
    "benefit_status": "待遇状态",
    "account": "账号 帐号 卡号 银行账号 银行帐号",
    "amount": "金额 实处理金额 实缴金额 返还金额 实发金额",
    "due_amount": "应发金额 应处理金额 应缴金额",
    "month": "月份 发放月份 所属月份",
    "paid_date": "入库日期 缴费日期 交易日期 返还日期 付款日期",
    "outcome": "处理标志 状态 征收结果 处理结果",
    "outcome_code": "返回码 响应码",
    "outcome_text": "返回信息 失败原因 备注",
    "voucher_no": "电子税票号码 流水号 交易流水号",
    "levy_item": "征收项目",
    "period_from": "费款所属期起",
    "period_to": "费款所属期止",
    "payer_kind": "缴费方式",
    "document_no": "文号",
    "fund_level": "资金级次",
    "persons": "人数 补助人数",
    "document_date": "日期 下达日期 拨付日期",
    "answer": "满意度 总体满意度 满意程度",
    "mismatch_id": "差异编号",
    "token": "校验码",
    "answer_code": "处理答复",
    "answer_value": "答复内容",
    "person": "填报人 复核人",
    "answered_date": "填报日期 复核日期",
}


def test_every_field_has_the_aliases_of_the_contract_in_their_order() -> None:
    """The first that a table has wins, so their order matters."""
    layouts = load_layouts()
    seen = set()
    for layout in (each for source in layouts.by_source for each in layouts.of(source)):
        for field, words in layout.aliases.items():
            seen.add(field)
            assert list(words) == ALIASES[field].split(" "), (layout.name, field)
    assert seen == set(ALIASES)


def allocation(tmp_path: Path, *lines: str) -> list[tuple[object, object]]:
    """Townships and amounts of an allocation list."""
    _, rows = read(tmp_path, "allocations/a.csv", "\n".join(lines) + "\n")
    return list(zip(column(rows, "township"), column(rows, "amount_yuan"), strict=True))


@pytest.mark.parametrize(
    "header",
    [
        "乡镇,金额",
        "乡 镇,金　额",
        "乡\u200b镇,金额(元)",
        "乡（镇）,返还金额（元）",
        "乡（镇、街道）,金额[元]",
        "所属乡镇,实发金额(单位:元)",
        "乡镇（街道）,金额 ( 元 )",
        "乡镇,金额（人民币：元）",
    ],
)
def test_headers_are_compared_without_blanks_width_and_unit(header: str, tmp_path: Path) -> None:
    """After NFKC, with blanks, line breaks and a trailing unit set apart."""
    assert allocation(tmp_path, header, "汤丹镇,100.00") == [("汤丹镇", Decimal("100.00"))]


def test_a_header_may_have_line_breaks(tmp_path: Path) -> None:
    """As cells of workbooks often have."""
    _, rows = read(tmp_path, "allocations/a.xlsx", xlsx([["乡\n镇", "金额\r\n(分)"], ["汤丹镇", 10000]]))
    assert column(rows, "amount_yuan") == [Decimal("100.00")]


def test_columns_may_stand_in_any_order_beside_others(tmp_path: Path) -> None:
    """Further columns are dropped."""
    assert allocation(tmp_path, "备用,金额,联系电话,乡镇", "甲,100.00,13800000000,汤丹镇") == [
        ("汤丹镇", Decimal("100.00"))
    ]


def test_of_two_columns_of_one_field_the_first_alias_wins(tmp_path: Path) -> None:
    """Wherever they stand."""
    assert allocation(tmp_path, "实发金额,金额,所属乡镇,乡镇", "1.00,2.00,甲,乙") == [("乙", Decimal("2.00"))]


def test_the_amount_is_what_was_processed_not_what_was_due(tmp_path: Path) -> None:
    """A tax list has 应缴金额 and 实缴金额."""
    content = f"姓名,证件号码,征收项目,应缴金额,实缴金额,征收结果,入库日期\n张三,{ID},10210,200,100,成功,2019-06-01\n"
    _, rows = read(tmp_path, "tax_returns/a.csv", content)
    assert column(rows, "amount_yuan") == [Decimal("100.00")]


def test_titles_blank_rows_and_signatures_are_no_data(tmp_path: Path) -> None:
    """Nor is the header that each page repeats, with its title."""
    lines = [
        "资金拨付表,,",
        "单位:元,,",
        ",,",
        "乡镇,金额,人数",
        "汤丹镇,100.00,1",
        ",,",
        "资金拨付表,,",
        "乡镇,金额,人数",
        "阿旺镇,200.00,2",
        "第1页 共2页,,",
        "注:按实际人数拨付。,,",
        "制表人:甲,审核人:乙,",
        "填报单位(盖章):,,",
        "联系人:丙,,",
        "2019年6月12日,,",
    ]
    assert allocation(tmp_path, *lines) == [("汤丹镇", Decimal("100.00")), ("阿旺镇", Decimal("200.00"))]


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        ("乡镇,拨付情况,,日期", ",金额,人数,"),
        ("乡镇,金额,人数,日期", ",(元),(人),"),
        ("乡镇,本年,本年,日期", "名称,金额,人数,年月日"),
        ("基本情况,,,", "乡镇,金额,人数,日期"),
        ("乡镇,金额,人数,日期", "乡镇,金额,人数,日期"),
    ],
)
def test_two_header_rows_make_one_header(upper: str, lower: str, tmp_path: Path) -> None:
    """A cell counts by the lower one's text if that is an alias, else by the upper one's."""
    _, rows = read(tmp_path, "allocations/a.csv", f"{upper}\n{lower}\n汤丹镇,100.00,3,2019-06-01\n")
    assert [(row["township"], row["amount_yuan"], row["persons"]) for row in rows] == [("汤丹镇", Decimal("100.00"), 3)]


def test_merged_header_cells_have_the_value_of_the_first(tmp_path: Path) -> None:
    """Across columns, and down over both header rows."""
    table = [["乡镇", "拨付情况", None], [None, "金额(万元)", "人数"], ["汤丹镇", 1.5, 3]]
    _, rows = read(tmp_path, "allocations/a.xlsx", xlsx(table, merged=["A1:A2", "B1:C1"]))
    assert [(row["township"], row["amount_yuan"], row["persons"]) for row in rows] == [
        ("汤丹镇", Decimal("15000.00"), 3)
    ]


MERGED_ROWS = [["乡镇", "金额"], ["汤丹镇", 100], [None, 200], ["阿旺镇", 300]]


def test_merged_data_cells_have_the_value_of_the_first(tmp_path: Path) -> None:
    """A township is often written once for all its rows; in .xlsx and .xls alike."""
    expected = ["汤丹镇", "汤丹镇", "阿旺镇"]
    new = read(tmp_path, "allocations/a.xlsx", xlsx(MERGED_ROWS, merged=["A2:A3"]))[1]
    assert column(new, "township") == expected
    old = read(tmp_path / "old", "allocations/a.xls", xls(MERGED_ROWS, merged=[(1, 2, 0, 0)]))[1]
    assert column(old, "township") == expected


def test_every_sheet_with_the_header_is_read_hidden_or_not(tmp_path: Path) -> None:
    """The others are listed as skipped."""
    sheets = {
        "填表说明": [["本表由财政填写"]],
        "一月": [["乡镇", "金额"], ["汤丹镇", 100]],
        "二月": [["拨付表"], ["金额", "乡镇"], [200, "阿旺镇"]],
        "空表": [],
    }
    file, rows = read(tmp_path, "allocations/a.xlsx", xlsx_sheets(sheets, hidden=["二月"]))
    assert [(row["sheet"], row["row_number"], row["township"]) for row in rows] == [
        ("一月", 2, "汤丹镇"),
        ("二月", 3, "阿旺镇"),
    ]
    assert "填表说明、空表" in str(file["reason"])


def test_row_numbers_are_those_that_the_spreadsheet_shows(tmp_path: Path) -> None:
    """Blank rows and columns before the table count."""
    table = [[None], [None], [None, "乡镇", "金额"], [None, "汤丹镇", 100]]
    for folder, name, content in (("new", "a.xlsx", xlsx(table)), ("old", "a.xls", xls(table))):
        _, rows = read(tmp_path / folder, f"allocations/{name}", content)
        assert (column(rows, "row_number"), column(rows, "amount_yuan")) == ([4], [Decimal("100.00")])


def test_a_table_layout_matches_in_every_kind_of_file(tmp_path: Path) -> None:
    """And the kind is found from the content, whatever the suffix says."""
    table = [["乡镇", "金额"], ["汤丹镇", "100.00"]]
    contents = {"a.csv": xlsx(table), "b.txt": text(table, delimiter="\t"), "c.xlsx": xls(table), "d.xls": text(table)}
    for name, content in contents.items():
        file, rows = read(tmp_path / name, f"allocations/{name}", content)
        assert (file["layout"], column(rows, "township")) == ("allocations", ["汤丹镇"]), name


def test_a_file_without_the_header_is_refused_with_what_was_found_and_what_is_missing(tmp_path: Path) -> None:
    """So that the sender knows what to add."""
    file, _ = read(tmp_path, "classification/a.csv", f"姓名,证件号码,分类\n张三,{ID},返还\n")
    assert file["status"] == "refused"
    assert file["reason"] == (
        "no_matching_layout: 表头缺少:核查日期。找到的表头:姓名、证件号码、分类。请补齐表头,或为这种格式添加版式文件。"
    )


def test_a_group_of_columns_in_a_text_file(tmp_path: Path) -> None:
    """Has its label in the first of them alone, as programs write merged cells."""
    content = "姓名,身份证号,月份,金额(元),\n,,,应发,实发\n张三,530113199501010015,1,103,100\n"
    file, rows = read(tmp_path, "benefit_payments/a.csv", content)
    assert file["status"] == "read", file["reason"]
    assert (column(rows, "due_amount_yuan"), column(rows, "amount_yuan")) == ([Decimal("103.00")], [Decimal("100.00")])
    file, _ = read(tmp_path / "two", "benefit_payments/a.csv", content.replace("应发,实发", "应发,备注"))
    assert "实发" not in str(file["reason"]) and file["status"] == "refused"


def test_a_second_row_that_makes_something_else_of_a_header(tmp_path: Path) -> None:
    """Is told, without a list of what is missing."""
    file, _ = read(tmp_path, "allocations/a.csv", "乡镇,金额\n,(千元)\n汤丹镇,1\n")
    assert str(file["reason"]).startswith("no_matching_layout: 表头有两行"), file["reason"]
