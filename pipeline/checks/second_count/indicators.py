"""The indicators of the self-evaluation, scored again from the policy's template and the district's counted row."""

from collections.abc import Mapping
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any

from pipeline.checks.second_count.counted import Table, Totals, table_of_rows

COLUMNS = (
    "level1", "level2", "level3", "target", "actual", "weight", "score", "reported_score", "deviation_reason",
)  # fmt: skip
ALL_POINTS = Decimal(100)
NOT_FILLED_IN = "【未填写】目标未完成，须说明偏差原因和改进措施。"
NO_SOURCE = "无数据来源"
Figures = Mapping[str, Decimal | int | None]
Indicator = Mapping[str, Any]
Scored = tuple[str | None, str | None, Decimal | None, str | None]
"""Target, actual, score and reason of the deviation."""


def indicators(totals: Totals, district: Mapping[str, Any]) -> Table:
    """A row an indicator of the template, and the total; points in hundredths.

    Args:
        district: the row of mart.district_summary, in fen and millionths.
    """
    template = totals.run.template
    figures = {name: _figure(name, value) for name, value in district.items()}
    rows: list[tuple[Any, ...]] = []
    points: list[tuple[Decimal, Decimal | None]] = []
    for each in template["indicators"]:
        weight = Decimal(str(each["weight"]))
        judged = each["formula"] == "bands"
        target, actual, score, reason = (
            _judged(each, template["bands"], totals.run.year, weight) if judged else _measured(each, figures, weight)
        )
        points.append((weight, score))
        rows.append(
            (
                each["level1"],
                each["level2"],
                each["level3"],
                target,
                actual,
                _points(weight),
                _points(score),
                None,
                reason,
            )
        )
    return table_of_rows("mart.performance_indicator", COLUMNS, COLUMNS[:3], [*rows, _total(points, totals)])


def _figure(name: str, value: int | None) -> Decimal | int | None:
    if value is None:
        return None
    if name.endswith("_yuan"):
        return Decimal(value).scaleb(-2)
    return Decimal(value).scaleb(-6) if name.endswith(("_rate", "_low", "_high")) else value


def _points(points: Decimal | None) -> int | None:
    """Hundredths of a point; the third place that a policy may give is rounded as the store rounds it."""
    return None if points is None else int((points * 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def _judged(indicator: Indicator, bands: Any, year: int, weight: Decimal) -> Scored:
    """What the evaluation group judged of the year: a share of the points, and the band in which it lies."""
    judgements = indicator.get("judgements") or {}
    judgement = judgements.get(year) or judgements.get(str(year))
    if judgement is None:
        return indicator["target_text"], None, None, None
    share = Decimal(str(judgement["share"]))
    band = next(band for band in bands if share >= Decimal(str(band["from_share"])))
    actual = f"{band['name']}(评定 {_percent(share)}):{judgement['basis']}"
    reason = None if band is bands[0] else indicator.get("deviation_reason") or NOT_FILLED_IN
    return indicator["target_text"], actual, _rounded(weight * share, 2), reason


def _measured(indicator: Indicator, figures: Figures, weight: Decimal) -> Scored:
    """What was reached, held against the target."""
    unit, aim, source = indicator.get("unit", ""), indicator["target"], indicator["actual"]
    target = figures[aim["figure"]] if aim.get("figure") else Decimal(str(aim["value"]))
    over = source.get("over")
    actual = _quotient(figures[source["figure"]], figures[over]) if over else figures[source["figure"]]
    target_text = None if target is None else aim.get("sign", "") + _with_unit(Decimal(target), unit)
    actual_text = None if actual is None else _with_unit(Decimal(actual), unit) + _made_of(source, figures)
    if target is None or actual is None:
        return target_text, actual_text, None, None
    is_reversed = indicator["formula"] == "reversed"
    is_met = actual <= target if is_reversed else actual >= target
    share = Decimal(1)
    if not is_met:
        share = Decimal(target) / Decimal(actual) if is_reversed else max(Decimal(0), Decimal(actual) / Decimal(target))
    reason = "" if is_met else _filled(indicator.get("deviation_reason"), figures)
    reason += _doubts(indicator, figures, Decimal(actual), Decimal(target))
    return target_text, actual_text, _rounded(weight * share, 2), reason or None


def _doubts(indicator: Indicator, figures: Figures, actual: Decimal, target: Decimal) -> str:
    """What the figures can't support though they say it."""
    source = indicator["actual"]
    if source.get("answers") and source.get("low"):
        low = figures[source["low"]]
        if low is not None and low < target <= actual:
            return (
                f"【提示】仅 {figures[source['answers']]} 份有效问卷，区间下限 {_percent(Decimal(low))} 低于目标，"
                "不足以说明全体服务对象的满意率达到目标。"
            )
        return ""
    if indicator.get("unit", "") == "%" and not source.get("over"):
        return "【提示】汇总表只有比率，没有分子和分母，须附原始人数方可复核。"
    if indicator.get("unit", "") == "%" and indicator["formula"] == "ratio" and actual > 1:
        return "【提示】实际完成值超过 100%，须核对分子和分母并说明原因。"
    return ""


def _made_of(source: Mapping[str, Any], figures: Figures) -> str:
    """What a quotient is made of, or how many answers stand behind a survey's rate."""
    figure, over = source["figure"], source.get("over")
    if over:
        if figure.endswith("_yuan") and over.endswith("_yuan"):
            return f"({_on_paper(figure, figures)} ÷ {_on_paper(over, figures)} 万元)"
        return f"({figures[figure]} ÷ {figures[over]})"
    if source.get("answers") and source.get("low") and source.get("high"):
        low, high = _on_paper(source["low"], figures), _on_paper(source["high"], figures)
        return f"({figures[source['answers']]} 份有效问卷，95% 置信区间 {low}至{high})"
    return ""


def _total(points: list[tuple[Decimal, Decimal | None]], totals: Totals) -> tuple[Any, ...]:
    """The sum of what could be scored, beside the score that the bureau reported."""
    scores = [score for _, score in points if score is not None]
    score = sum(scores, Decimal(0)) if scores else None
    scored = sum((weight for weight, score in points if score is not None), Decimal(0))
    open_points = ALL_POINTS - scored
    actual = None
    if score is not None:
        actual = f"{_plain(score)} 分"
        if open_points:
            actual = f"可评分值 {_plain(scored)} 分中得 {actual}，另有 {_plain(open_points)} 分无数据来源，未计入得分"
    reported = totals.run.policy.reported_total_score
    reason = None
    if score is not None and reported is not None and score != reported:
        reason = f"自报 {_plain(reported)} 分是评价组的判断"
        if open_points:
            reason += f"，含未能按公式评分的 {_plain(open_points)} 分，与按公式计算的得分不能直接相减。"
        else:
            reason += f"，与按公式计算的得分相差 {_plain(abs(reported - score))} 分。"
    return "总分", None, None, "100 分", actual, _points(ALL_POINTS), _points(score), _points(reported), reason


def _filled(text: str | None, figures: Figures) -> str:
    if text is None:
        return NOT_FILLED_IN
    return text.format_map({name: _on_paper(name, figures) for name in figures})


def _quotient(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    return _rounded(Decimal(part) / Decimal(whole), 6) if part is not None and whole else None


def _on_paper(name: str, figures: Figures) -> str:
    value = figures[name]
    if value is None:
        return NO_SOURCE
    if name.endswith("_yuan"):
        return _in_wan(Decimal(value))
    return _percent(Decimal(value)) if name.endswith(("_rate", "_low", "_high")) else str(value)


def _with_unit(value: Decimal, unit: str) -> str:
    if unit == "%":
        return _percent(value)
    return f"{_in_wan(value)} 万元" if unit == "万元" else f"{_plain(value)} {unit}".rstrip()


def _percent(share: Decimal) -> str:
    """Two places; four of a share that isn't none or all, but would read so with two."""
    two_places = _rounded(share * 100, 2)
    reads_round = two_places in {Decimal(0), Decimal(100)}
    return f"{_rounded(share * 100, 4) if reads_round and two_places != share * 100 else two_places}%"


def _in_wan(yuan: Decimal) -> str:
    """万元 with two places, or with the three or four that a yuan needs."""
    whole, _, places = f"{_rounded(yuan / 10_000, 4)}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}"


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
