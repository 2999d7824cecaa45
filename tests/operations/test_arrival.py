"""Files that a policy expects by a date: what is overdue is said, and stops nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from pipeline.build.refresh import refresh_year
from pipeline.checks import intake
from pipeline.checks.identities import Verdict
from pipeline.errors import DaijiaoError
from pipeline.policy import Policy, load_policy
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import make_run
from pipeline.warehouse.session import Session
from tests.operations.world import YEAR, write_file, write_world


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A year whose only tax file is refused, beside a needed bank file."""
    folder = tmp_path_factory.mktemp("district")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "the key of the arrivals, long enough")
        write_world(folder / "raw")
        write_file(folder / "raw", "tax_returns/税务返盘.csv", ["没有表头"])
        with pytest.raises(DaijiaoError, match="tax_returns"):
            refresh_year(folder / "raw", folder / "warehouse", YEAR)
        yield Settings(raw=folder / "raw", warehouse=folder / "warehouse")


@contextmanager
def built(settings: Settings, policy: Policy) -> Iterator[Session]:
    """A session with the table of source files."""
    from pipeline.build.steps import build_table
    from pipeline.contracts.tables import load_tables

    run = make_run(settings, YEAR)
    with session(run) as open_session:
        build_table(open_session, run, load_tables()[intake.SOURCE_FILES], "mart")
        yield open_session


def verdicts(session: Session, policy: Policy, today: date) -> dict[str, Verdict]:
    """What is said of what came in, by check."""
    return {verdict.check.name: verdict for verdict in intake.judge_intake(session, policy, today)}


@pytest.mark.parametrize(
    ("today", "overdue"),
    [
        (date(2019, 12, 31), {}),
        (date(2020, 1, 2), {"tax_returns": 2}),
    ],
)
def test_days_overdue_are_counted(settings: Settings, today: date, overdue: dict[str, int]) -> None:
    """Due on 31 December 2019, and none could be used: overdue from the day behind it; the others have arrived."""
    policy = load_policy(YEAR)
    with built(settings, policy) as open_session:
        verdict = verdicts(open_session, policy, today)["sources_arrived"]
    assert {source: days for source, days in verdict.count_by_rule.items() if days} == overdue
    assert verdict.found_count == sum(overdue.values())
    assert len(verdict.count_by_rule) == 4


def test_unexpected_source_is_never_overdue(settings: Settings) -> None:
    """A year whose policy names no due date has no overdue source."""
    policy = load_policy(YEAR).model_copy(update={"expected_batches": ()})
    with built(settings, policy) as open_session:
        assert verdicts(open_session, policy, date(2030, 1, 1))["sources_arrived"].is_passed


def test_refused_file_is_named_with_what_to_do(settings: Settings) -> None:
    """A line a file: its name, and the sentence that the bureau reads in the table of source files."""
    policy = load_policy(YEAR)
    with built(settings, policy) as open_session:
        verdict = verdicts(open_session, policy, date(2019, 12, 31))["refused_files"]
    assert verdict.found_count == 1
    assert verdict.notes[0].startswith("tax_returns/税务返盘.csv: ")
    assert len(verdict.notes[0]) > len("tax_returns/税务返盘.csv: ")


def test_warnings_stop_nothing() -> None:
    """They stand on tables that there are."""
    checks = intake.intake_checks()
    assert not any(check.is_blocking for check in checks)
    assert {check.name for check in checks} >= {"sources_arrived", "refused_files"}
