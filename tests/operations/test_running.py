"""A whole installation under ``dagster dev``: the schedule's tick and the landing sensor really fire, and publish."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipeline.settings import PROJECT_FOLDER
from tests.deep import only_deep
from tests.operations.world import land_second_batch, write_world
from tests.waiting import wait_for

SECONDS = 900
SCHEDULED = {"dagster/schedule_name": "every_minute"}
SENSED = {"dagster/sensor_name": "landing"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folders of an installation; the landed files are whole."""
    write_world(tmp_path / "raw")
    (tmp_path / "home").mkdir()
    shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", tmp_path / "home" / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DAIJIAO_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("DAIJIAO_WAREHOUSE", str(tmp_path / "warehouse"))
    monkeypatch.setenv("DAIJIAO_KEY", "the key of the running installation")
    # Several processes that make the databases of a history at once are in one another's way.
    with dg.DagsterInstance.get() as instance:
        assert instance.get_runs_count() == 0
    return tmp_path


@pytest.fixture
def running(folder: Path) -> Iterator[Path]:
    """``dagster dev`` with these folders, until the test ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("dagster"), "dev", "-h", "127.0.0.1", "-p", str(port)]
    with (folder / "dev.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "-m", "tests.operations.every_minute", "-d", str(PROJECT_FOLDER)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(PROJECT_FOLDER)},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield folder
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


def succeeded(tags: dict[str, str]) -> int:
    """How many runs with these tags have succeeded."""
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(dg.RunsFilter(tags=tags))
        assert all(run.status != dg.DagsterRunStatus.FAILURE for run in runs)
        return sum(run.status == dg.DagsterRunStatus.SUCCESS for run in runs)


def returned_lines(published: Path) -> int:
    """The number of returned lines that are published."""
    with duckdb.connect(str(published), read_only=True) as connection:
        found = connection.execute("SELECT count(*) FROM core.return_line").fetchone()
    assert found is not None
    return int(found[0])


@only_deep("waits some minutes for ticks")
def test_schedule_and_sensor_fire_and_publish(running: Path) -> None:
    """The tick of a one-minute schedule refreshes; so does the sensor, at first and when another file has landed."""
    published = running / "warehouse" / "published.duckdb"
    wait_for("a scheduled refresh", lambda: succeeded(SCHEDULED) > 0, seconds=SECONDS, between=2)
    assert returned_lines(published) == 2
    wait_for("a refresh for the landed files", lambda: succeeded(SENSED) > 0, seconds=SECONDS, between=2)
    land_second_batch(running / "raw")
    wait_for("a refresh for another file", lambda: succeeded(SENSED) > 1, seconds=SECONDS, between=2)
    assert returned_lines(published) == 4
    print(f"the schedule refreshed {succeeded(SCHEDULED)} times, the sensor {succeeded(SENSED)} times")
