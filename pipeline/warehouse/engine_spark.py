"""The engine that lets Spark run the rules: the same statements, translated, over Spark Connect.

Files are read, and rows kept, checked and published, where daijiao runs, in the store of the engine in this process: so a store
can be built by either, and what stands needn't be built again when the engine changes. Rows go to Spark and come back as Parquet
through the lake, a folder that both see; what a session put there it takes away.
"""

import logging
import os
import re
import socket
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import duckdb
import polars as pl

from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError, UsageError
from pipeline.privacy import is_interruption, scrubbed
from pipeline.restricted import remove, sweep
from pipeline.warehouse.engine import Rows
from pipeline.warehouse.engine_duckdb import DuckDBEngine
from pipeline.warehouse.reading import quoted
from pipeline.warehouse.spark_sql import built_by_spark, is_recursive

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

_ADDRESS = re.compile(r"sc://([^\s:/;]+):(\d{1,5})(?:/;\S*)?")
_CONNECT_SECONDS = 20.0
# That numbers, dates and failing casts mean what they mean in DuckDB.
_MEANINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
}
# Loggers of the client that write an error with the value which it is about.
_LOGGERS = ("DataFrameQueryContextLogger", "SQLQueryContextLogger", "pyspark.sql.connect.logging")
_SESSIONS = count(1)


class Address(NamedTuple):
    """Where a Spark Connect server listens; what follows the port may hold a token, and is never shown."""

    url: str
    host: str
    port: int

    @property
    def shown(self) -> str:
        """The address as it may be shown."""
        return f"sc://{self.host}:{self.port}"


def address_of(url: str) -> Address:
    """The address that a setting names.

    Raises:
        UsageError: it is none.
    """
    found = _ADDRESS.fullmatch(url)
    if found is None or not 0 < int(found[2]) < 65536:
        raise UsageError(
            "DAIJIAO_ENGINE is neither duckdb nor the address of a Spark Connect server, such as sc://spark.example:15002. "
            "Correct or unset it, and run again.",
            "DAIJIAO_ENGINE 既不是 duckdb,也不是 Spark Connect 服务的地址(例如 sc://spark.example:15002)。"
            "请改正或取消该变量,再重新运行。",
        )
    return Address(url, found[1], int(found[2]))


class SparkEngine(DuckDBEngine):
    """An engine (`pipeline.warehouse.engine`) whose statements Spark runs, and whose rows the store of this process keeps."""

    def __init__(self, spill: Path, secret: str, address: Address, lake: Path, place: str) -> None:
        """Connect to Spark, and make a folder for the session in the lake.

        Args:
            spill: folder for what doesn't fit into memory.
            secret: the key by which masks of senders' texts are made.
            address: where Spark Connect listens.
            lake: a folder that this process and every worker of Spark see under the same path.
            place: the folder below the lake in which the session has its own, such as its district and year.

        Raises:
            ImportError: the client of Spark isn't installed.
            DaijiaoError: nobody listens, or the lake can't be written.
        """
        super().__init__(spill, secret)
        self._address = address
        self._folder = lake / place / f"{stem()}{os.getpid()}-{next(_SESSIONS)}"
        self._mode = _prepared(lake, self._folder)
        # The year of the rows that Spark sees of a table, and of those that it is to see.
        self._travelled: dict[TableName, int] = {}
        self._shown: dict[TableName, int] = {}
        self._staged: dict[str, TableName] = {}
        self._folders = count(1)
        try:
            self._spark = connected(address)
        except BaseException:
            remove(self._folder)
            raise

    def put(self, schema: str, frames: Mapping[str, pl.DataFrame]) -> None:
        """Put frames into a schema of their own as tables, by their names."""
        super().put(schema, frames)
        self._shown |= {TableName(schema, name): 0 for name in frames}

    def show(self, name: TableName, year: int) -> None:
        """Make a year's rows of a stored table visible under the table's own name."""
        super().show(name, year)
        self._shown[name] = year

    def show_staged(self, name: TableName) -> None:
        """Make a visible table visible in the schema ``stage`` too."""
        super().show_staged(name)
        self._staged[name.name] = name

    def replace(self, table: Table, name: TableName, year: int, select: str, made_from: str | None) -> Rows:
        """Replace a year's rows of a table by those that Spark finds for a select statement, in one transaction.

        What is landed is read where it lies, and what is recursive, which Spark 4.0 can't run, is found here; of all else the
        statement is translated.

        Raises:
            UntranslatableError: something in the statement isn't known to mean the same on Spark.
            DaijiaoError: Spark failed, the store refused a row, or a row stands twice; the table is as it was.
        """
        if table.schema == "raw" or is_recursive(select):
            return self._store(table, name, year, select, made_from)
        named: set[TableName] = set()
        statement = built_by_spark(table, select, lambda read: self._view_of(read, named))
        folder = self._next_folder(name)
        with self._asking(f"{name} of {year}"):
            for read in sorted(named):
                self._send(read)
            self._spark.sql(statement).write.mode("overwrite").parquet(f"file://{folder}")
        files = sorted(folder.glob("*.parquet"))
        if not files:
            return self._store(table, name, year, _no_rows(table), made_from)
        listed = ", ".join(f"'{quoted(file)}'" for file in files)
        known = self._store(table, name, year, f"SELECT * FROM read_parquet([{listed}])", made_from)
        with self._asking(f"{name} of {year}"):
            self._see(name, year, folder)
        return known

    def close(self) -> None:
        """Let go of the store and of Spark, and leave nothing in the lake."""
        super().close()
        disconnect(self._spark)
        remove(self._folder)

    def _store(self, table: Table, name: TableName, year: int, select: str, made_from: str | None) -> Rows:
        """Replace a year's rows of a table by those of a statement that runs here; Spark doesn't see them yet."""
        self._travelled.pop(name, None)
        return super()._store(table, name, year, select, made_from)

    def _view_of(self, read: TableName, named: set[TableName]) -> str:
        """The view that stands for a table on Spark, which is noted as named."""
        name = self._staged[read.name] if read.schema == tables.STAGE_SCHEMA else read
        named.add(name)
        return _view_name(name)

    def _send(self, name: TableName) -> None:
        """Let Spark see the rows that are visible here under a table's name, unless it does."""
        year = self._shown[name]
        if self._travelled.get(name) == year:
            return
        folder = self._next_folder(name)
        file = folder / "rows.parquet"
        try:
            folder.mkdir()
            folder.chmod(self._mode)
            self._connection.execute(f"COPY (SELECT * FROM {name}) TO '{quoted(file)}' (FORMAT parquet)")
            file.chmod(self._mode & 0o660)
        except (OSError, duckdb.IOException) as error:
            raise DaijiaoError(
                f"The rows of {name} could not be written into {self._folder} ({scrubbed(error)}). Nothing was changed; free "
                "disk space there, and run again."
            ) from None
        self._see(name, year, folder)

    def _see(self, name: TableName, year: int, folder: Path) -> None:
        self._spark.read.parquet(f"file://{folder}").createOrReplaceTempView(_view_name(name))
        self._travelled[name] = year

    def _next_folder(self, name: TableName) -> Path:
        """Where rows of a table travel: apart from those that it had before, which may still be read."""
        return self._folder / f"{name}.{next(self._folders)}"

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        """Whose failure is told in a sentence of ours: what Spark says quotes statements and values."""
        from pyspark.errors import PySparkException

        try:
            yield
        except PySparkException as error:
            if is_interruption(error):
                raise KeyboardInterrupt from None
            raise DaijiaoError(
                f"{what} could not be built by Spark at {self._address.shown} "
                f"({error.getCondition() or type(error).__name__}). Nothing of this table was changed. Look into Spark's own "
                "log, and run again; or unset DAIJIAO_ENGINE, and this machine builds the same tables."
            ) from None


def _view_name(name: TableName) -> str:
    return f"{name.schema}__{name.name}"


def _no_rows(table: Table) -> str:
    columns = ", ".join(f'NULL AS "{column}"' for column in table.column_names)
    return f"SELECT {columns} WHERE false"


def stem() -> str:
    """How the folders of this machine's sessions begin: the numbers of processes are its own."""
    return f"session-{re.sub(r'[^A-Za-z0-9]', '_', socket.gethostname())}-"


def _prepared(lake: Path, folder: Path) -> int:
    """Make a session's folder; returns its mode, open to the lake's group where the lake is, since Spark may be another user."""
    try:
        lake.mkdir(parents=True, exist_ok=True)
        mode = 0o700 | (stat.S_IMODE(lake.stat().st_mode) & 0o070)
        sweep(folder.parent, stem())
        for each in (folder.parent.parent, folder.parent, folder):
            if not each.exists():
                each.mkdir()
                each.chmod(mode)
    except OSError as error:
        raise DaijiaoError(
            f"The folder {lake}, through which rows go to Spark, can't be written ({error.strerror}). Make it writable for this "
            "user and for Spark's, or name another one with DAIJIAO_LAKE, and run again."
        ) from None
    return mode


def connected(address: Address) -> "SparkSession":
    """A session of the server in which numbers, dates and failing casts mean what they mean in DuckDB.

    Raises:
        ImportError: the client of Spark isn't installed.
        DaijiaoError: nobody listens.
    """
    from pyspark.sql.connect.session import SparkSession

    try:
        # The client itself would ask again for minutes.
        socket.create_connection((address.host, address.port), _CONNECT_SECONDS).close()
    except OSError as error:
        raise DaijiaoError(
            f"Nobody answers at {address.shown} ({error.strerror or 'no answer'}). Start Spark Connect there, or unset "
            "DAIJIAO_ENGINE, and this machine builds the same tables; then run again."
        ) from None
    for logger in _LOGGERS:
        logging.getLogger(logger).disabled = True
    spark = SparkSession.builder.remote(address.url).create()
    try:
        for name, value in _MEANINGS.items():
            spark.conf.set(name, value)
    except BaseException:
        disconnect(spark)
        raise
    return spark


def disconnect(spark: "SparkSession") -> None:
    """Let go of a session, for good."""
    # Nobody needs it any more: a server that is gone is not asked again and again for minutes.
    spark.client.set_retry_policies([])
    spark.stop()
    # Whenever Python collects the session, the client would close it again, and with it what all sessions of this process share:
    # in the midst of another one's statement it would wait for ever for the lock that it interrupted (SPARK-55406).
    setattr(spark.client, "close", _nothing)  # noqa: B010 - a method of its class, which only this session is to lose


def _nothing() -> None:
    """What is left to do when a session that was let go of is collected."""
