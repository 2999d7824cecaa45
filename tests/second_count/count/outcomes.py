"""What a bank or the tax bureau says about a line: its outcome and the reason of a failure."""

from ..world import BankLine, TaxLine

SUCCESS_WORDS = {"成功", "处理成功", "全部成功", "0000", "001"}
REVERSED_WORDS = {"退票", "冲正", "3019", "3029", "3056"}
UNKNOWN_WORDS = {"处理中", "超时", "2000", "2007", "3028"}
TAX_OUTCOMES = {"成功": "success", "已入库": "success", "退库": "reversed", "冲正": "reversed", "处理中": "unknown"}
REASON_CODES = {
    "no_such_account": ("3009", "3030"),
    "name_mismatch": ("3031",),
    "account_closed": ("3018", "3039"),
    "account_frozen": ("3017", "3020"),
    "account_lost": ("3006", "3016"),
    "id_mismatch": ("3063",),
    "amount_error": ("3014", "3040"),
    "duplicate": ("3051",),
}
REASON_WORDS = (
    ("账号不存在", "no_such_account"),
    ("无此账户", "no_such_account"),
    ("户名不符", "name_mismatch"),
    ("已销户", "account_closed"),
    ("冻结", "account_frozen"),
    ("挂失", "account_lost"),
    ("证件号不符", "id_mismatch"),
    ("重复", "duplicate"),
)


def bank_outcome(line: BankLine) -> tuple[str, str | None]:
    """Outcome and failure reason of a bank line; its code decides, without one the outcome."""
    said = line.outcome_code or line.outcome
    if said in SUCCESS_WORDS:
        return "success", None
    if said in REVERSED_WORDS:
        return "reversed", None
    if said in UNKNOWN_WORDS:
        return "unknown", None
    return "failed", failure_reason(said, line.outcome_text)


def tax_outcome(line: TaxLine) -> tuple[str, str | None]:
    """Outcome and failure reason of a tax line."""
    outcome = TAX_OUTCOMES.get(line.outcome, "failed")
    return outcome, failure_reason("", line.outcome_text) if outcome == "failed" else None


def failure_reason(code: str, text: str) -> str:
    """The reason by the code, else by the first known word in the text, else `other`."""
    for reason, codes in REASON_CODES.items():
        if code in codes:
            return reason
    return next((reason for word, reason in REASON_WORDS if word in text), "other")
