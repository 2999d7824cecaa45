"""What starts a run, and what happens beside runs: jobs, schedules, sensors, alert, the end of dead runs, purge.

What a run does is said in ``pipeline.dagster.assets``.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import dagster as dg

from pipeline.dagster import arrivals
from pipeline.dagster.alive import alive, end_dead_runs
from pipeline.dagster.assets import PUBLISHED, TIME_ZONE, YEARS_NAME
from pipeline.policy import policy_years
from pipeline.reports.release import stale_reports
from pipeline.settings import Settings

SENSOR_SECONDS = 30
PARTITION_TAG = "dagster/partition"

REPORTS = dg.AssetSelection.key_prefixes("release") - dg.AssetSelection.assets(PUBLISHED)

refresh = dg.define_asset_job(
    "refresh",
    selection=dg.AssetSelection.all() - REPORTS,
    description="Read the landed files of a year, build and check its tables, and publish them. 刷新一个年度",
)

report = dg.define_asset_job(
    "report",
    selection=REPORTS,
    description="Write workbooks, self-evaluation and evaluation report of a year that was refreshed. 生成台账和报告",
)


def _years() -> list[str]:
    """The years that have a policy."""
    return [str(year) for year in policy_years(Settings().policy)]


def know_year(instance: dg.DagsterInstance, year: str) -> None:
    """Make a year known to the history; a year without files isn't known, so that nothing of it is missing."""
    if not instance.has_dynamic_partition(YEARS_NAME, year):
        instance.add_dynamic_partitions(YEARS_NAME, [year])


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
    for year in arrivals.refreshable_years(Settings().raw, _years()):
        know_year(context.instance, year)
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
    settings = Settings()
    look = arrivals.look(settings.raw, settings.warehouse, _years(), context.cursor, now)
    for year in arrivals.refreshable_years(settings.raw, _years()):
        know_year(context.instance, year)
    for sentence in look.unreadable:
        context.log.warning(sentence)
    if not look.changed:
        return dg.SensorResult(skip_reason=" ".join(look.unreadable) or None, cursor=look.cursor)
    requests = [dg.RunRequest(run_key=f"{year}-{now:%Y%m%dT%H%M%S}", partition_key=year) for year in look.changed]
    return dg.SensorResult(run_requests=requests, cursor=look.cursor)


@dg.sensor(
    job=report,
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Write the reports of a year anew when other tables of it were published. 发布后更新报告",
)
def reports_after_publishing(context: dg.SensorEvaluationContext) -> dg.SensorResult:
    """Ask once for the reports of every year that was published in another state than its reports were written from.

    While a refresh is at work, and after one that failed, the warehouse holds other tables than those that were published.
    """
    stale = stale_reports(Settings().warehouse)
    for year in stale:
        know_year(context.instance, str(year))
    ready = [year for year in stale if _is_refreshed(context.instance, str(year))]
    if not ready:
        waiting = ", ".join(str(year) for year in stale)
        said = f"The reports of {waiting} wait for a refresh that succeeds. 报告等待刷新成功。" if stale else None
        return dg.SensorResult(skip_reason=said)
    return dg.SensorResult(
        run_requests=[dg.RunRequest(run_key=f"{year}-{stale[year]}", partition_key=str(year)) for year in ready]
    )


def _is_refreshed(instance: dg.DagsterInstance, year: str) -> bool:
    """Whether the last refresh of a year succeeded; so it is where the history knows of none."""
    last = instance.get_runs(dg.RunsFilter(job_name=refresh.name, tags={PARTITION_TAG: year}), limit=1)
    return not last or last[0].status == dg.DagsterRunStatus.SUCCESS


@dg.sensor(
    minimum_interval_seconds=SENSOR_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="End a run as failed whose process is gone, so that the next ones needn't wait. 结束已中断的运行",
)
def dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """End dead runs."""
    ended = end_dead_runs(context.instance)
    return dg.SkipReason(f"Ended as failed: {', '.join(ended)}" if ended else "Every run that is at work is alive.")


@dg.run_failure_sensor(
    default_status=dg.DefaultSensorStatus.RUNNING,
    # Those that were started by a command belong to no code location.
    monitor_all_code_locations=True,
    description="Send word of a failed run where DAIJIAO_ALERT_URL is set. 失败提醒",
)
def failure_alert(context: dg.RunFailureSensorContext) -> None:
    """Send word of a failed run where DAIJIAO_ALERT_URL is set; it names the run and the year, nobody and no value."""
    url = Settings().alert_url
    if url is None:
        return
    import apprise

    run = context.dagster_run
    year = run.tags.get(PARTITION_TAG, "?")
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
    """Delete events and logs of the runs that the settings history_days and history_runs no longer keep."""
    with alive(context.instance, context.run_id):
        settings = Settings()
        before = datetime.now(UTC) - timedelta(days=settings.history_days)
        ended = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]
        begun = context.instance.get_run_ids(dg.RunsFilter(created_before=before))
        # The latest come first.
        too_many = context.instance.get_run_ids(dg.RunsFilter(statuses=ended))[settings.history_runs :]
        old = {*begun, *too_many} - {context.run_id}
        for run_id in old:
            context.instance.delete_run(run_id)
            context.instance.compute_log_manager.delete_logs(prefix=[run_id])
        context.log.info(
            f"{len(old)} runs were deleted: from before {before:%Y-%m-%d}, or older than the last ones kept."
        )


@dg.job(executor_def=dg.in_process_executor)
def purge() -> None:
    """Forget old runs.

    清理旧的运行记录。
    """
    purge_old_runs()


daily_purge = dg.ScheduleDefinition(
    name="daily_purge",
    job=purge,
    cron_schedule="0 3 * * *",
    execution_timezone=TIME_ZONE,
    default_status=dg.DefaultScheduleStatus.RUNNING,
    description="Old run history is forgotten. 每日清理",
)
