"""The texts of cells as values: dates, amounts, counts, numbers that lost digits. Names and IDs have modules of their own.

A value that is there but can't be read is `UNREADABLE`, an empty cell is None. Amounts are whole fen.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Generic, TypeVar
from unicodedata import category, normalize

K = TypeVar("K")
V = TypeVar("V")

EMPTY_WORDS = frozenset(("/", "\\", "-", "—", "——", "无", "空", "NULL", "N/A", "#N/A"))
FEN_OF_UNIT = {"元": 100, "分": 1, "万元": 1_000_000}
MOST_EXACT_DIGITS = 15
MOST_YEARS_OF_A_SERIAL = 10
_PART_OF_DAY = "凌晨|早上|上午|中午|下午|晚上"
_TIME = (
    rf"(?:[T\s]*(?:{_PART_OF_DAY})?\s*[0-9]{{1,2}}"
    r"(?:[:时点][0-9]{1,2}(?:[:分](?:[0-9]{1,2}(?:\.[0-9]+)?)?)?秒?|[时点]整?))?"
)
_CLOCK = re.compile(
    rf"({_PART_OF_DAY})?\s*(?<![0-9])([0-9]{{1,2}})(?:[:时点]([0-9]{{1,2}})(?:[:分]([0-9]{{1,2}}))?|[时点])"
)
_HOURS_TO_NOON = 12
_SEPARATED = re.compile(rf"([0-9]{{4}})\s*[-./年]\s*([0-9]{{1,2}})\s*[-./月]\s*([0-9]{{1,2}})\s*日?{_TIME}")
_COMPACT = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})(?:\s?[0-9]{{6}}|{_TIME})")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?", re.ASCII)
_AMOUNT = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?(万元|元整|元|分)?", re.ASCII)
_COUNT = re.compile(r"([+-]?)(\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?(?:人次|人|名|户|笔)?", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE][+-]?\d+", re.ASCII)
# 12E5 is no number that a machine wrote, but what somebody calls a batch.
_LONG_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+[eE][+-]?|[eE]\+)\d+", re.ASCII)
_COMPACT_HOUR = re.compile(r"\d{8}\s?(\d\d)(\d\d)(\d\d)", re.ASCII)
_HOUR = re.compile(r"(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2}))?", re.ASCII)
DAY_ZERO = date(1899, 12, 30)
DAY_ZERO_1904 = date(1904, 1, 1)


class Unreadable(Enum):
    """A value that is there, but can't be read."""

    UNREADABLE = "unreadable"


UNREADABLE = Unreadable.UNREADABLE


class Memo(dict[K, V], Generic[K, V]):
    """A function's values by argument, each computed when it is first asked for."""

    def __init__(self, function: Callable[[K], V]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, key: K) -> V:
        """Compute and keep a value."""
        value = self[key] = self._function(key)
        return value

    def of(self, keys: Iterable[K]) -> list[V]:
        """The values of many arguments."""
        return list(map(self.__getitem__, keys))


def cleaned(text: str | None) -> str | None:
    """NFKC, without characters that don't show and blanks at the ends; None where nothing is left."""
    if text is None:
        return None
    if not text.isascii():
        text = normalize("NFKC", text)
    if not text.isprintable():
        text = "".join(
            character for character in text if category(character) not in ("Cf", "Cc") or character in "\t\n\r"
        )
    return text.strip() or None


def said(text: str | None) -> str | None:
    """The cleaned text of a cell that is no name: None also for the words that mean an empty cell."""
    text = cleaned(text)
    return None if text in EMPTY_WORDS else text


def compact(text: str) -> str:
    """A text as words are compared: NFKC, without any blank."""
    return "".join((cleaned(text) or "").split())


def is_exponent(text: str) -> bool:
    """Whether a text is a number in exponent form."""
    return _EXPONENT.fullmatch(text) is not None


def read_date(
    text: str | None, year: int, formats: Sequence[str] = (), day_zero: date = DAY_ZERO
) -> date | Unreadable | None:
    """The date of a cell; a spreadsheet's serial only within ten years of the policy year.

    Args:
        formats: further forms of the sender, as ``strptime`` has them.
        day_zero: the day from which a spreadsheet counts.
    """
    text = said(text)
    if text is None:
        return None
    calendar = _SEPARATED.fullmatch(text) or _COMPACT.fullmatch(text)
    try:
        if calendar:
            return date(*map(int, calendar.groups()[:3]))
        serial = _SERIAL.fullmatch(text)
        day = day_zero + timedelta(days=int(serial[1])) if serial else None
    except ValueError:
        day = None
    if day is not None and abs(day.year - year) <= MOST_YEARS_OF_A_SERIAL:
        return day
    return next((day for day in (_formatted(text, form) for form in formats) if day), UNREADABLE)


def _formatted(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()
    except ValueError:
        return None


def read_hour(text: str | None, formats: Sequence[str] = ()) -> tuple[date, int, int, int] | None:
    """Date, hour, minute and second of a head's 制表时间; None where it states no hour or can't be read."""
    cleaned = said(text) or ""
    clock, compact_clock = _CLOCK.search(cleaned), _COMPACT_HOUR.fullmatch(cleaned)
    day = read_date(text, 0, formats)
    if not isinstance(day, date) or cleaned.endswith("00:00:00"):
        return None
    if clock:
        half, *parts = clock.groups()
    elif compact_clock:
        half, parts = None, list(compact_clock.groups())
    else:
        return None
    hour, minute, second = (int(part or 0) for part in parts[:3])
    if half in ("下午", "晚上") and hour < _HOURS_TO_NOON:
        hour += _HOURS_TO_NOON
    return (day, hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


# More digits than an amount of money has: an ID under the wrong header is none.
MOST_FEN = 10**14
MOST_PERSONS = 10**10


def read_amount(text: str | None, unit: str) -> int | Unreadable | None:
    """The fen of a cell, with its sign; unreadable also where they are no whole number."""
    text = said(text)
    if text is None:
        return None
    found = _AMOUNT.fullmatch("".join(text.split()).replace("¥", "").replace("−", "-"))
    if not found:
        return UNREADABLE
    sign, whole, part, stated = found.groups()
    stated = "元" if stated == "元整" else stated
    fen = Decimal(f"{sign}{whole.replace(',', '')}.{part or '0'}") * FEN_OF_UNIT[stated or unit]
    return int(fen) if fen == int(fen) and abs(fen) < MOST_FEN else UNREADABLE


def read_count(text: str | None) -> int | Unreadable | None:
    """A number of persons, with its sign."""
    text = said(text)
    if text is None:
        return None
    found = _COUNT.fullmatch("".join(text.split()).replace("−", "-"))
    number = int(f"{found[1]}{found[2].replace(',', '')}") if found else MOST_PERSONS
    return number if abs(number) < MOST_PERSONS else UNREADABLE


def read_number(text: str | None, *, is_number: bool) -> str | None:
    """An account, batch, household, member or voucher number; None where a number lost its last digits."""
    if text is not None and not is_number and _DIGITS.fullmatch(text):
        return text
    text = said(text)
    if text is None:
        return None
    text = "".join(text.split()).lstrip("'`´‘’")
    is_lost = is_number and sum(character.isdigit() for character in text) > MOST_EXACT_DIGITS
    return None if is_lost or _LONG_EXPONENT.fullmatch(text) else text or None
