"""Runs the SQL of one table on literal rows, in a real DuckDB with the macros and the policy's tables.

A test names only what matters to its rule: of the columns that it leaves out, optional ones are null, required ones plain
(an empty text, 0, false, a day in June), a row is accepted and of nobody at school, and its key is its number.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipeline.contracts.statements import create_statement
from pipeline.contracts.tables import (
    BUILT_SCHEMAS,
    MACROS,
    STAGE_SCHEMA,
    Column,
    Table,
    TableName,
    load_tables,
)
from pipeline.policy import Policy, load_policy
from pipeline.warehouse.engine_duckdb import put_tables
from pipeline.warehouse.reference import code_tables, reference_tables
from pipeline.warehouse.run import Run

SECRET = "key of the tests"
A_DAY = date(2019, 6, 12)
# What of a code is plain.
PLAIN = {"fate": "accepted", "schooling_says": "not_at_school"}
Row = dict[str, Any]


def results(
    name: str, columns: str, *, policy: Policy | None = None, as_of: date | None = None, **inputs: list[Row]
) -> list[tuple[Any, ...]]:
    """What the SQL of a table makes of its inputs, in order.

    Args:
        name: the table, such as ``core.eligibility``.
        columns: the columns to return, with blanks between them.
        policy: the policy; that of 2019 when null.
        as_of: the day looked back from.
        inputs: rows of the tables that the SQL reads, by their names without schema.
    """
    table = load_tables()[TableName(*name.split("."))]
    assert table.sql is not None, f"{name} is not made by SQL"
    connection = _database(policy.model_dump_json() if policy else _policy_of_2019(), as_of)
    read = table.references("core")
    unread = set(inputs) - {each.name for each in read}
    assert not unread, f"{name} doesn't read {', '.join(sorted(unread))}"
    connection.execute("BEGIN")
    try:
        for each in read:
            _fill(connection, each, inputs.get(each.name, []))
        found = connection.execute(f"SELECT {', '.join(columns.split())} FROM ({table.sql}\n)").fetchall()
    finally:
        connection.execute("ROLLBACK")
    return sorted(found, key=lambda row: [(value is None, str(value)) for value in row])


def rows_of(name: str, *, as_of: date | None = None, **inputs: list[Row]) -> list[Row]:
    """What the SQL of a table makes of its inputs, as rows by column; see `results`."""
    columns = [column for column in load_tables()[TableName(*name.split("."))].column_names if column != "policy_year"]
    return [dict(zip(columns, row, strict=True)) for row in results(name, " ".join(columns), as_of=as_of, **inputs)]


def stored(name: str, rows: list[Row]) -> None:
    """Put literal rows into a table with its key and constraints, as the warehouse has it.

    Raises:
        duckdb.ConstraintException: the store refuses a row.
    """
    table = load_tables()[TableName(*name.split("."))]
    with duckdb.connect() as connection:
        connection.execute(f"CREATE SCHEMA {table.schema}")
        connection.execute(create_statement(table, name))
        _insert(connection, name, table, rows)


def database(policy: Policy, as_of: date | None = None) -> duckdb.DuckDBPyConnection:
    """An empty database with every schema, the macros and the tables of a policy."""
    run = Run(
        policy=policy,
        policy_folder=None,
        policy_sha256="policy of the tests",
        as_of=as_of,
        raw=Path("raw"),
        warehouse=Path("warehouse"),
        key=SECRET,
    )
    connection = duckdb.connect()
    for schema in (*BUILT_SCHEMAS, STAGE_SCHEMA):
        connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(MACROS.read_text(encoding="utf-8"))
    put_tables(connection, "policy", reference_tables(run))
    put_tables(connection, "code", code_tables())
    return connection


@cache
def _policy_of_2019() -> str:
    return load_policy(2019).model_dump_json()


@cache
def _database(policy: str, as_of: date | None) -> duckdb.DuckDBPyConnection:
    return database(Policy.model_validate_json(policy), as_of)


def _fill(connection: duckdb.DuckDBPyConnection, name: TableName, rows: list[Row]) -> None:
    """Make an input with its rows; rules of both stages find it under the schema that they name."""
    table = load_tables()[TableName("core" if name.schema == "stated" else name.schema, name.name)]
    columns = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
    connection.execute(f"CREATE TABLE {name} ({columns})")
    _insert(connection, str(name), table, rows)
    connection.execute(f"CREATE OR REPLACE VIEW {STAGE_SCHEMA}.{name.name} AS SELECT * FROM {name}")


def _insert(connection: duckdb.DuckDBPyConnection, name: str, table: Table, rows: list[Row]) -> None:
    unknown = {column for row in rows for column in row} - set(table.column_names)
    assert not unknown, f"{name} has no column {', '.join(sorted(unknown))}"
    values = [
        [row.get(column.name, plain(column, number)) for column in table.columns] for number, row in enumerate(rows, 1)
    ]
    texts = [
        json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value for row in values for value in row
    ]
    if rows:
        of_a_row = f"({', '.join('?' * len(table.columns))})"
        connection.execute(f"INSERT INTO {name} VALUES {', '.join([of_a_row] * len(rows))}", texts)


def plain(column: Column, number: int) -> Any:
    """What stands in a column that a test doesn't name."""
    if column.name in ("row_key", "row_number"):
        return number
    if column.name in PLAIN:
        return PLAIN[column.name]
    if not column.is_required:
        return None
    if column.values:
        return column.values[0]
    if column.type == "DATE":
        return A_DAY
    return {"BOOLEAN": False, "VARCHAR": ""}.get(column.type, 0)
