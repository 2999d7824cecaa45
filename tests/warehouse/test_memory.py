"""No database of a refresh takes more memory than the setting says."""

import duckdb
import pytest

from pipeline.warehouse import publication
from pipeline.warehouse.opening import session
from pipeline.warehouse.proof import Counted
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import Run
from tests.warehouse.conftest import Installation

LIMIT = "select current_setting('memory_limit')"


@pytest.mark.parametrize(("gigabytes", "limit"), [(None, "3.7 GiB"), ("0.5", "476.8 MiB"), ("64", "59.6 GiB")])
def test_the_setting_limits_every_database(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, gigabytes: str | None, limit: str
) -> None:
    """The one that builds, the fresh file that is counted again meanwhile, and whatever is read."""
    if gigabytes is not None:
        monkeypatch.setenv("DAIJIAO_MEMORY_GIGABYTES", gigabytes)
    run = installation.run
    run.published.unlink()
    found = []

    def count_again(_: Run, fresh: duckdb.DuckDBPyConnection) -> Counted:
        found.append(fresh.execute(LIMIT).fetchall()[0][0])
        return Counted(1, 0)

    with session(run) as opened:
        publication.publish(opened, run, count_again)
        found.append(opened.query(LIMIT).item())
    with reading(run.published) as connection:
        found.append(connection.execute(LIMIT).fetchall()[0][0])
    assert found == [limit] * 3
