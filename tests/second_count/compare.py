"""Published tables against the recount: what each side has that the other hasn't, table by table."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from .count import Recount
from .count.mismatches import Mismatch

Row = dict[str, Any]
Values = tuple[Any, ...]

NOT_ON_ROLL = "somebody not on the roll"
PLACE = ("source_file", "sheet", "row_number")
IGNORED = {
    "mart.source_file": {"layout", "reason"},
    "mart.quarantined_row": {"reason"},
    "mart.reply": {"reason"},
    "mart.roster_mismatch": {
        "mismatch_id",
        "expected",
        "found",
        "action",
        "suggested_person_key",
        "suggestion_reason",
        *PLACE,
    },
}
OF_READ_FILES = {"control_count", "control_yuan", "file_date"}
SHOWN_ROWS = 6


@dataclass
class Published:
    """The published tables by name, and the ID of each person of the roll by person_key (None: no valid one)."""

    tables: dict[str, list[Row]]
    ids: dict[str, str | None]


def read_published(warehouse: Path, names: list[str], year: int, published_file: str = "published.duckdb") -> Published:
    """Read the published tables of a year; the restricted warehouse tells whose key is whose, before and after the replies."""
    with duckdb.connect(str(warehouse / published_file), read_only=True) as connection:
        tables = {name: _rows(connection, f"SELECT * FROM {name} WHERE policy_year = {year}") for name in names}
    persons = [
        person
        for schema in ("stated", "core")
        for person in restricted_rows(
            warehouse, f"SELECT person_key, person_id FROM {schema}.person WHERE policy_year = {year}"
        )
    ]
    return Published(tables, {row["person_key"]: row["person_id"] for row in persons})


def restricted_rows(warehouse: Path, query: str) -> list[Row]:
    """Rows of the restricted warehouse, which nobody holds open."""
    with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
        return _rows(connection, query)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(query)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]


def differences(published: Published, counted: Recount) -> str:
    """A small description of every difference, empty where both counts agree."""
    found = []
    ids_on_roll = {value for value in published.ids.values() if value}
    for name, rows in counted.tables.items():
        first = (published.tables[name] or rows or [{}])[0]
        compared = [column for column in first if column not in IGNORED.get(name, set())]
        ours = Counter(_values(_with_person(row, row.get("person_key"), ids_on_roll), compared) for row in rows)
        theirs = Counter(_values(_with_key(row, published.ids), compared) for row in published.tables[name])
        if ours != theirs:
            found.append(_shown(name, compared, ours - theirs, theirs - ours))
    return "\n".join([*found, *_wrong_places(published, counted), *_wrong_keys(published)])


def _with_person(row: Row, person_id: str | None, ids_on_roll: set[str]) -> Row:
    """One of our rows, with whoever is not on the roll as nobody in particular."""
    if person_id is None or person_id in ids_on_roll:
        return row
    return {**row, "person_key": NOT_ON_ROLL}


def _with_key(row: Row, ids: dict[str, str | None]) -> Row:
    """A published row, with the ID in the place of the key."""
    key = row.get("person_key")
    return row if key is None else {**row, "person_key": ids.get(key, NOT_ON_ROLL)}


def _values(row: Row, columns: list[str]) -> Values:
    """The compared values; the rules say nothing about the totals and date of a file that was not read."""
    is_unread = row.get("status", "read") != "read"
    return tuple(
        None if is_unread and column in OF_READ_FILES else row.get(column, "no such column") for column in columns
    )


def _shown(name: str, columns: list[str], missing: Counter[Values], surplus: Counter[Values]) -> str:
    """The rows that one side has alone; of a single row on each side only what differs."""
    pairs = list(zip(columns, zip(*[*missing, *surplus], strict=True), strict=True))
    is_one_row_each = missing.total() == surplus.total() == 1
    differing = {column for column, values in pairs if not is_one_row_each or values[0] != values[1]} | {"kind"}
    lines = [f"{name}:"]
    for side, rows in (("only recounted", missing), ("only published", surplus)):
        for row in list(rows.elements())[:SHOWN_ROWS]:
            shown = [f"{column}={value}" for column, value in zip(columns, row, strict=True) if column in differing]
            lines.append(f"  {side}: {', '.join(shown)}")
    return "\n".join(lines)


def _wrong_places(published: Published, counted: Recount) -> list[str]:
    """Mismatches that name a row which they can't mean."""
    places = Counter(
        (row["kind"], *(row[column] for column in PLACE)) for row in published.tables["mart.roster_mismatch"]
    )
    wrong = []
    for mismatch in counted.mismatches:
        options = [(mismatch.kind, *place) for place in _places(mismatch)]
        taken = next((option for option in options if places[option] > 0), None)
        if taken is None:
            wrong.append(f"mart.roster_mismatch: no {mismatch.kind} names one of {options}")
        else:
            places[taken] -= 1
    return wrong


def _places(mismatch: Mismatch) -> list[Values]:
    """File, sheet and row of each row that a mismatch may name."""
    if not mismatch.rows:
        return [(None, None, None)]
    return [(row.file.file_name, row.place.sheet, row.place.row_number) for row in mismatch.rows]


def _wrong_keys(published: Published) -> list[str]:
    """Keys that don't stand for one person or one mismatch."""
    wrong = []
    for name, column in (("core.person_year", "person_key"), ("mart.roster_mismatch", "mismatch_id")):
        keys = Counter(row[column] for row in published.tables[name])
        wrong += [f"{name}: {column} {key} stands there {times} times" for key, times in keys.items() if times > 1]
    return wrong
