"""Finding the tables of a file: which layout fits it, and where header, title rows and data rows stand.

A file has the first layout of its folder that any of its tables fits. How the rows are read is told by ``parse``.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from pipeline.contracts.sources import SOURCES
from pipeline.landing import text_reader
from pipeline.landing.amounts import read_fen
from pipeline.landing.dates import read_date
from pipeline.landing.header import Header, find_header, label_rows, nearest_layout
from pipeline.landing.labels import clean_label
from pipeline.landing.layouts import Layout
from pipeline.landing.refusals import Refusal
from pipeline.landing.row_kinds import PART_WORDS, RowSorter
from pipeline.landing.row_shape import wider_rows
from pipeline.landing.sheet_xml import MergedRange
from pipeline.landing.table_facts import NUMBERED
from pipeline.landing.tables import CELL_SEPARATOR, Record, without_formula_texts
from pipeline.landing.text_file import DELIMITERS, TextFile
from pipeline.landing.text_reader import Dialect
from pipeline.landing.titles import head_values, place_texts, with_unit_above
from pipeline.landing.workbook_reader import Sheet, Workbook

HEAD_ROWS = 60
# The fields of long numbers, which a numeric cell can lose digits of.
_NUMBERED = ("id_no", "account", "batch_no", "household_no", "member_no", "voucher_no")
_HEAD_OF_LINES = ("batch_no", "paid_date", "made_at", "township")
_COUNT = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)[笔条户人]?")
_DATE_DIGITS = re.compile(r"[0-9].*[0-9]")
_UNREADABLE_DATE = "第 {row} 行写的付款日期无法识别或不存在。请改为 2019-03-15 这样的形式后重新报送。"
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
        above: the rows above the header, which may state totals.
        counts_from_1904: whether the workbook counts the days from 1904.
        batches: gives the rows below the header, with the cells of the wanted columns.
        hidden_rows: the numbers of the sheet's hidden and struck rows.
        merged: the sheet's ranges of cells that are merged from row to row below the header.
        later_first_lines: gives the row numbers of further first lines, of layouts without a header.
    """

    sheet: str | None
    layout: Layout
    header: Header
    head: dict[str, str]
    title_texts: tuple[str, ...]
    first_line: Record | None
    batches: Callable[[list[int]], Iterator[pl.DataFrame]]
    place_texts: tuple[str, ...] = ()
    above: tuple[Record, ...] = ()
    counts_from_1904: bool = False
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[MergedRange, ...] = ()
    later_first_lines: Callable[[], Iterator[int]] | None = None

    def sorter(self) -> RowSorter:
        """Tells the kinds of the rows below the header."""
        titles = [text for text in self.title_texts if text.strip(CELL_SEPARATOR)]
        return RowSorter(self.layout, self.header.columns, self.header.labels, titles)


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
            tables = tuple(replace(table, counts_from_1904=workbook.counts_from_1904) for table in found)
            return Match(layout, tables, skipped)
    raise _no_layout(list(map(label_rows, heads)), layouts)


def match_text(file: TextFile, layouts: Sequence[Layout]) -> Match:
    """Find the layout and dialect that fit a text file.

    Raises:
        Refusal: none fits.
    """
    heads = {dialect: text_reader.head_records(file, dialect) for dialect in _text_dialects(file, layouts)}
    labels = {dialect: label_rows([record.cells for record in head]) for dialect, head in heads.items()}
    firsts = {layout.name: _first_line(file, layout, layout.first_line_words) for layout in layouts}
    topmost = min((first.row_number for first in firsts.values() if first is not None), default=None)
    for layout in layouts:
        if layout.form == "table":
            table = _text_table(file, layout, heads, labels)
        else:
            # An ID with blanks in a row can look like another layout's first line, which stands further down then.
            first = firsts[layout.name]
            table = None if first is None or first.row_number != topmost else _lines_table(file, layout, first)
        if table is not None:
            return Match(layout, (table,))
    if any(_first_line(file, layout, _without_totals(layout)) is not None for layout in layouts):
        raise Refusal("truncated", NO_TOTAL)
    undated = (_first_line(file, layout, layout.first_line_words, has_date=False) for layout in layouts)
    if (first := next((line for line in undated if line is not None), None)) is not None:
        raise Refusal("unreadable_head_date", _UNREADABLE_DATE.format(row=first.row_number))
    raise _no_layout(list(labels.values()), layouts, _first_line_in_words(file))


def _sheet_table(sheet: Sheet, layout: Layout, header: Header, head: list[list[str]]) -> Table:
    sheet = replace(sheet, merged=[area for area in sheet.merged if not _is_title_area(area, header, layout)])
    above = sheet.without_lost_digits(head[: header.first])
    header = with_unit_above(header, above)
    texts = (CELL_SEPARATOR.join(row) for row in head[: header.last + 1])
    numbers = _columns_of(header, NUMBERED)
    amounts = _columns_of(header, ("amount", "due_amount", "self_paid_amount"))

    def batches(indices: list[int]) -> Iterator[pl.DataFrame]:
        batch = sheet.batch(indices, numbers, amounts).slice(header.last + 1)
        # A reply's token covers its cells to the character.
        has_formulas = not SOURCES[layout.source].keeps_cells and sheet.has_formula_texts
        yield without_formula_texts(batch, indices) if has_formulas else batch

    return Table(
        sheet=sheet.name,
        layout=layout,
        header=header,
        head=head_values(above, layout),
        title_texts=tuple(texts),
        first_line=None,
        batches=batches,
        place_texts=place_texts(above),
        above=tuple(Record(row_number, row) for row_number, row in enumerate(above, start=1)),
        hidden_rows=sheet.hidden_rows(),
        merged=tuple(
            area for area in sheet.merged if area.first_row > header.last + 1 and area.last_row > area.first_row
        ),
    )


def _is_title_area(area: MergedRange, header: Header, layout: Layout) -> bool:
    """Whether cells are merged over what no text can be at once, such as name and ID: a title between the rows."""
    required = {name for group in layout.required_groups for name in group} - {"due_amount"}
    columns = range(area.first_column, area.last_column + 1)
    covered = [name for name in required if header.columns.get(name) in columns]
    return area.first_row > header.last + 1 and area.first_row == area.last_row and len(covered) > 1


def _columns_of(header: Header, names: Sequence[str]) -> list[int]:
    """The columns of the fields, all of those that are doubled."""
    found = [header.doubled.get(name, (header.columns[name],)) for name in names if name in header.columns]
    return [index for indices in found for index in indices]


def _text_table(
    file: TextFile, layout: Layout, heads: dict[Dialect, list[Record]], labels: dict[Dialect, list[list[str]]]
) -> Table | None:
    tried = {each: rows for each, rows in labels.items() if layout.delimiter in (None, each.delimiter)}
    found = [(dialect, header) for dialect, rows in tried.items() if (header := find_header(rows, layout)) is not None]
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

    return Table(
        sheet=None,
        layout=layout,
        header=header,
        head=head_values(above, layout),
        title_texts=texts,
        first_line=None,
        batches=batches,
        place_texts=place_texts(above),
        above=tuple(records[: header.first]),
    )


def _text_dialects(file: TextFile, layouts: Sequence[Layout]) -> list[Dialect]:
    """The dialects in which a table may be written: with one of the usual delimiters, or with that of a layout."""
    own = {each.delimiter for each in layouts if each.form == "table" and each.delimiter}
    usual = text_reader.dialects(file)
    return [*usual, *(Dialect(delimiter) for delimiter in sorted(own - {each.delimiter for each in usual}))]


def _lines_dialect(layout: Layout) -> Dialect:
    return Dialect(layout.delimiter or text_reader.BLANKS)


def _without_totals(layout: Layout) -> tuple[str, ...]:
    """What stands in a first line whose totals are missing; nothing where too little is left to know it by."""
    words = tuple(name for name in layout.first_line if name.rpartition("_")[2] not in ("count", "amount"))
    return words if "paid_date" in words else ()


def _first_line(file: TextFile, layout: Layout, names: tuple[str, ...], *, has_date: bool = True) -> Record | None:
    """The line of a text file that states the batch, with the values that are named; null for a table layout.

    Args:
        has_date: whether a date must be one; else a line fits that has a count and a sum, and digits in its place.
    """
    if layout.form == "table" or not names:
        return None
    if layout.first_line_positions:
        positions = tuple(layout.first_line_positions.values())
        lines = enumerate(text_reader.head_lines(file, with_controls=True), start=1)
        records = [Record(row, text_reader.fixed_cells(file, line, positions)) for row, line in lines if line.strip()]
        return next(
            (record for record in records[:1] if _is_first_line(record, layout, names, has_date=has_date)), None
        )
    dialect = _lines_dialect(layout)
    if dialect.delimiter == text_reader.BLANKS:
        # A line with delimiters is a row of another layout, whose ID with blanks can look like a date.
        lines = enumerate(text_reader.head_lines(file), start=1)
        records = [Record(row, line.split()) for row, line in lines if not set(line) & {",", "|", ";"}]
    else:
        records = text_reader.head_records(file, dialect)
    return next((record for record in records if _is_first_line(record, layout, names, has_date=has_date)), None)


def _lines_table(file: TextFile, layout: Layout, first: Record) -> Table:
    dialect = _lines_dialect(layout)
    start_row = first.row_number + 1
    names = layout.line_columns
    header = Header(0, 0, names, {name: index for index, name in enumerate(names)}, {}, {})
    stated = dict(zip(layout.first_line_words, first.cells, strict=False))
    head = {name: cell for name, cell in stated.items() if name in _HEAD_OF_LINES and cell.strip()}
    has_total = any(name.rpartition("_")[2] in ("count", "amount") for name in layout.first_line_words)

    def batches(indices: list[int]) -> Iterator[pl.DataFrame]:
        if layout.positions:
            words = (*layout.total_words, *layout.subtotal_words, *layout.signature_words, *PART_WORDS)
            yield from text_reader.fixed_batches(file, tuple(layout.positions.values()), start_row, words)
            return
        quoted = text_reader.with_escapes(file, dialect)
        yield from text_reader.batches(file, quoted, indices, start_row, len(names), frozenset({len(names) + 1}))

    def later_first_lines() -> Iterator[int]:
        return (
            record.row_number
            for record in _lines_like_first(file, layout)
            if record.row_number > first.row_number and _states_as_much(record, first)
        )

    first_line = first if has_total else None
    return Table(None, layout, header, head, (), first_line, batches, later_first_lines=later_first_lines)


def _lines_like_first(file: TextFile, layout: Layout) -> Iterator[Record]:
    positions = tuple(layout.first_line_positions.values())
    delimiter = None if layout.delimiter == text_reader.BLANKS else layout.delimiter
    with file.open_with_controls() if positions else file.open() as stream:
        for row, line in enumerate(stream, start=1):
            cells = text_reader.fixed_cells(file, line, positions) if positions else line.strip("\n").split(delimiter)
            record = Record(row, cells)
            if _is_first_line(record, layout, layout.first_line_words):
                yield record


def _is_first_line(record: Record, layout: Layout, names: tuple[str, ...], *, has_date: bool = True) -> bool:
    """Whether the cells are those of a first line: as many, dates and numbers in their places.

    Township and batch number may be empty, the dates too where the line states a count and a sum.
    """
    cells = [clean_label(cell) for cell in record.cells]
    if len(cells) < len(names) or any(cells[len(names) :]):
        return False
    values = dict(zip(names, cells, strict=False))
    is_total = {name.rpartition("_")[2] for name in names} >= {"count", "amount"}
    for name, value in values.items():
        if name.endswith("_count") and not _COUNT.fullmatch(value):
            return False
        if name.endswith("_amount") and read_fen(value, layout.amount_unit) is None:
            return False
        is_date = name in ("paid_date", "made_at") and (value or not is_total)
        if is_date and has_date and read_date(value, layout.date_formats, layout.policy_year) is None:
            return False
        if is_date and not has_date and not (is_total and _DATE_DIGITS.search(value)):
            return False
    return is_total or any(values.values())


def _states_as_much(record: Record, first: Record) -> bool:
    """Whether a line has something wherever the first line of the file has; digits of an account can look like counts."""
    return all(clean_label(cell) or not clean_label(own) for cell, own in zip(record.cells, first.cells, strict=False))


def _first_line_in_words(file: TextFile) -> str:
    """The form of the first line that isn't blank, without a word of it, and the delimiters of the file."""
    row, line = next(
        ((row, line) for row, line in enumerate(text_reader.head_lines(file), start=1) if line.strip()), (1, "")
    )
    names = {"\t": "制表符"}
    found = [names.get(each, f"“{each}”") for each in DELIMITERS if each in file.delimiters]
    return f"第 {row} 行有 {len(line)} 个字符,文件中的分隔符:{'、'.join(found) or '无'}。"


def _no_layout(tables: Sequence[Sequence[Sequence[str]]], layouts: Sequence[Layout], first_line: str = "") -> Refusal:
    nearest = nearest_layout(tables, layouts)
    if nearest is None or not nearest.found:
        return Refusal(
            "no_matching_layout",
            f"没有找到表头,不知道这是什么表。{first_line}请核对文件是否放对了文件夹,表头是否齐全;没有表头的文件须先添加版式文件。",
        )
    if not nearest.missing:
        return Refusal(
            "no_matching_layout",
            f"表头有两行,合在一起后不再是已知的表头:{'、'.join(nearest.labels)}。请改为一行表头,或为这种格式添加版式文件。",
        )
    return Refusal(
        "no_matching_layout",
        f"表头缺少:{'、'.join(nearest.missing)}。找到的表头:{'、'.join(nearest.labels)}。请补齐表头,或为这种格式添加版式文件。",
    )
