"""Both engines build the same tables, row by row, from random worlds; and either goes on from the other's store."""

import os
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipeline.build.refresh import refresh_year
from pipeline.build.year import build_year, open_year, run_over_files
from pipeline.settings import Settings
from tests.deep import IS_DEEP, IS_WHOLE
from tests.second_count.published import compared, key_of_tests, publish_replies, publish_world, shown
from tests.second_count.world import policy_of_2019
from tests.second_count.worlds import SeededChoices, make_landing

from .conftest import SPARK_HOME
from .parity import DUCKDB, build, compare

YEAR = 2019
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
# A refresh takes ten seconds and more, however few persons it is of: many worlds lie in one landing folder.
WORLDS = int(os.environ.get("DAIJIAO_SPARK_WORLDS", "200"))
# A statement costs Apache Spark seconds, however few rows it reads.
WORLDS_OF_A_LANDING = min(20 if SPARK_HOME is None else 50, WORLDS)
FEW_WORLDS = 5


@pytest.mark.skipif(
    not IS_WHOLE and SPARK_HOME is None,
    reason="in make test-whole, make test-deep and make test-spark alone: test_translation holds each statement against those "
    "that were compared here, and test_functions each function",
)
def test_a_refresh_on_spark_publishes_the_same_and_duckdb_goes_on_from_it(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way, with the second count; going back builds nothing anew."""
    world = replace(make_landing(SeededChoices(SEED), policy_of_2019(), FEW_WORLDS), as_of=None, reply_seed=None)
    with key_of_tests():
        publish_world(world, tmp_path)
        raw, here, there = tmp_path / "raw", tmp_path / "warehouse", tmp_path / "by_spark"
        monkeypatch.setenv("DAIJIAO_ENGINE", server)
        monkeypatch.setenv("DAIJIAO_LAKE", str(tmp_path / "lake"))
        refresh_year(raw, there, YEAR)
        stores = compare(here / "warehouse.duckdb", there / "warehouse.duckdb")
        assert stores.differing == {}
        assert stores.row_count > 1000
        assert _digests(there) == _digests(here)
        with open_year(run_over_files(Settings(raw=raw, warehouse=there, engine=DUCKDB), YEAR), 60) as opened:
            for _ in build_year(opened):
                pass
            assert opened.session.rebuilt == set()


@pytest.mark.skipif(
    not IS_DEEP and SPARK_HOME is None, reason="in make test-deep and make test-spark alone: it takes minutes"
)
@pytest.mark.parametrize("landing", range(WORLDS // WORLDS_OF_A_LANDING))
def test_both_engines_build_the_same_of_many_worlds(
    landing: int, tmp_path: Path, server: str, request: pytest.FixtureRequest
) -> None:
    """Dirty files, days looked back from, and the replies to what was found."""
    cluster = request.getfixturevalue("cluster") if SPARK_HOME else None
    world = make_landing(SeededChoices(SEED + landing), policy_of_2019(), WORLDS_OF_A_LANDING)
    with key_of_tests():
        publish_world(world, tmp_path)
        if world.reply_seed is not None:
            counted, comparison = compared(tmp_path, YEAR, world.as_of)
            assert not shown(comparison)
            publish_replies(world, tmp_path, counted)
        one = build(tmp_path / "raw", tmp_path / "one", YEAR, DUCKDB, world.as_of)
        other = build(tmp_path / "raw", tmp_path / "other", YEAR, server, world.as_of, cluster)
    found = compare(one.store, other.store)
    print(f"seed {SEED + landing}: {found.row_count:,} rows; DuckDB {one}, Spark {other}")
    assert found.differing == {}


def _digests(warehouse: Path) -> list[tuple[object, ...]]:
    """What the published file says of its own tables."""
    with duckdb.connect(str(warehouse / "published.duckdb"), read_only=True) as connection:
        return connection.execute("SELECT * FROM mart.digest ORDER BY ALL").fetchall()
