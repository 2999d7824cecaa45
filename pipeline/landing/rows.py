"""Data rows of a table as typed rows of its source.

How single texts are read is told by ``fields``, ``amounts``, ``dates`` and ``outcomes``; which rows are data by
``row_kinds``; which typed rows can't be used by ``judgement``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from pipeline.landing import fields
from pipeline.landing.amounts import fen, yuan
from pipeline.landing.dates import read_date, to_date
from pipeline.landing.fields import clean_text, clean_texts, read_distinct
from pipeline.landing.judgement import judge, text_column
from pipeline.landing.layouts import Layout
from pipeline.landing.outcomes import FAILED, REVERSED, failure_reason, outcome
from pipeline.landing.sources import SOURCES, Field, Source
from pipeline.landing.tables import cell_column, number_column

_BESIDE = ("due_amount", "persons", "made_at", "outcome", "outcome_code", "outcome_text")
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
        text: str | None = pl.select(clean_text(pl.lit(self.head.get(name), pl.String))).item()
        return text

    def read(self, batch: pl.DataFrame) -> pl.DataFrame:
        """The typed rows, with the helper columns that ``judgement`` and ``totals`` use."""
        is_short = batch["cell_count"].fill_null(self.row_width) < self.row_width
        rows = pl.DataFrame(
            [batch["row_number"], (is_short | batch["has_excess"]).alias("is_misshapen"), *self._texts(batch)]
        )
        for field in self.source.fields:
            rows = rows.with_columns(self._values(field, rows, batch))
        if "due_amount_fen" not in rows.columns:
            rows = rows.with_columns(self._fen("due_amount", rows))
        if "persons" not in rows.columns:
            rows = rows.with_columns(read_distinct(rows[text_column("persons")], fields.count).alias("persons"))
        rows = rows.with_columns(self._outcome_or_role()).with_columns(self._amounts())
        rows = rows.with_columns(pl.lit(self.sheet, pl.String).alias("sheet"), self._cells(batch))
        return judge(rows, self.source, self.layout)

    def _texts(self, batch: pl.DataFrame) -> list[pl.Series]:
        names = dict.fromkeys([*(field.name for field in self.source.fields), *_BESIDE])
        return [self._text(name, batch).alias(text_column(name)) for name in names]

    def _text(self, name: str, batch: pl.DataFrame) -> pl.Series:
        if name in self.columns:
            text = clean_texts(batch[cell_column(self.columns[name])])
            if self.layout.empty_word:
                text = text.replace(self.layout.empty_word, None)
        else:
            text = pl.repeat(None, len(batch), dtype=pl.String, eager=True)
        if name in ("batch_no", "township") and name in self.head:
            text = text.fill_null(self.head_text(name) or "").replace("", None)
        return text

    def _values(self, field: Field, rows: pl.DataFrame, batch: pl.DataFrame) -> list[pl.Series]:
        """The typed columns of a field."""
        text = rows[text_column(field.name)]
        match field.type:
            case "amount":
                return [self._fen(field.name, rows)]
            case "date":
                return [self._date(field.name, rows)]
            case "count":
                return [read_distinct(text, fields.count).alias(field.name)]
            case "name":
                return [
                    read_distinct(text, fields.name).alias("name"),
                    read_distinct(text, fields.name_key).alias("name_key"),
                ]
            case "account":
                return [fields.account(text, self._is_number(field.name, batch)).alias("account")]
            case "id":
                is_number = self._is_number(field.name, batch) | fields.is_exponent(text)
                id_text = fields.id_text(text, is_number).alias("id_text")
                return [id_text, text.alias("id_original"), is_number.alias("id_is_number")]
            case "word":
                # Like a date that can't be read, a word that isn't listed is no value of the field.
                is_listed = text.is_in(list(field.words)).fill_null(value=False)
                return [
                    text.zip_with(is_listed, pl.repeat(None, len(text), dtype=pl.String, eager=True)).alias(field.name)
                ]
            case _:
                return [text.alias(field.name)]

    def _is_number(self, name: str, batch: pl.DataFrame) -> pl.Series:
        index = self.columns.get(name, -1)
        if number_column(index) not in batch.columns:
            return pl.repeat(value=False, n=len(batch), eager=True)
        starts = batch[cell_column(index)].str.contains(_STARTS_AS_NUMBER).fill_null(value=False)
        return batch[number_column(index)] & starts

    def _fen(self, name: str, rows: pl.DataFrame) -> pl.Series:
        unit = self.units.get(name, self.layout.amount_unit)
        return read_distinct(rows[text_column(name)], lambda text: fen(text, unit)).alias(f"{name}_fen")

    def _date(self, name: str, rows: pl.DataFrame) -> pl.Series:
        text = rows[text_column(name)]
        own = self._dates(text)
        if name == "snapshot_date":
            other = pl.repeat(self._head_date(name), len(rows), dtype=pl.Date, eager=True)
        elif name == "paid_date":
            other = self._dates(rows[text_column("made_at")])
            if self.paid_date_in_head:
                other = other.fill_null(self.paid_date_in_head)
        else:
            return own.alias(name)
        return own.zip_with(text.is_not_null(), other).alias(name)

    def _dates(self, texts: pl.Series) -> pl.Series:
        return read_distinct(texts, lambda text: to_date(text, self.layout.date_formats))

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

    def _cells(self, batch: pl.DataFrame) -> pl.Series:
        """The further cells of each row as JSON, by label, as they stand there: a token covers them to the character."""
        others = [batch[cell_column(index)].fill_null("").alias(label) for label, index in self.other_columns.items()]
        if not others:
            return pl.repeat("{}", len(batch), eager=True).alias("cells")
        return pl.DataFrame(others).to_struct("cells").struct.json_encode()


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
