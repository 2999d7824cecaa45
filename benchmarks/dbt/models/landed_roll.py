"""Rows of files that DuckDB can't read without an extension."""

import os
from pathlib import Path
from typing import Any

from floor import roll_rows


def model(dbt: Any, session: Any) -> Any:
    """The rows as the floor reads them."""
    raw, year = Path(os.environ["BENCH_RAW"]), int(os.environ["BENCH_YEAR"])
    return roll_rows(raw / "poverty_roll", year).to_arrow()
