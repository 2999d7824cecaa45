"""What a file states of its own rows: counts and sums that its rows must bear out."""

from collections.abc import Iterable
from typing import Any

from pipeline.checks.second_count.files import CountedFile
from pipeline.checks.second_count.outcomes import FAILED, SUCCESS

# Sums of so many sheets are not tried.
MOST_TABLES = 12


def control_totals(file: CountedFile) -> tuple[int | None, int | None]:
    """Count and fen that a file states; where its rows don't bear that out, what they give.

    A sheet may state them of all its rows, or of its successes or failures alone; several sheets' are added. A file with a row
    that can't be read, or that is neither success nor failure, may state what nobody can check.
    """
    count, yuan = file.facts.control_count, file.facts.control_yuan
    fen = None if yuan is None else int(yuan * 100)
    is_unstated = count is None and fen is None
    if is_unstated or len(file.tables) > MOST_TABLES or not all(map(_is_plain, file.rows)):
        return count, fen
    if count is not None and count not in _sums({len(part) for part in _parts(rows)} for rows in file.tables):
        count = len(file.rows)
    if fen is not None and fen not in _sums({_fen(part) for part in _parts(rows)} for rows in file.tables):
        fen = _fen(file.rows)
    return count, fen


def _is_plain(row: Any) -> bool:
    outcome = getattr(row, "outcome", None)
    has_amount = getattr(row, "amount_fen", 0) is not None
    return not row.faults and has_amount and (outcome is None or outcome.outcome in (SUCCESS, FAILED))


def _fen(rows: list[Any]) -> int:
    return sum(getattr(row, "amount_fen", 0) for row in rows)


def _parts(rows: list[Any]) -> list[list[Any]]:
    """All rows, the successes and the failures."""
    outcomes = [getattr(row, "outcome", None) for row in rows]
    said = [outcome.outcome if outcome else None for outcome in outcomes]
    return [rows, *([row for row, each in zip(rows, said, strict=True) if each == word] for word in (SUCCESS, FAILED))]


def _sums(of_tables: Iterable[set[int]]) -> set[int]:
    """Every sum of one number a table, of the tables that state one."""
    sums = {0}
    for numbers in of_tables:
        sums |= {total + number for total in sums for number in numbers}
    return sums
