"""Which rows are quarantined: what is there but can't be read, and what is needed but empty. Never a whole file."""

from pathlib import Path

import pytest

from tests.landing.files import column, read

ID = "530113199501010015"
BASES = {
    "poverty_roll/20190331.csv": {"乡镇": "汤丹镇", "姓名": "张三", "证件号码": ID, "数据日期": "2019-03-31"},
    "category_rolls/20190331.csv": {"姓名": "张三", "证件号码": ID, "类别": "低保"},
    "classification/a.csv": {"姓名": "张三", "证件号码": ID, "分类": "返还", "核查日期": "2019-03-31"},
    "pension_register/a.csv": {
        "证件号码": ID,
        "参保状态": "正常参保",
        "排除情形": "死亡",
        "待遇状态": "未领取",
        "个人缴费金额": "100",
        "个人缴费日期": "2019-03-31",
    },
    "bank_returns/a.csv": {"批次号": "B1", "身份证号": ID, "金额": "100", "处理标志": "成功", "返还日期": "2019-03-31"},
    "tax_returns/a.csv": {
        "证件号码": ID,
        "征收项目": "10210",
        "费款所属期起": "2019-01-01",
        "费款所属期止": "2019-12-31",
        "实缴金额": "100",
        "征收结果": "成功",
        "入库日期": "2019-03-31",
        "缴费方式": "财政代缴",
    },
    "fund_documents/a.csv": {"资金级次": "市级", "金额": "1", "人数": "1", "日期": "2019-03-31"},
    "allocations/a.csv": {"乡镇": "汤丹镇", "金额": "1", "人数": "1", "日期": "2019-03-31"},
    "benefit_payments/a.csv": {"身份证号": ID, "月份": "201901", "应发金额": "103", "实发金额": "103"},
    "township_replies/a.csv": {
        "差异编号": "1",
        "校验码": "x",
        "处理答复": "说明",
        "填报人": "甲",
        "填报日期": "2019-03-31",
    },
}


def quarantined(tmp_path: Path, file_name: str, changes: dict[str, str]) -> tuple[object, object]:
    """The field and the kind of reason for which a row is quarantined that differs from a good one; nulls for none."""
    good = BASES[file_name]
    rows = [",".join(good), ",".join(good.values()), ",".join((good | changes).values())]
    if file_name.startswith("bank"):
        rows.append("合计,,,,")
    file, typed = read(tmp_path, file_name, "\n".join([*rows, ""]))
    assert (file["status"], len(typed), typed[0]["quarantine_field"]) == ("read", 2, None)
    reason = typed[1]["quarantine_reason"]
    return typed[1]["quarantine_field"], reason and str(reason).split(":")[0]


@pytest.mark.parametrize(
    ("file_name", "header", "field"),
    [
        ("poverty_roll/20190331.csv", "姓名", "name"),
        ("classification/a.csv", "分类", "class"),
        ("classification/a.csv", "核查日期", "verified_date"),
        ("bank_returns/a.csv", "金额", "amount"),
        ("tax_returns/a.csv", "实缴金额", "amount"),
        ("tax_returns/a.csv", "入库日期", "paid_date"),
        ("tax_returns/a.csv", "缴费方式", "payer_kind"),
        ("fund_documents/a.csv", "资金级次", "fund_level"),
        ("fund_documents/a.csv", "金额", "amount"),
        ("allocations/a.csv", "乡镇", "township"),
        ("allocations/a.csv", "金额", "amount"),
    ],
)
def test_a_needed_cell_that_is_empty(file_name: str, header: str, field: str, tmp_path: Path) -> None:
    """Of blanks too."""
    assert quarantined(tmp_path, file_name, {header: " "}) == (field, "empty_cell")


@pytest.mark.parametrize(
    ("file_name", "header"),
    [
        ("poverty_roll/20190331.csv", "乡镇"),
        ("poverty_roll/20190331.csv", "证件号码"),
        ("category_rolls/20190331.csv", "类别"),
        ("category_rolls/20190331.csv", "姓名"),
        ("classification/a.csv", "姓名"),
        ("pension_register/a.csv", "排除情形"),
        ("pension_register/a.csv", "个人缴费金额"),
        ("bank_returns/a.csv", "身份证号"),
        ("bank_returns/a.csv", "处理标志"),
        ("fund_documents/a.csv", "人数"),
        ("allocations/a.csv", "日期"),
        ("benefit_payments/a.csv", "实发金额"),
        ("township_replies/a.csv", "填报日期"),
    ],
)
def test_other_cells_may_be_empty(file_name: str, header: str, tmp_path: Path) -> None:
    """Nothing is said there, and nothing is wrong."""
    assert quarantined(tmp_path, file_name, {header: ""}) == (None, None)


@pytest.mark.parametrize(
    ("file_name", "header", "text", "field", "reason"),
    [
        ("poverty_roll/20190331.csv", "数据日期", "2019-02-30", "snapshot_date", "unreadable_date"),
        ("classification/a.csv", "核查日期", "某日", "verified_date", "unreadable_date"),
        ("pension_register/a.csv", "个人缴费日期", "2019", "self_paid_date", "unreadable_date"),
        ("bank_returns/a.csv", "返还日期", "2019-6", "paid_date", "unreadable_date"),
        ("tax_returns/a.csv", "费款所属期起", "上年", "period_from", "unreadable_date"),
        ("tax_returns/a.csv", "费款所属期止", "上年", "period_to", "unreadable_date"),
        ("allocations/a.csv", "日期", "不详", "document_date", "unreadable_date"),
        ("township_replies/a.csv", "填报日期", "不详", "answered_date", "unreadable_date"),
        ("pension_register/a.csv", "个人缴费金额", "百元", "self_paid_amount", "unreadable_amount"),
        ("benefit_payments/a.csv", "应发金额", "?", "due_amount", "unreadable_amount"),
        ("benefit_payments/a.csv", "实发金额", "-5", "amount", "negative_amount"),
        ("bank_returns/a.csv", "金额", "-100", "amount", "negative_amount"),
        ("fund_documents/a.csv", "人数", "若干", "persons", "unreadable_count"),
        ("allocations/a.csv", "人数", "1.5", "persons", "unreadable_count"),
        ("category_rolls/20190331.csv", "类别", "五级", "category", "unlisted_word"),
        ("classification/a.csv", "分类", "待定", "class", "unlisted_word"),
        ("pension_register/a.csv", "排除情形", "失踪", "exclusion", "unlisted_word"),
        ("pension_register/a.csv", "排除情形", "其他", "exclusion", "unlisted_word"),
        ("pension_register/a.csv", "待遇状态", "领取中", "benefit_status", "unlisted_word"),
        ("tax_returns/a.csv", "缴费方式", "代扣", "payer_kind", "unlisted_word"),
    ],
)
def test_what_is_there_but_can_not_be_read(
    file_name: str, header: str, text: str, field: str, reason: str, tmp_path: Path
) -> None:
    """A date, an amount, a count, a listed word."""
    assert quarantined(tmp_path, file_name, {header: text}) == (field, reason)


@pytest.mark.parametrize(
    ("file_name", "changes"),
    [
        ("bank_returns/a.csv", {"身份证号": "没有"}),
        ("bank_returns/a.csv", {"处理标志": "不知道"}),
        ("bank_returns/a.csv", {"处理标志": "冲正", "金额": "-100"}),
        ("tax_returns/a.csv", {"征收结果": "失败", "入库日期": ""}),
        ("tax_returns/a.csv", {"征收结果": "退库", "实缴金额": "-100"}),
        ("allocations/a.csv", {"乡镇": "无名镇"}),
        ("poverty_roll/20190331.csv", {"姓名": "？"}),
        ("pension_register/a.csv", {"排除情形": "出国（境）"}),
    ],
)
def test_ids_names_townships_and_outcomes_never_quarantine(
    file_name: str, changes: dict[str, str], tmp_path: Path
) -> None:
    """Nor does a reversal's sign, or the width of a bracket."""
    assert quarantined(tmp_path, file_name, changes) == (None, None)


def test_rows_of_other_taxes_are_dropped(tmp_path: Path) -> None:
    """Whatever else they say; a code may have its name behind it."""
    items = ["10210", "10210 城乡居民养老", "102100", "城乡居民基本养老保险费", "10212", "医疗保险费"]
    lines = [f"{ID},{item},100,成功,2019-06-01" for item in items] + [
        f"{ID},10299,百,成功,无",
        f"{ID},,100,成功,2019-06-01",
    ]
    header = "证件号码,征收项目,实缴金额,征收结果,入库日期"
    file, rows = read(tmp_path, "tax_returns/a.csv", "\n".join([header, *lines, ""]))
    assert file["rows_read"] == 8
    assert [reason is None for reason in column(rows, "dropped_reason")] == [True] * 4 + [False] * 3 + [True]
    assert column(rows, "quarantine_field") == [None] * 7 + ["levy_item"]


def test_a_reason_names_no_value(tmp_path: Path) -> None:
    """File, sheet, row and column lead to it."""
    _, rows = read(tmp_path, "allocations/a.csv", "乡镇,金额,日期\n汤丹镇,秘密123,机密456\n")
    assert "秘密" not in str(rows[0]["quarantine_reason"]) and "机密" not in str(rows[0]["quarantine_reason"])
