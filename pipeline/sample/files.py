"""Files as they are planned: cells from top to bottom, form, and what must become of each file and its rows.

Nothing is written here (see `writers.py`), and nothing is said of what stands in the files of a source.
"""

from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

import polars as pl

Cells = list[str | None]
Status = Literal["read", "refused", "same_bytes", "same_rows", "replaced", "skipped"]

MARK = "模拟数据"
"""Stands in the name of every file of the sample."""


@dataclass(frozen=True)
class Table:
    """One sheet or text file: lines above the header, header, rows of text, lines below.

    `header` null stands for the columns' names; an empty list for none. Cells of `number_columns` that look like
    numbers, and those of `number_cells` (column to positions), are numbers in a workbook; in `date_columns` the latter
    are shown as dates. In a workbook the rows at `hidden_rows` (from 0) are hidden, those at `struck_rows` struck
    through. `merges` are merged ranges (first row, first column, last row, last column, from 0) of the lines
    above the rows.
    """

    rows: pl.DataFrame
    preamble: list[Cells] = field(default_factory=list)
    header: list[Cells] | None = None
    footer: list[Cells] = field(default_factory=list)
    sheet: str = "Sheet1"
    is_hidden: bool = False
    number_columns: frozenset[str] = frozenset()
    number_cells: dict[str, list[int]] = field(default_factory=dict)
    date_columns: frozenset[str] = frozenset()
    merges: tuple[tuple[int, int, int, int], ...] = ()
    hidden_rows: tuple[int, ...] = ()
    struck_rows: tuple[int, ...] = ()

    @property
    def header_lines(self) -> list[Cells]:
        """The header as it is written."""
        return [list(self.rows.columns)] if self.header is None else self.header


@dataclass(frozen=True)
class PlannedFile:
    """A file below raw/<year>/<source>, with the counts that the plan gives its rows.

    `encoding` null stands for a workbook. `content`, where it is given, is what the file holds instead of its tables.
    `listed_as` is the folder that is listed in the place of the file, where that folder is no source.
    """

    source: str
    name: str
    tables: tuple[Table, ...]
    encoding: str | None = None
    delimiter: str = ","
    newline: str = "\n"
    quote_style: Literal["necessary", "always", "never"] = "necessary"
    has_final_newline: bool = True
    status: Status = "read"
    rows_read: int = 0
    rows_quarantined: int = 0
    rows_dropped: int = 0
    content: bytes | None = None
    listed_as: str | None = None

    @property
    def table(self) -> Table:
        """The table of a file that has only one."""
        return self.tables[0]

    @property
    def is_workbook(self) -> bool:
        """Whether it is a workbook, whatever its name says."""
        return self.encoding is None

    def with_table(self, table: Table) -> "PlannedFile":
        """The same file with another first table."""
        return replace(self, tables=(table, *self.tables[1:]))


def text_file(source: str, name: str, table: Table, **form: object) -> PlannedFile:
    """A text file in UTF-8 with commas, unless the form says otherwise."""
    planned = PlannedFile(source, f"{source}/{name}", (table,), encoding="utf-8", rows_read=table.rows.height)
    return replace(planned, **form)  # type: ignore[arg-type]


def workbook(source: str, name: str, table: Table) -> PlannedFile:
    """A workbook of one sheet."""
    return PlannedFile(source, f"{source}/{name}", (table,), rows_read=table.rows.height)


def of_source(files: list[PlannedFile], source: str) -> list[PlannedFile]:
    """The files of one source, in the order of the list."""
    return [planned for planned in files if planned.source == source]


def exchanged(files: list[PlannedFile], old: PlannedFile, new: PlannedFile) -> list[PlannedFile]:
    """The files with one of them exchanged."""
    return [new if planned is old else planned for planned in files]


def renamed(planned: PlannedFile, addition: str, suffix: str | None = None) -> str:
    """The file's name with an addition before the suffix, which may be another."""
    path = PurePosixPath(planned.name)
    return str(path.with_name(f"{path.stem}{addition}{suffix or path.suffix}"))


def as_date(column: str) -> pl.Expr:
    """Dates as `2019-06-12`."""
    return pl.col(column).dt.strftime("%Y-%m-%d")


def as_yuan(column: str) -> pl.Expr:
    """Amounts as `100.00`."""
    return pl.col(column).cast(pl.Decimal(18, 2)).cast(pl.String)


def in_turn(column: str, words: dict[str, tuple[str, ...]], *, is_clean: bool) -> pl.Expr:
    """The words of each value, dealt out in turn to the rows that have it, or always the first; other values have none."""
    value = pl.col(column)
    turn = pl.int_range(pl.len()).over(column)
    spoken = pl.lit(None, pl.String)
    for meant, forms in words.items():
        said = pl.lit(forms[0]) if is_clean else pl.lit(pl.Series(forms)).gather(turn % len(forms))
        spoken = pl.when(value == meant).then(said).otherwise(spoken)
    return spoken


def as_count(column: str) -> pl.Expr:
    """Whole numbers as text."""
    return pl.col(column).cast(pl.Int64).cast(pl.String)
