"""How the second count reads: what it holds on to."""

import gc
from pathlib import Path

import polars as pl

from pipeline.checks.second_count.count import without_collection
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import FileFacts, RunFacts, TableFacts
from pipeline.checks.second_count.readings import Readings
from pipeline.checks.second_count.rows import rows_of
from pipeline.policy import load_policy


def test_the_cells_of_a_file_are_let_go_once_its_rows_are_read(tmp_path: Path) -> None:
    """Also while nobody searches for cycles: what is left behind then would stay until the whole year is counted."""
    cells = tmp_path / "cells.parquet"
    pl.DataFrame({"row_number": [2], "answer": ["满意"]}).write_parquet(cells)
    run = RunFacts(policy=load_policy(2019), year=2019, key="a key for invented persons")
    table = TableFacts(sheet=None, layout="survey", rows_counted=1)
    file = FileFacts(
        file_name="a.csv", source="satisfaction_survey", sha256=None, status="read", cells=cells, tables=(table,)
    )
    readings = Readings(run, Divisions(run.policy))
    gc.collect()
    with without_collection():
        [[answer]], _ = rows_of(file, 1, readings, None)
        held = [each for each in gc.get_objects() if isinstance(each, pl.DataFrame) and "answer" in each.columns]
    assert answer.answer == "满意"
    assert not held
