"""Polars expressions that turn cell texts into names, IDs, accounts and counts, whole columns at a time.

Amounts are read in ``amounts``, dates in ``dates``, outcomes in ``outcomes``. Nothing here decides what an ID is worth.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import polars as pl

from pipeline.landing.simplified import simplified_characters

_BLANKS = r"[\s\p{Cf}\p{Cc}]"
_NOT_PLAIN = r"[^ -~\x{4E00}-\x{9FFF}]"
_BLANK_OR_NOT_PLAIN = r"[^!-~\x{4E00}-\x{9FFF}]"
_MIDDLE_DOTS = r"[·•・∙‧.]"
_UNREADABLE = r"[?□*\x{FFFD}\p{Co}]"
_EXPONENT = r"^[+-]?[0-9]+(\.[0-9]+)?[eE][+-]?[0-9]+$"
# An exponent as machines write it; 12E5 is a text that somebody gave a batch.
_LONG_EXPONENT = r"^[+-]?[0-9]+(\.[0-9]+[eE][+-]?|[eE]\+)[0-9]+$"
_APOSTROPHES = r"^['`´‘’]+"
_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
_CHECK_CHARACTERS = "10X98765432"
_EXACT_DIGITS = 15
# An ID or an account that has moved into the column is no count.
_MOST_PERSONS = 10**10
# A frame of so many rows is worth looking for equal texts.
_LONG = 5_000


class Reading(NamedTuple):
    """A column to be read: its name, the column of texts that it is read from, how, and as what."""

    name: str
    text: str
    read: Callable[[pl.Expr], pl.Expr]
    dtype: type[pl.DataType]


def read_columns(frame: pl.DataFrame, readings: Iterable[Reading]) -> pl.DataFrame:
    """Add columns to a frame; where it is long, each distinct text is read once, as most columns hold few of them."""
    if len(frame) < _LONG:
        return frame.with_columns(each.read(pl.col(each.text)).alias(each.name) for each in readings)
    return frame.with_columns(_read_distinct(frame[each.text], each.read).alias(each.name) for each in readings)


def clean_columns(frame: pl.DataFrame, names: Mapping[str, str]) -> pl.DataFrame:
    """Add a column of cleaned texts for each column of cells; `names` gives the new name and the cells' name."""
    if len(frame) < _LONG:
        return frame.with_columns(clean_text(pl.col(cells)).alias(name) for name, cells in names.items())
    return frame.with_columns(_clean_texts(frame[cells]).alias(name) for name, cells in names.items())


def clean_text(text: pl.Expr) -> pl.Expr:
    """NFKC, without invisible characters and blanks at the ends; null when nothing is left."""
    return _null_if_empty(text.str.normalize("NFKC").str.replace_all(r"\p{Cf}", "").str.strip_chars())


def name(text: pl.Expr) -> pl.Expr:
    """A name as it is shown: middle dots as ``·``, no blanks but single ones in names with Latin letters."""
    dotted = text.str.replace_all(_MIDDLE_DOTS, "·")
    is_latin = dotted.str.contains(r"[A-Za-z]")
    return pl.when(is_latin).then(dotted.str.replace_all(r"\s+", " ")).otherwise(dotted.str.replace_all(r"\s", ""))


def name_key(text: pl.Expr) -> pl.Expr:
    """The key on which names are compared: no blanks, no dots, every unreadable character as ``?``."""
    return text.str.replace_all(rf"{_BLANKS}|{_MIDDLE_DOTS}", "").str.replace_all(_UNREADABLE, "?")


def simplified_key(text: pl.Expr) -> pl.Expr:
    """The key of a name with traditional characters as simplified ones; the key itself where it has none."""
    return name_key(text).str.replace_many(simplified_characters())


def read_ids(frame: pl.DataFrame, text: str, is_number: pl.Expr) -> pl.DataFrame:
    """Add `id_text`, `id_original` and `id_is_number`.

    The ID has no blanks and no apostrophe, upper case; 20 digits are cut to 18 and 15 widened unless it was a number.

    Args:
        text: the column of the cleaned texts.
        is_number: whether a cell holds a number.
    """
    original, compact, is_text = pl.col(text), pl.col("id_text"), ~pl.col("id_is_number")
    has_blanks = frame.select(original.str.contains(f"{_BLANKS}|{_APOSTROPHES}").any()).item()
    shown = _null_if_empty(_without_blanks(original)) if has_blanks else original
    frame = frame.with_columns(
        id_original=original,
        id_text=shown.str.to_uppercase(),
        id_is_number=is_number | shown.str.contains(_EXPONENT).fill_null(value=False),
    )
    is_card = is_text & compact.str.contains(r"^[0-9]{17}[0-9X][1-7][1-4]$")
    is_old = is_text & compact.str.contains(r"^[0-9]{15}$")
    has_card, has_old = frame.select(is_card.any(), is_old=is_old.any()).row(0)
    if has_card:
        frame = frame.with_columns(id_text=pl.when(is_card).then(compact.str.slice(0, 18)).otherwise(compact))
    if has_old:
        frame = frame.with_columns(id_text=pl.when(is_old).then(_widened(compact)).otherwise(compact))
    return frame


def number(text: pl.Expr, is_number: pl.Expr) -> pl.Expr:
    """An account, batch, voucher, household or person's number, without blanks; null where a number has lost digits."""
    compact = _without_blanks(text)
    is_lost = is_number & (compact.str.count_matches(r"\d") > _EXACT_DIGITS) | compact.str.contains(_LONG_EXPONENT)
    return _null_if_empty(pl.when(~is_lost).then(compact))


def count(text: pl.Expr, *, is_signed: bool = False) -> pl.Expr:
    """A count of persons or rows: ``65,443``, ``65443.0``, ``412人``; null when it can't be read.

    Args:
        is_signed: whether a negative count is one.
    """
    compact = text.str.replace_all(_BLANKS, "").str.replace("−", "-", literal=True)
    sign = "[+-]?" if is_signed else r"\+?"
    digits = compact.str.extract(rf"^({sign}(?:[0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+))(?:\.0*)?(?:人|名|户|笔|人次)?$", 1)
    number = digits.str.replace_all(",", "", literal=True).str.strip_prefix("+").cast(pl.Int64, strict=False)
    return pl.when(number.abs() < _MOST_PERSONS).then(number)


def _read_distinct(texts: pl.Series, read: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    column = texts.to_frame("text")
    distinct = column.unique().with_columns(value=read(pl.col("text")))
    return column.join(distinct, on="text", how="left", maintain_order="left")["value"]


def _clean_texts(texts: pl.Series) -> pl.Series:
    """Cleaned texts; plain letters, digits and ideographs are in NFKC already."""
    has_others = texts.str.contains(_BLANK_OR_NOT_PLAIN).any()
    if has_others and texts.str.contains(_NOT_PLAIN).any():
        return _read_distinct(texts, clean_text)
    if not has_others and not (texts == "").any():
        return texts
    return texts.to_frame("text").select(_null_if_empty(pl.col("text").str.strip_chars())).to_series()


def _without_blanks(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_BLANKS, "").str.replace(_APOSTROPHES, "")


def _null_if_empty(text: pl.Expr) -> pl.Expr:
    return pl.when(text != "").then(text)


def _widened(fifteen: pl.Expr) -> pl.Expr:
    seventeen = pl.concat_str(fifteen.str.slice(0, 6), pl.lit("19"), fifteen.str.slice(6))
    number = seventeen.cast(pl.Int64, strict=False)
    total = pl.sum_horizontal((number // 10 ** (16 - place) % 10) * weight for place, weight in enumerate(_WEIGHTS))
    return pl.concat_str(seventeen, pl.lit(_CHECK_CHARACTERS).str.slice(total % 11, 1))
