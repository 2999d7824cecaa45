"""The published tables against this count: what each side has that the other hasn't, table by table.

What is compared are cells: for each counted row, every column that outputs.md gives it and that this count knows. Not
counted a second time are the values in the texts for people (expected, found) and the reasons of files and rows, suggestions, the
numbers of mismatches and postings, which are hashes of what is compared, and what is made at publication (change, digest, proof).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from operator import itemgetter
from typing import Any

import polars as pl

from pipeline.checks.second_count.count import count, without_collection
from pipeline.checks.second_count.counted import Counted, Table
from pipeline.checks.second_count.divisions import UNKNOWN_NAME
from pipeline.checks.second_count.facts import READ, FileFacts, Masker, Published, RunFacts
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.identity import keyed_hash
from pipeline.checks.second_count.mismatches import WITHOUT_PLACE, Found
from pipeline.checks.second_count.privacy import Persons
from pipeline.checks.second_count.rows import LineRow, RollRow
from pipeline.checks.second_count.tables import (
    GAP,
    MISMATCH_COLUMNS,
    NO_VALID_ID,
    TEXT_COLUMNS,
    mismatch_values,
    tables_of,
)
from pipeline.contracts.codes import load_codes

Row = tuple[Any, ...]

HUNDREDTHS, MILLIONTHS = Decimal(100), Decimal(1_000_000)
POINTS = ("weight", "score", "reported_score")
# In millionths; every other decimal is in hundredths.
RATES = ("_rate", "_low", "_high", "average_write_off_days")
OF_READ_FILES = ("control_count", "control_yuan", "file_date")
PLACE = ("source_file", "sheet", "row_number")
A_PERSON = "a text with an ID, an account or a name"
NO_TABLE, NO_ROW, NO_COLUMN = "no such table", "no such row", "no such column"
_LONG_NUMBER = re.compile(r"[0-9]{6,}[0-9Xx]*")


@dataclass(frozen=True)
class Difference:
    """One value that both sides give differently; of a row that one side lacks, `column` is ``row``."""

    table: str
    key: str
    column: str
    published: str
    counted: str


@dataclass(frozen=True)
class Comparison:
    """The result: how many cells were compared, in each table, and every difference."""

    compared_count: int
    differences: tuple[Difference, ...]
    compared_by_table: Mapping[str, int]


def compare(run: RunFacts, files: Sequence[FileFacts], published: Published) -> Comparison:
    """Count a year from its files' cells, and compare every published table with it."""
    masks = _Masks(published)
    with without_collection():
        return compare_counted(counted_against(run, files, published, masks), published, masks)


def counted_against(
    run: RunFacts, files: Sequence[FileFacts], published: Published, masks: "_Masks | None" = None
) -> Counted:
    """Count a year; the mismatches have the numbers under which they are published, by which replies name them."""
    keys, frame = _Keys(run.key), published.table("mart.roster_mismatch")
    return count(run, files, lambda stated: _numbered(stated, frame, keys, masks or _Masks(published)))


def compare_counted(counted: Counted, published: Published, masks: "_Masks | None" = None) -> Comparison:
    """Compare what was counted with the published tables."""
    keys, masks = _Keys(counted.run.key), masks or _Masks(published)
    differences: list[Difference] = []
    sizes: dict[str, int] = {}
    tables = masks.masked(tables_of(counted), counted.files)
    policy = counted.run.policy
    persons = masks.persons((UNKNOWN_NAME, *(division.name for division in (*policy.townships, *policy.villages))))
    for table in tables:
        frame = published.table(table.name)
        sizes[table.name] = len(table.rows) * len(table.columns)
        if frame is None:
            differences.append(Difference(table.name, "", "table", NO_TABLE, f"{len(table.rows)} rows"))
        else:
            differences += _differences(table, frame, keys)
            differences += _told_persons(table, frame, published, persons)
    return Comparison(sum(sizes.values()), tuple(differences), sizes)


def _told_persons(table: Table, frame: pl.DataFrame, published: Published, persons: Persons) -> list[Difference]:
    """A difference for each column in which a sender's text tells of somebody."""
    return [
        Difference(table.name, "", column, A_PERSON, "a mask")
        for column in published.sender_columns(table.name)
        if column in frame.columns and any(map(persons.are_told_by, frame[column].drop_nulls().unique().to_list()))
    ]


class _Keys:
    """Persons by their keys, and back: whoever has no valid ID is known by none."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._key_of: dict[str, str] = {}
        self._id_of: dict[str, str] = {}

    def key(self, person_id: str) -> str:
        """The key of a person with an ID."""
        if person_id not in self._key_of:
            key = self._key_of[person_id] = keyed_hash(self._secret, person_id)
            self._id_of[key] = person_id
        return self._key_of[person_id]

    def learn(self, person_ids: Sequence[str | None]) -> None:
        """Make the keys of persons, by which the published rows are then known."""
        for person_id in person_ids:
            if person_id is not None and person_id != NO_VALID_ID:
                self.key(person_id)

    def person_id(self, key: str | None) -> str | None:
        """The person behind a published key."""
        return None if key is None else self._id_of.get(key, NO_VALID_ID)


class _Masks:
    """Masks what is masked where it is published: what senders wrote of somebody. Who that may be is found once."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._masker: Masker | None = None
        self._numbers: set[str] = set()
        self._names: set[str] = set()

    def persons(self, divisions: Iterable[str]) -> Persons:
        """Who mustn't be told by what is published; known once a table is masked."""
        return Persons(self._numbers, self._names, divisions)

    def masked(self, tables: Sequence[Table], files: Files) -> list[Table]:
        """The tables as they are published."""
        if self._masker is None:
            self._numbers, self._names = _numbers(files), _roll_names(files)
            self._masker = self._published.masker(self._numbers, self._names)
        columns = {table.name: set(self._published.sender_columns(table.name)) for table in tables}
        masked_at = {
            table.name: [at for at, column in enumerate(table.columns) if column in columns[table.name]]
            for table in tables
        }
        texts_of = {
            table.name: {text for at in masked_at[table.name] for text in set(map(itemgetter(at), table.rows))} - {None}
            for table in tables
        }
        instead = self._masker(set().union(*texts_of.values()))
        return [
            table if instead.keys().isdisjoint(texts_of[table.name]) else _masked(table, masked_at[table.name], instead)
            for table in tables
        ]


def _masked(table: Table, masked_at: Sequence[int], instead: Mapping[str, str]) -> Table:
    rows = []
    for row in table.rows:
        values = list(row)
        for at in masked_at:
            values[at] = instead.get(values[at], values[at])
        rows.append(tuple(values))
    return replace(table, rows=rows)


def _numbers(files: Files) -> set[str]:
    """The IDs and accounts of all rows of all files."""
    numbers = set(files.id_texts)
    for file in files.all:
        rows = file.rows
        if rows and isinstance(rows[0], LineRow):
            numbers.update(row.account for row in rows if row.account)
    return numbers


def _roll_names(files: Files) -> set[str]:
    """The names of all rows of the poverty roll."""
    names: set[str] = set()
    for file in files.all:
        names.update(row.name.shown for row in file.rows if isinstance(row, RollRow) and row.name.shown)
    return names


def _numbered(stated: Counted, frame: pl.DataFrame | None, keys: _Keys, masks: _Masks) -> dict[str, Found]:
    """Each counted mismatch by the number of the published one that says the same."""
    numbers: dict[Row, list[str]] = defaultdict(list)
    said = [mismatch_values(stated, found) for found in stated.mismatches.values()]
    (shown,) = masks.masked([Table("mart.roster_mismatch", MISMATCH_COLUMNS, (), said)], stated.files)
    values = shown.rows
    keys.learn([row[MISMATCH_COLUMNS.index("person_id")] for row in values])
    if frame is not None:
        rows = _published_rows(frame, MISMATCH_COLUMNS, keys)
        for number, row in sorted(
            zip(frame["mismatch_id"].to_list(), rows, strict=True), key=lambda each: str(each[0])
        ):
            numbers[_without_place(row)].append(number)
    numbered = {}
    for place, (found, row) in enumerate(zip(stated.mismatches.values(), values, strict=True)):
        known = numbers.get(row)
        numbered[known.pop(0) if known else f"none {place}"] = found
    return numbered


def _without_place(row: Row) -> Row:
    """A mismatch's values without the place, where the contract doesn't say which row it names."""
    return (*row[:-3], None, None, None) if row[0] in WITHOUT_PLACE else row


def _with_gaps(row: Row) -> Row:
    """The texts of a published mismatch, with a gap for the value that stands in one, where its kind's text has a gap."""
    kind = load_codes()["mismatch_kind"].by_code.get(row[0])
    texts = []
    for name, text in zip(TEXT_COLUMNS, row[-len(TEXT_COLUMNS) :], strict=True):
        said = str(kind.attributes[name]) if kind else ""
        before, gap, behind = said.partition(GAP)
        is_said = gap and text is not None and text.startswith(before) and text.endswith(behind)
        texts.append(said if is_said else text)
    return tuple(texts)


def _differences(table: Table, frame: pl.DataFrame, keys: _Keys) -> list[Difference]:
    missing_columns = [column for column in table.columns if _published_name(column) not in frame.columns]
    if missing_columns:
        found = [
            Difference(table.name, "", _published_name(column), NO_COLUMN, "a column") for column in missing_columns
        ]
        kept = [at for at, column in enumerate(table.columns) if column not in missing_columns]
        columns = tuple(table.columns[at] for at in kept)
        key = tuple(column for column in table.key if column in columns)
        smaller = Table(table.name, columns, key, [tuple(row[at] for at in kept) for row in table.rows])
        return found + _differences(smaller, frame, keys)
    if "person_id" in table.columns:
        at = table.columns.index("person_id")
        keys.learn([row[at] for row in table.rows])
    counted, published = table.rows, _published_rows(frame, table.columns, keys)
    if table.name in ("core.person_year", "mart.payment_status"):
        counted = [(row[0] or NO_VALID_ID, *row[1:]) for row in counted]
    if table.name == "mart.roster_mismatch":
        width = len(MISMATCH_COLUMNS)
        published = [
            (*_without_place(row[:width]), *row[width : -len(TEXT_COLUMNS)], *_with_gaps(row)) for row in published
        ]
    if table.name == "core.fund_posting":
        published = [_with_positive_amount(row, table.columns) for row in published]
    if table.name == "mart.source_file":
        published = _of_read_files(published, table.columns)
    if table.name == "mart.quarantined_row":
        counted = _with_published_field(counted, published)
    return _row_differences(table, counted, published, keys)


def _published_name(column: str) -> str:
    return "person_key" if column == "person_id" else column


def _published_rows(frame: pl.DataFrame, columns: Sequence[str], keys: _Keys) -> list[Row]:
    """The published rows in the terms of this count: fen, millionths, persons."""
    values = []
    for column in columns:
        series = frame[_published_name(column)]
        if column == "person_id":
            values.append([keys.person_id(key) for key in series.to_list()])
        elif isinstance(series.dtype, pl.Decimal):
            scale = MILLIONTHS if column.endswith(RATES) else HUNDREDTHS
            scaled = series.cast(pl.Decimal(38, 6)) * pl.Series([scale], dtype=pl.Decimal(38, 0))
            values.append(scaled.cast(pl.Int64).to_list())
        else:
            values.append(series.to_list())
    return list(zip(*values, strict=True))


def _with_positive_amount(row: Row, columns: Sequence[str]) -> Row:
    """A posting of a negative amount is one of the positive amount the other way round."""
    values = dict(zip(columns, row, strict=True))
    if values["amount_yuan"] >= 0:
        return row
    source, target = values["from_account"], values["to_account"]
    values |= {"from_account": target, "to_account": source, "amount_yuan": -values["amount_yuan"]}
    return tuple(values.values())


def _of_read_files(rows: Sequence[Row], columns: Sequence[str]) -> list[Row]:
    """The contract gives totals and date of files that are read alone."""
    status = columns.index("status")
    ignored = {columns.index(name) for name in OF_READ_FILES if name in columns}
    return [
        row if row[status] == READ else tuple(None if at in ignored else value for at, value in enumerate(row))
        for row in rows
    ]


def _with_published_field(counted: Sequence[Row], published: Sequence[Row]) -> list[Row]:
    """Of a row with several faults the one that is published, where it is one of them."""
    fields = {row[:-1]: row[-1] for row in published}
    return [
        (*row[:-1], fields[row[:-1]] if fields.get(row[:-1]) in row[-1] else "、".join(sorted(row[-1])))
        for row in counted
    ]


def _row_differences(table: Table, counted: Sequence[Row], published: Sequence[Row], keys: _Keys) -> list[Difference]:
    ours, theirs = Counter(counted), Counter(published)
    if dict.__eq__(ours, theirs):
        return []
    key_at = [table.columns.index(column) for column in table.key]
    missing, surplus = _by_key(ours - theirs, key_at), _by_key(theirs - ours, key_at)
    found: list[Difference] = []
    for key in sorted({*missing, *surplus}, key=str):
        of_count, of_table = missing.get(key, []), surplus.get(key, [])
        for row, other in zip(of_count, of_table, strict=False):
            found += [
                _difference(table, key, at, row[at], other[at], keys) for at in range(len(row)) if row[at] != other[at]
            ]
        found += [
            _missing_row(table, key, NO_ROW, _shown_row(table, row, keys), keys) for row in of_count[len(of_table) :]
        ]
        found += [
            _missing_row(table, key, _shown_row(table, row, keys), NO_ROW, keys) for row in of_table[len(of_count) :]
        ]
    return found


def _by_key(rows: Counter[Row], key_at: Sequence[int]) -> dict[Row, list[Row]]:
    found: dict[Row, list[Row]] = defaultdict(list)
    for row in sorted(rows.elements(), key=str):
        found[tuple(row[at] for at in key_at)].append(row)
    return found


def _difference(table: Table, key: Row, at: int, counted: Any, published: Any, keys: _Keys) -> Difference:
    column = table.columns[at]
    values = (_shown(column, value, keys) for value in (published, counted))
    return Difference(table.name, _shown_key(table, key, keys), _published_name(column), *values)


def _missing_row(table: Table, key: Row, published: str, counted: str, keys: _Keys) -> Difference:
    return Difference(table.name, _shown_key(table, key, keys), "row", published, counted)


def _shown_row(table: Table, row: Row, keys: _Keys) -> str:
    shown = (
        f"{_published_name(c)} {_shown(c, v, keys)}" for c, v in zip(table.columns, row, strict=True) if v is not None
    )
    return ", ".join(shown)


def _shown_key(table: Table, key: Row, keys: _Keys) -> str:
    return ", ".join(
        f"{_published_name(column)} {_shown(column, value, keys)}" for column, value in zip(table.key, key, strict=True)
    )


def _shown(column: str, value: Any, keys: _Keys) -> str:
    """A value as the tables show it; never a full ID, an account or another long number."""
    if value is None:
        return "null"
    if column == "person_id":
        return str(value) if value == NO_VALID_ID else keys.key(str(value))
    if isinstance(value, int) and (column.endswith("_yuan") or column in POINTS):
        return f"{value / HUNDREDTHS:.2f}"
    if isinstance(value, int) and column.endswith(RATES):
        return f"{value / MILLIONTHS:.6f}"
    if column == "sha256":
        return str(value)[:12]
    return _LONG_NUMBER.sub(lambda found: f"{found[0][:4]}****", str(value)) if isinstance(value, str) else str(value)
