"""What the XML of a worksheet says beside its cell texts: which cells hold numbers, which are merged, which rows are hidden.

fastexcel hands over cell texts only, so a number and a text of the same digits look alike. The package from which the XML comes
is opened in ``workbook_parts``, the cells themselves are read in ``workbook_reader``.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from pipeline.landing.cell_units import CellUnit

_MERGED = re.compile(rb"<mergeCell\b[^>]{0,200}?\bref=[\"']([A-Z]+)(\d+):([A-Z]+)(\d+)[\"']")
_DIMENSION = re.compile(rb"<dimension [^>]*?ref=[\"'](?:[A-Z]+\d+:)?([A-Z]+)(\d+)[\"']")
_HEAD_BYTES = 4096
_FILLED_CELL = re.compile(rb"<c r=\"([A-Z]+)(\d+)\"[^>/]*><")
_SMALL_AREA = 10_000_000
# It begins with letters that stand nowhere else in most sheets, so that only these places are looked at.
_FAR_CELL = re.compile(rb"r=\"(?:[A-Z]{3}\d+|[A-Z]+\d{7})\"")
_ROW = re.compile(rb"<row\b([^>]{0,2000})>")
_ROW_NUMBER = re.compile(rb"\br=[\"'](\d{1,7})[\"']")
_HIDDEN_ROW = re.compile(rb"\bhidden=[\"'](?:1|true)[\"']|\bht=[\"']0(?:\.0*)?[\"']")
# One of them stands among the rows of a sheet with a hidden row: to look for them is much faster than for the row.
_SIGNS_OF_HIDDEN = (b"hidden=", b'ht="0', b"ht='0")
_INLINE_TEXT = re.compile(rb'<c r="([A-Z]+\d+)"[^>]{0,100}\bt="inlineStr"[^>]{0,100}><is>(.*?)</is>', re.DOTALL)
_RUN = re.compile(rb"<r>(.*?)</r>", re.DOTALL)
_RUN_TEXT = re.compile(rb"<t\b[^>]*>([^<]*)</t>")
_STRIKE = re.compile(rb"<strike(?! val=[\"'](?:0|false)[\"'])[^>]*/?>")
_ANY_LITERAL_FORMULA = re.compile(rb"<f>(?:\"|&quot;)")
_LITERAL_FORMULA = re.compile(
    rb'<c r="([A-Z]+)(\d+)"[^>]{0,100}><f>(?:"|&quot;)([^"&<]*)(?:"|&quot;)</f>(?:<v></v>|<v ?/>)?</c>'
)
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_TEXT_TYPES = {b't="s"', b't="inlineStr"', b't="str"'}


@dataclass(frozen=True)
class MergedRange:
    """A merged range of cells; rows from 1, columns from 0, both ends inside."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int


def merged_ranges(xml: bytes) -> list[MergedRange]:
    """The merged ranges of a worksheet."""
    behind_cells = xml[xml.rfind(b"sheetData") :]
    return [
        MergedRange(int(first_row), int(last_row), _column_index(first), _column_index(last))
        for first, first_row, last, last_row in _MERGED.findall(behind_cells)
    ]


def cell_area(xml: bytes) -> int:
    """The number of cells up to the last row and the last column that hold something.

    A sheet that states its size is believed where that is small and no cell lies far away; else its cells are looked at.
    """
    stated = _DIMENSION.search(xml, 0, _HEAD_BYTES)
    if stated and not _FAR_CELL.search(xml):
        area = (_column_index(stated.group(1)) + 1) * int(stated.group(2))
        if area <= _SMALL_AREA:
            return area
    filled = set(_FILLED_CELL.findall(xml))
    width = max((_column_index(letters) + 1 for letters, _ in filled), default=0)
    return width * max((int(row) for _, row in filled), default=0)


def hidden_rows(xml: bytes) -> set[int]:
    """The numbers of a worksheet's hidden rows."""
    found: set[int] = set()
    number = 0
    end = xml.rfind(b"sheetData")
    may_have = any(xml.find(sign, 0, end) >= 0 for sign in _SIGNS_OF_HIDDEN) and _HIDDEN_ROW.search(xml)
    for match in _ROW.finditer(xml) if may_have else ():
        attributes = match.group(1)
        stated = _ROW_NUMBER.search(attributes)
        number = int(stated.group(1)) if stated else number + 1
        if _HIDDEN_ROW.search(attributes):
            found.add(number)
    return found


def struck_cells(xml: bytes, styles: Collection[int], texts: Collection[int]) -> Counter[int]:
    """How many cells of each row are struck through: by their style, or in all runs of their text.

    Args:
        styles: the cell styles that are struck through.
        texts: the shared texts of which all runs are.
    """
    struck: set[bytes] = set()
    # Of a style that no cell has, its number between quotes is found much faster to be missing than a cell.
    if used := [style for style in styles if b's="%d"' % style in xml]:
        struck.update(re.findall(rb'<c r="([A-Z]+\d+)"[^>]{0,100}?\bs="(?:' + _any_number(used) + rb')"', xml))
    if texts:
        shared = rb'<c r="([A-Z]+\d+)"[^>]{0,100}?\bt="s"[^>]{0,100}><v>(?:' + _any_number(texts) + rb")</v>"
        struck.update(re.findall(shared, xml))
    if b"<strike" in xml:
        struck.update(cell for cell, text in _INLINE_TEXT.findall(xml) if is_struck(text))
    return Counter(int(cell.lstrip(_LETTERS)) for cell in struck)


def cell_units(xml: bytes, styles: Mapping[int, str]) -> list[CellUnit]:
    """The cells whose style shows a unit of money behind their number."""
    if not styles:
        return []
    found = re.findall(rb'<c r="([A-Z]+)(\d+)"[^>]{0,100}?\bs="(' + _any_number(styles) + rb')"', xml)
    return [CellUnit(int(row), _column_index(letters), styles[int(style)]) for letters, row, style in found]


def literal_formulas(xml: bytes) -> list[tuple[int, int, str]]:
    """The texts of cells whose formula is nothing but a text (``="5301…"``) and has no stored value.

    Each with its row from 1 and its column from 0.
    """
    found = _LITERAL_FORMULA.findall(xml) if _ANY_LITERAL_FORMULA.search(xml) else ()
    return [(int(row), _column_index(letters), text.decode()) for letters, row, text in found]


def holds_only_texts(xml: bytes, column: int, cell_count: int) -> bool:
    """Whether every filled cell of a column is known to hold text.

    Args:
        column: the column's index from 0.
        cell_count: how many cells of the column are filled; where fewer are found, nothing is known.
    """
    letters = column_letters(column).encode()
    cells = re.findall(rb'<c r="' + letters + rb'\d+"((?: [a-z]+="[^"]*")*)(/?)>', xml)
    return len(cells) >= cell_count and all(
        is_empty or any(attribute in _TEXT_TYPES for attribute in attributes.split())
        for attributes, is_empty in set(cells)
    )


def column_letters(index: int) -> str:
    """The letters by which a spreadsheet names a column that is counted from 0."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _any_number(numbers: Collection[int]) -> bytes:
    return b"|".join(str(number).encode() for number in sorted(numbers))


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - ord("A") + 1
    return index - 1


def is_struck(text: bytes) -> bool:
    """Whether every run of a text that shows anything is struck through."""
    runs = [run for run in _RUN.findall(text) if b"".join(_RUN_TEXT.findall(run)).strip()]
    return bool(runs) and all(_STRIKE.search(run) for run in runs)
