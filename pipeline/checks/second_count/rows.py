"""The data rows of every source, read from the texts of their cells: which columns make a row, and what is asked of them."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, TypeVar

import polars as pl

from pipeline.checks.second_count.columns import Columns
from pipeline.checks.second_count.facts import FileFacts, TableFacts
from pipeline.checks.second_count.outcomes import REVERSED, SUCCESS
from pipeline.checks.second_count.readings import Readings
from pipeline.checks.second_count.row_types import (
    PENSION_ITEM,
    AnswerRow,
    BenefitRow,
    CategoryRow,
    ClassRow,
    Faults,
    GrantRow,
    LineRow,
    RegisterRow,
    ReplyRow,
    RollRow,
    TransferRow,
    UnknownWords,
)
from pipeline.checks.second_count.texts import UNREADABLE, compact, read_number
from pipeline.checks.second_count.words import NOTHING

Row = TypeVar("Row", bound=tuple[Any, ...])

DEATH_DATE = "死亡日期"
GRADED = ("残", "级")


def rows_of(
    file: FileFacts, number: int, readings: Readings, snapshot_date: date | None
) -> tuple[list[list[Any]], set[date]]:
    """The rows of each table of a file, in reading order, of those that no rule of inputs.md leaves out; their own dates.

    Args:
        snapshot_date: the date of a snapshot's rows that state none themselves.
    """
    if file.cells is None:
        return [], set()
    cells = pl.read_parquet(file.cells)
    readers = [
        _TableReader(readings, file, number, table, cells_of(table, file, cells), snapshot_date)
        for table in file.tables
    ]
    tables = [reader.read() for reader in readers]
    return tables, {day for reader in readers for day in reader.own_dates}


def cells_of(table: TableFacts, file: FileFacts, cells: pl.DataFrame) -> pl.DataFrame:
    """The cells of one of a file's tables."""
    if len(file.tables) == 1:
        return cells
    return cells.filter(pl.col("sheet").eq_missing(pl.lit(table.sheet, pl.String)))


class _TableReader(Columns):
    """The rows of one table."""

    def read(self) -> list[Any]:
        """The rows of the table's source."""
        return {
            "poverty_roll": self._roll,
            "category_rolls": self._categories,
            "classification": self._classes,
            "pension_register": self._register,
            "bank_returns": self._bank_lines,
            "tax_returns": self._tax_lines,
            "fund_documents": self._grants,
            "allocations": self._transfers,
            "benefit_payments": self._benefits,
            "satisfaction_survey": self._answers,
            "township_replies": self._replies,
        }[self._file.source]()

    def _roll(self) -> list[RollRow]:
        schooling = self._texts("schooling")
        says = self._word("schooling", schooling)
        for at, text in enumerate(schooling):
            says[at] = (says[at] or "unknown") if text is not None else "not_at_school"
        names = self._names()
        columns = [
            self._dates("snapshot_date"),
            *self._townships(),
            self._texts("village"),
            self._numbers("household_no"),
            self._numbers("member_no"),
            self._needed("name", names, [name.shown for name in names]),
            self._identities(),
            schooling,
            says,
        ]
        return self._rows(RollRow, columns)

    def _categories(self) -> list[CategoryRow]:
        texts = self._texts("category")
        says = self._word("category", texts)
        unreadable = [
            text is not None and meaning is None and any(mark in text for mark in GRADED)
            for text, meaning in zip(texts, says, strict=True)
        ]
        for at in _where(unreadable):
            self._fault(at, "category", texts[at])
        categories = [None if meaning == NOTHING else meaning for meaning in says]
        columns = [self._dates("snapshot_date"), self._names(), self._identities(), categories, unreadable]
        return self._rows(CategoryRow, columns)

    def _classes(self) -> list[ClassRow]:
        texts = self._texts("class")
        columns = [
            self._needed_dates("verified_date"),
            *self._townships(),
            self._texts("village"),
            self._names(),
            self._identities(),
            self._needed("class", self._listed("class", texts), texts),
            self._texts("class_reason"),
        ]
        return self._rows(ClassRow, columns)

    def _register(self) -> list[RegisterRow]:
        exclusion_texts, event_texts = self._texts("exclusion"), self._texts("event_date")
        benefit_texts, insured_texts = self._texts("benefit_status"), self._texts("insured_status")
        exclusions, benefits = self._listed("exclusion", exclusion_texts), self._listed("benefit_status", benefit_texts)
        is_of_death = compact(self._table.aliases.get("event_date", "")) == DEATH_DATE
        unreadable = [
            (text is not None and exclusion is None) or (benefit_text is not None and benefit is None)
            for text, exclusion, benefit_text, benefit in zip(
                exclusion_texts, exclusions, benefit_texts, benefits, strict=True
            )
        ]
        for at, event in enumerate(event_texts):
            if event is not None and exclusion_texts[at] is None:
                if is_of_death:
                    exclusions[at] = "死亡"
                else:
                    unreadable[at] = True
        columns = [
            self._dates("self_paid_date"),
            self._identities(),
            self._word("insured_status", insured_texts),
            exclusions,
            benefits,
            self._positive_amounts("self_paid_amount"),
            [None if day is UNREADABLE else day for day in self._readings.dates(self._table).of(event_texts)],
            unreadable,
        ]
        return self._rows(RegisterRow, columns)

    def _bank_lines(self) -> list[LineRow]:
        head_date, made_at = (self._head_date(name) for name in ("paid_date", "made_at"))
        own_dates = self._dates("paid_date")
        head_batch = read_number(self._table.head.get("batch_no"), is_number=False)
        outcomes, nothing = self._outcomes(), [None] * self._size
        stated = head_date or made_at
        is_undated = [day is None for day in own_dates]
        columns = [
            [day or stated for day in own_dates] if stated else own_dates,
            self._has_fault("paid_date"),
            [head_date is None and made_at is not None and undated for undated in is_undated],
            [day or head_date for day in own_dates],
            *self._townships(),
            [number or head_batch for number in self._numbers("batch_no")],
            self._texts("line_no"),
            self._names(),
            self._numbers("account"),
            self._identities(),
            self._line_amounts(outcomes),
            outcomes,
            nothing,
            [(None, None)] * self._size,
            nothing,
        ]
        return self._rows(LineRow, columns)

    def _tax_lines(self) -> list[LineRow]:
        items = self._texts("levy_item")
        says = self._levy_items(items)
        for at in _where([item is None for item in says]):
            self._fault(at, "levy_item", items[at])
            if items[at] is None:
                # Of this field an empty text is an unknown word too.
                self._unknown.setdefault(at, []).append(("levy_item", ""))
        outcomes, days = self._outcomes(), self._dates("paid_date")
        has_bad_date = self._has_fault("paid_date")
        for at, (outcome, day) in enumerate(zip(outcomes, days, strict=True)):
            if day is None and not has_bad_date[at] and outcome.outcome in (SUCCESS, REVERSED):
                self._fault(at, "paid_date", None)
        columns = [
            days,
            has_bad_date,
            [False] * self._size,
            days,
            *self._townships(),
            self._numbers("voucher_no"),
            self._texts("line_no"),
            self._names(),
            [None] * self._size,
            self._identities(),
            self._line_amounts(outcomes),
            outcomes,
            says,
            list(zip(self._dates("period_from"), self._dates("period_to"), strict=True)),
            self._payers(),
        ]
        return self._rows(LineRow, columns)

    def _levy_items(self, items: Sequence[str | None]) -> list[str | None]:
        """What the items say; those that the layout adds are used."""
        sender = self._table.sender
        own = [
            item is not None
            and (compact(item) in sender.levy_items or compact(item).startswith(sender.levy_item_beginnings))
            for item in items
        ]
        says = self._word("levy_item", [None if is_own else item for item, is_own in zip(items, own, strict=True)])
        return [PENSION_ITEM if is_own else meaning for meaning, is_own in zip(says, own, strict=True)]

    def _payers(self) -> list[str | None]:
        """财政代缴 where the list has no column for it; an empty cell in the column can't be read."""
        if "payer_kind" not in self._table.aliases:
            return ["财政代缴"] * self._size
        texts = self._texts("payer_kind")
        return self._needed("payer_kind", self._listed("payer_kind", texts), texts)

    def _grants(self) -> list[GrantRow]:
        texts = self._texts("fund_level")
        levels = [self._readings.fund_level(text) for text in texts]
        for at, (text, level) in enumerate(zip(texts, levels, strict=True)):
            if text is not None and level is None:
                self._fault(at, "fund_level", text)
                self._unknown.setdefault(at, []).append(("fund_level", text))
        columns = [
            self._dates("document_date"),
            self._texts("document_no"),
            self._needed("fund_level", levels, texts),
            self._needed_amounts(self._positive_amounts("amount")),
            self._counts("persons"),
        ]
        return self._rows(GrantRow, columns)

    def _transfers(self) -> list[TransferRow]:
        codes, texts = self._townships()
        columns = [
            self._dates("document_date"),
            codes,
            self._needed("township", texts, texts),
            self._texts("document_no"),
            self._needed_amounts(self._amounts("amount")),
            self._counts("persons", may_be_negative=True),
        ]
        return self._rows(TransferRow, columns)

    def _benefits(self) -> list[BenefitRow]:
        columns = [
            [None] * self._size,
            self._identities(),
            self._texts("month"),
            self._positive_amounts("due_amount"),
            self._positive_amounts("amount"),
        ]
        return self._rows(BenefitRow, columns)

    def _answers(self) -> list[AnswerRow]:
        return self._rows(AnswerRow, [[None] * self._size, self._texts("answer")])

    def _replies(self) -> list[ReplyRow]:
        role = self._table.sender.person_roles.get(self._table.aliases.get("person", ""), "maker")
        columns = [
            self._dates("answered_date"),
            *(self._texts(name) for name in ("mismatch_id", "token", "answer_code", "answer_value", "person")),
            [role] * self._size,
            [cells or "{}" for cells in self._raw("cells")],
        ]
        return self._rows(ReplyRow, columns)

    def _rows(self, row_type: type[Row], columns: Sequence[Sequence[Any]]) -> list[Row]:
        faults: list[Faults] = [()] * self._size
        for at, found in self._faults.items():
            faults[at] = tuple(found)
        unknown: list[UnknownWords] = [()] * self._size
        for at, words in self._unknown.items():
            # Under which header a word of a row with too few or too many cells stands is not known.
            if all(name != "row" for name, _ in faults[at]):
                unknown[at] = tuple(words)
        own_dates, *others = columns
        self.own_dates = {day for day in set(own_dates) if day}
        if self._snapshot_date:
            own_dates = [day or self._snapshot_date for day in own_dates]
        rows = zip(self._places, faults, unknown, own_dates, *others, strict=True)
        # As row_type._make does, without a call a row.
        return list(map(partial(tuple.__new__, row_type), rows))


def _where(flags: Sequence[bool]) -> list[int]:
    return [at for at, flag in enumerate(flags) if flag]
