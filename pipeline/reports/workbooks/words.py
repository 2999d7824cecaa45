"""The words of the tables as townships read them: states, reasons, channels and categories in Chinese."""

import polars as pl

from pipeline.contracts.codes import chinese_words

STATES = chinese_words("state")
CHANNELS = chinese_words("channel")
CATEGORIES = {"registered_poor": "建档立卡贫困人口"}
STATE_REASONS = chinese_words("state_reason")
UNCOVERED_REASONS = chinese_words("uncovered_reason")
ANSWERS = chinese_words("answer")


def in_chinese(column: str, words: dict[str, str]) -> pl.Expr:
    """A column in these words; a text that has none stays as it is."""
    return pl.col(column).replace(words)


def state_reason_in_chinese(column: str) -> pl.Expr:
    """Why a person is excluded or unconfirmed; the townships' own reasons are marked as such."""
    return in_chinese(column, STATE_REASONS).str.replace(r"^township:", "乡镇核定:")
