"""Texts that people write around the rows: headers, words beside totals, labels above the table.

They are compared without blanks, line breaks and invisible characters. Cells of data rows are cleaned in Polars
(``fields``), not here.
"""

import re
import unicodedata
from collections.abc import Sequence

_INVISIBLE = {"Cf", "Cc", "Zs", "Zl", "Zp"}
_MARKS_OF_NEED = re.compile(r"[*※★]|[(\[【]必填项?[)\]】]")
_UNIT = re.compile(r"[(\[【〔〈<{](?:单位:)?(?:人民币:?)?(万元|元|分|人|人次|户|笔|个|岁|年月日)[)\]】〕〉>}]$")
_FORMULA_TEXT = re.compile(r'="(.*)"')
_BARE_UNIT = re.compile(r"(?:(?:金额|货币|计量)?单位:)?(?:人民币)?(万元|元|分)")
# Units of money that no amount is reckoned in here; an amount that states one must not be read as if it stated none.
_OTHER_UNIT = re.compile(r"(?:人民币)?(?:[十百千亿]|[十百千]万)元|(?:[十百千]?万)?(?:美元|港币|港元)|角")
_BRACKETED = re.compile(r"[(\[【〔〈<{](?:单位:)?([^()\[\]【】〔〕〈〉<>{}]*)[)\]】〕〉>}]$")


def clean_label(text: str | None) -> str:
    """The text after NFKC, without blanks, line breaks and invisible characters."""
    composed = unicodedata.normalize("NFKC", text or "")
    if composed.isprintable() and " " not in composed:
        return composed
    return "".join(character for character in composed if unicodedata.category(character) not in _INVISIBLE)


def header_label(text: str | None) -> str:
    """The clean label of a header cell, without the marks of cells that must be filled: ``*姓名(必填)`` gives ``姓名``.

    A text that is written as a formula (``="姓名"``) is that text.
    """
    label = clean_label(text)
    formula = _FORMULA_TEXT.fullmatch(label) if label.startswith("=") else None
    return _MARKS_OF_NEED.sub("", formula.group(1) if formula else label)


def split_unit(label: str) -> tuple[str, str | None]:
    """Set a trailing unit in brackets apart: ``金额(分)`` gives ``金额``, ``分``; so is a bare ``万元`` or ``单位:万元``."""
    if bare := _BARE_UNIT.fullmatch(label):
        return "", bare.group(1)
    unit = _UNIT.search(label)
    return (label[: unit.start()], unit.group(1)) if unit else (label, None)


def other_unit(label: str) -> str | None:
    """The unit of money that a label is, or that stands in brackets behind it, which is none that amounts are read in."""
    bracketed = _BRACKETED.search(label)
    text = bracketed.group(1) if bracketed else label.rpartition("单位:")[2]
    return text if _OTHER_UNIT.fullmatch(text) else None


def find_alias(label: str, aliases: Sequence[str]) -> str | None:
    """The alias that a label is, with or without a unit behind it; null when it is none of them."""
    if label in aliases:
        return label
    base, _ = split_unit(label)
    return base if base in aliases else None
