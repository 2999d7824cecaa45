"""Dates in the forms that offices write."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from functools import lru_cache
from typing import NamedTuple

import polars as pl

from pipeline.landing.fields import clean_text

_HALF_DAY = "凌晨|早上|上午|中午|下午|晚上"
_TIME = (
    rf"(?:[T\s]*(?:{_HALF_DAY})?\s*[0-9]{{1,2}}"
    r"(?:[:时点][0-9]{1,2}(?:[:分](?:[0-9]{1,2}(?:\.[0-9]+)?)?)?秒?|[时点]整?))?"
)
_SEPARATED = rf"^([0-9]{{4}})\s*[-./年]\s*([0-9]{{1,2}})\s*[-./月]\s*([0-9]{{1,2}})\s*日?{_TIME}$"
_COMPACT = rf"^([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})(?:\s?[0-9]{{6}}|{_TIME})$"
_SERIAL = r"^([0-9]{5})(?:\.[0-9]+)?$"
_HOUR = re.compile(
    rf"(?P<half>{_HALF_DAY})?\s*(?<![0-9])(?P<hour>[0-9]{{1,2}})"
    r"(?:[:时点](?P<minute>[0-9]{1,2})(?:[:分](?P<second>[0-9]{1,2}))?|[时点])"
)
_COMPACT_HOUR = re.compile(r"^[0-9]{8}\s?(?P<half>)(?P<hour>[0-9]{2})(?P<minute>[0-9]{2})(?P<second>[0-9]{2})$")
_AFTER_NOON = ("下午", "晚上")
_NOON = 12
_MIDNIGHT = "00:00:00"
_DAY_ZERO = date(1899, 12, 30)
_DAY_ZERO_1904 = date(1904, 1, 1)
_MOST_YEARS_APART = 10


def to_date(
    text: pl.Expr, formats: Sequence[str] = (), policy_year: int | None = None, *, counts_from_1904: bool = False
) -> pl.Expr:
    """The date; null when it can't be read or does not exist.

    Reads 20190315, 2019.3.15, 2019-3-15, 2019/3/15, 2019年3月15日, with a time of day behind it, and the days that a
    spreadsheet counts.

    Args:
        formats: further forms of the layout, as strptime writes them.
        policy_year: a counted day more than ten years away from it is no date; null where no year is known.
        counts_from_1904: whether the text stands in a workbook that counts the days from 1904.
    """
    serial = text.str.extract(_SERIAL, 1).cast(pl.Int64, strict=False)
    counted = pl.lit(_DAY_ZERO_1904 if counts_from_1904 else _DAY_ZERO) + pl.duration(days=serial)
    if policy_year is not None:
        years_apart = (counted.dt.year() - policy_year).abs()
        counted = pl.when(years_apart <= _MOST_YEARS_APART).then(counted)
    others = [text.str.to_date(form, strict=False) for form in formats]
    return pl.coalesce(_calendar(text, _SEPARATED), _calendar(text, _COMPACT), counted, *others)


def _calendar(text: pl.Expr, pattern: str) -> pl.Expr:
    year, *parts = (text.str.extract(pattern, group) for group in (1, 2, 3))
    # No calendar has a year 0.
    parts = [pl.when(year != "0000").then(year), *parts]
    return pl.concat_str(parts, separator="-").str.to_date("%Y-%m-%d", strict=False)


@lru_cache(maxsize=256)
def read_date(
    text: str | None, formats: tuple[str, ...], policy_year: int | None = None, *, counts_from_1904: bool = False
) -> date | None:
    """The date of one text, by the same rules."""
    if text is None:
        return None
    cleaned = clean_text(pl.lit(text, pl.String))
    found: date | None = pl.select(to_date(cleaned, formats, policy_year, counts_from_1904=counts_from_1904)).item()
    return found


class Moment(NamedTuple):
    """A point in time; where no hour is stated it is that day's midnight."""

    time: datetime
    has_hour: bool


@lru_cache(maxsize=256)
def read_moment(
    text: str | None, formats: tuple[str, ...] = (), policy_year: int | None = None, *, counts_from_1904: bool = False
) -> Moment | None:
    """The point in time that a text states, by the same rules; null where it states no date."""
    day = read_date(text, formats, policy_year, counts_from_1904=counts_from_1904)
    if day is None or text is None:
        return None
    cleaned: str | None = pl.select(clean_text(pl.lit(text))).item()
    found = _HOUR.search(cleaned or "") or _COMPACT_HOUR.search(cleaned or "")
    try:
        stated = _time_of_day(found) if found else None
    except ValueError:
        stated = None
    # A cell that holds a day alone is handed over with midnight behind it.
    has_hour = stated is not None and not (cleaned or "").endswith(_MIDNIGHT)
    return Moment(datetime.combine(day, stated or time()), has_hour=has_hour)


def _time_of_day(found: re.Match[str]) -> time:
    """The time of day, hours of the afternoon counted on from noon (下午3时 is 15:00)."""
    hour = int(found["hour"])
    if found["half"] in _AFTER_NOON and hour < _NOON:
        hour += _NOON
    return time(hour, int(found["minute"] or 0), int(found["second"] or 0))
