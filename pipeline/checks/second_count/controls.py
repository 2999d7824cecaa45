"""What a file states of its own rows: counts and sums that its rows must bear out."""

from collections.abc import Iterable, Sequence
from typing import Any

from pipeline.checks.second_count.facts import FileFacts
from pipeline.checks.second_count.outcomes import FAILED, SUCCESS

# Sums of so many sheets are not tried.
MOST_TABLES = 12
Sum = tuple[int, int]
"""How many rows, and their fen."""


def states_totals(facts: FileFacts) -> bool:
    """Whether a file states a count or a sum."""
    return facts.control_count is not None or facts.control_yuan is not None


def control_totals(
    facts: FileFacts, tables: Sequence[Sequence[Sum]], *, are_plain: bool
) -> tuple[int | None, int | None]:
    """Count and fen that a file states; where its rows don't bear that out, what they give.

    A sheet may state them of all its rows, or of its successes or failures alone; several sheets' are added. A file with a row
    that can't be read, or that is neither success nor failure, may state what nobody can check.

    Args:
        tables: of each table the sums of all rows, of the successes and of the failures.
        are_plain: whether every row can be checked.
    """
    count, yuan = facts.control_count, facts.control_yuan
    fen = None if yuan is None else int(yuan * 100)
    if not states_totals(facts) or len(tables) > MOST_TABLES or not are_plain:
        return count, fen
    if count is not None and count not in _sums({number for number, _ in sums} for sums in tables):
        count = sum(sums[0][0] for sums in tables)
    if fen is not None and fen not in _sums({amount for _, amount in sums} for sums in tables):
        fen = sum(sums[0][1] for sums in tables)
    return count, fen


def is_plain(row: Any) -> bool:
    """Whether a row can be read, and is a success or a failure where it has an outcome."""
    outcome = getattr(row, "outcome", None)
    has_amount = getattr(row, "amount_fen", 0) is not None
    return not row.faults and has_amount and (outcome is None or outcome.outcome in (SUCCESS, FAILED))


def sums_of(rows: Sequence[Any]) -> list[Sum]:
    """The sums of all rows, of the successes and of the failures."""
    outcomes = [getattr(row, "outcome", None) for row in rows]
    said = [outcome.outcome if outcome else None for outcome in outcomes]
    parts = [rows, *([row for row, each in zip(rows, said, strict=True) if each == word] for word in (SUCCESS, FAILED))]
    return [(len(part), sum(getattr(row, "amount_fen", 0) or 0 for row in part)) for part in parts]


def _sums(of_tables: Iterable[set[int]]) -> set[int]:
    """Every sum of one number a table, of the tables that state one."""
    sums = {0}
    for numbers in of_tables:
        sums |= {total + number for total in sums for number in numbers}
    return sums
