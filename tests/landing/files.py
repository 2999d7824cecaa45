"""Writes small tables as the files that offices send, and lands them."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import openpyxl
import polars as pl
import xlsxwriter
import xlwt

from pipeline.landing import Landing, Layouts, land_year, load_layouts
from tests.deep import IS_DEEP

YEAR = 2019
Cell = str | int | float | bool | None
Table = Sequence[Sequence[Cell]]


def xlsx(
    table: Table, *, merged: Sequence[str] = (), sheet: str = "数据", stray: tuple[int, int] | None = None
) -> bytes:
    """A workbook of one sheet, written by openpyxl; `stray` is the row and column of a blank far from the table."""
    return xlsx_sheets({sheet: table}, merged={sheet: merged}, stray=stray)


def xlsx_sheets(
    sheets: Mapping[str, Table],
    *,
    merged: Mapping[str, Sequence[str]] | None = None,
    hidden: Sequence[str] = (),
    stray: tuple[int, int] | None = None,
) -> bytes:
    """A workbook of several sheets, written by openpyxl."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, table in sheets.items():
        sheet = book.create_sheet(name)
        for row in table:
            sheet.append(list(row))
        for area in (merged or {}).get(name, ()):
            sheet.merge_cells(area)
        if stray:
            sheet.cell(*stray).value = " "
        if name in hidden:
            sheet.sheet_state = "hidden"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xlsxwriter_xlsx(table: Table) -> bytes:
    """A workbook of one sheet, written by xlsxwriter."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("数据")
    for row_index, row in enumerate(table):
        for column_index, cell in enumerate(row):
            if cell is not None:
                sheet.write(row_index, column_index, cell)
    book.close()
    return stream.getvalue()


def xls(table: Table, *, merged: Sequence[tuple[int, int, int, int]] = (), sheet: str = "数据") -> bytes:
    """A workbook of one sheet in the old format, written by xlwt; merged ranges as first row, last row, first and last column."""
    book = xlwt.Workbook()
    page = book.add_sheet(sheet)
    for row_index, row in enumerate(table):
        for column_index, cell in enumerate(row):
            if cell is not None:
                page.write(row_index, column_index, cell)
    for area in merged:
        page.merge(*area)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def text(table: Table, *, delimiter: str = ",", newline: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    """Delimited text."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline, quoting=quoting)
    writer.writerows([["" if cell is None else cell for cell in row] for row in table])
    return stream.getvalue()


def as_every_kind(table: Table) -> dict[str, bytes | str]:
    """A table as each kind of file, by the file's name."""
    return {"a.xlsx": xlsx(table), "a.xls": xls(table), "a.csv": text(table)}


def as_files(table: Table) -> dict[str, bytes | str]:
    """A table as one kind of file, which its cells decide, so that many tables are all kinds; in `make test-deep` as each."""
    files = as_every_kind(table)
    return files if IS_DEEP else dict([list(files.items())[crc32(repr(table).encode()) % len(files)]])


def land(folder: Path, files: Mapping[str, bytes | str], *, layouts: Layouts | None = None) -> Landing:
    """Put files under raw/2019 and land them."""
    for name, content in files.items():
        path = folder / "raw" / str(YEAR) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return land_year(folder / "raw", YEAR, layouts or _package_layouts(), folder / "cache")


@cache
def _package_layouts() -> Layouts:
    return load_layouts()


def only_file(landing: Landing) -> dict[str, object]:
    """The one file of a landing."""
    return landing.files.row(0, named=True)


def typed_rows(landing: Landing, source: str) -> pl.DataFrame:
    """All rows of a source, in order of file and row."""
    return pl.concat(
        [pl.read_parquet(file.parquet).with_columns(file_name=pl.lit(file.file_name)) for file in landing.rows(source)]
    )


def read(folder: Path, file_name: str, content: bytes | str) -> tuple[dict[str, object], list[dict[str, object]]]:
    """Land one file: what is said of it, and its rows; no rows of a file that is not read."""
    landing = land(folder, {file_name: content})
    file = only_file(landing)
    return file, typed_rows(landing, str(file["source"])).to_dicts() if file["status"] == "read" else []


def column(rows: Sequence[Mapping[str, object]], name: str) -> list[object]:
    """One column of rows."""
    return [row[name] for row in rows]
