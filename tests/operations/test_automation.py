"""What starts runs and what happens beside them: the schedule's tick, the sensor's tick, the alert, the purge."""

import http.server
import json
import logging
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest
import sqlalchemy
from dagster._daemon.monitoring.run_monitoring import check_run_timeout

from pipeline.build.needed_sources import NEEDED_SOURCES
from pipeline.dagster import automation
from pipeline.dagster.alive import SENTENCE, alive, end_dead_runs
from pipeline.dagster.definitions import make_definitions
from pipeline.settings import PROJECT_FOLDER
from tests.operations.commands import Place, start_command
from tests.operations.world import IDS, NAMES, PERSONAL_VALUES, write_world

DEFINITIONS = make_definitions()
REPOSITORY = DEFINITIONS.get_repository_def()


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The landing folder of the settings, with files of two years."""
    monkeypatch.setenv("DAIJIAO_RAW", str(tmp_path / "raw"))
    monkeypatch.setenv("DAIJIAO_WAREHOUSE", str(tmp_path / "warehouse"))
    for year in (2018, 2019):
        for source in NEEDED_SOURCES:
            path = tmp_path / "raw" / str(year) / source / "a.csv"
            path.parent.mkdir(parents=True)
            path.write_text("1")
    return tmp_path / "raw"


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """A history in a folder of its own, with our settings."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", home / "dagster.yaml")
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as made:
        yield made


def test_nightly_tick_asks_for_every_year_that_has_files(raw: Path, instance: dg.DagsterInstance) -> None:
    """One run a year, at 01:30 in Shanghai, known by night and year so that a tick that is made up for asks once."""
    schedule = DEFINITIONS.resolve_schedule_def("nightly")
    night = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    assert schedule.execution_timezone == "Asia/Shanghai"
    with dg.build_schedule_context(
        instance=instance, scheduled_execution_time=night, repository_def=REPOSITORY
    ) as context:
        tick = schedule.evaluate_tick(context)
    assert tick.run_requests is not None
    assert [request.partition_key for request in tick.run_requests] == ["2018", "2019"]
    assert len({request.run_key for request in tick.run_requests}) == 2
    # A year without files is none that is missing.
    assert instance.get_dynamic_partitions("policy_year") == ["2018", "2019"]


def test_nightly_tick_without_files_asks_for_nothing(
    tmp_path: Path, instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty landing folder is no failure."""
    monkeypatch.setenv("DAIJIAO_RAW", str(tmp_path / "raw"))
    night = datetime(2026, 3, 1, tzinfo=UTC)
    with dg.build_schedule_context(instance=instance, scheduled_execution_time=night) as context:
        assert DEFINITIONS.resolve_schedule_def("nightly").evaluate_tick(context).run_requests == []


def test_sensor_tick_asks_for_the_years_that_changed(raw: Path, instance: dg.DagsterInstance) -> None:
    """The second look finds the files whole; asked for again after a failure, the run has another key."""
    hour_ago = (datetime.now(UTC) - timedelta(hours=1)).timestamp()
    for path in raw.rglob("*.csv"):
        os.utime(path, (hour_ago, hour_ago))
    sensor = DEFINITIONS.resolve_sensor_def("landing")
    cursor, asked = None, []
    for _ in range(3):
        with dg.build_sensor_context(
            instance=instance, instance_ref=instance.get_ref(), cursor=cursor, repository_def=REPOSITORY
        ) as context:
            tick = sensor.evaluate_tick(context)
        cursor = tick.cursor
        asked.append([request.partition_key for request in tick.run_requests or []])
    assert asked == [[], ["2018", "2019"], []]


class Sink(http.server.BaseHTTPRequestHandler):
    """Takes what an alert posts."""

    received: list[str] = []  # noqa: RUF012 - one sink a test

    def do_POST(self) -> None:
        """Keep the body."""
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8"))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the server's name
        """Say nothing."""


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What arrives at the address in DAIJIAO_ALERT_URL."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink) as server:
        monkeypatch.setenv("DAIJIAO_ALERT_URL", f"json://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(Sink, "received", [])
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Sink.received
        server.shutdown()
        thread.join()


@dg.op
def failing() -> None:
    """Fail with a text that quotes a person, as a library's error does."""
    raise ValueError(f"{NAMES[0]} {IDS[0]}")


@dg.job(executor_def=dg.in_process_executor)
def broken() -> None:
    """A job that fails."""
    failing()


def test_failure_is_told_without_a_personal_value(instance: dg.DagsterInstance, received: list[str]) -> None:
    """The alert names the run and the year, nobody and no value."""
    run = broken.execute_in_process(instance=instance, raise_on_error=False, tags={"dagster/partition": "2019"})
    assert not run.success
    automation.failure_alert(_failure(instance, run))
    assert len(received) == 1
    message = json.loads(received[0])
    assert "2019" in message["title"]
    assert run.run_id[:8] in message["message"]
    assert not any(value in received[0] for value in PERSONAL_VALUES)


def test_no_alert_without_an_address(
    instance: dg.DagsterInstance, received: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told anything where nothing is set."""
    monkeypatch.delenv("DAIJIAO_ALERT_URL")
    run = broken.execute_in_process(instance=instance, raise_on_error=False)
    automation.failure_alert(_failure(instance, run))
    assert received == []


def _failure(instance: dg.DagsterInstance, run: dg.ExecuteInProcessResult) -> dg.RunFailureSensorContext:
    return dg.build_run_status_sensor_context(
        sensor_name="failure_alert",
        dagster_instance=instance,
        dagster_run=run.dagster_run,
        dagster_event=run.get_run_failure_event(),
    ).for_run_failure()


@pytest.mark.parametrize(("history_days", "is_kept"), [("180", True), ("0", False)])
def test_old_runs_are_forgotten_whole(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch, history_days: str, *, is_kept: bool
) -> None:
    """Events, logs and files of a run that is older than the history that is kept; the purge keeps its own."""
    run = broken.execute_in_process(instance=instance, raise_on_error=False)
    root = Path(instance.root_directory)
    assert _files_of(root, run.run_id)
    monkeypatch.setenv("DAIJIAO_HISTORY_DAYS", history_days)
    purge = automation.purge.execute_in_process(instance=instance)
    assert purge.success
    assert bool(instance.get_run_by_id(run.run_id)) == is_kept
    assert bool(_files_of(root, run.run_id)) == is_kept
    assert instance.get_run_by_id(purge.run_id) is not None


def _files_of(root: Path, run_id: str) -> list[Path]:
    return [path for path in root.rglob("*") if run_id in str(path) and path.is_file()]


def test_the_last_runs_are_kept_by_number(instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    """However young they are."""
    runs = [broken.execute_in_process(instance=instance, raise_on_error=False).run_id for _ in range(3)]
    monkeypatch.setenv("DAIJIAO_HISTORY_RUNS", "1")
    assert automation.purge.execute_in_process(instance=instance).success
    assert [bool(instance.get_run_by_id(run_id)) for run_id in runs] == [False, False, True]


def test_purge_is_scheduled() -> None:
    """Once a day, and on."""
    schedule = automation.daily_purge
    assert (schedule.cron_schedule, schedule.default_status) == ("0 3 * * *", dg.DefaultScheduleStatus.RUNNING)


def test_run_whose_process_is_gone_is_ended_as_failed(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By whoever looks next; one that is alive, or has only just begun, goes on."""
    run = DEFINITIONS.resolve_job_def("purge")
    begun = instance.create_run_for_job(run, status=dg.DagsterRunStatus.STARTED)
    with alive(instance, begun.run_id):
        assert end_dead_runs(instance) == []
    assert end_dead_runs(instance) == []
    monkeypatch.setattr("pipeline.dagster.alive.BEGINNING", timedelta(0))
    assert end_dead_runs(instance, own_run_id=begun.run_id) == []
    assert end_dead_runs(instance) == [begun.run_id]
    ended = instance.get_run_by_id(begun.run_id)
    assert ended is not None
    assert ended.status == dg.DagsterRunStatus.FAILURE
    assert end_dead_runs(instance) == []


def test_killed_command_is_ended_as_failed(tmp_path: Path) -> None:
    """A refresh that is killed holds nothing up: whoever looks next ends its run, with a sentence."""
    place = Place(tmp_path, {"DAIJIAO_KEY": "the key of the installation, 32 or more"})
    place.dagster_home.mkdir()
    shutil.copyfile(PROJECT_FOLDER / "dagster.yaml", place.dagster_home / "dagster.yaml")
    write_world(place.raw)
    command = start_command(place)
    while not list(place.dagster_home.glob("alive/*.lock")):
        assert command.process.is_alive(), command.stderr
        time.sleep(0.05)
    command.process.kill()
    assert command.status() == -signal.SIGKILL
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(place.dagster_home))
        with dg.DagsterInstance.get() as left:
            (run_id,) = end_dead_runs(left)
            ended = left.get_run_by_id(run_id)
            assert ended is not None
            assert ended.status == dg.DagsterRunStatus.FAILURE
            (event,) = left.all_logs(run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE)
            assert SENTENCE in event.message


def test_the_end_of_a_dead_run_is_told(
    instance: dg.DagsterInstance, received: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the sensor that tells of every failed run: it finds the run's failure among the events."""
    monkeypatch.setattr("pipeline.dagster.alive.BEGINNING", timedelta(0))
    sensor = DEFINITIONS.resolve_sensor_def("failure_alert")

    def tick(cursor: str | None) -> str | None:
        with dg.build_sensor_context(
            instance=instance, instance_ref=instance.get_ref(), cursor=cursor, repository_def=REPOSITORY
        ) as context:
            return sensor.evaluate_tick(context).cursor

    cursor = tick(None)
    run = instance.create_run_for_job(
        DEFINITIONS.resolve_job_def("purge"), status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "2019"}
    )
    assert end_dead_runs(instance) == [run.run_id]
    tick(cursor)
    assert len(received) == 1
    assert run.run_id[:8] in received[0]


def test_a_run_that_takes_too_long_is_ended(instance: dg.DagsterInstance) -> None:
    """After four hours, whoever started it; a younger one goes on."""
    assert instance.run_monitoring_enabled
    assert instance.run_monitoring_max_runtime_seconds == 4 * 3600
    statuses = []
    for hours in (3, 5):
        run = instance.create_run_for_job(DEFINITIONS.resolve_job_def("purge"), status=dg.DagsterRunStatus.STARTED)
        with instance.run_storage.connect() as connection:
            connection.execute(
                sqlalchemy.text("UPDATE runs SET start_time = :began WHERE run_id = :run"),
                {"began": time.time() - hours * 3600, "run": run.run_id},
            )
        record = instance.get_run_record_by_id(run.run_id)
        assert record is not None
        check_run_timeout(
            instance, record, logging.getLogger(__name__), float(instance.run_monitoring_max_runtime_seconds)
        )
        ended = instance.get_run_by_id(run.run_id)
        assert ended is not None
        statuses.append(ended.status)
    assert statuses == [dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.FAILURE]
