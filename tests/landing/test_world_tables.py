"""Random worlds written with dirt publish the tables of their clean twins: only where a row stands may differ.

How many worlds are tried says DAIJIAO_WORLDS, from which seed on DAIJIAO_SEED; both are printed.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.landing.test_worlds import SEED, twins
from tests.second_count.compare import Row
from tests.second_count.published import TABLES, key_of_tests, publish_world
from tests.second_count.world import World

WORLDS = max(int(os.environ.get("DAIJIAO_WORLDS", "100")) // 50, 1)
OF_FORM = {"sheet", "row_number"}
# A reversal may be written with its sign, which its total follows.
OF_BYTES = {"sha256", "reason", "layout", "control_yuan"}
# Written neatly, a list that is sent again may have the very bytes of the first one; of such a file nothing more is known.
AGAIN = {"same_bytes", "same_rows"}
OF_FILES_AGAIN = {"status", "control_count", "file_date"}


def published(world: World, folder: Path) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows of each published table, without their places."""
    tables = publish_world(world, folder)[1].tables
    return {name: Counter(_without_form(name, row) for row in tables[name]) for name in TABLES}


def _without_form(table: str, row: Row) -> tuple[Any, ...]:
    left_out = set(OF_FORM)
    if table == "mart.source_file":
        left_out |= OF_BYTES | (OF_FILES_AGAIN if row["status"] in AGAIN else set())
    return tuple(value for column, value in row.items() if column not in left_out)


@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
def test_a_world_with_dirt_publishes_the_tables_of_its_clean_twin(seed: int, tmp_path: Path) -> None:
    """Not even a mismatch_id or a posting_id differs."""
    print(f"DAIJIAO_SEED={seed} DAIJIAO_WORLDS=1")
    neat, dirty = twins(seed)
    with key_of_tests():
        clean, read = published(neat, tmp_path / "neat"), published(dirty, tmp_path / "dirty")
    for name in TABLES:
        assert read[name] == clean[name], name
