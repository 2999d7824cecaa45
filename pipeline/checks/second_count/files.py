"""The landed files of the year as this count has them: their order, their dates, and their rows by what became of them.

What becomes of files and rows is decided in ``fates``.
"""

import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from pipeline.checks.second_count.divisions import UNKNOWN
from pipeline.checks.second_count.facts import READ, FileFacts
from pipeline.checks.second_count.row_types import LineRow

R = TypeVar("R")
Table = list[Any]

SNAPSHOTS = ("poverty_roll", "category_rolls")
_EIGHT_DIGITS = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])")
_SUFFIX = re.compile(r"\.(?=[0-9]*[A-Za-z])[0-9A-Za-z]{1,5}$")


@dataclass
class CountedFile:
    """A landed file, with its rows by what became of them.

    Attributes:
        number: its place among the files of the year, from 1.
        name_date: the date in its name; only snapshots have one.
        stated_date: the date that its content or name states.
        made_at: 制表时间 with its hour, where it states one.
        tables: the rows of each of its tables.
        rows: all of them.
    """

    facts: FileFacts
    number: int
    status: str
    name_date: date | None = None
    stated_date: date | None = None
    file_date: date | None = None
    made_on: date | None = None
    made_at: tuple[date, int, int, int] | None = None
    tables: list[Table] = field(default_factory=list)
    rows: Table = field(default_factory=list)
    accepted: list[Any] = field(default_factory=list)
    quarantined: list[Any] = field(default_factory=list)
    dropped: list[Any] = field(default_factory=list)
    later: list[Any] = field(default_factory=list)

    @property
    def is_read(self) -> bool:
        """Whether its rows count."""
        return self.status == READ


def names_unknown_township(file: CountedFile) -> bool:
    """Whether an accepted row of a list of the bank names a township that nobody knows."""
    return file.facts.source == "bank_returns" and any(row.township_code == UNKNOWN for row in file.accepted)


class AllRows:
    """Gives all rows of files; where the rows of the year are counted in parts, a file holds only some of its own."""

    def parts_of(self, file: CountedFile) -> Iterable[Table]:
        """All rows of a file, part by part."""
        return [file.rows]

    def count_of(self, file: CountedFile) -> int:
        """How many there are."""
        return len(file.rows)


@dataclass
class Files:
    """The files of the year in their order, and the rows that are used.

    Attributes:
        id_texts: the IDs of all rows.
        withdrawn: successes of replaced lists of whose ID and amount the standing lists have no line at all.
    """

    all: list[CountedFile]
    as_of: date | None
    id_texts: set[str]
    withdrawn: list[LineRow]

    def read(self, source: str) -> list[CountedFile]:
        """The files of a folder that are read."""
        return [file for file in self.all if file.facts.source == source and file.is_read]

    def accepted(self, row_type: type[R], source: str) -> list[R]:
        """The accepted rows of a folder."""
        rows: list[R] = []
        for file in self.read(source):
            rows += file.accepted
        return rows

    def quarantined(self, row_type: type[R], source: str) -> list[R]:
        """The quarantined rows of a folder."""
        return [row for file in self.read(source) for row in file.quarantined]

    def file_of(self, row: Any) -> CountedFile:
        """The file of a row."""
        return self.all[row.place[0] - 1]


def path_order(file_name: str) -> tuple[Hashable, ...]:
    """The order of paths: without the suffix, then by suffix; digits as numbers, all else by code point."""
    suffix = _SUFFIX.search(file_name)
    stem = file_name[: suffix.start()] if suffix else file_name
    return _tokens(stem), _tokens(suffix[0] if suffix else ""), file_name


def _tokens(text: str) -> tuple[tuple[int, int], ...]:
    """Characters by code point; a run of digits stands where its first digit would, by its number."""
    runs = re.findall(r"[0-9]+|[^0-9]", text, re.DOTALL)
    return tuple((ord("0"), int(run)) if run[0] in "0123456789" else (ord(run), 0) for run in runs)


def date_in_name(file_name: str) -> date | None:
    """The first run of exactly eight digits in a name that is a date."""
    for run in _EIGHT_DIGITS.findall(file_name):
        try:
            return date(int(run[:4]), int(run[4:6]), int(run[6:]))
        except ValueError:
            continue
    return None
