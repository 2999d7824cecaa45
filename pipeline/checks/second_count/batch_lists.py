"""The lists of a batch of the bank, which replace one another or add to one another (inputs.md, Files that come again)."""

from collections import defaultdict
from collections.abc import Iterable, Set
from itertools import chain

from pipeline.checks.second_count.file_content import township_of
from pipeline.checks.second_count.files import AllRows, CountedFile
from pipeline.checks.second_count.outcomes import SUCCESS
from pipeline.checks.second_count.row_types import LineRow

ListKey = tuple[int, str | None, str | None]
"""A list of a batch: the number of its file, its batch number and its township."""

Paid = tuple[str | None, int | None]
"""Whom a line is for, by his ID, and how much he gets."""


def mark_replaced(files: list[CountedFile], all_rows: AllRows) -> set[ListKey]:
    """Decide which lists of each batch stand; returns those that don't."""
    by_number = {file.number: file for file in files}
    lists: dict[tuple[str, str], list[int]] = defaultdict(list)
    for file in files:
        for batch, township in dict.fromkeys((row.document_no, township_of(row)) for row in file.rows):
            if batch and township:
                lists[batch, township].append(file.number)
    contested = {batch: numbers for batch, numbers in lists.items() if len(numbers) > 1}
    lines = _lines_of([by_number[number] for number in {*chain(*contested.values())}], contested.keys(), all_rows)
    replaced: set[ListKey] = set()
    for batch, numbers in contested.items():
        standing: list[int] = []
        for number in _in_order([by_number[number] for number in numbers]):
            if standing and not _adds(
                lines[number, *batch], [line for each in standing for line in lines[each, *batch]]
            ):
                standing.clear()
            standing.append(number)
        replaced |= {(number, *batch) for number in numbers if number not in standing}
    for file in files:
        if file.rows and all(list_of(row) in replaced for row in file.rows):
            file.status = "replaced"
    return replaced


def withdrawn_successes(files: Iterable[CountedFile], replaced: Set[ListKey]) -> list[LineRow]:
    """The successes of lists that don't stand, of whose ID and amount the standing lists have no line at all."""
    if not replaced:
        return []
    batches = {(batch, township) for _, batch, township in replaced}
    gone: list[LineRow] = []
    known: dict[tuple[str | None, str | None], set[Paid]] = defaultdict(set)
    for file in files:
        for row in file.rows:
            key = list_of(row)
            if key in replaced:
                gone.append(row)
            elif key[1:] in batches:
                known[key[1:]].add(_paid_to(row))
    return [row for row in gone if _is_success(row) and not row.faults and _paid_to(row) not in known[list_of(row)[1:]]]


def _lines_of(
    files: Iterable[CountedFile], batches: Set[tuple[str, str]], all_rows: AllRows
) -> dict[ListKey, list[tuple[Paid, bool]]]:
    """By list of some batches whom each of its lines is for, and whether it is a success."""
    lines: dict[ListKey, list[tuple[Paid, bool]]] = defaultdict(list)
    for file in files:
        for rows in all_rows.parts_of(file):
            for row in rows:
                key = list_of(row)
                if key[1:] in batches:
                    lines[key].append((_paid_to(row), _is_success(row)))
    return lines


def list_of(row: LineRow) -> ListKey:
    """The list of a batch that a line stands in: its file, batch and township."""
    return row.place[0], row.document_no, township_of(row)


def _in_order(files: list[CountedFile]) -> list[int]:
    """The lists of a batch, the one that replaces behind those that it replaces: each behind as many as it is later than."""
    later_than = {file.number: sum(_is_later_list(file, other) for other in files) for file in files}
    return sorted(later_than, key=lambda number: (later_than[number], number))


def _is_later_list(one: CountedFile, other: CountedFile) -> bool:
    """By 制表时间 where both state one, with its hour where both state that; else by the path."""
    if one.made_on and other.made_on and one.made_on != other.made_on:
        return one.made_on > other.made_on
    if one.made_at and other.made_at and one.made_at != other.made_at:
        return one.made_at > other.made_at
    return one.number > other.number


def _adds(lines: list[tuple[Paid, bool]], standing: list[tuple[Paid, bool]]) -> bool:
    """Whether a list holds only lines (by ID and amount) that were in the standing one and no success there."""
    were, succeeded = {paid for paid, _ in standing}, {paid for paid, is_success in standing if is_success}
    return all(None not in paid and paid in were and paid not in succeeded for paid, _ in lines)


def _paid_to(row: LineRow) -> Paid:
    return row.identity.text, row.amount_fen


def _is_success(row: LineRow) -> bool:
    return row.outcome.outcome == SUCCESS
