"""Random worlds written with dirt give what their clean twins give: file for file, row for row, count for count.

How many worlds are tried says DAIJIAO_WORLDS, from which seed on DAIJIAO_SEED; both are printed.
"""

import os
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipeline.landing import Landing, land_year, load_layouts
from tests.second_count.files import write_world
from tests.second_count.world import World, Written, policy_of_2019
from tests.second_count.worlds import SeededChoices, make_world

WORLDS = max(int(os.environ.get("DAIJIAO_WORLDS", "100")) // 33, 3)
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
PERSONS = 6
LAYOUTS = load_layouts()
# Where a row stands and how its cells were spelt is what dirt may change.
OF_FORM = {"sheet", "row_number", "id_original", "quarantine_reason", "township", "cells"}


def twins(seed: int) -> tuple[World, World]:
    """A world written neatly, and the same world written with dirt."""
    world = make_world(SeededChoices(seed), policy_of_2019(), PERSONS)
    return replace(world, dirt_seed=None, as_of=None), replace(world, dirt_seed=seed + 1, as_of=None)


def landed(world: World, folder: Path) -> tuple[Landing, dict[str, Written]]:
    """The world's files, written and landed."""
    shutil.rmtree(folder, ignore_errors=True)
    written = write_world(world, folder / "raw")
    return land_year(folder / "raw", world.policy.year, LAYOUTS, folder / "cache"), written


def facts(landing: Landing) -> dict[str, tuple[object, ...]]:
    """What is said of each file: how it fared and why, its counts and dates."""
    columns = ("status", "rows_read", "control_count", "stated_date", "name_date")
    return {
        str(file["file_name"]): (*(file[name] for name in columns), code(file["reason"]))
        for file in landing.files.iter_rows(named=True)
    }


def code(reason: object) -> str | None:
    """The kind of a reason; which sheets were skipped is a matter of form."""
    word = str(reason or "").split(":")[0]
    return None if word in ("", "skipped_sheets") else word


def rows(landing: Landing, file_name: str, source: str) -> Counter[tuple[object, ...]]:
    """What the rows of a file say."""
    parquet = next((file.parquet for file in landing.rows(source) if file.file_name == file_name), None)
    if parquet is None:
        return Counter()
    frame = pl.read_parquet(parquet)
    return Counter(frame.select(name for name in frame.columns if name not in OF_FORM).iter_rows())


def places(landing: Landing, file_name: str, source: str) -> set[tuple[object, object]]:
    """Where the rows of a file stand."""
    parquet = next((file.parquet for file in landing.rows(source) if file.file_name == file_name), None)
    return set() if parquet is None else set(pl.read_parquet(parquet, columns=["sheet", "row_number"]).iter_rows())


@pytest.mark.parametrize("seed", range(SEED, SEED + WORLDS))
def test_a_world_with_dirt_is_read_like_its_clean_twin(seed: int, tmp_path: Path) -> None:
    """Every file alike, every row in its own place."""
    print(f"DAIJIAO_SEED={seed} DAIJIAO_WORLDS=1")
    neat, dirty = twins(seed)
    (clean, _), (read, written) = landed(neat, tmp_path / "neat"), landed(dirty, tmp_path / "dirty")
    # A list of one row that is sent again in another order has the same bytes, where nobody adds dirt.
    before, after = facts(clean), facts(read)
    same_bytes = {name for each in (before, after) for name, (status, *_) in each.items() if status == "same_bytes"}
    assert {name: each for name, each in after.items() if name not in same_bytes} == {
        name: each for name, each in before.items() if name not in same_bytes
    }
    for file_name, total in read.files.filter(status="read").select("file_name", "control_yuan").iter_rows():
        assert total == written[file_name].control_yuan, file_name
    for file in (file for file in dirty.files if file.file_name not in same_bytes):
        assert rows(read, file.file_name, file.source) == rows(clean, file.file_name, file.source), file.file_name
        if found := places(read, file.file_name, file.source):
            expected = {(place.sheet, place.row_number) for place in written[file.file_name].places}
            assert found == expected, file.file_name
