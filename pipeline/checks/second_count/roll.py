"""The roll of the year (rules.md, section 3): its persons, and what each of its snapshots shows that is wrong with them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import NamedTuple

from pipeline.checks.second_count.divisions import UNKNOWN
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.identity import birth_date_of
from pipeline.checks.second_count.names import MISMATCH, compare_names
from pipeline.checks.second_count.row_types import RollRow

DUPLICATE, TWO_TOWNSHIPS, TWO_NAMES = "duplicate_on_roll", "on_two_township_rolls", "id_with_two_names"
HOLDING_KINDS = (TWO_TOWNSHIPS, TWO_NAMES)


class RollEntry(NamedTuple):
    """One accepted row of a snapshot of the year, with the ID of a person where it is valid."""

    row: RollRow
    snapshot_date: date
    person_id: str | None

    @property
    def order(self) -> tuple[object, ...]:
        """Which of several rows of one snapshot comes first: a known township before the unknown one."""
        row = self.row
        texts = (row.township_code, row.village, row.name.shown, row.schooling, row.household_no)
        return (row.township_code == UNKNOWN, *(text or "" for text in texts), row.place)


@dataclass(slots=True)
class Person:
    """A person of the roll, as the latest snapshot that has him shows him.

    Attributes:
        key: his ID, or a tuple where no valid one is known.
        row: the row that he is known by.
        township_code: the township that it gives.
        birth_date: that in his ID, which a reply may have given him.
        name_keys: each name that the latest snapshot has for him.
        roll_kinds: the kinds of mismatch that the roll raises about him, each with the row that shows it.
    """

    key: Hashable
    person_id: str | None
    row: RollRow
    township_code: str
    birth_date: date | None
    name_keys: tuple[str, ...]
    roll_kinds: dict[str, RollEntry]


def roll_entries(files: Files, year: int, end_of_year: date) -> list[RollEntry]:
    """The accepted rows of the snapshots dated in the year."""
    entries = []
    for file in files.read("poverty_roll"):
        stated = file.stated_date or end_of_year
        for row in file.accepted:
            day = row.own_date
            if day is not None and day.year == year:
                entries.append(RollEntry(row, day, row.identity.person_id(stated)))
    return entries


def roll_of_year(entries: Iterable[RollEntry], repaired_ids: Mapping[Hashable, str]) -> dict[Hashable, Person]:
    """Every person of the roll by key; `repaired_ids` gives the right ID to persons without a valid one, by their key."""
    rows_of: dict[Hashable, list[RollEntry]] = defaultdict(list)
    for entry in entries:
        key = entry.person_id or stated_key(entry)
        rows_of[repaired_ids.get(key, key) if repaired_ids else key].append(entry)
    return {key: _person(key, rows) for key, rows in rows_of.items()}


def stated_key(entry: RollEntry) -> Hashable:
    """The ID, or township, village, name and raw text of a row without a valid one: such rows match one another alone."""
    if entry.person_id:
        return entry.person_id
    row = entry.row
    return row.township_code, row.village or "", row.name.key, row.identity.text or ""


def _person(key: Hashable, entries: list[RollEntry]) -> Person:
    person_id = key if isinstance(key, str) else None
    day = max([entry.snapshot_date for entry in entries])
    latest = [entry for entry in entries if entry.snapshot_date == day]
    if len(latest) > 1:
        latest.sort(key=lambda entry: entry.order)
    row = latest[0].row
    birth_date = row.identity.birth_date
    if person_id is not None and person_id != row.identity.text:
        birth_date = birth_date_of(person_id)
    kinds = {kind: _first_shown(shown) for kind, shown in _shown_kinds(entries, latest).items()}
    names = (row.name.key,) if len(latest) == 1 else tuple({entry.row.name.key: None for entry in latest})
    return Person(key, person_id, row, row.township_code, birth_date, names, kinds)


def _first_shown(entries: list[RollEntry]) -> RollEntry:
    """The row of the latest snapshot that shows a kind; of several the first in the roll's order."""
    latest = max(entry.snapshot_date for entry in entries)
    return min((entry for entry in entries if entry.snapshot_date == latest), key=lambda entry: entry.order)


def _shown_kinds(entries: list[RollEntry], latest: list[RollEntry]) -> dict[str, list[RollEntry]]:
    shown: dict[str, list[RollEntry]] = defaultdict(list)
    if len(entries) > 1 and len({entry.snapshot_date for entry in entries}) < len(entries):
        for first, second in combinations(entries, 2):
            if first.snapshot_date == second.snapshot_date and first.person_id and second.person_id:
                for kind in _kinds_of_pair(first.row, second.row):
                    shown[kind] += [first, second]
    for entry in entries:
        if entry.person_id is None:
            shown[entry.row.identity.problem_kind].append(entry)
    if latest[0].row.township_code == UNKNOWN and all(entry.row.township_code == UNKNOWN for entry in latest):
        shown["unknown_township"] += latest
    return shown


def _kinds_of_pair(first: RollRow, second: RollRow) -> list[str]:
    """What two rows with the same ID in one snapshot show."""
    has_same_name = compare_names(first.name.key, second.name.key) != MISMATCH
    has_same_township = first.township_code == second.township_code
    kinds = []
    if has_same_name and has_same_township:
        kinds.append(DUPLICATE)
    if not has_same_township:
        kinds.append(TWO_TOWNSHIPS)
    if not has_same_name:
        kinds.append(TWO_NAMES)
    return kinds


def members_with_two_ids(entries: Sequence[RollEntry]) -> list[RollEntry]:
    """Of each member number with two valid IDs the first row in the latest snapshot that has it."""
    id_of: dict[str, str] = {}
    with_two: dict[str, list[RollEntry]] = {}
    for entry in entries:
        member_no = entry.row.member_no
        if member_no and entry.person_id and id_of.setdefault(member_no, entry.person_id) != entry.person_id:
            with_two[member_no] = []
    if with_two:
        for entry in entries:
            if entry.row.member_no in with_two:
                with_two[entry.row.member_no].append(entry)
    return [_first_shown(rows) for rows in with_two.values()]
