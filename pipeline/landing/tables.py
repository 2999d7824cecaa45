"""The shape in which both readers hand over rows, before anything is known about their meaning.

A batch is a frame with `row_number` (as Excel or the text file counts it, from 1), `row_text` (all cells of the row, one
after the other), `cell_count` (null in workbooks), `has_excess` (text beyond the last column) and one text column per
wanted cell.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

CELL_SEPARATOR = "\x1f"
# Characters that no cell is meant to hold: 0x1A and NUL behind the last line, 0x1F between cells. Line ends and tabs stay.
CONTROLS = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
# A text that its writer made a formula of, so that a spreadsheet keeps its digits.
FORMULA_TEXT = r'^[\s\p{Cf}]*="(.*)"[\s\p{Cf}]*$'


class Record(NamedTuple):
    """The cells of one row, and its row number; in a text file the line on which it begins."""

    row_number: int
    cells: list[str]


def cell_column(index: int) -> str:
    """The name of the column that holds the cells at `index`, counted from 0."""
    return f"cell_{index}"


def number_column(index: int) -> str:
    """The name of the column that tells which cells at `index` hold numbers; only in batches of workbooks."""
    return f"number_{index}"


def without_formula_texts(batch: pl.DataFrame, indices: Sequence[int]) -> pl.DataFrame:
    """Texts that are written as formulas (``="5301…"``) as the texts that they stand for."""
    return batch.with_columns(pl.col(cell_column(index)).str.replace(FORMULA_TEXT, "$1") for index in indices)


def empty_batch(indices: Sequence[int]) -> pl.DataFrame:
    """A batch without rows."""
    return pl.DataFrame(
        schema={
            "row_number": pl.Int64,
            "row_text": pl.String,
            "cell_count": pl.Int32,
            "has_excess": pl.Boolean,
            **{cell_column(index): pl.String for index in indices},
        }
    )
