"""Data rows of a table as typed rows of its source.

How single texts are read is told by ``fields``, ``amounts``, ``dates`` and ``words``, what the words of a payment's line say
together by ``outcomes``; which rows are data by ``row_kinds``; which typed rows can't be used by ``judgement``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache, partial

import polars as pl

from pipeline.contracts.codes import vocabulary
from pipeline.contracts.sources import SOURCES, Field, Source
from pipeline.landing import fields, outcomes
from pipeline.landing.amounts import fen, yuan
from pipeline.landing.dates import Moment, read_date, read_moment, to_date
from pipeline.landing.death_dates import DEATH_DATE, DECEASED
from pipeline.landing.fields import Reading, clean_columns, clean_text, read_columns, read_ids
from pipeline.landing.judgement import holds_back, is_dropped, is_unknown, judge, meaning_column, text_column
from pipeline.landing.landed_row import LANDED_ROW_COLUMNS, with_landed_row
from pipeline.landing.layouts import Layout
from pipeline.landing.outcomes import FAILED, REVERSED, UNRECOGNISED
from pipeline.landing.tables import cell_column, number_column
from pipeline.landing.words import EMPTY_WORDS, NOTHING, compact, meaning, own_word

_BESIDE = (
    Field(name="due_amount", type="amount"),
    Field(name="persons", type="count"),
    Field(name="made_at", type="date"),
)
_OUTCOME = ("outcome", "outcome_code", "outcome_text")
_STARTS_AS_NUMBER = r"^[-+.0-9]"
# What the code and the word of a payment's line mean; a column that must be known where a line says something.
OUTCOME_MEANINGS = {"outcome_code": "code means", "outcome": meaning_column("outcome")}
_USED_LEVY_ITEM = "10210"


@dataclass(frozen=True)
class RowReader:
    """Turns batches of data rows into typed rows.

    Attributes:
        sheet: the sheet's name; null for a text file.
        columns: the column of each field.
        header_words: the alias by which each field was found.
        units: the unit that a field's header states.
        head: the values of head fields.
        other_columns: further columns by label, for replies, which keep them.
        person_role: what the person column of a reply makes the person.
        row_width: the number of columns that a row of a text file must have.
        counts_from_1904: whether the workbook counts the days from 1904.
    """

    layout: Layout
    sheet: str | None
    columns: Mapping[str, int]
    header_words: Mapping[str, str]
    units: Mapping[str, str]
    head: Mapping[str, str]
    other_columns: Mapping[str, int]
    person_role: str | None
    row_width: int
    counts_from_1904: bool = False

    @property
    def source(self) -> Source:
        """The source of the rows."""
        return SOURCES[self.layout.source]

    @cached_property
    def date_in_head(self) -> date | None:
        """The date of the head: 付款日期, else that of a document, else 制表时间."""
        dates = (self._head_date(name) for name in ("paid_date", "document_date", "made_at"))
        return next((each for each in dates if each), None)

    @property
    def made_at(self) -> Moment | None:
        """The 制表时间 of the head."""
        layout = self.layout
        return read_moment(
            self.head.get("made_at"), layout.date_formats, layout.policy_year, counts_from_1904=self.counts_from_1904
        )

    def unit(self, name: str) -> str:
        """The unit of an amount whose cell states none."""
        return self.units.get(name, self.layout.amount_unit)

    def head_text(self, name: str) -> str | None:
        """The cleaned text of a head field."""
        if name not in self.head:
            return None
        text = _cleaned(self.head[name])
        return None if text in EMPTY_WORDS else text

    def has_unreadable_date(self, name: str) -> bool:
        """Whether the head states a date that can't be read or does not exist."""
        return self.head_text(name) is not None and self._head_date(name) is None

    def read(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The typed rows, with the helper columns that ``judgement`` and ``totals`` use."""
        is_short = pl.col("cell_count").fill_null(self.row_width) < self.row_width
        rows = self._with_texts(batch).with_columns(is_misshapen=is_short | pl.col("has_excess"))
        readings = [(field.name, reading) for field in self._read_fields for reading in self._readings(field)]
        if self.source.has_outcome:
            readings += [(name, self._outcome_reading(name)) for name in ("outcome", "outcome_text")]
        rows = read_columns(rows, [reading for name, reading in readings if name in self.columns])
        rows = rows.with_columns(
            pl.lit(None, reading.dtype).alias(reading.name) for name, reading in readings if name not in self.columns
        )
        if any(field.type == "id" for field in self.source.fields):
            rows = read_ids(rows, text_column("id_no"), self._is_number("id_no", rows))
        values = [value for field in self.source.fields for value in self._values(field, rows)]
        rows = rows.with_columns(*values, pl.lit(self.sheet, pl.String).alias("sheet"))
        rows = self._with_outcome(rows) if self.source.has_outcome else rows
        if self.source.keeps_cells:
            rows = rows.with_columns(self._cells(), pl.lit(self.person_role, pl.String).alias("role"))
        rows = judge(rows.with_columns(self._amounts()), self.source, set(self.columns))
        rows = rows.with_columns(self._evidence()) if self.source.is_evidence else rows
        return with_landed_row(rows, self.source)

    @cached_property
    def _read_fields(self) -> list[Field]:
        """The fields of a row, and those beside them that only totals or dates need."""
        own = {field.name for field in self.source.fields}
        return [*self.source.fields, *(field for field in _BESIDE if field.name not in own)]

    def _with_texts(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Add the cleaned text of each field, null where it is empty or has no column."""
        names = [*(field.name for field in self._read_fields), *_OUTCOME]
        found = {text_column(name): cell_column(self.columns[name]) for name in names if name in self.columns}
        missing = [pl.lit(None, pl.String).alias(text_column(name)) for name in names if name not in self.columns]
        rows = clean_columns(batch, found).with_columns(missing)
        rows = rows.with_columns(self._not_empty(name) for name in found)
        in_head = [name for name in ("batch_no", "township") if name in names and name in self.head]
        return rows.with_columns(
            pl.col(text_column(name)).fill_null(pl.lit(self.head_text(name), pl.String)) for name in in_head
        )

    def _not_empty(self, column: str) -> pl.Expr:
        """A text that is no word for an empty cell; a name may be any text that is not the layout's own word."""
        words = () if column == text_column("name") else EMPTY_WORDS
        text = pl.col(column)
        return pl.when(~text.is_in([*words, *([self.layout.empty_word] if self.layout.empty_word else [])])).then(text)

    def _readings(self, field: Field) -> list[Reading]:
        """The columns of a field that are read from its text alone."""
        name, text = field.name, text_column(field.name)
        match field.type:
            case "amount":
                return [Reading(f"{name}_fen", text, partial(fen, unit=self.unit(name)), pl.Int64)]
            case "date":
                return [Reading(name, text, self._date, pl.Date)]
            case "count":
                return [Reading(name, text, partial(fields.count, is_signed=field.is_signed), pl.Int64)]
            case "name":
                return [
                    Reading(name, text, fields.name, pl.String),
                    Reading("name_key", text, fields.name_key, pl.String),
                    Reading("name_simplified_key", text, fields.simplified_key, pl.String),
                ]
            case "word":
                return [Reading(meaning_column(name), text, partial(self._meaning, field), pl.String)]
            case _:
                return []

    def _meaning(self, field: Field, text: pl.Expr) -> pl.Expr:
        """What a word means: the layout's own first, then the bureau's, then the listed ones."""
        found = meaning(text, vocabulary(field.vocabulary or field.name), self.layout.own_words.get(field.name, {}))
        items = self.layout.levy_items
        if field.name != "levy_item" or items is None:
            return found
        word = compact(text)
        is_used = pl.any_horizontal(word.is_in(list(items.names)), *map(word.str.starts_with, items.beginnings))
        return pl.when(is_used).then(pl.lit(_USED_LEVY_ITEM)).otherwise(found)

    def _outcome_reading(self, name: str) -> Reading:
        return Reading(
            meaning_column(name), text_column(name), partial(outcomes.text_meaning, layout=self.layout), pl.String
        )

    def _values(self, field: Field, rows: pl.DataFrame) -> list[pl.Expr]:
        """The typed columns of a field that need more than its text."""
        text = pl.col(text_column(field.name))
        match field.type:
            case "date":
                return self._date_from_elsewhere(field.name)
            case "account" | "number":
                return [fields.number(text, self._is_number(field.name, rows)).alias(field.name)]
            case "word":
                return self._word_values(field)
            case "text":
                return [own_word(text, self.layout.own_words.get(field.name, {})).alias(field.name)]
            case _:
                return []

    def _word_values(self, field: Field) -> list[pl.Expr]:
        """The code that a word means, and the word where nobody knows what it means; such a word is no value."""
        text, says = pl.col(text_column(field.name)), pl.col(meaning_column(field.name))
        means = pl.when(says != NOTHING).then(says)
        if field.without_column and field.name not in self.columns:
            means = pl.lit(field.without_column)
        if field.empty_says:
            means = pl.when(text.is_null()).then(pl.lit(field.empty_says)).otherwise(means.fill_null(outcomes.UNKNOWN))
        shown = text.fill_null("") if field.is_empty_unknown else text
        unknown = pl.when(is_unknown(field) & ~pl.col("is_misshapen") & self._is_kept()).then(shown)
        values = [means.alias(field.meaning_column), unknown.alias(f"unknown_{field.name}")]
        return [*values, text.alias(field.name)] if field.keeps_text else values

    def _is_number(self, name: str, rows: pl.DataFrame) -> pl.Expr:
        index = self.columns.get(name, -1)
        if number_column(index) not in rows.columns:
            return pl.lit(value=False)
        starts = pl.col(cell_column(index)).str.contains(_STARTS_AS_NUMBER).fill_null(value=False)
        return pl.col(number_column(index)) & starts

    def _date(self, text: pl.Expr) -> pl.Expr:
        layout = self.layout
        return to_date(text, layout.date_formats, layout.policy_year, counts_from_1904=self.counts_from_1904)

    def _date_from_elsewhere(self, name: str) -> list[pl.Expr]:
        """Where a row has no text of its own: the head's date of a snapshot; a bank's time of making, else its head's date."""
        own = pl.when(pl.col(text_column(name)).is_not_null()).then(pl.col(name))
        if name == "snapshot_date":
            return [own.otherwise(pl.lit(self._head_date(name), pl.Date)).alias(name)]
        if name == "paid_date" and self.source.needs_paid_date:
            made = pl.coalesce(pl.col("made_at"), pl.lit(self.date_in_head, pl.Date))
            is_made = pl.col(text_column(name)).is_null() & pl.lit(self._head_date("paid_date") is None)
            return [own.otherwise(made).alias(name), (is_made & made.is_not_null()).alias("is_dated_by_making")]
        return []

    def _head_date(self, name: str) -> date | None:
        layout = self.layout
        return read_date(
            self.head.get(name), layout.date_formats, layout.policy_year, counts_from_1904=self.counts_from_1904
        )

    def _with_outcome(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add what became of the payment, why it failed, and what of it nobody knows."""
        code, word, text = (pl.col(text_column(name)) for name in ("outcome_code", "outcome", "outcome_text"))
        word_means, text_means = pl.col(meaning_column("outcome")), pl.col(meaning_column("outcome_text"))
        restored = outcomes.restored_code(code, (word_means, text_means), self.layout)
        rows = rows.with_columns(restored.alias("restored code"))
        rows = rows.with_columns(outcomes.code_meaning(pl.col("restored code"), self.layout).alias("code means"))
        cells = outcomes.Texts(code, word, text)
        means = outcomes.Meanings(pl.col("code means"), word_means, text_means)
        rows = rows.with_columns(outcomes.outcome(cells, means).alias("outcome"))
        reason = outcomes.failure_reason(pl.col("restored code"), cells, self.layout)
        is_told = ~pl.col("is_misshapen") & self._is_kept()
        return rows.with_columns(
            pl.when(pl.col("outcome") == FAILED).then(reason).alias("failure_reason"),
            text.alias("outcome_text"),
            pl.when(is_told).then(outcomes.unknown_code(cells, means)).alias("unknown_outcome_code"),
            pl.when(is_told).then(outcomes.unknown_word(cells, means)).alias("unknown_outcome"),
        )

    def _is_kept(self) -> pl.Expr:
        return ~is_dropped(self.source)

    def _evidence(self) -> list[pl.Expr]:
        """Whether something that speaks against the person can't be read, and the death that a date alone states."""
        unreadable = [holds_back(field) for field in self.source.fields if field.is_evidence]
        if "event_date" not in {field.name for field in self.source.fields}:
            return [pl.any_horizontal(unreadable).alias("is_evidence_unreadable")]
        is_date_alone = pl.col(text_column("event_date")).is_not_null() & pl.col(text_column("exclusion")).is_null()
        if self.header_words.get("event_date") != DEATH_DATE:
            return [pl.any_horizontal([*unreadable, is_date_alone]).alias("is_evidence_unreadable")]
        deceased = pl.when(is_date_alone).then(pl.lit(DECEASED)).otherwise(pl.col("exclusion"))
        return [pl.any_horizontal(unreadable).alias("is_evidence_unreadable"), deceased.alias("exclusion")]

    def _amounts(self) -> list[pl.Expr]:
        """Amounts in yuan; one that came back is taken without its sign, any other negative one is none but in a transfer."""
        amounts = []
        for field in self.source.fields:
            if field.type == "amount":
                signed = pl.col(f"{field.name}_fen")
                positive = pl.when(signed >= 0).then(signed)
                if self.source.has_outcome:
                    came_back = pl.col("outcome").is_in([REVERSED, UNRECOGNISED])
                    positive = pl.when(came_back).then(signed.abs()).otherwise(positive)
                amounts.append(yuan(signed if field.is_signed else positive).alias(f"{field.name}_yuan"))
        return amounts

    def _cells(self) -> pl.Expr:
        """The further cells of each row as JSON, by label, as they stand there: a token covers them to the character."""
        others = [pl.col(cell_column(index)).fill_null("").alias(label) for label, index in self.other_columns.items()]
        return (pl.struct(others).struct.json_encode() if others else pl.lit("{}")).alias("cells")


@lru_cache(maxsize=256)
def _cleaned(text: str) -> str | None:
    """One text without what its cell has around it; that of a head is asked for again and again."""
    found: str | None = pl.select(clean_text(pl.lit(text))).item()
    return found


def output_columns(source: Source) -> list[str]:
    """The columns of a source's rows as they are kept, in order: its own, and those that all sources share."""
    columns: list[str] = []
    for field in source.fields:
        columns += _columns_of(field)
    if source.needs_paid_date:
        columns += ["is_dated_by_making"]
    if source.has_outcome:
        columns += ["outcome", "failure_reason", "outcome_text", "unknown_outcome", "unknown_outcome_code"]
    if source.keeps_cells:
        columns += ["role", "cells"]
    if source.is_evidence:
        columns += ["is_evidence_unreadable"]
    return list(dict.fromkeys([*LANDED_ROW_COLUMNS, "quarantine_text", *columns]))


def _columns_of(field: Field) -> tuple[str, ...]:
    match field.type:
        case "name":
            return ("name", "name_key", "name_simplified_key")
        case "id":
            return ("id_text", "id_original", "id_is_number")
        case "amount":
            return (f"{field.name}_yuan",)
        case "word":
            return tuple(dict.fromkeys((field.name, field.meaning_column, f"unknown_{field.name}")))
        case _:
            return (field.name,)
