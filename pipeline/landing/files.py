"""The files of a year: which there are, what kind their content is, their hash and the date in their name.

Nothing is read here beyond the bytes that tell the kind and the hash.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.landing.sources import SOURCES

TABLE_SUFFIXES = (".xlsx", ".xls", ".csv", ".txt")
_EIGHT_DIGITS = re.compile(r"(?<!\d)\d{8}(?!\d)", re.ASCII)
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HIDDEN = (".", "~$")


@dataclass(frozen=True)
class LandedFile:
    """A file under data/raw/<year>/<source>; `file_name` is its path below the year's folder, with ``/``."""

    source: str
    file_name: str
    path: Path
    sha256: str

    @property
    def is_table(self) -> bool:
        """Whether the suffix is one that the pipeline reads; every other file is skipped."""
        return self.path.suffix.lower() in TABLE_SUFFIXES


def landed_files(raw: Path, year: int) -> list[LandedFile]:
    """The files of a year, in order of source and file name."""
    folder = raw / str(year)
    found = [
        LandedFile(source, _file_name(path, folder), path, _sha256(path))
        for source in SOURCES
        for path in visible_files(folder / source)
    ]
    return sorted(found, key=lambda file: (file.source, file.file_name))


def content_kind(path: Path) -> str:
    """The kind of the content, whatever the suffix says: xlsx, xls or text."""
    with path.open("rb") as stream:
        start = stream.read(len(_COMPOUND))
    if start.startswith(_ZIP):
        return "xlsx"
    return "xls" if start == _COMPOUND else "text"


def date_in_name(file_name: str) -> date | None:
    """The first run of exactly eight digits in the name that is a date."""
    for run in _EIGHT_DIGITS.findall(file_name):
        try:
            return datetime.strptime(run, "%Y%m%d").date()
        except ValueError:
            continue
    return None


def visible_files(folder: Path) -> list[Path]:
    """The files below a folder but the hidden ones and the lock files of office programs."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        found += [Path(parent) / name for name in names if not name.startswith(_HIDDEN)]
    return [path for path in found if path.is_file()]


def _file_name(path: Path, folder: Path) -> str:
    return os.fsencode(path.relative_to(folder).as_posix()).decode("utf-8", "backslashreplace")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
