"""Rows of files that DuckDB can't read without an extension."""

import os
from pathlib import Path
from typing import Any

import polars as pl
from floor import read_tax


def model(dbt: Any, session: Any) -> Any:
    """The collections, and what persons paid themselves, as the floor reads them."""
    collections, own = read_tax(Path(os.environ["BENCH_RAW"]) / "tax_returns")
    return pl.concat([collections, own.with_columns(channel=pl.lit("own"))], how="diagonal").to_arrow()
