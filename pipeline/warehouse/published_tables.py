"""The published tables, written into a fresh file: a year's rows from the store, those of other years from an earlier one.

Proof and signature, and putting the file in its place, are the business of ``publication``.
"""

from collections.abc import Collection
from pathlib import Path

import duckdb

from pipeline.contracts import tables
from pipeline.contracts.statements import comment_statements, create_statement
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.warehouse.outbound import mask_sender_texts
from pipeline.warehouse.reading import quoted
from pipeline.warehouse.store import content, transaction

# Readable by clients of DuckDB 1.5, which analysts may still have.
PUBLISHED_STORAGE_VERSION = "v1.5.0"


def write_published_tables(
    connection: duckdb.DuckDBPyConnection, fresh: Path, earlier: Path | None, year: int, secret: str
) -> None:
    """Write the published tables into a fresh file: the year's rows, and those of the other years of an earlier one.

    Raises:
        DaijiaoError: the fresh file holds other rows than the warehouse, or other years have other columns.
    """
    try:
        connection.execute(f"ATTACH '{quoted(fresh)}' AS fresh (STORAGE_VERSION '{PUBLISHED_STORAGE_VERSION}')")
        carried = {} if earlier is None else _earlier_tables(connection, earlier)
        with transaction(connection):
            for table in tables.tables_of_published_file():
                _publish_table(connection, table, year, carried)
            mask_sender_texts(connection, "fresh", year, secret)
    finally:
        for name in ("earlier", "fresh"):
            connection.execute(f"DETACH DATABASE IF EXISTS {name}")


def _publish_table(
    connection: duckdb.DuckDBPyConnection, table: Table, year: int, earlier: dict[TableName, list[str]]
) -> None:
    name = f"fresh.{table.full_name}"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS fresh.{table.schema}")
    connection.execute(create_statement(table, name, with_key=False))
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    stored = f"warehouse.{table.full_name}"
    parts = [] if table.is_made_at_publication else [f"SELECT {columns} FROM {stored} WHERE policy_year = {year}"]
    if table.full_name in earlier and _has_other_years(connection, table, year, earlier[table.full_name]):
        if sorted(earlier[table.full_name]) != sorted(table.column_names):
            raise DaijiaoError(
                f"The published {table.full_name} of other years has other columns than this version writes. Move "
                "the published file away and refresh every year again.",
                f"已发布的其他年度的 {table.full_name} 与本版本写出的列不同。请移走已发布的文件,再逐年刷新。",
            )
        parts.append(f"SELECT {columns} FROM earlier.{table.full_name} WHERE policy_year <> {year}")
    if parts:
        order = ", ".join(table.key) if table.key else "ALL"
        connection.execute(f"INSERT INTO {name} ({columns}) {' UNION ALL '.join(parts)} ORDER BY {order}")
    if not table.is_made_at_publication and (
        content(connection, table, name, year) != content(connection, table, stored, year)
    ):
        raise DaijiaoError(
            f"The published {table.full_name} of {year} is not what was computed. The last published tables stay; run again, "
            "and have the disk checked if this comes back.",
            f"写出的 {table.full_name}({year} 年)与计算的不同。上次发布的数据表没有变化;"
            "请再运行一次,如仍出现,请检查磁盘。",
        )
    for statement in comment_statements(table, name):
        connection.execute(statement)


def _has_other_years(connection: duckdb.DuckDBPyConnection, table: Table, year: int, columns: Collection[str]) -> bool:
    """Whether the last published file holds rows of a table that are to be carried on."""
    if "policy_year" not in columns:
        return True
    other = connection.execute(f"SELECT 1 FROM earlier.{table.full_name} WHERE policy_year <> {year} LIMIT 1")
    return bool(other.fetchall())


def _earlier_tables(connection: duckdb.DuckDBPyConnection, earlier: Path) -> dict[TableName, list[str]]:
    connection.execute(f"ATTACH '{quoted(earlier)}' AS earlier (READ_ONLY)")
    found: dict[TableName, list[str]] = {}
    rows = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'earlier'"
    )
    for schema, table, column in rows.fetchall():
        found.setdefault(TableName(schema, table), []).append(column)
    return found
