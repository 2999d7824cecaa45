"""Control totals: what a sheet or text file says about the sum of its rows, against the rows themselves.

A total covers every data row, the failed, dropped and quarantined ones too. What a total row states is read in
``stated_totals``; which rows are totals is told by ``row_kinds``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

import polars as pl

from pipeline.landing.judgement import text_column
from pipeline.landing.outcomes import FAILED, SUCCESS
from pipeline.landing.refusals import Refusal
from pipeline.landing.stated_totals import Measure, Part, Stated

_SUMMED = {"amount": "amount_fen", "persons": "persons"}
_MEASURES = {"count": "笔数", "amount": "金额", "persons": "人数"}
_PART_OUTCOMES: dict[Part, str] = {"success": SUCCESS, "failed": FAILED}
_PARTS = {None: "", "success": "成功", "failed": "失败"}

Number = TypeVar("Number", int, Decimal)


@dataclass
class Sums:
    """The sums over the data rows read so far; an amount that can't be read makes its sum unknown.

    Sums are signed, of amounts in fen. `net_persons` is the headcount less that of transfers which townships gave back; `parts`
    holds the count and the sum of amounts of successes and of failures; `has_other_outcomes` tells whether a line is neither.
    """

    row_count: int = 0
    known: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    net_persons: int = 0
    parts: dict[Part | None, tuple[int, int]] = field(default_factory=dict)
    has_other_outcomes: bool = False

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
        if "persons" in rows.columns and "amount_fen" in rows.columns:
            is_given_back = (pl.col("amount_fen") < 0).fill_null(value=False)
            net = pl.when(is_given_back).then(-pl.col("persons").abs()).otherwise(pl.col("persons"))
            self.net_persons += int(rows.select(net.sum()).item())
        if "outcome" in rows.columns and "amount_fen" in rows.columns:
            self._add_parts(rows)

    def found(self, measure: Measure, part: Part | None = None) -> int | None:
        """What the rows say; null where it isn't known."""
        if measure != "count" and measure in self.unknown:
            return None
        if part is None:
            return self.row_count if measure == "count" else self.known.get(measure)
        if self.has_other_outcomes:
            return None
        return self.parts.get(part, (0, 0))[0 if measure == "count" else 1]

    def covers_all(self, part: Part | None) -> bool:
        """Whether all lines are of a part."""
        return not self.has_other_outcomes and self.parts.get(part, (0, 0))[0] == self.row_count

    def _add_parts(self, rows: pl.DataFrame) -> None:
        for part, word in _PART_OUTCOMES.items():
            of_part = rows.filter((pl.col("outcome") == word) & ~pl.col("is_misshapen"))
            count, total = self.parts.get(part, (0, 0))
            self.parts[part] = (count + len(of_part), total + int(of_part["amount_fen"].sum()))
        is_other = ~pl.col("outcome").is_in([SUCCESS, FAILED]).fill_null(value=False) | pl.col("is_misshapen")
        self.has_other_outcomes |= bool(rows.select(is_other.any()).item())


@dataclass(frozen=True)
class ControlTotal:
    """What totals state: the count of rows, and the sum of amounts in yuan; null where nothing is stated."""

    row_count: int | None = None
    amount_yuan: Decimal | None = None

    def plus(self, other: "ControlTotal") -> "ControlTotal":
        """The control totals of two sheets together."""
        return ControlTotal(_plus(self.row_count, other.row_count), _plus(self.amount_yuan, other.amount_yuan))


@dataclass(frozen=True)
class Places:
    """How the refusal of a total names its place, and what may explain the difference.

    Attributes:
        name: gives the place of a row number and a column in words.
        visible: the sums without hidden and struck rows; null where the sheet has none.
        hidden_rows: those rows in words.
        second_list_row: finds the row at which a second list begins; null where there is none.
    """

    name: Callable[[int, int], str]
    visible: Sums | None = None
    hidden_rows: str = ""
    second_list_row: Callable[[], int | None] = lambda: None


def check_totals(stated: Sequence[Stated], sums: Sums, places: Places) -> ControlTotal:
    """Compare what the totals of a table state with its data rows.

    Raises:
        Refusal: one disagrees.
    """
    for each in stated:
        if each.part is None and not _agrees(each, sums):
            raise _differs(each, each.value, sums, places)
    control: dict[Measure, int] = {}
    for measure in ("count", "amount"):
        parts = {each.part: each for each in stated if each.measure == measure and each.part}
        whole = next((each.value for each in stated if each.measure == measure and each.part is None), None)
        both = _sum_of_parts(parts)
        if both is not None and sums.found(measure) not in (None, both):
            raise _differs(next(iter(parts.values())), both, sums, places, is_sum_of_parts=True)
        for part in parts.values():
            if sums.found(measure, part.part) not in (None, part.value):
                raise _differs(part, part.value, sums, places)
        value = both if whole is None else whole
        if value is not None:
            control[measure] = value
    fen = control.get("amount")
    return ControlTotal(control.get("count"), None if fen is None else Decimal(fen).scaleb(-2))


def _sum_of_parts(parts: Mapping[Part, Stated]) -> int | None:
    values = [parts[part].value for part in _PART_OUTCOMES if part in parts]
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(_PART_OUTCOMES) else None


def _agrees(stated: Stated, sums: Sums) -> bool:
    if stated.value is None:
        return False
    found = sums.found(stated.measure)
    return (
        found in (None, stated.value)
        or (stated.may_be is not None and sums.found(stated.measure, stated.may_be) in (None, stated.value))
        or (stated.may_count and sums.row_count == stated.value)
        # Written without a sign, the persons of a transfer that came back are subtracted as its money is.
        or (stated.measure == "persons" and sums.net_persons == stated.value)
    )


def _differs(
    stated: Stated, value: int | None, sums: Sums, places: Places, *, is_sum_of_parts: bool = False
) -> Refusal:
    measure = f"{'成功与失败的' if is_sum_of_parts else _PARTS[stated.part]}{_MEASURES[stated.measure]}"
    part = None if is_sum_of_parts else stated.part
    found = sums.found(stated.measure, part)
    said = "无法识别" if value is None else f"是 {_shown(stated.measure, value)}"
    texts = [
        (
            f"{places.name(stated.row_number, stated.column)}写的{measure}合计{said},"
            f"明细为 {'未知' if found is None else _shown(stated.measure, found)}(明细共 {sums.row_count} 行)。"
        )
    ]
    if places.visible is not None and value is not None and places.visible.found(stated.measure, part) == value:
        texts.append(f"不计被隐藏或划掉的{places.hidden_rows}则相符,请取消隐藏(筛选)后核对。")
    if (row := places.second_list_row()) is not None:
        texts.append(f"第 {row} 行起是另一份名单,请把每份名单存为单独的文件或工作表。")
    return Refusal("control_total_differs", f"{''.join(texts)}请核对笔数和金额后重新报送整份文件。")


def _shown(measure: Measure, value: int) -> str:
    return f"{Decimal(value).scaleb(-2):.2f} 元" if measure == "amount" else str(value)


def _plus(first: Number | None, second: Number | None) -> Number | None:
    return second if first is None else first if second is None else first + second
