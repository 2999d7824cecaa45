"""Every mismatch of rules.md, as computed without the replies."""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ..world import UNKNOWN_TOWNSHIP, Grant, Place, Policy, Transfer
from .eligibility import Evidence, State
from .identity import masked_id, masked_name, read_identity
from .landed import Landed, LandedRow
from .lines import Line, compare_with_roll
from .money import Funds
from .roll import Person, RollEntry
from .townships import township_code

WARNINGS = {
    "duplicate_on_roll",
    "exclusion_without_reason",
    "classified_not_on_roll",
    "township_mismatch",
    "channel_mismatch",
    "name_unreadable",
    "duplicate_account",
    "grant_headcount_gap",
}
CLASS_CHANNELS = {"返还": "refund", "代缴": "collection"}
MANY_PERSONS = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Mismatch:
    """One mismatch.

    `about` is the roll person that the mismatch is about, `line` the returned line. `rows` are the rows that it may
    name: where the rules leave open which of several, any of them is right; none for a mismatch of sums.
    """

    kind: str
    severity: str
    township_code: str | None
    id_text: str | None = None
    person_id: str | None = None
    name: str | None = None
    channel: str | None = None
    amount_yuan: Decimal | None = None
    rows: tuple[LandedRow[Any], ...] = ()
    about: Hashable = None
    line: Line | None = None

    def as_row(self, policy: Policy, status: str) -> dict[str, Any]:
        """The row of mart.roster_mismatch, with the first row that it may name."""
        place = self.rows[0].place if self.rows else None
        return {
            "policy_year": policy.year,
            "mismatch_id": self,
            "kind": self.kind,
            "severity": self.severity,
            "status": status,
            "township_code": self.township_code,
            "person_key": self.person_id,
            "id_masked": None if self.id_text is None else masked_id(self.id_text),
            "name_masked": None if self.name is None else masked_name(self.name),
            "channel": self.channel,
            "amount_yuan": self.amount_yuan,
            "source_file": self.rows[0].file.file_name if self.rows else None,
            "sheet": place.sheet if place else None,
            "row_number": place.row_number if place else None,
        }


def severity_of(kind: str) -> str:
    """Error, unless the rules call the kind a warning."""
    return "warning" if kind in WARNINGS else "error"


def roll_mismatches(persons: dict[Hashable, Person]) -> Iterator[Mismatch]:
    """One per person and kind that the roll raises."""
    for person in persons.values():
        for kind, entry in person.roll_kinds.items():
            yield _about_person(kind, person, (entry.landed,), entry)


def eligibility_mismatches(
    persons: dict[Hashable, Person], states: dict[Hashable, State], evidence: Evidence
) -> Iterator[Mismatch]:
    """What roll, classification and the bureau's evidence say against one another, one per person."""
    for key, person in persons.items():
        kind = states[key].table_mismatch
        if kind:
            verification = evidence.verifications.get(key) if isinstance(key, str) else None
            rows = verification.rows if verification else (person.entry.landed,)
            yield _about_person(kind, person, rows, person.entry)


def classification_mismatches(
    persons: dict[Hashable, Person], evidence: Evidence, policy: Policy
) -> Iterator[Mismatch]:
    """Classification rows that find nobody: one a row without a valid ID, one an ID that is not on the roll."""
    for row in evidence.bad_class_rows:
        identity = read_identity(row.row.id_no, row.row.id_is_number, date(policy.year, 12, 31))
        yield Mismatch(
            kind=identity.kind or "",
            severity="warning",
            township_code=township_code(row.row.township, policy),
            id_text=identity.text,
            name=row.row.name,
            rows=(row,),
        )
    for person_id, verification in evidence.verifications.items():
        if person_id not in persons:
            first = verification.rows[0].row
            yield Mismatch(
                kind="classified_not_on_roll",
                severity="warning",
                township_code=township_code(first.township, policy),
                id_text=person_id,
                person_id=person_id,
                name=first.name,
                rows=verification.rows,
            )


def _about_person(kind: str, person: Person, rows: tuple[LandedRow[Any], ...], entry: RollEntry) -> Mismatch:
    return Mismatch(
        kind=kind,
        severity=severity_of(kind),
        township_code=person.township_code,
        id_text=entry.identity.text,
        person_id=person.person_id,
        name=person.name,
        rows=rows,
        about=person.key,
    )


def line_mismatches(lines: list[Line], persons: dict[Hashable, Person], evidence: Evidence) -> Iterator[Mismatch]:
    """What is wrong with each line, and the warnings of the live successes that passed the tests 1-3."""
    for line in lines:
        if line.mismatch_kind:
            yield _about_line(line.mismatch_kind, line, persons)
        if line.is_live:
            yield from (_about_line(kind, line, persons) for kind in _line_warnings(line, persons, evidence))


def _line_warnings(line: Line, persons: dict[Hashable, Person], evidence: Evidence) -> Iterator[str]:
    person = persons.get(line.meant_id) if line.meant_id else None
    result = compare_with_roll(line, person) if person else "name_mismatch"
    if person is None or result == "name_mismatch":
        return
    townships = {line.township_code, person.township_code}
    if len(townships) > 1 and UNKNOWN_TOWNSHIP not in townships:
        yield "township_mismatch"
    verification = evidence.verifications.get(line.meant_id) if line.meant_id else None
    if verification and CLASS_CHANNELS.get(verification.class_ or "", line.channel) != line.channel:
        yield "channel_mismatch"
    if result == "name_unreadable":
        yield "name_unreadable"


def _about_line(kind: str, line: Line, persons: dict[Hashable, Person]) -> Mismatch:
    return Mismatch(
        kind=kind,
        severity=severity_of(kind),
        township_code=line.township_code,
        id_text=line.identity.text,
        person_id=line.identity.person_id,
        name=line.name,
        channel=line.channel,
        amount_yuan=line.amount_yuan,
        rows=(line.landed,),
        about=line.meant_id if line.meant_id in persons else None,
        line=line,
    )


def account_mismatches(lines: list[Line], persons: dict[Hashable, Person]) -> Iterator[Mismatch]:
    """One per account that was refunded for persons of two or more households."""
    by_account: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.is_live and line.channel == "refund" and line.account and line.meant_id in persons:
            by_account[line.account].append(line)
    for same in by_account.values():
        refunded = {line.meant_id for line in same if line.meant_id}
        households = {persons[key].household_no or ("no household", key) for key in refunded}
        if len(households) > 1:
            first = min(same, key=lambda line: (line.paid_date or date.min, line.order))
            yield Mismatch(
                kind="duplicate_account",
                severity="error" if len(refunded) > MANY_PERSONS else "warning",
                township_code=first.township_code,
                channel="refund",
                amount_yuan=first.amount_yuan,
                rows=(first.landed,),
            )


def township_mismatches(
    landed: Landed, lines: list[Line], persons: dict[Hashable, Person], policy: Policy
) -> Iterator[Mismatch]:
    """`unknown_township` outside the roll: a row of tax_returns or allocations, the head of a bank file."""
    kind = "unknown_township"
    for line in lines:
        if line.channel == "collection" and line.township_code == UNKNOWN_TOWNSHIP:
            yield _about_line(kind, line, persons)
    for row in landed.rows(Transfer):
        if township_code(row.row.township, policy) == UNKNOWN_TOWNSHIP:
            yield Mismatch(
                kind=kind,
                severity="error",
                township_code=UNKNOWN_TOWNSHIP,
                amount_yuan=row.row.amount_yuan,
                rows=(row,),
            )
    for file in landed.read_files("bank_returns"):
        if township_code(file.file.township, policy) == UNKNOWN_TOWNSHIP:
            yield Mismatch(
                kind=kind,
                severity="error",
                township_code=UNKNOWN_TOWNSHIP,
                channel="refund",
                rows=(LandedRow(file.file.rows[0], file.file, Place(sheet=None, row_number=None)),),
            )


def money_mismatches(landed: Landed, funds: Funds, policy: Policy) -> Iterator[Mismatch]:
    """Grants that don't fit their headcount, and transfers or use above what there is."""
    shares = {level.word: level.share for level in policy.fund_levels}
    for row in landed.rows(Grant):
        grant = row.row
        expected = None if grant.persons is None else grant.persons * shares[grant.fund_level] * policy.premium_yuan
        if expected is not None and expected != grant.amount_yuan:
            yield Mismatch(
                kind="grant_headcount_gap",
                severity="warning",
                township_code=None,
                amount_yuan=grant.amount_yuan,
                rows=(row,),
            )
    for code, township in funds.townships.items():
        if code != UNKNOWN_TOWNSHIP and township.used_yuan > township.allocated_yuan:
            yield Mismatch(kind="over_allocated", severity="error", township_code=code)
    if funds.allocated_yuan > funds.budget_yuan:
        yield Mismatch(kind="over_budget", severity="error", township_code=None)
