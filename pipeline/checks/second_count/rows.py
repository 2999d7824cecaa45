"""The data rows of every source, read from the texts of their cells.

A row keeps every value that can be read, and `faults`: the fields for which it is quarantined, each with its text. Where a
row stands is its `place` (file number, sheet, row), which is also the last resort of every order in the rules.
"""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple, TypeVar

import polars as pl

from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import FileFacts, RunFacts, TableFacts
from pipeline.checks.second_count.identity import Identity, read_identity
from pipeline.checks.second_count.names import Name, read_name
from pipeline.checks.second_count.outcomes import REVERSED, SUCCESS, UNRECOGNISED, Outcome, Outcomes
from pipeline.checks.second_count.texts import (
    DAY_ZERO,
    DAY_ZERO_1904,
    UNREADABLE,
    Memo,
    Unreadable,
    cleaned,
    compact,
    read_amount,
    read_count,
    read_date,
    read_number,
    said,
)
from pipeline.checks.second_count.words import NOTHING, Words

T = TypeVar("T")
Row = TypeVar("Row", bound=tuple[Any, ...])
Place = tuple[int, str, int]
Faults = tuple[tuple[str, str | None], ...]
UnknownWords = tuple[tuple[str, str], ...]

OWN_PAYER = "个人缴费"
PENSION_ITEM = "10210"
DEATH_DATE = "死亡日期"
GRADED = ("残", "级")


class RollRow(NamedTuple):
    """One person in one snapshot of the poverty roll."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    township_code: str
    township: str | None
    village: str | None
    household_no: str | None
    member_no: str | None
    name: Name
    identity: Identity
    schooling: str | None
    schooling_says: str


class CategoryRow(NamedTuple):
    """One person in one snapshot of a category roll; an unreadable category may be one that excludes."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    name: Name
    identity: Identity
    category: str | None
    is_unreadable: bool


class ClassRow(NamedTuple):
    """A township's verification of one person."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    township_code: str
    township: str | None
    village: str | None
    name: Name
    identity: Identity
    class_: str | None
    class_reason: str | None


class RegisterRow(NamedTuple):
    """One person in the pension register; amounts in fen."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    identity: Identity
    insured_status: str | None
    exclusion: str | None
    benefit_status: str | None
    self_paid_fen: int | None
    event_date: date | None
    is_unreadable: bool

    @property
    def self_paid_date(self) -> date | None:
        """The day on which the person paid himself."""
        return self.own_date


class LineRow(NamedTuple):
    """One line of the bank (refund) or the tax bureau (collection).

    Attributes:
        own_date: the day on which it was paid: the row's own date, else the head's.
        has_bad_date: whether its own date can't be read.
        is_dated_by_made_at: whether nothing but the head's 制表时间 dates it.
        document_no: the batch (bank) or the voucher (tax).
        amount_fen: without the sign where the line is reversed or unrecognised.
    """

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    has_bad_date: bool
    is_dated_by_made_at: bool
    stated_date: date | None
    township_code: str
    township: str | None
    document_no: str | None
    line_no: str | None
    name: Name
    account: str | None
    identity: Identity
    amount_fen: int | None
    outcome: Outcome
    levy_item: str | None
    period: tuple[date | None, date | None]
    payer_kind: str | None

    @property
    def is_self_paid(self) -> bool:
        """Whether the person paid himself."""
        return self.payer_kind == OWN_PAYER


class GrantRow(NamedTuple):
    """One grant; `fund_level` is the policy's name of the level."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    document_no: str | None
    fund_level: str | None
    amount_fen: int | None
    persons: int | None


class TransferRow(NamedTuple):
    """One transfer to a township; a negative one was given back."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    township_code: str
    township: str | None
    document_no: str | None
    amount_fen: int | None
    persons: int | None


class BenefitRow(NamedTuple):
    """One person's benefit for one month."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    identity: Identity
    month: str | None
    due_fen: int | None
    amount_fen: int | None


class AnswerRow(NamedTuple):
    """One questionnaire."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    answer: str | None


class ReplyRow(NamedTuple):
    """One answered row of a workbook 差异清单; `cells` are its other cells as JSON, as they stand there."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    mismatch_id: str | None
    token: str | None
    answer_code: str | None
    answer_value: str | None
    person: str | None
    role: str
    cells: str


class Reader:
    """Reads the rows of files; every distinct text is read once for all of them."""

    def __init__(self, run: RunFacts, divisions: Divisions) -> None:
        self._divisions = divisions
        self._words = Words(run.own_words)
        self._outcomes: dict[tuple[str, str], Outcomes] = {}
        self._levels = {level.word: level.name for level in run.policy.fund_levels}
        self._text: Memo[str | None, str | None] = Memo(said)
        self._dates: Memo[tuple[tuple[str, ...], date], Memo[str | None, date | Unreadable | None]] = Memo(
            partial(_dates_of, year=run.year)
        )
        self._count: Memo[str | None, int | Unreadable | None] = Memo(read_count)
        self._name: Memo[str | None, Name] = Memo(read_name)
        self._ids = {
            is_number: Memo[str | None, Identity](partial(read_identity, is_number=is_number))
            for is_number in (False, True)
        }
        self._numbers = {
            is_number: Memo[str | None, str | None](partial(read_number, is_number=is_number))
            for is_number in (False, True)
        }
        self._amounts = {
            unit: Memo[str | None, int | Unreadable | None](partial(read_amount, unit=unit))
            for unit in ("元", "分", "万元")
        }

    def rows(self, file: FileFacts, number: int, snapshot_date: date | None) -> tuple[list[list[Any]], set[date]]:
        """The rows of each table of a file, in reading order, of those that no rule of inputs.md leaves out; their own dates.

        Args:
            snapshot_date: the date of a snapshot's rows that state none themselves.
        """
        if file.cells is None:
            return [], set()
        cells = pl.read_parquet(file.cells)
        readers = [
            _TableReader(self, file, number, table, self._cells_of(table, file, cells), snapshot_date)
            for table in file.tables
        ]
        tables = [reader.read() for reader in readers]
        return tables, {day for reader in readers for day in reader.own_dates}

    def _cells_of(self, table: TableFacts, file: FileFacts, cells: pl.DataFrame) -> pl.DataFrame:
        if len(file.tables) == 1:
            return cells
        return cells.filter(pl.col("sheet").eq_missing(pl.lit(table.sheet, pl.String)))

    # What follows gives the values of a whole column to `_TableReader`.

    @property
    def divisions(self) -> Divisions:
        """The divisions of the year."""
        return self._divisions

    @property
    def words(self) -> Words:
        """The words of the run."""
        return self._words

    def texts(self, raw: Sequence[str | None]) -> list[str | None]:
        """Cleaned texts."""
        return self._text.of(raw)

    def dates(self, table: TableFacts) -> Memo[str | None, date | Unreadable | None]:
        """What reads the dates of a table."""
        return self._dates[table.sender.date_formats, DAY_ZERO_1904 if table.counts_from_1904 else DAY_ZERO]

    def outcomes(self, source: str, table: TableFacts) -> Outcomes:
        """What reads the outcomes of a layout."""
        key = (source, table.layout)
        if key not in self._outcomes:
            self._outcomes[key] = Outcomes(self._words, table.sender)
        return self._outcomes[key]

    def id_texts(self) -> set[str]:
        """Every ID that was read."""
        return {identity.text for memo in self._ids.values() for identity in memo.values() if identity.text}

    @property
    def counts(self) -> Memo[str | None, int | Unreadable | None]:
        """What reads numbers of persons."""
        return self._count

    def names(self, raw: Sequence[str | None]) -> list[Name]:
        """Names."""
        return self._name.of(raw)

    def identities(self, raw: Sequence[str | None], is_number: Sequence[bool] | None) -> list[Identity]:
        """IDs; None says that no cell is a number."""
        if is_number is None:
            return self._ids[False].of(raw)
        return [self._ids[flag][text] for text, flag in zip(raw, is_number, strict=True)]

    def numbers(self, raw: Sequence[str | None], is_number: Sequence[bool] | None) -> list[str | None]:
        """Numbers that are names of something; None says that no cell is a number."""
        if is_number is None:
            return self._numbers[False].of(raw)
        return [self._numbers[flag][text] for text, flag in zip(raw, is_number, strict=True)]

    def amounts(self, unit: str) -> Memo[str | None, int | Unreadable | None]:
        """What reads amounts of a unit as fen."""
        return self._amounts[unit]

    def fund_level(self, text: str | None) -> str | None:
        """The policy's level of a word."""
        return self._levels.get(self._words.listed("fund_level", text)) if text else None


def _dates_of(known: tuple[tuple[str, ...], date], year: int) -> Memo[str | None, date | Unreadable | None]:
    formats, day_zero = known
    return Memo(partial(read_date, year=year, formats=formats, day_zero=day_zero))


class _TableReader:
    """The rows of one table; `_faults` and `_unknown` gather what is wrong with a row, by its position."""

    def __init__(
        self,
        reader: Reader,
        file: FileFacts,
        number: int,
        table: TableFacts,
        cells: pl.DataFrame,
        snapshot_date: date | None,
    ) -> None:
        self._reader, self._file, self._table, self._cells = reader, file, table, cells
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
            [None if day is UNREADABLE else day for day in self._reader.dates(self._table).of(event_texts)],
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
        levels = [self._reader.fund_level(text) for text in texts]
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
        return self._reader.texts(self._raw(name))

    def _names(self) -> list[Name]:
        return self._reader.names(self._raw("name"))

    def _is_number(self, name: str) -> list[bool] | None:
        """Which cells are numbers; None where none is."""
        flag = f"number_{name}"
        if flag not in self._cells.columns or not self._cells[flag].any():
            return None
        return self._cells[flag].fill_null(value=False).to_list()

    def _identities(self) -> list[Identity]:
        return self._reader.identities(self._raw("id_no"), self._is_number("id_no"))

    def _numbers(self, name: str) -> list[str | None]:
        return self._reader.numbers(self._raw(name), self._is_number(name))

    def _townships(self) -> tuple[list[str], list[str | None]]:
        """Code and text of each row's township: of its cell, of the head, of title or sheet, of the sub-folders."""
        divisions, head = self._reader.divisions, said(self._table.head.get("township"))
        texts = [text or head for text in self._texts("township")]
        if "township" in self._table.aliases or head:
            return divisions.township.of(texts), texts
        code = divisions.in_place(self._table.place_texts, self._table.sheet, self._file.file_name)
        return [code or divisions.township[None]] * self._size, [None] * self._size

    def _dates(self, name: str) -> list[date | None]:
        return self._readable(name, self._reader.dates(self._table))

    def _needed_dates(self, name: str) -> list[date | None]:
        days = self._dates(name)
        return self._needed(name, days, self._texts(name))

    def _head_date(self, name: str) -> date | None:
        day = self._reader.dates(self._table)[self._table.head.get(name)]
        return None if day is UNREADABLE else day

    def _counts(self, name: str, *, may_be_negative: bool = False) -> list[int | None]:
        values = self._readable(name, self._reader.counts)
        return values if may_be_negative else self._not_negative(name, values)

    def _amounts(self, name: str) -> list[int | None]:
        return self._readable(name, self._reader.amounts(self._table.units.get(name, "元")))

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
        read = self._reader.outcomes(self._file.source, self._table).of
        cells = zip(*(self._raw(name) for name in ("outcome_code", "outcome", "outcome_text")), strict=True)
        outcomes = read.of(cells)
        for at, outcome in enumerate(outcomes):
            if outcome.unknown_vocabulary and outcome.unknown_word:
                self._unknown.setdefault(at, []).append((outcome.unknown_vocabulary, outcome.unknown_word))
        return outcomes

    def _word(self, name: str, texts: Sequence[str | None]) -> list[str | None]:
        """What the texts say; a word that nobody knows says nothing, and is noted."""
        read = self._reader.words.reader(name)
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


def _where(flags: Sequence[bool]) -> list[int]:
    return [at for at, flag in enumerate(flags) if flag]
