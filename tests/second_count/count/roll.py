"""The roll of the year: its persons, and what each of its snapshots shows that is wrong with them."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date
from itertools import combinations
from unicodedata import normalize

from ..world import UNKNOWN_TOWNSHIP, Policy, RollRow
from .identity import Identity, read_identity
from .landed import Landed, LandedRow, snapshot_date_of
from .names import compare_names, name_key
from .townships import township_code

HOLDING_KINDS = ("on_two_township_rolls", "id_with_two_names")


@dataclass(frozen=True)
class RollEntry:
    """One accepted roll row of the year, with what it says."""

    landed: LandedRow[RollRow]
    snapshot_date: date
    township_code: str
    identity: Identity

    @property
    def row(self) -> RollRow:
        """The logical row."""
        return self.landed.row

    @property
    def order(self) -> tuple[str | int, ...]:
        """Which of several rows of one snapshot comes first: a known township before an unknown one."""
        row, is_unknown = self.row, self.township_code == UNKNOWN_TOWNSHIP
        name = normalize("NFKC", row.name)
        texts = (self.township_code, row.village, name, row.schooling, row.household_no)
        return (is_unknown, *texts, *self.landed.source_order)


@dataclass
class Person:
    """A person of the roll, as the latest snapshot that has him shows him.

    `roll_kinds` are the kinds of mismatch that the roll raises about him, each with the row that shows it.
    """

    key: Hashable
    person_id: str | None
    township_code: str
    village: str
    household_no: str
    name: str
    names: tuple[str, ...]
    schooling: str
    entry: RollEntry
    roll_kinds: dict[str, RollEntry] = field(default_factory=dict)


def roll_of_year(landed: Landed, policy: Policy, repaired_ids: dict[Hashable, str]) -> dict[Hashable, Person]:
    """Every person of the roll by key: his ID, or a tuple where no valid one is known.

    `repaired_ids` gives the right ID to persons without a valid one, by their key.
    """
    entries: dict[Hashable, list[RollEntry]] = defaultdict(list)
    for row in landed.rows(RollRow):
        if snapshot_date_of(row).year == policy.year:
            entry = _entry(row, policy)
            key = person_key(entry)
            entries[repaired_ids.get(key, key)].append(entry)
    return {key: _person(key, rows) for key, rows in entries.items()}


def person_key(entry: RollEntry) -> Hashable:
    """The ID, or township, village, name and raw text of a row without a valid one."""
    if entry.identity.person_id:
        return entry.identity.person_id
    return entry.township_code, entry.row.village, name_key(entry.row.name), entry.identity.text


def _entry(landed: LandedRow[RollRow], policy: Policy) -> RollEntry:
    row, snapshot_date = landed.row, snapshot_date_of(landed)
    identity = read_identity(row.id_no, row.id_is_number, snapshot_date)
    return RollEntry(landed, snapshot_date, township_code(row.township, policy), identity)


def _person(key: Hashable, entries: list[RollEntry]) -> Person:
    latest = _latest(entries)
    first = latest[0]
    person = Person(
        key=key,
        person_id=key if isinstance(key, str) else None,
        township_code=first.township_code,
        village=first.row.village,
        household_no=first.row.household_no,
        name=first.row.name,
        names=tuple({entry.row.name: None for entry in latest}),
        schooling=first.row.schooling,
        entry=first,
    )
    person.roll_kinds = _roll_kinds(entries, latest)
    return person


def _latest(entries: Iterable[RollEntry]) -> list[RollEntry]:
    """The rows of the latest snapshot, in order."""
    rows = list(entries)
    latest = max(entry.snapshot_date for entry in rows)
    return sorted((entry for entry in rows if entry.snapshot_date == latest), key=lambda entry: entry.order)


def _roll_kinds(entries: list[RollEntry], latest: list[RollEntry]) -> dict[str, RollEntry]:
    shown: dict[str, list[RollEntry]] = defaultdict(list)
    for first, second in combinations(entries, 2):
        if first.snapshot_date == second.snapshot_date and first.identity.person_id and second.identity.person_id:
            for kind in _kinds_of_pair(first, second):
                shown[kind] += [first, second]
    for entry in entries:
        if entry.identity.kind:
            shown[entry.identity.kind].append(entry)
    if all(entry.township_code == UNKNOWN_TOWNSHIP for entry in latest):
        shown["unknown_township"] += latest
    return {kind: _latest(rows)[0] for kind, rows in shown.items()}


def _kinds_of_pair(first: RollEntry, second: RollEntry) -> list[str]:
    """What two rows with the same ID in one snapshot show."""
    has_same_name = compare_names(first.row.name, second.row.name) != "name_mismatch"
    has_same_township = first.township_code == second.township_code
    kinds = []
    if has_same_name and has_same_township:
        kinds.append("duplicate_on_roll")
    if not has_same_township:
        kinds.append("on_two_township_rolls")
    if not has_same_name:
        kinds.append("id_with_two_names")
    return kinds
