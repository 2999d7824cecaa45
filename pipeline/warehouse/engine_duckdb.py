"""The engine that runs in this process: DuckDB, with the store attached as ``warehouse``."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.privacy import is_interruption, scrubbed
from pipeline.restricted import OWNER_FOLDER, restrict_process
from pipeline.warehouse.damage import CUT_OFF, FOREIGN, fault_of, fault_told, is_cut_off
from pipeline.warehouse.engine import Rows
from pipeline.warehouse.memory import RESTING, memory_limit
from pipeline.warehouse.published_tables import write_published_tables
from pipeline.warehouse.reading import quoted, unusable
from pipeline.warehouse.store import content, is_foreign, prepare_tables, transaction

# Rows go to the log first, and to the file once more, until they fill a group; two groups are scanned by two threads.
ROW_GROUP_ROWS = 32_768


class DuckDBEngine:
    """An engine (`pipeline.warehouse.engine`) in memory, whose store is a file."""

    def __init__(self, spill: Path, secret: str) -> None:
        """Open an empty database.

        Args:
            spill: folder for what doesn't fit into memory.
            secret: the key by which masks of senders' texts are made.

        Raises:
            OSError: the folder can't be made.
        """
        spill.mkdir(mode=OWNER_FOLDER, exist_ok=True)
        self._secret = secret
        self._memory_limit = memory_limit()
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "temp_directory": str(spill),
                "preserve_insertion_order": "false",
                "memory_limit": self._memory_limit,
            },
        )
        self._connection.execute("SET enable_progress_bar = false")

    def attach(self, store: Path) -> None:
        """Open the store, readable by its owner alone, and prepare its tables and the session's schemas.

        Raises:
            UnusableFileError: the store is damaged, or none of ours.
        """
        restrict_process()
        if (store.exists() or store.is_symlink()) and (fault := fault_of(store)) is not None:
            raise unusable(store, fault)
        self._connection.execute(f"ATTACH '{quoted(store)}' AS warehouse (ROW_GROUP_SIZE {ROW_GROUP_ROWS})")
        if is_cut_off(self._connection, store, "warehouse"):
            raise unusable(store, CUT_OFF)
        if is_foreign(self._connection):
            raise unusable(store, FOREIGN)
        prepare_tables(self._connection)
        for schema in (*tables.BUILT_SCHEMAS, tables.STAGE_SCHEMA):
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._connection.execute(tables.MACROS.read_text(encoding="utf-8"))

    def put(self, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
        """Put frames into a schema of their own as tables, by their names."""
        put_tables(self._connection, schema, frames)

    def kept(self, year: int) -> dict[TableName, Rows]:
        """What the rows of every table of a year are known by."""
        rows = self._connection.execute(
            "SELECT name, sha256, row_count, digest FROM warehouse.made_from WHERE policy_year = ?", [year]
        ).fetchall()
        return {TableName(*name.split(".")): Rows(*known) for name, *known in rows}

    def show(self, name: TableName, year: int) -> None:
        """Make a year's rows of a stored table visible under the table's own name."""
        self._connection.execute(
            f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM warehouse.{name} WHERE policy_year = {year}"
        )

    def show_staged(self, name: TableName) -> None:
        """Make a visible table visible in the schema ``stage`` too."""
        self._connection.execute(f"CREATE OR REPLACE VIEW stage.{name.name} AS SELECT * FROM {name}")

    def replace(self, table: Table, name: TableName, year: int, select: str, made_from: str | None) -> Rows:
        """Replace a year's rows of a table by those of a select statement, in one transaction.

        Raises:
            DaijiaoError: the statement failed, the store refused a row, or a row stands twice; the table is as it was.
        """
        return self._store(table, name, year, select, made_from)

    def replace_frame(
        self, table: Table, name: TableName, year: int, frame: pl.DataFrame, made_from: str | None
    ) -> Rows:
        """Replace a year's rows of a table by those of a frame, in one transaction."""
        self._connection.register("frame", frame.to_arrow())
        try:
            return self._store(table, name, year, "SELECT * FROM frame", made_from)
        finally:
            self._connection.unregister("frame")

    def remember(self, name: TableName, year: int, made_from: str | None) -> None:
        """Keep a hash under a name that is no table's."""
        with self._building(str(name)):
            self._keep(name, year, Rows(made_from, None, None), is_known=self._is_known(name, year))

    def forget(self, name: TableName, year: int) -> None:
        """Let a year's rows of a table be built again by whoever builds next; their digest is kept."""
        with self._building(str(name)):
            self._connection.execute(
                "UPDATE warehouse.made_from SET sha256 = NULL WHERE name = ? AND policy_year = ?", [str(name), year]
            )

    def digest(self, table: Table, name: TableName, year: int) -> tuple[int, str]:
        """The count of the rows of a year that are stored now, and a sum over their hashes."""
        return content(self._connection, table, f"warehouse.{name}", year)

    def verdicts(self, name: TableName, year: int, made_from: str) -> dict[str, int]:
        """What the checks of a table found when its rows were made from the same."""
        rows = self._connection.execute(
            "SELECT check_name, found_count FROM warehouse.verdict WHERE name = ? AND policy_year = ? AND sha256 = ?",
            [str(name), year, made_from],
        ).fetchall()
        return dict(rows)

    def keep_verdicts(self, name: TableName, year: int, made_from: str, found_counts: Mapping[str, int]) -> None:
        """Keep what the checks of a table found."""
        with self._building(f"verdicts of {name}"):
            self._connection.execute(
                "DELETE FROM warehouse.verdict WHERE name = ? AND policy_year = ?", [str(name), year]
            )
            self._connection.executemany(
                "INSERT INTO warehouse.verdict VALUES (?, ?, ?, ?, ?)",
                [[str(name), year, made_from, check, count] for check, count in found_counts.items()],
            )

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """The rows of a select statement over visible tables."""
        frame: pl.DataFrame = self._connection.sql(sql, params=list(parameters)).pl()
        return frame

    def publish(self, fresh: Path, earlier: Path | None, year: int) -> None:
        """Write the published tables into a fresh file: the year's rows, and those of the other years of an earlier one.

        Raises:
            DaijiaoError: the fresh file holds other rows than the warehouse, or other years have other columns.
        """
        write_published_tables(self._connection, fresh, earlier, year, self._secret)
        # The file is counted again and signed now, which takes memory too.
        for limit in (RESTING, self._memory_limit):
            self._connection.execute(f"SET memory_limit = '{limit}'")

    def close(self) -> None:
        """Let go of the store."""
        self._connection.close()

    def _store(self, table: Table, name: TableName, year: int, select: str, made_from: str | None) -> Rows:
        """Replace a year's rows of a table by those of a statement that runs here."""
        target = f"warehouse.{name}"
        columns = ", ".join(f'"{column}"' for column in table.column_names)
        values = ", ".join(str(year) if column == "policy_year" else f'"{column}"' for column in table.column_names)
        with self._building(str(name)):
            if is_known := self._is_known(name, year):
                self._connection.execute(f"DELETE FROM {target} WHERE policy_year = {year}")
            self._connection.execute(f"INSERT INTO {target} ({columns}) SELECT {values} FROM ({select}\n)")
            self._refuse_doubles(table, name, year)
            known = Rows(made_from, *self.digest(table, name, year))
            self._keep(name, year, known, is_known=is_known)
        return known

    def _refuse_doubles(self, table: Table, name: TableName, year: int) -> None:
        """Make sure that no two rows of a table have the same values in the columns that tell its rows apart."""
        if table.is_indexed:
            return
        told_apart_by = table.key or table.unique
        columns = ", ".join(f'"{column}"' for column in told_apart_by)
        counted = self._connection.execute(
            f"SELECT coalesce(sum(row_count - 1), 0) FROM (SELECT count(*) AS row_count FROM warehouse.{name} "
            f"WHERE policy_year = {year} GROUP BY {columns} HAVING count(*) > 1)"
        ).fetchall()
        if counted[0][0]:
            raise DaijiaoError(
                f"{name} of {year} would have {counted[0][0]} rows more than once (by {', '.join(told_apart_by)}), so what is "
                "added up would count them twice. Nothing of this table was changed; report this sentence."
            )

    def _is_known(self, name: TableName, year: int) -> bool:
        """Whether the table was ever built for the year; else it has no rows to delete."""
        found = self._connection.execute(
            "SELECT 1 FROM warehouse.made_from WHERE name = ? AND policy_year = ?", [str(name), year]
        ).fetchall()
        return bool(found)

    def _keep(self, name: TableName, year: int, known: Rows, *, is_known: bool) -> None:
        """Remember what a table of the year is made from, and the digest of its rows."""
        statement = (
            "UPDATE warehouse.made_from SET sha256 = ?, row_count = ?, digest = ? WHERE name = ? AND policy_year = ?"
            if is_known
            else "INSERT INTO warehouse.made_from (sha256, row_count, digest, name, policy_year) VALUES (?, ?, ?, ?, ?)"
        )
        self._connection.execute(statement, [*known, str(name), year])

    @contextmanager
    def _building(self, what: str) -> Iterator[None]:
        """A transaction whose failure is told in a sentence of ours."""
        try:
            with transaction(self._connection):
                yield
        except BaseException as error:
            if is_interruption(error):
                raise KeyboardInterrupt from None
            if isinstance(error, duckdb.Error) and fault_told(error) is None:
                raise DaijiaoError(
                    f"{what} could not be built ({scrubbed(error)}). Nothing of this table was changed. Free disk space or "
                    "memory if that is what is missing, and run again; else report this sentence.",
                    f"{what} 未能计算({scrubbed(error)}),这张表没有变化。"
                    "请检查磁盘空间和内存,腾出后重新运行;如不缺,请把这句话报给维护人员。",
                ) from None
            raise


def put_tables(connection: duckdb.DuckDBPyConnection, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
    """Put frames into a schema of their own as tables, by their names."""
    connection.execute(f"CREATE SCHEMA {schema}")
    for name, frame in frames.items():
        connection.register("reference_frame", frame.to_arrow())
        connection.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM reference_frame")
        connection.unregister("reference_frame")
