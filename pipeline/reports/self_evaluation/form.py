"""How the self-evaluation looks: one grid of cells, whatever it is written as.

What the cells say comes from ``pipeline.build.indicators.score``; the files are written by ``files``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from math import ceil
from typing import Any

from pipeline.build.indicators.score import TOTAL, Evaluation, Figures, fill
from pipeline.build.indicators.template import Template
from pipeline.paper import NO_SOURCE, OVER_ZERO, percent, rate_of, text_width, wan_yuan
from pipeline.warehouse.run import Run

# Widths of the eight columns, in half-width characters; together they fill an A4 page in landscape.
WIDTHS = (11, 13, 19, 17, 27, 6, 7, 36)
COLUMN_COUNT = len(WIDTHS)
_NOTES = (
    "评分办法：正向指标按“实际÷目标×分值”计分，超过目标的得满分；反向指标不超过目标的得满分，超过的按“目标÷实际×分值”计分;"
    "定性指标由评价组在三档({bands})中评定。比率四舍五入保留两位小数；分母为零的以“—”表示。"
)


@dataclass(frozen=True)
class Cell:
    """A cell of the grid, over so many rows and columns."""

    row: int
    column: int
    text: str
    row_span: int = 1
    column_span: int = 1
    style: str = "text"


@dataclass(frozen=True)
class Form:
    """The grid with its title and the line above it, and the lines below it."""

    title: str
    subtitle: str
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]

    @property
    def row_count(self) -> int:
        """Rows of the grid."""
        return max(cell.row + cell.row_span for cell in self.cells)

    def row_lines(self, row: int) -> int:
        """How many lines of text the row needs: that of its fullest cell."""
        return max(
            (
                ceil(text_width(cell.text) / (sum(WIDTHS[cell.column : cell.column + cell.column_span]) - 2))
                for cell in self.cells
                if cell.row == row and cell.row_span == 1
            ),
            default=1,
        )


def form_of(
    run: Run,
    template: Template,
    figures: Figures,
    evaluations: Sequence[Evaluation],
    levels: Sequence[Mapping[str, Any]],
) -> Form:
    """The form of a year.

    Args:
        run: the year and its policy.
        template: the texts of the form.
        figures: the district's figures.
        evaluations: the indicators and the total.
        levels: a row a funding level with `word`, `granted_yuan`, `used_yuan` and `balance_yuan`.
    """
    head = _head(run, template, figures)
    funds = _fund_rows(figures, levels)
    rows: list[list[Cell]] = []
    for cells in (*head, *funds):
        rows.append([_moved(cell, len(rows)) for cell in cells])
    rows.append([_moved(cell, len(rows)) for cell in _goal_names()])
    rows.append([_moved(cell, len(rows)) for cell in _goals(template, figures)])
    first = len(rows)
    cells = [cell for row in rows for cell in row] + _indicator_cells(first, evaluations)
    bands = "、".join(f"{band.name} {percent(band.from_share)}–{percent(band.to_share)}" for band in template.bands)
    return Form(
        title=template.title,
        subtitle=f"({run.year}年度)",
        cells=tuple(cells),
        notes=(_NOTES.format(bands=bands), "填报人：              负责人：              填报日期：      年   月   日"),
    )


def _head(run: Run, template: Template, figures: Figures) -> list[list[Cell]]:
    return [
        [Cell(0, 0, "项目名称", column_span=2, style="head"), Cell(0, 2, template.project_name, column_span=6)],
        [
            Cell(0, 0, "实施单位", column_span=2, style="head"),
            Cell(0, 2, run.policy.bureau_name, column_span=3),
            Cell(0, 5, "县(区)", column_span=2, style="head"),
            Cell(0, 7, run.policy.district_name),
        ],
    ]


def _fund_rows(figures: Figures, levels: Sequence[Mapping[str, Any]]) -> list[list[Cell]]:
    """The money of the project, in all and by level, in 万元 with places that keep the sums."""
    names = ("预算资金", "使用资金", "结余资金")
    amounts = [
        [Decimal(figures[name] or 0) for name in ("budget_yuan", "used_yuan", "balance_yuan")],
        *([level["granted_yuan"], level["used_yuan"], level["balance_yuan"]] for level in levels),
    ]
    flat = wan_yuan(*(amount for row in amounts for amount in row))
    rows = [
        [
            Cell(0, 0, "项目资金(万元)", row_span=len(amounts) + 1, column_span=2, style="head"),
            Cell(0, 2, "资金级次", style="head"),
            *(Cell(0, 3 + place, name, style="head") for place, name in enumerate(names[:2])),
            Cell(0, 5, names[2], column_span=2, style="head"),
            Cell(0, 7, "执行率(使用÷预算)", style="head"),
        ]
    ]
    for number, (row, word) in enumerate(zip(amounts, ["合计", *(level["word"] for level in levels)], strict=True)):
        written = flat[number * 3 : number * 3 + 3]
        rows.append(
            [
                Cell(0, 2, word, style="centre"),
                Cell(0, 3, written[0], style="centre"),
                Cell(0, 4, written[1], style="centre"),
                Cell(0, 5, written[2], column_span=2, style="centre"),
                Cell(0, 7, percent(rate_of(row[1], row[0])), style="centre"),
            ]
        )
    return rows


def _goal_names() -> list[Cell]:
    return [
        Cell(0, 0, "年度总体目标", row_span=2, column_span=2, style="head"),
        Cell(0, 2, "预期目标", column_span=2, style="head"),
        Cell(0, 4, "实际完成情况", column_span=4, style="head"),
    ]


def _goals(template: Template, figures: Figures) -> list[Cell]:
    return [
        Cell(0, 2, fill(template.annual_target, figures), column_span=2),
        Cell(0, 4, fill(template.annual_result, figures), column_span=4),
    ]


def _indicator_cells(first: int, evaluations: Sequence[Evaluation]) -> list[Cell]:
    names = ("一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施")
    cells = [Cell(first, column, name, style="head") for column, name in enumerate(names)]
    indicators = [each for each in evaluations if each.level1 != TOTAL]
    total = evaluations[-1]
    cells += _group_cells(first + 1, [(each.level1,) for each in indicators], 0)
    cells += _group_cells(first + 1, [(each.level1, each.level2) for each in indicators], 1)
    for row, each in enumerate(indicators, first + 1):
        cells += [
            Cell(row, 2, each.level3 or ""),
            Cell(row, 3, each.target or NO_SOURCE, style="centre"),
            Cell(row, 4, each.actual_on_paper),
            Cell(row, 5, f"{each.weight:f}", style="centre"),
            Cell(row, 6, OVER_ZERO if each.score is None else f"{each.score:f}", style="centre"),
            Cell(row, 7, each.reason or ""),
        ]
    row = first + 1 + len(indicators)
    has_reported = total.reported_score is not None
    return [
        *cells,
        Cell(row, 0, "总分(按公式计算)", column_span=3, style="head"),
        Cell(row, 3, total.actual_on_paper, column_span=2),
        Cell(row, 5, f"{total.weight:f}", style="centre"),
        Cell(row, 6, OVER_ZERO if total.score is None else f"{total.score:f}", style="centre"),
        Cell(row, 7, total.reason or ""),
        Cell(row + 1, 0, "自报得分(评价组判断)", column_span=3, style="head"),
        Cell(row + 1, 3, "评价报告中的自评分" if has_reported else NO_SOURCE, column_span=2),
        Cell(row + 1, 5, f"{total.weight:f}", style="centre"),
        Cell(row + 1, 6, f"{total.reported_score:f}" if has_reported else OVER_ZERO, style="centre"),
        Cell(row + 1, 7, ""),
    ]


def _group_cells(first: int, groups: Sequence[tuple[str | None, ...]], column: int) -> list[Cell]:
    """A cell a run of equal names, over the rows of the run."""
    cells = []
    row = first
    for group, members in groupby(groups):
        count = len(list(members))
        cells.append(Cell(row, column, group[-1] or "", row_span=count, style="centre"))
        row += count
    return cells


def _moved(cell: Cell, row: int) -> Cell:
    return Cell(row, cell.column, cell.text, cell.row_span, cell.column_span, cell.style)
