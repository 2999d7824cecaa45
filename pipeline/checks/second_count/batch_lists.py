"""The lists of a batch of the bank, which replace one another or add to one another (inputs.md, Files that come again)."""

from collections import defaultdict

from pipeline.checks.second_count.file_content import township_of
from pipeline.checks.second_count.files import CountedFile
from pipeline.checks.second_count.outcomes import SUCCESS
from pipeline.checks.second_count.row_types import LineRow

ListKey = tuple[int, str | None, str | None]
"""A list of a batch: the number of its file, its batch number and its township."""


def mark_replaced(files: list[CountedFile]) -> tuple[set[ListKey], list[LineRow]]:
    """Decide which lists of each batch stand: the lists that don't, and the successes that were withdrawn with them."""
    lists: dict[tuple[str, str], dict[int, list[LineRow]]] = defaultdict(lambda: defaultdict(list))
    by_number = {file.number: file for file in files}
    for file in files:
        for row in file.rows:
            if row.document_no and (township := township_of(row)):
                lists[row.document_no, township][file.number].append(row)
    replaced: set[ListKey] = set()
    withdrawn: list[LineRow] = []
    for batch, of_batch in lists.items():
        standing: list[int] = []
        for number in _in_order([by_number[number] for number in of_batch]):
            if standing and not _adds(of_batch[number], [row for each in standing for row in of_batch[each]]):
                standing.clear()
            standing.append(number)
        known = {_paid_to(row) for number in standing for row in of_batch[number]}
        for number in of_batch.keys() - set(standing):
            replaced.add((number, *batch))
            withdrawn += [
                row for row in of_batch[number] if _is_success(row) and not row.faults and _paid_to(row) not in known
            ]
    for file in files:
        if file.rows and all(list_of(row) in replaced for row in file.rows):
            file.status = "replaced"
    return replaced, withdrawn


def list_of(row: LineRow) -> tuple[int, str | None, str | None]:
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


def _adds(rows: list[LineRow], standing: list[LineRow]) -> bool:
    """Whether a list holds only lines (by ID and amount) that were in the standing one and no success there."""
    were, succeeded = {_paid_to(row) for row in standing}, {_paid_to(row) for row in standing if _is_success(row)}
    return all(None not in _paid_to(row) and _paid_to(row) in were and _paid_to(row) not in succeeded for row in rows)


def _paid_to(row: LineRow) -> tuple[str | None, int | None]:
    return row.identity.text, row.amount_fen


def _is_success(row: LineRow) -> bool:
    return row.outcome.outcome == SUCCESS
