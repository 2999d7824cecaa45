"""What senders wrote, before it is published: where an ID, an account or a name of the roll stands in it, that part is masked.

People put names into file names, IDs into sheets and accounts into voucher numbers. Codes and the fixed words of this program
and of its policies are nobody's, and stay as they are. A mask ends in four digits of the keyed digest of what it stands for, so
that two names stay two.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import mul
from typing import Any, NamedTuple

import duckdb
import polars as pl

from pipeline.contracts import tables
from pipeline.contracts.tables import Table
from pipeline.log import LOGGER

# Text columns of published tables that hold what a sender wrote, or a sentence that quotes it.
SENDER_COLUMNS = frozenset(
    {
        *("batch_no", "line_no", "document_no", "file_name", "source_file", "sheet", "category", "word", "source"),
        *("columns_unused", "fields_not_found", "expected", "found", "reason", "mismatch_id"),
        *("subject", "before", "after"),
    }
)
_ID_CHARACTERS = 18
_CENTURY = "19"
_SHORTEST_NUMBER = 8
_MASK_DIGITS = 4
_SHORTEST_NAME = 2
_SEPARATORS = " \t\r\n\u3000\u00a0\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff-_.·•"
_NO_SEPARATORS = str.maketrans("", "", _SEPARATORS)
_WEIGHTS = tuple(2 ** (17 - place) % 11 for place in range(17))
# A text of these characters alone is written in one way.
_ONE_FORM = r"^[0-9A-Z\x{4E00}-\x{9FFF}]*$"
_DIGITS = re.compile(r"\d{7,}[\dX]")
_MASK = re.compile(r"\*\*\*([0-9a-f]{4})")
_MASK_SIGN = "***"
_TEXTS_AT_ONCE = 50_000

Query = Callable[[str, Sequence[Any]], pl.DataFrame]


@dataclass(frozen=True)
class KnownTexts:
    """What mustn't be published: the numbers of persons (IDs, accounts) and the names of the roll, without separators."""

    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    number_lengths: tuple[int, ...] = field(init=False)
    name_lengths: tuple[int, ...] = field(init=False)
    number_beginnings: frozenset[str] = field(init=False)
    name_beginnings: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Note the lengths, longest first, and how the texts begin."""
        for kind, texts, shortest in (
            ("number", self.numbers, _SHORTEST_NUMBER),
            ("name", self.names, _SHORTEST_NAME),
        ):
            object.__setattr__(self, f"{kind}_lengths", tuple(sorted({len(text) for text in texts}, reverse=True)))
            object.__setattr__(self, f"{kind}_beginnings", frozenset(text[:shortest] for text in texts))


class Beginnings(NamedTuple):
    """How a number, and how a name, would begin that stands in one of some texts."""

    numbers: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, texts: Iterable[str]) -> "Beginnings":
        """From whatever stands in a run of digits, or in a text with other characters than ASCII."""
        numbers: set[str] = set()
        names: set[str] = set()
        for text in texts:
            plain = _flat(text) if text.isascii() else _plain(text)[0]
            for digits in _DIGITS.findall(plain):
                numbers.update(_windows(digits, _SHORTEST_NUMBER))
            if not text.isascii():
                names.update(_windows(plain, _SHORTEST_NAME))
        return cls(frozenset(numbers), frozenset(names))


class _Everything(Container[str]):
    """Any text: where a known one may stand is asked before it is looked up."""

    def __contains__(self, text: object) -> bool:
        return True


@dataclass(frozen=True)
class _Signs:
    """How known texts begin and how long they are, with which every text that looks so passes for a known one."""

    number_lengths: tuple[int, ...]
    name_lengths: tuple[int, ...]
    number_beginnings: frozenset[str]
    name_beginnings: frozenset[str]
    numbers: Container[str] = _Everything()
    names: Container[str] = _Everything()


class _Landed:
    """The numbers or the names of a year's landed rows.

    Those that can be written in one way only are looked up where they lie, as all of them would take more memory than
    everything else; the few others are held here.
    """

    def __init__(self, query: Query, sql: str, shortest: int) -> None:
        self._query = query
        has_old = shortest == _SHORTEST_NUMBER
        texts = f"SELECT text, regexp_matches(text, '{_ONE_FORM}') AS is_plain FROM ({sql}) WHERE length(text) >= {shortest}"
        self._sql = f"SELECT text FROM ({texts}) WHERE is_plain"
        if has_old:
            self._sql += (
                f" UNION ALL SELECT substr(text, 1, 6) || substr(text, 9, 9) AS text FROM ({self._sql}) "
                f"WHERE length(text) = {_ID_CHARACTERS} AND substr(text, 7, 2) = '{_CENTURY}'"
            )
        # Of an ID so much that the beginning of its old form can be told.
        told = shortest + len(_CENTURY) if has_old else shortest
        looks = query(
            f"SELECT DISTINCT is_plain, length(text) AS length, CASE WHEN is_plain THEN left(text, {told}) ELSE text END AS text "
            f"FROM ({texts})",
            [],
        )
        self._others = _flat_texts(looks.filter(~pl.col("is_plain"))["text"], shortest)
        plain = looks.filter("is_plain").select("text", "length")
        if has_old:
            self._others |= _old_ids(self._others)
            plain = pl.concat([plain, _old_looks(plain)])
        self.lengths = tuple(sorted({*plain["length"], *map(len, self._others)}, reverse=True))
        self.beginnings = frozenset({*plain["text"].str.head(shortest), *(text[:shortest] for text in self._others)})

    def among(self, texts: Iterable[str]) -> frozenset[str]:
        """Those of some texts that were landed."""
        asked = frozenset(texts)
        if not asked:
            return asked
        found = self._query(
            f"SELECT DISTINCT text FROM ({self._sql}) WHERE text IN (SELECT unnest(?))", [sorted(asked)]
        )
        return frozenset(found["text"]) | (asked & self._others)


class Landed:
    """What mustn't be published of a year's landed rows: the numbers of persons and the names of the roll."""

    def __init__(self, query: Query, year: int) -> None:
        """Learn how they look.

        Args:
            query: runs a select statement with its parameters where the warehouse is attached as ``warehouse``.
            year: policy year.
        """
        numbers = (
            f"SELECT id_text AS text FROM warehouse.raw.landed_row WHERE policy_year = {year} "
            f"UNION ALL SELECT account FROM warehouse.raw.bank_returns WHERE policy_year = {year}"
        )
        names = f"SELECT name AS text FROM warehouse.raw.poverty_roll WHERE policy_year = {year}"
        divisions = (
            f"SELECT township_name AS text FROM warehouse.mart.township WHERE policy_year = {year} "
            f"UNION SELECT village_name FROM warehouse.mart.village WHERE policy_year = {year}"
        )
        self._numbers = _Landed(query, numbers, _SHORTEST_NUMBER)
        self._names = _Landed(query, names, _SHORTEST_NAME)
        self._parts_of_divisions = _parts_of(query(divisions, [])["text"].drop_nulls())
        self._signs = _Signs(
            self._numbers.lengths, self._names.lengths, self._numbers.beginnings, self._names.beginnings
        )

    def may_stand_in(self, text: str) -> bool:
        """Whether one of them can stand in a text, by how it looks."""
        return any(_pieces(text, self._signs))

    def known_in(self, texts: Iterable[str]) -> KnownTexts:
        """Those of them that stand in some texts."""
        numbers: set[str] = set()
        names: set[str] = set()
        for text in texts:
            of_numbers, of_names = _pieces(text, self._signs)
            numbers |= of_numbers
            names |= of_names
        return KnownTexts(self._numbers.among(numbers), self._names.among(names - self._parts_of_divisions))


def mask_sender_texts(connection: duckdb.DuckDBPyConnection, database: str, year: int, secret: str) -> int:
    """Mask what senders wrote of persons in the year's rows of the published tables; returns how many texts were masked.

    Args:
        connection: to which the warehouse is attached as ``warehouse``.
        database: the attached database whose published tables are masked.
        year: policy year; rows of other years were masked when they were published.
        secret: key of the digests.
    """
    columns = [(table, name) for table in tables.published_tables() for name in sender_columns(table)]
    every = " UNION ".join(
        f'SELECT "{name}" AS text FROM {database}.{table.full_name} WHERE policy_year = {year}'
        for table, name in columns
    )
    landed = Landed(querying(connection), year)
    # Any other stays as it is, and can't be the mask of one of these.
    texts = [
        text
        for text in _texts(connection, f"SELECT text FROM ({every}) WHERE text IS NOT NULL")
        if _MASK_SIGN in text or landed.may_stand_in(text)
    ]
    masked = masked_texts(texts, landed.known_in(texts), secret)
    if not masked:
        return 0
    frame = pl.DataFrame({"original": list(masked), "masked": list(masked.values())})
    connection.register("masked_texts", frame.to_arrow())
    try:
        for table, name in columns:
            connection.execute(
                f'UPDATE {database}.{table.full_name} SET "{name}" = masked_texts.masked FROM masked_texts '
                f'WHERE policy_year = {year} AND "{name}" = masked_texts.original'
            )
    finally:
        connection.unregister("masked_texts")
    LOGGER.info("%d texts of senders held an ID, an account or a name, and are published masked", len(masked))
    return len(masked)


def querying(connection: duckdb.DuckDBPyConnection) -> Query:
    """How a connection is asked."""
    return lambda sql, parameters: connection.sql(sql, params=list(parameters)).pl()


def _texts(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[str]:
    """The texts that a statement gives, few of them in memory at a time; nothing else may be asked meanwhile."""
    for batch in connection.sql(sql).to_arrow_reader(_TEXTS_AT_ONCE):
        yield from batch.column(0).to_pylist()


def as_published(query: Query, year: int, secret: str, texts: Sequence[str]) -> list[str]:
    """Texts of a year's senders, or sentences that quote them, as they are published.

    Args:
        query: runs a select statement with its parameters where the warehouse is attached as ``warehouse``.
        year: policy year.
        secret: key of the digests.
        texts: all that are to be shown: who stands in none of them isn't looked for.
    """
    known = known_texts(query, year, texts)
    return [masked_text(text, known, secret) for text in texts]


def sender_columns(table: Table) -> list[str]:
    """The columns of a published table in which a sender's text can stand; those with a list of words have none."""
    return [column.name for column in table.columns if column.name in SENDER_COLUMNS and not column.values]


def known_texts(query: Query, year: int, texts: Iterable[str]) -> KnownTexts:
    """The numbers of persons and the names of the roll in the year's landed rows that stand in some texts.

    Args:
        query: runs a select statement with its parameters where the warehouse is attached as ``warehouse``.
        year: policy year.
        texts: in which they are looked for.
    """
    suspicious = [text for text in texts if any(Beginnings.of([text]))]
    return Landed(query, year).known_in(suspicious) if suspicious else KnownTexts()


def known_of(numbers: pl.Series, names: pl.Series, divisions: pl.Series, beginnings: Beginnings) -> KnownTexts:
    """What mustn't be published, from IDs and accounts and from names of the roll as they were landed.

    Args:
        divisions: names of townships and villages; who is called like a part of one is not told from it.
        beginnings: of what can stand in the texts that are to be published; no other is looked at.
    """
    can_begin = _can_begin(numbers, _SHORTEST_NUMBER, beginnings.numbers)
    # As an ID of 15 digits, without the century.
    can_begin |= (numbers.str.slice(0, 6) + numbers.str.slice(8, 2)).is_in(beginnings.numbers)
    flat_numbers = _flat_texts(numbers.filter(can_begin), _SHORTEST_NUMBER)
    flat_names = _flat_texts(names.filter(_can_begin(names, _SHORTEST_NAME, beginnings.names)), _SHORTEST_NAME)
    return KnownTexts(flat_numbers | _old_ids(flat_numbers), flat_names - _parts_of(divisions))


def _windows(text: str, length: int) -> Iterator[str]:
    return (text[first : first + length] for first in range(len(text) - length + 1))


def _can_begin(texts: pl.Series, length: int, beginnings: frozenset[str]) -> pl.Series:
    """Which texts begin so; one that can be written in several ways may, too."""
    return texts.str.head(length).is_in(beginnings) | ~texts.str.contains(_ONE_FORM)


def masked_texts(texts: Iterable[str], known: KnownTexts, secret: str) -> dict[str, str]:
    """Those of the texts in which something mustn't be published, and what is published in their place.

    Where four digits make two texts one, the later one in order gets the next four of its digest.
    """
    ordered = sorted(set(texts))
    first = {text: masked_text(text, known, secret) for text in ordered}
    taken = {text for text, instead in first.items() if instead == text}
    masked: dict[str, str] = {}
    for text, instead in first.items():
        if instead != text:
            digits = 0
            while instead in taken:
                digits += _MASK_DIGITS
                instead = masked_text(text, known, secret, digits)
            taken.add(instead)
            masked[text] = instead
    return masked


def masked_text(text: str, known: KnownTexts, secret: str, first_digit: int = 0) -> str:
    """A text in which every ID, account and name of the roll is masked; its mask ends in four digits from the first one on."""
    if text.isascii() and not _number_spans(_flat(text), known):
        return text
    plain, places = _plain(text)
    spans = _number_spans(plain, known)
    if not text.isascii():
        spans += _spans(plain, known.names, known.name_lengths, known.name_beginnings)
    if not spans:
        return text
    written: list[str] = []
    end = 0
    for first, last in _joined(spans):
        begin = places[first]
        after = places[last - 1] + 1
        digest = _digest(secret, text[begin:after])
        written += [text[end:begin], _MASK_SIGN, digest[first_digit : first_digit + _MASK_DIGITS]]
        end = after
    return "".join([*written, text[end:]])


def is_mask_of(masked: str, text: str, secret: str) -> bool:
    """Whether a masked text is what is published of a text: the rest is the same, and each mask is that of what it hides."""
    mask = _MASK.search(masked)
    if mask is None:
        return masked == text
    begin, rest, digits = mask.start(), masked[mask.end() :], mask.group(1)
    return text.startswith(masked[:begin]) and any(
        digits in _digits_of(_digest(secret, text[begin:end])) and is_mask_of(rest, text[end:], secret)
        for end in range(begin + 1, len(text) + 1)
    )


def _digits_of(digest: str) -> list[str]:
    """What a mask may end in."""
    return [digest[first : first + _MASK_DIGITS] for first in range(0, len(digest), _MASK_DIGITS)]


def _plain(text: str) -> tuple[str, list[int]]:
    """A text in one form of each character, without separators, and where each of its characters stood."""
    characters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for each in unicodedata.normalize("NFKC", character).upper():
            if each not in _SEPARATORS:
                characters.append(each)
                places.append(place)
    return "".join(characters), places


def _flat(text: str) -> str:
    """The same form of a text, at once."""
    flat = unicodedata.normalize("NFKC", text).upper()
    return flat if flat.isalnum() else flat.translate(_NO_SEPARATORS)


def _pieces(text: str, known: KnownTexts | _Signs) -> tuple[set[str], set[str]]:
    """The numbers and the names that stand in a text, in their plain form."""
    plain = _flat(text) if text.isascii() else _plain(text)[0]
    numbers = {plain[first:last] for first, last in _number_spans(plain, known)}
    if text.isascii():
        return numbers, set()
    names = _spans(plain, known.names, known.name_lengths, known.name_beginnings)
    return numbers, {plain[first:last] for first, last in names}


def _number_spans(plain: str, known: KnownTexts | _Signs) -> list[tuple[int, int]]:
    """Where a known number stands, or what can be nothing but an ID."""
    spans: list[tuple[int, int]] = []
    for digits in _DIGITS.finditer(plain):
        run, start = digits.group(), digits.start()
        found = _spans(run, known.numbers, known.number_lengths, known.number_beginnings)
        spans += [(start + first, start + last) for first, last in found]
        for first in range(len(run) - _ID_CHARACTERS + 1):
            if _is_id(run[first : first + _ID_CHARACTERS]):
                spans.append((start + first, start + first + _ID_CHARACTERS))
    return spans


def _spans(
    text: str, wanted: Container[str], lengths: tuple[int, ...], beginnings: frozenset[str]
) -> list[tuple[int, int]]:
    """Where a wanted text stands; whole ones are looked for where one begins."""
    begin = len(next(iter(beginnings), ""))
    return [
        (first, first + length)
        for first in range(len(text) - begin + 1)
        if text[first : first + begin] in beginnings
        for length in lengths
        if first + length <= len(text) and text[first : first + length] in wanted
    ]


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans in order, those that overlap as one."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if joined and first < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined


def _is_id(text: str) -> bool:
    """Whether 18 characters are an ID: a day of birth, and the right check character."""
    # No month begins with 2, no day with 4.
    if text[10] not in "01" or text[12] not in "0123":
        return False
    if "10X98765432"[sum(map(mul, map(int, text[:17]), _WEIGHTS)) % 11] != text[17]:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return True


def _digest(secret: str, text: str) -> str:
    """The keyed digest of a text, as the macro `keyed_hash` makes it."""
    inner = hashlib.sha256((secret + text).encode()).hexdigest()
    return hashlib.sha256((secret + inner).encode()).hexdigest()


def _old_ids(numbers: Iterable[str]) -> set[str]:
    """The IDs of 15 characters that those of 18 replaced."""
    return {
        number[:6] + number[8:17] for number in numbers if len(number) == _ID_CHARACTERS and number[6:8] == _CENTURY
    }


def _old_looks(numbers: pl.DataFrame) -> pl.DataFrame:
    """How the IDs of 15 characters look that those of 18 replaced, by beginnings and lengths of numbers."""
    text, old_length = pl.col("text"), _ID_CHARACTERS - len(_CENTURY) - 1
    is_id = (pl.col("length") == _ID_CHARACTERS) & (text.str.slice(6, len(_CENTURY)) == _CENTURY)
    return numbers.filter(is_id).select(
        text.str.slice(0, 6) + text.str.slice(8), pl.lit(old_length, numbers.schema["length"]).alias("length")
    )


def _parts_of(divisions: Iterable[str]) -> set[str]:
    """Whatever stands in names of townships and villages: who is called like a part of one is not told from it."""
    return {
        text[first:last]
        for text in _flat_texts(divisions, _SHORTEST_NAME)
        for first in range(len(text))
        for last in range(first + 1, len(text) + 1)
    }


def _flat_texts(texts: Iterable[str], shortest: int) -> frozenset[str]:
    flat = (_flat(text) for text in texts if len(text) >= shortest)
    return frozenset(text for text in flat if len(text) >= shortest)
