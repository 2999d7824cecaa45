"""A refresh of one year: build its tables, judge them, publish them. The Dagster job takes the same way.

Scheduling, checks as events and history are Dagster's business; the tables are the same.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

from pipeline.build.publish import publish
from pipeline.build.steps import Built
from pipeline.build.year import OpenYear, build_year, open_year, run_over_files
from pipeline.checks.counted_again import judge_count
from pipeline.checks.identities import Verdict, judge_identities, stop_where_checks_fail
from pipeline.checks.second_count import Comparison
from pipeline.errors import DaijiaoError
from pipeline.privacy import plain_errors
from pipeline.settings import Settings

Judge = Callable[[OpenYear], Iterator[Verdict]]


def refresh(
    opened: OpenYear, judges: Sequence[Judge], judges_of_publication: Sequence[Judge] = ()
) -> Iterator[Built | Verdict]:
    """Build, judge and publish a year's tables: gives each table as soon as it stands, then each verdict.

    What is published was counted a second time; those verdicts come last, and none where nothing new was to be published.

    Args:
        opened: the year.
        judges: what is asked for verdicts, in this order, once every table stands.
        judges_of_publication: what is asked for verdicts that stop nothing, once the year is published.

    Raises:
        DaijiaoError: nothing was published, since a table can't be built, a blocking check doesn't hold, or the second count
            differs.
    """
    yield from build_year(opened)
    if opened.session.rebuilt:
        # What is judged is what is to be published: an edited table that stands is built again before a check stops at it.
        opened.session.take_published()
    verdicts = []
    for judge in judges:
        for verdict in judge(opened):
            verdicts.append(verdict)
            yield verdict
    stop_where_checks_fail(verdicts)
    counts: list[Comparison] = []
    try:
        publish(opened.session, opened.run, counts.append)
    except DaijiaoError:
        # A check that stops the refresh is shown before it does.
        yield from _judged_counts(counts)
        raise
    yield from _judged_counts(counts)
    for judge in judges_of_publication:
        yield from judge(opened)


def _judged_counts(counts: Sequence[Comparison]) -> Iterator[Verdict]:
    for comparison in counts:
        yield from judge_count(comparison)


def refresh_year(
    raw: Path, warehouse: Path, year: int, policy_folder: Path | None = None, as_of: date | None = None
) -> None:
    """Build and publish the tables of a year without an orchestrator, judged by the identities alone.

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
        run = run_over_files(settings, year, as_of)
        with open_year(run, settings.lock_wait_seconds) as opened:
            for _ in refresh(opened, [lambda year: judge_identities(year.session)]):
                pass
