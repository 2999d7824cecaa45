"""What files hold, kept by content and layouts, so that no unchanged file is parsed twice.

An entry is a JSON file and, for a file that is read, a Parquet file of its rows and one of the cells that they were read
from. Entries hold personal data: the folder is readable by its owner alone. An entry that can't be used is parsed again; one
that no file of any year uses is forgotten.
"""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pipeline.errors import DaijiaoError
from pipeline.landing.parse import READ, ParsedFile, cells_path
from pipeline.landing.table_facts import TableFacts
from pipeline.restricted import remove

_READERS = ("fastexcel", "polars")
UNFINISHED = ".parsing"
_USED = ".used"


@dataclass(frozen=True)
class Entry:
    """A parsed file, and where its rows lie; null for a file that is refused."""

    parsed: ParsedFile
    parquet: Path | None


def tables_of(parquet: Path) -> tuple[TableFacts, ...]:
    """How the tables were read whose rows lie in a Parquet file of the cache."""
    content = _read_json(parquet.with_suffix(".json"))
    return _from_json({name: value for name, value in content.items() if not name.endswith("_sha256")}).tables


class ParseCache:
    """The parse cache in a folder, which is made when it is missing."""

    def __init__(self, folder: Path) -> None:
        if folder.exists() and not folder.is_dir():
            raise DaijiaoError(
                f"{folder} is no folder, and parsed files are kept there. Move it away and run again.",
                f"{folder} 不是文件夹,而解析缓存要放在那里。请移走它后重新运行。",
            )
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        self._folder = folder
        self._used: set[str] = set()

    def entry(self, sha256: str, source: str, layouts_digest: str, parse: Callable[[Path], ParsedFile]) -> Entry:
        """The entry of a content, parsed when it isn't there yet.

        Args:
            parse: parses the file and writes its rows to the path that it is given.

        Raises:
            DaijiaoError: the folder can't be written.
        """
        key = hashlib.sha256("\n".join([sha256, source, layouts_digest, _reader_version()]).encode()).hexdigest()
        self._used.add(key)
        try:
            return self._kept(key) or self._parsed(key, parse)
        except OSError as error:
            raise DaijiaoError(
                f"The parse cache {self._folder} can't be written ({error.strerror}). Make room on the disk, or give leave to "
                "write there, and run again.",
                f"不能写入解析缓存 {self._folder}({error.strerror})。请腾出磁盘空间或允许写入,再重新运行。",
            ) from None

    def remember_used(self, landed: Path) -> None:
        """Note which entries the files of a year's folder use, in place of what was noted of it before."""
        content = json.dumps({"landed": str(landed.resolve()), "keys": sorted(self._used)})
        self._write(f"{landed.name}{_USED}", content)

    def _kept(self, key: str) -> Entry | None:
        try:
            content = _read_json(self._folder / f"{key}.json")
            parquet_sha256, cells_sha256 = content.pop("parquet_sha256"), content.pop("cells_sha256")
            parsed = _from_json(content)
            if parsed.status != READ:
                return Entry(parsed, None)
            parquet = self._folder / f"{key}.parquet"
            is_whole = _sha256(parquet) == parquet_sha256 and _sha256(cells_path(parquet)) == cells_sha256
            return Entry(parsed, parquet) if is_whole else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
            return None

    def _parsed(self, key: str, parse: Callable[[Path], ParsedFile]) -> Entry:
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=UNFINISHED)
        os.close(handle)
        rows = Path(name)
        try:
            parsed = parse(rows)
            is_read = parsed.status == READ
            cells = cells_path(rows)
            content = _to_json(parsed) | {
                "parquet_sha256": _sha256(rows) if is_read else None,
                "cells_sha256": _sha256(cells) if is_read else None,
            }
            parquet = self._folder / f"{key}.parquet"
            if is_read:
                _put(cells, cells_path(parquet))
                _put(rows, parquet)
            self._write(f"{key}.json", json.dumps(content, ensure_ascii=False))
            return Entry(parsed, parquet if is_read else None)
        finally:
            rows.unlink(missing_ok=True)
            cells_path(rows).unlink(missing_ok=True)

    def _write(self, name_of_file: str, content: str) -> None:
        handle, name = tempfile.mkstemp(dir=self._folder, suffix=UNFINISHED)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(content)
        _put(Path(name), self._folder / name_of_file)


def _put(fresh: Path, place: Path) -> None:
    """Put a file in its place, whatever lies there."""
    if place.is_dir():
        remove(place)
    fresh.replace(place)


def forget_unused(folder: Path) -> None:
    """Remove the entries of a parse cache that no file uses: neither now nor, as far as is known, of another year."""
    used: set[str] = set()
    for noted in folder.glob(f"*{_USED}"):
        content = _noted(noted)
        if content is None or not Path(str(content["landed"])).is_dir():
            noted.unlink(missing_ok=True)
        else:
            used.update(content["keys"])
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.suffix in (".json", ".parquet") and path.name.partition(".")[0] not in used:
            path.unlink(missing_ok=True)


def _noted(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return content if {"landed", "keys"} <= set(content) else None
    except (OSError, ValueError, TypeError):
        return None


@cache
def _reader_version() -> str:
    """The hash of the readers' own code, and the versions of the libraries that read."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return " ".join([digest.hexdigest(), *(version(name) for name in _READERS)])


def _read_json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _to_json(parsed: ParsedFile) -> dict[str, object]:
    content: dict[str, object] = {**asdict(parsed)}
    for name in ("control_yuan", "stated_date", "made_at"):
        content[name] = None if content[name] is None else str(content[name])
    return content


def _from_json(content: dict[str, Any]) -> ParsedFile:
    yuan, stated, made = (content.pop(name) for name in ("control_yuan", "stated_date", "made_at"))
    tables = tuple(_facts(facts) for facts in content.pop("tables"))
    return ParsedFile(
        **content,
        control_yuan=None if yuan is None else Decimal(yuan),
        stated_date=None if stated is None else date.fromisoformat(stated),
        made_at=None if made is None else datetime.fromisoformat(made),
        tables=tables,
    )


def _facts(content: dict[str, Any]) -> TableFacts:
    texts = tuple(content.pop("place_texts"))
    return TableFacts(**content, place_texts=texts)
