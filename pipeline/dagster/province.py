"""A province in Dagster: a run a district and year, and the file that joins them; shown in place of a single district.

How a district is refreshed is said in ``pipeline.build.refresh``, how districts are joined in ``pipeline.province.join``; what
Dagster shows of a single district, table by table, in ``pipeline.dagster.assets``.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from pipeline.build.refresh import refresh
from pipeline.build.year import open_year, run_over_files
from pipeline.checks.identities import Verdict
from pipeline.dagster import arrivals
from pipeline.dagster.assets import JUDGES, TIME_ZONE, told_first
from pipeline.dagster.automation import SENSOR_SECONDS, failure_alert
from pipeline.errors import UsageError
from pipeline.policy import policy_years
from pipeline.privacy import current_key, plain_errors
from pipeline.province.districts import District, districts_of
from pipeline.province.join import join_districts
from pipeline.settings import Settings

YEAR, DISTRICT = "policy_year", "district"
GROUP = "province"


def province_definitions(province: Path) -> dg.Definitions:
    """Everything that Dagster knows of a province; a new district or year is known once the code location is loaded again.

    Raises:
        UsageError: there is no district, or no year of which every one has a policy.
    """
    years, codes = _years_and_codes(province)
    of_years = dg.StaticPartitionsDefinition(years)
    of_districts = dg.MultiPartitionsDefinition({YEAR: of_years, DISTRICT: dg.StaticPartitionsDefinition(codes)})

    @dg.asset(
        key=[GROUP, "district"],
        group_name=GROUP,
        partitions_def=of_districts,
        # A rebuild of all is a run a district: what one can't do stops no other.
        backfill_policy=dg.BackfillPolicy.multi_run(1),
        description="A district's year: its files read, its tables built, judged and published in its own warehouse. 区县",
    )
    def published(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        keys = context.partition_key.keys_by_dimension  # type: ignore[attr-defined]
        with told_first(), plain_errors("the refresh"):
            return _refreshed(_district(province, int(keys[YEAR]), keys[DISTRICT]), int(keys[YEAR]))

    @dg.asset(
        key=[GROUP, "joined"],
        group_name=GROUP,
        partitions_def=of_years,
        deps=[dg.AssetDep(published, partition_mapping=dg.MultiToSingleDimensionPartitionMapping(YEAR))],
        description="The published files of all districts, joined: all levels, and who stands in two districts. 全省",
    )
    def joined(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
        with told_first(), plain_errors("the joining of the province"):
            year = int(context.partition_key)
            path = join_districts(districts_of(province, year), year, province, current_key(Settings().key_file))
            return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(path), "district_count": len(codes)})

    refresh_district = dg.define_asset_job(
        "refresh_district", [published], description="Refresh one district. 刷新区县"
    )
    join = dg.define_asset_job("join", [joined], description="Join all districts of a year. 汇总全省")

    @dg.sensor(
        job=refresh_district,
        minimum_interval_seconds=SENSOR_SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Refresh a district, and no other, when a whole file of it was added, changed or taken away. 有新文件时刷新",
    )
    def landings(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        """Ask for a run of every district and year whose files changed and are whole."""
        now = datetime.now(UTC)
        cursors: dict[str, str] = json.loads(context.cursor) if context.cursor else {}
        requests: list[dg.RunRequest] = []
        for code in codes:
            folder = province / code
            look = arrivals.look(folder / "raw", folder / "warehouse", years, cursors.get(code), now)
            cursors[code] = look.cursor
            for sentence in look.unreadable:
                context.log.warning(sentence)
            requests += [_request(code, year, now) for year in look.changed]
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(cursors))

    @dg.schedule(
        job=join,
        cron_schedule="30 5 * * *",
        execution_timezone=TIME_ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Join every year that all districts have published. 每日汇总",
    )
    def daily_join(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        """Ask for a run of every year of which all districts have something published."""
        for year in years:
            if all(arrivals.is_published(province / code / "warehouse", year) for code in codes):
                yield dg.RunRequest(run_key=f"{context.scheduled_execution_time.date()}-{year}", partition_key=year)

    return dg.Definitions(
        assets=[published, joined],
        jobs=[refresh_district, join],
        sensors=[landings, failure_alert],
        schedules=[daily_join],
        executor=dg.in_process_executor,
    )


def _years_and_codes(province: Path) -> tuple[list[str], list[str]]:
    policies = [path / "policy" for path in province.glob("[0-9]" * 6) if path.is_dir()]
    years = sorted(set.intersection(*(set(policy_years(path)) for path in policies))) if policies else []
    if not years:
        raise UsageError(
            f"There is no year in {province} of which every district has a policy. Make a folder a district, named by its code "
            "of six digits, with the folders policy and raw in it, and load this again."
        )
    return [str(year) for year in years], [district.code for district in districts_of(province, years[-1])]


def _district(province: Path, year: int, code: str) -> District:
    return next(district for district in districts_of(province, year) if district.code == code)


def _refreshed(district: District, year: int) -> dg.MaterializeResult:  # type: ignore[type-arg]
    """Refresh a district as its own installation would, by the province's key."""
    places = {"raw": district.raw, "warehouse": district.warehouse, "policy": district.policies}
    settings = Settings().model_copy(update=places)
    run = run_over_files(settings, year)
    with open_year(run, settings.lock_wait_seconds) as opened:
        verdicts = [event for event in refresh(opened, JUDGES) if isinstance(event, Verdict)]
        return dg.MaterializeResult(
            metadata={
                "path": dg.MetadataValue.path(run.published),
                "rebuilt_table_count": len(opened.session.rebuilt),
                "failed_check_count": sum(not verdict.is_passed for verdict in verdicts),
            }
        )


def _request(code: str, year: str, now: datetime) -> dg.RunRequest:
    key = dg.MultiPartitionKey({YEAR: year, DISTRICT: code})
    return dg.RunRequest(run_key=f"{code}-{year}-{now:%Y%m%dT%H%M%S}", partition_key=key, tags={DISTRICT: code})
