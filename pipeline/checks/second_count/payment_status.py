"""Who has paid, and if not, where it hangs: counted again for the table by which staff work from day to day."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date

from pipeline.checks.second_count.counted import Counted, Table
from pipeline.checks.second_count.lines import SELF_PAID, Line, dated_order
from pipeline.checks.second_count.outcomes import REVERSED, SUCCESS
from pipeline.checks.second_count.roll import Person
from pipeline.checks.second_count.states import ELIGIBLE, EXCLUDED, UNCONFIRMED

FAILED_BEGINNING = "return_failed:"


def payment_statuses(counted: Counted, person_years: Table, lines_of: Mapping[Hashable, Sequence[Line]]) -> Table:
    """One row a person: has the premium been paid, and if not, where does it hang?

    Args:
        person_years: a row a person, in the order of `counted.persons`.
    """
    known = (
        "person_id", "id_masked", "name_masked", "township_code", "village_code", "state_reason", "class", "channel", "paid_date",
    )  # fmt: skip
    own = _OwnPayments(counted, lines_of)
    own_days = [own.first_day(person) for person in counted.persons.values()]
    reasons: Sequence[str | None] = person_years.values["uncovered_reason"]
    values = {name: person_years.values[name] for name in known} | {
        "payment_status": [
            _payment_status(state, reason, has_paid_himself=day is not None)
            for state, reason, day in zip(person_years.values["state"], reasons, own_days, strict=True)
        ],
        "failure_reason": [
            reason.removeprefix(FAILED_BEGINNING) if reason and reason.startswith(FAILED_BEGINNING) else None
            for reason in reasons
        ],
        "self_paid_date": own_days,
        "last_line_date": [_last_day(lines_of.get(key, ())) for key in counted.persons],
    }
    return Table("mart.payment_status", ("person_id",), values)


def _last_day(lines: Iterable[Line]) -> date | None:
    """The day of the last line by which the premium was paid, or should have been."""
    days = [line.row.own_date for line in lines if line.disposition != SELF_PAID and line.row.own_date]
    return max(days, default=None)


def _payment_status(state: str, uncovered: str | None, *, has_paid_himself: bool) -> str:
    if state != ELIGIBLE:
        return {EXCLUDED: "not_due", UNCONFIRMED: "unconfirmed"}[state]
    if uncovered is None:
        return "paid"
    if uncovered.startswith(FAILED_BEGINNING):
        return "return_failed"
    return "self_paid" if uncovered == "silent" and has_paid_himself else uncovered


class _OwnPayments:
    """What persons paid themselves, as far as it is a premium and was not given back."""

    def __init__(self, counted: Counted, lines_of: Mapping[Hashable, Sequence[Line]]) -> None:
        self._register, self._as_of = counted.evidence.register, counted.run.as_of
        self._premium_fen = int(counted.run.policy.premium_yuan * 100)
        self._lines = {
            key: own
            for key, lines in lines_of.items()
            if (own := [line for line in lines if line.disposition == SELF_PAID and line.row.own_date])
        }

    def first_day(self, person: Person) -> date | None:
        """The day of the first payment that he made himself and that stands."""
        if person.person_id is None:
            return None
        lines, rows = self._lines.get(person.person_id, ()), self._register.get(person.person_id, ())
        if not lines and not rows:
            return None
        given_back, left = _dated(REVERSED, lines), _dated(SUCCESS, lines)
        for reversal in given_back:
            same = [line for line in left if line.fen == reversal.fen and line.day <= reversal.day]
            if same:
                left.remove(same[-1])
        days = [line.day for line in left if line.fen >= self._premium_fen]
        for row in rows:
            fen, day = row.self_paid_fen, row.self_paid_date
            if fen is None or fen < self._premium_fen or day is None or (self._as_of and day > self._as_of):
                continue
            if not given_back or not any(line.fen == fen and line.day >= day for line in given_back):
                days.append(day)
        return min(days, default=None)


def _dated(outcome: str, lines: Iterable[Line]) -> list[Line]:
    return sorted((line for line in lines if line.row.outcome.outcome == outcome), key=dated_order) if lines else []
