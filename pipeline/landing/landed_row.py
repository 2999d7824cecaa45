"""What a row of any source is known by, in columns that all sources share: its day, amount, what it repeats, what it says.

What a row says is a number by which rows of two files can be compared: it is made of canonical field values, so that the same
list in another format, order or spelling is the same; a cell that can't be read counts by its text. The township is left out,
since it is compared by code, which only the policy knows; and so is the day of a snapshot, which a file's name may state.
"""

import polars as pl

from pipeline.contracts.sources import Field, Source
from pipeline.landing.judgement import text_column

LANDED_ROW_COLUMNS = (
    "sheet", "row_number", "snapshot_date", "row_date", "township", "id_text", "id_is_number", "amount_yuan", "repeat_key",
    "repeats_in_township", "content_upper", "content_lower", "quarantine_field", "quarantine_reason", "dropped_reason",
)  # fmt: skip
"""The columns that a row of every source has, whatever its fields are."""

_OF_FIELDS: dict[str, pl.DataType | type[pl.DataType]] = {
    "snapshot_date": pl.Date,
    "township": pl.String,
    "id_text": pl.String,
    "id_is_number": pl.Boolean,
    "amount_yuan": pl.Decimal(18, 2),
}
_CONTENT = ("content_upper", "content_lower")
_SEPARATOR = "\x1f"
_OF_OUTCOME = ("outcome", "failure_reason", "unknown_outcome", "unknown_outcome_code")
_OF_REPLIES = ("role", "cells")


def with_landed_row(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Typed rows, with the texts of their cells, to which the shared columns are added."""
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in _OF_FIELDS.items() if name not in rows.columns]
    return rows.with_columns(missing).with_columns(_row_date(source), *_repeat(source), *_content(source))


def _row_date(source: Source) -> pl.Expr:
    return (pl.col(source.dated_by) if source.dated_by else pl.lit(None, pl.Date)).alias("row_date")


def _repeat(source: Source) -> list[pl.Expr]:
    """What a row of another file must say to be the same payment or document; null where it states too little."""
    keys, is_placed = [pl.lit(None, pl.String)], [pl.lit(None, pl.Boolean)]
    for place, repeat in enumerate(source.repeats):
        is_known = pl.all_horizontal(pl.col(_value_column(name, source)).is_not_null() for name in repeat.known_by)
        compared = [*repeat.known_by, *(name for name in repeat.says if name != "township")]
        texts = [_compared(name, source).fill_null("") for name in compared]
        key = pl.concat_str([pl.lit(str(place)), *texts], separator=_SEPARATOR)
        keys.append(pl.when(is_known).then(key))
        is_placed.append(pl.when(is_known).then(pl.lit("township" in repeat.says)))
    return [
        pl.coalesce(keys[1:] or keys).alias("repeat_key"),
        pl.coalesce(is_placed[1:] or is_placed).fill_null(value=False).alias("repeats_in_township"),
    ]


def _compared(name: str, source: Source) -> pl.Expr:
    """A value as text; a document's number without blanks, and with brackets of one kind: 〔2019〕 is also [2019] and (2019)."""
    value = pl.col(_value_column(name, source)).cast(pl.String)
    if name != "document_no":
        return value
    for kind, bracket in ((r"[〔【\[〈<{]", "("), (r"[〕】\]〉>}]", ")")):
        value = value.str.replace_all(kind, bracket)
    return value.str.replace_all(r"\s", "")


def _value_column(name: str, source: Source) -> str:
    types = {field.name: field.type for field in source.fields}
    return {"id": "id_text", "amount": f"{name}_yuan"}.get(types.get(name, ""), name)


def _content(source: Source) -> list[pl.Expr]:
    """The two halves of a digest of 128 bits."""
    parts = [part for field in source.fields if field.is_content for part in _parts(field, source)]
    parts += [pl.col(name) for name in (_OF_OUTCOME if source.has_outcome else ())]
    parts += [pl.col(name) for name in (_OF_REPLIES if source.keeps_cells else ())]
    # Of a row whose cells may have moved nobody knows what it says, though it reads like another one.
    parts.append(pl.when(pl.col("is_misshapen")).then(pl.lit("misshapen")))
    content = pl.concat_str([part.fill_null("") for part in parts], separator=_SEPARATOR)
    return [content.hash(seed).reinterpret(signed=True).alias(name) for seed, name in enumerate(_CONTENT)]


def _parts(field: Field, source: Source) -> list[pl.Expr]:
    text = pl.col(text_column(field.name))
    match field.type:
        case "name":
            return [pl.col("name_key")]
        case "id":
            return [pl.col("id_text"), pl.col("id_is_number").cast(pl.String)]
        case "amount":
            return [pl.coalesce(pl.col(f"{field.name}_yuan").cast(pl.String), text)]
        case "date" if source.has_snapshot_date and field.name == source.dated_by:
            return [pl.when(pl.col(field.name).is_null()).then(text)]
        case "date" if source.needs_paid_date and field.name == source.dated_by:
            # A list that is printed again has another time of making, which is no date of its lines.
            is_stated = ~pl.col("is_dated_by_making") | pl.col("batch_no").is_null()
            return [pl.when(is_stated).then(pl.coalesce(pl.col(field.name).cast(pl.String), text))]
        case "date" | "count":
            return [pl.coalesce(pl.col(field.name).cast(pl.String), text)]
        case "word" if not field.keeps_text:
            return [pl.coalesce(pl.col(field.meaning_column), pl.col(f"unknown_{field.name}"))]
        case _:
            return [pl.col(field.name)]
