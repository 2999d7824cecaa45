"""The warehouse as a Dagster resource: locked and open for as long as a run lasts.

A run of one year holds the one writer's lock from its first step to its last, so no other run, of the UI, the schedule or
the command line, can build between a run's build and its publication.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import dagster as dg
from pydantic import PrivateAttr

from pipeline.build import steps as build
from pipeline.errors import DaijiaoError
from pipeline.privacy import plain_errors
from pipeline.settings import Settings
from pipeline.warehouse.lock import writing
from pipeline.warehouse.run import Run, make_run
from pipeline.warehouse.session import Session, session

PARTITION_TAG = "dagster/partition"


@dataclass(frozen=True)
class OpenWarehouse:
    """What the steps of a run work with: its session and the facts of the refresh."""

    session: Session
    run: Run


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The warehouse of this installation; `as_of` is the day looked back from (YYYY-MM-DD; empty: all files)."""

    as_of: str = ""
    _open: OpenWarehouse = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["Warehouse"]:
        """Hold lock and session for one run.

        Raises:
            UsageError: the year has no policy, or there is nothing to read.
            DaijiaoError: another run holds the warehouse, or it can't be used.
        """
        settings = Settings()
        with plain_errors("opening the warehouse"):
            year = _year(context)
            build.check_landing_folder(settings.raw, year)
            run = make_run(settings, year, date.fromisoformat(self.as_of) if self.as_of else None)
            with writing(run.warehouse, settings.lock_wait_seconds), session(run) as open_session:
                self._open = OpenWarehouse(open_session, run)
                yield self

    @property
    def open(self) -> OpenWarehouse:
        """The session and facts of the run."""
        return self._open


def _year(context: dg.InitResourceContext) -> int:
    tags = {} if context.run is None else context.run.tags
    if PARTITION_TAG not in tags:
        raise DaijiaoError(
            "Choose a year: every table is built for one policy year. Pick a partition and launch again."
        )
    return int(tags[PARTITION_TAG])
