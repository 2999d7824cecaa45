"""Files that a policy expects by a date: what is overdue is said, and stops nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest

from pipeline.build.refresh import refresh_year
from pipeline.checks import identities as checks
from pipeline.policy import Policy, load_policy
from pipeline.settings import Settings
from pipeline.warehouse.run import make_run
from pipeline.warehouse.session import Session, session
from tests.operations.world import YEAR, write_file, write_world


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A year whose only tax file is refused, beside a needed bank file."""
    folder = tmp_path_factory.mktemp("district")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "the key of the arrivals, long enough")
        write_world(folder / "raw")
        write_file(folder / "raw", "tax_returns/税务返盘.csv", ["没有表头"])
        with pytest.raises(checks.DaijiaoError, match="tax_returns"):
            refresh_year(folder / "raw", folder / "warehouse", YEAR)
        yield Settings(raw=folder / "raw", warehouse=folder / "warehouse")


@contextmanager
def built(settings: Settings, policy: Policy) -> Iterator[Session]:
    """A session with the table of source files."""
    from pipeline.build.steps import build_table
    from pipeline.contracts.tables import load_tables

    run = make_run(settings, YEAR)
    with session(run) as open_session:
        build_table(open_session, run, load_tables()[checks.SOURCE_FILES], "mart")
        yield open_session


@pytest.mark.parametrize(
    ("today", "overdue"),
    [
        (date(2019, 12, 31), {}),
        (date(2020, 1, 2), {"tax_returns_arrived": 2}),
    ],
)
def test_days_overdue_are_counted(settings: Settings, today: date, overdue: dict[str, int]) -> None:
    """Due on 31 December 2019, and none could be used: overdue from the day behind it; the others have arrived."""
    policy = load_policy(YEAR)
    with built(settings, policy) as open_session:
        verdicts = list(checks.judge_arrivals(open_session, policy, today))
    assert {verdict.check.name: verdict.found_count for verdict in verdicts if not verdict.is_passed} == overdue
    assert len(verdicts) == 4


def test_unexpected_source_is_never_overdue(settings: Settings) -> None:
    """A year whose policy names no due date has no overdue source."""
    policy = load_policy(YEAR).model_copy(update={"expected_batches": ()})
    with built(settings, policy) as open_session:
        verdicts = list(checks.judge_arrivals(open_session, policy, date(2030, 1, 1)))
    assert all(verdict.is_passed for verdict in verdicts)


def test_overdue_files_stop_nothing() -> None:
    """These checks are warnings."""
    assert all(check.is_warning and not check.is_blocking for check in checks.arrival_checks())
    assert {check.name for check in checks.arrival_checks()} >= {"poverty_roll_arrived", "tax_returns_arrived"}
