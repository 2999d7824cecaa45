"""What the sheets of all workbooks share: cell formats, titles, pages, and how a frame becomes rows.

Which columns and figures a sheet shows is told by its own module.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl
import xlsxwriter

from pipeline.reports.workbooks.files import as_cell_texts

_A4 = 9
_HEADER_COLOUR = "#DDEBF7"
_REPLY_COLOUR = "#FFF9DB"
_TEXT = "@"
_DATE = "yyyy-mm-dd"
# Of a column's width, what wrapping wastes; of a row's height, a line and what is around them.
_MARGIN = 2
_LINE_HEIGHT = 16
_LINE_GAP = 7
_CELL = {"border": 1, "valign": "vcenter"}
# The list of mismatches is shrunk to the width of a page, and is still to be read: 8 points or more on paper.
_LIST_SIZE, _BASE_SIZE = 12.5, 10
_LIST = {"font_size": _LIST_SIZE, **_CELL}
_TITLE = {"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"}
_NOTE = {"font_size": 9, "text_wrap": True, "valign": "vcenter"}
_HEADER = {"bold": True, "align": "center", "text_wrap": True, "bg_color": _HEADER_COLOUR, **_LIST}
_REPLY = {"locked": False, "text_wrap": True, "bg_color": _REPLY_COLOUR, **_LIST}
_PROPERTIES: dict[str, dict[str, Any]] = {
    "title": _TITLE,
    "section": {"bold": True, "font_size": 11, "valign": "vcenter"},
    "note": _NOTE,
    "list_note": {**_NOTE, "font_size": _LIST_SIZE},
    "header": _HEADER,
    # A cover is printed as it is, and what belongs together stays on its page.
    "cover_header": {**_HEADER, "font_size": _BASE_SIZE},
    "label": {"indent": 1, **_CELL},
    "text_label": {"indent": 1, "num_format": _TEXT, **_CELL},
    "wrapped": {"num_format": _TEXT, "text_wrap": True, **_LIST},
    "count": {"num_format": "#,##0", "align": "right", "indent": 1, **_CELL},
    "amount": {"num_format": "#,##0.00", "align": "right", "indent": 1, **_CELL},
    "amount_cell": {"num_format": "#,##0.00", "align": "right", **_LIST},
    "number_cell": {"num_format": "0", "align": "right", **_LIST},
    "figure": {"align": "right", "indent": 1, **_CELL},
    "date_cell": {"num_format": _DATE, "align": "center", **_LIST},
    # Rows by the thousand carry their column's format or none, and the printed grid instead of borders. Texts of files need one:
    # whoever opens such a cell and closes it again must not turn it into a number or a formula.
    "text": {"num_format": _TEXT},
    "date": {"num_format": _DATE},
    "money": {"num_format": "#,##0.00"},
    "total": {"bold": True, "num_format": _TEXT, "top": 1, "bottom": 1},
    "total_money": {"bold": True, "num_format": "#,##0.00", "top": 1, "bottom": 1},
    "reply": {"num_format": _TEXT, **_REPLY},
    "reply_date": {"num_format": _DATE, "align": "center", **_REPLY},
}


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: its title, the frame's column, its width in half-width characters, and its style."""

    title: str
    name: str
    width: float
    style: str


class Styles:
    """The cell formats of one workbook, by name."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._formats = {name: workbook.add_format(properties) for name, properties in _PROPERTIES.items()}

    def __getitem__(self, name: str) -> Any:
        """The format of a name."""
        return self._formats[name]


def set_page(worksheet: Any, *, is_landscape: bool, header_row: int | None = None) -> None:
    """A4, as wide as the sheet, with page numbers; the header repeated on each page where there is one."""
    worksheet.set_paper(_A4)
    if is_landscape:
        worksheet.set_landscape()
    worksheet.set_margins(left=0.3, right=0.3, top=0.5, bottom=0.6)
    worksheet.center_horizontally()
    worksheet.set_footer("&C第 &P 页，共 &N 页")
    worksheet.fit_to_pages(1, 0)
    if header_row is not None:
        worksheet.repeat_rows(header_row)
        worksheet.freeze_panes(header_row + 1, 0)


def write_title(worksheet: Any, styles: Styles, row: int, last_column: int, text: str) -> None:
    """The title of a sheet, over all its columns."""
    worksheet.set_row(row, 30)
    worksheet.merge_range(row, 0, row, last_column, text, styles["title"])


def write_note(
    worksheet: Any, styles: Styles, row: int, last_column: int, text: str, height: float = 15, style: str = "note"
) -> None:
    """A note, over all columns."""
    worksheet.set_row(row, height)
    worksheet.merge_range(row, 0, row, last_column, text, styles[style])


def write_header(
    worksheet: Any, styles: Styles, row: int, titles: Iterable[str], height: float = 30, style: str = "header"
) -> None:
    """The header row."""
    worksheet.set_row(row, height)
    for index, title in enumerate(titles):
        worksheet.write_string(row, index, title, styles[style])


def write_rows(worksheet: Any, first_row: int, frame: pl.DataFrame, formats: list[Any]) -> None:
    """The rows of a frame of texts and numbers, each column with its format.

    A format of null leaves the cells to the format of their column. A null is a blank cell where there is a format.
    """
    ready = as_cell_texts(frame).cast({pl.Decimal: pl.Float64})
    writers = [
        (index, worksheet.write_string if dtype == pl.String else worksheet.write_number, formats[index])
        for index, dtype in enumerate(ready.dtypes)
    ]
    for row_number, row in enumerate(ready.iter_rows(), start=first_row):
        for (index, write, cell_format), value in zip(writers, row, strict=True):
            if value is not None:
                write(row_number, index, value, cell_format)
            elif cell_format is not None:
                worksheet.write_blank(row_number, index, None, cell_format)


def row_heights(frame: pl.DataFrame, columns: tuple[SheetColumn, ...]) -> list[float]:
    """The height, in points, that each row needs when its texts are wrapped in their columns."""
    lines = [
        (_text_width(column.name) / (column.width * _BASE_SIZE / _LIST_SIZE - _MARGIN)).ceil()
        for column in columns
        if column.style == "wrapped"
    ]
    return frame.select(pl.max_horizontal(lines).clip(1) * _LINE_HEIGHT + _LINE_GAP).to_series().to_list()


def _text_width(name: str) -> pl.Expr:
    """The width of a text in half-width characters: a Chinese character has three bytes and takes two."""
    text = pl.col(name).cast(pl.String)
    return (text.str.len_chars() + (text.str.len_bytes() - text.str.len_chars()) / 2).fill_null(0)


def serial_date(name: str) -> pl.Expr:
    """A date as the number by which spreadsheets count days."""
    return (pl.col(name) - pl.date(1899, 12, 30)).dt.total_days().alias(name)
