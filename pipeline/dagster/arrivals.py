"""Which years' landed files have changed since they were last looked at, for the landing sensor.

A file counts once it is whole: it stands as it stood at the look before. A year has changed when its set of files (names
and contents) is another one than at its last run that was asked for; so deleting a file, or putting an old one back, counts.
"""

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from pipeline import landing
from pipeline.landing.sources import SOURCES

# A file that was written to within this time may not be whole, however it looks.
SETTLING_SECONDS = 5


@dataclass(frozen=True)
class Seen:
    """What was found at the last look: size, time and hash of each file, and each year's files when a run was asked for."""

    files: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def from_cursor(cursor: str | None) -> "Seen":
        """Read what a sensor kept."""
        content = json.loads(cursor) if cursor else {"files": {}, "asked": {}}
        return Seen({name: tuple(facts) for name, facts in content["files"].items()}, content["asked"])

    def to_cursor(self) -> str:
        """The text that a sensor keeps."""
        return json.dumps(asdict(self))


def years_with_files(raw: Path, years: Sequence[str]) -> list[str]:
    """The years in whose landing folder a file lies."""
    return [year for year in years if _files(raw, year)]


def look(raw: Path, years: Sequence[str], seen: Seen, now: datetime) -> tuple[list[str], Seen]:
    """The years whose files are all whole and have changed, and what to remember for the next look.

    Args:
        raw: landing folder.
        years: the years that can be refreshed.
        seen: what the look before found.
        now: the time of this look.
    """
    files: dict[str, tuple[int, int, str]] = {}
    asked = dict(seen.asked)
    changed = []
    for year in years:
        facts = _facts_of_year(raw, year, seen)
        files |= facts
        is_whole = all(_is_whole(fact, seen.files.get(name), now) for name, fact in facts.items())
        digest = hashlib.sha256(
            json.dumps(sorted((name, fact[2]) for name, fact in facts.items())).encode()
        ).hexdigest()
        if is_whole and (facts or year in asked) and asked.get(year) != digest:
            asked[year] = digest
            changed.append(year)
    return changed, Seen(files, asked)


def _files(raw: Path, year: str) -> list[Path]:
    return [path for source in SOURCES for path in landing.visible_files(raw / year / source)]


def _facts_of_year(raw: Path, year: str, seen: Seen) -> dict[str, tuple[int, int, str]]:
    found = {}
    for path in _files(raw, year):
        name = str(path.relative_to(raw))
        # A file that was taken away since the folder was listed is not there.
        with suppress(FileNotFoundError):
            found[name] = _facts(path, seen.files.get(name))
    return found


def _facts(path: Path, before: tuple[int, int, str] | None) -> tuple[int, int, str]:
    """Size, time of the last change in nanoseconds, and hash; hashed again only where one of the two others changed."""
    stat = path.stat()
    if before is not None and before[:2] == (stat.st_size, stat.st_mtime_ns):
        return before
    with path.open("rb") as stream:
        return stat.st_size, stat.st_mtime_ns, hashlib.file_digest(stream, "sha256").hexdigest()


def _is_whole(facts: tuple[int, int, str], before: tuple[int, int, str] | None, now: datetime) -> bool:
    """Whether a file stands as it stood, and was not written to a moment ago (or, by a clock that is ahead, in the future)."""
    age_seconds = now.timestamp() - facts[1] / 1e9
    return facts == before and not 0 <= age_seconds <= SETTLING_SECONDS
