"""A refresh of one year without an orchestrator: the same steps that the Dagster job takes, in the same order.

Scheduling, checks as events and history are Dagster's business; the tables are the same.
"""

from datetime import date
from pathlib import Path

from pipeline.build import steps as build
from pipeline.build.publish import publish
from pipeline.checks.identities import judge_identities, stop_where_checks_fail
from pipeline.privacy import plain_errors
from pipeline.settings import Settings
from pipeline.warehouse.lock import writing
from pipeline.warehouse.run import make_run
from pipeline.warehouse.session import session


def refresh_year(
    raw: Path, warehouse: Path, year: int, policy_folder: Path | None = None, as_of: date | None = None
) -> None:
    """Build and publish the tables of a year.

    Args:
        raw: landing folder; the year's files lie in ``raw/<year>``.
        warehouse: folder of the warehouse and of the published file.
        year: policy year.
        policy_folder: folder of policy files; the district's own when null.
        as_of: day looked back from; all files when null.

    Raises:
        DaijiaoError: nothing was published; the last published tables stay.
    """
    settings = Settings(raw=raw, warehouse=warehouse, policy=policy_folder)
    with plain_errors(f"the refresh of {year}"):
        build.check_landing_folder(raw, year)
        run = make_run(settings, year, as_of)
        with writing(run.warehouse, settings.lock_wait_seconds), session(run) as open_session:
            for step in (build.build_raw, build.build_core, build.build_mart):
                for _ in step(open_session, run):
                    pass
            stop_where_checks_fail(judge_identities(open_session))
            publish(open_session, run)
