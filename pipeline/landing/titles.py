"""What stands above a table: labels with their values, such as ``制表时间:2019-06-12 批次号:B201906-003``, units and places."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from pipeline.landing.header import Header
from pipeline.landing.labels import clean_label, split_unit
from pipeline.landing.layouts import Layout

AMOUNT_FIELDS = ("amount", "self_paid_amount", "due_amount")
_AMOUNT_UNITS = ("万元", "元", "分")
# 单位:万元, and a list of what each kind of number counts: 单位:户、人、万元.
_COUNTED = r"(?:人民币|人次|[人户笔个份次条])"
_UNIT = re.compile(rf"单位\s*[:]?\s*(?:{_COUNTED}\s*[、,/]?\s*)*(万元|元|分)(?![^\s()\[\]、,;/.。|〕>])")
_OTHER_LABEL = re.compile(r"\s[^\s\d:]{2,12}\s*:")


def head_values(rows: Sequence[Sequence[str]], layout: Layout) -> dict[str, str]:
    """The values of the layout's head fields, from the rows above the header; the first that is found counts.

    A value stands behind its label and a colon, in the same cell or the next, or in the cell next to one that holds the
    label alone.
    """
    values: dict[str, str] = {}
    for row in rows:
        text = _row_text(row, layout)
        for field in layout.head_fields:
            value = _value(text, layout.aliases[field], layout)
            if value and field not in values:
                values[field] = value
    return values


def with_unit_above(header: Header, rows: Sequence[Sequence[str]]) -> Header:
    """The header, with the unit of the nearest row above it that states one for every amount whose label states none."""
    unit = unit_above(rows)
    if unit is None:
        return header
    above = {field: unit for field in AMOUNT_FIELDS if field in header.columns}
    return replace(header, units=above | header.units)


def unit_above(rows: Sequence[Sequence[str]]) -> str | None:
    """The unit of amounts that the lowest row states that states one."""
    return next((found for row in reversed(rows) if (found := _stated_unit(row))), None)


def place_texts(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The texts above a table, any of which may say where it is from; without blanks."""
    labels = (clean_label(cell) for row in rows for cell in row)
    return tuple(dict.fromkeys(label for label in labels if label))


def _stated_unit(row: Sequence[str]) -> str | None:
    """The unit of amounts that a row states: behind 单位, or in brackets at the end of a cell."""
    stated = _UNIT.search(unicodedata.normalize("NFKC", " ".join(cell.strip() for cell in row if cell.strip())))
    if stated:
        return stated.group(1)
    bracketed = (split_unit(clean_label(cell))[1] for cell in row)
    return next((unit for unit in bracketed if unit in _AMOUNT_UNITS), None)


def _row_text(row: Sequence[str], layout: Layout) -> str:
    words = {word for field in layout.head_fields for word in layout.aliases[field]}
    cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
    return " ".join(f"{cell}:" if clean_label(cell) in words else cell for cell in cells if cell)


def _value(text: str, aliases: Sequence[str], layout: Layout) -> str | None:
    """The text behind one of the labels, up to the next label."""
    start = _label_pattern(aliases).search(text)
    if start is None:
        return None
    rest = text[start.end() :]
    known = _label_pattern([word for field in layout.head_fields for word in layout.aliases[field]]).search(rest)
    other = _OTHER_LABEL.search(rest)
    end = min((found.start() for found in (known, other) if found), default=len(rest))
    return rest[:end].strip() or None


def _label_pattern(words: Sequence[str]) -> re.Pattern[str]:
    spaced = (r"\s*".join(re.escape(character) for character in word) for word in sorted(words, key=len, reverse=True))
    return re.compile(f"(?:{'|'.join(spaced)})\\s*:\\s*")
