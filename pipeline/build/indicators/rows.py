"""The rows of ``mart.performance_indicator``: the indicators of the year's self-evaluation, computed from the district's row."""

import polars as pl

from pipeline.build.indicators.score import Figures, evaluate
from pipeline.build.indicators.template import SUMMARY, load_template
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

_POINTS = pl.Decimal(9, 2)
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "level1": pl.String,
    "level2": pl.String,
    "level3": pl.String,
    "target": pl.String,
    "actual": pl.String,
    "weight": _POINTS,
    "score": _POINTS,
    "reported_score": _POINTS,
    "deviation_reason": pl.String,
}


def performance_indicators(session: Session, run: Run) -> pl.DataFrame:
    """The rows of ``mart.performance_indicator``: a row an indicator in the template's order, and the row 总分.

    Rates are written as percentages, counts and amounts with their unit; points have two places. What has no source is null.

    Raises:
        UsageError: the template can't be used.
    """
    evaluations = evaluate(load_template(run), run.year, district_figures(session), run.policy.reported_total_score)
    rows = [
        (
            each.level1,
            each.level2,
            each.level3,
            each.target,
            each.actual,
            each.weight,
            each.score,
            each.reported_score,
            each.reason,
        )
        for each in evaluations
    ]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")


def district_figures(session: Session) -> Figures:
    """The district's figures of the year by their column in mart.district_summary."""
    return session.find(f"SELECT * FROM {SUMMARY}").row(0, named=True)
