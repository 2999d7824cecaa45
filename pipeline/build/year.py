"""The one opening of a policy year, for whoever builds or reads its tables, and the steps from its files to its last table.

What a step does is said in ``pipeline.build.steps``; what is judged and published behind them in ``pipeline.build.refresh``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from pipeline.build import steps
from pipeline.build.needed_sources import check_landing_folder
from pipeline.build.steps import Built
from pipeline.settings import Settings
from pipeline.warehouse.lock import writing
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import Run, make_run
from pipeline.warehouse.session import Session


@dataclass(frozen=True)
class OpenYear:
    """A year that can be worked with: its session, and the facts of the run."""

    session: Session
    run: Run


def run_over_files(settings: Settings, year: int, as_of: date | None = None) -> Run:
    """The facts of a run that reads the year's landed files.

    Raises:
        UsageError: the year has no usable policy, or there is nothing to read.
        DaijiaoError: the key is lost, or a folder can't be written.
    """
    check_landing_folder(settings.raw, year)
    return make_run(settings, year, as_of)


@contextmanager
def open_year(run: Run, wait_seconds: float) -> Iterator[OpenYear]:
    """Hold the warehouse of a run as its one writer, and open it at the run's year.

    Raises:
        DaijiaoError: another run holds it for longer than `wait_seconds`, or it can't be used.
    """
    with writing(run.warehouse, wait_seconds), session(run) as open_session:
        yield OpenYear(open_session, run)


def build_year(opened: OpenYear) -> Iterator[Built]:
    """Build every table of the year, each after those that it reads."""
    for step in (steps.build_raw, steps.build_core, steps.build_mart):
        yield from step(opened.session, opened.run)
