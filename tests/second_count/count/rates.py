"""Rates that are measured on sources of their own: disbursement of benefits and satisfaction."""

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from ..world import Answer, Benefit, Policy
from .identity import read_identity
from .landed import Landed
from .money import NOTHING, rate

SATISFIED = {"非常满意", "满意", "基本满意"}
DISSATISFIED = {"不满意", "非常不满意", "不太满意", "很不满意"}
Z = Decimal("1.959964")


def benefit_disbursement_rate(landed: Landed, policy: Policy) -> Decimal | None:
    """Persons paid in full over persons entitled; None without a file or without anybody entitled."""
    end_of_year = date(policy.year, 12, 31)
    missing: dict[str, Decimal] = defaultdict(lambda: NOTHING)
    for row in landed.rows(Benefit):
        person_id = read_identity(row.row.id_no, row.row.id_is_number, end_of_year).person_id
        if person_id:
            missing[person_id] += row.row.due_amount_yuan - row.row.amount_yuan
    return rate(sum(amount <= 0 for amount in missing.values()), len(missing))


def satisfaction(landed: Landed) -> dict[str, Decimal | int | None]:
    """Rate, Wilson interval and number of answers; all None without a file."""
    if not landed.read_files("satisfaction_survey"):
        return dict.fromkeys(("satisfaction_rate", "satisfaction_low", "satisfaction_high", "satisfaction_answers"))
    answers = [row.row.answer for row in landed.rows(Answer)]
    satisfied = sum(answer in SATISFIED for answer in answers)
    answered = satisfied + sum(answer in DISSATISFIED for answer in answers)
    low, high = wilson_interval(satisfied, answered) if answered else (None, None)
    return {
        "satisfaction_rate": rate(satisfied, answered),
        "satisfaction_low": low,
        "satisfaction_high": high,
        "satisfaction_answers": answered,
    }


def wilson_interval(part: int, whole: int) -> tuple[Decimal, Decimal]:
    """The 95 % Wilson interval of a share, to 6 places."""
    with localcontext() as context:
        context.prec = 50
        share = Decimal(part) / whole
        centre = share + Z * Z / (2 * whole)
        half = Z * (share * (1 - share) / whole + Z * Z / (4 * whole * whole)).sqrt()
        widened = 1 + Z * Z / whole
        low, high = (centre - half) / widened, (centre + half) / widened
        return _six_places(low), _six_places(high)


def _six_places(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP)
