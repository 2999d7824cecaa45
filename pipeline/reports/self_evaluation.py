"""The self-evaluation of a year (项目支出绩效自评表): its rows in the warehouse, and the form as workbook and document."""

from pathlib import Path

import polars as pl

from pipeline.reports.paper import make_folder
from pipeline.reports.self_evaluation_files import write_docx, write_xlsx
from pipeline.reports.self_evaluation_form import form_of
from pipeline.reports.self_evaluation_score import Figures, evaluate
from pipeline.reports.self_evaluation_template import SUMMARY, load_template
from pipeline.run import Run
from pipeline.warehouse import Session

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


def write_self_evaluation(session: Session, run: Run, folder: Path) -> list[Path]:
    """Write the form of the year into the folder as .xlsx and .docx, and return their paths.

    Raises:
        UsageError: the template can't be used.
        DaijiaoError: the folder can't be written.
    """
    template = load_template(run)
    figures = district_figures(session)
    evaluations = evaluate(template, run.year, figures, run.policy.reported_total_score)
    levels = session.find(
        "SELECT fund_level.word, fund.granted_yuan, fund.used_yuan, fund.balance_yuan FROM mart.fund_level AS fund "
        "INNER JOIN policy.fund_level ON fund.fund_level = fund_level.fund_level "
        "WHERE fund.township_code IS NULL ORDER BY fund_level.position"
    )
    form = form_of(run, template, figures, evaluations, levels.rows(named=True))
    make_folder(folder)
    name = f"{run.year}年项目支出绩效自评表"
    return [write_xlsx(form, folder / f"{name}.xlsx"), write_docx(form, folder / f"{name}.docx")]


def district_figures(session: Session) -> Figures:
    """The district's figures of the year by their column in mart.district_summary."""
    return session.find(f"SELECT * FROM {SUMMARY}").row(0, named=True)
