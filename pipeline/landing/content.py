"""What a row says, as a number by which rows of two files can be compared.

It is made of canonical field values, so that the same list in another format, order or spelling is the same; a cell that can't
be read counts by its text. The township is left out: it is compared by code, which only the policy knows.
"""

import polars as pl

from pipeline.contracts.sources import Field, Source
from pipeline.landing.judgement import text_column

CONTENT_COLUMNS = ("row_content_upper", "row_content_lower")
_SEPARATOR = "\x1f"
_OF_OUTCOME = ("outcome", "failure_reason", "unknown_outcome", "unknown_outcome_code")
_OF_REPLIES = ("role", "cells")


def content_digest(source: Source) -> list[pl.Expr]:
    """The two halves of a row's digest of 128 bits, over typed rows with the texts of their cells."""
    parts = [part for field in source.fields if field.is_content for part in _parts(field, source)]
    parts += [pl.col(name) for name in (_OF_OUTCOME if source.has_outcome else ())]
    parts += [pl.col(name) for name in (_OF_REPLIES if source.keeps_cells else ())]
    content = pl.concat_str([part.fill_null("") for part in parts], separator=_SEPARATOR)
    return [content.hash(seed).reinterpret(signed=True).alias(name) for seed, name in enumerate(CONTENT_COLUMNS)]


def _parts(field: Field, source: Source) -> list[pl.Expr]:
    text = pl.col(text_column(field.name))
    match field.type:
        case "name":
            return [pl.col("name_key")]
        case "id":
            return [pl.col("id_text"), pl.col("id_is_number").cast(pl.String)]
        case "amount":
            return [pl.coalesce(pl.col(f"{field.name}_yuan").cast(pl.String), text)]
        case "date" if field.name == "paid_date" and source.needs_paid_date:
            # A list that is printed again has another time of making, which is no date of its lines.
            is_stated = ~pl.col("is_dated_by_making") | pl.col("batch_no").is_null()
            return [pl.when(is_stated).then(pl.coalesce(pl.col("paid_date").cast(pl.String), text))]
        case "date" | "count":
            return [pl.coalesce(pl.col(field.name).cast(pl.String), text)]
        case "word":
            return [pl.coalesce(pl.col(field.meaning_column), pl.col(f"unknown_{field.name}"))]
        case _:
            return [pl.col(field.name)]
