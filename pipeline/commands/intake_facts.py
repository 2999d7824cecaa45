"""What the intake statement is made of: what the published file, and the pipeline's own, say of a year's files and rows.

Everything comes from the published file but why rows were dropped, which the pipeline's own file knows. What is said of it is the
business of ``pipeline.commands.intake`` and ``pipeline.commands.intake_summary``.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.errors import DaijiaoError
from pipeline.privacy import current_key
from pipeline.settings import Settings
from pipeline.warehouse.folder import WAREHOUSE_FILE
from pipeline.warehouse.outbound import masker, querying
from pipeline.warehouse.reading import reading

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Intake:
    """A year's rows of the tables that the statement tells, each in the order in which they are told.

    `dropped` has a row a file and reason, `payments` one a channel, outcome and whether the person paid himself; `levy_items` are
    those of each tax list by its file.
    """

    files: Sequence[Row]
    quarantined: Sequence[Row]
    dropped: Sequence[Row]
    levy_items: Mapping[str, str]
    payments: Sequence[Row]
    unknown_words: Sequence[Row]
    changes: Sequence[Row]
    open_mismatch_count: int


def read_intake(published: Path, year: int) -> Intake:
    """What is known of a published year.

    Args:
        published: the published file; the pipeline's own file lies beside it or one folder above.
        year: policy year.

    Raises:
        DaijiaoError: the published file can't be opened.
    """
    dropped = _dropped_rows(published, year)
    with reading(published) as connection:
        tables = _Tables(connection, year)
        return Intake(
            files=tables.rows("source_file", "file_name"),
            quarantined=tables.rows("quarantined_row", "source_file, field, reason, row_number"),
            dropped=dropped,
            levy_items=tables.levy_items(published),
            payments=tables.payments(),
            unknown_words=tables.rows("unknown_word", "vocabulary, word, source_file, first_row_number"),
            changes=tables.rows("change", "subject"),
            open_mismatch_count=tables.open_mismatch_count(),
        )


class _Tables:
    """The published tables of a year; one that an older file lacks has no rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, year: int) -> None:
        self._connection = connection
        self._year = year
        found = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'mart'")
        self._names = {str(name) for (name,) in found.fetchall()}

    def rows(self, table: str, order: str) -> list[Row]:
        """A mart table's rows of the year in an order; none where there is no such table."""
        if table not in self._names:
            return []
        relation = self._connection.sql(
            f"SELECT * FROM mart.{table} WHERE policy_year = $year ORDER BY {order}", params={"year": self._year}
        )
        return _named(relation)

    def open_mismatch_count(self) -> int:
        """How many mismatches nobody answered; none where there is no such table."""
        if "roster_mismatch" not in self._names:
            return 0
        counted = self._connection.execute(
            "SELECT count(*) FROM mart.roster_mismatch WHERE policy_year = ? AND status = 'open'", [self._year]
        ).fetchall()
        return int(counted[0][0])

    def payments(self) -> list[Row]:
        """Lines and money of each channel by outcome; a line that the person paid himself is no payment of the fund."""
        relation = self._connection.sql(
            "SELECT channel, outcome, disposition = 'self_paid' AS is_self_paid, count(*) AS line_count, "
            "sum(amount_yuan) AS amount_yuan FROM core.return_line WHERE policy_year = $year "
            "GROUP BY channel, outcome, disposition = 'self_paid' ORDER BY channel DESC, is_self_paid, line_count DESC, outcome",
            params={"year": self._year},
        )
        return _named(relation)

    def levy_items(self, published: Path) -> Mapping[str, str]:
        """The levy items of every tax list of which no row was used, by file; as far as they are known."""
        return {
            str(row["file_name"]): str(row["items"])
            for row in _own_rows(
                published,
                "SELECT file_name, string_agg(DISTINCT levy_item, '、' ORDER BY levy_item) AS items FROM raw.tax_returns "
                "WHERE policy_year = $year AND levy_item IS NOT NULL GROUP BY file_name",
                self._year,
            )
        }


def _dropped_rows(published: Path, year: int) -> list[Row]:
    return _own_rows(
        published,
        "SELECT file_name, reason, count(*) AS row_count FROM core.row_fate WHERE policy_year = $year AND fate = 'dropped' "
        "GROUP BY file_name, reason ORDER BY file_name, reason",
        year,
    )


def _own_rows(published: Path, sql: str, year: int) -> list[Row]:
    """Rows of the pipeline's own file; none where it isn't there, can't be opened or hasn't these columns."""
    for folder in (published.parent, published.parent.parent):
        if (folder / WAREHOUSE_FILE).is_file():
            with suppress(DaijiaoError, duckdb.Error), reading(folder / WAREHOUSE_FILE) as connection:
                rows = _named(connection.sql(sql, params={"year": year}))
                return _masked(rows, connection, year) if rows else rows
    return []


def _masked(rows: Sequence[Row], connection: duckdb.DuckDBPyConnection, year: int) -> list[Row]:
    """The rows with their texts as they would be published: they come from the pipeline's own file."""
    mask = masker(querying(connection), year, current_key(Settings().key_file) or "")
    return [{name: mask(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]


def _named(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
