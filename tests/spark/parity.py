"""A year built by both engines, and what differs between the two stores."""

import os
import resource
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from pipeline.build.year import build_year, open_year, run_over_files
from pipeline.contracts import tables
from pipeline.settings import Settings
from pipeline.warehouse.folder import AS_OF_FOLDER, WAREHOUSE_FILE

from .cluster import Cluster, cpu_seconds_of

DUCKDB = "duckdb"


@dataclass(frozen=True)
class Compared:
    """How many rows both stores hold, and the tables in which they differ: rows of the one alone, rows of the other alone."""

    row_count: int
    differing: dict[str, tuple[int, int]]


@dataclass(frozen=True)
class BuiltStore:
    """A store, and what its tables took: on the clock, and CPU seconds here (with the readers of files) and in the cluster."""

    store: Path
    seconds: float
    cpu_seconds: float
    cluster_cpu_seconds: float

    def __str__(self) -> str:
        """What it took."""
        of_cluster = f", {self.cluster_cpu_seconds:.0f} of them in the cluster" if self.cluster_cpu_seconds else ""
        return f"{self.seconds:.1f} s ({self.cpu_seconds + self.cluster_cpu_seconds:.0f} CPU seconds{of_cluster})"


def build(
    raw: Path, warehouse: Path, year: int, engine: str, as_of: date | None = None, cluster: Cluster | None = None
) -> BuiltStore:
    """Build every table of a year by an engine, which may be one of a cluster that is measured."""
    begun, used = time.monotonic(), own_cpu_seconds()
    used_there = cluster.cpu_seconds() if cluster else 0.0
    lake = warehouse.parent / "lake"
    settings = Settings(raw=raw, warehouse=warehouse, engine=engine, lake=lake)
    with open_year(run_over_files(settings, year, as_of), settings.lock_wait_seconds) as opened:
        for _ in build_year(opened):
            pass
    assert not [path for path in lake.rglob("*") if path.is_file()], "rows were left in the lake"
    folder = warehouse if as_of is None else warehouse / AS_OF_FOLDER
    return BuiltStore(
        folder / WAREHOUSE_FILE,
        time.monotonic() - begun,
        own_cpu_seconds() - used,
        cluster.cpu_seconds() - used_there if cluster else 0.0,
    )


def own_cpu_seconds() -> float:
    """What this process and the readers of files that it started have used so far; those that wait for more files too."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return cpu_seconds_of({os.getpgrp()}) + ended.ru_utime + ended.ru_stime


def compare(store: Path, other: Path) -> Compared:
    """Compare every built table of two stores row by row, in all years."""
    differing: dict[str, tuple[int, int]] = {}
    row_count = 0
    with duckdb.connect() as connection:
        # What doesn't fit goes to the disk, so that engines and comparison fit side by side.
        connection.execute(f"SET memory_limit = '4GB'; SET temp_directory = '{other.parent / 'compared'}'")
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
