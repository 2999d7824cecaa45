"""The digest of each table's statement as Spark gets it; as a program, writes them anew."""

import hashlib
from pathlib import Path

from pipeline.contracts.tables import TableName, load_tables
from pipeline.warehouse.spark_sql import built_by_spark, is_recursive

DIGESTS = Path(__file__).with_name("statements.sha256")


def digests() -> dict[str, str]:
    """The digest of the statement of every table that Spark builds, by the table."""
    return {
        str(name): hashlib.sha256(built_by_spark(table, table.sql, _view).encode()).hexdigest()
        for name, table in sorted(load_tables().items())
        if table.sql is not None and not is_recursive(table.sql)
    }


def _view(name: TableName) -> str:
    return f"{name.schema}__{name.name}"


if __name__ == "__main__":
    DIGESTS.write_text("".join(f"{digest}  {name}\n" for name, digest in digests().items()), encoding="utf-8")
