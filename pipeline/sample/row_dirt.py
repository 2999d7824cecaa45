"""Dirt around and between the rows: titles, two header rows, pages, subtotals, totals, signatures, sheets, bad rows.

A function here takes a planned file and gives it back with its counts kept right. Which file gets what is said in
`dirt.py`.
"""

from dataclasses import replace
from decimal import Decimal
from pathlib import PurePosixPath

import polars as pl

from pipeline.sample.files import MARK, Cells, PlannedFile, Table

GROUP_HEADS = {"姓名": "缴费人信息", "应缴金额": "金额信息"}
"""In the upper of two header rows: the first column of a group of two, and the group's title."""

LOWER_LABELS = {"征收品目": "(细目)"}
"""In the lower one: labels that no layout knows."""

EXPLANATION = Table(
    pl.DataFrame({"填表说明": [f"本表为{MARK}。", "请按村填写,一人一行。", "处理方式写明即可。"]}),
    sheet="填表说明",
)

PAGE_ROWS = 400


def with_title(planned: PlannedFile, title: str) -> PlannedFile:
    """Two lines above the header: a title over the whole width and a unit line."""
    table = planned.table
    lines: list[Cells] = [[f"{MARK} {title}"], ["填报单位:", None, "单位:元、人"]]
    width = table.rows.width
    merges = tuple((top + 2, left, bottom + 2, right) for top, left, bottom, right in table.merges)
    return planned.with_table(
        replace(table, preamble=[*lines, *table.preamble], merges=((0, 0, 0, width - 1), *merges))
    )


def with_two_header_rows(planned: PlannedFile) -> PlannedFile:
    """Groups of columns under a common title; a column without a group is merged over both rows."""
    table, first = planned.table, len(planned.table.preamble)
    upper: Cells = []
    lower: Cells = []
    merges = list(table.merges)
    for column, header in enumerate(table.rows.columns):
        previous = table.rows.columns[column - 1]
        if header in GROUP_HEADS:
            merges.append((first, column, first, column + 1))
        elif previous not in GROUP_HEADS and header not in LOWER_LABELS:
            merges.append((first, column, first + 1, column))
        is_grouped = header in GROUP_HEADS or previous in GROUP_HEADS
        upper.append(GROUP_HEADS.get(header) if is_grouped else header)
        lower.append(header if is_grouped else LOWER_LABELS.get(header))
    return planned.with_table(replace(table, header=[upper, lower], merges=tuple(merges)))


def with_pages(planned: PlannedFile) -> PlannedFile:
    """A blank row and the header again after every page."""
    table, rows = planned.table, planned.table.rows
    page: list[Cells] = [[None] * rows.width, list(rows.columns)]
    for at in reversed(range(min(PAGE_ROWS, rows.height // 2 + 1), rows.height, PAGE_ROWS)):
        table = _inserted(table, at, page)
    return planned.with_table(table)


def with_subtotal(planned: PlannedFile, amount_header: str) -> PlannedFile:
    """A 小计 row after the first half, which is passed over."""
    table = planned.table
    half = table.rows.height // 2
    cells: Cells = [None] * table.rows.width
    cells[0] = "小计"
    cells[table.rows.columns.index(amount_header)] = str(half * 100)
    return planned.with_table(_inserted(table, half, [cells]))


def with_total(planned: PlannedFile, amount_header: str, total: Decimal, is_formula: bool = False) -> PlannedFile:
    """A 合计 row with the count and the sum of the rows, and a line for signatures."""
    table = planned.table
    cells: Cells = [None] * table.rows.width
    cells[0], cells[1] = "合计", f"{planned.rows_read}笔"
    column = table.rows.columns.index(amount_header)
    top = len(table.preamble) + len(table.header_lines) + 1
    formula = f"=SUM({chr(65 + column)}{top}:{chr(65 + column)}{top + table.rows.height - 1});{total:.2f}"
    cells[column] = formula if is_formula else f"{total:.2f}"
    part: Cells = [None] * table.rows.width
    part[0], part[column] = "其中:财政代缴", "1.00"
    footer = [*table.footer, cells, part, ["制表人:", None, "审核人:", None, "(盖章)"]]
    return planned.with_table(replace(table, footer=footer))


def with_header_names(planned: PlannedFile, names: dict[str, str]) -> PlannedFile:
    """Some headers by another alias, or with blanks and units."""
    table = planned.table
    header: list[Cells] = [[names.get(cell or "", cell) for cell in cells] for cells in table.header_lines]
    return planned.with_table(replace(table, header=header))


def with_numbered_columns(planned: PlannedFile) -> PlannedFile:
    """A row below the header that only numbers its columns."""
    table = planned.table
    numbers: Cells = [str(number) for number in range(1, table.rows.width + 1)]
    return planned.with_table(replace(table, header=[*table.header_lines, numbers]))


def with_marked_rows(planned: PlannedFile) -> PlannedFile:
    """The second row hidden, the third one struck through; both are read like any other."""
    return planned.with_table(replace(planned.table, hidden_rows=(1,), struck_rows=(2,)))


def with_township_outside(planned: PlannedFile, place: str) -> PlannedFile:
    """No column of townships: the one of all rows stands in the sheet's name, in a title, or in the folder's name.

    A file of several townships, or of one in several forms, stays as it is.
    """
    table = planned.table
    names = table.rows["乡镇"].unique().to_list()
    if len(names) != 1 or names[0] != PurePosixPath(planned.name).parent.name:
        return planned
    bare = replace(table, rows=table.rows.drop("乡镇"))
    if place == "sheet":
        bare = replace(bare, sheet=names[0])
    elif place == "title":
        bare = replace(bare, preamble=[[f"{names[0]}代缴名单"], *bare.preamble])
    return planned.with_table(bare)


def with_unit_above(planned: PlannedFile) -> PlannedFile:
    """Amounts in 分, as a line above the header says and not the header."""
    table = planned.table
    rows = table.rows.rename({header: header.removesuffix("(分)") for header in table.rows.columns})
    return planned.with_table(replace(table, rows=rows, preamble=[["单位:分"], *table.preamble]))


def with_hidden_half(planned: PlannedFile) -> PlannedFile:
    """The rows on two sheets, the second one hidden, behind a sheet that explains."""
    table, half = planned.table, planned.table.rows.height // 2
    first = replace(table, rows=table.rows.head(half), number_cells=_numbers(table, 0, half), sheet="第一页")
    rest = _numbers(table, half, table.rows.height)
    second = replace(table, rows=table.rows.slice(half), number_cells=rest, sheet="补录", is_hidden=True)
    return replace(planned, tables=(EXPLANATION, first, second))


def with_bad_row(planned: PlannedFile, changes: dict[str, str | None]) -> PlannedFile:
    """A row more that can't be read: the first one with the changes."""
    table = planned.table
    bad = table.rows.head(1).with_columns(pl.lit(value, pl.String).alias(header) for header, value in changes.items())
    soiled = planned.with_table(replace(table, rows=pl.concat([table.rows, bad.cast(table.rows.schema)])))
    return replace(soiled, rows_read=planned.rows_read + 1, rows_quarantined=planned.rows_quarantined + 1)


def with_rows_of(planned: PlannedFile, other: PlannedFile, count: int) -> PlannedFile:
    """Rows that another file brought already, once more at the end; they are dropped."""
    table = planned.table
    repeated = other.table.rows.filter(pl.col("征收项目").str.starts_with("10210")).head(count)
    soiled = planned.with_table(replace(table, rows=pl.concat([table.rows, repeated])))
    return replace(
        soiled, rows_read=planned.rows_read + repeated.height, rows_dropped=planned.rows_dropped + repeated.height
    )


def in_fen(planned: PlannedFile, headers: tuple[str, ...]) -> PlannedFile:
    """Amounts in 分, as the header says."""
    table = planned.table
    fen = (pl.col(headers).cast(pl.Decimal(18, 2)) * 100).cast(pl.Int64).cast(pl.String)
    rows = table.rows.with_columns(fen).rename({header: f"{header}(分)" for header in headers})
    return planned.with_table(replace(table, rows=rows))


def _inserted(table: Table, at: int, lines: list[Cells]) -> Table:
    rows = table.rows
    between = pl.DataFrame(lines, schema=rows.schema, orient="row")
    numbers = {
        header: [place + (len(lines) if place >= at else 0) for place in places]
        for header, places in table.number_cells.items()
    }
    return replace(table, rows=pl.concat([rows.head(at), between, rows.slice(at)]), number_cells=numbers)


def _numbers(table: Table, start: int, end: int) -> dict[str, list[int]]:
    return {
        header: [place - start for place in places if start <= place < end]
        for header, places in table.number_cells.items()
    }
