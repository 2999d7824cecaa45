"""What stands above a table: labels with their values, such as ``制表时间:2019-06-12 批次号:B201906-003 乡镇:汤丹镇``."""

import re
import unicodedata
from collections.abc import Sequence

from pipeline.landing.labels import clean_label
from pipeline.landing.layouts import Layout

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
