"""Which runs are alive, and the end of those whose process is gone.

A run holds a lock of its own for as long as its process lives; the operating system lets go of it when the process is killed.
So a run that is told to be running, and whose lock nobody holds, is dead: it is ended as failed, with a sentence that says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from filelock import FileLock, Timeout

from pipeline.log import LOGGER

FOLDER = "alive"
# A run that has only just begun may not hold its lock yet.
BEGINNING = timedelta(seconds=60)
SENTENCE = (
    "The process of this run ended without a word (killed, or the machine went down). Nothing of it was published; the last "
    "published tables stay. Launch it again. 运行进程已中断,未发布任何内容,请重新运行。"
)


@contextmanager
def alive(instance: dg.DagsterInstance, run_id: str) -> Iterator[None]:
    """Hold a run's own lock, so that everybody can see that its process lives."""
    path = _lock_file(instance, run_id)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path, timeout=0):
        yield
    path.unlink(missing_ok=True)


def end_dead_runs(instance: dg.DagsterInstance, own_run_id: str | None = None) -> list[str]:
    """End every run as failed that is told to be running and whose process is gone; returns their ids.

    Args:
        instance: the history.
        own_run_id: the run that asks, if a run does.
    """
    running = [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
    dead = [
        record
        for record in instance.get_run_records(dg.RunsFilter(statuses=running))
        if record.dagster_run.run_id != own_run_id and _is_dead(instance, record)
    ]
    for record in dead:
        run_id = record.dagster_run.run_id
        LOGGER.warning("The run %s was ended as failed: its process is gone", run_id[:8])
        instance.report_run_failed(record.dagster_run, SENTENCE)
        _lock_file(instance, run_id).unlink(missing_ok=True)
    return [record.dagster_run.run_id for record in dead]


def _is_dead(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    path = _lock_file(instance, record.dagster_run.run_id)
    if not path.exists():
        begun = datetime.fromtimestamp(record.start_time or record.create_timestamp.timestamp(), UTC)
        return datetime.now(UTC) - begun > BEGINNING
    try:
        with FileLock(path, timeout=0):
            return True
    except Timeout:
        return False


def _lock_file(instance: dg.DagsterInstance, run_id: str) -> Path:
    return Path(instance.root_directory) / FOLDER / f"{run_id}.lock"
