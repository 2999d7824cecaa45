"""What a file says, by which two files are the same (inputs.md, Files and rows that come again)."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable
from functools import cache
from operator import itemgetter
from typing import Any

from pipeline.checks.second_count.divisions import UNKNOWN, bare_name
from pipeline.checks.second_count.files import SNAPSHOTS, AllRows, CountedFile, Table
from pipeline.checks.second_count.row_types import LineRow

# Fields that stand for a row's content apart, or are no field of the contract.
_NO_CONTENT = frozenset(
    (
        "place", "identity", "name", "own_date", "township_code", "township", "schooling_says", "is_unreadable", "has_bad_date",
        "is_dated_by_made_at", "stated_date",
    )
)  # fmt: skip


def mark_same_rows(files: list[CountedFile], all_rows: AllRows) -> None:
    """Of files with the same rows the first is read; of a reprint the one that was made earlier."""
    by_size: dict[Hashable, list[CountedFile]] = defaultdict(list)
    for file in files:
        by_size[all_rows.count_of(file)].append(file)
    by_persons: dict[Hashable, list[CountedFile]] = defaultdict(list)
    for size, alike in by_size.items():
        for file in alike:
            by_persons[size, _persons_of(file, all_rows) if len(alike) > 1 else file.number].append(file)
    for alike in by_persons.values():
        if len(alike) > 1:
            same: dict[Hashable, list[CountedFile]] = defaultdict(list)
            for file in alike:
                same[_content_of_file(file, all_rows)].append(file)
            for equal in same.values():
                kept = _first_made(equal)
                for file in equal:
                    if file is not kept:
                        file.status = "same_rows"


def _content_of(row: Any) -> Hashable:
    """The canonical values of a row's fields; a cell that can't be read compares by its text.

    Of a line with a batch number that only 制表时间 dates the date is none of its values: a reprint has the same rows.
    """
    is_reprintable = isinstance(row, LineRow) and row.is_dated_by_made_at and row.document_no is not None
    identity, name = getattr(row, "identity", None), getattr(row, "name", None)
    return (
        None if is_reprintable else row.own_date,
        township_of(row) if hasattr(row, "township") else None,
        name.key if name else None,
        (identity.text, identity.problem) if identity else None,
        _values_of(type(row))(row),
    )


@cache
def _values_of(row_type: Any) -> Callable[[Any], Hashable]:
    """What gives the values of a row that are compared as they are."""
    return itemgetter(*(at for at, field in enumerate(row_type._fields) if field not in _NO_CONTENT))


def township_of(row: Any) -> str | None:
    """A township by its code, an unknown one by what its name is without its kind; None where none is named."""
    return row.township_code if row.township_code != UNKNOWN else bare_name(row.township) or None


def _persons_of(file: CountedFile, all_rows: AllRows) -> Hashable:
    """Files with the same rows have the same IDs; snapshots the same dates too."""
    is_snapshot = file.facts.source in SNAPSHOTS
    return tuple(hash(_persons_in(rows, is_snapshot=is_snapshot)) for rows in all_rows.parts_of(file))


def _persons_in(rows: Table, *, is_snapshot: bool) -> Hashable:
    days = frozenset(row.own_date for row in rows) if is_snapshot else None
    ids = frozenset(row.identity.text for row in rows) if rows and hasattr(rows[0], "identity") else None
    return days, ids


def _content_of_file(file: CountedFile, all_rows: AllRows) -> Hashable:
    rows = tuple(hash(frozenset(Counter(map(_content_of, rows)).items())) for rows in all_rows.parts_of(file))
    if file.rows:
        return rows
    heads = tuple(tuple(sorted(table.head.items())) for table in file.facts.tables)
    return rows, heads, file.stated_date


def _first_made(equal: list[CountedFile]) -> CountedFile:
    """Of lists of a batch the one made first, where each states when; else the one whose path sorts first."""
    made_on = [file.made_on for file in equal if file.made_on and any(row.document_no for row in file.rows)]
    if equal[0].facts.source != "bank_returns" or len(made_on) < len(equal):
        return equal[0]
    made_at = [file.made_at for file in equal if file.made_at]
    if len(made_at) < len(equal):
        return equal[made_on.index(min(made_on))]
    return equal[made_at.index(min(made_at))]
