"""The warehouse folder: who may read what lies in it, and what a run that was killed left there.

The published file and its dictionaries are for a group of readers; everything else is its owner's alone.
"""

import re
from pathlib import Path

from pipeline.contracts.dictionary import CHINESE_FILE, ENGLISH_FILE, PACKAGE_FILE
from pipeline.landing.cache import UNFINISHED
from pipeline.privacy import FINGERPRINT_FILE
from pipeline.restricted import GROUP_FILE, GROUP_FOLDER, OWNER_FILE, OWNER_FOLDER, close_to, remove, sweep

WAREHOUSE_FILE = "warehouse.duckdb"
PUBLISHED_FILE = "published.duckdb"
OPEN_FILE = "open.duckdb"
LOCK_FILE = "refresh.lock"
# Which year was refreshed last.
LAST_YEAR_FILE = "last_year"
# States of earlier days, each published to a file of its own.
AS_OF_FOLDER = "as_of"
SPILL_FOLDER = "spill"
PARSE_CACHE = "parsed"
EXPLAIN = "explain-"
# Beside the landing folder.
RESTORE = ".restore-"
SHARED_FILES = frozenset({PUBLISHED_FILE, OPEN_FILE, PACKAGE_FILE, ENGLISH_FILE, CHINESE_FILE})
NEW = ".new"
_PUBLISHED_STATE = re.compile(r"\d{4}-\d{2}-\d{2}\.duckdb")
# What may lie elsewhere, behind a link of its name.
_OWN = frozenset({WAREHOUSE_FILE, AS_OF_FOLDER, PARSE_CACHE, SPILL_FOLDER})


def make_warehouse_folder(folder: Path) -> None:
    """Make a warehouse folder that its owner and the group of its readers can enter.

    Raises:
        OSError: it can't be made.
    """
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(GROUP_FOLDER)


def close_folder(folder: Path) -> None:
    """Close a warehouse folder to whom it isn't for; a folder that isn't there yet is left alone.

    A link that somebody put there leads to what is no part of the warehouse: that isn't touched.

    Raises:
        DaijiaoError: something is too open, and belongs to another user.
    """
    close_to(folder, GROUP_FOLDER)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_symlink() and path.name not in _OWN:
            continue
        if path.name == AS_OF_FOLDER and path.is_dir():
            close_folder(path)
        elif path.is_dir():
            close_to(path, OWNER_FOLDER)
        else:
            close_to(path, GROUP_FILE if _is_shared(path) else OWNER_FILE)


def _is_shared(path: Path) -> bool:
    """Whether a file is for the group of readers: what is published, and the published states of earlier days."""
    return path.name in SHARED_FILES or bool(_PUBLISHED_STATE.fullmatch(path.name))


def tidy_folder(folder: Path) -> None:
    """Remove what a run that was killed left behind; the caller holds the lock, so nobody works with it."""
    spill = folder / SPILL_FOLDER
    left = [*(spill.iterdir() if spill.is_dir() else ()), folder / f"{WAREHOUSE_FILE}.tmp"]
    for where in (folder, folder / AS_OF_FOLDER):
        left += [*where.glob(f"*{NEW}"), *where.glob(f"*{NEW}.wal")]
    left += (folder / PARSE_CACHE).glob(f"*{UNFINISHED}")
    for path in left:
        remove(path)
    for name in (FINGERPRINT_FILE, LAST_YEAR_FILE, *SHARED_FILES):
        sweep(folder, f".{name}.")
    sweep(folder, EXPLAIN)
