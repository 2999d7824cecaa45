"""Workbooks: every sheet as texts, with what is needed to tell numbers from texts and to fill merged cells.

Cells are read as text by calamine (through fastexcel), dates as ``2019-03-15 00:00:00``, whole numbers without decimals,
formula cells as the value that is stored. What the cells mean is told by ``header`` and ``rows``.
"""

import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import fastexcel
import polars as pl

from pipeline.landing.amounts import SHOWN_DIGITS, shown_digits
from pipeline.landing.cell_units import with_units
from pipeline.landing.merged_cells import fill_merged
from pipeline.landing.refusals import Refusal
from pipeline.landing.sheet_xml import (
    MergedRange,
    cell_area,
    cell_units,
    hidden_rows,
    holds_only_texts,
    literal_formulas,
    merged_ranges,
    struck_cells,
)
from pipeline.landing.tables import CELL_SEPARATOR, CONTROLS, cell_column, number_column
from pipeline.landing.workbook_parts import ESCAPED_CONTROL, SheetParts, damaged_workbook
from pipeline.landing.xls_parts import XlsParts, xls_counts_from_1904, xls_parts

_PASSWORD = "工作簿设有密码,无法读取。请取消密码后重新报送。"
# A sheet takes memory for every cell up to its last row and last column: a full sheet of 27 columns fits.
MOST_CELLS = 30_000_000
MOST_COLUMNS = 1_000
_FAR_AWAY = "在很远的行或列有多余的单元格,无法读取。请删除表格右边和下面多余的行列,保存后重新报送。"

# The words of failed formulas, by calamine's names for them.
ERROR_WORDS = {
    "NA": "#N/A",
    "Div0": "#DIV/0!",
    "Ref": "#REF!",
    "Name": "#NAME?",
    "Num": "#NUM!",
    "Null": "#NULL!",
    "Value": "#VALUE!",
}

# calamine and fastexcel report odd cells and sheets to their loggers.
for _name in ("calamine", "fastexcel"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)

# What a native reader says where it gets no memory or no thread: that is no damage of the workbook.
_NO_MEMORY = re.compile(
    r"out of memory|cannot allocate|resource temporarily unavailable|failed to spawn thread", re.IGNORECASE
)
# A number of more digits than a spreadsheet holds.
_LONG_NUMBER = re.compile(rf"[0-9]{{{SHOWN_DIGITS + 1},}}(?:\.0*)?|[0-9.]+[eE]\+?[0-9]+")

Result = TypeVar("Result")


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Attributes:
        frame: a row a sheet row, from row 1; a text column `cell_<index>` a sheet column, from column A.
        merged: the merged ranges.
    """

    name: str
    frame: pl.DataFrame
    merged: list[MergedRange]
    _xml: bytes = field(repr=False)
    _reader: fastexcel.ExcelReader = field(repr=False)
    _hidden: frozenset[int] = frozenset()
    _struck_cells: Counter[int] = field(default_factory=Counter)

    def head(self, row_count: int) -> list[list[str]]:
        """The cells of the first rows."""
        return [list(row) for row in self.frame.head(row_count).fill_null("").iter_rows()]

    def without_lost_digits(self, rows: Sequence[Sequence[str]]) -> list[list[str]]:
        """The first rows, without the numbers that are too long for a numeric cell: nobody knows their last digits."""
        long = {index for row in rows for index, cell in enumerate(row) if _LONG_NUMBER.fullmatch(cell)}
        flags = self.number_cells(sorted(long)) if long else pl.DataFrame()
        lost = {
            (place, index) for index in long for place in flags[cell_column(index)].head(len(rows)).arg_true().to_list()
        }
        return [
            ["" if (place, index) in lost and _LONG_NUMBER.fullmatch(cell) else cell for index, cell in enumerate(row)]
            for place, row in enumerate(rows)
        ]

    @cached_property
    def has_formula_texts(self) -> bool:
        """Whether a text may be written as a formula (``="5301…"``)."""
        found: bool | None = self.frame.select(pl.any_horizontal(pl.all().str.starts_with('="').any())).item()
        return bool(found)

    def hidden_rows(self) -> frozenset[int]:
        """The numbers of the rows that are hidden, or of whose filled cells at least half are struck through."""
        filled = {
            row: sum(1 for cell in self.frame.row(row - 1) if cell)
            for row in self._struck_cells
            if row <= len(self.frame)
        }
        return self._hidden | {row for row, count in filled.items() if 0 < count <= 2 * self._struck_cells[row]}

    def batch(self, indices: Sequence[int], numbers: Sequence[int], amounts: Sequence[int]) -> pl.DataFrame:
        """All rows, in the shape that ``tables`` describes.

        Args:
            indices: the wanted columns; their merged cells are filled.
            numbers: the columns for which it matters whether a cell holds a number.
            amounts: the columns of amounts, whose numbers are rounded to the digits that a spreadsheet holds.
        """
        long = [index for index in amounts if self._has_long_decimals(index)]
        is_number = self.number_cells(sorted({*numbers, *long}))
        frame = self.frame.with_columns(
            shown_digits(self.frame[cell_column(index)], is_number[cell_column(index)]) for index in long
        )
        row_text = pl.concat_str(pl.all().fill_null(""), separator=CELL_SEPARATOR).alias("row_text")
        flags = [is_number[cell_column(index)].alias(number_column(index)) for index in numbers]
        filled = fill_merged(frame.with_columns(flags), self.merged, indices, numbers)
        return filled.select(
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("row_number"),
            _without_error_words(frame).select(row_text)["row_text"],
            pl.lit(None, pl.Int32).alias("cell_count"),
            pl.lit(value=False).alias("has_excess"),
            *(cell_column(index) for index in indices),
            *(number_column(index) for index in numbers),
        )

    def number_cells(self, indices: Sequence[int]) -> pl.DataFrame:
        """Which cells hold numbers: a boolean column `cell_<index>` a wanted column, a row a sheet row.

        A column that may hold numbers is read a second time as booleans: a number gives a value, a text gives null.
        """
        filled = {index: len(self.frame) - self.frame[cell_column(index)].null_count() for index in indices}
        unknown = [index for index in indices if not holds_only_texts(self._xml, index, filled[index])]
        no_number = pl.repeat(value=False, n=len(self.frame), eager=True)
        texts = [no_number.alias(cell_column(index)) for index in indices if index not in unknown]
        read = _load_numbers(self._reader, self.name, unknown) if unknown else []
        above = no_number.head(len(self.frame) - len(read[0])) if read else no_number
        return pl.DataFrame([*(above.alias(column.name).append(column) for column in read), *texts])

    def _has_long_decimals(self, index: int) -> bool:
        """Whether a column has decimals of more digits than a spreadsheet holds, as floats have."""
        text = pl.col(cell_column(index))
        is_long = (text.str.len_chars() > SHOWN_DIGITS) & text.str.contains(".", literal=True)
        return bool(self.frame.select(is_long.any()).item())


class Workbook:
    """An opened workbook.

    Raises:
        Refusal: it is damaged or protected by a password.
    """

    def __init__(self, content: bytes, kind: str) -> None:
        xls = xls_parts(content) if kind == "xls" else XlsParts()
        if xls.is_encrypted:
            raise Refusal("password_protected", _PASSWORD)
        self._parts = SheetParts(content) if kind == "xlsx" else None
        self._xls = xls
        self._struck_styles = self._parts.struck_styles() if self._parts else frozenset()
        self._struck_texts = self._parts.struck_texts() if self._parts else frozenset()
        self._style_units = self._parts.style_units() if self._parts else {}
        self._reader = _guarded(lambda: fastexcel.read_excel(content))
        self.sheet_names: list[str] = self._reader.sheet_names
        self.counts_from_1904 = self._parts.counts_from_1904() if self._parts else xls_counts_from_1904(content)

    def sheet(self, name: str) -> Sheet:
        """Read a sheet whole, hidden or not."""
        xml = self._parts.xml(name) if self._parts else b""
        if cell_area(xml) > MOST_CELLS:
            raise Refusal("cells_far_away", f"工作表“{name}”{_FAR_AWAY}")
        frame = _with_literal_formulas(_load_texts(self._reader, name), xml)
        frame = with_units(frame, cell_units(xml, self._style_units) if xml else self._xls.units.get(name, []))
        if self._parts is None or self._parts.may_have_controls or ESCAPED_CONTROL in xml:
            frame = _without_controls(frame)
        width = max((int(column.removeprefix("cell_")) + 1 for column in frame.columns), default=0)
        if width > MOST_COLUMNS:
            raise Refusal("cells_far_away", f"工作表“{name}”{_FAR_AWAY}")
        names = [cell_column(index) for index in range(width)]
        whole = frame.select(
            pl.col(each) if each in frame.columns else pl.lit(None, pl.String).alias(each) for each in names
        )
        merged = merged_ranges(xml) if xml else self._xls.merged.get(name, [])
        hidden = hidden_rows(xml) if xml else self._xls.hidden.get(name, set())
        struck = (
            struck_cells(xml, self._struck_styles, self._struck_texts) if xml else self._xls.struck.get(name, Counter())
        )
        return Sheet(name, whole, merged, xml, self._reader, frozenset(hidden), struck)


def _with_literal_formulas(frame: pl.DataFrame, xml: bytes) -> pl.DataFrame:
    """The texts, with those that a formula states outright where its program stored no value of it."""
    columns: dict[str, list[tuple[int, str]]] = {}
    for row, column, text in literal_formulas(xml):
        if cell_column(column) in frame.columns and row <= len(frame):
            columns.setdefault(cell_column(column), []).append((row - 1, text))
    return frame.with_columns(
        frame[name].scatter([row for row, _ in cells], pl.Series([text for _, text in cells]))
        for name, cells in columns.items()
    )


def _without_controls(frame: pl.DataFrame) -> pl.DataFrame:
    """The texts without control characters, of which one sets cells apart in a row's text."""
    is_there = frame.select(pl.all().str.contains(CONTROLS).any())
    found = [name for name in frame.columns if is_there[name].item()]
    return frame.with_columns(pl.col(name).str.replace_all(CONTROLS, "") for name in found)


def _load_texts(reader: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    """The texts of a sheet; a cell of an error has the error's word, as in a text file that is saved from the sheet."""

    def read() -> pl.DataFrame:
        sheet = reader.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        batch, errors = sheet.to_arrow_with_errors()
        frame = pl.DataFrame(pl.from_arrow(batch))
        frame.columns = [cell_column(each.absolute_index) for each in sheet.selected_columns]
        words: dict[int, list[tuple[int, str]]] = {}
        for error in errors.errors if errors else ():
            row, column = error.position
            words.setdefault(column, []).append((row, _error_word(error.detail)))
        filled = [
            frame.to_series(column).scatter([row for row, _ in cells], pl.Series([word for _, word in cells]))
            for column, cells in words.items()
        ]
        return frame.with_columns(filled)

    return _guarded(read)


def _without_error_words(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without failed formulas: a row of nothing else is blank, as they are often filled in far below the rows."""
    words = list(ERROR_WORDS.values())
    has_failed = frame.select(pl.all().str.starts_with("#").any())
    failed = [name for name in frame.columns if has_failed[name].item()]
    return frame.with_columns(pl.when(~pl.col(name).is_in(words)).then(pl.col(name)).alias(name) for name in failed)


def _error_word(detail: str) -> str:
    """The word that a spreadsheet shows, from what fastexcel says of a cell: ``Expected string but got 'Error(NA)'``."""
    return next((word for kind, word in ERROR_WORDS.items() if f"({kind})" in detail), ERROR_WORDS["Value"])


def _load_numbers(reader: fastexcel.ExcelReader, name: str, columns: list[int]) -> list[pl.Series]:
    """Whether each cell of the columns holds a number, from the first row of the sheet on in which any cell is filled.

    Asking for the blank rows above it, as for the texts, would take three times as long.
    """

    def read() -> list[pl.Series]:
        sheet = reader.load_sheet(name, header_row=None, dtypes="boolean", use_columns=columns)
        names = [cell_column(each.absolute_index) for each in sheet.selected_columns]
        return [column.is_not_null().alias(name) for column, name in zip(sheet.to_polars(), names, strict=True)]

    return _guarded(read)


def _guarded(read: Callable[[], Result]) -> Result:
    """Turn whatever a damaged workbook makes calamine do, panics included, into a refusal."""
    try:
        return read()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # noqa: BLE001 - a panic of calamine is no Exception
        if _NO_MEMORY.search(str(error)):
            raise MemoryError from None
        if "password" in str(error).lower():
            raise Refusal("password_protected", _PASSWORD) from None
        raise damaged_workbook() from None
