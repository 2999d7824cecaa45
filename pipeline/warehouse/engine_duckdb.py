"""The engine that runs in this process: DuckDB, with the store attached as ``warehouse``."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError, UsageError
from pipeline.privacy import is_interruption, scrubbed
from pipeline.restricted import OWNER_FOLDER, restrict_process
from pipeline.warehouse.damage import (
    CUT_OFF,
    FOREIGN,
    IN_USE,
    NEWER,
    Fault,
    UnusableFileError,
    fault_of,
    fault_told,
    is_cut_off,
)
from pipeline.warehouse.engine import Rows
from pipeline.warehouse.folder import WAREHOUSE_FILE, close_folder
from pipeline.warehouse.outbound import mask_sender_texts

MACROS = tables.ASSETS_FOLDER / "macros.sql"
# Readable by clients of DuckDB 1.5, which analysts may still have.
PUBLISHED_STORAGE_VERSION = "v1.5.0"
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
        self._connection = duckdb.connect(
            ":memory:", config={"temp_directory": str(spill), "preserve_insertion_order": "false"}
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
        if _is_foreign(self._connection):
            raise unusable(store, FOREIGN)
        _prepare(self._connection)
        for schema in (*tables.BUILT_SCHEMAS, tables.STAGE_SCHEMA):
            self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        self._connection.execute(MACROS.read_text(encoding="utf-8"))

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
            self._keep(name, year, Rows(made_from, None, None))

    def forget(self, name: TableName, year: int) -> None:
        """Let a year's rows of a table be built again by whoever builds next; their digest is kept."""
        with self._building(str(name)):
            self._connection.execute(
                "UPDATE warehouse.made_from SET sha256 = NULL WHERE name = ? AND policy_year = ?", [str(name), year]
            )

    def digest(self, table: Table, name: TableName, year: int) -> tuple[int, str]:
        """The count of the rows of a year that are stored now, and a sum over their hashes."""
        return _content(self._connection, table, f"warehouse.{name}", year)

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
        connection = self._connection
        try:
            connection.execute(f"ATTACH '{quoted(fresh)}' AS fresh (STORAGE_VERSION '{PUBLISHED_STORAGE_VERSION}')")
            carried = {} if earlier is None else _earlier_tables(connection, earlier)
            with _transaction(connection):
                for table in tables.tables_of_published_file():
                    _publish_table(connection, table, year, carried)
                mask_sender_texts(connection, "fresh", year, self._secret)
        finally:
            for name in ("earlier", "fresh"):
                connection.execute(f"DETACH DATABASE IF EXISTS {name}")

    def close(self) -> None:
        """Let go of the store."""
        self._connection.close()

    def _store(self, table: Table, name: TableName, year: int, select: str, made_from: str | None) -> Rows:
        """Replace a year's rows of a table by those of a statement that runs here."""
        target = f"warehouse.{name}"
        columns = ", ".join(f'"{column}"' for column in table.column_names)
        values = ", ".join(str(year) if column == "policy_year" else f'"{column}"' for column in table.column_names)
        with self._building(str(name)):
            if self._is_known(name, year):
                self._connection.execute(f"DELETE FROM {target} WHERE policy_year = {year}")
            self._connection.execute(f"INSERT INTO {target} ({columns}) SELECT {values} FROM ({select}\n)")
            self._refuse_doubles(table, name, year)
            known = Rows(made_from, *self.digest(table, name, year))
            self._keep(name, year, known)
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

    def _keep(self, name: TableName, year: int, known: Rows) -> None:
        """Remember what a table of the year is made from, and the digest of its rows."""
        statement = (
            "UPDATE warehouse.made_from SET sha256 = ?, row_count = ?, digest = ? WHERE name = ? AND policy_year = ?"
            if self._is_known(name, year)
            else "INSERT INTO warehouse.made_from (sha256, row_count, digest, name, policy_year) VALUES (?, ?, ?, ?, ?)"
        )
        self._connection.execute(statement, [*known, str(name), year])

    @contextmanager
    def _building(self, what: str) -> Iterator[None]:
        """A transaction whose failure is told in a sentence of ours."""
        try:
            with _transaction(self._connection):
                yield
        except BaseException as error:
            if is_interruption(error):
                raise KeyboardInterrupt from None
            if isinstance(error, duckdb.Error) and fault_told(error) is None:
                raise DaijiaoError(
                    f"{what} could not be built ({scrubbed(error)}). Nothing of this table was changed. Free disk space or "
                    "memory if that is what is missing, and run again; else report this sentence."
                ) from None
            raise


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file for reading only.

    Raises:
        UsageError: the file isn't there.
        UnusableFileError: it can't be opened, is damaged, or lacks a table that is asked for.
    """
    if not path.exists():
        raise UsageError(
            f"There is no {path.name} in {path.parent}. Run `daijiao refresh` first.",
            f"{path.parent} 中没有 {path.name}。请先运行 `daijiao refresh`。",
        )
    if (fault := fault_of(path)) is not None:
        raise unusable(path, fault)
    if path.name == WAREHOUSE_FILE:
        close_folder(path.parent)
    try:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            if is_cut_off(connection, path):
                raise unusable(path, CUT_OFF)
            yield connection
    except (duckdb.CatalogException, duckdb.BinderException):
        raise unusable(path, FOREIGN) from None
    except duckdb.Error as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        fault = fault_told(error)
        if fault is None:
            raise DaijiaoError(
                f"{path} can't be read ({scrubbed(error)}). Free memory, and run again.",
                f"无法读取 {path}({scrubbed(error)})。请释放内存后重新运行。",
            ) from None
        raise unusable(path, fault) from None


def unusable(path: Path, fault: Fault) -> UnusableFileError:
    """What is wrong with a file, and the one thing to do."""
    if fault == IN_USE:
        advice = "Close the program that has it open, or wait until the running refresh has ended, and run again."
        chinese = "请关闭占用它的程序,或等正在运行的刷新结束,再重新运行。"
    elif fault == NEWER:
        advice = "Use the newer daijiao that wrote it; or refresh each year with this one, which makes the file anew."
        chinese = "请使用写出它的新版 daijiao;或用本版本逐年刷新,重新生成该文件。"
    elif not fault.is_replaceable:
        advice = "Move it away, or give this user leave to read it, and run again."
        chinese = "请移走它,或允许当前用户读取,再重新运行。"
    else:
        advice = "Run `daijiao refresh --year YEAR` for each year: it makes the file anew from the landed files."
        chinese = "请对每个年度运行 `daijiao refresh --year 年度`,由报送文件重新生成。"
    return UnusableFileError(
        f"{path} can't be used: {fault.english}. {advice}", f"{path} 不能使用:{fault.chinese}。{chinese}", fault
    )


def _is_foreign(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the store has tables, and none in which ours are noted."""
    names = connection.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'warehouse'").fetchall()
    return bool(names) and ("contract",) not in names


def put_tables(connection: duckdb.DuckDBPyConnection, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
    """Put frames into a schema of their own as tables, by their names."""
    connection.execute(f"CREATE SCHEMA {schema}")
    for name, frame in frames.items():
        connection.register("reference_frame", frame.to_arrow())
        connection.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM reference_frame")
        connection.unregister("reference_frame")


def quoted(path: Path) -> str:
    """A path as a statement writes it between quotes."""
    return str(path).replace("'", "''")


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """What is done within is kept whole, or not at all."""
    connection.execute("BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise


def _publish_table(
    connection: duckdb.DuckDBPyConnection, table: Table, year: int, earlier: dict[TableName, list[str]]
) -> None:
    name = f"fresh.{table.full_name}"
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS fresh.{table.schema}")
    connection.execute(tables.create_statement(table, name, with_key=False))
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    stored = f"warehouse.{table.full_name}"
    parts = [] if table.is_made_at_publication else [f"SELECT {columns} FROM {stored} WHERE policy_year = {year}"]
    if table.full_name in earlier:
        if sorted(earlier[table.full_name]) != sorted(table.column_names):
            raise DaijiaoError(
                f"The published {table.full_name} of other years has other columns than this version writes. Move "
                "the published file away and refresh every year again."
            )
        parts.append(f"SELECT {columns} FROM earlier.{table.full_name} WHERE policy_year <> {year}")
    if parts:
        order = ", ".join(table.key) if table.key else "ALL"
        connection.execute(f"INSERT INTO {name} ({columns}) {' UNION ALL '.join(parts)} ORDER BY {order}")
    if not table.is_made_at_publication and (
        _content(connection, table, name, year) != _content(connection, table, stored, year)
    ):
        raise DaijiaoError(
            f"The published {table.full_name} of {year} is not what was computed. The last published tables stay; run again, "
            "and have the disk checked if this comes back."
        )
    for statement in tables.comment_statements(table, name):
        connection.execute(statement)


def _content(connection: duckdb.DuckDBPyConnection, table: Table, place: str, year: int) -> tuple[int, str]:
    """The number of a table's rows of a year, and a sum over their hashes that doesn't depend on their order."""
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    counted = connection.execute(
        f"SELECT count(*), coalesce(sum(hash({columns})), 0) FROM {place} WHERE policy_year = {year}"
    ).fetchall()
    return int(counted[0][0]), str(counted[0][1])


def _earlier_tables(connection: duckdb.DuckDBPyConnection, earlier: Path) -> dict[TableName, list[str]]:
    connection.execute(f"ATTACH '{quoted(earlier)}' AS earlier (READ_ONLY)")
    found: dict[TableName, list[str]] = {}
    rows = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'earlier'"
    )
    for schema, table, column in rows.fetchall():
        found.setdefault(TableName(schema, table), []).append(column)
    return found


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that are missing, or were made from another contract: their rows come back with the next build.

    Descriptions are put on the published tables alone; here they would double the time of a first refresh.
    """
    for schema in tables.BUILT_SCHEMAS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS warehouse.{schema}")
    for statement in (
        "CREATE TABLE IF NOT EXISTS warehouse.contract (name VARCHAR PRIMARY KEY, sha256 VARCHAR NOT NULL)",
        """CREATE TABLE IF NOT EXISTS warehouse.made_from (
            name VARCHAR, policy_year INTEGER, sha256 VARCHAR, PRIMARY KEY (name, policy_year)
        )""",
        "ALTER TABLE warehouse.made_from ADD COLUMN IF NOT EXISTS row_count BIGINT",
        "ALTER TABLE warehouse.made_from ADD COLUMN IF NOT EXISTS digest VARCHAR",
        """CREATE TABLE IF NOT EXISTS warehouse.verdict (
            name VARCHAR, policy_year INTEGER, sha256 VARCHAR, check_name VARCHAR, found_count BIGINT
        )""",
    ):
        connection.execute(statement)
    found = dict(connection.execute("SELECT name, sha256 FROM warehouse.contract").fetchall())
    with _transaction(connection):
        for table in tables.load_tables().values():
            for built in table.built_names:
                _prepare_table(connection, table, built, found.get(str(built)))


def _prepare_table(connection: duckdb.DuckDBPyConnection, table: Table, built: TableName, sha256: str | None) -> None:
    """Create a table anew unless it stands there by the same contract, whose hash is kept."""
    name = f"warehouse.{built}"
    statement = tables.create_statement(table, name, with_key=table.is_indexed)
    if sha256 == (wanted := hashlib.sha256(statement.encode()).hexdigest()):
        return
    if sha256 is None:
        connection.execute("INSERT INTO warehouse.contract VALUES (?, ?)", [str(built), wanted])
    else:
        connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE warehouse.contract SET sha256 = ? WHERE name = ?", [wanted, str(built)])
        connection.execute("DELETE FROM warehouse.made_from WHERE name = ?", [str(built)])
    connection.execute(statement)
