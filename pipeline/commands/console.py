"""What the terminal shows: progress while a run lasts, and the published figures at its end.

Figures come from the published file, so nothing personal can be shown. Which command shows what is said in
``pipeline.commands.cli``.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import duckdb
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.status import Status
from rich.table import Table

from pipeline.log import LOGGER
from pipeline.warehouse.engine_duckdb import reading
from pipeline.warehouse.reference import mismatch_kinds

PIPE_WIDTH = 150
PARTICIPATION = (
    "roll_count",
    "planned_count",
    "eligible_count",
    "covered_count",
    "uncovered_count",
    "participation_rate",
)
FUND = ("allocated_yuan", "paid_out_yuan", "used_yuan", "disputed_yuan", "balance_yuan", "utilisation_rate")


class _ProgressHandler(logging.Handler):
    """Shows what the log says: on a terminal as a line that changes, in a pipe as plain lines."""

    def __init__(self, status: Status | None) -> None:
        super().__init__(logging.DEBUG if status else logging.INFO)
        self._status = status
        self._stream = sys.stderr

    def emit(self, record: logging.LogRecord) -> None:
        """Show one message."""
        if self._status is not None:
            self._status.update(record.getMessage())
        else:
            print(record.getMessage(), file=self._stream, flush=True)


@contextmanager
def progress() -> Iterator[None]:
    """Show the log of a run on stderr for as long as it lasts."""
    console = Console(file=sys.stderr)
    status = console.status("") if console.is_terminal else None
    handler = _ProgressHandler(status)
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    try:
        if status is not None:
            status.start()
        yield
    finally:
        if status is not None:
            status.stop()
        LOGGER.removeHandler(handler)


def show_published(path: Path, year: int) -> None:
    """Print a year of the published file: district and townships, refused files, mismatches by kind."""
    console = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
    with reading(path) as connection:
        for title, table, columns in (
            (f"District and townships {year}: persons", "township_participation", PARTICIPATION),
            (f"District and townships {year}: money", "township_fund", FUND),
        ):
            console.print(_township_table(connection, title, table, columns, year))
        _print_refused(console, connection, year)
        console.print(_mismatch_table(connection, year))


def _township_table(
    connection: duckdb.DuckDBPyConnection, title: str, table: str, columns: tuple[str, ...], year: int
) -> Table:
    shown = Table("township", title=title, box=SIMPLE_HEAD, title_justify="left", show_footer=True)
    names = ", ".join(columns)
    total = connection.execute(f"SELECT {names} FROM mart.district_summary WHERE policy_year = ?", [year]).fetchone()
    shown.columns[0].footer = "district"
    for name, cell in zip(columns, total or [None] * len(columns), strict=True):
        shown.add_column(name, justify="right", footer=_text(cell))
    rows = connection.execute(
        f"SELECT township_name, {names} FROM mart.{table} WHERE policy_year = ? ORDER BY township_code", [year]
    ).fetchall()
    for row in rows:
        shown.add_row(*(_text(cell) for cell in row))
    return shown


def _print_refused(console: Console, connection: duckdb.DuckDBPyConnection, year: int) -> None:
    counts = connection.execute(
        "SELECT status, count(*) FROM mart.source_file WHERE policy_year = ? GROUP BY status ORDER BY status", [year]
    ).fetchall()
    console.print("Files: " + ", ".join(f"{count} {status}" for status, count in counts))
    refused = connection.execute(
        "SELECT file_name, reason FROM mart.source_file WHERE policy_year = ? AND status = 'refused' ORDER BY file_name",
        [year],
    ).fetchall()
    for file_name, reason in refused:
        console.print(f"  refused {file_name}: {reason}", markup=False, highlight=False, soft_wrap=True)


def _mismatch_table(connection: duckdb.DuckDBPyConnection, year: int) -> Table:
    shown = Table("severity", "kind", "差异", title="Mismatches", box=SIMPLE_HEAD, title_justify="left")
    for status in ("open", "answered", "settled"):
        shown.add_column(status, justify="right")
    rows = connection.execute(
        "SELECT severity, kind, count(*) FILTER (status = 'open'), count(*) FILTER (status = 'answered'), "
        "count(*) FILTER (status = 'settled') FROM mart.roster_mismatch WHERE policy_year = ? "
        "GROUP BY severity, kind ORDER BY severity, kind",
        [year],
    ).fetchall()
    words = mismatch_kinds()
    for severity, kind, *counts in rows:
        shown.add_row(severity, kind, words[kind]["zh"], *(f"{count:,}" for count in counts))
    return shown


def _text(cell: object) -> str:
    if cell is None:
        return "—"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:,.2f}" if isinstance(cell, Decimal) and cell.as_tuple().exponent == -2 else str(cell)
