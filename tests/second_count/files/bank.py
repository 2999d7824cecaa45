"""Bank files: the pipe and padded layouts as text, and the head of the sheet layout."""

from datetime import date
from decimal import Decimal

from ..world import BankLine, Place, WorldFile
from .cells import FEN, amount_cell, date_cell, township_cell
from .columns import ID_NO, NAME, cell_of
from .grids import sum_of_amounts, with_signs
from .hand import Hand


def lay_pipe(file: WorldFile, hand: Hand) -> tuple[list[str], list[Place], int, Decimal]:
    """Lines, places and control totals of a pipe file: the totals stand in its first line."""
    rows = [row for row in with_signs(file.rows, hand) if isinstance(row, BankLine)]
    count, total = len(rows) + (file.damage == "wrong_total"), sum_of_amounts(rows)
    head = [file.batch_no, _day(file.stated_date, hand), township_cell(file.township, hand)]
    if file.damage != "no_total":
        head += [str(count), f"{total:.2f}"]
    line_end = hand.pick(("|", ""))
    lines = ["|".join(head) + line_end]
    for row in rows:
        amount = _amount(row, "元", hand)
        cells = (row.line_no, _name(row, hand), row.account, amount, _id(row, hand), row.outcome_code, row.outcome_text)
        lines.append("|".join(cells) + line_end)
        if hand.chance(0.05):
            lines.append("")
    return lines, _places(lines, rows), count, total


def lay_padded(file: WorldFile, hand: Hand) -> tuple[list[str], list[Place], int, Decimal]:
    """Lines, places and control totals of a padded file: the totals stand in its last line, amounts are in 分."""
    rows = [row for row in with_signs(file.rows, hand) if isinstance(row, BankLine)]
    count, total = len(rows) + (file.damage == "wrong_total"), sum_of_amounts(rows)
    lines = [_padded([file.batch_no, _day(file.stated_date, hand), township_cell(file.township, hand)], hand)]
    for row in rows:
        cells = [row.line_no, _id(row, hand, blanks=False), row.account, _amount(row, "分", hand)]
        said = [row.outcome_code or row.outcome, row.outcome_text, _name(row, hand)]
        lines.append(_padded([*cells, *said], hand))
    places = _places(lines, rows)
    if file.damage != "no_total":
        lines.append(_padded(["合计", str(count), f"{(total / FEN).normalize():f}"], hand))
    return lines, places, count, total


def sheet_head(file: WorldFile, hand: Hand) -> list[list[str]]:
    """The title and the line with 制表时间, 批次号 and 乡镇, in one cell or in several."""
    parts = [f"批次号:{file.batch_no}", f"乡镇:{township_cell(file.township, hand)}"]
    made = hand.pick(("制表时间", "制表日期"))
    if file.made_at:
        parts = [f"付款日期:{_day(file.stated_date, hand)}", f"{made}:{file.made_at}", *parts]
    elif file.stated_date:
        parts.insert(0, f"{made}:{_day(file.stated_date, hand)}")
    if hand.chance(0.2):
        parts = [part.replace(":", "：") for part in parts]
    return [["城乡居民养老保险返还返盘名单"], parts if hand.chance(0.3) else [" ".join(parts)]]


def _places(lines: list[str], rows: list[BankLine]) -> list[Place]:
    """The places of the rows: every line behind the head that isn't blank."""
    numbers = [number for number, line in enumerate(lines, start=1) if line and number > 1]
    return [Place(sheet=None, row_number=number) for number, _ in zip(numbers, rows, strict=True)]


def _padded(cells: list[str], hand: Hand) -> str:
    """Cells with blanks between them; an empty one is written as a dash."""
    return "".join(f"{cell or '-'}{' ' * hand.number(1, 6)}" for cell in cells).rstrip(" ")


def _day(day: date | None, hand: Hand) -> str:
    if day is None:
        return ""
    return f"{day:%Y%m%d}" if hand.is_neat else str(date_cell(day, hand, in_workbook=False))


def _name(row: BankLine, hand: Hand) -> str:
    return str(cell_of(row, NAME, "", hand, in_workbook=False))


def _id(row: BankLine, hand: Hand, *, blanks: bool = True) -> str:
    return str(cell_of(row, ID_NO, "", hand, in_workbook=False, blanks=blanks))


def _amount(row: BankLine, unit: str, hand: Hand) -> str:
    if row.bad_cell and row.bad_cell[0] == "amount":
        return row.bad_cell[1]
    return str(amount_cell(row.amount_yuan, unit, hand, in_workbook=False))
