"""Finding the tables of a file: which layout fits it, and where header, title rows and data rows stand.

A file has the first layout of its folder that any of its tables fits. How the rows are read is told by ``parse``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from pipeline.landing import text_reader
from pipeline.landing.amounts import read_fen
from pipeline.landing.dates import read_date
from pipeline.landing.header import Header, find_header, label_rows, nearest_layout
from pipeline.landing.labels import clean_label
from pipeline.landing.layouts import Layout
from pipeline.landing.refusals import Refusal
from pipeline.landing.row_shape import wider_rows
from pipeline.landing.table_facts import NUMBERED
from pipeline.landing.tables import CELL_SEPARATOR, Record
from pipeline.landing.text_file import TextFile
from pipeline.landing.text_reader import Dialect
from pipeline.landing.titles import head_values, place_texts, with_unit_above
from pipeline.landing.workbook_reader import Sheet, Workbook

HEAD_ROWS = 60
NO_TOTAL = "缺少合计,文件可能不完整。请向银行重新索取完整的返盘文件。"


@dataclass(frozen=True)
class Table:
    """A table that fits a layout.

    Attributes:
        sheet: the sheet's name; null for a text file.
        header: its header; of lines without one, their columns.
        head: the values of the head fields.
        title_texts: the texts of title and header rows, which other pages may repeat.
        first_line: the total that the first line states, of layouts that have one.
        place_texts: the texts above the header, which may say where the table is from.
        batches: gives the rows below the header, with the cells of the wanted columns.
    """

    sheet: str | None
    layout: Layout
    header: Header
    head: dict[str, str]
    title_texts: tuple[str, ...]
    first_line: Record | None
    batches: Callable[[list[int]], Iterator[pl.DataFrame]]
    place_texts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """The tables of a file, and the sheets that have none."""

    layout: Layout
    tables: tuple[Table, ...]
    skipped_sheets: tuple[str, ...] = ()


def match_workbook(workbook: Workbook, layouts: Sequence[Layout]) -> Match:
    """Find the sheets that fit the first layout that any sheet fits.

    Raises:
        Refusal: no sheet fits any layout.
    """
    sheets = [workbook.sheet(name) for name in workbook.sheet_names]
    heads = [sheet.head(HEAD_ROWS) for sheet in sheets]
    labels = [label_rows(head, sheet.merged) for sheet, head in zip(sheets, heads, strict=True)]
    for layout in layouts:
        if layout.form != "table":
            continue
        headers = [find_header(rows, layout) for rows in labels]
        found = [
            _sheet_table(sheet, layout, header, head)
            for sheet, header, head in zip(sheets, headers, heads, strict=True)
            if header is not None
        ]
        if found:
            skipped = tuple(sheet.name for sheet, header in zip(sheets, headers, strict=True) if header is None)
            return Match(layout, tuple(found), skipped)
    raise _no_layout(list(map(label_rows, heads)), layouts)


def match_text(file: TextFile, layouts: Sequence[Layout]) -> Match:
    """Find the layout and dialect that fit a text file.

    Raises:
        Refusal: none fits.
    """
    heads = {dialect: text_reader.head_records(file, dialect) for dialect in text_reader.dialects(file)}
    labels = {dialect: label_rows([record.cells for record in head]) for dialect, head in heads.items()}
    found = {layout.name: _first_line(file, layout, layout.first_line) for layout in layouts}
    first_lines = {name: first for name, first in found.items() if first is not None}
    topmost = min((first.row_number for first in first_lines.values()), default=None)
    for layout in layouts:
        if layout.form == "table":
            table = _text_table(file, layout, heads, labels)
        else:
            # An ID with blanks in a row can look like another layout's first line, which stands further down then.
            first = first_lines.get(layout.name)
            table = None if first is None or first.row_number != topmost else _lines_table(file, layout, first)
        if table is not None:
            return Match(layout, (table,))
    if any(_first_line(file, layout, _without_totals(layout)) is not None for layout in layouts):
        raise Refusal("truncated", NO_TOTAL)
    raise _no_layout(list(labels.values()), layouts)


def _sheet_table(sheet: Sheet, layout: Layout, header: Header, head: list[list[str]]) -> Table:
    above = head[: header.first]
    header = with_unit_above(header, above)
    texts = (CELL_SEPARATOR.join(row) for row in head[: header.last + 1])
    numbers = [header.columns[name] for name in NUMBERED if name in header.columns]
    amounts = [index for name, index in header.columns.items() if name in ("amount", "due_amount", "self_paid_amount")]

    def batches(indices: list[int]) -> Iterator[pl.DataFrame]:
        yield sheet.batch(indices, numbers, amounts).slice(header.last + 1)

    values = head_values(above, layout)
    return Table(sheet.name, layout, header, values, tuple(texts), None, batches, place_texts(above))


def _text_table(
    file: TextFile, layout: Layout, heads: dict[Dialect, list[Record]], labels: dict[Dialect, list[list[str]]]
) -> Table | None:
    found = [(dialect, header) for dialect, rows in labels.items() if (header := find_header(rows, layout)) is not None]
    if not found:
        return None
    dialect, header = max(found, key=lambda pair: len(pair[1].columns))
    records = heads[dialect]
    above = [record.cells for record in records[: header.first]]
    header = with_unit_above(header, above)
    start_row = records[header.last].row_number + 1
    width = len(header.labels)
    wider = wider_rows(records[header.last + 1 :], width)
    texts = tuple(CELL_SEPARATOR.join(record.cells) for record in records[: header.last + 1])

    def batches(indices: list[int]) -> Iterator[pl.DataFrame]:
        quoted = text_reader.with_escapes(file, dialect)
        yield from text_reader.batches(file, quoted, indices, start_row, width, wider)

    return Table(None, layout, header, head_values(above, layout), texts, None, batches, place_texts(above))


def _lines_dialect(layout: Layout) -> Dialect:
    return Dialect(layout.delimiter or text_reader.BLANKS)


def _without_totals(layout: Layout) -> tuple[str, ...]:
    """What stands in a first line whose totals are missing; nothing for a layout that has none there."""
    return tuple(name for name in layout.first_line if not name.startswith("total_"))


def _first_line(file: TextFile, layout: Layout, names: tuple[str, ...]) -> Record | None:
    """The line of a text file that states the batch, with the values that are named; null for a table layout."""
    if layout.form == "table":
        return None
    dialect = _lines_dialect(layout)
    if dialect.delimiter == text_reader.BLANKS:
        # A line with delimiters is a row of another layout, whose ID with blanks can look like a date.
        lines = enumerate(text_reader.head_lines(file), start=1)
        records = [Record(row, line.split()) for row, line in lines if not set(line) & {",", "|", ";"}]
    else:
        records = text_reader.head_records(file, dialect)
    return next((record for record in records if _is_first_line(record, layout, names)), None)


def _lines_table(file: TextFile, layout: Layout, first: Record) -> Table:
    dialect = _lines_dialect(layout)
    start_row = first.row_number + 1
    names = layout.columns
    header = Header(0, 0, names, {name: index for index, name in enumerate(names)}, {}, {})
    head = {
        name: cell
        for name, cell in zip(layout.first_line, first.cells, strict=False)
        if name in ("batch_no", "paid_date", "township")
    }

    def batches(indices: list[int]) -> Iterator[pl.DataFrame]:
        quoted = text_reader.with_escapes(file, dialect)
        yield from text_reader.batches(file, quoted, indices, start_row, len(names), frozenset({len(names) + 1}))

    return Table(None, layout, header, head, (), first if "total_count" in layout.first_line else None, batches)


def _is_first_line(record: Record, layout: Layout, names: tuple[str, ...]) -> bool:
    """Whether the cells are those of a first line: as many, none empty, dates and numbers in their places."""
    cells = [clean_label(cell) for cell in record.cells]
    if len(cells) < len(names) or not all(cells[: len(names)]) or any(cells[len(names) :]):
        return False
    values = dict(zip(names, cells, strict=False))
    if "total_count" in values and not values["total_count"].isdecimal():
        return False
    if "total_amount" in values and read_fen(values["total_amount"], layout.amount_unit) is None:
        return False
    return read_date(values.get("paid_date"), layout.date_formats) is not None


def _no_layout(tables: Sequence[Sequence[Sequence[str]]], layouts: Sequence[Layout]) -> Refusal:
    nearest = nearest_layout(tables, layouts)
    if nearest is None or not nearest.found:
        return Refusal("no_matching_layout", "没有找到表头,不知道这是什么表。请核对文件是否放对了文件夹,表头是否齐全。")
    return Refusal(
        "no_matching_layout",
        f"表头缺少:{'、'.join(nearest.missing)}。找到的表头:{'、'.join(nearest.labels)}。请补齐表头,或为这种格式添加版式文件。",
    )
