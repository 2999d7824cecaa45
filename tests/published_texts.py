"""Every text that stands in a database file, for tests that look for what must not stand there."""

from collections.abc import Iterator
from pathlib import Path

import duckdb


def texts_of(path: Path) -> Iterator[tuple[str, str]]:
    """The different texts of every column of every table, each with the column's name; fails where there is none."""
    with duckdb.connect(str(path), read_only=True) as connection:
        columns = connection.execute(
            "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
            "WHERE data_type = 'VARCHAR' AND NOT internal"
        ).fetchall()
        assert columns
        for table, column in columns:
            for (text,) in connection.execute(f'SELECT DISTINCT "{column}" FROM {table}').fetchall():
                if text is not None:
                    yield f"{table}.{column}", text
