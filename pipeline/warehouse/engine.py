"""What a database must be able to do so that a year's tables can be built in it; DuckDB is one that can.

A session decides what is built and what stands; an engine runs the statements and keeps rows. Nothing of a rule, and nothing of
a published file beyond its rows, belongs behind this protocol.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import polars as pl

from pipeline.contracts.tables import Table, TableName


class Rows(NamedTuple):
    """What a table's rows of a year are known by.

    `made_from` is the hash of all that they are made of, null where it isn't known; `row_count` and `digest` are those of the
    rows when they were built, null where they were built before digests were kept. The order of rows doesn't matter to a digest.
    """

    made_from: str | None
    row_count: int | None
    digest: str | None


class Engine(Protocol):
    """Builds the tables of one year; `store` is where their rows are kept from run to run."""

    def attach(self, store: Path) -> None:
        """Open the store, with a table for each contract; a table made from another contract is made anew, without rows."""

    def put(self, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
        """Put frames into a schema of their own, beside the store's tables."""

    def kept(self, year: int) -> dict[TableName, Rows]:
        """What the rows of every table of a year are known by."""

    def show(self, name: TableName, year: int) -> None:
        """Make a year's rows of a stored table visible under the table's own name."""

    def show_staged(self, name: TableName) -> None:
        """Make a visible table visible in the schema ``stage`` too."""

    def replace(self, table: Table, name: TableName, year: int, select: str, made_from: str | None) -> Rows:
        """Replace a year's rows of a table by those of a select statement, whole or not at all.

        A row that stands twice, by the table's key or its unique columns, is refused.
        """

    def replace_frame(
        self, table: Table, name: TableName, year: int, frame: pl.DataFrame, made_from: str | None
    ) -> Rows:
        """Replace a year's rows of a table by those of a frame, whole or not at all."""

    def remember(self, name: TableName, year: int, made_from: str | None) -> None:
        """Keep a hash under a name that is no table's."""

    def forget(self, name: TableName, year: int) -> None:
        """Let a year's rows of a table be built again by whoever builds next; their digest is kept."""

    def digest(self, table: Table, name: TableName, year: int) -> tuple[int, str]:
        """The count and the digest of the rows of a year that are stored now."""

    def verdicts(self, name: TableName, year: int, made_from: str) -> dict[str, int]:
        """What the checks of a table found when its rows were made from the same."""

    def keep_verdicts(self, name: TableName, year: int, made_from: str, found_counts: Mapping[str, int]) -> None:
        """Keep what the checks of a table found."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """The rows of a select statement over visible tables."""

    def publish(self, fresh: Path, earlier: Path | None, year: int) -> None:
        """Write the published tables into a fresh DuckDB file: the year's rows, and the other years of an earlier file."""

    def close(self) -> None:
        """Let go of the store."""
