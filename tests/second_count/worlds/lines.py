"""The files about money to people: bank batches and tax lists, with every outcome and everything that can be wrong."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ..world import BadCell, BankLine, TaxLine, WorldFile
from .choices import Choices
from .people import UNKNOWN_NAMES, Soul, said_id, said_name
from .rolls import Setting, file_name, is_workbook, placed

ACCOUNTS = ("6228480001", "6228480002", "6228480003", "6228480004", "6228480005", "6228480006", "")
OUTCOMES = ("success",) * 16 + ("failed",) * 6 + ("unknown",) + ("reversed",) * 3 + ("unrecognised",)
BANK_CODES = {
    "success": ("0000", "001"),
    "reversed": ("3019", "3029", "3056"),
    "unknown": ("2000", "2007", "3028"),
    # No word says that an amount is wrong, its two codes alone: they are drawn more often than those of other reasons.
    "failed": (
        "3009", "3030", "3031", "3018", "3039", "3017", "3020", "3006", "3016", "3063", "3063", "3051", "3051",
        *("3014", "3040") * 6,
    ),
    "unrecognised": ("9999", "8001", "A1"),
}  # fmt: skip
WORDS = {
    "success": ("成功", "处理成功", "全部成功", "交易成功", "代发成功", "已入库", "已到账", "征收成功"),
    "reversed": ("退票", "已退票", "退汇", "冲正", "已冲正", "退库", "退库成功", "退款", "已退回", "撤销", "作废"),
    "unknown": ("处理中", "超时", "待处理", "退款中", "待核实"),
    "failed": ("失败", "处理失败", "未成功", "扣款不成功", "账户冻结", "户名不符"),
    "unrecognised": ("办结", "退回处理", "未知状态", "0000", "", "冲正失败未定"),
}
LEVY_ITEMS = ("城乡居民基本养老保险费", "10210", "10210城乡居民", "城乡居民社会养老保险费", "城乡居保")
OTHER_ITEMS = ("10203职工养老", "城乡居民基本医疗保险费", "失业保险费", "养老", "")
PUBLIC_PAYERS = ("财政代缴", "政府代缴", "代缴", "财政补助")
OWN_PAYERS = ("个人缴费", "自缴", "本人缴费")
FAILURE_TEXTS = (
    "账号不存在,请核实",
    "无此账户",
    "户名不符",
    "已销户",
    "账户冻结",
    "卡已挂失",
    "证件号不符",
    "重复",
    "",
    "从未见过的原因",
    "重复提交且户名不符",
)


@dataclass(frozen=True)
class Event:
    """Something that a bank or the tax bureau reports about somebody."""

    soul: Soul
    outcome: str
    amount_yuan: Decimal


def make_events(setting: Setting) -> tuple[list[Event], list[Event]]:
    """What is reported about everybody: refunds and collections, mostly of the premium."""
    choices, premium = setting.choices, setting.policy.premium_yuan
    refunds: list[Event] = []
    collections: list[Event] = []
    for soul in setting.people:
        channel = refunds if setting.has_one_account else choices.pick((refunds, collections))
        for _ in range(choices.pick((1, 1, 1, 2, 2, 0, 3))):
            if not setting.has_one_account and choices.chance(65):
                channel = choices.pick((refunds, collections))
            amount = (
                premium if choices.chance(90) else choices.pick((premium / 2, premium * 2, premium + Decimal("0.01")))
            )
            outcome = "success" if setting.has_one_account else choices.pick(OUTCOMES)
            channel.append(Event(soul, outcome, amount))
    return refunds, collections


def bank_files(setting: Setting, refunds: list[Event]) -> list[WorldFile]:
    """One to three batches; the first is there even when it has one failed line only."""
    choices, year = setting.choices, setting.policy.year
    dates = (
        date(year, 6, 12),
        date(year, 7, 1),
        date(year, 12, 31),
        date(year, 1, 1),
        date(year - 1, 12, 31),
        date(year + 1, 1, 5),
    )
    files = []
    parts: list[list[Event]] = [[] for _ in range(choices.number(1, 3))]
    for event in refunds:
        choices.pick(parts).append(event)
    for part, events in enumerate(parts):
        layout = choices.pick(("pipe", "sheet", "padded"))
        suffixes = ("txt", "csv") if layout != "sheet" else ("xlsx", "xls", "csv", "xlsx")
        name = file_name(choices, "bank_returns", f"返盘{part}", suffixes)
        rows = tuple(
            _bank_line(setting, event, number, layout, in_workbook=is_workbook(name))
            for number, event in enumerate(events, start=1)
        )
        file = WorldFile(
            file_name=name,
            rows=_with_twin(choices, rows),
            stated_date=choices.pick(dates[:3]) if choices.chance(80) else choices.pick(dates),
            batch_no=choices.pick(("B01", "B02", f"C{part}")),
            township=choices.pick(setting.townships) if choices.chance(90) else choices.pick(UNKNOWN_NAMES),
            layout=layout,
            has_total=True,
        )
        if layout == "sheet" and choices.chance(30):
            file = replace(file, made_at=f"{setting.policy.year}-06-13 {choices.number(8, 17):02}:00")
        if rows or part == 0:
            files.append(file if rows else replace(file, rows=(_failed_line(setting.people[0], layout),)))
    return files


def _said(choices: Choices, outcome: str, *, is_coded: bool) -> tuple[str, str, str]:
    """Code, word and text of an outcome; now and then one contradicts another, or a code lost its zeros."""
    text = choices.pick(FAILURE_TEXTS) if outcome == "failed" else ""
    code = choices.pick(BANK_CODES[outcome]) if is_coded else ""
    word = "" if is_coded and choices.chance(60) else choices.pick(WORDS[outcome])
    if choices.chance(4):
        text = choices.pick(WORDS[choices.pick(("success", "failed", "reversed", "unknown", "unrecognised"))])
    if is_coded and choices.chance(4):
        code, word = choices.pick(("0", "1")), choices.pick(("成功", ""))
    if is_coded and outcome == "failed" and choices.chance(8):
        code, text = choices.pick(BANK_CODES["unrecognised"]), "失败"
    return code, word, text


def _failed_line(soul: Soul, layout: str) -> BankLine:
    word, code = ("失败", "") if layout != "pipe" else ("", "9999")
    return BankLine(
        line_no="1", name=soul.name, amount_yuan=Decimal("100.00"), id_no=soul.id_no, outcome=word, outcome_code=code
    )


def _with_twin(choices: Choices, rows: tuple[BankLine, ...]) -> tuple[BankLine, ...]:
    """The rows, perhaps with one that stands there twice and is two payments."""
    return (*rows, choices.pick(rows)) if rows and choices.chance(8) else rows


def _bank_line(setting: Setting, event: Event, number: int, layout: str, *, in_workbook: bool) -> BankLine:
    choices = setting.choices
    is_coded = layout == "pipe" or choices.chance(60)
    code, word, text = _said(choices, event.outcome, is_coded=layout == "pipe" or (layout == "sheet" and is_coded))
    if layout == "pipe":
        word = ""
    other = choices.pick(setting.people) if choices.chance(3) else event.soul
    cell = said_id(choices, other, setting.policy, in_workbook=in_workbook, percent=6)
    return BankLine(
        line_no=str(number) if choices.chance(95) else f"{number // 2}.{number % 2}",
        name=said_name(choices, event.soul.name),
        amount_yuan=event.amount_yuan,
        account=ACCOUNTS[0] if setting.has_one_account else choices.pick(ACCOUNTS),
        id_no=cell.id_no,
        id_is_number=cell.id_is_number,
        outcome=word,
        outcome_code=code,
        outcome_text=text,
        paid_date=date(setting.policy.year, 8, choices.number(1, 3))
        if layout == "sheet" and choices.chance(20)
        else None,
        bad_cell=choices.pick((("amount", ""), ("amount", "壹佰"), ("amount", "100.0000001")))
        if choices.chance(2)
        else None,
    )


def tax_files(setting: Setting, collections: list[Event]) -> list[WorldFile]:
    """One or two lists; the first is there even when it has one failed line only."""
    choices = setting.choices
    parts: list[list[Event]] = [[] for _ in range(choices.number(1, 2))]
    for event in collections:
        choices.pick(parts).append(event)
    files: list[WorldFile] = []
    for part, events in enumerate(parts):
        name = file_name(choices, "tax_returns", f"征收{part}")
        # Some senders have no column for who paid.
        payer_kind = "" if choices.chance(25) else None
        rows = [
            _tax_line(setting, event, number, part, in_workbook=is_workbook(name), payer_kind=payer_kind)
            for number, event in enumerate(events, start=1)
        ]
        if part == 0 and payer_kind is None:
            rows += _own_payments(setting, len(rows), in_workbook=is_workbook(name))
        if files and choices.chance(40):
            rows += [
                _repeated(choices, row) for row in files[0].rows if isinstance(row, TaxLine) and choices.chance(50)
            ]
        if rows and choices.chance(8):
            rows.append(choices.pick(rows))
        if not rows and part == 0:
            rows = [
                replace(
                    _tax_line(setting, Event(setting.people[0], "failed", Decimal("100.00")), 1, 0, in_workbook=False),
                    bad_cell=None,
                )
            ]
        if rows:
            file = WorldFile(file_name=name, rows=tuple(rows), has_total=choices.chance(30))
            files.append(placed(choices, file, setting.townships))
    return files


def _own_payments(setting: Setting, count: int, *, in_workbook: bool) -> list[TaxLine]:
    """Payments of some persons for themselves, and some of them given back."""
    choices, premium = setting.choices, setting.policy.premium_yuan
    rows: list[TaxLine] = []
    for soul in setting.people:
        if choices.chance(12):
            outcomes = choices.pick((("success",), ("success", "reversed"), ("reversed",)))
            for outcome in outcomes:
                event = Event(soul, outcome, premium)
                number = count + len(rows) + 1
                row = _tax_line(setting, event, number, 9, in_workbook=in_workbook, payer_kind="个人缴费")
                days = (
                    date(setting.policy.year, 2, 1),
                    date(setting.policy.year, 6, 12),
                    date(setting.policy.year, 6, 30),
                )
                rows.append(replace(row, paid_date=choices.pick(days)))
    return rows


def _repeated(choices: Choices, row: TaxLine) -> TaxLine:
    """The line as a later list repeats it: neither the number in the list nor a blank in the voucher makes it another."""
    voucher_no = row.voucher_no if choices.chance(80) else f"{row.voucher_no[:4]} {row.voucher_no[4:]}"
    return replace(row, line_no=str(choices.number(1, 30)), voucher_no=voucher_no)


def _tax_line(
    setting: Setting, event: Event, number: int, part: int, *, in_workbook: bool, payer_kind: str | None = None
) -> TaxLine:
    choices, year = setting.choices, setting.policy.year
    dates = (
        date(year, 6, 20),
        date(year, 7, 1),
        date(year, 6, 12),
        date(year, 10, 10),
        date(year, 1, 1),
        date(year, 12, 31),
        date(year - 1, 12, 31),
        date(year + 1, 1, 1),
    )
    day: date | None = choices.pick(dates[:4]) if choices.chance(85) else choices.pick(dates)
    bad_cell: BadCell | None = None
    if event.outcome in ("failed", "unknown", "unrecognised") and choices.chance(50):
        day = None
    if choices.chance(3):
        bad_cell = choices.pick(
            (("amount", ""), ("amount", "壹佰"), ("payer_kind", "公司代缴"), ("paid_date", "2019-13-01"))
        )
        if event.outcome in ("success", "reversed") and choices.chance(30):
            bad_cell = ("paid_date", "")
    period = choices.pick((None, date(year, 1, 1), date(year, 1, 1))) if choices.chance(90) else date(year - 1, 1, 1)
    cell = said_id(choices, event.soul, setting.policy, in_workbook=in_workbook, percent=6)
    township = event.soul.township
    _, word, text = _said(choices, event.outcome, is_coded=False)
    if payer_kind is None:
        payer_kind = choices.pick(PUBLIC_PAYERS) if choices.chance(90) else choices.pick(OWN_PAYERS)
    if choices.chance(15):
        township = choices.pick((*setting.townships, *UNKNOWN_NAMES))
    return TaxLine(
        line_no=str(number),
        township=township,
        name=said_name(choices, event.soul.name),
        amount_yuan=event.amount_yuan,
        id_no=cell.id_no,
        id_is_number=cell.id_is_number,
        levy_item=choices.pick(LEVY_ITEMS) if choices.chance(95) else choices.pick(OTHER_ITEMS),
        period_from=period,
        period_to=period and date(period.year, 12, 31),
        paid_date=day,
        voucher_no=f"3530{part}{number:02}" if choices.chance(92) else choices.pick(("", "353099")),
        outcome=word,
        outcome_text=text,
        payer_kind=payer_kind,
        bad_cell=bad_cell,
    )
