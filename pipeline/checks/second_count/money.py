"""Money (rules.md, section 6): what was granted, transferred, paid out and used, by township and by funding level, in fen."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any

from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.lines import REFUND, REVERSAL, SELF_PAID, WRITTEN_OFF, Line
from pipeline.checks.second_count.outcomes import SUCCESS
from pipeline.checks.second_count.roll import Person
from pipeline.checks.second_count.row_types import GrantRow, TransferRow
from pipeline.checks.second_count.texts import Memo
from pipeline.policy import Policy

MILLIONTHS = 1_000_000


@dataclass
class TownshipFund:
    """The sums of one township in fen; `planned_count` is None where no transfer states persons."""

    allocated: int = 0
    paid_out: int = 0
    used: int = 0
    used_by_level: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    allocated_by_level: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    planned_count: int | None = None

    def add(self, other: "TownshipFund") -> None:
        """Add the sums of other rows of the township."""
        self.allocated += other.allocated
        self.paid_out += other.paid_out
        self.used += other.used
        for own, others in (
            (self.used_by_level, other.used_by_level),
            (self.allocated_by_level, other.allocated_by_level),
        ):
            for level, fen in others.items():
                own[level] += fen
        self.planned_count = add_counts((self.planned_count, other.planned_count))


@dataclass
class Funds:
    """The sums of all townships, and the grants by level, in fen."""

    townships: dict[str, TownshipFund]
    granted_by_level: dict[str, int]

    @property
    def budget(self) -> int:
        """All grants."""
        return sum(self.granted_by_level.values())

    @property
    def allocated(self) -> int:
        """All transfers."""
        return sum(fund.allocated for fund in self.townships.values())

    @property
    def used(self) -> int:
        """All that was written off."""
        return sum(fund.used for fund in self.townships.values())

    def add(self, other: "Funds") -> None:
        """Add the sums of other rows."""
        for code, fund in other.townships.items():
            self.townships.setdefault(code, TownshipFund()).add(fund)
        for level, fen in other.granted_by_level.items():
            self.granted_by_level[level] = self.granted_by_level.get(level, 0) + fen

    def used_of_level(self, level: str) -> int:
        """What a level paid of it."""
        return sum(fund.used_by_level[level] for fund in self.townships.values())


def count_money(files: Files, lines: Iterable[Line], persons: Iterable[Person], policy: Policy) -> Funds:
    """Add up grants, transfers and live successes.

    Every township of the year is there, also with zeros; the unknown one when it has persons, lines or transfers.
    """
    funds = no_funds(policy)
    townships: dict[str, TownshipFund] = defaultdict(TownshipFund, funds.townships)
    granted = funds.granted_by_level
    for grant in files.accepted(GrantRow, "fund_documents"):
        granted[grant.fund_level or ""] += grant.amount_fen or 0
    for transfer in files.accepted(TransferRow, "allocations"):
        fund = townships[transfer.township_code]
        fen = transfer.amount_fen or 0
        fund.allocated += fen
        if transfer.persons is not None:
            # Given back are the persons of a negative transfer, whatever their sign.
            persons_stated = -abs(transfer.persons) if fen < 0 else transfer.persons
            fund.planned_count = (fund.planned_count or 0) + persons_stated
        for level, part in split_by_level(fen, policy).items():
            fund.allocated_by_level[level] += part
    parts_of = Memo(partial(split_by_level, policy=policy))
    for line in lines:
        fund = townships[line.row.township_code]
        if line.is_live:
            fund.paid_out += line.fen
        if line.disposition == WRITTEN_OFF:
            fund.used += line.fen
            for level, part in parts_of[line.fen].items():
                fund.used_by_level[level] += part
    for code in {person.township_code for person in persons} - townships.keys():
        townships[code] = TownshipFund()
    return Funds(dict(townships), granted)


def no_funds(policy: Policy) -> Funds:
    """The funds of nothing: every township of the year, every level."""
    return Funds(
        {township.code: TownshipFund() for township in policy.townships},
        {level.name: 0 for level in policy.fund_levels},
    )


def split_by_level(fen: int, policy: Policy) -> dict[str, int]:
    """The parts of an amount: rounded half up, the last level takes the remainder."""
    *first, last = policy.fund_levels
    parts = {level.name: int((fen * level.share).quantize(Decimal(1), ROUND_HALF_UP)) for level in first}
    parts[last.name] = fen - sum(parts.values())
    return parts


def rate(part: int, whole: int | None) -> int | None:
    """A rate in millionths, rounded half up; None over nothing."""
    if not whole or whole < 0:
        return None
    return (2 * part * MILLIONTHS + whole) // (2 * whole)


def add_counts(counts: Iterable[int | None]) -> int | None:
    """The sum of the counts that are known, None where none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


Posting = tuple[Any, ...]
POSTING_COLUMNS = (
    "posted_date",
    "from_account",
    "to_account",
    "fund_level",
    "township_code",
    "person_id",
    "amount_yuan",
    "document_no",
    "place",
)


def postings(files: Files, lines: Sequence[Line], policy: Policy) -> list[Posting]:
    """Double entry: grant to level, level to bureau, bureau to township, township to person or tax, and back on reversal.

    The columns are POSTING_COLUMNS; a negative amount stands as its positive the other way round. What states no date is posted
    on the one that its file states.
    """
    found: list[Posting] = []
    for grant in files.accepted(GrantRow, "fund_documents"):
        level = f"level:{grant.fund_level}"
        posted = grant.own_date or files.file_of(grant).stated_date
        for source, target in (("grant", level), (level, "bureau")):
            values = (grant.fund_level, None, None, grant.amount_fen, grant.document_no, grant.place)
            found.append((posted, source, target, *values))
    for transfer in files.accepted(TransferRow, "allocations"):
        code, fen = transfer.township_code, transfer.amount_fen or 0
        accounts = ("bureau", f"township:{code}")
        for level, part in split_by_level(fen, policy).items():
            values = (level, code, None, abs(part), transfer.document_no, transfer.place)
            posted = transfer.own_date or files.file_of(transfer).stated_date
            found.append((posted, *(accounts if part >= 0 else reversed(accounts)), *values))
    parts_of = Memo(partial(split_by_level, policy=policy))
    for line in lines:
        paid = line.undoes if line.disposition == REVERSAL else line
        is_payment = line.row.outcome.outcome == SUCCESS and line.disposition != SELF_PAID
        if paid is None or not (is_payment or line.disposition == REVERSAL):
            continue
        code = paid.row.township_code
        kind = "person" if line.channel == REFUND else "tax"
        accounts = (f"township:{code}", f"{kind}:{'reversed' if paid is not line else line.disposition}")
        for level, part in parts_of[paid.fen].items():
            values = (level, code, line.meant_id, part, line.row.document_no, line.row.place)
            found.append((line.row.own_date, *(accounts if paid is line else reversed(accounts)), *values))
    return found
