"""Rates that are measured on sources of their own (rules.md, section 7), in millionths."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.money import MILLIONTHS, rate
from pipeline.checks.second_count.row_types import AnswerRow
from pipeline.checks.second_count.texts import compact

SATISFIED = frozenset(("非常满意", "满意", "基本满意"))
DISSATISFIED = frozenset(("不满意", "非常不满意", "不太满意", "很不满意"))
Z = Decimal("1.959964")
ENTITLED, IN_FULL = "entitled", "paid in full"
SATISFACTION, DISSATISFACTION = "satisfied", "dissatisfied"


def benefits(files: Files, year: int) -> Counter[str]:
    """How many persons were entitled, and how many of them were paid in full."""
    end_of_year = date(year, 12, 31)
    missing: dict[str, int] = defaultdict(int)
    for file in files.read("benefit_payments"):
        stated = file.stated_date or end_of_year
        for row in file.accepted:
            person_id = row.identity.person_id(stated)
            if person_id:
                missing[person_id] += (row.due_fen or 0) - (row.amount_fen or 0)
    return Counter({ENTITLED: len(missing), IN_FULL: sum(fen <= 0 for fen in missing.values())})


def benefit_disbursement_rate(counts: Mapping[str, int]) -> int | None:
    """Persons paid in full over persons entitled; None without a file or without anybody entitled."""
    return rate(counts[IN_FULL], counts[ENTITLED])


def answers(files: Files) -> Counter[str]:
    """How many answers there are of each kind."""
    given = [compact(row.answer) for row in files.accepted(AnswerRow, "satisfaction_survey") if row.answer]
    return Counter(
        {
            SATISFACTION: sum(answer in SATISFIED for answer in given),
            DISSATISFACTION: sum(answer in DISSATISFIED for answer in given),
        }
    )


def satisfaction(counts: Mapping[str, int], *, was_asked: bool) -> dict[str, int | None]:
    """Rate, Wilson interval and number of answers; all None without a file."""
    columns = ("satisfaction_rate", "satisfaction_low", "satisfaction_high", "satisfaction_answers")
    if not was_asked:
        return dict.fromkeys(columns)
    satisfied = counts[SATISFACTION]
    answered = satisfied + counts[DISSATISFACTION]
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
