"""The pipeline's definitions with a schedule that ticks every minute, for a test that waits for it."""

from collections.abc import Iterator

import dagster as dg

from pipeline.dagster import automation, definitions


@dg.schedule(job=automation.refresh, cron_schedule="* * * * *", default_status=dg.DefaultScheduleStatus.RUNNING)
def every_minute(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
    """Ask for what the nightly schedule asks for, unless runs are waiting already: a slow machine must not fall behind."""
    waiting = context.instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED]))
    if not waiting:
        yield from automation.nightly(context)


defs = dg.Definitions.merge(definitions.make_definitions(), dg.Definitions(schedules=[every_minute]))
