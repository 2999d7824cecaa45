"""Literal rows in, literal rows out: the SQL of one table, run on tables that hold nothing but the rows of a test."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from pipeline import tables
from pipeline.tables import TableName
from pipeline.warehouse import MACROS

Row = Mapping[str, Any]


def rows_of(name: str, policy: Mapping[str, Sequence[Row]], **inputs: Sequence[Row]) -> list[dict[str, Any]]:
    """What the SQL of a table gives.

    Args:
        name: the table, as ``schema.name``.
        policy: rows of the policy's tables that the SQL reads; all of a table have the same keys.
        inputs: rows of the tables that the SQL reads, by ``schema__name``; a column that a row leaves out is null, and a
            table that is left out is empty.
    """
    contracts = tables.load_tables()
    table = contracts[TableName(*name.split("."))]
    assert table.sql is not None
    given = {TableName(*key.split("__")): rows for key, rows in inputs.items()}
    with duckdb.connect() as connection:
        connection.execute(MACROS.read_text(encoding="utf-8"))
        for schema in (*tables.BUILT_SCHEMAS, "policy"):
            connection.execute(f"CREATE SCHEMA {schema}")
        for read in table.references(table.schema):
            contract = contracts[TableName("core" if read.schema == tables.STATED else read.schema, read.name)]
            columns = ", ".join(f'"{column.name}" {column.type}' for column in contract.columns)
            connection.execute(f"CREATE TABLE {read} ({columns})")
            for row in given.pop(read, ()):
                _insert(connection, str(read), row)
        assert not given, f"{name} does not read {', '.join(map(str, given))}"
        for policy_name, rows in policy.items():
            values = ", ".join(f"({', '.join('?' * len(row))})" for row in rows)
            connection.execute(
                f"CREATE TABLE policy.{policy_name} AS SELECT * FROM (VALUES {values}) AS given ({', '.join(rows[0])})",
                [value for row in rows for value in row.values()],
            )
        found = connection.execute(f"SELECT * FROM ({table.sql}\n) ORDER BY ALL")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _insert(connection: duckdb.DuckDBPyConnection, name: str, row: Row) -> None:
    columns = ", ".join(f'"{column}"' for column in row)
    connection.execute(f"INSERT INTO {name} ({columns}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
