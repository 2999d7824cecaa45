"""The whole assembly that Dagster loads: assets, checks, jobs, schedules, sensors."""

import warnings

import dagster as dg

from pipeline.dagster import automation
from pipeline.dagster.assets import refresh_assets, report_assets
from pipeline.dagster.graph import shown_tables
from pipeline.dagster.province import province_definitions
from pipeline.restricted import restrict_process
from pipeline.settings import Settings

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


def shown_definitions() -> dg.Definitions:
    """What is shown: a province where the setting names one, else the one district.

    Raises:
        UsageError: the province has no district, or no year of which every one has a policy.
    """
    province = Settings().province
    if province is None:
        return make_definitions()
    with warnings.catch_warnings():
        # That a rebuild of all is a run a district, and how districts belong to a year, is new in Dagster, which says so.
        warnings.simplefilter("ignore", dg.BetaWarning)
        return province_definitions(province)


@dg.definitions
def defs() -> dg.Definitions:
    """What Dagster loads."""
    return shown_definitions()
