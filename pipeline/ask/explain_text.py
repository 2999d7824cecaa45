"""An explanation as a Chinese text: figures, causes in the district and in each township, and persons if asked for."""

from collections.abc import Mapping
from decimal import Decimal

import polars as pl

from pipeline.ask.explain import ABOUT, FIGURES, Explanation
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.reports.workbooks.words import CHANNELS, STATES, UNCOVERED_REASONS, in_chinese, state_reason_in_chinese

# What is a difference of other figures, or a part of one by level, is left out where causes are told.
_TOLD_FIGURES = tuple(
    figure for figure in FIGURES if not any(part in figure for part in ("balance", "_municipal", "used_district"))
)
_CHINESE = {
    column.name: column.chinese for column in tables.load_tables()[TableName("mart", "district_summary")].columns
}


def describe(explanation: Explanation, *, with_persons: bool = False) -> str:
    """The explanation as a Chinese text: figures, causes of the district and of each township, and persons if asked for."""
    title = f"{explanation.year} 年,{explanation.before} 与 {explanation.after} 相比({';'.join(explanation.notes)})"
    changed = explanation.figures.filter(pl.col("change") != 0)
    if changed.is_empty() and explanation.changes.is_empty():
        return f"{title}:各项数字没有变化。"
    figures = [
        f"{_CHINESE[figure]}:{_plain(old)} → {_plain(new)}({_signed(change)})"
        for figure, old, new, change in changed.iter_rows()
    ]
    lines = [title, "", *figures, "", "按原因(各原因合计等于以上变化;各结余由其他各项相减得出):"]
    lines += _cause_lines(explanation.changes, "- ")
    lines += ["", "按乡镇:"]
    place = pl.coalesce("township_name_after", "township_name_before").fill_null("全区(不分乡镇)")
    for (township,), of_township in explanation.changes.with_columns(place=place).group_by(
        "place", maintain_order=True
    ):
        lines += [f"- {township}", *_cause_lines(of_township, "  - ")]
    if with_persons:
        lines += ["", f"逐人说明({explanation.changes['subject'].n_unique()} 项):", *_person_lines(explanation)]
    else:
        lines += ["", "逐人说明请加 --persons。"]
    return "\n".join(lines)


def _cause_lines(changes: pl.DataFrame, mark: str) -> list[str]:
    """A line a cause: how many have it, and their part of each figure."""
    of_cause = changes.group_by("cause", maintain_order=True).agg(
        pl.col("subject").n_unique().alias("subjects"), pl.col(_TOLD_FIGURES).sum()
    )
    return [f"{mark}{row['cause']}({row['subjects']} 项):{_parts(row)}" for row in of_cause.iter_rows(named=True)]


def _parts(row: Mapping[str, object]) -> str:
    told = [f"{_CHINESE[figure]}{_signed(row[figure])}" for figure in _TOLD_FIGURES if row[figure]]
    return ",".join(told) or "各项数字相抵"


def _person_lines(explanation: Explanation) -> list[str]:
    places = dict(
        explanation.rows.group_by("subject", maintain_order=True).agg(_place_text().str.join("、")).iter_rows()
    )
    told = _in_words(explanation.changes)
    return [_subject_line(row, places.get(str(row["subject"]))) for row in told.iter_rows(named=True)]


def _in_words(changes: pl.DataFrame) -> pl.DataFrame:
    """With how each person stood before and after, as text."""

    def standing(when: str) -> pl.Expr:
        state = in_chinese(f"state_{when}", STATES)
        reason = pl.format("({})", state_reason_in_chinese(f"state_reason_{when}"))
        covered = pl.format(",已{}", in_chinese(f"channel_{when}", CHANNELS))
        uncovered = pl.format(",{}", in_chinese(f"uncovered_reason_{when}", UNCOVERED_REASONS))
        return pl.concat_str(state, reason, covered, uncovered, ignore_nulls=True).replace("", "不在名单").alias(when)

    return changes.with_columns(standing("before"), standing("after"))


def _place_text() -> pl.Expr:
    sheet = pl.format("[{}]", "sheet")
    return pl.concat_str(
        pl.when("is_new").then(pl.lit("")).otherwise(pl.lit("不再计入 ")),
        pl.concat_str("file_name", sheet, pl.format("第{}行", "row_number"), separator=" ", ignore_nulls=True),
    )


def _subject_line(row: dict[str, object], places: str | None) -> str:
    parts = _parts(row)
    name, masked, township = (row[f"{column}_after"] or row[f"{column}_before"] for column in ABOUT[:3])
    if name is None:
        return f"- {row['cause']}:{row['subject']}:{parts}"
    told = row["after"] if row["before"] == row["after"] else f"{row['before']} → {row['after']}"
    return f"- {row['cause']}:{masked} {name} {township}({row['subject']}):{told};{parts}" + (
        f";依据 {places}" if places else ""
    )


def _plain(value: object) -> str:
    return (
        "无数据来源"
        if value is None
        else f"{value:f}".removesuffix(".00")
        if isinstance(value, Decimal)
        else str(value)
    )


def _signed(value: object) -> str:
    assert isinstance(value, Decimal)
    return f"{'+' if value > 0 else ''}{_plain(value)}"
