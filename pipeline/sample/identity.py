"""Identity numbers of people who don't exist: an area code that was never assigned, and a check character that fits.

Only the making of IDs, right and damaged, belongs here; how the pipeline reads them does not.
"""

import numpy as np
import polars as pl

AREA_CODE = "530198"
"""Never assigned within 5301.. (Kunming), so no real person has such an ID."""

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"

SERIALS_PER_DAY = 400
"""Serial numbers a birth date and sex of the roll's people; those from 800 to 999 are kept for strangers."""


def check_character(digits: pl.Expr) -> pl.Expr:
    """The ISO 7064 MOD 11-2 check character of texts that begin with 17 digits."""
    total = pl.sum_horizontal(
        digits.str.slice(place, 1).cast(pl.Int32) * weight for place, weight in enumerate(WEIGHTS)
    )
    return pl.lit(CHECK_CHARACTERS).str.slice(total % 11, 1)


def with_check_character(digits: pl.Expr) -> pl.Expr:
    """17 digits and their check character."""
    return digits + check_character(digits)


def is_sound(id_no: pl.Expr) -> pl.Expr:
    """Whether a text has the form of an ID and its check character fits."""
    digits = pl.when(id_no.str.contains(r"^\d{17}[\dX]$")).then(id_no).otherwise(pl.lit("0" * 18))
    return id_no.str.contains(r"^\d{17}[\dX]$") & (digits.str.slice(17, 1) == check_character(digits))


def person_ids(births: np.ndarray, is_male: np.ndarray) -> pl.Series:
    """A distinct ID for each person, from birth date (datetime64) and sex; shape: as given."""
    frame = pl.DataFrame({"birth_date": births.astype("datetime64[D]"), "is_male": is_male}).with_columns(
        rank=pl.int_range(pl.len()).over("birth_date", "is_male")
    )
    shift = pl.col("birth_date").dt.ordinal_day() * 13 + pl.col("birth_date").dt.year() * 31
    serial = (shift + pl.col("rank") * 7) % SERIALS_PER_DAY * 2 + pl.col("is_male").cast(pl.Int64)
    return frame.select(id_no=_id(pl.col("birth_date"), serial))["id_no"]


def stranger_ids(births: pl.Expr) -> pl.Expr:
    """IDs that nobody on the roll has, from birth dates and the row's place; distinct for up to 200 rows."""
    return _id(births, 800 + pl.int_range(pl.len()) % 200)


def with_wrong_digit(id_no: pl.Expr) -> pl.Expr:
    """The ID with one digit of the serial number changed: the check character always notices."""
    wrong = (id_no.str.slice(15, 1).cast(pl.Int32) + 1) % 10
    return id_no.str.slice(0, 15) + wrong.cast(pl.String) + id_no.str.slice(16)


def with_lost_digits(id_no: pl.Expr) -> pl.Expr:
    """The ID as a spreadsheet leaves it: its last digits turned to 000, or in exponent form where 000 would fit."""
    zeros = id_no.str.slice(0, 15) + "000"
    return pl.when(is_sound(zeros)).then(pl.lit(AREA_CODE[0] + "." + AREA_CODE[1:] + "E+17")).otherwise(zeros)


def of_neighbour(id_no: pl.Expr) -> pl.Expr:
    """A valid ID of nobody on the roll that differs in the serial number and the check character only."""
    serial = 800 + id_no.str.slice(14, 3).cast(pl.Int32) % 200
    return with_check_character(id_no.str.slice(0, 14) + serial.cast(pl.String))


def as_15_digits(id_no: pl.Expr) -> pl.Expr:
    """The old form of an ID whose birth year begins with 19; other IDs stay as they are."""
    return pl.when(id_no.str.slice(6, 2) == "19").then(id_no.str.slice(0, 6) + id_no.str.slice(8, 9)).otherwise(id_no)


def _id(births: pl.Expr, serial: pl.Expr) -> pl.Expr:
    digits = pl.lit(AREA_CODE) + births.dt.strftime("%Y%m%d") + serial.cast(pl.String).str.zfill(3)
    return with_check_character(digits)
