"""What a bank or the tax bureau says became of a payment, and why one failed.

A line says it in up to three cells: a code, a word, and a text beside them. What each of them means by itself is told by the
vocabularies (``words``); here is decided what the line says as a whole. Words that contradict each other say nothing.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from pipeline.contracts.codes import vocabulary
from pipeline.landing.layouts import Layout
from pipeline.landing.words import NOTHING, compact, meaning

SUCCESS = "success"
FAILED = "failed"
REVERSED = "reversed"
UNKNOWN = "unknown"
UNRECOGNISED = "unrecognised"
# Codes that a spreadsheet, or a text made from one, has turned into numbers; which they were is told by a text that says
# success beside them.
_WITHOUT_ZEROS = {"0": "0000", "0.0": "0000", "1": "001", "1.0": "001"}


class Texts(NamedTuple):
    """The cleaned texts in which a line says what became of it; null where it is silent."""

    code: pl.Expr
    word: pl.Expr
    text: pl.Expr


class Meanings(NamedTuple):
    """What each of a line's texts means by itself; null where it is empty or means nothing."""

    code: pl.Expr
    word: pl.Expr
    text: pl.Expr


def text_meaning(text: pl.Expr, layout: Layout) -> pl.Expr:
    """The outcome that a word or text says; null where it says none."""
    found = meaning(text, vocabulary("outcome"), _own_words(layout))
    return pl.when(found != NOTHING).then(found)


def code_meaning(code: pl.Expr, layout: Layout) -> pl.Expr:
    """The outcome that a code says; null for one that isn't listed."""
    listed = {each.code: str(each.attributes["outcome"]) for each in vocabulary("outcome_code").codes}
    return compact(code).replace_strict(listed | _own_codes(layout), default=None, return_dtype=pl.String)


def restored_code(code: pl.Expr, word_meanings: Sequence[pl.Expr], layout: Layout) -> pl.Expr:
    """The code, with the zeros that 0000 and 001 lose in a numeric cell, where a text of the row says success."""
    own = _own_codes(layout)
    lost = {number: whole for number, whole in _WITHOUT_ZEROS.items() if number not in own}
    says_success = pl.any_horizontal(_is(each, SUCCESS) for each in word_meanings)
    return pl.when(says_success).then(compact(code).replace(lost)).otherwise(compact(code))


def outcome(texts: Texts, means: Meanings) -> pl.Expr:
    """What a line says: its code unless a word contradicts it, else its word unless the text beside it does."""
    has_code = texts.code.is_not_null()
    contradicts_code = _contradicts(means.word, means.code) | _contradicts(means.text, means.code)
    says_failed = _is(means.word, FAILED) | _is(means.text, FAILED)
    says_else = _says_else(means.word) | _says_else(means.text)
    return (
        pl.when(has_code & means.code.is_not_null() & ~contradicts_code)
        .then(means.code)
        .when(has_code & means.code.is_null() & says_failed & ~says_else)
        .then(pl.lit(FAILED))
        .when(~has_code & means.word.is_not_null() & ~_contradicts(means.text, means.word))
        .then(means.word)
        .otherwise(pl.lit(UNRECOGNISED))
    )


def unknown_code(texts: Texts, means: Meanings) -> pl.Expr:
    """The code that nobody knows, as it stands there."""
    return pl.when(means.code.is_null()).then(texts.code)


def unknown_word(texts: Texts, means: Meanings) -> pl.Expr:
    """Of a line without a code that says nothing, the word that nobody knows, else the text."""
    text = pl.when(means.text.is_null()).then(texts.text)
    is_silent = texts.code.is_null() & means.word.is_null()
    return pl.when(is_silent).then(pl.coalesce(texts.word, text))


def failure_reason(code: pl.Expr, texts: Texts, layout: Layout) -> pl.Expr:
    """The reason of a failure: by the code, else by the first word that the text, then the word, contains, else other.

    Args:
        code: the codes with their zeros.
    """
    listed = vocabulary("outcome_code").codes
    by_code = {
        each.code: str(each.attributes["failure_reason"]) for each in listed if each.attributes["failure_reason"]
    }
    by_code |= {each: reason.reason for reason in layout.failure_reasons for each in reason.codes}
    found = [
        pl.when(compact(text).str.contains_any(list(words))).then(pl.lit(reason))
        for text in (texts.text, texts.word)
        for reason, words in _reason_words(layout)
    ]
    return pl.coalesce(
        compact(code).replace_strict(by_code, default=None, return_dtype=pl.String), *found, pl.lit("other")
    )


def _reason_words(layout: Layout) -> list[tuple[str, tuple[str, ...]]]:
    """The words of each reason in the order in which they are sought, a layout's own before the listed ones."""
    own = [(str(reason.reason), reason.words) for reason in layout.failure_reasons if reason.words]
    return own + [(rule.says, rule.contains) for rule in vocabulary("failure_reason").words]


def _own_words(layout: Layout) -> Mapping[str, str]:
    """The words that stand before the listed ones: a layout's, then the bureau's."""
    return {**layout.own_words.get("outcome", {}), **_stated_by(layout)}


def _own_codes(layout: Layout) -> dict[str, str]:
    failures = {code: FAILED for reason in layout.failure_reasons for code in reason.codes}
    return {**failures, **layout.own_words.get("outcome_code", {}), **_stated_by(layout)}


def _stated_by(layout: Layout) -> dict[str, str]:
    if layout.outcome_words is None:
        return {}
    stated = layout.outcome_words
    words = ((SUCCESS, stated.success), (REVERSED, stated.reversed), (UNKNOWN, stated.unknown), (FAILED, stated.failed))
    return {word: says for says, listed in words for word in listed}


def _contradicts(word: pl.Expr, decisive: pl.Expr) -> pl.Expr:
    """Whether a word says something that can't be true beside what the code, or the word before it, says.

    A reason beside a reversal is no contradiction, nor is a failure of which the sender is not sure yet.
    """
    is_success = _is(decisive, SUCCESS)
    denies = is_success & word.is_in([FAILED, REVERSED, UNKNOWN]).fill_null(value=False)
    came_back = _is(decisive, FAILED) & _is(word, REVERSED)
    return denies | (~is_success & _is(word, SUCCESS)) | came_back


def _says_else(word: pl.Expr) -> pl.Expr:
    return (word != FAILED).fill_null(value=False)


def _is(word: pl.Expr, says: str) -> pl.Expr:
    return (word == says).fill_null(value=False)
