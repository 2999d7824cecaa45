"""A day of death that stands in a column of its own, beside the column that gives the day of whatever an exclusion says."""

import polars as pl

from pipeline.landing.fields import clean_text
from pipeline.landing.header import Header
from pipeline.landing.tables import cell_column
from pipeline.landing.words import EMPTY_WORDS

DEATH_DATE = "死亡日期"
DECEASED = "死亡"


def death_column(header: Header) -> int | None:
    """The column 死亡日期 where another one is taken for the event's date; null where there is none."""
    if "exclusion" not in header.columns or header.words.get("event_date") in (None, DEATH_DATE):
        return None
    return next((index for index, label in enumerate(header.labels) if label == DEATH_DATE), None)


def with_deaths(rows: pl.DataFrame, header: Header, death: int) -> pl.DataFrame:
    """The rows, in which whoever has a day of death and no exclusion is 死亡 from that day on."""
    exclusion, event = (cell_column(header.columns[name]) for name in ("exclusion", "event_date"))
    has_died = _is_filled(cell_column(death)) & ~_is_filled(exclusion)
    return rows.with_columns(
        pl.when(has_died).then(pl.lit(DECEASED)).otherwise(pl.col(exclusion)).alias(exclusion),
        pl.when(has_died).then(pl.col(cell_column(death))).otherwise(pl.col(event)).alias(event),
    )


def _is_filled(column: str) -> pl.Expr:
    text = clean_text(pl.col(column))
    return (text.is_not_null() & (text != "") & ~text.is_in(EMPTY_WORDS)).fill_null(value=False)
