"""The small world, refreshed once for the tests of tracing and explaining."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipeline.build.refresh import refresh_year
from pipeline.settings import Settings
from tests.operations.world import YEAR, write_file

from .world import write_world


@pytest.fixture(scope="package")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Where the refreshed world lies. One mismatch of it was answered by a row that nobody had sent out."""
    folder = tmp_path_factory.mktemp("world")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "the key of the small world, long enough")
        write_world(folder / "raw")
        refresh_year(folder / "raw", folder / "warehouse", YEAR)
        write_file(folder / "raw", "township_replies/汤丹镇.csv", answer_to_second_payment(folder / "warehouse"))
        refresh_year(folder / "raw", folder / "warehouse", YEAR)
        yield Settings(raw=folder / "raw", warehouse=folder / "warehouse")


def answer_to_second_payment(warehouse: Path) -> list[str]:
    """A reply to the mismatch of the second refund, with a token that doesn't fit its cells."""
    with duckdb.connect(str(warehouse / "published.duckdb"), read_only=True) as connection:
        found = connection.execute("select mismatch_id from mart.roster_mismatch where kind = 'paid_twice'").fetchall()
    return ["差异编号,校验码,处理答复,答复内容,填报人,填报日期", f"{found[0][0]},伪造,追回,,王经办,2019-12-20"]
