"""The self-evaluation: from the template's formulas to the table and the form."""

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from docx import Document

from pipeline.build.indicators.rows import performance_indicators
from pipeline.build.indicators.score import Evaluation, Figures, evaluate
from pipeline.build.indicators.template import Template, read_template
from pipeline.errors import UsageError
from pipeline.policy import PACKAGE_FOLDER
from pipeline.reports.check_report.check import check_report
from pipeline.reports.self_evaluation.write import write_self_evaluation
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session
from tests.reports.figures_of_2019 import DISTRICT

SHIPPED = PACKAGE_FOLDER / "self_evaluation.yaml"
FIGURES: Figures = {name: None if value is None else Decimal(value) for name, value in DISTRICT.items()}


def template_of(**indicator: Any) -> Template:
    """A form of one indicator of 100 points."""
    named = {"level1": "产出指标", "level2": "数量指标", "level3": "人数", "weight": 100, "unit": "人", **indicator}
    content = yaml.safe_load(SHIPPED.read_text(encoding="utf-8"))
    return Template.model_validate({**content, "weights": {"产出指标": 100}, "indicators": [named]})


def evaluated(figures: Figures | None = None, year: int = 2019, **indicator: Any) -> Evaluation:
    """How the indicator is evaluated with 2019's figures and those given."""
    return evaluate(template_of(**indicator), year, {**FIGURES, **(figures or {})}, None)[0]


@pytest.mark.parametrize(
    ("covered", "score", "is_met"),
    [(65443, "100.00", True), (70000, "100.00", True), (61722, "94.31", False), (0, "0.00", False)],
    ids=["met", "capped above the target", "in proportion", "nothing"],
)
def test_ratio(covered: int, score: str, is_met: bool) -> None:
    """Points in proportion to actual over target, never more than all; half up to two places."""
    row = evaluated(
        {"covered_count": covered},
        formula="ratio",
        target={"figure": "planned_count"},
        actual={"figure": "covered_count"},
        deviation_reason="核查后符合条件 {eligible_count} 人。",
    )
    assert row.score == Decimal(score)
    assert row.target == "65443 人" and row.actual == f"{covered} 人"
    assert row.reason == (None if is_met else "核查后符合条件 61722 人。")


@pytest.mark.parametrize(
    ("disputed", "score"),
    [(0, "100.00"), (61722, "100.00"), (123444, "50.00")],
    ids=["none", "as much as allowed", "twice as much"],
)
def test_reversed(disputed: int, score: str) -> None:
    """What should be small: all points up to the target, then in proportion to target over actual."""
    row = evaluated(
        {"disputed_yuan": Decimal(disputed)},
        formula="reversed",
        unit="%",
        target={"value": "0.01", "sign": "≤"},
        actual={"figure": "disputed_yuan", "over": "paid_out_yuan"},
    )
    assert row.score == Decimal(score)
    assert row.target == "≤1.00%"


@pytest.mark.parametrize(
    ("share", "band", "has_reason"),
    [
        ("1", "达成预期指标", False),
        ("0.80", "达成预期指标", False),
        ("0.7999", "部分达成", True),
        ("0.5", "未达成", True),
    ],
    ids=["top", "lower end belongs to the band", "just below", "bottom"],
)
def test_bands(share: str, band: str, has_reason: bool) -> None:
    """A judgement gives the share that the group judged, and names its band."""
    row = evaluated(
        formula="bands", unit="", target_text="长期受益", judgements={2019: {"share": share, "basis": "访谈记录"}}
    )
    assert row.score == (Decimal(share) * 100).quantize(Decimal("0.01"))
    assert row.actual is not None and row.actual.startswith(band) and row.actual.endswith("访谈记录")
    assert (row.reason is not None) == has_reason


def test_a_judgement_of_another_year_is_none() -> None:
    """Nothing is scored that nobody judged of this year."""
    row = evaluated(
        formula="bands", unit="", target_text="长期受益", judgements={2018: {"share": "1", "basis": "访谈记录"}}
    )
    assert row.score is None and row.actual is None
    assert row.actual_on_paper.startswith("无数据来源")


def test_a_missed_target_without_a_reason_is_marked() -> None:
    """The form says that the reason is missing, it doesn't invent one."""
    row = evaluated(formula="ratio", target={"figure": "planned_count"}, actual={"figure": "covered_count"})
    assert row.reason is not None and row.reason.startswith("【未填写】")


@pytest.mark.parametrize(("used", "is_doubted"), [("6712140", False), ("6712150", True), ("6800000", True)])
def test_more_than_the_whole_is_doubted(used: str, is_doubted: bool) -> None:
    """More than the budget is used: all points, and a reason to be found."""
    row = evaluated(
        {"used_yuan": Decimal(used), "budget_yuan": Decimal(6_712_140)},
        formula="ratio",
        unit="%",
        target={"value": 1},
        actual={"figure": "used_yuan", "over": "budget_yuan"},
    )
    assert row.score == Decimal("100.00")
    assert row.reason == ("【提示】实际完成值超过 100%，须核对分子和分母并说明原因。" if is_doubted else None)


@pytest.mark.parametrize(
    ("figures", "written"),
    [({"satisfaction_rate": None, "satisfaction_answers": None}, "无数据来源"), ({"eligible_count": 0}, "—")],
    ids=["no source", "over 0"],
)
def test_no_source_and_a_rate_over_0_are_null(figures: Figures, written: str) -> None:
    """Null in the table, and said on paper; never 0."""
    survey = {"figure": "satisfaction_rate", "answers": "satisfaction_answers", "low": "satisfaction_low"}
    actual = survey if "satisfaction_rate" in figures else {"figure": "covered_count", "over": "eligible_count"}
    row = evaluated(figures, formula="ratio", unit="%", target={"value": "0.9"}, actual=actual)
    assert (row.actual, row.score, row.reason) == (None, None, None)
    assert row.actual_on_paper == written


def test_the_table_of_2019(year_2019: tuple[Session, Run]) -> None:
    """Computed scores, the reported 97 beside their sum, and a warning where the figures can't support the claim."""
    *indicators, total = performance_indicators(*year_2019).rows(named=True)
    scores = {row["level3"]: row["score"] for row in indicators}
    assert scores["预算执行率(使用资金÷预算资金)"] == Decimal("9.20")
    assert scores["代缴保费人数"] == Decimal("18.86")
    assert scores["符合条件人员长期受益"] is None
    assert sum(row["weight"] for row in indicators) == 100
    assert total["level1"] == "总分" and total["level3"] is None
    assert total["score"] == sum(score for score in scores.values() if score is not None) == Decimal("88.06")
    assert total["reported_score"] == Decimal("97.00")
    reasons = {row["level3"]: row["deviation_reason"] or "" for row in indicators}
    assert "仅 20 份有效问卷" in reasons["服务对象满意率"] and "69.90%" in reasons["服务对象满意率"]
    assert "没有分子和分母" in reasons["待遇发放率(足额发放人数÷应发放人数)"]
    assert "65443" in reasons["代缴保费人数"]
    assert reasons["符合条件人员参保率(代缴人数÷符合条件人数)"] == ""


def test_no_figure_of_the_form_is_contradicted(
    year_2019: tuple[Session, Run], published_2019: Path, tmp_path: Path
) -> None:
    """A target stands in its own column, and is held against the target."""
    document = write_self_evaluation(*year_2019, tmp_path / "out")[1]
    findings = check_report(document, published_2019, year_2019[1].year)
    assert [finding for finding in findings if finding.verdict == "contradicted"] == []
    proven = {(finding.figure, finding.table, finding.column) for finding in findings if finding.verdict == "proven"}
    assert {
        ("100.00", "mart.performance_indicator", "target"),
        ("65443", "mart.district_summary", "planned_count"),
        ("61722", "mart.district_summary", "covered_count"),
        ("91.96", "mart.district_summary", "execution_rate"),
    } <= proven


def test_the_form_says_the_same_in_both_files(year_2019: tuple[Session, Run], tmp_path: Path) -> None:
    """Workbook and document have the same cells, on A4, in a folder closed to others; amounts keep their sums."""
    paths = write_self_evaluation(*year_2019, tmp_path / "out")
    assert [path.name for path in paths] == ["2019年项目支出绩效自评表.xlsx", "2019年项目支出绩效自评表.docx"]
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o700
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted(path.name for path in paths)
    sheet = openpyxl.load_workbook(paths[0]).active
    assert sheet is not None and sheet.page_setup.paperSize == 9 and sheet.page_setup.orientation == "landscape"
    in_workbook = {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}
    document = Document(str(paths[1]))
    page = document.sections[0]
    assert page.page_width is not None and page.page_width.cm == pytest.approx(29.7, abs=0.01)
    in_document = {cell.text for row in document.tables[0].rows for cell in row.cells if cell.text}
    assert in_document < in_workbook
    assert {"671.214", "523.544", "147.670", "88.06", "97", "91.96%(617.22 ÷ 671.214 万元)"} <= in_document


def changed(tmp_path: Path, pattern: str, replacement: str) -> Path:
    """A copy of the shipped template with a change."""
    text = SHIPPED.read_text(encoding="utf-8")
    path = tmp_path / "self_evaluation.yaml"
    path.write_text(re.sub(pattern, replacement, text, count=1), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    return path


@pytest.mark.parametrize(
    ("pattern", "replacement", "key"),
    [
        ("预算执行: 10", "预算执行: 20", "weights"),
        ("    weight: 20", "    weight: 21", "weights.产出指标"),
        ("figure: planned_count", "figure: planed_count", "indicators.1.target.figure"),
        ("formula: reversed", "formula: backwards", "indicators.3.formula"),
        (r"\{planned_count\} 人；", "{nobody_count} 人；", "indicators.1.deviation_reason"),
        ('from_share: "0.80"', 'from_share: "0.85"', "bands"),
        ("title: 项目", "titel: 项目", "title"),
        ("    unit: 人\n", "    unit: 人\n    colour: red\n", "indicators.1.colour"),
    ],
    ids=["sum", "sum of a level", "figure", "formula", "text", "bands", "missing key", "unknown key"],
)
def test_a_template_with_a_mistake_is_refused(tmp_path: Path, pattern: str, replacement: str, key: str) -> None:
    """The error names the file and the key."""
    path = changed(tmp_path, pattern, replacement)
    with pytest.raises(UsageError, match=rf"self_evaluation\.yaml can't be used: .*{re.escape(key)}"):
        read_template(path)


def test_an_unreadable_template_is_refused(tmp_path: Path) -> None:
    """Not YAML, or not there."""
    path = tmp_path / "self_evaluation.yaml"
    with pytest.raises(UsageError, match="can't be read"):
        read_template(path)
    path.write_text("a: [", encoding="utf-8")
    with pytest.raises(UsageError, match="can't be read"):
        read_template(path)
