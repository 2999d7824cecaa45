"""Days on which a bank, a tax bureau or a fund's office works: no weekend, no public holiday.

The holidays are those of the State Council's yearly notices (国务院办公厅关于部分节假日安排的通知), with the days by which
the Spring Festival of 2020 was made longer. Weekends that are worked in exchange count as weekends. Other years have the
holidays whose dates never change.
"""

from datetime import date

import numpy as np
import polars as pl

HOLIDAYS: dict[int, tuple[tuple[str, str], ...]] = {
    2016: (
        *(("01-01", "01-03"), ("02-07", "02-13"), ("04-02", "04-04"), ("04-30", "05-02"), ("06-09", "06-11")),
        *(("09-15", "09-17"), ("10-01", "10-07"), ("12-31", "12-31")),
    ),
    2017: (
        *(("01-01", "01-02"), ("01-27", "02-02"), ("04-02", "04-04"), ("04-29", "05-01"), ("05-28", "05-30")),
        *(("10-01", "10-08"), ("12-30", "12-31")),
    ),
    2018: (
        *(("01-01", "01-01"), ("02-15", "02-21"), ("04-05", "04-07"), ("04-29", "05-01"), ("06-16", "06-18")),
        *(("09-22", "09-24"), ("10-01", "10-07"), ("12-30", "12-31")),
    ),
    2019: (
        *(("01-01", "01-01"), ("02-04", "02-10"), ("04-05", "04-07"), ("05-01", "05-04"), ("06-07", "06-09")),
        *(("09-13", "09-15"), ("10-01", "10-07")),
    ),
    2020: (
        *(("01-01", "01-01"), ("01-24", "02-02"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-25", "06-27")),
        ("10-01", "10-08"),
    ),
    2021: (
        *(("01-01", "01-03"), ("02-11", "02-17"), ("04-03", "04-05"), ("05-01", "05-05"), ("06-12", "06-14")),
        *(("09-19", "09-21"), ("10-01", "10-07")),
    ),
}
"""First and last day of each holiday."""

FIXED_HOLIDAYS = (("01-01", "01-01"), ("05-01", "05-01"), ("10-01", "10-03"))


def holidays(year: int) -> np.ndarray:
    """Every holiday of a year and of the next one; array of datetime64[D]."""
    spans = [
        np.arange(np.datetime64(f"{each}-{first}"), np.datetime64(f"{each}-{last}") + 1)
        for each in (year, year + 1)
        for first, last in HOLIDAYS.get(each, FIXED_HOLIDAYS)
    ]
    return np.concatenate(spans)


def next_working_days(days: pl.Series, year: int) -> pl.Series:
    """Each day of the year or the next one, or the first working day after it; nulls stay."""
    known = days.drop_nulls().unique()
    working = np.busday_offset(known.to_numpy(), 0, roll="forward", holidays=holidays(year))
    return days.replace_strict(known, pl.Series(working).cast(pl.Date), default=None, return_dtype=pl.Date)


def next_working_day(day: date) -> date:
    """The day, or the first working day after it."""
    working = np.busday_offset(np.datetime64(day), 0, roll="forward", holidays=holidays(day.year))
    return date.fromisoformat(str(working))
