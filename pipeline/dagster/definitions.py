"""The whole assembly that Dagster loads: assets, checks, jobs, schedules, sensors."""

import warnings

import dagster as dg

from pipeline.dagster import automation
from pipeline.dagster.assets import refresh_assets, report_assets
from pipeline.dagster.graph import shown_tables
from pipeline.restricted import restrict_process

restrict_process()


def make_definitions() -> dg.Definitions:
    """Everything that Dagster knows of; made when it is asked for, not when this module is imported."""
    with warnings.catch_warnings():
        # That checks have years and assets name their code is new in Dagster, which says so at every one.
        warnings.simplefilter("ignore", dg.PreviewWarning)
        warnings.simplefilter("ignore", dg.BetaWarning)
        assets = [refresh_assets(shown_tables()), report_assets()]
    return dg.Definitions(
        assets=assets,
        jobs=[automation.refresh, automation.report, automation.purge],
        schedules=[automation.nightly, automation.daily_purge],
        sensors=[
            automation.landing,
            automation.reports_after_publishing,
            automation.dead_runs,
            automation.failure_alert,
        ],
        # One process a run: a refresh has one writer, and starting a process a step costs more than the steps.
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads."""
    return make_definitions()
