"""The unit of money that the number format of a cell shows behind its number: ``0.00"万元"`` makes of 0.05 what reads 0.05万元.

A spreadsheet keeps the number apart from its format, and the reader sees both. Which cells have which format is told by
``workbook_parts`` and ``xls_parts``.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from pipeline.landing.amounts import shown_digits
from pipeline.landing.tables import cell_column

_PLACEHOLDER = re.compile(r"[0#?]")
_QUOTED = re.compile(r'"([^"]*)"|[\\!](.)')
_OF_DATES = re.compile(r"[ymdhs]", re.IGNORECASE)
_CONDITION = re.compile(r"\[[^\]]*\]")
# A comma behind the last digit divides what is shown, so the number itself is not in the unit that stands behind it.
_DIVIDED = re.compile(r"[0#?],+(?![0#?,])")
_UNIT = re.compile(r"(?:人民币)?((?:[十百千]?万|[十百千亿])?元|分|角|[十百千]?万|[百千亿])整?")
_NUMBER = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"


class CellUnit(NamedTuple):
    """A cell, its row from 1 and its column from 0, and the unit that its format shows."""

    row: int
    column: int
    unit: str


def unit_of_format(code: str) -> str | None:
    """The unit behind the number in a format, one in which no amount is reckoned too; null where it shows none."""
    shown = _CONDITION.sub("", code.partition(";")[0])
    if _OF_DATES.search(_QUOTED.sub("", shown)) or _DIVIDED.search(_QUOTED.sub("", shown)):
        return None
    digits = list(_PLACEHOLDER.finditer(shown))
    if not digits:
        return None
    behind = _QUOTED.sub(r"\1\2", shown[digits[-1].end() :]).replace("_", "").strip()
    unit = _UNIT.fullmatch(behind)
    if unit is None:
        return None
    return unit.group(1) if unit.group(1)[-1:] in "元分角" else f"{unit.group(1)}元"


def units_of_styles(formats: Mapping[int, str], styles: list[int]) -> dict[int, str]:
    """By the number of a cell style the unit that its format shows.

    Args:
        formats: the formats by their numbers.
        styles: the number of each style's format.
    """
    units = {number: unit for number, code in formats.items() if (unit := unit_of_format(code))}
    return {style: units[number] for style, number in enumerate(styles) if number in units}


def with_units(frame: pl.DataFrame, cells: list[CellUnit]) -> pl.DataFrame:
    """The texts of a sheet, with the unit behind each number whose format shows one."""
    by_column: dict[str, list[CellUnit]] = {}
    for cell in cells:
        name = cell_column(cell.column)
        if name in frame.columns and cell.row <= len(frame):
            by_column.setdefault(name, []).append(cell)
    return frame.with_columns(_with_units(frame[name], found) for name, found in by_column.items())


def _with_units(column: pl.Series, cells: list[CellUnit]) -> pl.Series:
    rows = [cell.row - 1 for cell in cells]
    texts = column.gather(rows)
    is_number = texts.str.contains(_NUMBER).fill_null(value=False)
    units = pl.Series([cell.unit for cell in cells], dtype=pl.String)
    numbers = shown_digits(texts, is_number)
    return column.clone().scatter(
        rows, pl.select(pl.when(is_number).then(numbers + units).otherwise(texts)).to_series()
    )
