"""Which years' landed files have changed since they were last read, for the landing sensor.

A file counts once it is whole: it stands as it stood at the look before. A year has changed when its files (names and contents)
are others than those that a run was last asked for, and others than those of its published tables. What was seen of each file
is kept in a small file beside the warehouse, so that the sensor's cursor has a digest a year and no more.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pipeline import landing
from pipeline.build.needed_sources import check_landing_folder
from pipeline.contracts.sources import SOURCES
from pipeline.errors import DaijiaoError
from pipeline.privacy import write_whole
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.reading import reading

# A file that was written to within this time may not be whole, however it looks.
SETTLING_SECONDS = 5
# Beside the warehouse: size, time of change and hash of every landed file at the last look.
SEEN_FILE = "landing_seen.json"
_SHORT = 16

Facts = tuple[int, int, str]


@dataclass(frozen=True)
class Look:
    """What a look found: the years to refresh, a sentence for each that can't be, and what to remember for the next look."""

    changed: list[str]
    unreadable: list[str]
    cursor: str


def refreshable_years(raw: Path, years: Sequence[str]) -> list[str]:
    """The years in whose landing folder everything lies that a refresh needs."""
    return [year for year in years if _why_not(raw, year) is None]


def look(raw: Path, warehouse: Path, years: Sequence[str], cursor: str | None, now: datetime) -> Look:
    """Look at the landed files of every year.

    Args:
        raw: landing folder.
        warehouse: folder of the warehouse.
        years: the years that have a policy.
        cursor: what the look before left to remember.
        now: the time of this look.
    """
    seen = _seen(warehouse)
    asked: dict[str, str] = json.loads(cursor) if cursor else {}
    found: dict[str, Facts] = {}
    changed: list[str] = []
    unreadable: list[str] = []
    for year in years:
        facts = _facts_of_year(raw, year, seen)
        found |= {f"{year}/{place}": fact for place, fact in facts.items()}
        is_whole = all(_is_whole(fact, seen.get(f"{year}/{place}"), now) for place, fact in facts.items())
        digest = _digest(facts)
        if not is_whole or asked.get(year, _digest({})[:_SHORT]) == digest[:_SHORT]:
            continue
        asked[year] = digest[:_SHORT]
        if why_not := _why_not(raw, year):
            unreadable.append(why_not)
        elif digest != _published_digest(warehouse, year):
            changed.append(year)
    if found != seen:
        warehouse.mkdir(parents=True, exist_ok=True)
        write_whole(warehouse / SEEN_FILE, json.dumps(found), 0o600)
    return Look(changed, unreadable, json.dumps(asked))


def is_published(warehouse: Path, year: str) -> bool:
    """Whether tables of a year are published from all its files."""
    return _published_digest(warehouse, year) is not None


def _why_not(raw: Path, year: str) -> str | None:
    """Why a year can't be refreshed; null when it can."""
    try:
        check_landing_folder(raw, int(year))
    except DaijiaoError as error:
        return str(error)
    return None


def _seen(warehouse: Path) -> dict[str, Facts]:
    with suppress(FileNotFoundError, ValueError):
        content = json.loads((warehouse / SEEN_FILE).read_text(encoding="utf-8"))
        return {name: (int(facts[0]), int(facts[1]), str(facts[2])) for name, facts in content.items()}
    return {}


def _published_digest(warehouse: Path, year: str) -> str | None:
    """The digest of the files from which the published tables of a year were made; null where none are published."""
    if not (warehouse / PUBLISHED_FILE).is_file():
        return None
    with suppress(DaijiaoError), reading(warehouse / PUBLISHED_FILE) as connection:
        found = connection.execute(
            "select input_sha256 from mart.refresh where policy_year = ? and as_of is null", [int(year)]
        ).fetchone()
        return str(found[0]) if found else None
    return None


def _facts_of_year(raw: Path, year: str, seen: Mapping[str, Facts]) -> dict[str, Facts]:
    """Of every file, by its source and its name within the year as the tables write them."""
    found = {}
    for source in SOURCES:
        for path in landing.visible_files(raw / year / source):
            name = os.fsencode(path.relative_to(raw / year).as_posix()).decode("utf-8", "backslashreplace")
            place = f"{source}|{name}"
            # A file that was taken away since the folder was listed is not there.
            with suppress(FileNotFoundError):
                found[place] = _facts(path, seen.get(f"{year}/{place}"))
    return found


def _facts(path: Path, before: Facts | None) -> Facts:
    """Size, time of the last change in nanoseconds, and hash; hashed again only where one of the two others changed."""
    stat = path.stat()
    if before is not None and before[:2] == (stat.st_size, stat.st_mtime_ns):
        return before
    with path.open("rb") as stream:
        return stat.st_size, stat.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest()


def _is_whole(facts: Facts, before: Facts | None, now: datetime) -> bool:
    """Whether a file stands as it stood, and was not written to a moment ago (or, by a clock that is ahead, in the future)."""
    age_seconds = now.timestamp() - facts[1] / 1e9
    return facts == before and not 0 <= age_seconds <= SETTLING_SECONDS


def _digest(facts: Mapping[str, Facts]) -> str:
    """As mart.refresh has it (input_sha256)."""
    places = sorted(facts, key=lambda place: tuple(place.split("|", 1)))
    return hashlib.sha256("|".join(f"{place}|{facts[place][2]}" for place in places).encode()).hexdigest()
