"""A province of two districts in Dagster: a run a district, the joined file, and what starts a run."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from pipeline.dagster.definitions import shown_definitions
from pipeline.dagster.province import DISTRICT, YEAR, province_definitions
from pipeline.errors import UsageError

from .world import KEY, write_district
from .world import YEAR as POLICY_YEAR

ONE, OTHER = "539911", "539821"
THE_YEAR = str(POLICY_YEAR)
PERSON, ELSEWHERE = ("张伟一", "530199197003150112"), ("李秀英", "530199198112040187")


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two districts, whose files lie there for longer than a file settles."""
    folder = tmp_path_factory.mktemp("province")
    write_district(folder, ONE, "云岭市", [PERSON])
    write_district(folder, OTHER, "河源市", [PERSON, ELSEWHERE])
    for path in folder.rglob("*"):
        os.utime(path, (1_560_000_000, 1_560_000_000))
    return folder


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The province's one key."""
    monkeypatch.setenv("DAIJIAO_KEY", KEY)


@pytest.fixture(scope="module")
def history() -> Iterator[dg.DagsterInstance]:
    """What the runs of this module leave."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


@pytest.fixture(scope="module")
def definitions(province: Path) -> dg.Definitions:
    """As Dagster loads them."""
    return province_definitions(province)


def district(code: str) -> dg.MultiPartitionKey:
    """The partition of a district."""
    return dg.MultiPartitionKey({YEAR: THE_YEAR, DISTRICT: code})


def run(
    definitions: dg.Definitions, history: dg.DagsterInstance, job: str, partition: str, *, raises: bool = True
) -> dg.ExecuteInProcessResult:
    """Run a job of the province."""
    resolved = definitions.resolve_job_def(job)
    return resolved.execute_in_process(partition_key=partition, instance=history, raise_on_error=raises)


def test_a_district_is_refreshed_by_a_run_of_its_own(
    definitions: dg.Definitions, history: dg.DagsterInstance, province: Path
) -> None:
    """And no other is touched."""
    result = run(definitions, history, "refresh_district", district(ONE))
    (shown,) = result.asset_materializations_for_node("province__district")
    assert shown.partition == district(ONE)
    assert Path(str(shown.metadata["path"].value)) == province / ONE / "warehouse" / "published.duckdb"
    assert Path(str(shown.metadata["path"].value)).is_file()
    assert not (province / OTHER / "warehouse").exists()


def test_the_province_waits_for_all_its_districts(
    definitions: dg.Definitions, history: dg.DagsterInstance, province: Path
) -> None:
    """Until then nothing is joined, by hand or by the schedule; the sentence names who is missing."""
    night = dg.build_schedule_context(
        scheduled_execution_time=datetime(2019, 12, 1, tzinfo=UTC),
        instance=history,
        repository_def=definitions.get_repository_def(),
    )
    schedule = definitions.resolve_schedule_def("daily_join")
    assert schedule.evaluate_tick(night).run_requests == []
    result = run(definitions, history, "join", THE_YEAR, raises=False)
    assert not result.success
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert f"县(区){OTHER} 在 " in str(failed.step_failure_data.user_failure_data)
    run(definitions, history, "refresh_district", district(OTHER))
    (asked,) = schedule.evaluate_tick(night).run_requests
    assert asked.partition_key == THE_YEAR
    assert run(definitions, history, "join", THE_YEAR).success
    with duckdb.connect(str(province / "joined.duckdb"), read_only=True) as connection:
        found = connection.execute(
            "SELECT district_count, roll_count FROM province.area_summary WHERE level = 'province'"
        ).fetchall()
    assert found == [(2, 3)]


def test_a_new_file_asks_for_its_district_alone(
    definitions: dg.Definitions, history: dg.DagsterInstance, province: Path
) -> None:
    """Once it is whole: at the second look."""
    sensor = definitions.resolve_sensor_def("landings")

    def look(cursor: str | None) -> dg.SensorResult:
        return sensor.evaluate_tick(dg.build_sensor_context(instance=history, cursor=cursor, definitions=definitions))

    seen = look(look(None).cursor)
    assert seen.run_requests == []
    roll = province / ONE / "raw" / THE_YEAR / "poverty_roll" / "20190331_roll.csv"
    roll.write_text(roll.read_text(encoding="utf-8") + "大河镇,王桂兰,530199199001010254\n", encoding="utf-8")
    os.utime(roll, (1_560_000_100, 1_560_000_100))
    changed = look(seen.cursor)
    assert changed.run_requests == []
    (asked,) = look(changed.cursor).run_requests
    assert asked.partition_key == district(ONE)
    assert asked.tags[DISTRICT] == ONE


def test_a_rebuild_of_all_is_a_run_a_district(definitions: dg.Definitions) -> None:
    """What one district can't do stops no other."""
    asset = definitions.resolve_assets_def(dg.AssetKey(["province", "district"]))
    assert asset.backfill_policy == dg.BackfillPolicy.multi_run(1)


def test_a_province_is_shown_where_one_is_set(province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the single district."""
    jobs = {job.name for job in shown_definitions().jobs or []}
    monkeypatch.setenv("DAIJIAO_PROVINCE", str(province))
    jobs_of_province = {job.name for job in shown_definitions().jobs or []}
    assert "refresh" in jobs - jobs_of_province
    assert jobs_of_province == {"refresh_district", "join"}


def test_a_folder_without_districts_is_told(tmp_path: Path) -> None:
    """Before anything is shown."""
    with pytest.raises(UsageError, match="no year"):
        province_definitions(tmp_path)
