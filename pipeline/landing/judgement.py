"""Which typed rows can't be used: quarantined because something in them can't be read, or dropped by a rule.

One row is judged at a time. What an ID, a name, a township, a schooling or an outcome says never quarantines a row, and a
quarantined row keeps every value that can be read.
"""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

import polars as pl

from pipeline.landing.outcomes import REVERSED, SUCCESS, UNRECOGNISED
from pipeline.landing.sources import Field, Source

_REASONS = {
    "column_count": "这一行的列数与表头不一致,无法确定各列内容。请核对分隔符后重新报送。",
    "empty_cell": "必填内容为空。请补齐后重新报送。",
    "unreadable_date": "日期无法识别或不存在。请改为 2019-03-15 这样的形式后重新报送。",
    "unreadable_amount": "金额无法识别或不是整分。请改为数字后重新报送。",
    "negative_amount": "金额为负,但这一行不是退票、冲正或退库。请核对后重新报送。",
    "unreadable_count": "人数无法识别。请改为整数后重新报送。",
    "unlisted_word": "内容不是规定的用语。请改为规定的用语后重新报送。",
}
_WHOLE_ROW = "row"
OTHER_ITEM = "other"
_OTHER_LEVY_ITEM = "other_levy_item: 征收项目不是城乡居民基本养老保险费,不使用这一行,无需处理。"


class _Problem(NamedTuple):
    """Why a row is quarantined, and in which field; `row` where no field can be named."""

    field: str
    code: str
    condition: pl.Expr


def text_column(field: str) -> str:
    """The name of the helper column that holds a field's cleaned text."""
    return f"{field} text"


def meaning_column(field: str) -> str:
    """The name of the helper column that holds what a field's word means: a code, `nothing`, or null."""
    return f"{field} means"


def is_unknown(field: Field) -> pl.Expr:
    """Whether nobody knows what a listed word means; an empty cell counts where the field says so."""
    text = pl.col(text_column(field.name))
    is_there = pl.lit(value=True) if field.is_empty_unknown else text.is_not_null()
    return is_there & pl.col(meaning_column(field.name)).is_null()


def holds_back(field: Field) -> pl.Expr:
    """Whether an unknown word may say something that no rule may pass over."""
    if not field.quarantining_signs:
        return is_unknown(field)
    has_sign = pl.col(text_column(field.name)).str.contains_any(list(field.quarantining_signs))
    return is_unknown(field) & has_sign.fill_null(value=False)


def is_dropped(source: Source) -> pl.Expr:
    """Whether a row is of another levy item, which no rule uses."""
    if not any(field.name == "levy_item" for field in source.fields):
        return pl.lit(value=False)
    return (pl.col(meaning_column("levy_item")) == OTHER_ITEM).fill_null(value=False) & ~pl.col("is_misshapen")


def judge(rows: pl.DataFrame, source: Source, found: Collection[str]) -> pl.DataFrame:
    """Add quarantine_field, quarantine_reason, quarantine_text and dropped_reason; the first problem counts, dropping wins.

    Args:
        found: the fields that have a column.
    """
    first, quarantine = _quarantine(source, frozenset(found))
    return (
        rows.with_columns(dropped_reason=pl.when(is_dropped(source)).then(pl.lit(_OTHER_LEVY_ITEM)))
        .with_columns(problem=pl.when(pl.col("dropped_reason").is_null()).then(first))
        .with_columns(quarantine)
    )


@cache
def _quarantine(source: Source, found: frozenset[str]) -> tuple[pl.Expr, list[pl.Expr]]:
    """The place of a row's first problem, and what a problem at its place quarantines."""
    problems = _problems(source, found)
    first = pl.coalesce(pl.when(each.condition).then(pl.lit(place)) for place, each in enumerate(problems))
    fields = {place: each.field for place, each in enumerate(problems)}
    reasons = {place: f"{each.code}: {_REASONS[each.code]}" for place, each in enumerate(problems)}
    problem = pl.col("problem")
    texts = [
        pl.when(problem == place).then(pl.col(text_column(field)))
        for place, field in fields.items()
        if field != _WHOLE_ROW
    ]
    return first, [
        problem.replace_strict(fields, default=None, return_dtype=pl.String).alias("quarantine_field"),
        problem.replace_strict(reasons, default=None, return_dtype=pl.String).alias("quarantine_reason"),
        pl.coalesce([*texts, pl.lit(None, pl.String)]).alias("quarantine_text"),
    ]


def _problems(source: Source, found: frozenset[str]) -> list[_Problem]:
    problems = [_Problem(_WHOLE_ROW, "column_count", pl.col("is_misshapen"))]
    for field in source.fields:
        problems += _field_problems(field, source, has_column=field.name in found)
    return problems


def _field_problems(field: Field, source: Source, *, has_column: bool) -> list[_Problem]:
    text = pl.col(text_column(field.name))
    is_there = text.is_not_null()
    problems = []
    if field.is_needed or (field.is_needed_with_column and has_column):
        problems.append(_Problem(field.name, "empty_cell", text.is_null()))
    if field.is_needed_when_paid:
        is_paid = pl.col("outcome").is_in([SUCCESS, REVERSED])
        problems.append(_Problem(field.name, "empty_cell", is_paid & pl.col(field.name).is_null() & text.is_null()))
    if not field.quarantines:
        return problems
    if field.type == "date":
        problems.append(_Problem(field.name, "unreadable_date", is_there & pl.col(field.name).is_null()))
    if field.type == "count":
        problems.append(_Problem(field.name, "unreadable_count", is_there & pl.col(field.name).is_null()))
    if field.type == "word":
        problems.append(_Problem(field.name, "unlisted_word", holds_back(field)))
    if field.type == "amount":
        problems.append(_Problem(field.name, "unreadable_amount", is_there & pl.col(f"{field.name}_fen").is_null()))
        problems.append(_Problem(field.name, "negative_amount", _is_wrongly_negative(field, source)))
    return problems


def _is_wrongly_negative(field: Field, source: Source) -> pl.Expr:
    if field.is_signed:
        return pl.lit(value=False)
    is_negative = pl.col(f"{field.name}_fen") < 0
    return is_negative & ~pl.col("outcome").is_in([REVERSED, UNRECOGNISED]) if source.has_outcome else is_negative
