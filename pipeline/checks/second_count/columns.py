"""The columns of one table as values, with what is wrong with each row; which columns make a row is told in ``rows``."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

import polars as pl

from pipeline.checks.second_count.facts import FileFacts, TableFacts
from pipeline.checks.second_count.identity import Identity
from pipeline.checks.second_count.names import Name
from pipeline.checks.second_count.outcomes import REVERSED, UNRECOGNISED, Outcome
from pipeline.checks.second_count.readings import Readings
from pipeline.checks.second_count.row_types import Place
from pipeline.checks.second_count.texts import UNREADABLE, Memo, Unreadable, cleaned, said

T = TypeVar("T")


class Columns:
    """The columns of one table; `_faults` and `_unknown` gather what is wrong with a row, by its position."""

    def __init__(
        self,
        readings: Readings,
        file: FileFacts,
        number: int,
        table: TableFacts,
        cells: pl.DataFrame,
        snapshot_date: date | None,
    ) -> None:
        self._readings, self._file, self._table, self._cells = readings, file, table, cells
        self._snapshot_date = snapshot_date
        self.own_dates: set[date] = set()
        self._size = len(cells)
        self._faults: dict[int, list[tuple[str, str | None]]] = {}
        self._unknown: dict[int, list[tuple[str, str]]] = {}
        self._columns: dict[str, list[str | None]] = {}
        sheet = table.sheet or ""
        self._places: list[Place] = [(number, sheet, row) for row in cells["row_number"].to_list()]
        if "is_misshapen" in cells.columns:
            for at, is_misshapen in enumerate(cells["is_misshapen"].to_list()):
                if is_misshapen:
                    self._fault(at, "row", None)

    def _raw(self, name: str) -> list[str | None]:
        """The texts of a column as they stand there."""
        if name not in self._columns:
            self._columns[name] = self._column(name)
        return self._columns[name]

    def _column(self, name: str) -> list[str | None]:
        if name not in self._cells.columns:
            return [None] * self._size
        texts: list[str | None] = self._cells[name].to_list()
        empty = self._table.sender.empty_word
        return texts if empty is None else [None if cleaned(text) == empty else text for text in texts]

    def _texts(self, name: str) -> list[str | None]:
        return self._readings.texts(self._raw(name))

    def _names(self) -> list[Name]:
        return self._readings.names(self._raw("name"))

    def _is_number(self, name: str) -> list[bool] | None:
        """Which cells are numbers; None where none is."""
        flag = f"number_{name}"
        if flag not in self._cells.columns or not self._cells[flag].any():
            return None
        return self._cells[flag].fill_null(value=False).to_list()

    def _identities(self) -> list[Identity]:
        return self._readings.identities(self._raw("id_no"), self._is_number("id_no"))

    def _numbers(self, name: str) -> list[str | None]:
        return self._readings.numbers(self._raw(name), self._is_number(name))

    def _townships(self) -> tuple[list[str], list[str | None]]:
        """Code and text of each row's township: of its cell, of the head, of title or sheet, of the sub-folders."""
        divisions, head = self._readings.divisions, said(self._table.head.get("township"))
        texts = [text or head for text in self._texts("township")]
        if "township" in self._table.aliases or head:
            return divisions.township.of(texts), texts
        code = divisions.in_place(self._table.place_texts, self._table.sheet, self._file.file_name)
        return [code or divisions.township[None]] * self._size, [None] * self._size

    def _dates(self, name: str) -> list[date | None]:
        return self._readable(name, self._readings.dates(self._table))

    def _needed_dates(self, name: str) -> list[date | None]:
        days = self._dates(name)
        return self._needed(name, days, self._texts(name))

    def _head_date(self, name: str) -> date | None:
        day = self._readings.dates(self._table)[self._table.head.get(name)]
        return None if day is UNREADABLE else day

    def _counts(self, name: str, *, may_be_negative: bool = False) -> list[int | None]:
        values = self._readable(name, self._readings.counts)
        return values if may_be_negative else self._not_negative(name, values)

    def _amounts(self, name: str) -> list[int | None]:
        return self._readable(name, self._readings.amounts(self._table.units.get(name, "元")))

    def _positive_amounts(self, name: str) -> list[int | None]:
        return self._not_negative(name, self._amounts(name))

    def _line_amounts(self, outcomes: Sequence[Outcome]) -> list[int | None]:
        """The amounts of lines: without a sign where one is reversed or unrecognised, else never negative."""
        amounts = self._amounts("amount")
        for at, amount in enumerate(amounts):
            if amount is not None and amount < 0:
                if outcomes[at].outcome in (REVERSED, UNRECOGNISED):
                    amounts[at] = -amount
                else:
                    self._fault(at, "amount", said(self._raw("amount")[at]))
                    amounts[at] = None
        return self._needed_amounts(amounts)

    def _needed_amounts(self, amounts: list[int | None]) -> list[int | None]:
        return self._needed("amount", amounts, self._texts("amount"))

    def _not_negative(self, name: str, values: list[int | None]) -> list[int | None]:
        for at, value in enumerate(values):
            if value is not None and value < 0:
                self._fault(at, name, said(self._raw(name)[at]))
                values[at] = None
        return values

    def _outcomes(self) -> list[Outcome]:
        read = self._readings.outcomes(self._file.source, self._table).of
        cells = zip(*(self._raw(name) for name in ("outcome_code", "outcome", "outcome_text")), strict=True)
        outcomes = read.of(cells)
        for at, outcome in enumerate(outcomes):
            if outcome.unknown_vocabulary and outcome.unknown_word:
                self._unknown.setdefault(at, []).append((outcome.unknown_vocabulary, outcome.unknown_word))
        return outcomes

    def _word(self, name: str, texts: Sequence[str | None]) -> list[str | None]:
        """What the texts say; a word that nobody knows says nothing, and is noted."""
        read = self._readings.words.reader(name)
        says = read.of(texts)
        if any(text is not None and read[text] is None for text in set(texts)):
            for at, (text, meaning) in enumerate(zip(texts, says, strict=True)):
                if text is not None and meaning is None:
                    self._unknown.setdefault(at, []).append((name, text))
        return says

    def _listed(self, name: str, texts: Sequence[str | None]) -> list[str | None]:
        """What listed words say; an unknown one is a fault."""
        says = self._word(name, texts)
        for at in list(self._unknown):
            if texts[at] is not None and says[at] is None:
                self._fault(at, name, texts[at])
        return says

    def _readable(self, name: str, read: Memo[str | None, T | Unreadable | None]) -> list[T | None]:
        """The values of a field that can be read; one that can't be is a fault."""
        values = read.of(self._raw(name))
        if UNREADABLE not in read.values():
            return values  # type: ignore[return-value]
        found: list[T | None] = []
        for at, value in enumerate(values):
            if value is UNREADABLE:
                self._fault(at, name, said(self._raw(name)[at]))
                found.append(None)
            else:
                found.append(value)  # type: ignore[arg-type]
        return found

    def _needed(self, name: str, values: list[T], texts: Sequence[str | None]) -> list[T]:
        """The values of a field that every row needs: an empty cell is a fault."""
        for at, text in enumerate(texts):
            if text is None:
                self._fault(at, name, None)
        return values

    def _has_fault(self, name: str) -> list[bool]:
        found = {at for at, faults in self._faults.items() if any(field == name for field, _ in faults)}
        return [at in found for at in range(self._size)]

    def _fault(self, at: int, field: str, text: str | None) -> None:
        self._faults.setdefault(at, []).append((field, text))
