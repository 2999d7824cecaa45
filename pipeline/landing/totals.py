"""Control totals: what a sheet or text file says about the sum of its rows, against the rows themselves.

A total covers every data row, the failed, dropped and quarantined ones too. Which rows are totals is told by
``row_kinds``.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

import polars as pl

from pipeline.landing.amounts import read_fen
from pipeline.landing.judgement import text_column
from pipeline.landing.labels import clean_label
from pipeline.landing.refusals import Refusal
from pipeline.landing.tables import Record

_SUMMED = {"amount": "amount_fen", "due_amount": "due_amount_fen", "persons": "persons"}
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.0*)?(?:笔|人|户|条|行|份)?", re.ASCII)
_COUNT_IN_TEXT = re.compile(r"(?:笔|人|户|条)数:?(\d[\d,]*)|(\d[\d,]*)(?:笔|人|户|条|行|份)", re.ASCII)
_AMOUNT_IN_TEXT = re.compile(r"(?:金额:?)(-?\d[\d.,]*(?:万元|元|分)?)|(-?\d[\d.,]*(?:万元|元|分))", re.ASCII)

Number = TypeVar("Number", int, Decimal)


@dataclass
class Sums:
    """The sums over the data rows read so far; an amount that can't be read makes its sum unknown.

    Sums are signed, `amount` and `due_amount` in fen.
    """

    row_count: int = 0
    known: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)

    def add(self, rows: pl.DataFrame) -> None:
        """Add typed rows."""
        self.row_count += len(rows)
        for name, column in _SUMMED.items():
            if column in rows.columns:
                is_unreadable = pl.col(text_column(name)).is_not_null() & pl.col(column).is_null()
                total, unreadable_count = rows.select(
                    pl.col(column).sum().alias("total"),
                    (is_unreadable | pl.col("is_misshapen")).sum().alias("unreadable"),
                ).row(0)
                self.known[name] = self.known.get(name, 0) + total
                if unreadable_count:
                    self.unknown.add(name)

    def agrees(self, name: str, stated: int | None) -> bool:
        """Whether a stated sum of a field is right, as far as that is known; null is one that can't be read."""
        return stated is not None and (name in self.unknown or self.known.get(name) == stated)


@dataclass(frozen=True)
class ControlTotal:
    """What totals state: the count of rows, and the sum of amounts in yuan; null where nothing is stated."""

    row_count: int | None = None
    amount_yuan: Decimal | None = None

    def or_else(self, other: "ControlTotal") -> "ControlTotal":
        """What this total of a sheet states, else another one of the same sheet."""
        return ControlTotal(
            other.row_count if self.row_count is None else self.row_count,
            other.amount_yuan if self.amount_yuan is None else self.amount_yuan,
        )

    def plus(self, other: "ControlTotal") -> "ControlTotal":
        """The control totals of two sheets together."""
        return ControlTotal(_plus(self.row_count, other.row_count), _plus(self.amount_yuan, other.amount_yuan))


def check_total(
    row: Record,
    sums: Sums,
    columns: Mapping[str, int],
    units: Mapping[str, str],
    sheet: str | None,
    counted_beside: Collection[str] = (),
) -> ControlTotal:
    """Compare a total row with the data rows.

    The cell under `amount` is the sum of amounts, the cell under `persons` that of persons, and any other number the
    count of rows; a cell without digits states nothing.

    Args:
        columns: the column of each field.
        units: the units of `amount` and `due_amount` where a cell states none.
        sheet: the sheet's name, for the reason; null for a text file.
        counted_beside: fields under which a total may also state the count of rows, as no rule adds them up.

    Raises:
        Refusal: the total disagrees.
    """
    fields = {index: name for name, index in columns.items() if name in _SUMMED}
    counts: list[int] = []
    amounts: list[int | None] = []
    agrees = True
    for index, cell in enumerate(row.cells):
        label = clean_label(cell)
        name = fields.get(index)
        count = _count(label)
        if not _DIGIT.search(label):
            continue
        if name == "amount":
            amounts.append(read_fen(label, units[name]))
        elif name is not None:
            stated_sum = count if name == "persons" else read_fen(label, units[name])
            agrees &= sums.agrees(name, stated_sum) or (name in counted_beside and count == sums.row_count)
        elif count is not None:
            counts.append(count)
        else:
            counts += [int((named or plain).replace(",", "")) for named, plain in _COUNT_IN_TEXT.findall(label)]
            amounts += [
                read_fen(labelled or plain, units["amount"]) for labelled, plain in _AMOUNT_IN_TEXT.findall(label)
            ]
    agrees &= all(count == sums.row_count for count in counts)
    agrees &= all(sums.agrees("amount", amount) for amount in amounts)
    if not agrees:
        raise _differs(row.row_number, sums.row_count, sheet)
    stated = next((amount for amount in amounts if amount is not None), None)
    return ControlTotal(next(iter(counts), None), None if stated is None else Decimal(stated).scaleb(-2))


def _differs(row_number: int, row_count: int, sheet: str | None) -> Refusal:
    place = f"工作表“{sheet}”第 {row_number} 行" if sheet else f"第 {row_number} 行"
    return Refusal(
        "control_total_differs", f"{place}的合计与明细不符(明细共 {row_count} 行)。请核对笔数和金额后重新报送整份文件。"
    )


def _count(label: str) -> int | None:
    number = _NUMBER.fullmatch(label)
    return int(number.group(1).replace(",", "")) if number else None


def _plus(first: Number | None, second: Number | None) -> Number | None:
    return second if first is None else first if second is None else first + second
