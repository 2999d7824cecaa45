"""The clean sample holds what the bare script of the benchmarks reads: it comes to the planned township tables."""

import subprocess
import sys
from io import StringIO
from pathlib import Path

import polars as pl

from pipeline.sample import write_sample
from pipeline.settings import PROJECT_FOLDER

FLOOR = PROJECT_FOLDER / "benchmarks" / "floor.py"


def test_a_script_that_knows_no_dirt_comes_to_the_planned_tables(tmp_path: Path) -> None:
    """It knows one word for each meaning, reads every file, and lets no row go."""
    plan = write_sample(tmp_path, 2019, persons=2_000, is_clean=True)
    command = [sys.executable, str(FLOOR), str(tmp_path), "2019"]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for text, planned in zip(printed.split("\n\n"), (plan.township_participation, plan.township_fund), strict=True):
        found = pl.read_csv(StringIO(text), infer_schema=False)
        wanted = planned.sort("township_code").with_columns(pl.all().cast(pl.String))
        assert set(found.columns) == set(wanted.columns)
        assert found.rows() == wanted.select(found.columns).rows()
