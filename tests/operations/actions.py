"""What the tests do in processes of their own; see `commands`. They stand here, where such a process can import them."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl

from pipeline.warehouse.folder import WAREHOUSE_FILE
from pipeline.warehouse.lock import writing
from tests.operations.commands import Place
from tests.operations.published import Tables, tables_of
from tests.operations.world import IDS, NAMES, YEAR

STOP = "stop"


def read_again_and_again(place: Place) -> None:
    """Open the published file, read every row and close it, until told to stop; print which versions were seen."""
    count, longest, versions = 0, 0.0, set()
    while not (place.folder / STOP).exists():
        began = time.process_time()
        versions.add(digest(tables_of(place.published)))
        count, longest = count + 1, max(longest, time.process_time() - began)
        time.sleep(0.2)
    print(count, *versions)


def digest(tables: Tables) -> str:
    """A hash of every row and column."""
    return hashlib.sha256(repr(tables).encode()).hexdigest()


def hold_the_warehouse(place: Place) -> None:
    """Be a run that takes long."""
    from pipeline.warehouse.lock import writing

    with writing(place.warehouse, 60):
        (place.folder / "held").touch()
        while not (place.folder / STOP).exists():
            time.sleep(0.05)


def fail_with_a_value(place: Place) -> None:
    """Run the Dagster job with a table whose making fails with a text that quotes persons, as a library's error does."""
    from pipeline.build import steps as build
    from pipeline.commands import cli

    def quoting(*arguments: object) -> int:
        raise ValueError(f"could not convert '{IDS[0]}' of {NAMES[0]} to a number")

    build.load_rows = quoting
    cli.main(["refresh", "--year", str(YEAR), "--raw", str(place.raw), "--warehouse", str(place.warehouse)])


def fail_with_a_value_and_leak(place: Place) -> None:
    """The same in a build whose guard against quoted values was taken away."""
    from pipeline.dagster import assets as graph

    @contextmanager
    def leaking(what: str) -> Iterator[None]:
        yield

    graph.plain_errors = leaking
    fail_with_a_value(place)


def violate_a_constraint(place: Place) -> None:
    """Write off one person twice, as only a wrong rule could."""
    from pipeline.contracts.tables import TableName, load_tables
    from pipeline.settings import Settings
    from pipeline.warehouse.lock import writing
    from pipeline.warehouse.opening import session
    from pipeline.warehouse.run import make_run

    run = make_run(Settings(raw=place.raw, warehouse=place.warehouse), YEAR)
    with writing(run.warehouse, 60), session(run) as open_session:
        table = load_tables()[TableName("core", "write_off")]
        written_off = open_session.find("SELECT * FROM core.write_off").drop("policy_year")
        assert written_off.height > 0
        open_session.replace_frame(table, "core", pl.concat([written_off, written_off]))


def refresh_with_an_open_umask(place: Place) -> None:
    """A refresh by somebody whose files are open to all."""
    from pipeline.commands import cli

    os.umask(0)
    cli.main(["refresh", "--year", str(YEAR), "--raw", str(place.raw), "--warehouse", str(place.warehouse)])


def keep_the_log(place: Place) -> None:
    """Write into the warehouse, and end as a killed process does."""
    os.umask(0)
    with writing(place.warehouse, 1):
        connection = duckdb.connect(str(place.warehouse / WAREHOUSE_FILE))
        connection.execute("create table written as select 1 as one")
        os._exit(0)
