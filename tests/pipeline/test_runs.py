"""Whole runs of the Dagster jobs over a small world: what they leave in the history, and what they say when they fail."""

import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipeline.commands.launch import run_job
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.dagster.assets import PUBLISHED
from pipeline.dagster.automation import reports_after_publishing
from pipeline.dagster.definitions import make_definitions
from pipeline.dagster.graph import shown_tables
from pipeline.dagster.pages import asset_key
from pipeline.errors import DaijiaoError, UsageError
from pipeline.reports.release import stale_reports
from tests.operations.world import WRONG_FILES, YEAR, land_second_batch, write_file, write_world

REFUSED = "bank_returns/没有合计.txt"


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation whose year was refreshed twice with the same files, and once more when a file had landed."""
    folder = tmp_path_factory.mktemp("installation")
    with pytest.MonkeyPatch.context() as patch:
        live_in(folder, patch)
        write_world(folder / "raw")
        write_file(folder / "raw", REFUSED, WRONG_FILES[REFUSED])
        for _ in range(2):
            run_job("refresh", YEAR)
        land_second_batch(folder / "raw")
        run_job("refresh", YEAR)
    return folder


@pytest.fixture
def folder(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The installation, whose settings are in force."""
    live_in(installation, monkeypatch)
    return installation


def live_in(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Let the settings name the folders of an installation."""
    for name in ("raw", "warehouse", "reports"):
        patch.setenv(f"DAIJIAO_{name.upper()}", str(folder / name))
    patch.setenv("DAIJIAO_KEY", "the key of the installation, 32 or more")
    patch.setenv("DAGSTER_HOME", str(folder / "home"))


@pytest.fixture
def history(folder: Path) -> Iterator[dg.DagsterInstance]:
    """The history that the runs have left."""
    with dg.DagsterInstance.get() as instance:
        yield instance


def materialised(history: dg.DagsterInstance, run: dg.DagsterRun) -> list[dg.AssetKey]:
    """What a run has shown as built."""
    return [
        event.dagster_event.asset_key
        for event in history.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        if event.dagster_event is not None and event.dagster_event.asset_key is not None
    ]


def refreshes(history: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The three refreshes, in order."""
    runs = history.get_runs(dg.RunsFilter(job_name="refresh", statuses=[dg.DagsterRunStatus.SUCCESS]))
    return list(reversed(runs))[:3]


def test_first_refresh_shows_every_table_and_the_publication(history: dg.DagsterInstance) -> None:
    """Once each, in the order in which they are built."""
    first, _, _ = refreshes(history)
    assert materialised(history, first) == [*(asset_key(shown.name) for shown in shown_tables()), PUBLISHED]


def test_refresh_with_nothing_new_shows_the_publication_alone(history: dg.DagsterInstance) -> None:
    """What stands unchanged keeps the time at which it was built; every check is judged."""
    _, second, _ = refreshes(history)
    assert materialised(history, second) == [PUBLISHED]
    checked = history.all_logs(second.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    assert len(checked) > len(tables.published_tables())


def test_new_file_shows_what_is_made_of_it(history: dg.DagsterInstance) -> None:
    """A bank file changes lines and money, and none of the files before it."""
    _, _, third = refreshes(history)
    shown = {key.to_user_string() for key in materialised(history, third)}
    assert shown >= {"raw/landed_file", "raw/bank_returns", "core/return_line", "mart/district_summary"}
    assert "raw/allocations" not in shown


def test_checks_are_judged_by_year(history: dg.DagsterInstance) -> None:
    """A refused file is a warning that names it; contract and identities hold; each has the year that it judged."""
    _, _, third = refreshes(history)
    found = {}
    for event in history.all_logs(third.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
        assert event.dagster_event is not None
        evaluation = event.dagster_event.event_specific_data
        assert isinstance(evaluation, dg.AssetCheckEvaluation)
        assert evaluation.partition == str(YEAR)
        found[evaluation.asset_check_key.to_user_string()] = evaluation
    refused = found["mart/source_file:refused_files"]
    assert (refused.passed, refused.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "没有合计.txt" in str(refused.metadata["findings"].value)
    assert found["mart/district_summary:contract"].passed
    assert found["mart/district_summary:contract"].metadata["ranges"].value == 0
    assert all(each.passed for name, each in found.items() if each.severity == dg.AssetCheckSeverity.ERROR), found


def test_history_is_read_by_the_stock_storage(
    history: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without our lines in dagster.yaml the same events are found."""
    last = refreshes(history)[-1]
    ours = Counter(event.dagster_event_type for event in history.all_logs(last.run_id))
    shutil.copytree(Path(history.root_directory), tmp_path / "home")
    (tmp_path / "home" / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    with dg.DagsterInstance.get() as stock:
        assert type(stock.event_log_storage) is not type(history.event_log_storage)
        assert Counter(event.dagster_event_type for event in stock.all_logs(last.run_id)) == ours
        assert stock.get_latest_materialization_event(PUBLISHED) is not None


def test_the_district_has_its_figures_in_the_order_of_the_report(history: dg.DagsterInstance) -> None:
    """Each under its year, so that two years aren't plotted as one line."""
    event = history.get_latest_materialization_event(dg.AssetKey(["mart", "district_summary"]))
    assert event is not None and event.asset_materialization is not None
    plotted = [name for name in event.asset_materialization.metadata if name.startswith(f"{YEAR} ")]
    assert plotted[:3] == [
        f"{YEAR} 01 参保率 participation_rate",
        f"{YEAR} 02 资金使用率 utilisation_rate",
        f"{YEAR} 03 结余(元) balance_yuan",
    ]
    assert plotted == sorted(plotted)
    assert 9 <= len(plotted) <= 12


def test_a_run_by_hand_may_be_the_first_to_name_a_year(
    installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Launched by Dagster's own command with a history in which neither the sensor nor a command of ours has named it."""
    live_in(tmp_path, monkeypatch)
    for name in ("raw", "warehouse"):
        shutil.copytree(installation / name, tmp_path / name)
    (tmp_path / "home").mkdir()
    with dg.DagsterInstance.get() as instance:
        job = make_definitions().resolve_job_def("refresh")
        assert job.execute_in_process(instance=instance, tags={"dagster/partition": str(YEAR)}).success
        assert instance.get_dynamic_partitions("policy_year") == [str(YEAR)]


@pytest.mark.parametrize(
    ("language", "sentence"), [("chinese", "中没有可读的文件"), ("english", "There is nothing to read in")]
)
def test_failed_run_says_its_sentence_first(
    history: dg.DagsterInstance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str, sentence: str
) -> None:
    """In the terminal alone, in the UI before anything that Dagster says of its step."""
    monkeypatch.setenv("DAIJIAO_RAW", str(tmp_path / "nothing"))
    monkeypatch.setenv("DAIJIAO_LANGUAGE", language)
    with pytest.raises(UsageError, match="nothing to read"):
        run_job("refresh", YEAR)
    failed = history.get_runs(dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE]), limit=1)[0]
    events = history.all_logs(failed.run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    assert events[0].dagster_event is not None
    error = events[0].dagster_event.step_failure_data.error
    assert error is not None
    first_line = error.message.splitlines()[0]
    assert first_line.startswith("dagster._core.definitions.events.Failure: ") and sentence in first_line


def test_reports_wait_for_a_refresh_that_succeeds(history: dg.DagsterInstance) -> None:
    """After one that failed the warehouse may hold other tables than those that were published: a run would fail too."""
    last = history.get_runs(dg.RunsFilter(job_name="refresh"), limit=1)[0]
    assert last.status == dg.DagsterRunStatus.FAILURE
    waiting = reports_after_publishing(dg.build_sensor_context(instance=history))
    assert isinstance(waiting, dg.SensorResult) and not waiting.run_requests
    assert "报告等待刷新成功" in str(waiting.skip_reason)
    run_job("refresh", YEAR)
    asked = reports_after_publishing(dg.build_sensor_context(instance=history))
    assert isinstance(asked, dg.SensorResult)
    assert [each.partition_key for each in asked.run_requests or []] == [str(YEAR)]


def test_reports_follow_a_publication(folder: Path, history: dg.DagsterInstance) -> None:
    """Also when the landed files are gone; when they are written they are fresh."""
    assert list(stale_reports(folder / "warehouse")) == [YEAR]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_RAW", str(folder / "nothing"))
        run_job("report", YEAR)
    assert stale_reports(folder / "warehouse") == {}
    assert list((folder / "reports" / str(YEAR)).iterdir())


def test_no_report_is_written_from_what_was_touched(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run fails with the sentence that says which table it is, and what to do."""
    shutil.copytree(folder / "warehouse", tmp_path / "warehouse")
    monkeypatch.setenv("DAIJIAO_WAREHOUSE", str(tmp_path / "warehouse"))
    with duckdb.connect(str(tmp_path / "warehouse" / "published.duckdb")) as connection:
        connection.execute("UPDATE mart.township_fund SET utilisation_rate = 0.123456")
    with pytest.raises(
        DaijiaoError, match=r"not what was signed .*mart\.township_fund.* run `daijiao refresh --year 2019`"
    ):
        run_job("report", YEAR)


def test_one_table_can_be_chosen(history: dg.DagsterInstance) -> None:
    """Its year is refreshed and published whole; it alone is shown, with its checks."""
    chosen = asset_key(TableName("mart", "township_fund"))
    job = make_definitions().resolve_job_def("refresh")
    run = job.execute_in_process(instance=history, partition_key=str(YEAR), asset_selection=[chosen])
    assert run.success
    assert materialised(history, run.dagster_run) == []
    assert {evaluation.asset_key for evaluation in run.get_asset_check_evaluations()} == {chosen}
