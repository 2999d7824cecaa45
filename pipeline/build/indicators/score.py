"""Scores of the self-evaluation: from a template and the year's figures to an evaluation of every indicator.

How the form looks is the business of ``pipeline.reports.self_evaluation.form``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pipeline.build.indicators.template import FULL_POINTS, Actual, Band, Indicator, Template
from pipeline.paper import NO_SOURCE, OVER_ZERO, half_up, on_paper, percent, rate_of, wan_yuan

TOTAL = "总分"
MISSING_REASON = "【未填写】目标未完成，须说明偏差原因和改进措施。"
NOT_JUDGED = "评价组尚未评定。"

Figures = Mapping[str, Decimal | int | None]


@dataclass(frozen=True)
class Evaluation:
    """One row of the form; `actual` and `score` are null where there is no source.

    `actual_on_paper` says why nothing stands there, and `reason` is the deviation reason with the warnings.
    """

    level1: str
    level2: str | None
    level3: str | None
    target: str | None
    actual: str | None
    actual_on_paper: str
    weight: Decimal
    score: Decimal | None
    reported_score: Decimal | None
    reason: str | None


def evaluate(template: Template, year: int, figures: Figures, reported_total: Decimal | None) -> list[Evaluation]:
    """Every indicator of the template in its order, and the total.

    Args:
        template: the form.
        year: policy year, for the judgements.
        figures: the district's figures by their column in mart.district_summary.
        reported_total: the score that the bureau reported.
    """
    rows = [
        _judged(indicator, template.bands, year) if indicator.formula == "bands" else _measured(indicator, figures)
        for indicator in template.indicators
    ]
    return [*rows, _total(rows, reported_total)]


def fill(text: str, figures: Figures) -> str:
    """A text of the template with its figures as they stand on paper."""
    return text.format_map({name: on_paper(name, value) for name, value in figures.items()})


def _measured(indicator: Indicator, figures: Figures) -> Evaluation:
    assert indicator.target is not None and indicator.actual is not None
    target = indicator.target.value if indicator.target.figure is None else _decimal(figures[indicator.target.figure])
    actual = _value(indicator.actual, figures)
    score = None
    is_met = None
    if target is not None and actual is not None:
        share, is_met = _share(indicator.formula, actual, target)
        score = half_up(indicator.weight * share, 2)
    is_over_zero = indicator.actual.over is not None and figures[indicator.actual.over] == 0
    written = None if actual is None else _written(actual, indicator.unit) + _derivation(indicator.actual, figures)
    nothing = OVER_ZERO if is_over_zero else NO_SOURCE
    reasons = _deviation(indicator, figures, is_met) + _warnings(indicator, figures, actual, target)
    return Evaluation(
        level1=indicator.level1,
        level2=indicator.level2,
        level3=indicator.level3,
        target=None if target is None else indicator.target.sign + _written(target, indicator.unit),
        actual=written,
        actual_on_paper=written or nothing,
        weight=indicator.weight,
        score=score,
        reported_score=None,
        reason="".join(reasons) or None,
    )


def _judged(indicator: Indicator, bands: tuple[Band, ...], year: int) -> Evaluation:
    judgement = indicator.judgements.get(year)
    actual = reason = score = None
    if judgement is not None:
        band = next(band for band in bands if judgement.share >= band.from_share)
        actual = f"{band.name}(评定 {percent(judgement.share)}):{judgement.basis}"
        score = half_up(indicator.weight * judgement.share, 2)
        if band is not bands[0]:
            reason = indicator.deviation_reason or MISSING_REASON
    return Evaluation(
        level1=indicator.level1,
        level2=indicator.level2,
        level3=indicator.level3,
        target=indicator.target_text,
        actual=actual,
        actual_on_paper=actual or f"{NO_SOURCE}，{NOT_JUDGED}",
        weight=indicator.weight,
        score=score,
        reported_score=None,
        reason=reason,
    )


def _total(rows: list[Evaluation], reported_total: Decimal | None) -> Evaluation:
    scored = [row for row in rows if row.score is not None]
    score = sum((row.score for row in scored if row.score is not None), Decimal(0)) if scored else None
    scored_weight = sum((row.weight for row in scored), Decimal(0))
    actual = None
    if score is not None:
        actual = f"{_plain(score)} 分"
        if scored_weight != FULL_POINTS:
            unscored = _plain(FULL_POINTS - scored_weight)
            actual = f"可评分值 {_plain(scored_weight)} 分中得 {actual}，另有 {unscored} 分无数据来源，未计入得分"
    return Evaluation(
        level1=TOTAL,
        level2=None,
        level3=None,
        target=f"{FULL_POINTS} 分",
        actual=actual,
        actual_on_paper=actual or NO_SOURCE,
        weight=FULL_POINTS,
        score=score,
        reported_score=reported_total,
        reason=_difference(score, scored_weight, reported_total),
    )


def _difference(score: Decimal | None, scored_weight: Decimal, reported_total: Decimal | None) -> str | None:
    """How the computed total stands to the reported one."""
    if score is None or reported_total is None or score == reported_total:
        return None
    judgement = f"自报 {_plain(reported_total)} 分是评价组的判断"
    if scored_weight != FULL_POINTS:
        return f"{judgement}，含未能按公式评分的 {_plain(FULL_POINTS - scored_weight)} 分，与按公式计算的得分不能直接相减。"
    return f"{judgement}，与按公式计算的得分相差 {_plain(abs(reported_total - score))} 分。"


def _share(formula: str, actual: Decimal, target: Decimal) -> tuple[Decimal, bool]:
    """The share of the points, and whether the target is met."""
    is_met = actual <= target if formula == "reversed" else actual >= target
    if is_met:
        return Decimal(1), True
    return (target / actual if formula == "reversed" else max(Decimal(0), actual / target)), False


def _value(actual: Actual, figures: Figures) -> Decimal | None:
    if actual.over is None:
        return _decimal(figures[actual.figure])
    return rate_of(figures[actual.figure], figures[actual.over])


def _derivation(actual: Actual, figures: Figures) -> str:
    """What a quotient is made of, or how many answers and which interval stand behind a survey's rate."""
    if actual.over is not None:
        if actual.figure.endswith("_yuan") and actual.over.endswith("_yuan"):
            return f"({_operand(actual.figure, figures)} ÷ {_operand(actual.over, figures)} 万元)"
        return f"({figures[actual.figure]} ÷ {figures[actual.over]})"
    if actual.answers is not None and actual.low is not None and actual.high is not None:
        interval = f"{on_paper(actual.low, figures[actual.low])}至{on_paper(actual.high, figures[actual.high])}"
        return f"({figures[actual.answers]} 份有效问卷，95% 置信区间 {interval})"
    return ""


def _operand(name: str, figures: Figures) -> str:
    return on_paper(name, figures[name])


def _deviation(indicator: Indicator, figures: Figures, is_met: bool | None) -> list[str]:
    if is_met is not False:
        return []
    return [MISSING_REASON if indicator.deviation_reason is None else fill(indicator.deviation_reason, figures)]


def _warnings(indicator: Indicator, figures: Figures, actual: Decimal | None, target: Decimal | None) -> list[str]:
    """What the figures can't support though they say it."""
    assert indicator.actual is not None
    if actual is None or target is None:
        return []
    if indicator.actual.answers is not None and indicator.actual.low is not None:
        low = _decimal(figures[indicator.actual.low])
        if low is not None and low < target <= actual:
            answers = figures[indicator.actual.answers]
            doubt = f"【提示】仅 {answers} 份有效问卷，区间下限 {percent(low)} 低于目标，"
            return [doubt + "不足以说明全体服务对象的满意率达到目标。"]
        return []
    if indicator.unit == "%" and indicator.actual.over is None:
        return ["【提示】汇总表只有比率，没有分子和分母，须附原始人数方可复核。"]
    if indicator.unit == "%" and indicator.formula == "ratio" and actual > 1:
        return ["【提示】实际完成值超过 100%，须核对分子和分母并说明原因。"]
    return []


def _written(value: Decimal, unit: str) -> str:
    if unit == "%":
        return percent(value)
    if unit == "万元":
        return f"{wan_yuan(value)[0]} 万元"
    return f"{_plain(value)} {unit}".rstrip()


def _plain(value: Decimal) -> str:
    """A decimal without trailing zeros, in plain notation."""
    return f"{value.normalize():f}"


def _decimal(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value)
