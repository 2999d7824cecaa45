"""The columns of each source: which field stands under which headers, and how a row's value becomes a cell."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.checks.second_count.identity import read_identity
from pipeline.contracts.codes import vocabulary

from ..world import (
    Answer,
    BankLine,
    Benefit,
    CategoryRow,
    ClassRow,
    Grant,
    RegisterRow,
    Reply,
    RollRow,
    Row,
    TaxLine,
    Transfer,
)
from .cells import Cell, amount_cell, date_cell, id_cell, name_cell, township_cell, whole_number_cell
from .hand import Hand

NAME_HEADERS = ("姓名", "户名", "参保人姓名", "缴费人姓名", "纳税人名称")
ID_HEADERS = ("证件号码", "身份证号", "身份证号码", "身份证", "公民身份号码", "居民身份证号码", "缴费人识别号")
TOWNSHIP_HEADERS = ("乡镇", "乡(镇)", "乡(镇、街道)", "所属乡镇", "乡镇(街道)", "乡（镇）")
VILLAGE_HEADERS = ("行政村", "村", "村(社区)", "村委会")
AMOUNT_HEADERS = ("金额", "实处理金额", "实缴金额", "返还金额", "实发金额")
DUE_HEADERS = ("应发金额", "应处理金额", "应缴金额")
OUTCOME_TEXT_HEADERS = ("失败原因", "返回信息", "备注")
DATE_HEADERS = ("日期", "下达日期", "拨付日期")
REVERSAL_WORDS = {
    *(word for rule in vocabulary("outcome").words if rule.says == "reversed" for word in rule.whole),
    *(code.code for code in vocabulary("outcome_code").codes if code.attributes["outcome"] == "reversed"),
}


@dataclass(frozen=True)
class Column:
    """A field with the headers that may stand above it, the usual one first; `unit` is that of an amount."""

    field: str
    headers: tuple[str, ...]
    kind: str = "text"
    unit: str = ""

    @property
    def attribute(self) -> str:
        """The row's attribute that holds the field."""
        if self.kind == "amount":
            return f"{self.field}_yuan"
        return "class_" if self.field == "class" else self.field


LINE_NO = Column("line_no", ("序号",), "whole number")
TOWNSHIP = Column("township", TOWNSHIP_HEADERS, "township")
VILLAGE = Column("village", VILLAGE_HEADERS)
NAME = Column("name", NAME_HEADERS, "name")
ID_NO = Column("id_no", ID_HEADERS, "id")
AMOUNT = Column("amount", AMOUNT_HEADERS, "amount", "元")

COLUMNS: dict[type, tuple[Column, ...]] = {
    RollRow: (
        TOWNSHIP,
        VILLAGE,
        Column("household_no", ("户编号",)),
        Column("member_no", ("人编号",)),
        NAME,
        ID_NO,
        Column("schooling", ("在校生状况",)),
    ),
    CategoryRow: (NAME, ID_NO, Column("category", ("类别", "救助类别", "人员类别"))),
    ClassRow: (
        TOWNSHIP,
        VILLAGE,
        NAME,
        ID_NO,
        Column("class", ("分类", "核查分类", "处理方式")),
        Column("class_reason", ("不符合原因", "原因", "备注原因")),
        Column("verified_date", ("核查日期", "核实日期"), "date"),
    ),
    RegisterRow: (
        ID_NO,
        Column("insured_status", ("参保状态",)),
        Column("exclusion", ("排除情形", "参加其他保险情况")),
        Column("benefit_status", ("待遇状态",)),
        Column("self_paid_amount", ("个人缴费金额", "个人缴费"), "amount", "元"),
        Column("self_paid_date", ("个人缴费日期",), "date"),
        Column("event_date", ("情形发生日期",), "date"),
    ),
    BankLine: (
        LINE_NO,
        NAME,
        Column("account", ("账号", "帐号", "卡号", "银行账号", "银行帐号")),
        AMOUNT,
        ID_NO,
        Column("outcome_code", ("返回码", "响应码")),
        Column("outcome", ("处理标志", "状态", "处理结果")),
        Column("outcome_text", OUTCOME_TEXT_HEADERS),
        Column("paid_date", ("返还日期", "交易日期", "付款日期"), "date"),
    ),
    TaxLine: (
        LINE_NO,
        TOWNSHIP,
        NAME,
        ID_NO,
        Column("levy_item", ("征收项目",)),
        Column("period_from", ("费款所属期起",), "date"),
        Column("period_to", ("费款所属期止",), "date"),
        Column("amount", ("实缴金额", "金额", "实处理金额"), "amount", "元"),
        Column("paid_date", ("入库日期", "缴费日期", "交易日期"), "date"),
        Column("voucher_no", ("电子税票号码", "流水号", "交易流水号")),
        Column("outcome", ("征收结果", "处理标志", "状态", "处理结果")),
        Column("outcome_text", OUTCOME_TEXT_HEADERS),
        Column("payer_kind", ("缴费方式",)),
    ),
    Grant: (
        Column("document_no", ("文号",)),
        Column("fund_level", ("资金级次",)),
        Column("amount", ("金额",), "amount", "万元"),
        Column("persons", ("人数", "补助人数"), "whole number"),
        Column("document_date", ("下达日期", "日期"), "date"),
    ),
    Transfer: (
        TOWNSHIP,
        Column("amount", ("金额",), "amount", "元"),
        Column("persons", ("人数", "补助人数"), "whole number"),
        Column("document_date", ("拨付日期", "日期"), "date"),
        Column("document_no", ("文号",)),
    ),
    Benefit: (
        ID_NO,
        Column("month", ("月份", "发放月份", "所属月份"), "whole number"),
        Column("due_amount", DUE_HEADERS, "amount", "元"),
        Column("amount", ("实发金额", "金额"), "amount", "元"),
    ),
    Answer: (Column("number", ("问卷编号",)), Column("answer", ("满意度", "总体满意度", "满意程度"))),
}
SNAPSHOT_DATE = Column("snapshot_date", ("数据日期",), "date")
EXTRA_HEADERS = ("联系电话", "民族", "经办机构", "致贫原因")


def reply_columns(role: str, cells: Sequence[tuple[str, str]]) -> tuple[Column, ...]:
    """The columns of a workbook of replies: its exported cells, then the answer's."""
    person, day = ("复核人", "复核日期") if role == "checker" else ("填报人", "填报日期")
    return (
        *(Column(header, (header,), "exported") for header, _ in cells),
        Column("mismatch_id", ("差异编号",)),
        Column("token", ("校验码",)),
        Column("answer_code", ("处理答复",)),
        Column("answer_value", ("答复内容",)),
        Column("person", (person,)),
        Column("answered_date", (day,), "date"),
    )


def cell_of(row: Row, column: Column, unit: str, hand: Hand, *, in_workbook: bool, blanks: bool = True) -> Cell:
    """What stands in a row's cell under a column; `unit` is that of the column's header."""
    if row.bad_cell and row.bad_cell[0] == column.field:
        return row.bad_cell[1]
    if column.kind == "exported" and isinstance(row, Reply):
        return dict(row.cells)[column.field]
    value = getattr(row, column.attribute)
    if value is None or value == "":
        return ""
    if column.kind == "id":
        is_number = bool(getattr(row, "id_is_number", False))
        is_plain = read_identity(value, is_number=False).problem is None
        return id_cell(value, is_number, is_plain, hand, in_workbook=in_workbook, blanks=blanks)
    return _plain_cell(value, column, unit, hand, in_workbook=in_workbook)


def _plain_cell(value: object, column: Column, unit: str, hand: Hand, *, in_workbook: bool) -> Cell:
    if isinstance(value, Decimal):
        return amount_cell(value, unit, hand, in_workbook=in_workbook)
    if isinstance(value, date):
        return date_cell(value, hand, in_workbook=in_workbook)
    text = str(value)
    if column.kind == "whole number":
        return whole_number_cell(text, hand, in_workbook=in_workbook)
    if column.kind == "township":
        return township_cell(text, hand)
    return name_cell(text, hand) if column.kind == "name" else text
