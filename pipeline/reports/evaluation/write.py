"""The evaluation report of a year (绩效评价报告): a document that staff can edit, a web page and a PDF of the same words."""

from pathlib import Path

from pipeline.paper import make_folder
from pipeline.reports.archives import data_date
from pipeline.reports.evaluation.charts import draw_charts
from pipeline.reports.evaluation.document import (
    TEMPLATE_NAME,
    TEMPLATES,
    report_parts,
    write_document,
    write_html,
    write_pdf,
)
from pipeline.reports.evaluation.figures import report_figures
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session


def write_evaluation_report(session: Session, run: Run, folder: Path) -> list[Path]:
    """Write the report of the year into the folder as .docx, .html and .pdf, and return their paths.

    Every figure comes from the tables. The words come from ``templates/evaluation_report.docx`` beside the policies where
    there is one, else from the template that ships with the package.

    Raises:
        UsageError: the template can't be used.
        DaijiaoError: the folder can't be written.
    """
    figures = report_figures(session, run)
    charts = draw_charts(figures)
    template = report_template(run)
    parts = report_parts(template, figures.texts)
    make_folder(folder)
    name = f"{run.year}年项目支出绩效评价报告"
    return [
        write_document(template, figures.texts, charts, folder / f"{name}.docx", data_date(session, run)),
        write_html(parts, charts, folder / f"{name}.html"),
        write_pdf(parts, charts, folder / f"{name}.pdf"),
    ]


def report_template(run: Run) -> Path:
    """The document template of the policies, else the package's own."""
    own = None if run.policy_folder is None else run.policy_folder / "templates" / TEMPLATE_NAME
    return own if own is not None and own.is_file() else TEMPLATES / TEMPLATE_NAME
