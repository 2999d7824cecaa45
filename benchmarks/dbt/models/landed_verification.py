"""Rows of files that DuckDB can't read without an extension."""

import os
from pathlib import Path
from typing import Any

from floor import verification_rows


def model(dbt: Any, session: Any) -> Any:
    """The rows as the floor reads them."""
    raw = Path(os.environ["BENCH_RAW"])
    return verification_rows(raw / "classification").to_arrow()
