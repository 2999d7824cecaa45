"""What adds up over the rows of a file: how many became what, and what they give of the totals that it states."""

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from pipeline.checks.second_count.controls import Sum, is_plain, states_totals, sums_of
from pipeline.checks.second_count.files import CountedFile, names_unknown_township

FATES = ("rows_accepted", "rows_quarantined", "rows_dropped", "rows_later")
WordKey = tuple[str, str, str]
"""A file, a vocabulary, and a word that nobody knows."""

WordRows = tuple[int, int | None, int]
"""How many rows have a word, their fen where any states some, and the first of their row numbers."""


@dataclass
class FileCounts:
    """How many of a file's rows became what, and what they give of the totals that it states.

    Attributes:
        rows: how many were accepted, quarantined, dropped, and are later.
        tables: of each table the sums of all rows, of the successes and of the failures, where the file states totals.
        are_plain: whether every row can be checked against them.
        names_unknown_township: whether an accepted row does.
    """

    file: CountedFile
    rows: list[int] = field(default_factory=lambda: [0] * len(FATES))
    tables: list[list[Sum]] = field(default_factory=list)
    are_plain: bool = True
    names_unknown_township: bool = False

    def add(self, file: CountedFile) -> None:
        """Add rows of the file."""
        self.rows = [known + len(rows) for known, rows in zip(self.rows, _fates(file), strict=True)]
        self.names_unknown_township |= names_unknown_township(file)
        if states_totals(file.facts):
            self.are_plain &= all(map(is_plain, file.rows))
            sums = [sums_of(rows) for rows in file.tables]
            self.tables = [
                [(one[0] + other[0], one[1] + other[1]) for one, other in zip(known, found, strict=True)]
                for known, found in zip_longest(self.tables, sums, fillvalue=[(0, 0)] * 3)
            ]


def _fates(file: CountedFile) -> tuple[list[Any], ...]:
    return file.accepted, file.quarantined, file.dropped, file.later
