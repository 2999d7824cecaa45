"""Polars expressions that turn cell texts into names, IDs, accounts and counts, whole columns at a time.

Amounts are read in ``amounts``, dates in ``dates``, outcomes in ``outcomes``. Nothing here decides what an ID is worth.
"""

from collections.abc import Callable

import polars as pl

_BLANKS = r"[\s\p{Cf}\p{Cc}]"
_NOT_PLAIN = r"[^ -~\x{4E00}-\x{9FFF}]"
_MIDDLE_DOTS = r"[·•・∙‧.]"
_UNREADABLE = r"[?□*\x{FFFD}\p{Co}]"
_EXPONENT = r"^[+-]?\d+(\.\d+)?[eE][+-]?\d+$"
_APOSTROPHES = r"^['`´‘’]+"
_WEIGHTS = [2 ** (17 - place) % 11 for place in range(17)]
_CHECK_CHARACTERS = "10X98765432"
_EXACT_DIGITS = 15


def read_distinct(texts: pl.Series, read: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """Read a column, each distinct text once; most columns hold few of them."""
    column = texts.to_frame("text")
    distinct = column.unique().with_columns(value=read(pl.col("text")))
    return column.join(distinct, on="text", how="left", maintain_order="left")["value"]


def clean_text(text: pl.Expr) -> pl.Expr:
    """NFKC, without invisible characters and blanks at the ends; null when nothing is left."""
    return text.str.normalize("NFKC").str.replace_all(r"\p{Cf}", "").str.strip_chars().replace("", None)


def clean_texts(texts: pl.Series) -> pl.Series:
    """The same for a column; plain letters, digits and ideographs are in NFKC already."""
    if texts.str.contains(_NOT_PLAIN).any():
        return read_distinct(texts, clean_text)
    return texts.str.strip_chars().replace("", None)


def name(text: pl.Expr) -> pl.Expr:
    """A name as it is shown: middle dots as ``·``, no blanks but single ones in names with Latin letters."""
    dotted = text.str.replace_all(_MIDDLE_DOTS, "·")
    is_latin = dotted.str.contains(r"[A-Za-z]")
    return pl.when(is_latin).then(dotted.str.replace_all(r"\s+", " ")).otherwise(dotted.str.replace_all(r"\s", ""))


def name_key(text: pl.Expr) -> pl.Expr:
    """The key on which names are compared: no blanks, no dots, every unreadable character as ``?``."""
    return text.str.replace_all(rf"{_BLANKS}|{_MIDDLE_DOTS}", "").str.replace_all(_UNREADABLE, "?")


def is_exponent(texts: pl.Series) -> pl.Series:
    """Whether a text is a number in exponent form, as a spreadsheet shows long digits."""
    return _without_blanks(texts).str.contains(_EXPONENT).fill_null(value=False)


def id_text(texts: pl.Series, is_number: pl.Series) -> pl.Series:
    """The IDs: without blanks and apostrophe, upper case; 20 digits cut to 18 and 15 widened unless it was a number."""
    compact = _without_blanks(texts).str.to_uppercase()
    is_card = ~is_number & compact.str.contains(r"^[0-9]{17}[0-9X][1-7][1-4]$")
    is_old = ~is_number & compact.str.contains(r"^[0-9]{15}$")
    if is_card.any():
        compact = compact.str.slice(0, 18).zip_with(is_card.fill_null(value=False), compact)
    if is_old.any():
        compact = read_distinct(compact, _widened).zip_with(is_old.fill_null(value=False), compact)
    return compact.replace("", None)


def account(texts: pl.Series, is_number: pl.Series) -> pl.Series:
    """The accounts; null where a number has lost digits."""
    compact = _without_blanks(texts)
    lost = is_number & (compact.str.count_matches(r"\d") > _EXACT_DIGITS) | compact.str.contains(_EXPONENT)
    return compact.set(lost.fill_null(value=False), None).replace("", None)


def count(text: pl.Expr) -> pl.Expr:
    """A count of persons or rows: ``65,443``, ``65443.0``, ``412人``; null when it can't be read."""
    compact = text.str.replace_all(_BLANKS, "")
    digits = compact.str.extract(r"^([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0*)?(?:人|名|户|笔|人次)?$", 1)
    return digits.str.replace_all(",", "", literal=True).cast(pl.Int64, strict=False)


def _without_blanks(texts: pl.Series) -> pl.Series:
    if texts.str.contains(rf"{_BLANKS}|{_APOSTROPHES}").any():
        return texts.str.replace_all(_BLANKS, "").str.replace(_APOSTROPHES, "")
    return texts


def _widened(fifteen: pl.Expr) -> pl.Expr:
    seventeen = pl.concat_str(fifteen.str.slice(0, 6), pl.lit("19"), fifteen.str.slice(6))
    number = seventeen.cast(pl.Int64, strict=False)
    total = pl.sum_horizontal((number // 10 ** (16 - place) % 10) * weight for place, weight in enumerate(_WEIGHTS))
    return pl.concat_str(seventeen, pl.lit(_CHECK_CHARACTERS).str.slice(total % 11, 1))
