"""What the published file holds, so that two publications can be compared."""

from pathlib import Path
from typing import Any

import duckdb

Tables = dict[str, list[tuple[Any, ...]]]


def tables_of(path: Path) -> Tables:
    """Every table of a published file with all columns and rows, in an order of its own.

    Without mart.change, which alone depends on the publication before.
    """
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE table_name <> 'change' ORDER BY ALL"
        ).fetchall()
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for (name,) in names}
