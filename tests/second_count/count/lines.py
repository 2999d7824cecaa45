"""Returned lines: what a bank or tax line says, and the one disposition that each of them gets."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ..world import BankLine, Policy, TaxLine
from .eligibility import Evidence, State
from .identity import Identity, birth_date_of, birthday, read_identity
from .landed import Landed, LandedRow
from .names import compare_names
from .outcomes import bank_outcome, tax_outcome
from .roll import Person
from .townships import township_code


@dataclass(eq=False)
class Line:
    """One accepted bank or tax line, with the judgement that `judge_lines` writes into its last fields.

    `meant_id` is the ID of the person that the line counts for: its own valid one, or what a settled reply named.
    """

    landed: LandedRow[BankLine] | LandedRow[TaxLine]
    channel: str
    township_code: str
    document_no: str
    line_no: str
    paid_date: date | None
    amount_yuan: Decimal
    outcome: str
    failure_reason: str | None
    identity: Identity
    name: str
    account: str
    period: tuple[date | None, date | None]
    is_self_paid: bool
    meant_id: str | None
    disposition: str = ""
    mismatch_kind: str | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """File, sheet and row: which line this is."""
        return self.landed.source_order

    @property
    def order(self) -> tuple[str, int, str, str, int]:
        """The order "by voucher or batch and line"."""
        return (self.document_no, int(self.line_no) if self.line_no else 0, *self.landed.source_order)

    @property
    def is_live(self) -> bool:
        """Whether the line is a success that is neither self-paid nor reversed; known once reversals are paired."""
        return self.disposition in ("written_off", "disputed") and self.outcome == "success"


def read_lines(landed: Landed, policy: Policy) -> list[Line]:
    """All accepted lines as of the day, without dispositions."""
    lines = [_bank_line(row, policy) for row in landed.rows(BankLine)]
    return lines + [_tax_line(row, policy) for row in landed.rows(TaxLine)]


def _bank_line(landed: LandedRow[BankLine], policy: Policy) -> Line:
    row, file = landed.row, landed.file
    outcome, reason = bank_outcome(row)
    identity = read_identity(row.id_no, row.id_is_number, file.stated_date or date(policy.year, 12, 31))
    return Line(
        landed=landed,
        channel="refund",
        township_code=township_code(file.township, policy),
        document_no=file.batch_no,
        line_no=row.line_no,
        paid_date=row.paid_date or file.stated_date,
        amount_yuan=abs(row.amount_yuan),
        outcome=outcome,
        failure_reason=reason,
        identity=identity,
        name=row.name,
        account=row.account,
        period=(None, None),
        is_self_paid=False,
        meant_id=identity.person_id,
    )


def _tax_line(landed: LandedRow[TaxLine], policy: Policy) -> Line:
    row = landed.row
    outcome, reason = tax_outcome(row)
    identity = read_identity(row.id_no, row.id_is_number, date(policy.year, 12, 31))
    return Line(
        landed=landed,
        channel="collection",
        township_code=township_code(row.township, policy),
        document_no=row.voucher_no,
        line_no=row.line_no,
        paid_date=row.paid_date,
        amount_yuan=abs(row.amount_yuan),
        outcome=outcome,
        failure_reason=reason,
        identity=identity,
        name=row.name,
        account="",
        period=(row.period_from, row.period_to),
        is_self_paid=row.payer_kind == "个人缴费",
        meant_id=identity.person_id,
    )


def judge_lines(
    lines: list[Line],
    persons: dict[Hashable, Person],
    states: dict[Hashable, State],
    evidence: Evidence,
    policy: Policy,
    named_persons: dict[Hashable, str],
) -> None:
    """Give every line its disposition; `named_persons` are those that replies name, by the key of the line."""
    for line in lines:
        line.meant_id = named_persons.get(line.key, line.identity.person_id)
        line.disposition, line.mismatch_kind = _said_disposition(line), None
    _pair_reversals(lines)
    tests = _Tests(lines, persons, states, evidence, policy, named_persons)
    passed: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.disposition == "success":
            line.mismatch_kind = tests.first_that_fails(line)
            line.disposition = "disputed"
            if line.mismatch_kind is None:
                assert line.meant_id is not None
                passed[line.meant_id].append(line)
    for candidates in passed.values():
        _write_off_first(candidates)


def _said_disposition(line: Line) -> str:
    """What the sender's words alone say; `success` and `reversed` are still to be judged."""
    if line.is_self_paid:
        return "self_paid"
    return line.outcome


def _pair_reversals(lines: list[Line]) -> None:
    """Let each reversal, in order, undo the latest success not yet undone."""
    reversals = [line for line in lines if line.disposition == "reversed"]
    open_successes: dict[Hashable, list[Line]] = defaultdict(list)
    for line in sorted((line for line in lines if line.disposition == "success"), key=_dated_order):
        open_successes[line.channel, line.meant_id, line.amount_yuan].append(line)
    for reversal in sorted(reversals, key=_dated_order):
        same = open_successes[reversal.channel, reversal.meant_id, reversal.amount_yuan] if reversal.meant_id else []
        undone = [line for line in same if _day(line) <= _day(reversal)]
        if undone:
            reversal.disposition, undone[-1].disposition = "reversal", "reversed"
            same.remove(undone[-1])
        else:
            reversal.disposition, reversal.mismatch_kind = "disputed", "reversal_without_payment"


def _day(line: Line) -> date:
    """The paid date of a success or reversal, which always has one."""
    assert line.paid_date is not None
    return line.paid_date


def _dated_order(line: Line) -> tuple[date, tuple[str, int, str, str, int]]:
    return _day(line), line.order


class _Tests:
    """The tests 1-8 of a live success, in their order."""

    def __init__(
        self,
        lines: Iterable[Line],
        persons: dict[Hashable, Person],
        states: dict[Hashable, State],
        evidence: Evidence,
        policy: Policy,
        named_persons: dict[Hashable, str],
    ) -> None:
        self.persons, self.states, self.evidence, self.policy = persons, states, evidence, policy
        self.named_persons = named_persons
        self.self_payments: dict[str, list[tuple[Decimal, date | None]]] = defaultdict(list)
        for line in lines:
            if line.is_self_paid and line.outcome == "success" and line.meant_id:
                self.self_payments[line.meant_id].append((line.amount_yuan, line.paid_date))
        for person_id, rows in evidence.register.items():
            for row in rows:
                if row.self_paid_amount_yuan is not None:
                    self.self_payments[person_id].append((row.self_paid_amount_yuan, row.self_paid_date))

    def first_that_fails(self, line: Line) -> str | None:
        """The kind of the first test that a live success fails, None where it passes all."""
        if line.key not in self.named_persons:
            if line.identity.kind:
                return line.identity.kind
            if line.meant_id not in self.persons:
                return "not_on_roll"
            if compare_with_roll(line, self.persons[line.meant_id]) == "name_mismatch":
                return "name_mismatch"
        assert line.meant_id is not None
        state = self.states[line.meant_id].state
        if state != "eligible":
            return "paid_ineligible" if state == "excluded" else "paid_unconfirmed"
        return self._failure_of_payment(line)

    def _failure_of_payment(self, line: Line) -> str | None:
        policy, day = self.policy, _day(line)
        assert line.meant_id is not None
        birth_date = birth_date_of(line.meant_id)
        assert birth_date is not None
        is_for_another_year = any(bound and bound.year != policy.year for bound in line.period)
        if line.amount_yuan != policy.premium_yuan:
            return "amount_mismatch"
        if not policy.first_payment_date <= day <= policy.last_payment_date or is_for_another_year:
            return "outside_window"
        if day >= birthday(birth_date, policy.age_below):
            return "paid_after_60"
        if line.channel == "refund" and self.evidence.has_register and not self._has_paid_himself(line.meant_id, day):
            return "refund_without_self_payment"
        return None

    def _has_paid_himself(self, person_id: str, until: date) -> bool:
        premium = self.policy.premium_yuan
        payments = self.self_payments[person_id]
        return any(amount >= premium and day is not None and day <= until for amount, day in payments)


def compare_with_roll(line: Line, person: Person) -> str:
    """`same`, `name_unreadable` or `name_mismatch`: the best among the names of the latest snapshot."""
    results = {compare_names(line.name, name) for name in person.names}
    return next(result for result in ("same", "name_unreadable", "name_mismatch") if result in results)


def _write_off_first(lines: list[Line]) -> None:
    """Write off the earliest of a person's lines that passed; dispute the others."""
    first, *others = sorted(lines, key=lambda line: (_day(line), line.channel != "collection", line.order))
    first.disposition = "written_off"
    for line in others:
        line.mismatch_kind = "paid_twice" if line.channel == first.channel else "paid_in_both_channels"


def uncovered_reason(lines: list[Line]) -> str:
    """Why an eligible person with these lines, none of them written off, is uncovered."""
    if any(line.is_live for line in lines):
        return "disputed"
    tried = [line for line in lines if line.disposition != "self_paid"]
    if not tried:
        return "silent"
    last_day = max(line.paid_date or date.min for line in tried)
    last = [line for line in tried if (line.paid_date or date.min) == last_day]
    if any(line.outcome in ("reversed", "success") for line in last):
        return "reversed"
    if any(line.outcome == "unknown" for line in last):
        return "outcome_unknown"
    return "return_failed:" + min(line.failure_reason or "" for line in last)
