"""Writing planned files: text by Polars, workbooks by `workbooks.py`. The same plan gives the same bytes."""

from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO

from pipeline.sample.files import Cells, PlannedFile
from pipeline.sample.workbooks import write_workbook

ROWS_AT_ONCE = 10_000


def write_file(folder: Path, planned: PlannedFile) -> None:
    """Write the file below `folder` (raw/<year>)."""
    path = folder / planned.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        if planned.content is not None:
            stream.write(planned.content)
        elif planned.is_workbook:
            write_workbook(stream, planned.tables)
        else:
            _write_text(stream, planned)


def text_bytes(planned: PlannedFile) -> bytes:
    """The bytes of a text file."""
    content = BytesIO()
    _write_text(content, planned)
    return content.getvalue()


def _write_text(stream: BinaryIO, planned: PlannedFile) -> None:
    text = TextIOWrapper(stream, planned.encoding, newline=planned.newline)
    last = ""
    for piece in filter(None, _pieces(planned)):
        text.write(last)
        last = piece
    text.write(last if planned.has_final_newline else last.removesuffix("\n"))
    text.detach()


def _pieces(planned: PlannedFile) -> Iterator[str]:
    table = planned.table
    yield _lines([*table.preamble, *table.header_lines], planned)
    for rows in table.rows.iter_slices(ROWS_AT_ONCE):
        yield rows.write_csv(separator=planned.delimiter, include_header=False, quote_style=planned.quote_style)
    yield _lines(table.footer, planned)


def _lines(lines: list[Cells], planned: PlannedFile) -> str:
    return "".join(planned.delimiter.join(cell or "" for cell in cells) + "\n" for cells in lines)
