"""The history of runs in Dagster's own SQLite files, over connections that stay open.

Dagster opens a connection for every event, and waits for the disk at each: that cost more than building the tables. The files,
their tables and what stands in them are Dagster's; its stock storage reads them as well. Named in ``dagster.yaml``.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

import dagster as dg
import sqlalchemy
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy.engine import Connection, Engine

INDEX = "index"
# The index, the run that is at work, and some that somebody looks at.
MOST_OPEN = 8
BUSY_SECONDS = 60


class History(SqliteEventLogStorage):  # type: ignore[misc]
    """Dagster's SQLite event log over connections that stay open."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        """Make the folder and its index where they are missing."""
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._lock = RLock()
        super().__init__(base_dir, inst_data)

    @classmethod
    def config_type(cls) -> Any:
        """The folder of the instance, in which the files lie where Dagster looks for them by itself."""
        return {"home": dg.StringSource}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "History":
        """As Dagster makes it from ``dagster.yaml``."""
        return cls(str(Path(config_value["home"]) / "history" / "runs"), inst_data)

    def run_connection(self, run_id: str | None = None) -> Any:
        """A connection to the file of a run, within a transaction."""
        return self._connected(str(run_id))

    def index_connection(self) -> Any:
        """A connection to the file of what is known over all runs, within a transaction."""
        return self._connected(INDEX)

    def delete_events(self, run_id: str) -> None:
        """Forget a run, and its file with it."""
        super().delete_events(run_id)
        with self._lock:
            self._close(run_id)
            for suffix in ("", "-wal", "-shm"):
                Path(self.path_for_shard(run_id) + suffix).unlink(missing_ok=True)

    def dispose(self) -> None:
        """Close every connection."""
        with self._lock:
            for shard in list(self._engines):
                self._close(shard)
        super().dispose()

    @contextmanager
    def _connected(self, shard: str) -> Iterator[Connection]:
        with self._lock, self._engine(shard).begin() as connection:
            yield connection

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            # Dagster makes the file and its tables where they are missing.
            with super().run_connection(shard):
                pass
            engine = sqlalchemy.create_engine(
                self.conn_string_for_shard(shard),
                poolclass=sqlalchemy.StaticPool,
                connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
            )
            with engine.begin() as connection:
                # A loss of power can take the last events, and leaves the file whole.
                connection.execute(sqlalchemy.text("PRAGMA synchronous=NORMAL"))
            self._engines[shard] = engine
            for oldest in [each for each in self._engines if each not in (INDEX, shard)][:-MOST_OPEN]:
                self._close(oldest)
        self._engines.move_to_end(shard)
        return self._engines[shard]

    def _close(self, shard: str) -> None:
        engine = self._engines.pop(shard, None)
        if engine is not None:
            engine.dispose()
