"""Rates that are measured on sources of their own (rules.md, section 7), in millionths."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.money import MILLIONTHS, rate
from pipeline.checks.second_count.row_types import AnswerRow, BenefitRow
from pipeline.checks.second_count.texts import compact

SATISFIED = frozenset(("非常满意", "满意", "基本满意"))
DISSATISFIED = frozenset(("不满意", "非常不满意", "不太满意", "很不满意"))
Z = Decimal("1.959964")


def benefit_disbursement_rate(files: Files, year: int) -> int | None:
    """Persons paid in full over persons entitled; None without a file or without anybody entitled."""
    end_of_year = date(year, 12, 31)
    missing: dict[str, int] = defaultdict(int)
    for file in files.read("benefit_payments"):
        stated = file.stated_date or end_of_year
        for row in file.accepted:
            person_id = _person_id(row, stated)
            if person_id:
                missing[person_id] += (row.due_fen or 0) - (row.amount_fen or 0)
    return rate(sum(fen <= 0 for fen in missing.values()), len(missing))


def _person_id(row: BenefitRow, stated: date) -> str | None:
    return row.identity.person_id(stated)


def satisfaction(files: Files) -> dict[str, int | None]:
    """Rate, Wilson interval and number of answers; all None without a file."""
    columns = ("satisfaction_rate", "satisfaction_low", "satisfaction_high", "satisfaction_answers")
    if not files.read("satisfaction_survey"):
        return dict.fromkeys(columns)
    answers = [compact(row.answer) for row in files.accepted(AnswerRow, "satisfaction_survey") if row.answer]
    satisfied = sum(answer in SATISFIED for answer in answers)
    answered = satisfied + sum(answer in DISSATISFIED for answer in answers)
    low, high = wilson_interval(satisfied, answered) if answered else (None, None)
    return dict(zip(columns, (rate(satisfied, answered), low, high, answered), strict=True))


def wilson_interval(part: int, whole: int) -> tuple[int, int]:
    """The 95 % Wilson interval of a share."""
    with localcontext() as context:
        context.prec = 50
        share = Decimal(part) / whole
        centre = share + Z * Z / (2 * whole)
        half = Z * (share * (1 - share) / whole + Z * Z / (4 * whole * whole)).sqrt()
        widened = 1 + Z * Z / whole
        return _millionths((centre - half) / widened), _millionths((centre + half) / widened)


def _millionths(value: Decimal) -> int:
    return int((value * MILLIONTHS).quantize(Decimal(1), ROUND_HALF_UP))
