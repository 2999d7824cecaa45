"""How the notebook asks the published file and shows an answer: queries, Chinese words, tables, charts.

Which questions are asked stands in ``daijiao.py``.
"""

from decimal import Decimal

import altair as alt
import marimo as mo
import polars as pl

from pipeline import paper
from pipeline.contracts import tables
from pipeline.privacy import current_key
from pipeline.reports.workbooks.words import CHANNELS, STATE_REASONS, UNCOVERED_REASONS
from pipeline.settings import Settings
from pipeline.warehouse.engine_duckdb import reading
from pipeline.warehouse.proof import problems
from pipeline.warehouse.reference import mismatch_kinds
from pipeline.warehouse.run import PUBLISHED_FILE

SETTINGS = Settings()
PUBLISHED = SETTINGS.warehouse / PUBLISHED_FILE
CHINESE = {column.name: column.chinese for table in tables.published_tables() for column in table.columns}
WORDS = {
    **{kind: entry["zh"] for kind, entry in mismatch_kinds().items()},
    **STATE_REASONS,
    **UNCOVERED_REASONS,
    **CHANNELS,
    "error": "错误",
    "warning": "提示",
    "open": "待核实",
    "answered": "已答复",
    "settled": "已办结",
    "municipal": "市级",
    "district": "区级",
    "written_off": "已核销",
    "failed": "付款失败",
    "unknown": "结果不明",
    "reversal": "退票或退库",
    "reversed": "已被退票或退库",
    "self_paid": "个人缴费",
    # Where a line is disputed its money has left the township.
    "disputed": "存疑,未核销",
    "success": "成功",
}
# Of the chosen year, and of the chosen township if there is one; the unknown township stands last.
CHOSEN = "where policy_year = $year and ($township is null or township_code = $township)"
IN_ORDER = "township_code = '000000000', township_code"
STEPS = {1: "名单", 2: "不符合", 3: "未确认", 4: "符合条件", 5: "未覆盖", 6: "已覆盖"}
PAYMENT_STATUSES = {
    "paid": "已交",
    "not_due": "不需交",
    "unconfirmed": "待核实身份",
    "silent": "没有付款记录",
    "return_failed": "付款失败",
    "disputed": "付款有差异",
    "reversed": "已退票",
    "outcome_unknown": "结果不明",
    "self_paid": "个人已交",
}
BATCH_AGES = {
    "0-30": "0-30 天",
    "31-90": "31-90 天",
    "91-180": "91-180 天",
    "over 180": "180 天以上",
    "undated": "无日期",
}
COLOURS = {
    "人数": "#4a6c8c",
    "已覆盖": "#2f6f4f",
    "返还": "#2f6f4f",
    "代缴": "#86b395",
    "未覆盖": "#c8873d",
    "核销": "#2f6f4f",
    "存疑": "#a3463f",
    "现金结余": "#a9a9a9",
    "待核实": "#c8873d",
    "已答复": "#4a6c8c",
    "已办结": "#2f6f4f",
    "已交": "#2f6f4f",
    "不需交": "#d9d9d9",
    "待核实身份": "#8d7aa8",
    "没有付款记录": "#c8873d",
    "付款失败": "#a3463f",
    "付款有差异": "#d98c82",
    "已退票": "#7d4b3a",
    "结果不明": "#4a6c8c",
    "个人已交": "#86b395",
    "0-30 天": "#f0dcc0",
    "31-90 天": "#dfae75",
    "91-180 天": "#c8873d",
    "180 天以上": "#8a5a22",
    "无日期": "#a9a9a9",
}


def find(sql: str, **parameters: object) -> pl.DataFrame:
    """The rows of a select statement on the published file."""
    with reading(PUBLISHED) as connection:
        frame: pl.DataFrame = connection.sql(sql, params=parameters or None).pl()
    return frame


def unproven(year: int) -> list[str]:
    """What of a published year isn't what was signed, in Chinese; nothing where all is."""
    with reading(PUBLISHED) as connection:
        return problems(connection, year, current_key(SETTINGS.key_file))


def in_chinese(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with its columns' names, and the terms in its text columns, in Chinese."""
    township_reason = pl.selectors.string().str.replace("^township:", "乡镇核定:")
    return (
        frame.with_columns(pl.selectors.string().replace(WORDS))
        .with_columns(township_reason)
        .rename(CHINESE, strict=False)
    )


def percent(rate: object) -> str:
    """A rate as it stands on paper; a rate over 0, or without a source, as a dash."""
    return paper.percent(None if rate is None else Decimal(str(rate)))


def shown(frame: pl.DataFrame) -> mo.ui.table:
    """The frame as a table to look at, search and download; years and rates as people write them."""
    rates = [CHINESE[name] for name in frame.columns if name.endswith("_rate")]
    return mo.ui.table(
        in_chinese(frame.with_columns(pl.col("^policy_year$").cast(pl.String))).with_columns(
            pl.selectors.string().fill_null("")
        ),
        selection=None,
        page_size=12,
        show_data_types=False,
        show_column_summaries=False,
        format_mapping=dict.fromkeys(rates, percent),
    )


def parts(frame: pl.DataFrame, label: str, kind: str, words: dict[str, str], title: str) -> alt.Chart:
    """Bars of `person_count`: a bar a label, a part a kind, in the order and by the names of `words`."""
    wide = (
        frame.with_columns(pl.col(kind).replace_strict(words, return_dtype=pl.String))
        .pivot(kind, index=label, values="person_count")
        .fill_null(0)
    )
    return bars(wide, label, {name: name for name in words.values() if name in wide.columns}, title)


def with_rounded_days(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with average days as people write them: one decimal."""
    return frame.with_columns(pl.col("^average_.*_days$").cast(pl.Float64).round(1))


def bars(frame: pl.DataFrame, label: str, values: dict[str, str], title: str) -> alt.Chart:
    """Horizontal bars of one or several figures a row; decimals are made doubles for the picture alone.

    Args:
        frame: a row a bar.
        label: column of the text beside each bar.
        values: column and its Chinese name, stacked in this order.
        title: what a bar's length means.
    """
    long = (
        frame.select(
            pl.col(label).alias("项目"), *(pl.col(name).cast(pl.Float64).alias(text) for name, text in values.items())
        )
        .with_row_index("position")
        .unpivot(index=["position", "项目"], variable_name="类别", value_name="数值")
    )
    order = list(dict.fromkeys(long["项目"]))
    return (
        alt.Chart(long)
        .mark_bar()
        .encode(
            x=alt.X("数值:Q", title=title, stack=True, axis=alt.Axis(tickMinStep=1)),
            y=alt.Y("项目:N", title=None, sort=order),
            color=alt.Color(
                "类别:N",
                title=None,
                scale=alt.Scale(domain=list(values.values()), range=[COLOURS[text] for text in values.values()]),
            ),
            order=alt.Order("position:Q"),
            tooltip=["项目", "类别", "数值"],
        )
        .properties(width=620, height=alt.Step(24))
    )
