"""A year counted a second time: what landing kept of its files and a file of published tables, handed to the second count.

Only the handing over belongs here; what is counted is the business of ``pipeline.checks.second_count``.
"""

from collections.abc import Mapping

import duckdb
import polars as pl

from pipeline import landing
from pipeline.checks.second_count import Comparison, Difference, FileFacts, RunFacts, TableFacts, compare
from pipeline.landing.parse import READ, cells_path
from pipeline.warehouse.run import Run


def compare_year(
    run: Run, landed: landing.Landing, own_words: Mapping[str, Mapping[str, str]], published: duckdb.DuckDBPyConnection
) -> Comparison:
    """The second count of a year against a file of published tables.

    Args:
        landed: the year's files, with the cells that landing kept of them.
        own_words: the bureau's own words, by field.
    """
    facts = RunFacts(policy=run.policy, year=run.year, key=run.key, as_of=run.as_of, own_words=own_words)
    return compare(facts, file_facts(landed), PublishedTables(published, run.year))


def sentence(difference: Difference) -> str:
    """A difference in words: table, key and both values."""
    where = f"{difference.table}, {difference.key}" if difference.key else difference.table
    return f"{where}: {difference.column} is {difference.published}, counted a second time {difference.counted}"


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
