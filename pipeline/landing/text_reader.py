"""Text files: their cells in batches of bounded size.

How a file is decoded is told by ``text_file``, what the cells mean by ``header`` and ``rows``. Every cell stays the text
that the file holds.
"""

import _csv
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice

import numpy as np
import polars as pl

from pipeline.landing.refusals import Refusal
from pipeline.landing.tables import CELL_SEPARATOR, Record, cell_column, without_formula_texts
from pipeline.landing.text_file import BLOCK_CHARACTERS, DELIMITERS, TextFile, without_controls

BLANKS = "blanks"
HEAD_LINES = 60
_FIXED_LINES = 50_000


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are set apart; `escape` stands before a quote that belongs to the cell's text."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None


def dialects(file: TextFile) -> list[Dialect]:
    """The dialects in which a file may be written; apostrophes are quotes only where nothing else is quoted."""
    quotes = ['"', "'"] if file.quotes == {"'"} else ['"']
    # A delimiter that the file doesn't hold sets nothing apart; in a file of one column none does.
    delimiters = [each for each in DELIMITERS if each in file.delimiters] or DELIMITERS[:1]
    return [Dialect(delimiter, quote) for quote in quotes for delimiter in delimiters]


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


def head_lines(file: TextFile, *, with_controls: bool = False) -> list[str]:
    """The first lines, without line ends."""
    with file.open_with_controls() if with_controls else file.open() as stream:
        return [line.rstrip("\n") for line, _ in zip(stream, range(HEAD_LINES), strict=False)]


def head_records(file: TextFile, dialect: Dialect) -> list[Record]:
    """The first rows in a dialect; fewer where the dialect doesn't fit."""
    records: list[Record] = []
    if len(dialect.delimiter) > 1:
        return [Record(row, line.split(dialect.delimiter)) for row, line in enumerate(head_lines(file), start=1)]
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
        yield from (_blank_separated(_numbered(lines, row), width) for lines, row in _line_blocks(file, start_row))
    elif dialect.quote in file.quotes and len(dialect.delimiter) == 1:
        for batch in _quoted_batches(file, dialect, indices, start_row, width, wider):
            yield without_formula_texts(batch, indices) if file.has_formula_texts else batch
    else:
        for lines, row in _line_blocks(file, start_row):
            yield _delimited(_numbered(lines, row), dialect.delimiter, indices, width, wider)


def fixed_batches(
    file: TextFile, positions: Sequence[tuple[int, int]], start_row: int, words: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """The rows of a file of fixed width from line `start_row` on, in batches (see ``tables``).

    Args:
        positions: the first and last byte of each column, counted from 1 in the file's encoding.
        words: how lines begin that are no data, such as totals; blanks set their cells apart.
    """
    other = tuple(words)
    with file.open_with_controls() as stream:
        lines = islice(enumerate((line.rstrip("\n") for line in stream), start=1), start_row - 1, None)
        while block := list(islice(lines, _FIXED_LINES)):
            records = [
                Record(row, line.split() if line.lstrip().startswith(other) else fixed_cells(file, line, positions))
                for row, line in block
            ]
            yield _from_records(
                records, list(range(len(positions))), len(positions), frozenset(range(len(positions) + 1))
            )


def fixed_cells(file: TextFile, line: str, positions: Sequence[tuple[int, int]]) -> list[str]:
    """The cells of a line of fixed width; those behind the line's end are empty. A blank line has none."""
    if not line.strip():
        return []
    encoding = {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(file.encoding, file.encoding)
    content = line.encode(encoding)
    cells = (content[first - 1 : last].decode(encoding, "replace") for first, last in positions)
    return [without_controls(cell).strip() for cell in cells]


def _csv_reader(lines: Iterable[str], dialect: Dialect) -> "_csv.Reader":
    return csv.reader(
        lines,
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        skipinitialspace=True,
        strict=True,
    )


def _records(stream: io.TextIOBase, dialect: Dialect) -> Iterator[Record]:
    reader = _csv_reader(stream, dialect)
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
    lines: pl.DataFrame, delimiter: str, indices: list[int], width: int, wider: frozenset[int]
) -> pl.DataFrame:
    line = pl.col("line")
    cells = pl.col("cells")
    is_usual = (cells.list.len() <= width) | cells.list.len().is_in(sorted(wider))
    beyond = cells.list.slice(width).list.join("").str.strip_chars()
    return lines.with_columns(cells=line.str.split(delimiter)).select(
        "row_number",
        row_text=line.str.replace_all(delimiter, CELL_SEPARATOR, literal=True),
        cell_count=cells.list.len().cast(pl.Int32),
        has_excess=(beyond != "") | ~is_usual,
        **{cell_column(index): cells.list.get(index, null_on_oob=True) for index in indices},
    )


def _blank_separated(lines: pl.DataFrame, width: int) -> pl.DataFrame:
    line = pl.col("line").str.strip_chars()
    pattern = r"^" + r"(\S+)\s+" * (width - 1) + r"(.+)$"
    groups = line.str.extract_groups(pattern)
    text = line.str.replace_all(r"\s+", CELL_SEPARATOR)
    found = text.str.count_matches(CELL_SEPARATOR, literal=True) + 1
    return lines.select(
        "row_number",
        row_text=text,
        cell_count=pl.min_horizontal(found, pl.lit(width)).cast(pl.Int32),
        has_excess=pl.lit(value=False),
        **{cell_column(index): groups.struct.field(str(index + 1)) for index in range(width)},
    )


def _numbered(lines: list[str], row: int) -> pl.DataFrame:
    numbers = pl.Series("row_number", np.arange(row, row + len(lines), dtype=np.int64))
    return pl.DataFrame([pl.Series("line", lines, dtype=pl.String), numbers])


def _quoted_batches(
    file: TextFile, dialect: Dialect, indices: list[int], start_row: int, width: int, wider: frozenset[int]
) -> Iterator[pl.DataFrame]:
    """The rows of a file with quotes, which is read from its first line on, as a header may hold line breaks."""
    usual = frozenset(range(width + 1)) | wider
    lines: list[str] = []
    row = 1
    try:
        for block in chain((lines for lines, _ in _line_blocks(file, 1)), [None]):
            lines += block or []
            if not lines:
                continue
            plain, records, count = _plain_and_other(lines, row, dialect, is_last=block is None)
            rows = _delimited(_without_quotes(plain, dialect), dialect.delimiter, indices, width, wider)
            if records:
                rows = pl.concat([rows, _from_records(records, indices, width, usual)]).sort("row_number")
            yield rows.filter(pl.col("row_number") >= start_row)
            lines, row = lines[count:], row + count
    except csv.Error:
        raise Refusal(
            "damaged_text", "文件中的引号不成对,无法确定各行的起止。请用 Excel 打开核对后另存为 .xlsx 重新报送。"
        ) from None


def _plain_and_other(
    lines: list[str], row: int, dialect: Dialect, *, is_last: bool
) -> tuple[pl.DataFrame, list[Record], int]:
    """The plain lines, the rows of the other lines, and the number of lines up to a row that goes on behind them.

    In a plain line no cell holds a delimiter or a quote, so that its quotes only have to be left out; the other lines are
    read by the csv module.

    Args:
        row: the row number of the first line.
        is_last: whether nothing comes behind these lines.

    Raises:
        csv.Error: the quotes of a row don't match.
    """
    frame = _numbered(lines, row)
    is_plain = frame["line"].str.contains(_plain_line(dialect))
    records: list[Record] = []
    within: list[int] = []
    end, count = 0, len(lines)
    for index in (~is_plain).arg_true():
        if index < end:
            continue
        reader = _csv_reader((f"{lines[place]}\n" for place in range(index, len(lines))), dialect)
        try:
            records.append(Record(row + index, next(reader)))
        except csv.Error:
            if is_last or index + reader.line_num < len(lines):
                raise
            count = index
            break
        end = index + reader.line_num
        within += range(row + index, row + end)
    return frame[:count].filter(is_plain[:count] & ~pl.col("row_number").is_in(within)), records, count


def _plain_line(dialect: Dialect) -> str:
    quote, delimiter = re.escape(dialect.quote), re.escape(dialect.delimiter)
    text = f"[^{quote}{delimiter}{re.escape(dialect.escape or '')}]*"
    cell = f"(?:{quote}{text}{quote}|{text})"
    return f"^{cell}(?:{delimiter}{cell})*$"


def _without_quotes(plain: pl.DataFrame, dialect: Dialect) -> pl.DataFrame:
    """Plain lines without their quotes, and without blanks before a cell, which the csv module leaves out too."""
    before = f"(^|{re.escape(dialect.delimiter)}) +"
    line = pl.col("line").str.replace_all(before, "$1").str.replace_all(dialect.quote, "", literal=True)
    return plain.with_columns(line)


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
