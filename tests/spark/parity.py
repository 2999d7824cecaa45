"""A year built by both engines, and what differs between the two stores."""

import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipeline.build.year import build_year, open_year, run_over_files
from pipeline.contracts import tables
from pipeline.settings import Settings
from pipeline.warehouse.folder import AS_OF_FOLDER, WAREHOUSE_FILE

DUCKDB = "duckdb"


@dataclass(frozen=True)
class Compared:
    """How many rows both stores hold, and the tables in which they differ: rows of the one alone, rows of the other alone."""

    row_count: int
    differing: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class BuiltStore:
    """A store, and how long its tables took."""

    store: Path
    seconds: float


def build(raw: Path, warehouse: Path, year: int, engine: str, as_of: date | None = None) -> BuiltStore:
    """Build every table of a year by an engine."""
    begun = time.monotonic()
    lake = warehouse.parent / "lake"
    settings = Settings(raw=raw, warehouse=warehouse, engine=engine, lake=lake)
    with open_year(run_over_files(settings, year, as_of), settings.lock_wait_seconds) as opened:
        for _ in build_year(opened):
            pass
    assert not [path for path in lake.rglob("*") if path.is_file()], "rows were left in the lake"
    folder = warehouse if as_of is None else warehouse / AS_OF_FOLDER
    return BuiltStore(folder / WAREHOUSE_FILE, time.monotonic() - begun)


def compare(store: Path, other: Path) -> Compared:
    """Compare every built table of two stores row by row, in all years."""
    differing: dict[str, tuple[int, int]] = {}
    row_count = 0
    with duckdb.connect() as connection:
        for name, path in (("one", store), ("other", other)):
            connection.execute(f"ATTACH '{path}' AS {name} (READ_ONLY)")
        for table in tables.load_tables().values():
            for name in table.filled_names:
                first, second = f"FROM one.{name}", f"FROM other.{name}"
                row_count += _count(connection, first)
                found = (
                    _count(connection, f"FROM ({first} EXCEPT ALL {second})"),
                    _count(connection, f"FROM ({second} EXCEPT ALL {first})"),
                )
                if found != (0, 0):
                    differing[str(name)] = found
    return Compared(row_count, differing)


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) {rows}").fetchall()[0][0])
