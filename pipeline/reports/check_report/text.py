"""A report's text as blocks: paragraphs of a .txt or .docx file, and the cells of its tables, each with its place.

What the figures in a block claim to be is told by ``check_report_claims``.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn

from pipeline.errors import UsageError

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


def read_blocks(path: Path) -> list[Block]:
    """The blocks of a report, in reading order.

    Raises:
        UsageError: the file isn't there, or is no .txt or .docx that can be read.
    """
    if not path.is_file():
        raise UsageError(f"There is no file {path}. Give the path of a report (.docx or .txt).")
    suffix = path.suffix.lower()
    if suffix not in (".txt", ".docx"):
        raise UsageError(f"{path} is neither .docx nor .txt. Save the report in one of these forms and run again.")
    try:
        return list(_document_blocks(path) if suffix == ".docx" else _text_blocks(path))
    except Exception:  # noqa: BLE001 - what a damaged document makes the libraries raise has no common kind
        raise UsageError(
            f"{path} can't be read: it is damaged, protected by a password, or no {suffix} file. Save it anew and run again."
        ) from None


def _text_blocks(path: Path) -> Iterator[Block]:
    lines = _half_width(_decoded(path.read_bytes())).splitlines()
    parts: list[tuple[int, str]] = []
    for number, line in enumerate([*lines, ""], 1):
        text = line.strip()
        if parts and (not text or not _is_wrapped(parts[-1][1])):
            yield _joined(parts)
            parts = []
        if text:
            parts.append((number, text))


def _decoded(content: bytes) -> str:
    """The text in the encoding of its byte order mark, else UTF-8, else GB18030."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _half_width(text: str) -> str:
    """Full-width digits and signs as half-width ones; the punctuation of sentences stays as it is."""
    return _FULL_WIDTH_SEPARATOR.sub(",", text).translate(_FULL_WIDTH)


def _is_wrapped(line: str) -> bool:
    return len(line) >= _SHORTEST_WRAPPED_LINE and line[-1] not in _SENTENCE_ENDS


def _joined(parts: list[tuple[int, str]]) -> Block:
    starts: list[int] = []
    text = ""
    for _, line in parts:
        starts.append(len(text))
        text += line
    return Block(text, tuple(starts), tuple(f"第 {number} 行" for number, _ in parts))


def _document_blocks(path: Path) -> Iterator[Block]:
    paragraph_number = table_number = 0
    for element in _body_elements(Document(str(path)).element.body):
        if element.tag == qn("w:p"):
            paragraph_number += 1
            text = _text_of(element).strip()
            if text:
                yield Block(text, (0,), (f"第 {paragraph_number} 段",))
        else:
            table_number += 1
            yield from _table_blocks(element, table_number)


def _body_elements(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, those in content controls too."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins")):
            yield from _body_elements(child)


def _text_of(element: Any) -> str:
    texts = [
        node.text or "" if node.tag == qn("w:t") else " "
        for node in element.iter(qn("w:t"), qn("w:tab"), qn("w:br"))
        if not any(ancestor.tag.endswith("}Fallback") for ancestor in node.iterancestors())
    ]
    return _half_width("".join(texts))


def _table_blocks(table: Any, table_number: int) -> Iterator[Block]:
    """A block a cell: before a number stand the words of its row and the name of its column, and the column's unit after it."""
    rows = [[_text_of(cell).strip() for cell in row.iter(qn("w:tc"))] for row in table.iter(qn("w:tr"))]
    header = rows[0] if rows else []
    for row_number, row in enumerate(rows, 1):
        for column, cell in enumerate(row):
            words = "".join(each for each in row[:column] if _is_name(each))
            name = header[column] if row_number > 1 and len(row) == len(header) else ""
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
