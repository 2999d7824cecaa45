"""What a file states of its own rows: counts and sums that its rows must bear out."""

from collections.abc import Iterable
from typing import Any

from pipeline.checks.second_count.files import CountedFile
from pipeline.checks.second_count.outcomes import FAILED, REVERSED, SUCCESS, UNRECOGNISED

# Sums of so many sheets are not tried.
MOST_TABLES = 12


def control_totals(file: CountedFile) -> tuple[int | None, int | None]:
    """Count and fen that a file states; where its rows don't bear that out, what they give.

    A sheet may state them of all its rows, or of its successes or failures alone; several sheets' are added.
    """
    count, yuan = file.facts.control_count, file.facts.control_yuan
    fen = None if yuan is None else int(yuan * 100)
    if len(file.tables) <= MOST_TABLES:
        if count is not None and count not in _sums(map(_counts, file.tables)):
            count = len(file.rows)
        if (
            fen is not None
            and all(map(_has_plain_amounts, file.tables))
            and fen not in _sums(map(_amounts, file.tables))
        ):
            fen = sum(row.amount_fen for row in file.rows)
    return count, fen


def _counts(rows: list[Any]) -> set[int]:
    return {len(part) for part in _parts(rows)}


def _amounts(rows: list[Any]) -> set[int]:
    return {sum(row.amount_fen for row in part) for part in _parts(rows)}


def _parts(rows: list[Any]) -> list[list[Any]]:
    outcomes = [getattr(row, "outcome", None) for row in rows]
    said = [outcome.outcome if outcome else None for outcome in outcomes]
    return [rows, *([row for row, each in zip(rows, said, strict=True) if each == word] for word in (SUCCESS, FAILED))]


def _has_plain_amounts(rows: list[Any]) -> bool:
    """Whether each row's amount is read as it stands; that of a reversal has lost its sign."""
    return all(
        getattr(row, "amount_fen", None) is not None
        and not row.faults
        and not (hasattr(row, "outcome") and row.outcome.outcome in (REVERSED, UNRECOGNISED))
        for row in rows
    )


def _sums(of_tables: Iterable[set[int]]) -> set[int]:
    """Every sum of one number a table, of the tables that state one."""
    sums = {0}
    for numbers in of_tables:
        sums |= {total + number for total in sums for number in numbers}
    return sums
