"""Rows that belong to a header by their place: a second header row, whatever its words are, and one that numbers the columns.

How labels become fields is told by ``header``.
"""

import re
from collections.abc import Mapping, Sequence

from pipeline.contracts.sources import SOURCES
from pipeline.landing.amounts import read_fen
from pipeline.landing.dates import read_date
from pipeline.landing.labels import find_alias, split_unit
from pipeline.landing.layouts import Layout

_DIGIT = re.compile(r"\d")
# Digits that a header may hold: years, months, periods, numbers in brackets.
_NUMBERED = re.compile(
    r"\d{4}(?:[-~至/]\d{4})?(?:年度?|$)|\d{1,2}(?:[-~至]\d{1,2})?(?:月份?|季度|年级)|第?\d{1,2}(?:季度|期|批次?|次)"
    r"|[(\[〔【]\d{1,4}(?:年度?|月份?)?[)\]〕】]"
)
# A number in words has a digit; 万元 alone is a unit.
_CHINESE_NUMBER = re.compile(
    r"(?=.*[零〇一二三四五六七八九十壹贰叁肆伍陆柒捌玖拾])[零〇一二三四五六七八九十百千万亿壹贰叁肆伍陆柒捌玖拾佰仟圆元角分整正]+"
)
_FIELDS_WITHOUT_WORDS = {"id", "account", "amount", "date", "count"}
_CODES = {"outcome_code", "mismatch_id", "due_amount", "made_at"}
_NUMBERING_WORDS = ("栏次", "行次", "序号", "编号", "栏号")
_STEMS = "甲乙丙丁戊己庚辛壬癸"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# A column's number, maybe with how it is reckoned: ``3``, ``(3)``, ``3=1+2``.
_COLUMN_NUMBER = re.compile(r"[(\[]?(\d{1,2})(?:\.0)?[)\]]?(?:=[\d+\-*/×÷x()]+)?")
_LEAST_NUMBERS = 3


def could_be_second(row: Sequence[str], upper: Sequence[str], needed: Mapping[int, str], layout: Layout) -> bool:
    """Whether no cell of the row below a header's first row could be a value.

    Args:
        needed: the columns of required fields of the first row, with their names.
    """
    cells = dict(enumerate(row))
    if not any(row):
        return False
    return all(
        _is_no_value(cells.get(index, ""), upper[index], name, layout) for index, name in needed.items()
    ) and all(not holds_digits(label) for index, label in cells.items() if index not in needed)


def holds_digits(label: str) -> bool:
    """Whether a label has digits beside those of years, months, periods and brackets, as no header has."""
    return _DIGIT.search(_NUMBERED.sub("", label)) is not None


def numbers_columns(row: Sequence[str], columns: Mapping[str, int]) -> bool:
    """Whether a row only numbers the columns: ``1, 2, 3``, ``甲, 乙, 1, 2``, ``A, B, C``, ``栏次, 1, 2``.

    Args:
        columns: the column of each field.
    """
    labels = [label for label in row if label]
    word = labels[:1] if labels[:1] and labels[0] in _NUMBERING_WORDS else []
    rest = labels[len(word) :]
    # Of answers that stand side by side, letters may be the choices.
    stems = _LETTERS if rest[:1] == ["A"] and "answer" not in columns else _STEMS
    stem_count = next((index for index, label in enumerate(rest) if label not in stems), len(rest))
    numbers = [_COLUMN_NUMBER.fullmatch(label) for label in rest[stem_count:]]
    if rest[:stem_count] != list(stems[:stem_count]) or not all(numbers):
        return False
    if [int(number.group(1)) for number in numbers if number] != list(range(1, len(numbers) + 1)):
        return False
    # One letter or two may be a value.
    is_surely_no_answer = bool(word or stem_count) or "answer" not in columns
    return bool(rest) and (len(rest) >= _LEAST_NUMBERS or (is_surely_no_answer and stems is _STEMS))


def _is_no_value(label: str, upper: str, name: str, layout: Layout) -> bool:
    if not label or label == upper or find_alias(label, layout.aliases[name]) or split_unit(label)[0] == "":
        return True
    types = {field.name: field.type for field in SOURCES[layout.source].fields}
    if (types.get(name) not in _FIELDS_WITHOUT_WORDS and name not in _CODES) or _DIGIT.search(label):
        return False
    return not (_CHINESE_NUMBER.fullmatch(label) or read_date(label, layout.date_formats) or read_fen(label, "元"))
