"""Bytes of a file: delimited text in any encoding, .xlsx and .xls workbooks."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime

import xlsxwriter
import xlwt

from .cells import Cell
from .grids import Grid
from .hand import Hand

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030")
DELIMITERS = (",", "\t", "|", ";")
LINE_ENDS = ("\n", "\r\n")


def text_bytes(lines: Sequence[str], hand: Hand) -> bytes:
    """Lines of text in some encoding, with some line ends, the last one perhaps missing."""
    text = hand.pick(LINE_ENDS).join([*lines, ""])
    if hand.chance(0.3):
        text = text.rstrip("\r\n")
    encoding = hand.pick(ENCODINGS)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode("gb18030")


def delimited_bytes(grid: Grid, hand: Hand) -> bytes:
    """A grid as delimited text."""
    buffer = io.StringIO()
    delimiter = hand.pick(DELIMITERS)
    if hand.chance(0.2):
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    else:
        writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    for line in grid.lines:
        writer.writerow(line)
    return text_bytes(buffer.getvalue().splitlines(), hand)


def xlsx_bytes(grids: Sequence[Grid], hand: Hand) -> bytes:
    """Grids as the sheets of an .xlsx workbook, some of them hidden."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"created": datetime(2019, 1, 1)})
        as_date = book.add_format({"num_format": "yyyy-mm-dd"})
        for index, grid in enumerate(grids):
            sheet = book.add_worksheet(grid.sheet)
            if index and hand.chance(0.2):
                sheet.hide()
            for top, left, bottom, right in grid.merged:
                sheet.merge_range(top, left, bottom, right, "")
            for row, line in enumerate(grid.lines):
                for column, cell in enumerate(line):
                    _write_xlsx_cell(sheet, row, column, cell, as_date)
    return buffer.getvalue()


def _write_xlsx_cell(
    sheet: "xlsxwriter.worksheet.Worksheet", row: int, column: int, cell: Cell, as_date: object
) -> None:
    if isinstance(cell, date):
        sheet.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), as_date)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif cell != "":
        sheet.write_string(row, column, cell)


def xls_bytes(grids: Sequence[Grid]) -> bytes:
    """Grids as the sheets of an .xls workbook."""
    book = xlwt.Workbook(encoding="utf-8")
    as_date = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for grid in grids:
        sheet = book.add_sheet(grid.sheet, cell_overwrite_ok=True)
        for top, left, bottom, right in grid.merged:
            sheet.merge(top, bottom, left, right)
        for row, line in enumerate(grid.lines):
            for column, cell in enumerate(line):
                if isinstance(cell, date):
                    sheet.write(row, column, cell, as_date)
                elif cell != "":
                    sheet.write(row, column, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
