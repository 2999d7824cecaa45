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
from pipeline.warehouse.outbound import as_published, querying
from pipeline.warehouse.reading import reading

Row = Mapping[str, Any]
_DROPPED = """
    SELECT file_name, reason, count(*) AS row_count FROM core.row_fate WHERE policy_year = $year AND fate = 'dropped'
    GROUP BY file_name, reason ORDER BY file_name, reason"""
# Of the tax lists of which no row was used.
_LEVY_ITEMS = """
    SELECT file_name, string_agg(DISTINCT levy_item, '、' ORDER BY levy_item) AS items FROM raw.tax_returns
    WHERE policy_year = $year AND levy_item IS NOT NULL AND file_name IN (
        SELECT file_name FROM mart.source_file WHERE policy_year = $year AND status = 'read' AND rows_read = rows_dropped
    )
    GROUP BY file_name"""


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
    dropped, levy_items = _own_facts(published, year)
    with reading(published) as connection:
        tables = _Tables(connection, year)
        return Intake(
            files=tables.rows("source_file", "file_name"),
            quarantined=tables.rows("quarantined_row", "source_file, field, reason, row_number"),
            dropped=dropped,
            levy_items={row["file_name"]: row["items"] for row in levy_items},
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
        """How many mismatches wait for an answer."""
        counted = self._connection.execute(
            "SELECT count(*) FROM mart.roster_mismatch WHERE policy_year = $year AND status = 'open'",
            {"year": self._year},
        )
        return int(counted.fetchall()[0][0])

    def payments(self) -> list[Row]:
        """Lines and money of each channel by outcome; a line that the person paid himself is no payment of the fund."""
        relation = self._connection.sql(
            "SELECT channel, outcome, disposition = 'self_paid' AS is_self_paid, count(*) AS line_count, "
            "sum(amount_yuan) AS amount_yuan FROM core.return_line WHERE policy_year = $year "
            "GROUP BY channel, outcome, disposition = 'self_paid' ORDER BY channel DESC, is_self_paid, line_count DESC, outcome",
            params={"year": self._year},
        )
        return _named(relation)


def _own_facts(published: Path, year: int) -> tuple[list[Row], list[Row]]:
    """Of the pipeline's own file what `_DROPPED` and `_LEVY_ITEMS` ask; nothing where it isn't there or can't be opened."""
    for folder in (published.parent, published.parent.parent):
        if (folder / WAREHOUSE_FILE).is_file():
            with suppress(DaijiaoError), reading(folder / WAREHOUSE_FILE) as connection:
                dropped, levy_items = (_rows_of(connection, sql, year) for sql in (_DROPPED, _LEVY_ITEMS))
                masked = _masked([*dropped, *levy_items], connection, year)
                return masked[: len(dropped)], masked[len(dropped) :]
    return [], []


def _rows_of(connection: duckdb.DuckDBPyConnection, sql: str, year: int) -> list[Row]:
    """The rows of a statement; none where the file hasn't these columns."""
    with suppress(duckdb.Error):
        return _named(connection.sql(sql, params={"year": year}))
    return []


def _masked(rows: Sequence[Row], connection: duckdb.DuckDBPyConnection, year: int) -> list[Row]:
    """The rows with their texts as they would be published: they come from the pipeline's own file."""
    texts = list({value for row in rows for value in row.values() if isinstance(value, str)})
    key = current_key(Settings().key_file) or ""
    shown = dict(zip(texts, as_published(querying(connection), year, key, texts), strict=True))
    return [{name: shown.get(value, value) for name, value in row.items()} for row in rows]


def _named(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
