"""The reports of a year, by name: what `daijiao report` writes and the Dagster assets of the group release show.

What each report says is decided in its own module.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.log import LOGGER
from pipeline.reports.evaluation.write import write_evaluation_report
from pipeline.reports.self_evaluation.write import write_self_evaluation
from pipeline.reports.workbooks.write import write_township_workbooks
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

REPORTS: Mapping[str, Callable[[Session, Run, Path], list[Path]]] = {
    "township_workbooks": write_township_workbooks,
    "self_evaluation": write_self_evaluation,
    "evaluation_report": write_evaluation_report,
}


def write_report(name: str, session: Session, run: Run, folder: Path) -> list[Path]:
    """Write one report of a refreshed year into a folder; returns the files.

    Raises:
        UsageError: the year was never refreshed.
        DaijiaoError: a file can't be written.
    """
    if session.find("select 1 from mart.refresh").is_empty():
        raise UsageError(f"The warehouse holds no tables of {run.year}. Run `daijiao refresh --year {run.year}` first.")
    LOGGER.info("Writing %s", name)
    return REPORTS[name](session, run, folder)


def write_reports(session: Session, run: Run, folder: Path) -> Iterator[Path]:
    """Write every report of a refreshed year into a folder, file by file.

    Raises:
        DaijiaoError: the stored rows aren't those that were built, or a file can't be written.
    """
    session.take_every_table()
    for name in REPORTS:
        yield from write_report(name, session, run, folder)
