"""Building one year's tables in a session: landed files into ``raw``, then each table by its SQL or its Python.

The order of the tables comes from their contracts (`pipeline.contracts.tables.build_order`); who calls these steps,
Dagster or a test, does not matter here.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipeline import landing
from pipeline.build.indicators.rows import performance_indicators
from pipeline.build.suggestions import suggestions
from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError, UsageError
from pipeline.log import LOGGER
from pipeline.policy import PACKAGE_FOLDER
from pipeline.warehouse.folder import PARSE_CACHE
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

NEEDED_SOURCES = ("poverty_roll", "classification", "bank_returns", "tax_returns", "fund_documents", "allocations")
SOURCES = tuple(name.name for name in tables.load_tables() if name.schema == "raw" and name.name != "landed_file")
# A folder beside the policies, for the layouts that a person adds.
OWN_LAYOUTS = "layouts"
# A row's number within the year is its file's number followed by its place in the file.
ROWS_PER_FILE = 1_000_000_000


class Built(NamedTuple):
    """A table that was built, and how many rows of the year it has."""

    name: TableName
    row_count: int


PYTHON_TABLES: dict[TableName, Callable[[Session, Run], pl.DataFrame]] = {
    TableName("core", "suggestion"): suggestions,
    TableName("mart", "performance_indicator"): performance_indicators,
}


def check_landing_folder(raw: Path, year: int) -> None:
    """Make sure that there is something to read before anything is begun.

    Raises:
        UsageError: the year's folder is missing or empty, or that of a needed source is.
    """
    folder = raw / str(year)
    if not folder.is_dir() or not any(folder.iterdir()):
        raise UsageError(
            f"There is nothing to read in {folder}. Put the year's files there, a folder a source, or write a synthetic "
            f"district with `daijiao sample --year {year}`."
        )
    for source in NEEDED_SOURCES:
        if not _holds_a_file(folder / source):
            raise UsageError(
                f"The needed folder {folder / source} is missing or empty. Put the files of this source there and run again."
            )


def own_layouts(policy_folder: Path | None) -> Path:
    """The folder of the layouts that a person adds: it lies beside the policies."""
    return (policy_folder or PACKAGE_FOLDER) / OWN_LAYOUTS


def build_raw(session: Session, run: Run) -> Iterator[Built]:
    """Read the landed files and load every source, table by table."""
    landed_file = TableName("raw", "landed_file")
    LOGGER.info("Reading the landed files of %s", run.year)
    yield Built(landed_file, land_files(session, run))
    for source in SOURCES:
        LOGGER.debug("Loading raw.%s", source)
        yield Built(TableName("raw", source), load_source(session, run, source))


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


def land_files(session: Session, run: Run) -> int:
    """Find and parse the year's files into ``raw.landed_file``; returns the number of files."""
    layouts = landing.load_layouts(own_layouts(run.policy_folder))
    landed = landing.land_year(run.raw, run.year, layouts, run.warehouse / PARSE_CACHE)
    frame = landed.files.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int32).alias("file_number"))
    table = tables.load_tables()[TableName("raw", "landed_file")]
    return session.replace_frame(table, "raw", frame, session.hash_of_inputs(table, "raw", frame.write_json()))


def load_source(session: Session, run: Run, source: str) -> int:
    """Load the parsed rows of a source's readable files into its raw table; returns the row count."""
    table = tables.load_tables()[TableName("raw", source)]
    session.show(TableName("raw", "landed_file"))
    files = session.query(
        "SELECT file_number, file_name, name_date, parquet FROM raw.landed_file "
        "WHERE source = ? AND parquet IS NOT NULL ORDER BY file_number",
        [source],
    )
    made_from = session.hash_of_inputs(table, "raw", files.write_json())
    if files.is_empty():
        nothing = ", ".join(f'NULL AS "{name}"' for name in table.column_names if name != "policy_year")
        return session.replace(table, "raw", f"SELECT {nothing} WHERE false", made_from)
    cache = str(run.warehouse / PARSE_CACHE).replace("'", "''")
    paths = ", ".join(f"'{cache}/{name}'" for name in files["parquet"])
    date_of_name = "REPLACE (coalesce(rows.snapshot_date, landed_file.name_date) AS snapshot_date)"
    replaced = date_of_name if "snapshot_date" in table.column_names else ""
    return session.replace(
        table,
        "raw",
        f"SELECT landed_file.file_number * {ROWS_PER_FILE}::BIGINT + rows.file_row_number AS row_key, landed_file.file_name, "
        f"rows.* {replaced} FROM read_parquet([{paths}], filename = 'parquet', file_row_number = true) AS rows "
        f"INNER JOIN raw.landed_file ON rows.parquet = '{cache}/' || landed_file.parquet "
        f"AND landed_file.source = '{source}'",
        made_from,
    )


def build_table(session: Session, run: Run, table: Table, schema: str) -> int:
    """Build one table from those that it reads; returns the row count."""
    if table.sql is not None:
        return session.build(table, schema)
    session.show(*table.reads)
    make = PYTHON_TABLES[table.full_name]
    return session.build_frame(table, schema, lambda: make(session, run), session.hash_of_inputs(table, schema))


def check_needed_sources(session: Session, run: Run) -> None:
    """Make sure that of every needed source a file could be read.

    Raises:
        DaijiaoError: all files of a needed source were refused or skipped.
    """
    readable = set(
        session.find("SELECT DISTINCT source FROM core.file_status WHERE status NOT IN ('refused', 'skipped')")[
            "source"
        ]
    )
    for source in NEEDED_SOURCES:
        if source not in readable:
            refused = session.find(
                f"SELECT file_name, reason FROM core.file_status WHERE source = '{source}' AND status = 'refused' "
                "ORDER BY file_name LIMIT 1"
            ).row(0)
            raise DaijiaoError(
                f"No file of the needed source {source} could be read in {run.raw / str(run.year)}, the first being "
                f"{refused[0]} ({refused[1]}). The last published tables stay; correct the files and run again."
            )


def _build_schemas(session: Session, run: Run, schemas: tuple[str, ...]) -> Iterator[Built]:
    for table, schema in tables.build_order():
        if schema in schemas:
            LOGGER.debug("Building %s.%s", schema, table.name)
            yield Built(TableName(schema, table.name), build_table(session, run, table, schema))


def _holds_a_file(folder: Path) -> bool:
    return bool(landing.visible_files(folder))
