"""What reads the texts of cells, for all files of a run: each distinct text is read once."""

from collections.abc import Sequence
from datetime import date
from functools import partial

from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import RunFacts, TableFacts
from pipeline.checks.second_count.identity import Identity, read_identity
from pipeline.checks.second_count.names import Name, read_name
from pipeline.checks.second_count.outcomes import Outcomes
from pipeline.checks.second_count.texts import (
    DAY_ZERO,
    DAY_ZERO_1904,
    Memo,
    Unreadable,
    read_amount,
    read_count,
    read_date,
    read_number,
    said,
)
from pipeline.checks.second_count.words import Words


class Readings:
    """What the texts of cells say; every distinct text is read once for all files."""

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
