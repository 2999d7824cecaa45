"""What a bank or the tax bureau says became of a payment, and why one failed. The words are the layout's."""

import polars as pl

from pipeline.landing.layouts import Layout

SUCCESS = "success"
FAILED = "failed"
REVERSED = "reversed"
UNKNOWN = "unknown"


def outcome(code: pl.Expr, word: pl.Expr, layout: Layout) -> pl.Expr:
    """The outcome: by the code where there is one, else by the word; every word that is not the layout's means failed."""
    words = layout.outcome_words
    if words is None:
        return pl.lit(None, pl.String)
    decisive = pl.coalesce(code, word).str.replace_all(r"\s", "").fill_null("")
    return (
        pl.when(decisive.is_in(list(words.success)))
        .then(pl.lit(SUCCESS))
        .when(decisive.is_in(list(words.reversed)))
        .then(pl.lit(REVERSED))
        .when(decisive.is_in(list(words.unknown)))
        .then(pl.lit(UNKNOWN))
        .otherwise(pl.lit(FAILED))
    )


def failure_reason(code: pl.Expr, word: pl.Expr, text: pl.Expr, layout: Layout) -> pl.Expr:
    """The reason of a failure: by the code, else by the first of the layout's words that the text contains, else other."""
    decisive = pl.coalesce(code, word).str.replace_all(r"\s", "")
    compact = text.str.replace_all(r"\s", "")
    by_code = {each: reason.reason for reason in layout.failure_reasons for each in reason.codes}
    by_text = [
        pl.when(compact.str.contains_any(list(reason.words))).then(pl.lit(reason.reason))
        for reason in layout.failure_reasons
        if reason.words
    ]
    return pl.coalesce(decisive.replace_strict(by_code, default=None), *by_text, pl.lit("other"))
