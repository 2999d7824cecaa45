"""The charts of the evaluation report as SVG: bars that begin at 0, with their numbers beside them.

A chart is drawn from rows of numbers and texts; where they come from is the business of ``figures``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pipeline.paper import OVER_ZERO, longest, percent, wan_yuan
from pipeline.reports.evaluation.figures import ReportFigures
from pipeline.reports.sandbox import Sandbox

FONT_FAMILY = "'Noto Sans CJK SC','Noto Sans SC','Microsoft YaHei','SimHei',sans-serif"
CHART_NAMES = ("ladder_chart", "utilisation_chart", "balance_chart")
_STANDING = {1: "名单", 4: "符合条件", 6: "已覆盖"}
# What stands before the reasons of a step, and how many bars they get: the table below the chart has every reason.
_GROUPS = {2: ("", 9), 3: ("未确认：", 3), 5: ("未覆盖：", 5)}
_LEAST_BAR_WIDTH = 1.0
_WIDTH = 640
_ROW_HEIGHT = 26
_BAR_HEIGHT = 16
_CHARACTER_WIDTH = 6.6
_MARGIN = 10
_BLUE, _GREY, _RED, _GREEN = "#2f6db3", "#9aa3ad", "#c0504d", "#3f8f5f"

_SVG = Sandbox(autoescape=True).from_string(
    """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{ width }} {{ height }}" width="{{ width }}" height="{{ height }}" \
role="img" aria-label="{{ title }}"><title>{{ title }}</title>
<g font-family="{{ font }}" font-size="12" fill="#222">
{%- for bar in bars %}
<text x="{{ bar.label_x }}" y="{{ bar.text_y }}" text-anchor="end">{{ bar.label }}</text>
<rect x="{{ bar.x }}" y="{{ bar.y }}" width="{{ bar.width }}" height="{{ bar_height }}" fill="{{ bar.colour }}"/>
<text x="{{ bar.value_x }}" y="{{ bar.text_y }}">{{ bar.value }}</text>
{%- endfor %}
<line x1="{{ zero }}" y1="4" x2="{{ zero }}" y2="{{ height - 4 }}" stroke="#555"/>
</g></svg>"""
)


@dataclass(frozen=True)
class Bar:
    """A bar from `start` to `end` on the axis, its name, the text beside it and its colour."""

    label: str
    start: float
    end: float
    text: str
    colour: str = _BLUE


def draw_charts(figures: ReportFigures) -> dict[str, str]:
    """The charts of a report as SVG, by their name in the template."""
    return {
        "ladder_chart": _svg("从名单到已覆盖的人数阶梯", _ladder_bars(figures.ladder)),
        "utilisation_chart": _svg("各乡镇资金使用率", _utilisation_bars(figures.townships)),
        "balance_chart": _svg("结余资金分布", _balance_bars(figures)),
    }


def _ladder_bars(ladder: Sequence[dict[str, Any]]) -> list[Bar]:
    """A waterfall: each group of lost persons hangs where the one before it ended."""
    bars: list[Bar] = []
    left = 0
    for step, label, count in _rungs(ladder):
        if step in _STANDING:
            left = count
            bars.append(Bar(label, 0, count, str(count), _GREEN if step == 6 else _BLUE))
        else:
            bars.append(Bar(label, left - count, left, str(count), _GREY if step == 2 else _RED))
            left -= count
    return bars


def _rungs(ladder: Sequence[dict[str, Any]]) -> list[tuple[int, str, int]]:
    """The rungs that are drawn: of each group the largest reasons, the others as one."""
    rungs: list[tuple[int, str, int]] = []
    for step, members in groupby(ladder, key=lambda row: row["step"]):
        rows = list(members)
        if step in _STANDING:
            rungs.append((step, _STANDING[step], rows[0]["count"]))
            continue
        prefix, most = _GROUPS[step]
        kept = rows if len(rows) <= most else rows[: most - 1]
        rungs += [(step, prefix + row["words"], row["count"]) for row in kept]
        if rest := rows[len(kept) :]:
            rungs.append((step, f"{prefix}其余{len(rest)}种原因", sum(row["count"] for row in rest)))
    return rungs


def _utilisation_bars(townships: Sequence[dict[str, Any]]) -> list[Bar]:
    bars = []
    for row in townships:
        rate = row["utilisation_rate"]
        colour = _RED if rate is not None and rate > 1 else _BLUE
        bars.append(
            Bar(row["township_name"], 0, float(rate or 0), OVER_ZERO if rate is None else percent(rate), colour)
        )
    return bars


def _balance_bars(figures: ReportFigures) -> list[Bar]:
    named = [(row["township_name"], row["balance_yuan"]) for row in figures.townships]
    named.append((figures.texts["bureau_short"], figures.bureau_balance_yuan))
    written = wan_yuan(*(amount for _, amount in named))
    return [
        Bar(name, min(0.0, float(amount)), max(0.0, float(amount)), text, _RED if amount < 0 else _BLUE)
        for (name, amount), text in zip(named, written, strict=True)
    ]


def _svg(title: str, bars: Sequence[Bar]) -> str:
    label_width = longest([bar.label for bar in bars]) * _CHARACTER_WIDTH + 2 * _MARGIN
    value_width = longest([bar.text for bar in bars]) * _CHARACTER_WIDTH + 2 * _MARGIN
    low, high = min(bar.start for bar in bars), max(bar.end for bar in bars)
    scale = (_WIDTH - label_width - value_width) / ((high - low) or 1)

    def place(value: float) -> float:
        return label_width + (value - low) * scale

    drawn = []
    for number, bar in enumerate(bars):
        y = number * _ROW_HEIGHT + (_ROW_HEIGHT - _BAR_HEIGHT) / 2
        drawn.append(
            {
                "label": bar.label,
                "label_x": round(label_width - _MARGIN, 1),
                "x": round(place(bar.start), 1),
                "y": y,
                "width": max(round((bar.end - bar.start) * scale, 1), _LEAST_BAR_WIDTH if bar.end > bar.start else 0),
                "value": bar.text,
                "value_x": round(place(bar.end) + 5, 1),
                "text_y": y + _BAR_HEIGHT - 3.5,
                "colour": bar.colour,
            }
        )
    return _SVG.render(
        title=title,
        bars=drawn,
        width=_WIDTH,
        height=len(bars) * _ROW_HEIGHT + 8,
        bar_height=_BAR_HEIGHT,
        zero=round(place(0), 1),
        font=FONT_FAMILY,
    )
