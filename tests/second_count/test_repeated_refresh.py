"""The tables are a function of files, policy and key: refreshed again, or from nothing, they are the same in every column."""

import shutil
from pathlib import Path
from typing import Any

import duckdb

from pipeline.build.refresh import refresh_year
from tests.deep import IS_DEEP, only_whole

from .published import compared, key_of_tests, publish_replies, publish_world
from .world import World, policy_of_2019
from .worlds import SeededChoices, make_world

SEED, PERSONS = 7, 15
Tables = dict[str, list[tuple[Any, ...]]]


@only_whole("tests/pipeline refreshes a smaller world twice, and tests/warehouse from nothing")
def test_refreshing_twice_or_from_nothing_gives_identical_rows(tmp_path: Path) -> None:
    """Also with replies, and in make test-deep after a day was looked back from; all numbers and IDs are the same too."""
    folder = tmp_path / "world"
    made = make_world(SeededChoices(SEED), policy_of_2019(), PERSONS)
    world = World(policy=made.policy, files=made.files, dirt_seed=SEED, reply_seed=SEED)
    with key_of_tests():
        publish_world(world, folder)
        publish_replies(world, folder, compared(folder, 2019)[0])
        first = every_row(folder)
        assert len(first) > 10 and first["mart.roster_mismatch"] and first["mart.reply"]
        refresh_year(folder / "raw", folder / "warehouse", 2019)
        assert every_row(folder) == first
        if IS_DEEP:
            refresh_year(folder / "raw", folder / "warehouse", 2019, as_of=world.policy.last_payment_date)
            refresh_year(folder / "raw", folder / "warehouse", 2019)
            assert every_row(folder) == first
        shutil.rmtree(folder / "warehouse")
        refresh_year(folder / "raw", folder / "warehouse", 2019)
        assert every_row(folder) == first


def every_row(folder: Path) -> Tables:
    """All published rows of all tables, in order, but those of mart.change, which tell of the publication before."""
    with duckdb.connect(str(folder / "warehouse" / "published.duckdb"), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE table_name <> 'change'"
        ).fetchall()
        return {name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=str) for (name,) in names}
