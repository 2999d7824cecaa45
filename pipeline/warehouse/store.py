"""The tables of the store, made where they are missing or were made from another contract; and what is kept of their rows.

Which rows stand in them is the engine's business.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import duckdb

from pipeline.contracts import tables
from pipeline.contracts.statements import create_statement
from pipeline.contracts.tables import Table, TableName


def is_foreign(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the store has tables, and none in which ours are noted."""
    names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'warehouse'").fetchall()
    return bool(names) and ("contract",) not in names


def prepare_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that are missing, or were made from another contract: their rows come back with the next build.

    Descriptions are put on the published tables alone; here they would double the time of a first refresh.
    """
    for schema in tables.BUILT_SCHEMAS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS warehouse.{schema}")
    for statement in (
        "CREATE TABLE IF NOT EXISTS warehouse.contract (name VARCHAR PRIMARY KEY, sha256 VARCHAR NOT NULL)",
        """CREATE TABLE IF NOT EXISTS warehouse.made_from (
            name VARCHAR, policy_year INTEGER, sha256 VARCHAR, PRIMARY KEY (name, policy_year)
        )""",
        "ALTER TABLE warehouse.made_from ADD COLUMN IF NOT EXISTS row_count BIGINT",
        "ALTER TABLE warehouse.made_from ADD COLUMN IF NOT EXISTS digest VARCHAR",
        """CREATE TABLE IF NOT EXISTS warehouse.verdict (
            name VARCHAR, policy_year INTEGER, sha256 VARCHAR, check_name VARCHAR, found_count BIGINT
        )""",
    ):
        connection.execute(statement)
    found = dict(connection.execute("SELECT name, sha256 FROM warehouse.contract").fetchall())
    with transaction(connection):
        for table in tables.load_tables().values():
            for built in table.built_names:
                _prepare_table(connection, table, built, found.get(str(built)))


def _prepare_table(connection: duckdb.DuckDBPyConnection, table: Table, built: TableName, sha256: str | None) -> None:
    """Create a table anew unless it stands there by the same contract, whose hash is kept."""
    name = f"warehouse.{built}"
    statement = create_statement(table, name, with_key=table.is_indexed)
    if sha256 == (wanted := hashlib.sha256(statement.encode()).hexdigest()):
        return
    if sha256 is None:
        connection.execute("INSERT INTO warehouse.contract VALUES (?, ?)", [str(built), wanted])
    else:
        connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE warehouse.contract SET sha256 = ? WHERE name = ?", [wanted, str(built)])
        connection.execute("DELETE FROM warehouse.made_from WHERE name = ?", [str(built)])
    connection.execute(statement)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is done within is kept whole, or not at all."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise


def content(connection: duckdb.DuckDBPyConnection, table: Table, place: str, year: int) -> tuple[int, str]:
    """The number of a table's rows of a year, and a sum over their hashes that doesn't depend on their order."""
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    counted = connection.execute(
        f"SELECT count(*), coalesce(sum(hash({columns})), 0) FROM {place} WHERE policy_year = {year}"
    ).fetchall()
    return int(counted[0][0]), str(counted[0][1])
