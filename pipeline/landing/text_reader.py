"""Text files: their cells in batches of bounded size.

How a file is decoded is told by ``text_file``, what the cells mean by ``header`` and ``rows``. Every cell stays the text
that the file holds.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from pipeline.landing.refusals import Refusal
from pipeline.landing.tables import CELL_SEPARATOR, Record, cell_column
from pipeline.landing.text_file import BLOCK_CHARACTERS, TextFile

BLANKS = "blanks"
DELIMITERS = (",", "\t", "|", ";")
HEAD_LINES = 60
_BATCH_RECORDS = 100_000


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are set apart; `escape` stands before a quote that belongs to the cell's text."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None


def dialects(file: TextFile) -> list[Dialect]:
    """The dialects in which a file may be written; apostrophes are quotes only where nothing else is quoted."""
    quotes = ['"', "'"] if file.quotes == {"'"} else ['"']
    return [Dialect(delimiter, quote) for quote in quotes for delimiter in DELIMITERS]


def with_escapes(file: TextFile, dialect: Dialect) -> Dialect:
    """The dialect with the backslash as escape, where the file's quotes match only so."""
    if not file.has_escaped_quotes or dialect.delimiter == BLANKS:
        return dialect
    try:
        with file.open() as stream:
            for _ in _records(stream, dialect):
                pass
    except csv.Error:
        return replace(dialect, escape="\\")
    return dialect


def head_lines(file: TextFile) -> list[str]:
    """The first lines, without line ends."""
    with file.open() as stream:
        return [line.rstrip("\n") for line, _ in zip(stream, range(HEAD_LINES), strict=False)]


def head_records(file: TextFile, dialect: Dialect) -> list[Record]:
    """The first rows in a dialect; fewer where the dialect doesn't fit."""
    records: list[Record] = []
    with file.open() as stream:
        try:
            for record in _records(stream, dialect):
                records.append(record)
                if len(records) == HEAD_LINES:
                    break
        except csv.Error:
            pass
    return records


def batches(
    file: TextFile, dialect: Dialect, indices: list[int], start_row: int, width: int, wider: frozenset[int]
) -> Iterator[pl.DataFrame]:
    """The rows from line `start_row` on, in batches (see ``tables``).

    Args:
        indices: the columns that are wanted.
        width: number of columns of the table.
        wider: numbers of cells above `width` that rows may have, where those beyond it are empty: a delimiter may end
            each line. In a row of any other number a cell was split or added, and nobody knows where.

    Raises:
        Refusal: the quotes of the file don't match.
    """
    if dialect.delimiter == BLANKS:
        yield from (_blank_separated(lines, row, width) for lines, row in _line_blocks(file, start_row))
    elif dialect.quote in file.quotes:
        yield from _quoted_batches(file, dialect, indices, start_row, width, wider)
    else:
        for lines, row in _line_blocks(file, start_row):
            yield _delimited(lines, row, dialect.delimiter, indices, width, wider)


def _records(stream: io.TextIOWrapper, dialect: Dialect) -> Iterator[Record]:
    reader = csv.reader(
        stream,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        skipinitialspace=True,
        strict=True,
    )
    row_number = 1
    for cells in reader:
        yield Record(row_number, cells)
        row_number = reader.line_num + 1


def _line_blocks(file: TextFile, start_row: int) -> Iterator[tuple[list[str], int]]:
    with file.open() as stream:
        for _ in range(start_row - 1):
            stream.readline()
        row, rest = start_row, ""
        while block := stream.read(BLOCK_CHARACTERS):
            *lines, rest = (rest + block).split("\n")
            yield lines, row
            row += len(lines)
        if rest:
            yield [rest], row


def _delimited(
    lines: list[str], row: int, delimiter: str, indices: list[int], width: int, wider: frozenset[int]
) -> pl.DataFrame:
    line = pl.col("line")
    cells = pl.col("cells")
    is_usual = (cells.list.len() <= width) | cells.list.len().is_in(sorted(wider))
    beyond = cells.list.slice(width).list.join("").str.strip_chars()
    return (
        _numbered(lines, row)
        .with_columns(cells=line.str.split(delimiter))
        .select(
            "row_number",
            row_text=line.str.replace_all(delimiter, CELL_SEPARATOR, literal=True),
            cell_count=cells.list.len().cast(pl.Int32),
            has_excess=(beyond != "") | ~is_usual,
            **{cell_column(index): cells.list.get(index, null_on_oob=True) for index in indices},
        )
    )


def _blank_separated(lines: list[str], row: int, width: int) -> pl.DataFrame:
    line = pl.col("line").str.strip_chars()
    pattern = r"^" + r"(\S+)\s+" * (width - 1) + r"(.+)$"
    groups = line.str.extract_groups(pattern)
    text = line.str.replace_all(r"\s+", CELL_SEPARATOR)
    found = text.str.count_matches(CELL_SEPARATOR, literal=True) + 1
    return _numbered(lines, row).select(
        "row_number",
        row_text=text,
        cell_count=pl.min_horizontal(found, pl.lit(width)).cast(pl.Int32),
        has_excess=pl.lit(value=False),
        **{cell_column(index): groups.struct.field(str(index + 1)) for index in range(width)},
    )


def _numbered(lines: list[str], row: int) -> pl.DataFrame:
    return pl.DataFrame({"line": lines}, schema={"line": pl.String}).with_columns(
        row_number=pl.int_range(row, row + len(lines), dtype=pl.Int64)
    )


def _quoted_batches(
    file: TextFile, dialect: Dialect, indices: list[int], start_row: int, width: int, wider: frozenset[int]
) -> Iterator[pl.DataFrame]:
    usual = frozenset(range(width + 1)) | wider
    with file.open() as stream:
        records: list[Record] = []
        try:
            for record in _records(stream, dialect):
                if record.row_number >= start_row:
                    records.append(record)
                if len(records) == _BATCH_RECORDS:
                    yield _from_records(records, indices, width, usual)
                    records = []
        except csv.Error:
            raise Refusal(
                "damaged_text", "文件中的引号不成对,无法确定各行的起止。请用 Excel 打开核对后另存为 .xlsx 重新报送。"
            ) from None
        yield _from_records(records, indices, width, usual)


def _from_records(records: list[Record], indices: list[int], width: int, usual: frozenset[int]) -> pl.DataFrame:
    columns = {
        cell_column(index): [record.cells[index] if index < len(record.cells) else None for record in records]
        for index in indices
    }
    return pl.DataFrame(
        {
            "row_number": [record.row_number for record in records],
            "row_text": [CELL_SEPARATOR.join(record.cells) for record in records],
            "cell_count": [len(record.cells) for record in records],
            "has_excess": [
                len(record.cells) not in usual or "".join(record.cells[width:]).strip() != "" for record in records
            ],
            **columns,
        },
        schema={
            "row_number": pl.Int64,
            "row_text": pl.String,
            "cell_count": pl.Int32,
            "has_excess": pl.Boolean,
            **dict.fromkeys(columns, pl.String),
        },
    )
