"""What an .xls workbook says beside its cell texts: which cells are merged, and whether it is encrypted.

fastexcel hands over cell texts only, of an encrypted workbook random ones. What is looked for here are records of the
workbook's stream, which lies in the sectors of a compound file ([MS-CFB], [MS-XLS]). In a workbook of another make none is
found, and whether it is damaged is told by ``workbook_reader``.
"""

import struct
from collections.abc import Iterator

from pipeline.landing.workbook_parts import MergedRange

_END_OF_FILE_SECTORS = 0xFFFFFFFA
_FAT_SECTORS_IN_HEADER = 109
_DIRECTORY_ENTRY_BYTES = 128
_STREAM_NAMES = ("Workbook", "Book")
_BOUND_SHEET = 0x0085
_FILE_PASS = 0x002F
_MERGED_CELLS = 0x00E5
_END_OF_SUBSTREAM = 0x000A


def is_encrypted(content: bytes) -> bool:
    """Whether the workbook's records are encrypted, so that only their kinds can be read."""
    try:
        return any(kind == _FILE_PASS for kind, _ in _records(_workbook_stream(content), 0))
    except (struct.error, IndexError, UnicodeDecodeError):
        return False


def merged_ranges_of_xls(content: bytes) -> dict[str, list[MergedRange]]:
    """The merged ranges of each sheet that has some, by the sheet's name."""
    try:
        stream = _workbook_stream(content)
        sheets = [_bound_sheet(data) for kind, data in _records(stream, 0) if kind == _BOUND_SHEET]
        ranges = {name: _merged_ranges(stream, start) for name, start in sheets}
    except (struct.error, IndexError, UnicodeDecodeError):
        return {}
    return {name: merged for name, merged in ranges.items() if merged}


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
        while start < _END_OF_FILE_SECTORS and len(parts) <= len(fat):
            parts.append(content[(start + 1) * sector_size : (start + 2) * sector_size])
            start = fat[start]
        return b"".join(parts)

    directory = chain(directory_start)
    for offset in range(0, len(directory), _DIRECTORY_ENTRY_BYTES):
        name_bytes = struct.unpack_from("<H", directory, offset + 64)[0]
        name = directory[offset : offset + max(name_bytes - 2, 0)].decode("utf-16-le")
        start, size = struct.unpack_from("<II", directory, offset + 116)
        if name in _STREAM_NAMES and size >= mini_limit:
            return chain(start)[:size]
    return b""


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


def _merged_ranges(stream: bytes, start: int) -> list[MergedRange]:
    ranges = []
    for kind, data in _records(stream, start):
        if kind == _MERGED_CELLS:
            for index in range(struct.unpack_from("<H", data)[0]):
                first_row, last_row, first_column, last_column = struct.unpack_from("<4H", data, 2 + 8 * index)
                ranges.append(MergedRange(first_row + 1, last_row + 1, first_column, last_column))
    return ranges
