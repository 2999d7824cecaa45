"""The whole assembly that Dagster loads: assets, checks, job, schedule, sensors and the warehouse they share."""

import dagster as dg

from pipeline.dagster import assets as graph
from pipeline.dagster import automation
from pipeline.dagster.resource import Warehouse
from pipeline.restricted import restrict_process

restrict_process()

defs = dg.Definitions(
    assets=[graph.raw_tables, graph.core_tables, graph.mart_tables, graph.published, *graph.reports],
    asset_checks=[*graph.blocking_checks, graph.mismatch_counts, graph.expected_batches],
    jobs=[automation.refresh, automation.report, automation.purge],
    schedules=[automation.nightly, automation.monthly_purge],
    sensors=[automation.landing, automation.failure_alert],
    resources={"warehouse": Warehouse()},
    # One process a run: a refresh has one writer, and starting a process a step costs more than the steps.
    executor=dg.in_process_executor,
)
