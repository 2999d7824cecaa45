"""Returned lines (rules.md, section 5): the one disposition that each bank or tax line gets."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial

from pipeline.checks.second_count.evidence import Evidence
from pipeline.checks.second_count.facts import RunFacts
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.identity import birthday
from pipeline.checks.second_count.names import MISMATCH, SAME, UNREADABLE_NAME, compare_names
from pipeline.checks.second_count.outcomes import REVERSED, SUCCESS, UNRECOGNISED
from pipeline.checks.second_count.roll import Person
from pipeline.checks.second_count.row_types import LineRow, Place
from pipeline.checks.second_count.states import ELIGIBLE, EXCLUDED, State
from pipeline.checks.second_count.texts import Memo

REFUND, COLLECTION = "refund", "collection"
SELF_PAID, DISPUTED, WRITTEN_OFF = "self_paid", "disputed", "written_off"
REVERSAL, UNDONE = "reversal", "reversed"
WITHOUT_PAYMENT = "reversal_without_payment"
SOURCES = {"bank_returns": REFUND, "tax_returns": COLLECTION}
Order = tuple[str, Decimal, Place]


@dataclass(slots=True, eq=False)
class Line:
    """One accepted line, with the judgement that `judge_lines` writes into its last fields.

    Attributes:
        person_id: its own valid ID.
        order: the order "by voucher or batch and line".
        meant_id: the ID of the person that it counts for: its own valid one, or what a settled reply named.
        undoes: the success that a reversal undoes.
        is_before_evidence: whether it was judged without the evidence, which held only later.
    """

    row: LineRow
    channel: str
    person_id: str | None
    order: Order
    meant_id: str | None = None
    disposition: str = ""
    mismatch_kind: str | None = None
    undoes: "Line | None" = None
    is_before_evidence: bool = False

    @property
    def day(self) -> date:
        """The paid date of a success or reversal, which always has one."""
        assert self.row.own_date is not None, "a success or reversal without a date is refused or quarantined"
        return self.row.own_date

    @property
    def fen(self) -> int:
        """The amount, which every accepted line has."""
        assert self.row.amount_fen is not None, "a line without an amount is quarantined"
        return self.row.amount_fen

    @property
    def is_live(self) -> bool:
        """Whether it is a success that is neither self-paid nor reversed; known once reversals are paired."""
        return self.disposition in (WRITTEN_OFF, DISPUTED) and self.row.outcome.outcome == SUCCESS


def read_lines(files: Files, end_of_year: date) -> list[Line]:
    """All accepted lines, without dispositions."""
    lines = []
    for source, channel in SOURCES.items():
        for file in files.read(source):
            stated = file.stated_date or end_of_year
            for row in file.accepted:
                person_id = row.identity.person_id(stated)
                lines.append(Line(row, channel, person_id, line_order(row)))
    return lines


def line_order(row: LineRow) -> Order:
    """By voucher (tax) or batch (bank) as text, line number as a number, then file, sheet, row."""
    return row.document_no or "", _as_number(row.line_no), row.place


def _as_number(line_no: str | None) -> Decimal:
    try:
        number = Decimal(line_no or "-1")
    except InvalidOperation:
        return Decimal(-1)
    return number if number.is_finite() else Decimal(-1)


def judge_lines(
    lines: Sequence[Line],
    files: Files,
    persons: Mapping[Hashable, Person],
    states: dict[Hashable, State],
    evidence: Evidence,
    run: RunFacts,
    named_persons: Mapping[Place, str],
) -> None:
    """Give every line its disposition; `named_persons` are those that replies name, by the place of the line.

    Whoever has a line written off that was paid before the first day of his evidence is eligible from then on in `states`.
    """
    for line in lines:
        line.meant_id = named_persons.get(line.row.place, line.person_id) if named_persons else line.person_id
        line.disposition = SELF_PAID if line.row.is_self_paid else line.row.outcome.outcome
        line.mismatch_kind = "unknown_outcome" if line.disposition == UNRECOGNISED else None
        line.undoes, line.is_before_evidence = None, False
    _pair(
        [line for line in lines if line.disposition == REVERSED],
        [line for line in lines if line.disposition == SUCCESS],
    )
    tests = _Tests(lines, files, persons, states, evidence, run, named_persons)
    live = [line for line in lines if line.disposition == SUCCESS]
    passed: dict[str, list[Line]] = defaultdict(list)
    for line in live:
        line.mismatch_kind = tests.first_that_fails(line)
        line.disposition = DISPUTED
        if line.mismatch_kind is None and line.meant_id is not None:
            passed[line.meant_id].append(line)
    for line in live:
        # Who has no line so written off is judged by the state with the evidence in every line.
        state = states.get(line.meant_id) if line.meant_id not in passed else None
        if state is not None and state.first_evidence is not None:
            state.before = None
            line.mismatch_kind = tests.first_that_fails(line)
    for person_id, candidates in passed.items():
        first = _write_off_first(candidates)
        if first.is_before_evidence:
            state = states[person_id]
            state.state, state.reason, state.table_mismatch = ELIGIBLE, None, None


def _pair(reversals: Iterable[Line], successes: Iterable[Line]) -> None:
    """Let each reversal, in order, undo the latest success of its channel, person and amount that is not yet undone."""
    still_open: dict[Hashable, list[Line]] = defaultdict(list)
    for line in sorted(successes, key=dated_order):
        still_open[line.channel, line.meant_id, line.fen].append(line)
    for reversal in sorted(reversals, key=dated_order):
        same = still_open[reversal.channel, reversal.meant_id, reversal.fen] if reversal.meant_id else []
        undone = next((line for line in reversed(same) if line.day <= reversal.day), None)
        if undone:
            same.remove(undone)
            reversal.disposition, reversal.undoes = REVERSAL, undone
            undone.disposition = UNDONE
        else:
            reversal.disposition, reversal.mismatch_kind = DISPUTED, WITHOUT_PAYMENT


def dated_order(line: Line) -> tuple[date, Order]:
    """By date; of one date by voucher or batch and line."""
    return line.day, line.order


class _Tests:
    """The tests 1-9 of a live success, in their order."""

    def __init__(
        self,
        lines: Iterable[Line],
        files: Files,
        persons: Mapping[Hashable, Person],
        states: Mapping[Hashable, State],
        evidence: Evidence,
        run: RunFacts,
        named_persons: Mapping[Place, str],
    ) -> None:
        self._persons, self._states, self._evidence = persons, states, evidence
        self._policy, self._named_persons = run.policy, named_persons
        self._premium_fen = int(run.policy.premium_yuan * 100)
        # By birth date the day from which nothing is paid any more.
        self._too_old: Memo[date, date] = Memo(partial(birthday, age=run.policy.age_below))
        # By channel and ID the latest day of a line that can't be read; the last of all days for an undated one.
        self._unclear: dict[tuple[str, str], date] = {}
        # By ID the successes and the reversals of 个人缴费.
        self._own: dict[str, list[Line]] = defaultdict(list)
        self._given_back: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if line.meant_id is not None:
                self._note_line(line, line.meant_id)
        for source, channel in SOURCES.items():
            for row in files.quarantined(LineRow, source):
                stated = files.file_of(row).stated_date or date(run.year, 12, 31)
                person_id = row.identity.person_id(stated)
                if person_id and not row.is_self_paid and row.outcome.outcome in (REVERSED, UNRECOGNISED):
                    self._note_unclear(channel, person_id, None if row.has_bad_date else row.own_date)

    def _note_line(self, line: Line, person_id: str) -> None:
        if line.disposition == UNRECOGNISED:
            self._note_unclear(line.channel, person_id, line.row.own_date)
        elif line.disposition == SELF_PAID and line.row.own_date is not None:
            if line.row.outcome.outcome == SUCCESS:
                self._own[person_id].append(line)
            elif line.row.outcome.outcome == REVERSED:
                self._given_back[person_id].append(line)

    def _note_unclear(self, channel: str, person_id: str, day: date | None) -> None:
        until = day or date.max
        self._unclear[channel, person_id] = max(until, self._unclear.get((channel, person_id), until))

    def first_that_fails(self, line: Line) -> str | None:
        """The kind of the first test that a live success fails, None where it passes all."""
        if not self._named_persons or line.row.place not in self._named_persons:
            if line.person_id is None:
                return line.row.identity.problem_kind
            if line.meant_id not in self._persons:
                return "not_on_roll"
            if compare_with_roll(line, self._persons[line.meant_id]) == MISMATCH:
                return "name_mismatch"
        if line.meant_id is None or line.meant_id not in self._persons:
            return "not_on_roll"
        state = self._states[line.meant_id]
        state_then = state.on(line.day)
        if state_then.state != ELIGIBLE:
            return "paid_ineligible" if state_then.state == EXCLUDED else "paid_unconfirmed"
        line.is_before_evidence = state_then is not state
        return self._failure_of_payment(line, line.meant_id)

    def _failure_of_payment(self, line: Line, person_id: str) -> str | None:
        policy, window = self._policy, self._policy.payment_window
        if line.fen != self._premium_fen:
            return "amount_mismatch"
        first, last = line.row.period
        is_for_another_year = bool(
            (first and first.year != policy.policy_year) or (last and last.year != policy.policy_year)
        )
        if not window.first_date <= line.day <= window.last_date or is_for_another_year:
            return "outside_window"
        birth_date = self._persons[person_id].birth_date
        if birth_date is not None and line.day >= self._too_old[birth_date]:
            return "paid_after_60"
        is_refund = line.channel == REFUND
        if is_refund and self._evidence.has_register and not self._has_paid_himself(person_id, line.day):
            return "refund_without_self_payment"
        if self._unclear.get((line.channel, person_id), date.min) >= line.day:
            return "outcome_unclear"
        return None

    def _has_paid_himself(self, person_id: str, until: date) -> bool:
        """Whether a payment of his own of at least the premium, dated on or before a day, has not been given back by then."""
        given_back = _dated_until(until, self._given_back.get(person_id, ()))
        left = _dated_until(until, self._own.get(person_id, ()))
        for reversal in given_back:
            same = [line for line in left if line.fen == reversal.fen and line.day <= reversal.day]
            if same:
                left.remove(same[-1])
        if any(line.fen >= self._premium_fen for line in left):
            return True
        for row in self._evidence.register.get(person_id, ()):
            fen, day = row.self_paid_fen, row.self_paid_date
            if fen is None or fen < self._premium_fen or day is None or day > until:
                continue
            is_given_back = any(line.fen == fen and line.day >= day for line in given_back)
            if not is_given_back or any(line.fen == fen for line in left):
                return True
        return False


def _dated_until(until: date, lines: Iterable[Line]) -> list[Line]:
    return sorted((line for line in lines if line.day <= until), key=dated_order) if lines else []


def compare_with_roll(line: Line, person: Person) -> str:
    """`same`, `name_unreadable` or `name_mismatch`: the best among the names of the latest snapshot."""
    if line.row.name.key in person.name_keys and "?" not in line.row.name.key:
        return SAME
    results = {compare_names(line.row.name.key, key) for key in person.name_keys}
    return next(result for result in (SAME, UNREADABLE_NAME, MISMATCH) if result in results)


def _write_off_first(lines: list[Line]) -> Line:
    """Write off the earliest of a person's lines that passed; dispute the others."""
    if len(lines) > 1:
        lines.sort(key=lambda line: (line.day, line.channel != COLLECTION, line.order))
    first, *others = lines
    first.disposition = WRITTEN_OFF
    for line in others:
        line.mismatch_kind = "paid_twice" if line.channel == first.channel else "paid_in_both_channels"
    return first


def uncovered_reason(lines: Iterable[Line]) -> str:
    """Why an eligible person with these lines, none of them written off, is uncovered."""
    tried = [line for line in lines if line.disposition != SELF_PAID]
    if any(line.is_live for line in tried):
        return "disputed"
    if not tried:
        return "silent"
    last_day = max(line.row.own_date or date.min for line in tried)
    last = [line.row.outcome for line in tried if (line.row.own_date or date.min) == last_day]
    said = {outcome.outcome for outcome in last}
    # A success that is left here is one that a reversal undid.
    for outcomes, reason in (
        ({REVERSED, SUCCESS}, "reversed"),
        ({UNRECOGNISED}, "outcome_unrecognised"),
        ({"unknown"}, "outcome_unknown"),
    ):
        if said & outcomes:
            return reason
    return "return_failed:" + min(outcome.failure_reason or "" for outcome in last)
