"""What starts a run, and what happens beside runs: the job, the nightly schedule, the landing sensor, alert and purge.

What a run does is said in ``pipeline.dagster.assets``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from pipeline.dagster import arrivals
from pipeline.dagster.assets import PUBLISHED, TIME_ZONE, YEARS
from pipeline.settings import Settings

SENSOR_SECONDS = 30

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.groups("raw", "core", "mart") | dg.AssetSelection.assets(PUBLISHED),
    description="Read the landed files of a year, build and check its tables, and publish them. 刷新一个年度",
)

report = dg.define_asset_job(
    "report",
    selection=dg.AssetSelection.groups("release") - dg.AssetSelection.assets(PUBLISHED),
    description="Write workbooks, self-evaluation and evaluation report of a year that was refreshed. 生成台账和报告",
)


@dg.schedule(
    job=refresh,
    cron_schedule="30 1 * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Refresh every year that has files, each in a run of its own. 每晚刷新",
)
def nightly(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Ask for a run of every year that has files."""
    night = context.scheduled_execution_time.date()
    for year in arrivals.years_with_files(Settings().raw, YEARS.get_partition_keys()):
        yield dg.RunRequest(run_key=f"{night}-{year}", partition_key=year)


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Refresh a year when a whole file was added, changed or taken away. 有新文件时刷新",
)
def landing(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Ask for a run of every year whose files changed and are whole."""
    now = datetime.now(UTC)
    seen = arrivals.Seen.from_cursor(context.cursor)
    changed, seen = arrivals.look(Settings().raw, YEARS.get_partition_keys(), seen, now)
    requests = [dg.RunRequest(run_key=f"{year}-{now:%Y%m%dT%H%M%S}", partition_key=year) for year in changed]
    return dg.SensorResult(run_requests=requests, cursor=seen.to_cursor())


@dg.run_failure_sensor(default_status=dg.DefaultSensorStatus.RUNNING)
def failure_alert(context: dg.RunFailureSensorContext) -> None:
    """Send word of a failed run where DAIJIAO_ALERT_URL is set; it names the run and the year, nobody and no value.

    失败提醒。
    """
    url = Settings().alert_url
    if url is None:
        return
    import apprise

    run = context.dagster_run
    year = run.tags.get("dagster/partition", "?")
    sender = apprise.Apprise()
    sender.add(url)
    is_sent = sender.notify(
        title=f"代缴 {year} 年刷新失败",
        body=f"运行 {run.run_id[:8]}({run.job_name})失败。已发布的数据表没有变化。请在 Dagster 中打开这次运行查看原因。",
    )
    if not is_sent:
        context.log.warning("The alert could not be sent to the address in DAIJIAO_ALERT_URL.")


@dg.op
def purge_old_runs(context: dg.OpExecutionContext) -> None:
    """Delete events and logs of the runs that began before the time that the setting history_days keeps."""
    before = datetime.now(UTC) - timedelta(days=Settings().history_days)
    storage = context.instance.event_log_storage
    begun = context.instance.get_run_ids(dg.RunsFilter(created_before=before))
    old = [run_id for run_id in begun if run_id != context.run_id]
    for run_id in old:
        context.instance.delete_run(run_id)
        context.instance.compute_log_manager.delete_logs(prefix=[run_id])
        if isinstance(storage, SqliteEventLogStorage):
            # Dagster empties a run's own database, and leaves the file.
            Path(storage.path_for_shard(run_id)).unlink(missing_ok=True)
    context.log.info(f"{len(old)} runs from before {before:%Y-%m-%d} were deleted.")


@dg.job(executor_def=dg.in_process_executor)
def purge() -> None:
    """Forget old runs.

    清理旧的运行记录。
    """
    purge_old_runs()


monthly_purge = dg.ScheduleDefinition(
    name="monthly_purge",
    job=purge,
    cron_schedule="0 3 1 * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Old run history is forgotten. 每月清理",
)
