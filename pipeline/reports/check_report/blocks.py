"""Pieces of a report's text, each with its place: a paragraph, or a cell of a table with the words that say what it is.

Which file they come from is told by ``text``; what the figures in them claim to be, by ``claims``.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# A line that is shorter, or ends a sentence, is not continued by the next one.
_SHORTEST_WRAPPED_LINE = 20
_SENTENCE_ENDS = "。！？!?；;：:"
_FULL_WIDTH = str.maketrans("０１２３４５６７８９％．／＋－\u00a0\u3000", "0123456789%./+-  ")
_FULL_WIDTH_SEPARATOR = re.compile(r"(?<=[０-９])，(?=[０-９]{3})")
_HEADER_UNIT = re.compile(r"[(（]\s*(万元|元|人|%|分|份)\s*[)）]")
_BARE_NUMBER = re.compile(r"[-+]?\d[\d,]*(?:\.\d+)?")
_NUMBER_FIRST = re.compile(r"[≥≤]?\s*[-+]?\d[\d,]*(?:\.\d+)?(?!\d*[、.]\D)")
# How a quotient is made, or in which unit a column counts: no part of the name.
_BRACKETS = re.compile(r"[(（](?:[^)）]*÷[^)）]*|万元|元|人|%|分|份)[)）]")
_LONGEST_NAME = 30
_FEWEST_COLUMNS = 3


@dataclass(frozen=True)
class Block:
    """A paragraph or a table's cell: its text, and where the lines that it is made of begin and are called."""

    text: str
    starts: tuple[int, ...]
    names: tuple[str, ...]
    is_cell: bool = False

    def place(self, offset: int) -> str:
        """What the place at an offset of the text is called."""
        return self.names[bisect_right(self.starts, offset) - 1]


def half_width(text: str) -> str:
    """Full-width digits and signs as half-width ones; the punctuation of sentences stays as it is."""
    return _FULL_WIDTH_SEPARATOR.sub(",", text).translate(_FULL_WIDTH)


def line_blocks(lines: Sequence[tuple[str, str]]) -> Iterator[Block]:
    """Lines of text with what each is called, as paragraphs: a line that ends within a sentence goes on in the next one."""
    parts: list[tuple[str, str]] = []
    for name, line in [*lines, ("", "")]:
        text = line.strip()
        if parts and (not text or not _is_wrapped(parts[-1][1])):
            yield _joined(parts)
            parts = []
        if text:
            parts.append((name, text))


def _is_wrapped(line: str) -> bool:
    return len(line) >= _SHORTEST_WRAPPED_LINE and line[-1] not in _SENTENCE_ENDS


def _joined(parts: list[tuple[str, str]]) -> Block:
    starts: list[int] = []
    text = ""
    for _, line in parts:
        starts.append(len(text))
        text += line
    return Block(text, tuple(starts), tuple(name for name, _ in parts))


def table_blocks(rows: Sequence[Sequence[str]], table_number: int) -> Iterator[Block]:
    """A block a cell: before a number stand the words of its row and the name of its column, and the column's unit after it.

    A form is a table of several parts: a row of names alone begins the next one.
    """
    header = rows[0] if rows else []
    for row_number, row in enumerate(rows, 1):
        if len(row) >= _FEWEST_COLUMNS and all(row) and all(map(_is_name, row)):
            header = row
        for column, cell in enumerate(row):
            words = "".join(each for each in row[:column] if _is_name(each))
            name = header[column] if row is not header and len(row) == len(header) else ""
            text = _told_by_table(cell, words, name) if _NUMBER_FIRST.match(cell) else cell
            if text:
                yield Block(text, (0,), (f"表 {table_number} 第 {row_number} 行第 {column + 1} 列",), is_cell=True)


def _is_name(cell: str) -> bool:
    """Whether a cell names its row, and is neither a number nor a sentence."""
    return len(cell) <= _LONGEST_NAME and not _NUMBER_FIRST.match(cell)


def _told_by_table(cell: str, words: str, name: str) -> str:
    unit = _HEADER_UNIT.search(name) or _HEADER_UNIT.search(words)
    is_bare = bool(_BARE_NUMBER.fullmatch(cell))
    told = _BRACKETS.sub("", words) + _BRACKETS.sub("", name)
    return told + cell + (unit[1] if is_bare and unit is not None else "")
