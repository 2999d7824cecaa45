"""Money: what was granted, transferred, paid out and used, by township and by funding level."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from ..world import Grant, Policy, Transfer
from .landed import Landed
from .lines import Line
from .roll import Person
from .townships import township_code

FEN = Decimal("0.01")
NOTHING = Decimal("0.00")


@dataclass
class TownshipFund:
    """The sums of one township; `planned_count` is None where no transfer states persons."""

    allocated_yuan: Decimal = NOTHING
    paid_out_yuan: Decimal = NOTHING
    used_yuan: Decimal = NOTHING
    used_by_level: dict[str, Decimal] = field(default_factory=dict)
    allocated_by_level: dict[str, Decimal] = field(default_factory=dict)
    planned_count: int | None = None


@dataclass
class Funds:
    """The sums of all townships and the grants by level."""

    townships: dict[str, TownshipFund]
    granted_by_level: dict[str, Decimal]

    @property
    def budget_yuan(self) -> Decimal:
        """All grants."""
        return sum(self.granted_by_level.values(), NOTHING)

    @property
    def allocated_yuan(self) -> Decimal:
        """All transfers."""
        return sum((township.allocated_yuan for township in self.townships.values()), NOTHING)

    @property
    def used_yuan(self) -> Decimal:
        """All that was written off."""
        return sum((township.used_yuan for township in self.townships.values()), NOTHING)


def count_money(landed: Landed, lines: list[Line], persons: Iterable[Person], policy: Policy) -> Funds:
    """Add up grants, transfers and live successes.

    Every township of the year is there, also with zeros; the unknown one when it has persons, lines or transfers.
    """
    levels = [level.name for level in policy.fund_levels]
    words = {level.word: level.name for level in policy.fund_levels}
    townships = {code: TownshipFund() for code in sorted(policy.townships.values())}
    granted = dict.fromkeys(levels, NOTHING)
    for grant in landed.rows(Grant):
        granted[words[grant.row.fund_level]] += grant.row.amount_yuan
    for transfer in landed.rows(Transfer):
        fund = townships.setdefault(township_code(transfer.row.township, policy), TownshipFund())
        fund.allocated_yuan += transfer.row.amount_yuan
        fund.planned_count = add_counts([fund.planned_count, transfer.row.persons])
    for line in lines:
        fund = townships.setdefault(line.township_code, TownshipFund())
        if line.is_live:
            fund.paid_out_yuan += line.amount_yuan
        if line.disposition == "written_off":
            fund.used_yuan += line.amount_yuan
    for person in persons:
        townships.setdefault(person.township_code, TownshipFund())
    for fund in townships.values():
        fund.used_by_level, fund.allocated_by_level = dict.fromkeys(levels, NOTHING), dict.fromkeys(levels, NOTHING)
    for line in lines:
        if line.disposition == "written_off":
            _add_parts(townships[line.township_code].used_by_level, line.amount_yuan, policy)
    for transfer in landed.rows(Transfer):
        code = township_code(transfer.row.township, policy)
        _add_parts(townships[code].allocated_by_level, transfer.row.amount_yuan, policy)
    return Funds(townships, granted)


def _add_parts(sums: dict[str, Decimal], amount: Decimal, policy: Policy) -> None:
    for level, part in split_by_level(amount, policy).items():
        sums[level] += part


def split_by_level(amount: Decimal, policy: Policy) -> dict[str, Decimal]:
    """The parts of an amount: rounded half up, the last level takes the remainder."""
    *first, last = policy.fund_levels
    parts = {level.name: (amount * level.share).quantize(FEN, ROUND_HALF_UP) for level in first}
    parts[last.name] = amount - sum(parts.values(), NOTHING)
    return parts


def rate(part: Decimal | int, whole: Decimal | int | None) -> Decimal | None:
    """A rate to 6 places, rounded half up; None over nothing."""
    if not whole:
        return None
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def add_counts(counts: Iterable[int | None]) -> int | None:
    """The sum of the counts that are known, None where none is."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None
