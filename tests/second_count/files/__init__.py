"""A world's files, really written: neat, or with all the dirt that must not change what comes out.

`write_world` is the one door; it also says where each row came to stand.
"""

import hashlib
import shutil
from pathlib import Path

from ..world import World, WorldFile, Written
from .bank import lay_padded, lay_pipe, sheet_head
from .containers import delimited_bytes, text_bytes, xls_bytes, xlsx_bytes
from .grids import lay_table
from .hand import Hand

WORKBOOKS = ("xlsx", "xls")
DAMAGES = ("empty", "garbage", "truncated", "no_layout", "wrong_total", "no_total", "undated", "no_token")


def write_world(world: World, raw: Path) -> dict[str, Written]:
    """Write the files of a world below raw/<year>, and say how they were written, by file name."""
    folder = raw / str(world.policy.year)
    shutil.rmtree(folder, ignore_errors=True)
    written: dict[str, Written] = {}
    contents: dict[str, bytes] = {}
    for file in sorted(world.files, key=lambda file: (file.same_bytes_as is not None, file.file_name)):
        if file.same_bytes_as:
            contents[file.file_name] = contents[file.same_bytes_as]
            written[file.file_name] = written[file.same_bytes_as]
        else:
            # Replies come in the bureau's own protected workbooks.
            is_neat = world.dirt_seed is None or file.source == "township_replies"
            seed = None if is_neat else f"{world.dirt_seed}/{file.file_name}"
            contents[file.file_name], written[file.file_name] = _write_file(file, Hand(seed))
        path = folder / file.file_name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents[file.file_name])
    return written


def _write_file(file: WorldFile, hand: Hand) -> tuple[bytes, Written]:
    damaged = _damaged_bytes(file)
    if damaged is not None:
        return damaged, Written(sha256=_sha256(damaged))
    if file.layout in ("pipe", "padded"):
        lay = lay_pipe if file.layout == "pipe" else lay_padded
        lines, places, count, total = lay(file, hand)
        content = text_bytes(lines, hand)
        return content, Written(sha256=_sha256(content), places=tuple(places), control_count=count, control_yuan=total)
    in_workbook = file.suffix in WORKBOOKS or hand.chance(0.05)
    head = sheet_head(file, hand) if file.layout == "sheet" else []
    table = lay_table(file, hand, head, in_workbook=in_workbook)
    if not in_workbook:
        content = delimited_bytes(table.grids[0], hand)
    elif file.suffix == "xls":
        content = xls_bytes(table.grids)
    else:
        content = xlsx_bytes(table.grids, hand)
    if file.damage == "truncated":
        content = content[: len(content) // 2]
    return content, Written(
        sha256=_sha256(content),
        places=tuple(table.places),
        control_count=table.control_count,
        control_yuan=table.control_yuan,
    )


def _damaged_bytes(file: WorldFile) -> bytes | None:
    """The bytes of a file that is not written from its rows, None for all others."""
    if file.suffix == "pdf":
        return f"%PDF-1.4 {file.file_name}".encode()
    if file.damage == "empty":
        return b""
    if file.damage == "garbage":
        return bytes(range(256)) * 4
    if file.damage == "no_layout":
        return f"无关表头,另一列\n{file.file_name},2\n".encode()
    return None


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
