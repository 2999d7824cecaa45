"""What an .xls workbook says beside its cell texts: which cells are merged, which rows hidden, and whether it is encrypted.

fastexcel hands over cell texts only, of an encrypted workbook random ones. What is looked for here are records of the
workbook's stream, which lies in the sectors of a compound file ([MS-CFB], [MS-XLS]). In a workbook of another make none is
found, and whether it is damaged is told by ``workbook_reader``.
"""

import re
import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from pipeline.landing.cell_units import CellUnit, units_of_styles
from pipeline.landing.sheet_xml import MergedRange
from pipeline.landing.workbook_parts import damaged_workbook

_END_OF_FILE_SECTORS = 0xFFFFFFFA
_FAT_SECTORS_IN_HEADER = 109
_DIRECTORY_ENTRY_BYTES = 128
_STREAM_NAMES = ("Workbook", "Book")
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_BOUND_SHEET = 0x0085
_FILE_PASS = 0x002F
_DATE_MODE = 0x0022
_FONT = 0x0031
_FORMAT = 0x041E
_SHARED_TEXTS = 0x00FC
_CONTINUED = 0x003C
_CELL_STYLE = 0x00E0
_STRUCK = 0x0008
# Of the fonts the one numbered 4 is left out.
_FONT_LEFT_OUT = 4
_ROW_RECORD = re.compile(rb"\x08\x02\x10\x00(.{16})", re.DOTALL)
_ROW_IS_HIDDEN, _ALWAYS_SET = 0x20, 0x100
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256
_SHARED_TEXT_CELL = 0x00FD
# What the flags of a shared text say: two bytes a character, further parts behind the text, runs of other fonts.
_IS_WIDE, _HAS_FURTHER, _HAS_RUNS = 0x01, 0x04, 0x08
# Records of one cell, and of several cells of a row.
_CELLS = {0x00FD, 0x0203, 0x027E, 0x0204, 0x0205, 0x0006, 0x00D6}
_SEVERAL_CELLS = 0x00BD
_MERGED_CELLS = re.compile(rb"\xe5\x00")
_LAST_COLUMN = 255
_END_OF_SUBSTREAM = 0x000A


@dataclass(frozen=True)
class XlsParts:
    """What the stream says: whether its records are encrypted, and by sheet what it says of cells and rows.

    Attributes:
        merged: the merged ranges.
        hidden: the numbers of hidden rows.
        struck: how many cells of each row are struck through.
        units: the cells whose number format shows a unit of money.
    """

    is_encrypted: bool = False
    merged: dict[str, list[MergedRange]] = field(default_factory=dict)
    hidden: dict[str, set[int]] = field(default_factory=dict)
    struck: dict[str, Counter[int]] = field(default_factory=dict)
    units: dict[str, list[CellUnit]] = field(default_factory=dict)


def xls_parts(content: bytes) -> XlsParts:
    """What the bytes of an .xls workbook say beside its cells; of another make only whether it is an encrypted .xlsx."""
    try:
        return _stream_parts(_workbook_stream(content))
    except (struct.error, IndexError, UnicodeDecodeError):
        return XlsParts(is_encrypted=_ENCRYPTED_PACKAGE in content)


def _stream_parts(stream: bytes) -> XlsParts:
    wanted = (_FILE_PASS, _BOUND_SHEET, _FONT, _FORMAT, _CELL_STYLE, _SHARED_TEXTS, _CONTINUED)
    kept = [(kind, data) for kind, data in _records(stream, 0) if kind in wanted]
    sheets = [_bound_sheet(data) for kind, data in kept if kind == _BOUND_SHEET]
    ends = dict(pairwise(sorted([*(start for _, start in sheets), len(stream)])))
    ranges = {name: _merged_ranges(stream, start, ends.get(start, len(stream))) for name, start in sheets}
    is_encrypted = any(kind == _FILE_PASS for kind, _ in kept)
    hidden = {name: _hidden_rows(stream, start, ends.get(start, len(stream))) for name, start in sheets}
    fonts = _struck_fonts(kept)
    styles = {
        style
        for style, data in enumerate(data for kind, data in kept if kind == _CELL_STYLE)
        if struct.unpack_from("<H", data)[0] in fonts
    }
    texts = _struck_texts(kept, fonts) if fonts else set()
    struck = {name: _struck_cells(stream, start, styles, texts) for name, start in sheets} if fonts else {}
    formats = dict(_number_format(data) for kind, data in kept if kind == _FORMAT)
    style_units = units_of_styles(
        formats, [struct.unpack_from("<H", data, 2)[0] for kind, data in kept if kind == _CELL_STYLE]
    )
    units = {name: _cell_units(stream, start, style_units) for name, start in sheets} if style_units else {}
    merged = {name: found for name, found in ranges.items() if found}
    return XlsParts(is_encrypted, merged, hidden, struck, units)


def _workbook_stream(content: bytes) -> bytes:
    sector_size = 1 << int(struct.unpack_from("<H", content, 30)[0])
    directory_start, mini_limit = struct.unpack_from("<I", content, 48)[0], struct.unpack_from("<I", content, 56)[0]
    per_sector = sector_size // 4

    def numbers(sector: int) -> list[int]:
        return list(struct.unpack_from(f"<{per_sector}I", content, (sector + 1) * sector_size))

    fat_sectors = list(struct.unpack_from(f"<{_FAT_SECTORS_IN_HEADER}I", content, 76))
    further, further_count = struct.unpack_from("<II", content, 68)
    for _ in range(min(further_count, len(content) // sector_size)):
        *more, further = numbers(further)
        fat_sectors += more
    fat = [each for sector in fat_sectors if sector < _END_OF_FILE_SECTORS for each in numbers(sector)]

    def chain(start: int) -> bytes:
        parts: list[bytes] = []
        sector_count = 0
        while start < _END_OF_FILE_SECTORS:
            last = start
            while fat[last] == last + 1:
                last += 1
            parts.append(content[(start + 1) * sector_size : (last + 2) * sector_size])
            sector_count += last - start + 1
            if sector_count > len(fat):
                raise damaged_workbook()
            start = fat[last]
        return b"".join(parts)

    directory = chain(directory_start)
    for offset in range(0, len(directory), _DIRECTORY_ENTRY_BYTES):
        name_bytes = struct.unpack_from("<H", directory, offset + 64)[0]
        name = directory[offset : offset + max(name_bytes - 2, 0)].decode("utf-16-le")
        start, size = struct.unpack_from("<II", directory, offset + 116)
        if name in _STREAM_NAMES and size >= mini_limit:
            return chain(start)[:size]
    raise IndexError("no workbook's stream")


def _records(stream: bytes, position: int) -> Iterator[tuple[int, bytes]]:
    """The records of a substream."""
    while position + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, position)
        if kind == _END_OF_SUBSTREAM:
            return
        yield kind, stream[position + 4 : position + 4 + size]
        position += 4 + size


def _bound_sheet(data: bytes) -> tuple[str, int]:
    start, _, length, is_wide = struct.unpack_from("<IHBB", data)
    text = data[8:]
    return (text[: 2 * length].decode("utf-16-le") if is_wide & 1 else text[:length].decode("latin-1")), start


def _merged_ranges(stream: bytes, start: int, end: int) -> list[MergedRange]:
    """The merged ranges of a sheet's substream.

    A sheet has millions of records, so those of merged cells are looked for by their first bytes: only one of theirs is as
    long as the number of ranges that it states, all of which lie within a sheet.
    """
    found = _MERGED_CELLS.finditer(stream, start, end)
    return [merged for match in found for merged in _ranges_at(stream, match.start())]


def _hidden_rows(stream: bytes, start: int, end: int) -> set[int]:
    """The numbers of a sheet's hidden rows; records of rows are looked for like those of merged cells."""
    found = set()
    for match in _ROW_RECORD.finditer(stream, start, end):
        row, first, last, height, _, _, options = struct.unpack("<6HI", match.group(1))
        is_row = row < _MOST_ROWS and first <= last <= _MOST_COLUMNS and options & _ALWAYS_SET
        if is_row and (options & _ROW_IS_HIDDEN or height == 0):
            found.add(row + 1)
    return found


def _number_format(data: bytes) -> tuple[int, str]:
    """A format's number and its code."""
    number, length, flags = struct.unpack_from("<HHB", data)
    text = data[5:]
    return number, text[: 2 * length].decode("utf-16-le") if flags & _IS_WIDE else text[:length].decode("latin-1")


def _cell_units(stream: bytes, start: int, styles: dict[int, str]) -> list[CellUnit]:
    """The cells of a sheet whose style shows a unit."""
    found = [
        (row, column, style)
        for kind, data in _records(stream, start)
        for row, column, style in _cell_styles(kind, data)
        if style in styles
    ]
    return [CellUnit(row + 1, column, styles[style]) for row, column, style in found]


def _cell_styles(kind: int, data: bytes) -> list[tuple[int, int, int]]:
    """The cells of a record: row and column from 0, and style."""
    if kind in _CELLS:
        return [struct.unpack_from("<3H", data)]
    if kind != _SEVERAL_CELLS:
        return []
    row, first = struct.unpack_from("<2H", data)
    styles = [style for style, _ in struct.iter_unpack("<HI", data[4:-2])]
    return [(row, column, style) for column, style in enumerate(styles, start=first)]


def _struck_fonts(records: list[tuple[int, bytes]]) -> set[int]:
    """The numbers of the fonts that are struck through, as styles and texts name them."""
    fonts = [bool(struct.unpack_from("<H", data, 2)[0] & _STRUCK) for kind, data in records if kind == _FONT]
    return {place + (place >= _FONT_LEFT_OUT) for place, is_struck in enumerate(fonts) if is_struck}


def _struck_texts(records: list[tuple[int, bytes]], fonts: set[int]) -> set[int]:
    """The numbers of the shared texts that are struck through from the first character to the last.

    Of texts that go on where nothing stands none is known; whether such a workbook can be read is told elsewhere.
    """
    blocks: list[bytes] = []
    last = 0
    for kind, data in records:
        if kind == _SHARED_TEXTS or (kind == _CONTINUED and last == _SHARED_TEXTS):
            blocks.append(data)
        last = _SHARED_TEXTS if kind == _CONTINUED and last == _SHARED_TEXTS else kind
    try:
        return {number for number, runs in enumerate(_runs_of_texts(blocks)) if _are_struck(runs, fonts)}
    except (struct.error, IndexError):
        return set()


def _are_struck(runs: list[tuple[int, int]], fonts: set[int]) -> bool:
    """Whether all runs of a text, the first of which begins with it, have struck fonts; the last may stand behind its end."""
    return bool(runs) and runs[0][0] == 0 and all(font in fonts for _, font in runs)


def _runs_of_texts(blocks: list[bytes]) -> Iterator[list[tuple[int, int]]]:
    """Of each shared text its runs: the character at which one begins, and its font."""
    shared = _SharedTexts(blocks)
    _, count = struct.unpack("<II", shared.take(8))
    for _ in range(count):
        length, flags = struct.unpack("<HB", shared.take(3))
        run_count = struct.unpack("<H", shared.take(2))[0] if flags & _HAS_RUNS else 0
        further = struct.unpack("<I", shared.take(4))[0] if flags & _HAS_FURTHER else 0
        shared.pass_characters(length, is_wide=bool(flags & _IS_WIDE))
        runs = list(struct.iter_unpack("<HH", shared.take(4 * run_count)))
        shared.take(further)
        yield [(first, font) for first, font in runs if first < length]


@dataclass
class _SharedTexts:
    """The shared texts of a workbook, which go on from record to record; `place` is the next byte of the record at `number`."""

    blocks: list[bytes]
    number: int = 0
    place: int = 0

    def take(self, count: int) -> bytes:
        """The next bytes, of several records where they go on."""
        taken = b""
        while len(taken) < count:
            if self.place == len(self.blocks[self.number]):
                self.number, self.place = self.number + 1, 0
            part = self.blocks[self.number][self.place : self.place + count - len(taken)]
            self.place += len(part)
            taken += part
        return taken

    def pass_characters(self, count: int, *, is_wide: bool) -> None:
        """Pass over characters; a record in which they go on says first of how many bytes each of them is there."""
        while count:
            if self.place == len(self.blocks[self.number]):
                self.number, self.place = self.number + 1, 1
                is_wide = bool(self.blocks[self.number][0] & _IS_WIDE)
            size = 2 if is_wide else 1
            passed = min(count, (len(self.blocks[self.number]) - self.place) // size)
            if passed == 0:
                raise IndexError("half a character")
            self.place += passed * size
            count -= passed


def _struck_cells(stream: bytes, start: int, styles: set[int], texts: set[int]) -> Counter[int]:
    """How many filled cells of each row have one of the styles or texts."""
    found: Counter[int] = Counter()
    for kind, data in _records(stream, start):
        is_text_struck = kind == _SHARED_TEXT_CELL and bool(texts) and struct.unpack_from("<I", data, 6)[0] in texts
        for row, _, style in _cell_styles(kind, data):
            found[row + 1] += style in styles or is_text_struck
    return Counter({row: count for row, count in found.items() if count})


def _ranges_at(stream: bytes, position: int) -> list[MergedRange]:
    size, count = struct.unpack("<HH", stream[position + 2 : position + 6].ljust(4, b"\0"))
    data = stream[position + 6 : position + 4 + size]
    if count == 0 or size != 2 + 8 * count or len(data) != 8 * count:
        return []
    refs = list(struct.iter_unpack("<4H", data))
    if any(first_row > last_row or first > last or last > _LAST_COLUMN for first_row, last_row, first, last in refs):
        return []
    return [MergedRange(first_row + 1, last_row + 1, first, last) for first_row, last_row, first, last in refs]


def xls_counts_from_1904(content: bytes) -> bool:
    """Whether the bytes of an .xls workbook say that it counts its days from 1904 on."""
    try:
        records = _records(_workbook_stream(content), 0)
        return any(kind == _DATE_MODE and data[:2] == b"\x01\x00" for kind, data in records)
    except (struct.error, IndexError, UnicodeDecodeError):
        return False
