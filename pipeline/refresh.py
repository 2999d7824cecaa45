"""A refresh of one year without an orchestrator: the same steps that the Dagster job takes, in the same order.

Scheduling, checks as events and history are Dagster's business; the tables are the same.
"""

from datetime import date
from pathlib import Path

from pipeline import build, tables
from pipeline.run import Run, make_run
from pipeline.settings import Settings
from pipeline.warehouse import publish, session, writing


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
    run = make_run(settings, year, as_of)
    build.check_landing_folder(run)
    with writing(run.warehouse, settings.lock_wait_seconds):
        build_year(run)
        publish(run)


def build_year(run: Run) -> None:
    """Build every table of a year into the warehouse file."""
    with session(run) as open_session:
        build.land_files(open_session, run)
        for source in build.SOURCES:
            build.load_source(open_session, source)
        for table, schema in tables.build_order():
            build.build_table(open_session, run, table, schema)
        build.check_needed_sources(open_session, run)
