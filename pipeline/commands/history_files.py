"""The files of Dagster's history before it is opened: what is damaged is set aside, since no table depends on it.

A damaged history would make every run fail. Its runs are lost to the pages then; the published tables are not.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import yaml

from pipeline.log import LOGGER
from pipeline.restricted import remove

DAMAGED = ".damaged"
SETTINGS_FILE = "dagster.yaml"
# What is set aside, and the databases in it without which it can't be used.
_FOLDERS = {"history": ("runs.db", "runs/index.db"), "schedules": ("schedules.db",)}
DAMAGED_HISTORY = "The run history had a damaged part, %s; it lies in %s now and is begun anew"
_MAGIC = b"SQLite format 3\x00"


def set_aside_damaged(home: Path) -> None:
    """Move what of a history can't be used out of the way, and say so; it is made anew when it is opened.

    Raises:
        OSError: it can't be moved.
    """
    for name, databases in _FOLDERS.items():
        if any(_is_damaged(home / name / database) for database in databases):
            _move(home / name)
    settings = home / SETTINGS_FILE
    if settings.exists() and not _holds_settings(settings):
        _move(settings)


def _move(path: Path) -> None:
    aside = path.with_name(path.name + DAMAGED)
    remove(aside)
    path.rename(aside)
    LOGGER.warning(DAMAGED_HISTORY, path.name, aside.name)


def _is_damaged(database: Path) -> bool:
    """Whether a file isn't a database, or lacks its end; one that isn't there, or is empty, is made by Dagster."""
    if not database.exists():
        return False
    if database.is_dir():
        return True
    size = database.stat().st_size
    if size == 0:
        return False
    with database.open("rb") as stream:
        if stream.read(len(_MAGIC)) != _MAGIC:
            return True
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
            ((pages,),) = connection.execute("PRAGMA page_count").fetchall()
            ((page_bytes,),) = connection.execute("PRAGMA page_size").fetchall()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlite3.OperationalError:
        # In use, or not for this user: Dagster will say so.
        return False
    except sqlite3.DatabaseError:
        return True
    # What the log beside it holds may not have come into the file yet.
    log = database.with_name(f"{database.name}-wal")
    has_log = log.exists() and log.stat().st_size > 0
    return not has_log and size < pages * page_bytes


def _holds_settings(path: Path) -> bool:
    try:
        return isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
    except (OSError, ValueError, yaml.YAMLError):
        return False
