"""One table from its rows to typed rows, with what its head and its totals state."""

from collections.abc import Iterator, Sequence
from datetime import date

import polars as pl

from pipeline.contracts.sources import SOURCES
from pipeline.landing.dates import Moment
from pipeline.landing.death_dates import death_column, with_deaths
from pipeline.landing.further_lists import begins_other_list
from pipeline.landing.header import near_labels
from pipeline.landing.judgement import text_column
from pipeline.landing.matching import Table
from pipeline.landing.outcomes import REVERSED, SUCCESS
from pipeline.landing.refusals import Refusal
from pipeline.landing.row_shape import are_in_place
from pipeline.landing.rows import RowReader, output_columns
from pipeline.landing.second_list import second_list_row
from pipeline.landing.sheet_xml import column_letters
from pipeline.landing.stated_totals import (
    CHINESE_LINE_WORDS,
    Measure,
    Stated,
    TotalColumns,
    stated_in_head,
    stated_in_line,
    stated_in_row,
)
from pipeline.landing.table_facts import TableFacts, kept_cells
from pipeline.landing.tables import CELL_SEPARATOR, Record, cell_column, empty_batch
from pipeline.landing.titles import AMOUNT_FIELDS, unit_above
from pipeline.landing.totals import ControlTotal, Places, Sums, check_totals

# Amounts and counts; an ID, an account or a phone number has more digits.
_SHORT_NUMBER = r"^-?[0-9]{1,9}(?:\.[0-9]+)?$|^-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$"
_NO_DATE = "有成功或冲正的记录没有付款日期,文件头也没有付款日期或制表时间。请补充日期后重新报送。"
_NO_TOKEN = "没有“校验码”列,无法核对差异清单是否被改动。请使用下发的差异清单填写,不要删除列。"
_SECOND_LIST = "起是另一份名单,其批次、日期、乡镇、单位或列与第一份不同。请把每份名单存为单独的文件或工作表。"
_HEAD_DATE = "表头上方写的{name}无法识别或不存在,而有的行没有写日期。请改为 2019-03-15 这样的形式后重新报送。"
_DATE_NAMES = {"paid_date": "付款日期", "snapshot_date": "数据日期"}
_UNIT_BELOW = (
    "{place}第 {row} 行写的单位是“{unit}”,而表头和表头上方没有这样写,金额会按“{used}”读取。"
    "请把单位写在表头上方后重新报送。"
)
_MERGED_NUMBER = (
    "{place}合并了几行的{name},不知道这个数是各行的还是几行合计的,也没有{name}合计可以核对。"
    "请拆分合并的单元格后重新报送。"
)
_SHOWN_ROWS = 20
# What a total states in a text without a header whose layout says nothing else, where it doesn't reach the column of amounts.
_TOTAL_LINE = ("total_word", "total_count", "total_amount")


def rows_in_words(row_numbers: Sequence[int]) -> str:
    """Row numbers as a text: ``第 5、7 至 9 行``; of very many the first ones."""
    runs: list[list[int]] = []
    for number in sorted(row_numbers):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    texts = [str(first) if first == last else f"{first} 至 {last}" for first, last in runs]
    return f"第 {'、'.join(texts[:_SHOWN_ROWS])}{'…' if len(texts) > _SHOWN_ROWS else ''} 行"


class TableParse:
    """Reads one table; what it states is complete once `rows` is exhausted.

    Attributes:
        sums: the sums over its data rows.
        has_total: whether it states a control total.
        used_count: of a tax list, the rows that are used.
        unreadable_count: of a tax list, the rows that are neither used nor of another item, for another cell than the item.
        items: of a tax list, the levy items of its rows, in order.
        cells: the cells of the batch of rows that was given last.
        hidden_rows: the numbers of its data rows that are hidden or struck through.
        stated_date: the latest date that it states of itself.
        has_undated_rows: whether a snapshot holds rows for which nothing in the file states a date.
    """

    def __init__(self, table: Table, takes_short_rows: bool) -> None:
        layout, header = table.layout, table.header
        self._table = table
        self._source = SOURCES[layout.source]
        if self._source.keeps_cells and "token" not in header.columns:
            raise Refusal("no_token", _NO_TOKEN)
        # The household's size in a roll, the amount due in a benefit list: their total is a sum, or the count of rows.
        self._counted_beside = {"due_amount"} | {"persons"} - {field.name for field in self._source.fields}
        self._row_width = 0 if takes_short_rows else header.width
        self._reader = RowReader(
            layout=layout,
            sheet=table.sheet,
            columns=header.columns,
            header_words=header.words,
            units=header.units,
            head=table.head,
            other_columns=self._other_columns(),
            person_role=layout.person_roles.get(header.words.get("person", "")),
            row_width=self._row_width,
            counts_from_1904=table.counts_from_1904,
        )
        self._head_totals = [row for row in table.above if any(self._stated_above(row))]
        self._death_column = death_column(header)
        self._totals: list[Record] = [*([table.first_line] if table.first_line else []), *self._head_totals]
        self._sorter = table.sorter()
        self._short_count = 0
        self._has_empty_ends = False
        self._is_in_place = True
        self.sums = Sums()
        is_of_documents = bool(self._source.repeats) and not self._source.has_outcome
        self._merged = table.merged if is_of_documents else ()
        self._numbers_in: dict[str, set[int]] = {}
        self._rows_counted = 0
        self.used_count = 0
        self.unreadable_count = 0
        self.items: dict[str, None] = {}
        self.cells = pl.DataFrame()
        self._visible_sums = Sums()
        self.hidden_rows: list[int] = []
        self.ends_short = False
        self.has_undated_rows = False
        self.stated_date: date | None = self._reader.date_in_head

    @property
    def has_total(self) -> bool:
        """Whether a first line or a row states a control total of all lines, be it in parts."""
        stated = [list(self._stated(row)) for row in self._totals]
        if any(not each or any(number.part is None for number in each) for each in stated):
            return True
        parts = {number.part for each in stated for number in each}
        return len(parts) > 1 or any(self.sums.covers_all(part) for part in parts)

    @property
    def place(self) -> str:
        """The table in words, for reasons."""
        return f"工作表“{self._table.sheet}”" if self._table.sheet else ""

    @property
    def columns_unused(self) -> tuple[str, ...]:
        """The labels of the columns that no field takes; a reply keeps them all."""
        header = self._table.header
        used = () if self._death_column is None else (header.labels[self._death_column],)
        is_told = not self._source.keeps_cells and not self._is_lines
        return tuple(label for label in header.unused if label not in used) if is_told else ()

    @property
    def fields_not_found(self) -> tuple[str, ...]:
        """The fields for which there is no column, nor a value in the head, each with the labels that look like it."""
        if self._is_lines:
            return ()
        layout, header = self._table.layout, self._table.header
        missing = [name for name in layout.fields if name not in header.columns and name not in self._table.head]
        near = {name: near_labels(name, header.unused, layout) for name in missing}
        return tuple(f"{name}({'/'.join(near[name])})" if near[name] else name for name in missing)

    @property
    def _is_lines(self) -> bool:
        return self._table.layout.form == "lines"

    @property
    def head_township(self) -> str | None:
        """The township in the head of a bank table."""
        return self._reader.head_text("township")

    @property
    def made_at(self) -> Moment | None:
        """The 制表时间 of the head."""
        return self._reader.made_at

    @property
    def has_unreadable_making(self) -> bool:
        """Whether the head states a 制表时间 that can't be read."""
        return self._reader.has_unreadable_date("made_at")

    @property
    def facts(self) -> TableFacts:
        """How the table was read."""
        layout, header = self._table.layout, self._table.header
        return TableFacts(
            sheet=self._table.sheet,
            layout=layout.name,
            units={name: self._reader.unit(name) for name in AMOUNT_FIELDS if name in header.columns},
            head=self._table.head,
            aliases=header.words,
            rows_counted=self._rows_counted,
            has_township="township" in header.columns or self.head_township is not None,
            place_texts=self._table.place_texts,
            counts_from_1904=self._table.counts_from_1904,
        )

    @property
    def omits_empty_ends(self) -> bool:
        """Whether the writer of a text file leaves out empty cells at the end of rows.

        Several rows are short, no row ends empty, and in the short ones every cell stands under its header.
        """
        return self._short_count > 1 and self._is_in_place and not self._has_empty_ends

    def rows(self) -> Iterator[pl.DataFrame]:
        """The typed rows, in batches; at least one, which may be empty.

        Raises:
            Refusal: the table can't be used as a whole.
        """
        deaths = [] if self._death_column is None else [self._death_column]
        indices = sorted({*self._reader.columns.values(), *self._reader.other_columns.values(), *deaths})
        sorter = self._sorter
        is_empty = True
        for batch in sorter.whole_heads(self._table.batches(indices)):
            is_empty = False
            data, totals = sorter.sort(batch)
            if self._death_column is not None:
                data = with_deaths(data, self._table.header, self._death_column)
            self._totals += totals
            self._rows_counted = sorter.rows_counted
            rows = self._reader.read(data)
            self._look_at_shape(data, rows, totals)
            self._note_hidden(rows)
            yield self._checked(rows)
        if is_empty:
            yield self._checked(self._reader.read(empty_batch(indices)))

    def control(self) -> ControlTotal:
        """What the totals state, after comparing each with the rows.

        Raises:
            Refusal: one disagrees, or the table holds another list.
        """
        places = Places(
            name=self._place_of,
            visible=self._visible_sums if self.hidden_rows else None,
            hidden_rows=rows_in_words(self.hidden_rows),
            second_list_row=lambda: second_list_row(self._table),
        )
        stated = [each for row in self._totals for each in self._stated(row)]
        control = check_totals(stated, self.sums, places)
        self._refuse_merged_numbers({each.measure for each in stated})
        for head in self._sorter.further_heads:
            if begins_other_list(self._table, head):
                raise Refusal("second_list", f"{self.place}第 {head.row_number} 行{_SECOND_LIST}")
        self._refuse_other_unit_below()
        return control

    def _refuse_merged_numbers(self, checked: set[Measure]) -> None:
        """Refuse documents of which several have one merged amount or headcount, unless a total says how often it counts."""
        columns = {index: name for name, index in self._table.header.columns.items()}
        for area in self._merged:
            measures = {columns.get(index) for index in range(area.first_column, area.last_column + 1)}
            for measure, name in (("amount", "金额"), ("persons", "人数")):
                rows = self._numbers_in.get(measure, set()) & set(range(area.first_row, area.last_row + 1))
                if measure in measures and measure not in checked and len(rows) > 1:
                    said = _MERGED_NUMBER.format(place=self._place_of(area.first_row, area.first_column), name=name)
                    raise Refusal("merged_number", said)

    def _refuse_other_unit_below(self) -> None:
        """Refuse a table below whose rows another unit of amounts stands than the one in which they were read."""
        used = self.facts.units
        for row in self._sorter.remarks:
            unit = unit_above([row.cells]) if used else None
            if unit is not None and unit not in used.values():
                said = _UNIT_BELOW.format(
                    place=self.place, row=row.row_number, unit=unit, used="、".join(dict.fromkeys(used.values()))
                )
                raise Refusal("unit_below", said)

    def _stated_above(self, row: Record) -> list[Stated]:
        return list(stated_in_head(row, self._reader.unit("amount"), self._source))

    def _stated(self, row: Record) -> list[Stated]:
        header, unit = self._table.header, self._reader.unit("amount")
        if any(row is each for each in self._head_totals):
            return self._stated_above(row)
        if words := self._line_words(row):
            return list(stated_in_line(row, words, unit))
        columns = TotalColumns(header.labels, header.columns, unit, self._counted_beside, self._holds_numbers)
        return list(stated_in_row(row, columns, self._source))

    def _line_words(self, row: Record) -> tuple[str, ...]:
        layout = self._table.layout
        if row is self._table.first_line:
            return layout.first_line_words
        if layout.last_line or layout.positions:
            return layout.last_line or _TOTAL_LINE
        ends_before_amounts = layout.form == "lines" and not any(row.cells[self._table.header.columns["amount"] :])
        return _TOTAL_LINE if ends_before_amounts else ()

    def _holds_numbers(self, index: int) -> bool:
        """Whether the data cells of a column that no field takes are numbers, as amounts are."""
        sorter = self._table.sorter()
        indices = sorted({*self._reader.columns.values(), index})
        found = False
        for batch in self._table.batches(indices):
            data, _ = sorter.sort(batch)
            cells = data[cell_column(index)].drop_nulls().str.strip_chars()
            filled = cells.filter(cells != "")
            if not filled.str.contains(_SHORT_NUMBER).all():
                return False
            found |= not filled.is_empty()
        return found

    def _place_of(self, row_number: int, column: int) -> str:
        """A cell as its reader finds it: as a spreadsheet names it, in a text by line and field."""
        if self._table.sheet is not None:
            return f"{self.place}单元格 {column_letters(column)}{row_number} "
        words = next((self._line_words(row) for row in self._totals if row.row_number == row_number), ())
        spoken = [CHINESE_LINE_WORDS.get(word, word) for word in words]
        labels = [*(spoken or self._table.header.labels), *[""] * (column + 1)]
        names = {index: name for name, index in self._table.header.columns.items()} if not words else {}
        label, name = labels[column] or f"第 {column + 1} 列", names.get(column)
        return f"第 {row_number} 行“{label}{f'({name})' if name and name != label else ''}”"

    def _checked(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows as they are kept, after taking note of their sums and dates."""
        self.sums.add(rows)
        if "levy_item" in rows.columns:
            self.items |= dict.fromkeys(rows[text_column("levy_item")].drop_nulls().unique(maintain_order=True))
            is_kept = pl.col("dropped_reason").is_null()
            self.used_count += rows.select((is_kept & pl.col("quarantine_field").is_null()).sum()).item()
            self.unreadable_count += rows.select((is_kept & (pl.col("quarantine_field") != "levy_item")).sum()).item()
        layout, columns = self._table.layout, self._table.header.columns
        self.cells = kept_cells(rows, self._table.sheet, columns, layout.fields or layout.line_columns)
        if self._source.keeps_cells:
            self.cells = self.cells.with_columns(rows["cells"])
        for name in {"amount", "persons"} & columns.keys() if self._merged else ():
            numbers = rows.filter(pl.col(text_column(name)).is_not_null())["row_number"]
            self._numbers_in.setdefault(name, set()).update(numbers)
        if self._source.needs_paid_date:
            self._require_paid_date(rows)
        if self._source.has_snapshot_date:
            has_no_date = pl.col("snapshot_date").is_null() & pl.col(text_column("snapshot_date")).is_null()
            is_undated = bool(rows.select((has_no_date & ~pl.col("is_misshapen")).any()).item())
            self.has_undated_rows |= is_undated
            if is_undated:
                self._require_head_date("snapshot_date")
        # A document's date in a column is that of its row; in the head it is that of the file.
        stating = ("snapshot_date",) if "document_date" in columns else ("snapshot_date", "document_date")
        for name in stating:
            if name in rows.columns and (latest := rows.select(pl.col(name).max()).item()) is not None:
                self.stated_date = max(self.stated_date or latest, latest)
        return rows.select(output_columns(self._source))

    def _require_paid_date(self, rows: pl.DataFrame) -> None:
        is_paid = pl.col("outcome").is_in([SUCCESS, REVERSED])
        states_none = pl.col(text_column("paid_date")).is_null()
        if rows.select((is_paid & states_none & ~pl.col("is_misshapen")).any()).item():
            self._require_head_date("paid_date")
        has_no_date = pl.col("paid_date").is_null() & states_none
        undated = rows.filter(is_paid & has_no_date & ~pl.col("is_misshapen"))
        if not undated.is_empty():
            raise Refusal("no_paid_date", f"{self.place}第 {undated['row_number'][0]} 行:{_NO_DATE}")

    def _require_head_date(self, name: str) -> None:
        """Refuse a table with rows that take the date of its head, where that can't be read."""
        if self._reader.has_unreadable_date(name):
            raise Refusal("unreadable_head_date", f"{self.place}{_HEAD_DATE.format(name=_DATE_NAMES[name])}")

    def _look_at_shape(self, data: pl.DataFrame, rows: pl.DataFrame, totals: list[Record]) -> None:
        """Note which rows are shorter than the header, and whether the last row of the file is."""
        is_short = data["cell_count"].fill_null(self._row_width) < self._row_width
        if is_short.any():
            self._short_count += int(is_short.sum())
            columns = self._reader.columns
            self._is_in_place &= are_in_place(rows, is_short, columns, self._source)
        self._has_empty_ends |= bool(data["row_text"].str.contains(rf"{CELL_SEPARATOR}\s*$").any())
        if len(data):
            is_last = all(total.row_number < data["row_number"][-1] for total in totals)
            self.ends_short = is_last and bool(is_short[-1])
        elif totals:
            self.ends_short = False

    def _note_hidden(self, rows: pl.DataFrame) -> None:
        """Note the hidden and struck rows, and the sums of the others, which a reader of the sheet sees."""
        if self._table.hidden_rows:
            is_hidden = rows["row_number"].is_in(list(self._table.hidden_rows))
            self.hidden_rows += rows["row_number"].filter(is_hidden).to_list()
            self._visible_sums.add(rows.filter(~is_hidden))

    def _other_columns(self) -> dict[str, int]:
        if not self._source.keeps_cells:
            return {}
        header = self._table.header
        used = set(header.columns.values())
        others = {
            label: index for index, label in reversed(list(enumerate(header.labels))) if label and index not in used
        }
        return dict(sorted(others.items()))
