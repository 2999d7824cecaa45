"""The self-evaluation: indicators, scores and deviations from the template of the policy."""

import polars as pl

from pipeline.run import Run
from pipeline.warehouse import Session


def performance_indicators(session: Session, run: Run) -> pl.DataFrame:
    """The rows of ``mart.performance_indicator``."""
    return pl.DataFrame(
        schema=dict.fromkeys(
            ("level1", "level2", "level3", "target", "actual", "weight", "score", "reported_score", "deviation_reason"),
            pl.String,
        )
    )
