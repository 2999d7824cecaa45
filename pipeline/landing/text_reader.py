"""Text files: their encoding, and their cells in batches of bounded size.

What the cells mean is told by ``header`` and ``rows``. Every cell stays the text that the file holds.
"""

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipeline.landing.refusals import Refusal
from pipeline.landing.tables import CELL_SEPARATOR, Record, cell_column

BLANKS = "blanks"
DELIMITERS = (",", "\t", "|", ";")
QUOTES = ('"', "'")
HEAD_LINES = 60
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_BLOCK_CHARACTERS = 1 << 23
_BATCH_RECORDS = 100_000
_SAMPLE_BYTES = 1 << 15
_NOT_TEXT = "文件内容既不是 UTF-8 也不是 GB18030 文字,或已损坏。请向报送单位重新索取,或另存为 .xlsx 后重新报送。"


@dataclass(frozen=True)
class Dialect:
    """How the cells of a line are set apart; `escape` stands before a quote that belongs to the cell's text."""

    delimiter: str
    quote: str = '"'
    escape: str | None = None


@dataclass(frozen=True)
class TextFile:
    """A text file whose encoding is known."""

    path: Path
    encoding: str
    quotes: frozenset[str]
    has_final_newline: bool

    def open(self) -> io.TextIOWrapper:
        """The decoded text; LF, CRLF and CR all end a line."""
        return self.path.open(encoding=self.encoding, newline=None)


def open_text(path: Path) -> TextFile:
    """Find the encoding by decoding the whole file: a byte order mark, else strict UTF-8, else GB18030.

    Raises:
        Refusal: the content is no text in any of them.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    marked = [name for mark, name in _BOMS if start.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            return _decoded(path, encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8" and _is_damaged_utf8(path):
                break
    raise Refusal("undecodable", _NOT_TEXT)


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


def batches(file: TextFile, dialect: Dialect, indices: list[int], start_row: int, width: int) -> Iterator[pl.DataFrame]:
    """The rows from line `start_row` on, in batches (see ``tables``).

    Args:
        indices: the columns that are wanted.
        width: number of columns of the table.

    Raises:
        Refusal: the quotes of the file don't match.
    """
    if dialect.delimiter == BLANKS:
        yield from (_blank_separated(lines, row, width) for lines, row in _line_blocks(file, start_row))
    elif dialect.quote in file.quotes:
        yield from _quoted_batches(file, dialect, indices, start_row, width)
    else:
        for lines, row in _line_blocks(file, start_row):
            yield _delimited(lines, row, dialect.delimiter, indices, width)


def _decoded(path: Path, encoding: str) -> TextFile:
    quotes: set[str] = set()
    last = ""
    with path.open(encoding=encoding, newline=None) as stream:
        while block := stream.read(_BLOCK_CHARACTERS):
            quotes.update(quote for quote in QUOTES if quote in block)
            last = block[-1]
    return TextFile(path, encoding, frozenset(quotes), last == "\n")


def _is_damaged_utf8(path: Path) -> bool:
    """Whether the bytes around the first error are mostly good UTF-8: then reading them as GB18030 would only garble them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    with path.open("rb") as stream:
        while block := stream.read(_SAMPLE_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                break
            position += len(block)
        stream.seek(max(0, position - _SAMPLE_BYTES))
        sample = stream.read(3 * _SAMPLE_BYTES).decode("utf-8", "replace")
    readable = sum("\u3400" <= character <= "\u9fff" for character in sample)
    return readable > sample.count("\ufffd")


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
        while block := stream.read(_BLOCK_CHARACTERS):
            *lines, rest = (rest + block).split("\n")
            yield lines, row
            row += len(lines)
        if rest:
            yield [rest], row


def _delimited(lines: list[str], row: int, delimiter: str, indices: list[int], width: int) -> pl.DataFrame:
    line = pl.col("line")
    cells = pl.col("cells")
    return (
        _numbered(lines, row)
        .with_columns(cells=line.str.split(delimiter))
        .select(
            "row_number",
            row_text=line.str.replace_all(delimiter, CELL_SEPARATOR, literal=True),
            cell_count=cells.list.len().cast(pl.Int32),
            has_excess=cells.list.slice(width).list.join("").str.strip_chars() != "",
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
    file: TextFile, dialect: Dialect, indices: list[int], start_row: int, width: int
) -> Iterator[pl.DataFrame]:
    with file.open() as stream:
        records: list[Record] = []
        try:
            for record in _records(stream, dialect):
                if record.row_number >= start_row:
                    records.append(record)
                if len(records) == _BATCH_RECORDS:
                    yield _from_records(records, indices, width)
                    records = []
        except csv.Error:
            raise Refusal(
                "damaged_text", "文件中的引号不成对,无法确定各行的起止。请用 Excel 打开核对后另存为 .xlsx 重新报送。"
            ) from None
        yield _from_records(records, indices, width)


def _from_records(records: list[Record], indices: list[int], width: int) -> pl.DataFrame:
    columns = {
        cell_column(index): [record.cells[index] if index < len(record.cells) else None for record in records]
        for index in indices
    }
    return pl.DataFrame(
        {
            "row_number": [record.row_number for record in records],
            "row_text": [CELL_SEPARATOR.join(record.cells) for record in records],
            "cell_count": [len(record.cells) for record in records],
            "has_excess": ["".join(record.cells[width:]).strip() != "" for record in records],
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
