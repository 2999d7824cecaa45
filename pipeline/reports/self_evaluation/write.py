"""The self-evaluation of a year (项目支出绩效自评表) as workbook and document."""

from pathlib import Path

from pipeline.build.indicators.rows import district_figures
from pipeline.build.indicators.score import evaluate
from pipeline.build.indicators.template import load_template
from pipeline.paper import make_folder
from pipeline.reports.archives import data_date
from pipeline.reports.self_evaluation.files import write_docx, write_xlsx
from pipeline.reports.self_evaluation.form import form_of
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session


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
    made_on = data_date(session, run)
    return [write_xlsx(form, folder / f"{name}.xlsx", made_on), write_docx(form, folder / f"{name}.docx", made_on)]
