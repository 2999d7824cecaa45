"""A table as a grid of cells: head lines, header, data rows, totals and signatures, neat or dirty."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from ..world import BankLine, Grant, Place, RegisterRow, Reply, RollRow, Row, TaxLine, Transfer, WorldFile
from .cells import Cell, amount_cell, date_cell, header_cell
from .columns import COLUMNS, EXTRA_HEADERS, REVERSAL_WORDS, SNAPSHOT_DATE, Column, cell_of, reply_columns
from .hand import Hand

# Columns that a file has only where one of its rows fills them.
OPTIONAL: dict[type, tuple[str, ...]] = {
    BankLine: ("outcome_code", "outcome", "paid_date"),
    TaxLine: ("payer_kind",),
    RegisterRow: ("event_date",),
    RollRow: ("member_no",),
}


@dataclass
class Grid:
    """One sheet or a whole text file: lines of cells, and merged ranges (top, left, bottom, right)."""

    sheet: str
    lines: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


@dataclass
class Table:
    """The grids of a file, the place of each row in them, and the control totals that they state."""

    grids: list[Grid]
    places: list[Place]
    control_count: int | None = None
    control_yuan: Decimal | None = None


@dataclass(frozen=True)
class _Arranged:
    """A column with the header that stands above it and the unit of its amounts; an extra column has no column."""

    column: Column | None
    header: str
    unit: str


def lay_table(file: WorldFile, hand: Hand, head_lines: Sequence[Sequence[str]], *, in_workbook: bool) -> Table:
    """Lay a file's rows out as a table; `head_lines` stand above the header of every sheet."""
    rows = with_signs(file.rows, hand)
    arranged = _arrange(_columns(file), hand)
    if hand.chance(0.2) and any(column.unit for column in arranged):
        arranged, unit_line = _with_unit_above(arranged, hand)
        head_lines = [*head_lines, unit_line]
    if file.place_kind == "title":
        head_lines = [[f"{file.place}2019年名单"], *head_lines]
    table = Table([], [])
    for rows_here in _split(rows, file, hand, in_workbook=in_workbook):
        grid = Grid(f"{file.place if file.place_kind == 'sheet' else '表'}{len(table.grids) + 1}")
        _write_head(grid, head_lines, arranged, hand, in_workbook=in_workbook)
        _write_rows(grid, table, rows_here, arranged, file, hand, in_workbook=in_workbook)
        table.grids.append(grid)
    if file.has_total:
        _write_total(table.grids[-1], table, rows, arranged, hand, is_wrong=file.damage == "wrong_total")
    if hand.chance(0.2):
        table.grids[-1].lines.append(["制表人:甲", "", "审核人:乙"])
    if in_workbook and hand.chance(0.2):
        explanation = Grid("说明", [["填表说明"], ["本表为模拟数据"]])
        table.grids.insert(0, explanation)
    return table


def with_signs(rows: Sequence[Row], hand: Hand) -> list[Row]:
    """The rows, some reversals with a negative amount."""
    signed = list(rows)
    for index, row in enumerate(rows):
        if isinstance(row, BankLine | TaxLine) and _is_reversal(row) and hand.chance(0.5):
            signed[index] = replace(row, amount_yuan=-row.amount_yuan)
    return signed


def _is_reversal(line: BankLine | TaxLine) -> bool:
    return bool({line.outcome, getattr(line, "outcome_code", "")} & REVERSAL_WORDS)


def _columns(file: WorldFile) -> tuple[Column, ...]:
    first = file.rows[0]
    if isinstance(first, Reply):
        return reply_columns(file.role, first.cells)
    columns = COLUMNS[type(first)]
    optional = OPTIONAL.get(type(first), ())
    used = {
        name for name in optional if any(getattr(row, name) or (row.bad_cell or ("",))[0] == name for row in file.rows)
    }
    columns = tuple(column for column in columns if column.field not in optional or column.field in used)
    if file.place:
        columns = tuple(column for column in columns if column.field != "township")
    if isinstance(first, RegisterRow):
        columns = tuple(
            replace(column, headers=(file.event_header,)) if column.field == "event_date" else column
            for column in columns
        )
    return (SNAPSHOT_DATE, *columns) if file.is_date_in_column else columns


def _arrange(columns: Sequence[Column], hand: Hand) -> list[_Arranged]:
    arranged = []
    for column in columns:
        unit = hand.pick([column.unit, "元", "分", "万元"]) if column.kind == "amount" else ""
        header = header_cell(hand.pick(column.headers), hand)
        is_unit_usual = unit == column.unit and unit != "万元"
        if unit and (not is_unit_usual or hand.chance(0.3)):
            header += hand.pick(("({})", "（{}）")).format(unit)
        arranged.append(_Arranged(column, header, unit))
    if hand.chance(0.3):
        arranged += [_Arranged(None, header, "") for header in hand.shuffled(EXTRA_HEADERS)[: hand.number(1, 3)]]
    return hand.shuffled(arranged) if hand.chance(0.5) else arranged


def _with_unit_above(arranged: list[_Arranged], hand: Hand) -> tuple[list[_Arranged], list[str]]:
    """The columns without units in their headers, and the line above the header that states the unit of them all."""
    unit = hand.pick(("元", "分", "万元"))
    columns = [
        replace(each, unit=unit, header=hand.pick(each.column.headers)) if each.unit and each.column else each
        for each in arranged
    ]
    return columns, [hand.pick(("单位:{}", "(单位：{})", "金额单位:{}")).format(unit)]


def _split(rows: list[Row], file: WorldFile, hand: Hand, *, in_workbook: bool) -> list[list[Row]]:
    """The rows of each sheet: two sheets where neither a total nor a head binds them to one."""
    if not in_workbook or file.has_total or file.source == "bank_returns" or len(rows) < 2 or not hand.chance(0.3):
        return [rows]
    cut = hand.number(1, len(rows) - 1)
    return [rows[:cut], rows[cut:]]


def _write_head(
    grid: Grid, head_lines: Sequence[Sequence[str]], arranged: list[_Arranged], hand: Hand, *, in_workbook: bool
) -> None:
    if hand.chance(0.3):
        grid.lines.append([hand.pick(("2019年名单", "东川区代缴保费名单(模拟数据)"))])
    grid.lines += [list(line) for line in head_lines]
    if hand.chance(0.2):
        grid.lines.append([])
    headers: list[Cell] = [column.header for column in arranged]
    starts = [at for at in range(len(arranged) - 1) if _is_known(arranged[at]) or _is_known(arranged[at + 1])]
    if len(arranged) > 2 and starts and hand.chance(0.2):
        start = hand.pick(starts)
        upper: list[Cell] = list(headers)
        lower: list[Cell] = [""] * len(headers)
        lower[start : start + 2] = headers[start : start + 2]
        upper[start : start + 2] = ["基本情况", ""]
        line = len(grid.lines)
        if in_workbook and hand.chance(0.7):
            grid.merged.append((line, start, line, start + 1))
            grid.merged += [(line, at, line + 1, at) for at in range(len(headers)) if not start <= at < start + 2]
        grid.lines += [upper, lower]
    else:
        grid.lines.append(headers)


def _is_known(arranged: _Arranged) -> bool:
    """Whether the header is one of the contract's, by which a row is seen to be part of the header."""
    return arranged.column is not None and arranged.column.field != "number"


def _write_rows(
    grid: Grid,
    table: Table,
    rows: list[Row],
    arranged: list[_Arranged],
    file: WorldFile,
    hand: Hand,
    *,
    in_workbook: bool,
) -> None:
    header = grid.lines[-1]
    has_plain_header = not grid.merged and all(header)
    for index, row in enumerate(rows):
        grid.lines.append([_cell(row, column, file, hand, in_workbook=in_workbook) for column in arranged])
        table.places.append(Place(sheet=grid.sheet if in_workbook else None, row_number=len(grid.lines)))
        if hand.chance(0.05):
            grid.lines.append([])
        if hand.chance(0.05):
            grid.lines.append(_sum_line("小计", rows[: index + 1], arranged, hand))
        if has_plain_header and hand.chance(0.05):
            if hand.chance(0.5):
                grid.lines.append([hand.pick(("代缴保费名单(续)", "2019年名单(第2页)"))])
            grid.lines.append(list(header))


def _cell(row: Row, arranged: _Arranged, file: WorldFile, hand: Hand, *, in_workbook: bool) -> Cell:
    if arranged.column is None:
        return hand.pick(("无", "13800000000", ""))
    if arranged.column is SNAPSHOT_DATE and file.stated_date:
        return date_cell(file.stated_date, hand, in_workbook=in_workbook)
    return cell_of(row, arranged.column, arranged.unit, hand, in_workbook=in_workbook)


def _write_total(
    grid: Grid, table: Table, rows: list[Row], arranged: list[_Arranged], hand: Hand, *, is_wrong: bool
) -> None:
    """Write the 合计 row, of a wrong number of rows where the file is to be refused."""
    line = _sum_line(hand.pick(("合计", "总计")), rows, arranged, hand)
    count = len(rows) + is_wrong
    free = [at for at, cell in enumerate(line) if cell == "" and _is_text(arranged[at])]
    line[free[0]] = hand.pick((f"{count}笔", f"{count}"))
    table.control_count = count
    if any(column.column and column.column.field == "amount" for column in arranged):
        table.control_yuan = sum_of_amounts(rows)
    grid.lines.append(line)


def _sum_line(label: str, rows: Sequence[Row], arranged: list[_Arranged], hand: Hand) -> list[Cell]:
    line: list[Cell] = [""] * len(arranged)
    line[next(at for at, column in enumerate(arranged) if _is_text(column))] = label
    for at, column in enumerate(arranged):
        if column.column and column.column.field == "amount":
            line[at] = amount_cell(sum_of_amounts(rows), column.unit, hand, in_workbook=False)
        if column.column and column.column.field == "persons":
            counts = [row.persons for row in rows if isinstance(row, Grant | Transfer) and not row.bad_cell]
            known = [count for count in counts if count is not None]
            line[at] = str(sum(known)) if len(known) == len(rows) else ""
    return line


def _is_text(arranged: _Arranged) -> bool:
    """Whether a label or a count may stand in the column."""
    column = arranged.column
    return column is None or (column.kind not in ("amount", "date") and column.field != "persons")


def sum_of_amounts(rows: Sequence[Row]) -> Decimal:
    """The sum of the amounts as the rows give them, without those that can't be read."""
    return sum((_amount_of(row) for row in rows), Decimal("0.00"))


def _amount_of(row: Row) -> Decimal:
    nothing = Decimal("0.00")
    if row.bad_cell and row.bad_cell[0] == "amount":
        return Decimal(row.bad_cell[1].removesuffix("元")) if row.bad_cell[1].startswith("-") else nothing
    amount: Decimal = getattr(row, "amount_yuan", nothing)
    return amount
