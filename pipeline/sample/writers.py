"""Writing planned files: text by Polars, workbooks by xlsxwriter. The same plan gives the same bytes."""

import re
from datetime import datetime
from io import BytesIO
from pathlib import Path

import polars as pl
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from pipeline.sample.files import MARK, Cells, PlannedFile, Table

NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")
LONGEST_NUMBER = 14
"""Digits beyond which a number in a line above or below the rows is text, like a batch number."""

CREATED = datetime(2020, 1, 1)


def write_file(folder: Path, planned: PlannedFile) -> None:
    """Write the file below `folder` (raw/<year>)."""
    path = folder / planned.name
    path.parent.mkdir(parents=True, exist_ok=True)
    if planned.content is not None:
        path.write_bytes(planned.content)
    elif planned.is_workbook:
        path.write_bytes(workbook_bytes(planned.tables))
    else:
        path.write_bytes(text_bytes(planned))


def text_bytes(planned: PlannedFile) -> bytes:
    """The bytes of a text file."""
    table = planned.table
    above = [*table.preamble, *table.header_lines]
    parts = [_lines(above, planned), _csv(table.rows, planned), _lines(table.footer, planned)]
    text = "".join(parts)
    if not planned.has_final_newline:
        text = text.removesuffix("\n")
    return text.replace("\n", planned.newline).encode(planned.encoding or "utf-8")


def _lines(lines: list[Cells], planned: PlannedFile) -> str:
    return "".join(planned.delimiter.join(cell or "" for cell in cells) + "\n" for cells in lines)


def _csv(rows: pl.DataFrame, planned: PlannedFile) -> str:
    return rows.write_csv(
        separator=planned.delimiter,
        include_header=False,
        quote_style=planned.quote_style,
    )


def workbook_bytes(tables: tuple[Table, ...]) -> bytes:
    """The bytes of a workbook."""
    content = BytesIO()
    options = {"in_memory": True, "strings_to_urls": False, "strings_to_formulas": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(content, options) as book:
        book.set_properties({"created": CREATED, "title": MARK})
        for table in tables:
            sheet = book.add_worksheet(table.sheet)
            if table.is_hidden:
                sheet.hide()
            _write_table(sheet, table, book.add_format({"num_format": "yyyy-mm-dd"}))
            _mark_rows(sheet, table, book.add_format({"font_strikeout": True}))
    return content.getvalue()


def _write_table(sheet: Worksheet, table: Table, date_format: Format) -> None:
    above = [*table.preamble, *table.header_lines]
    for row, cells in enumerate(above):
        _write_cells(sheet, row, cells)
    for first_row, first_column, last_row, last_column in table.merges:
        sheet.merge_range(first_row, first_column, last_row, last_column, above[first_row][first_column])
    for column, name in enumerate(table.rows.columns):
        _write_column(sheet, (len(above), column), table, name, date_format if name in table.date_columns else None)
    for row, cells in enumerate(table.footer, start=len(above) + table.rows.height):
        _write_cells(sheet, row, cells)


def _mark_rows(sheet: Worksheet, table: Table, struck: Format) -> None:
    """Hide rows; strike through every text cell of others."""
    first = len(table.preamble) + len(table.header_lines)
    for place in table.hidden_rows:
        sheet.set_row(first + place, None, None, {"hidden": True})
    for place in table.struck_rows:
        for column, cell in enumerate(table.rows.row(place)):
            if cell and table.rows.columns[column] not in table.number_columns | table.number_cells.keys():
                sheet.write_string(first + place, column, cell, struck)


def _write_cells(sheet: Worksheet, row: int, cells: Cells) -> None:
    for column, cell in enumerate(cells):
        if cell and cell.startswith("=SUM("):
            formula, _, value = cell.partition(";")
            sheet.write_formula(row, column, formula, None, float(value))
        elif cell and NUMBER.match(cell) and len(cell) <= LONGEST_NUMBER:
            sheet.write_number(row, column, float(cell))
        elif cell:
            sheet.write_string(row, column, cell)


def _write_column(
    sheet: Worksheet, corner: tuple[int, int], table: Table, name: str, number_format: Format | None
) -> None:
    first, column = corner
    is_number_column = name in table.number_columns
    numbers = set(table.number_cells.get(name, ()))
    for place, cell in enumerate(table.rows[name].to_list()):
        if not cell:
            continue
        if place in numbers:
            sheet.write_number(first + place, column, float(cell), number_format)
        elif is_number_column and NUMBER.match(cell):
            sheet.write_number(first + place, column, float(cell))
        else:
            sheet.write_string(first + place, column, cell)
