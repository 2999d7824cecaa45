"""What stands above a table: labels with their values, such as ``制表时间:2019-06-12 批次号:B201906-003``, units and places."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from pipeline.landing.header import Header
from pipeline.landing.labels import clean_label, other_unit, split_unit
from pipeline.landing.layouts import Layout
from pipeline.landing.refusals import Refusal

AMOUNT_FIELDS = ("amount", "self_paid_amount", "due_amount")
_AMOUNT_UNITS = ("万元", "元", "分")
# 单位:万元, and a list of what each kind of number counts: 单位:户、人、万元.
_OPENING, _CLOSING = "([【〔", tuple(")]】〕")
_COUNTED = r"(?:人民币|人次|[人户笔个份次条])"
_END = r"(?![^\s()\[\]【】、,;/.。|〕>])"
_STATED = rf"单位\s*(?:[均都]?为|[均都]?是)?\s*[:]?\s*(?:{_COUNTED}\s*[、,/]?\s*)*"
_OF_AMOUNTS = r"金额\s*(?:[均都]?[为是]|:)\s*(?:人民币)?\s*"
_UNIT = re.compile(
    rf"(?:{_STATED}|{_OF_AMOUNTS})(万元|元|分){_END}|以\s*(?:人民币)?\s*(万元|元|分)\s*(?:计|为(?:计量)?单位)"
)
_OTHER_UNIT = re.compile(rf"{_STATED}((?:[十百千亿万]|[十百千]万)元?|(?:[十百千]?万)?(?:美元|港币|港元)|角){_END}")
_UNKNOWN_UNIT = "不是元、分或万元,无法换算金额。请改用元、分或万元后重新报送。"
# What stands between a value and the next label.
_BETWEEN = " \t,;、/|。"
_WORDS_BEFORE = re.compile(r"[\u4e00-\u9fff]+$")
_AFTER_NUMBERS = "年月日号时点分秒元笔人户条批次"
# Beginnings that make no other thing of what a label states: 返盘批次号 is the list's 批次号.
_OF_THIS_LIST = ("返盘", "返还", "代发", "发放", "银行", "名单", "文件", "本次", "本批", "本", "该", "所在")
# More characters than a longer label has before one that is known: 计划付款日期, 户籍所在乡镇.
_LONGEST_BEGINNING = 6
_OTHER_LABEL = re.compile(r"[\s,;、/|]\s*[^\s\d:,;、/|]{1,12}\s*:")


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
    """The header, with the unit of the nearest row above it that states one for every amount whose label states none.

    Raises:
        Refusal: that row states a unit in which no amount can be read.
    """
    bare = [field for field in AMOUNT_FIELDS if field in header.columns and field not in header.units]
    unit = unit_above(rows) if bare else None
    if unit is None:
        return header
    if unit not in _AMOUNT_UNITS:
        raise Refusal("unknown_unit", f"表头上方写的单位是“{unit}”,{_UNKNOWN_UNIT}")
    return replace(header, units=dict.fromkeys(bare, unit) | header.units)


def unit_above(rows: Sequence[Sequence[str]]) -> str | None:
    """The unit of amounts that the lowest row states that states one, be it one in which no amount can be read."""
    return next((found for row in reversed(rows) if (found := _stated_unit(row))), None)


def place_texts(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The texts above a table, any of which may say where it is from; without blanks."""
    labels = (clean_label(cell) for row in rows for cell in row)
    return tuple(dict.fromkeys(label for label in labels if label))


def _stated_unit(row: Sequence[str]) -> str | None:
    """The unit of amounts that a row states: behind 单位, or in brackets at the end of a cell."""
    text = unicodedata.normalize("NFKC", " ".join(cell.strip() for cell in row if cell.strip()))
    if stated := _UNIT.search(text):
        return stated.group(1) or stated.group(2)
    if stated := _OTHER_UNIT.search(text):
        return stated.group(1)
    labels = [clean_label(cell) for cell in row]
    found = (unit for label in labels for unit in (split_unit(label)[1], other_unit(label)))
    return next((unit for unit in found if unit and (unit in _AMOUNT_UNITS or other_unit(unit))), None)


def _row_text(row: Sequence[str], layout: Layout) -> str:
    words = {word for field in layout.head_fields for word in layout.aliases[field]}
    cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row]
    return " ".join(f"{cell}:" if clean_label(cell) in words else cell for cell in cells if cell)


def _value(text: str, aliases: Sequence[str], layout: Layout) -> str | None:
    """The text behind one of the labels, up to the next label."""
    start = _find_label(text, aliases)
    if start is None:
        return None
    rest = text[start.end() :]
    known = _find_label(text, [word for field in layout.head_fields for word in layout.aliases[field]], start.end())
    other = _OTHER_LABEL.search(rest)
    ends = (*((known.start() - start.end(),) if known else ()), *((other.start(),) if other else ()))
    whole = rest[: min(ends, default=len(rest))].strip()
    value = whole.rstrip(_BETWEEN + _OPENING) or whole
    # Of a label that stands in brackets with its value.
    is_closed = value.endswith(_CLOSING) and not any(opening in value for opening in _OPENING)
    return (value[:-1].strip() if is_closed else value) or None


def _find_label(text: str, words: Sequence[str], start: int = 0) -> re.Match[str] | None:
    """The first of the labels that is no part of a longer one, as 批次号 is of 原批次号."""
    found = _label_pattern(words).finditer(text, start)
    return next((each for each in found if _begins_label(text[: each.start()])), None)


def _begins_label(before: str) -> bool:
    """Whether a label may begin behind a text: behind a value, a title or a mark, not behind the first words of a label."""
    words = _WORDS_BEFORE.search(before)
    if words is None or before[: words.start()].rstrip().endswith(":"):
        return True
    said = words.group().lstrip(_AFTER_NUMBERS) if before[: words.start()][-1:].isdigit() else words.group()
    return not said or said in _OF_THIS_LIST or len(said) > _LONGEST_BEGINNING


def _label_pattern(words: Sequence[str]) -> re.Pattern[str]:
    spaced = (r"\s*".join(re.escape(character) for character in word) for word in sorted(words, key=len, reverse=True))
    return re.compile(f"(?:{'|'.join(spaced)})\\s*:\\s*")
