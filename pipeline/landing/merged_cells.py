"""Merged cells of data rows: each has the value of the range's first cell."""

from collections.abc import Callable, Sequence

import polars as pl

from pipeline.landing.sheet_xml import MergedRange
from pipeline.landing.tables import cell_column, number_column


def fill_merged(
    frame: pl.DataFrame, merged: Sequence[MergedRange], indices: Sequence[int], numbers: Sequence[int]
) -> pl.DataFrame:
    """Fill merged cells of a frame that has a row a sheet row, from row 1.

    Args:
        indices: the columns whose cells are filled.
        numbers: the columns whose number flags are filled.
    """
    cells = [_filled(frame, merged, index, cell_column) for index in indices]
    flags = [_filled(frame, merged, index, number_column) for index in numbers]
    return frame.with_columns(column for column in (*cells, *flags) if column is not None)


def _filled(
    frame: pl.DataFrame, merged: Sequence[MergedRange], index: int, column_name: Callable[[int], str]
) -> pl.Series | None:
    rows: list[int] = []
    sources: list[tuple[str, int]] = []
    for area in merged:
        source = column_name(area.first_column)
        if area.first_column <= index <= area.last_column and area.first_row <= len(frame) and source in frame.columns:
            count = min(area.last_row, len(frame)) - area.first_row + 1
            rows += range(area.first_row - 1, area.first_row - 1 + count)
            sources += [(source, area.first_row - 1)] * count
    if not rows:
        return None
    column = frame[column_name(index)]
    values = pl.Series([frame[source][row] for source, row in sources], dtype=column.dtype)
    return column.clone().scatter(rows, values)
