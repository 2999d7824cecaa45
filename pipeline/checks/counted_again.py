"""A year counted a second time: what landing kept of its files and a file of published tables, handed to the second count.

Only the handing over belongs here; what is counted is the business of ``pipeline.checks.second_count``.
"""

import duckdb
import polars as pl

from pipeline import landing
from pipeline.checks.second_count import FileFacts, TableFacts
from pipeline.landing.parse import READ, cells_path


class PublishedTables:
    """The published tables of a year, read through a connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, year: int) -> None:
        self._connection, self._year = connection, year

    def table(self, name: str) -> pl.DataFrame | None:
        """The year's rows of a table; None where there is no such table."""
        schema, table = name.split(".")
        query = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?"
        if self._connection.execute(query, [schema, table]).fetchall() == [(0,)]:
            return None
        rows = self._connection.sql(f"SELECT * FROM {name} WHERE policy_year = {self._year:d}")
        return pl.DataFrame(pl.from_arrow(rows.to_arrow_table()))


def file_facts(landed: landing.Landing) -> list[FileFacts]:
    """The files of a year as the reader recognised them, each with the cells that landing kept of it."""
    return [_file_facts(row, landed) for row in landed.files.iter_rows(named=True)]


def _file_facts(row: dict[str, object], landed: landing.Landing) -> FileFacts:
    parquet = landed.cache / str(row["parquet"]) if row["status"] == READ else None
    facts = {
        name: row[name]
        for name in ("file_name", "source", "sha256", "status", "layout", "control_count", "control_yuan")
    }
    return FileFacts(
        **facts,  # type: ignore[arg-type]
        cells=cells_path(parquet) if parquet else None,
        tables=_tables(landing.tables_of(parquet)) if parquet else (),
    )


def _tables(tables: tuple[landing.TableFacts, ...]) -> tuple[TableFacts, ...]:
    return tuple(
        TableFacts(
            sheet=table.sheet,
            layout=table.layout,
            units=table.units,
            head=table.head,
            place_texts=table.place_texts,
            aliases=table.aliases,
        )
        for table in tables
    )
