"""Data rows of a table as typed rows of its source.

How single texts are read is told by ``fields``, ``amounts``, ``dates`` and ``outcomes``; which rows are data by
``row_kinds``; which typed rows can't be used by ``judgement``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

import polars as pl

from pipeline.landing import fields
from pipeline.landing.amounts import fen, yuan
from pipeline.landing.dates import read_date, to_date
from pipeline.landing.fields import Reading, clean_columns, clean_text, read_columns, read_ids
from pipeline.landing.judgement import judge, text_column
from pipeline.landing.layouts import Layout
from pipeline.landing.outcomes import FAILED, REVERSED, failure_reason, outcome
from pipeline.landing.sources import SOURCES, Field, FieldType, Source
from pipeline.landing.tables import cell_column, number_column

_TYPES_BESIDE: dict[str, FieldType] = {"due_amount": "amount", "persons": "count", "made_at": "date"}
_BESIDE = (*_TYPES_BESIDE, "outcome", "outcome_code", "outcome_text")
_STARTS_AS_NUMBER = r"^[-+.0-9]"


@dataclass(frozen=True)
class RowReader:
    """Turns batches of data rows into typed rows.

    Attributes:
        sheet: the sheet's name; null for a text file.
        columns: the column of each field.
        units: the unit that a field's header states.
        head: the values of head fields.
        other_columns: further columns by label, for replies, which keep them.
        person_role: what the person column of a reply makes the person.
        row_width: the number of columns that a row of a text file must have.
    """

    layout: Layout
    sheet: str | None
    columns: Mapping[str, int]
    units: Mapping[str, str]
    head: Mapping[str, str]
    other_columns: Mapping[str, int]
    person_role: str | None
    row_width: int

    @property
    def source(self) -> Source:
        """The source of the rows."""
        return SOURCES[self.layout.source]

    @cached_property
    def paid_date_in_head(self) -> date | None:
        """The date of the head: 付款日期, else 制表时间."""
        dates = (self._head_date(name) for name in ("paid_date", "made_at"))
        return next((each for each in dates if each), None)

    def head_text(self, name: str) -> str | None:
        """The cleaned text of a head field."""
        if name not in self.head:
            return None
        text: str | None = pl.select(clean_text(pl.lit(self.head[name]))).item()
        return text

    def read(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The typed rows, with the helper columns that ``judgement`` and ``totals`` use."""
        is_short = pl.col("cell_count").fill_null(self.row_width) < self.row_width
        rows = self._with_texts(batch).with_columns(is_misshapen=is_short | pl.col("has_excess"))
        types = {field.name: field.type for field in self.source.fields} | _TYPES_BESIDE
        readings = [(name, reading) for name, kind in types.items() for reading in self._readings(name, kind)]
        rows = read_columns(rows, [reading for name, reading in readings if name in self.columns])
        rows = rows.with_columns(
            pl.lit(None, reading.dtype).alias(reading.name) for name, reading in readings if name not in self.columns
        )
        if any(field.type == "id" for field in self.source.fields):
            rows = read_ids(rows, text_column("id_no"), self._is_number("id_no", rows))
        values = [value for field in self.source.fields for value in self._values(field, rows)]
        rows = rows.with_columns(*values, *self._outcome_or_role(), pl.lit(self.sheet, pl.String).alias("sheet"))
        if self.source.keeps_cells:
            rows = rows.with_columns(self._cells())
        return judge(rows.with_columns(self._amounts()), self.source, self.layout)

    def _with_texts(self, batch: pl.DataFrame) -> pl.DataFrame:
        """Add the cleaned text of each field; null where it has no column."""
        names = dict.fromkeys([*(field.name for field in self.source.fields), *_BESIDE])
        found = {text_column(name): cell_column(self.columns[name]) for name in names if name in self.columns}
        missing = [pl.lit(None, pl.String).alias(text_column(name)) for name in names if name not in self.columns]
        rows = clean_columns(batch, found).with_columns(missing)
        if self.layout.empty_word:
            texts = [pl.col(name) for name in found]
            rows = rows.with_columns(pl.when(text != self.layout.empty_word).then(text) for text in texts)
        in_head = [name for name in ("batch_no", "township") if name in names and name in self.head]
        return rows.with_columns(pl.col(text_column(name)).fill_null(self.head_text(name)) for name in in_head)

    def _readings(self, name: str, kind: FieldType) -> list[Reading]:
        """The columns of a field that are read from its text alone."""
        text = text_column(name)
        match kind:
            case "amount":
                return [Reading(f"{name}_fen", text, partial(fen, unit=self._unit(name)), pl.Int64)]
            case "date":
                return [Reading(name, text, partial(to_date, formats=self.layout.date_formats), pl.Date)]
            case "count":
                return [Reading(name, text, fields.count, pl.Int64)]
            case "name":
                return [
                    Reading(name, text, fields.name, pl.String),
                    Reading("name_key", text, fields.name_key, pl.String),
                ]
            case _:
                return []

    def _values(self, field: Field, rows: pl.DataFrame) -> list[pl.Expr]:
        """The typed columns of a field that need more than its text."""
        text = pl.col(text_column(field.name))
        match field.type:
            case "date":
                return self._date_from_elsewhere(field.name)
            case "account":
                return [fields.account(text, self._is_number(field.name, rows)).alias(field.name)]
            case "word":
                # Like a date that can't be read, a word that isn't listed is no value of the field.
                return [pl.when(text.is_in(list(field.words))).then(text).alias(field.name)]
            case "text":
                return [text.alias(field.name)]
            case _:
                return []

    def _is_number(self, name: str, rows: pl.DataFrame) -> pl.Expr:
        index = self.columns.get(name, -1)
        if number_column(index) not in rows.columns:
            return pl.lit(value=False)
        starts = pl.col(cell_column(index)).str.contains(_STARTS_AS_NUMBER).fill_null(value=False)
        return pl.col(number_column(index)) & starts

    def _unit(self, name: str) -> str:
        return self.units.get(name, self.layout.amount_unit)

    def _date_from_elsewhere(self, name: str) -> list[pl.Expr]:
        """Where a row has no text of its own: the snapshot's date in the head; the time of making, else the date of the head."""
        own = pl.when(pl.col(text_column(name)).is_not_null()).then(pl.col(name))
        if name == "snapshot_date":
            return [own.otherwise(pl.lit(self._head_date(name), pl.Date)).alias(name)]
        if name == "paid_date":
            made = pl.coalesce(pl.col("made_at"), pl.lit(self.paid_date_in_head, pl.Date))
            return [own.otherwise(made).alias(name)]
        return []

    def _head_date(self, name: str) -> date | None:
        return read_date(self.head.get(name), self.layout.date_formats)

    def _outcome_or_role(self) -> list[pl.Expr]:
        if not self.source.has_outcome:
            return [pl.lit(self.person_role, pl.String).alias("role")]
        code, word, text = (pl.col(text_column(name)) for name in ("outcome_code", "outcome", "outcome_text"))
        result = outcome(code, word, self.layout)
        reason = pl.when(result == FAILED).then(failure_reason(code, word, text, self.layout))
        return [result.alias("outcome"), reason.alias("failure_reason"), text.alias("outcome_text")]

    def _amounts(self) -> list[pl.Expr]:
        """Amounts in yuan; a reversal's is taken without its sign."""
        amounts = []
        for field in self.source.fields:
            if field.type == "amount":
                signed = pl.col(f"{field.name}_fen")
                if self.source.has_outcome:
                    signed = pl.when(pl.col("outcome") == REVERSED).then(signed.abs()).otherwise(signed)
                amounts.append(yuan(signed).alias(f"{field.name}_yuan"))
        return amounts

    def _cells(self) -> pl.Expr:
        """The further cells of each row as JSON, by label, as they stand there: a token covers them to the character."""
        others = [pl.col(cell_column(index)).fill_null("").alias(label) for label, index in self.other_columns.items()]
        return (pl.struct(others).struct.json_encode() if others else pl.lit("{}")).alias("cells")


def output_columns(source: Source) -> list[str]:
    """The columns of a source's rows, in order."""
    typed = {"name": ("name", "name_key"), "id": ("id_text", "id_original", "id_is_number")}
    columns = ["sheet", "row_number"]
    for field in source.fields:
        column = f"{field.name}_yuan" if field.type == "amount" else field.name
        columns += typed.get(field.type, (column,))
    if source.has_outcome:
        columns += ["outcome", "failure_reason", "outcome_text"]
    if source.keeps_cells:
        columns += ["role", "cells"]
    return [*columns, "quarantine_field", "quarantine_reason", "quarantine_text", "dropped_reason"]
