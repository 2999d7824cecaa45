"""Building one year's tables in a session: landed files into ``raw``, then each table by its SQL or its Python.

The order of the tables comes from their contracts (`pipeline.contracts.tables.build_order`); who calls these steps,
Dagster or a test, does not matter here. How rows come into ``raw`` is said in ``raw_rows``.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import polars as pl

from pipeline import landing
from pipeline.build.indicators.rows import performance_indicators
from pipeline.build.needed_sources import check_needed_sources
from pipeline.build.raw_rows import LANDED_FILE, LANDED_ROW, land_files, load_rows
from pipeline.build.suggestions import suggestions
from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.log import LOGGER, PROGRESS
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session


class Built(NamedTuple):
    """A table that was built, and how many rows of the year it has."""

    name: TableName
    row_count: int


PYTHON_TABLES: dict[TableName, Callable[[Session, Run], pl.DataFrame]] = {
    TableName("core", "suggestion"): suggestions,
    TableName("mart", "performance_indicator"): performance_indicators,
}


def build_raw(session: Session, run: Run) -> Iterator[Built]:
    """Read the landed files and load every source, table by table."""
    LOGGER.info("Reading the landed files of %s", run.year)
    yield Built(LANDED_FILE, land_files(session, run))
    names = sorted(table for table in tables.load_tables() if table.schema == "raw" and table != LANDED_FILE)
    for number, name in enumerate(names, start=1):
        PROGRESS.info("Loading %s of %s tables of rows: %s", number, len(names), name)
        yield Built(name, load_rows(session, run, name, list(landing.SOURCES) if name == LANDED_ROW else [name.name]))


def build_core(session: Session, run: Run) -> Iterator[Built]:
    """Build every table of the schemas stated and core, table by table.

    Raises:
        DaijiaoError: all files of a needed source were refused or skipped.
    """
    LOGGER.info("Judging persons and lines")
    yield from _build_schemas(session, run, (tables.STATED, "core"))
    check_needed_sources(session, run)


def build_mart(session: Session, run: Run) -> Iterator[Built]:
    """Build every table of the schema mart, table by table."""
    LOGGER.info("Adding up townships and district")
    return _build_schemas(session, run, ("mart",))


def build_table(session: Session, run: Run, table: Table, schema: str) -> int:
    """Build one table from those that it reads; returns the row count."""
    if table.sql is not None:
        return session.build(table, schema)
    session.show(*table.reads)
    make = PYTHON_TABLES[table.full_name]
    return session.build_frame(table, schema, lambda: make(session, run), session.hash_of_inputs(table, schema))


def _build_schemas(session: Session, run: Run, schemas: tuple[str, ...]) -> Iterator[Built]:
    order = tables.build_order()
    for number, (table, schema) in enumerate(order, start=1):
        if schema in schemas:
            PROGRESS.info("Building %s of %s tables: %s.%s", number, len(order), schema, table.name)
            yield Built(TableName(schema, table.name), build_table(session, run, table, schema))
