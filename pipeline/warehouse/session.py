"""The one module that opens a database: one writer at a time, a transaction a table, a publication that is whole.

What a table holds is stated in ``assets``; what a policy says is put beside the tables by
``pipeline.warehouse.reference``. A build works in a session: the warehouse file is attached, and every table that a statement
reads is a view of one policy year.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from filelock import FileLock, Timeout

from pipeline.contracts import tables
from pipeline.contracts.dictionary import write_dictionary
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.landing.cache import forget_unused
from pipeline.log import LOGGER
from pipeline.privacy import fingerprint, is_interruption, scrubbed
from pipeline.restricted import GROUP_FILE, OWNER_FOLDER, restrict_process
from pipeline.warehouse.folder import (
    LOCK_FILE,
    NEW,
    PARSE_CACHE,
    PUBLISHED_FILE,
    SPILL_FOLDER,
    WAREHOUSE_FILE,
    close_folder,
    make_warehouse_folder,
    tidy_folder,
)
from pipeline.warehouse.outbound import mask_sender_texts
from pipeline.warehouse.reference import code_tables, reference_tables
from pipeline.warehouse.run import Run, code_version

PUBLICATION = TableName("release", "published")
MACROS = tables.ASSETS_FOLDER / "macros.sql"
# Readable by clients of DuckDB 1.5, which analysts may still have.
PUBLISHED_STORAGE_VERSION = "v1.5.0"
# Rows go to the log first, and to the file once more, until they fill a group; two groups are scanned by two threads.
ROW_GROUP_ROWS = 32_768


@contextmanager
def writing(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the warehouse folder for one run, closed to others and without what a killed run left; re-entrant within a process.

    Raises:
        DaijiaoError: another run holds it for longer, or the folder can't be written, or not be closed.
    """
    restrict_process()
    try:
        make_warehouse_folder(folder)
        lock = FileLock(folder / LOCK_FILE, timeout=wait_seconds, is_singleton=True)
        lock.acquire()
    except Timeout:
        raise DaijiaoError(
            f"Another run holds {folder} for more than {wait_seconds:g} seconds. Wait until it has ended and run again."
        ) from None
    except OSError as error:
        raise DaijiaoError(
            f"The folder {folder} can't be written by this user ({error.strerror}). Make it writable, or free disk space if "
            "that is what is missing, and run again; or give another folder with --warehouse."
        ) from None
    is_first = lock.lock_counter == 1
    try:
        if is_first:
            close_folder(folder)
            tidy_folder(folder)
        yield
    finally:
        if is_first:
            forget_unused(folder / PARSE_CACHE)
        lock.release()


class Session:
    """A connection for building one year's tables; see `session`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, run: Run) -> None:
        """Wrap an open connection to which the warehouse is attached as ``warehouse``."""
        self._connection = connection
        self._year = run.year
        self._secret = run.key
        self._visible: set[TableName] = set()
        self._run_hash = _hash(code_version(), run.policy_sha256, str(run.as_of), fingerprint(run.key))
        self._made_from = self._stored_hashes()
        self.rebuilt: set[TableName] = set()
        """The tables whose rows of the year were replaced in this session; all others stand as they stood."""

    def build(self, table: Table, schema: str) -> int:
        """Run a table's SQL and replace the year's rows by what it gives; returns the row count.

        Raises:
            DaijiaoError: the SQL gives other columns than the contract, or the store refused a row.
        """
        assert table.sql is not None
        made_from = self.hash_of_inputs(table, schema)
        if self._is_standing(table, schema, made_from):
            return self._row_count(table, schema)
        self._show(table.references(schema), schema)
        names = tables.selected_columns(table.sql)
        expected = [name for name in table.column_names if name != "policy_year"]
        if sorted(names) != sorted(expected):
            odd = ", ".join(sorted(set(names) ^ set(expected)))
            raise DaijiaoError(
                f"assets/{table.schema}/{table.name}: the SQL and the contract differ in the columns {odd}."
            )
        return self.replace(table, schema, table.sql, made_from)

    def build_frame(self, table: Table, schema: str, make: Callable[[], pl.DataFrame], made_from: str | None) -> int:
        """Replace the year's rows of a table by those of a frame, made only if its inputs changed; returns the row count."""
        if self._is_standing(table, schema, made_from):
            return self._row_count(table, schema)
        return self.replace_frame(table, schema, make(), made_from)

    def replace(self, table: Table, schema: str, select: str, made_from: str | None = None) -> int:
        """Replace the year's rows of a table by those of a select statement, in one transaction; returns the row count.

        Args:
            table: contract of the table.
            schema: schema to build into.
            select: statement that gives the contract's columns but the policy year.
            made_from: hash of everything that the rows are made of; null if it isn't known.
        """
        if self._is_standing(table, schema, made_from):
            return self._row_count(table, schema)
        target = f"warehouse.{schema}.{table.name}"
        columns = ", ".join(f'"{name}"' for name in table.column_names)
        values = ", ".join(str(self._year) if name == "policy_year" else f'"{name}"' for name in table.column_names)
        name = TableName(schema, table.name)
        with self._building(str(name)):
            if name in self._made_from:
                self._connection.execute(f"DELETE FROM {target} WHERE policy_year = {self._year}")
            inserted = self._connection.execute(
                f"INSERT INTO {target} ({columns}) SELECT {values} FROM ({select}\n)"
            ).fetchall()
            self._keep_hash(name, made_from)
        self._made_from[name] = made_from
        self.rebuilt.add(name)
        return int(inserted[0][0])

    def replace_frame(self, table: Table, schema: str, frame: pl.DataFrame, made_from: str | None = None) -> int:
        """Replace the year's rows of a table by those of a frame; returns the row count."""
        self._connection.register("frame", frame.to_arrow())
        try:
            return self.replace(table, schema, "SELECT * FROM frame", made_from)
        finally:
            self._connection.unregister("frame")

    def hash_of_inputs(self, table: Table, schema: str, *more: str) -> str | None:
        """The hash of everything that a table is made of: code, policy, key and inputs; null if an input's isn't known."""
        parts = [f"{schema}.{table.name}", self._run_hash, *more]
        for name in table.references(schema):
            hash_of_input = self._made_from.get(name)
            if hash_of_input is None:
                return None
            parts += [str(name), hash_of_input]
        return _hash(*parts)

    def _is_standing(self, table: Table, schema: str, made_from: str | None) -> bool:
        """Whether the year's rows stand there already, made from the same inputs."""
        return made_from is not None and self._made_from.get(TableName(schema, table.name)) == made_from

    def _keep_hash(self, name: TableName, made_from: str | None) -> None:
        """Remember what a table of the year is made from; one that was never built has no rows, and no hash yet."""
        statement = "INSERT INTO warehouse.made_from (sha256, name, policy_year) VALUES (?, ?, ?)"
        if name in self._made_from:
            statement = "UPDATE warehouse.made_from SET sha256 = ? WHERE name = ? AND policy_year = ?"
        self._connection.execute(statement, [made_from, str(name), self._year])

    def _row_count(self, table: Table, schema: str) -> int:
        counted = self._connection.execute(
            f"SELECT count(*) FROM warehouse.{schema}.{table.name} WHERE policy_year = {self._year}"
        ).fetchall()
        return int(counted[0][0])

    def _stored_hashes(self) -> dict[TableName, str | None]:
        rows = self._connection.execute(
            "SELECT name, sha256 FROM warehouse.made_from WHERE policy_year = ?", [self._year]
        ).fetchall()
        stored: dict[TableName, str | None] = {TableName(*name.split(".")): sha256 for name, sha256 in rows}
        empty = [table for table in tables.load_tables().values() if table.is_empty_when_stated]
        return stored | {TableName(tables.STATED, table.name): "empty" for table in empty}

    def standing_verdicts(self, name: TableName) -> dict[str, int] | None:
        """How much each rule of a table's suite found, if that was judged on the rows that stand there now."""
        rows = self._connection.execute(
            "SELECT check_name, found_count FROM warehouse.verdict WHERE name = ? AND policy_year = ? AND sha256 = ?",
            [str(name), self._year, self._made_from.get(name)],
        ).fetchall()
        return dict(rows) or None

    def keep_verdicts(self, name: TableName, found_counts: dict[str, int]) -> None:
        """Keep what the checks of a table's suite found, for as long as its rows stand."""
        made_from = self._made_from.get(name)
        if made_from is None:
            return
        with self._building(f"verdicts of {name}"):
            self._connection.execute(
                "DELETE FROM warehouse.verdict WHERE name = ? AND policy_year = ?", [str(name), self._year]
            )
            self._connection.executemany(
                "INSERT INTO warehouse.verdict VALUES (?, ?, ?, ?, ?)",
                [[str(name), self._year, made_from, check, count] for check, count in found_counts.items()],
            )

    def is_published(self, final: Path) -> bool:
        """Whether the published file is the one that was written from the very rows that stand there now."""
        stamp = self._stamp(final)
        return stamp is not None and self._made_from.get(PUBLICATION) == stamp

    def keep_publication(self, final: Path) -> None:
        """Remember that the published file was written from the rows that stand there now."""
        stamp = self._stamp(final)
        with self._building(str(PUBLICATION)):
            self._keep_hash(PUBLICATION, stamp)
        self._made_from[PUBLICATION] = stamp

    def _stamp(self, final: Path) -> str | None:
        """The hash of the published file and of what its rows of the year are made of; null if one isn't known."""
        hashes = [self._made_from.get(table.full_name) for table in tables.published_tables()]
        if not final.exists() or None in hashes:
            return None
        with final.open("rb") as stream:
            return _hash(hashlib.file_digest(stream, "sha256").hexdigest(), *(each for each in hashes if each))

    def write_published(self, fresh: Path, final: Path) -> None:
        """Write every published table into a fresh file: the session's year, and the other years of the last published file.

        Raises:
            DaijiaoError: the fresh file holds other rows than the warehouse, or other years have other columns.
        """
        connection = self._connection
        try:
            connection.execute(f"ATTACH '{_quoted(fresh)}' AS fresh (STORAGE_VERSION '{PUBLISHED_STORAGE_VERSION}')")
            earlier = _earlier_tables(connection, final)
            with _transaction(connection):
                for table in tables.published_tables():
                    _publish_table(connection, table, self._year, earlier)
                mask_sender_texts(connection, "fresh", self._year, self._secret)
        finally:
            for name in ("earlier", "fresh"):
                connection.execute(f"DETACH DATABASE IF EXISTS {name}")

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> pl.DataFrame:
        """Run a select statement; tables that it names must have been shown by a build or by `show`."""
        frame: pl.DataFrame = self._connection.sql(sql, params=list(parameters)).pl()
        return frame

    def show(self, *names: TableName) -> None:
        """Make the year's rows of built tables visible under their own names."""
        self._show(names, "core")

    def find(self, sql: str, schema: str = "core") -> pl.DataFrame:
        """Run a select statement after making every table that it names visible."""
        self._show(tables.references(sql, schema), schema)
        return self.query(sql)

    @contextmanager
    def _building(self, what: str) -> Iterator[None]:
        """A transaction whose failure is told in a sentence of ours."""
        try:
            with _transaction(self._connection):
                yield
        except BaseException as error:
            if is_interruption(error):
                raise KeyboardInterrupt from None
            if isinstance(error, duckdb.Error):
                raise DaijiaoError(
                    f"{what} could not be built ({scrubbed(error)}). Nothing of this table was changed. Free disk space or "
                    "memory if that is what is missing, and run again; else report this sentence."
                ) from None
            raise

    def _show(self, names: Sequence[TableName], schema: str) -> None:
        for name in names:
            if name not in self._visible:
                self._connection.execute(
                    f"CREATE VIEW {name} AS SELECT * FROM warehouse.{name} WHERE policy_year = {self._year}"
                )
                self._visible.add(name)
            if name.schema == schema:
                self._connection.execute(f"CREATE OR REPLACE VIEW stage.{name.name} AS SELECT * FROM {name}")


def put_tables(connection: duckdb.DuckDBPyConnection, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
    """Put frames into a schema of their own as tables, by their names."""
    connection.execute(f"CREATE SCHEMA {schema}")
    for name, frame in frames.items():
        connection.register("reference_frame", frame.to_arrow())
        connection.execute(f"CREATE TABLE {schema}.{name} AS SELECT * FROM reference_frame")
        connection.unregister("reference_frame")


@contextmanager
def session(run: Run) -> Iterator[Session]:
    """Open the warehouse for building a year: its tables made ready, the policy's tables beside them."""
    path = run.warehouse / WAREHOUSE_FILE
    connection = _connect(run.warehouse)
    try:
        _attach(connection, path)
        _prepare(connection)
        for schema in (*tables.BUILT_SCHEMAS, tables.STAGE_SCHEMA):
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        connection.execute(MACROS.read_text(encoding="utf-8"))
        put_tables(connection, "policy", reference_tables(run))
        put_tables(connection, "code", code_tables())
        yield Session(connection, run)
    except duckdb.Error as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        raise DaijiaoError(
            f"The warehouse {path} can't be used ({scrubbed(error)}). Close other programs that have it open, free disk space "
            "or memory, and run again; it can also be deleted, since a refresh makes it from the landed files."
        ) from None
    finally:
        connection.close()


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file for reading only.

    Raises:
        DaijiaoError: the file isn't there or can't be opened.
    """
    if not path.is_file():
        raise DaijiaoError(f"There is no {path.name} in {path.parent}. Run `daijiao refresh` first.")
    if path.name == WAREHOUSE_FILE:
        close_folder(path.parent)
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise DaijiaoError(
            f"{path} can't be opened ({scrubbed(error)}). Wait until the running refresh has ended."
        ) from None
    try:
        yield connection
    finally:
        connection.close()


def publish(open_session: Session, run: Run) -> None:
    """Write the published file from the session's year and the other years already published, and put it in place at once.

    What its tables mean is written beside it, from the same contracts.

    Raises:
        DaijiaoError: the file can't be written, or holds other rows than were computed; the last published one stays.
    """
    LOGGER.info("Publishing %s", PUBLISHED_FILE)
    final = run.warehouse / PUBLISHED_FILE
    fresh = run.warehouse / f"{PUBLISHED_FILE}{NEW}"
    _remove(fresh)
    try:
        write_dictionary(run.warehouse, PUBLISHED_FILE)
        if open_session.is_published(final):
            return
        open_session.write_published(fresh, final)
        fresh.chmod(GROUP_FILE)
        _sync(fresh)
        fresh.replace(final)
        _sync(run.warehouse)
        open_session.keep_publication(final)
    except (duckdb.Error, OSError) as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        raise DaijiaoError(
            f"{final} could not be written ({scrubbed(error)}). The last published tables stay; free disk space or make the "
            "folder writable, and run again."
        ) from None
    finally:
        _remove(fresh)


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
    parts = [f"SELECT {columns} FROM warehouse.{table.full_name} WHERE policy_year = {year}"]
    if table.full_name in earlier:
        if sorted(earlier[table.full_name]) != sorted(table.column_names):
            raise DaijiaoError(
                f"The published {table.full_name} of other years has other columns than this version writes. Move "
                f"{PUBLISHED_FILE} away and refresh every year again."
            )
        parts.append(f"SELECT {columns} FROM earlier.{table.full_name} WHERE policy_year <> {year}")
    order = ", ".join(table.key) if table.key else "ALL"
    connection.execute(f"INSERT INTO {name} ({columns}) {' UNION ALL '.join(parts)} ORDER BY {order}")
    if _content(connection, table, "fresh", year) != _content(connection, table, "warehouse", year):
        raise DaijiaoError(
            f"The published {table.full_name} of {year} is not what was computed. The last published tables stay; run again, "
            "and have the disk checked if this comes back."
        )
    for statement in tables.comment_statements(table, name):
        connection.execute(statement)


def _content(connection: duckdb.DuckDBPyConnection, table: Table, database: str, year: int) -> tuple[int, int]:
    """The number of a table's rows of a year, and a sum over their hashes that doesn't depend on their order."""
    columns = ", ".join(f'"{column}"' for column in table.column_names)
    counted = connection.execute(
        f"SELECT count(*), coalesce(sum(hash({columns})), 0) FROM {database}.{table.full_name} WHERE policy_year = {year}"
    ).fetchall()
    return int(counted[0][0]), int(counted[0][1])


def _earlier_tables(connection: duckdb.DuckDBPyConnection, final: Path) -> dict[TableName, list[str]]:
    if not final.exists():
        return {}
    connection.execute(f"ATTACH '{_quoted(final)}' AS earlier (READ_ONLY)")
    found: dict[TableName, list[str]] = {}
    rows = connection.execute(
        "SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE database_name = 'earlier'"
    )
    for schema, table, column in rows.fetchall():
        found.setdefault(TableName(schema, table), []).append(column)
    return found


def _connect(folder: Path) -> duckdb.DuckDBPyConnection:
    spill = folder / SPILL_FOLDER
    spill.mkdir(mode=OWNER_FOLDER, exist_ok=True)
    connection = duckdb.connect(":memory:", config={"temp_directory": str(spill), "preserve_insertion_order": "false"})
    connection.execute("SET enable_progress_bar = false")
    return connection


def _attach(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    restrict_process()
    connection.execute(f"ATTACH '{_quoted(path)}' AS warehouse (ROW_GROUP_SIZE {ROW_GROUP_ROWS})")


def _prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that are missing, or were made from another contract: their rows come back with the next build.

    Descriptions are put on the published tables alone; here they would double the time of a first refresh.
    """
    for schema in tables.BUILT_SCHEMAS:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS warehouse.{schema}")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS warehouse.contract (name VARCHAR PRIMARY KEY, sha256 VARCHAR NOT NULL)"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS warehouse.made_from (name VARCHAR, policy_year INTEGER, sha256 VARCHAR, "
        "PRIMARY KEY (name, policy_year))"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS warehouse.verdict "
        "(name VARCHAR, policy_year INTEGER, sha256 VARCHAR, check_name VARCHAR, found_count BIGINT)"
    )
    found = dict(connection.execute("SELECT name, sha256 FROM warehouse.contract").fetchall())
    with _transaction(connection):
        for table in tables.load_tables().values():
            for built in table.built_names:
                _prepare_table(connection, table, built, found.get(str(built)))


def _prepare_table(connection: duckdb.DuckDBPyConnection, table: Table, built: TableName, sha256: str | None) -> None:
    """Create a table anew unless it stands there by the same contract, whose hash is kept."""
    name = f"warehouse.{built}"
    statement = tables.create_statement(table, name)
    if sha256 == (wanted := _hash(statement)):
        return
    if sha256 is None:
        connection.execute("INSERT INTO warehouse.contract VALUES (?, ?)", [str(built), wanted])
    else:
        connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE warehouse.contract SET sha256 = ? WHERE name = ?", [wanted, str(built)])
        connection.execute("DELETE FROM warehouse.made_from WHERE name = ?", [str(built)])
    connection.execute(statement)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
