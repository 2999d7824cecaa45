"""A refresh publishes nothing that a second count of the landed files does not give, and says what differs."""

import pytest

from pipeline.build.refresh import refresh
from pipeline.build.year import OpenYear, open_year
from pipeline.checks.counted_again import count_checks
from pipeline.checks.identities import Verdict
from pipeline.errors import DaijiaoError
from tests.warehouse.conftest import Installation


def test_the_proof_says_how_many_values_were_compared(installation: Installation) -> None:
    """And none of them differs."""
    ((compared, differing),) = installation.published("SELECT figures_compared, figures_differing FROM mart.proof")
    assert isinstance(compared, int) and compared > 500
    assert differing == 0


def test_a_figure_that_the_files_do_not_give_is_not_published(installation: Installation) -> None:
    """The sentence names table, key and both values; the failed check is shown, and the last publication stays."""
    before = installation.run.published.read_bytes()
    installation.run.store.unlink()
    seen: list[Verdict] = []

    def put_in_a_fault(opened: OpenYear) -> list[Verdict]:
        """As a wrong rule would, behind the back of every other check."""
        opened.session.query(
            "UPDATE warehouse.mart.township_fund SET utilisation_rate = 0.25 WHERE township_code = '530113102'"
        )
        return []

    with open_year(installation.run, 0) as opened, pytest.raises(DaijiaoError) as raised:  # noqa: PT012
        for event in refresh(opened, [lambda year: iter(put_in_a_fault(year))]):
            if isinstance(event, Verdict):
                seen.append(event)
    assert "mart.township_fund, township_code 5301****: " in str(raised.value)
    assert "utilisation_rate is 0.250000, counted a second time " in str(raised.value)
    failed = [verdict for verdict in seen if not verdict.is_passed]
    assert [(str(verdict.check.table), verdict.check.is_blocking) for verdict in failed] == [
        ("mart.township_fund", True)
    ]
    assert len(seen) == len(count_checks())
    assert installation.run.published.read_bytes() == before
