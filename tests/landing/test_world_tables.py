"""Random worlds written with dirt publish the tables of their clean twins: only where a row stands may differ.

How many worlds are tried says DAIJIAO_WORLDS, from which seed on DAIJIAO_SEED; both are printed.
"""

import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.deep import only_whole
from tests.landing.test_worlds import SEED, twins
from tests.second_count.published import TABLES, Row, key_of_tests, publish_world

WORLDS = max(int(os.environ.get("DAIJIAO_WORLDS", "50")) // 50, 1)
OF_FORM = {"sheet", "row_number"}
# A reversal may be written with its sign, which its total follows; units, further columns and hidden rows are dirt.
OF_BYTES = {
    "sha256",
    "reason",
    "layout",
    "control_yuan",
    "unit",
    "columns_unused",
    "fields_not_found",
    "hidden_rows",
}


def rows_of(tables: dict[str, list[Row]], left_out: set[str]) -> dict[str, Counter[tuple[Any, ...]]]:
    """The rows of each published table without their places; of the files but those whose names are left out."""
    return {name: Counter(_without_form(name, row) for row in _told(name, tables[name], left_out)) for name in TABLES}


def _told(table: str, rows: list[Row], left_out: set[str]) -> list[Row]:
    return [row for row in rows if table != "mart.source_file" or row["file_name"] not in left_out]


def _without_form(table: str, row: Row) -> tuple[Any, ...]:
    of_form = OF_FORM | (OF_BYTES if table == "mart.source_file" else set())
    return tuple(value for column, value in row.items() if column not in of_form)


@only_whole("test_worlds holds the landed rows of such twins against each other")
@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
def test_a_world_with_dirt_publishes_the_tables_of_its_clean_twin(seed: int, tmp_path: Path) -> None:
    """Not even a mismatch_id or a posting_id differs."""
    print(f"DAIJIAO_SEED={seed} DAIJIAO_WORLDS=1")
    neat, dirty = twins(seed)
    with key_of_tests():
        clean, read = (
            publish_world(neat, tmp_path / "neat")[1].tables,
            publish_world(dirty, tmp_path / "dirty")[1].tables,
        )
    # Written neatly, a list that is sent again may happen to have the very bytes of another; nothing more is told of it.
    by_chance = {file.file_name for file in neat.files if file.same_bytes_as is None} & {
        row["file_name"] for row in clean["mart.source_file"] if row["status"] == "same_bytes"
    }
    expected, found = rows_of(clean, by_chance), rows_of(read, by_chance)
    for name in TABLES:
        assert found[name] == expected[name], name
