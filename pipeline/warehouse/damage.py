"""What is wrong with a database file that can't be used, and setting it aside where a refresh makes it again.

What is to be done about it is said where the file is opened; a file that holds rows which nobody built is the business of
``pipeline.warehouse.session``, one that isn't what was signed that of ``pipeline.warehouse.proof``.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.errors import DaijiaoError
from pipeline.restricted import OWNER_FILE, close_to, remove

DAMAGED = ".damaged"
# Where DuckDB writes its name into a file.
_MAGIC, _MAGIC_PLACE = b"DUCK", 8
# Before the blocks of a file: three headers.
_HEADERS_BYTES = 3 * 4096


@dataclass(frozen=True)
class Fault:
    """What is wrong with a file, in English and Chinese, and whether another file in its place would be as good."""

    english: str
    chinese: str
    is_replaceable: bool = True


FOLDER = Fault("it is a folder", "它是文件夹", is_replaceable=False)
CLOSED = Fault("this user may not read it", "当前用户无权读取", is_replaceable=False)
IN_USE = Fault("another program has it open", "正被其他程序打开", is_replaceable=False)
EMPTY = Fault("it is empty", "文件是空的")
NO_DATABASE = Fault("it is no database of DuckDB", "不是 DuckDB 数据库文件")
CUT_OFF = Fault("its end is missing", "文件不完整")
NEWER = Fault("a newer version of DuckDB wrote it", "由更新版本的 DuckDB 写成")
CORRUPT = Fault("it is damaged", "文件已损坏")
FOREIGN = Fault("it holds the tables of another program", "是其他程序的数据库")

# What DuckDB says of a file, by a part of its words; the first that fits.
_TOLD = (
    ("Could not set lock", IN_USE),
    ("version number", NEWER),
    ("newer version", NEWER),
    ("not a valid DuckDB", NO_DATABASE),
    ("Could not read enough bytes", CUT_OFF),
    ("Corrupt database file", CORRUPT),
    ("checksum", CORRUPT),
    ("Serialization Error", CORRUPT),
    ("Failed to deserialize", CORRUPT),
    ("replaying WAL", CORRUPT),
)


class UnusableFileError(DaijiaoError):
    """A database file can't be used; `fault` says why."""

    def __init__(self, english: str, chinese: str, fault: Fault) -> None:
        """Keep the fault beside the sentence that tells it and what to do."""
        super().__init__(english, chinese)
        self.fault = fault


def fault_of(path: Path) -> Fault | None:
    """What can be seen of a file to be wrong before it is opened."""
    if path.is_dir():
        return FOLDER
    try:
        with path.open("rb") as stream:
            head = stream.read(_MAGIC_PLACE + len(_MAGIC))
    except OSError:
        return CLOSED
    if not head:
        return EMPTY
    return None if head[_MAGIC_PLACE:] == _MAGIC else NO_DATABASE


def fault_told(error: duckdb.Error) -> Fault | None:
    """What an error of the database says to be wrong with its file; null where it speaks of something else."""
    text = str(error)
    return next((fault for words, fault in _TOLD if words in text), None)


def is_cut_off(connection: duckdb.DuckDBPyConnection, path: Path, database: str | None = None) -> bool:
    """Whether blocks in which something stands are missing from the end of a file: reading them would fail much later.

    A file is whole without blocks at its end that are free: DuckDB counts them, though it cut them off.

    Args:
        connection: has the file open.
        path: the file.
        database: the name that it is attached under; null where it is the connection's own.
    """
    rows = connection.execute(
        "SELECT database_name, block_size, total_blocks, free_blocks FROM pragma_database_size() "
        "WHERE database_name = coalesce(?, current_database())",
        [database],
    ).fetchall()
    return any(_lacks_blocks(connection, path, *row) for row in rows)


def _lacks_blocks(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    database: str,
    block_bytes: int,
    block_count: int,
    free_count: int,
) -> bool:
    there_count = (path.stat().st_size - _HEADERS_BYTES) // block_bytes if block_bytes else block_count
    missing_count = block_count - there_count
    if missing_count <= 0:
        return False
    try:
        return missing_count > free_count or _last_used_block(connection, database) >= there_count
    except duckdb.IOException:
        return True


def _last_used_block(connection: duckdb.DuckDBPyConnection, database: str) -> int:
    """The number of the last block in which rows of a table, or what describes the tables, stand; -1 where none does."""
    names = connection.execute(
        "SELECT database_name, schema_name, table_name FROM duckdb_tables() WHERE database_name = ?", [database]
    ).fetchall()
    blocks = connection.execute("SELECT max(block_id) FROM pragma_metadata_info(?)", [database]).fetchall()
    for name in names:
        quoted_name = ".".join(f'"{part}"' for part in (each.replace('"', '""') for each in name))
        blocks += connection.execute(
            "SELECT max(greatest(block_id, list_max(additional_block_ids))) FROM pragma_storage_info(?)", [quoted_name]
        ).fetchall()
    return max((block for (block,) in blocks if block is not None), default=-1)


def set_aside(path: Path) -> Path:
    """Move a file that can't be used, with its log, out of the way; returns its new place.

    Raises:
        OSError: it can't be moved.
    """
    aside = path.with_name(path.name + DAMAGED)
    remove(aside)
    path.rename(aside)
    remove(path.with_name(path.name + ".wal"))
    close_to(aside, OWNER_FILE)
    return aside
