"""Amounts of money as exact numbers of fen. No amount is ever a binary float."""

import re
from decimal import Context, Decimal
from functools import lru_cache

import polars as pl

from pipeline.landing.fields import clean_text

_AMOUNT = r"^(?<sign>[+-]?)(?<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.(?<part>[0-9]*))?(?<unit>万元|元整|元|分)?$"
_MOST_PLACES = 6
# A number of 15 digits is an account or an ID that has moved into the column; a district has no such money.
_MOST_FEN = 10**14
SHOWN_DIGITS = 15
_CAPITALS = {each: number for number, each in enumerate("零壹贰叁肆伍陆柒捌玖")}
_TENS = {"拾": 10, "佰": 100, "仟": 1000}
_IN_CAPITALS = re.compile(
    rf"([{''.join(_CAPITALS)}拾佰仟万亿]+)[元圆](?:零?([壹贰叁肆伍陆柒捌玖])角)?(?:零?([壹贰叁肆伍陆柒捌玖])分)?[整正]?"
)


def fen(text: pl.Expr, unit: str) -> pl.Expr:
    """The amount in fen, with its sign; null when it can't be read or is not a whole number of fen.

    Args:
        unit: 元, 分 or 万元, where the cell itself states none.
    """
    compact = text.str.replace_all(r"[\s¥]", "").str.replace_all("−", "-", literal=True)
    # What is said of an amount stays in one struct, so that the pattern is matched once.
    sign, whole, part, stated, places = (pl.field(name) for name in ("sign", "whole", "part", "unit", "places"))
    stated_or_given = stated.fill_null(unit)
    parts = compact.str.extract_groups(_AMOUNT).struct.with_fields(
        part.fill_null("").str.pad_end(_MOST_PLACES, "0"),
        places=pl.when(stated_or_given == "万元").then(6).when(stated_or_given == "分").then(0).otherwise(2),
    )
    digits = pl.concat_str(sign, whole, part.str.slice(0, places)).str.replace_all(",", "", literal=True)
    numbers = parts.struct.with_fields(
        fen=digits.str.strip_prefix("+").cast(pl.Int64, strict=False),
        is_whole=~part.str.slice(places).str.contains("[1-9]"),
    )
    number = pl.field("fen")
    is_exact = pl.field("is_whole") & (number.abs() < _MOST_FEN)
    return numbers.struct.with_fields(pl.when(is_exact).then(number).alias("fen")).struct.field("fen")


def yuan(number_of_fen: pl.Expr) -> pl.Expr:
    """Fen as DECIMAL(18,2) yuan."""
    return (number_of_fen.cast(pl.Decimal(18, 0)) * pl.lit(Decimal("0.01"), pl.Decimal(18, 2))).cast(pl.Decimal(18, 2))


def shown_digits(cells: pl.Series, is_number: pl.Series) -> pl.Series:
    """Round long numbers of numeric cells to the 15 digits that a spreadsheet holds: 65443000.009999998 is 65443000.01.

    A unit that the cell's format shows stands behind a number that is rounded already.
    """
    is_long = is_number & (cells.str.len_chars() > SHOWN_DIGITS) & ~cells.str.contains(r"\p{Han}")
    long = cells.filter(is_long).unique().drop_nulls()
    rounded = {text: format(Context(prec=SHOWN_DIGITS).create_decimal(text), "f") for text in long if "." in text}
    return cells.replace(rounded) if rounded else cells


@lru_cache(maxsize=256)
def read_fen(text: str | None, unit: str) -> int | None:
    """The fen of one text, by the same rules."""
    found: int | None = pl.select(fen(clean_text(pl.lit(text, pl.String)), unit)).item()
    return found


def capital_fen(text: str) -> int | None:
    """The fen of an amount that is written in capitals, as sums are: 叁佰元整; null of any other text."""
    found = _IN_CAPITALS.fullmatch(text)
    if found is None:
        return None
    whole, tenths, hundredths = found.groups()
    total, section, digit = 0, 0, 0
    for each in whole:
        if each in _CAPITALS:
            digit = _CAPITALS[each]
        elif each in _TENS:
            section, digit = section + (digit or 1) * _TENS[each], 0
        elif each == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        else:
            total, section, digit = (total + section + digit) * 10**8, 0, 0
    yuan_count = total + section + digit
    return yuan_count * 100 + _CAPITALS.get(tenths or "零", 0) * 10 + _CAPITALS.get(hundredths or "零", 0)
