"""Rows of text files that have fewer or more cells than the header: which of them still have their cells in place.

A cell that is missing or was split moves all cells behind it, and the row then says something wrong. So a row of another
length counts only where its writer leaves out empty cells at the end, or ends each line with a delimiter.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import polars as pl

from pipeline.landing.judgement import meaning_column, text_column
from pipeline.landing.rows import OUTCOME_MEANINGS
from pipeline.landing.sources import Field, Source
from pipeline.landing.tables import Record

_ID = r"^['`´‘’]?[0-9]{14,19}[0-9Xx]$|^['`´‘’]?[0-9.]+[Ee]\+?[0-9]+$"
_LEAST_ROWS = 2


def wider_rows(records: Sequence[Record], width: int) -> frozenset[int]:
    """The number of cells that most rows have, where it is above `width`: their lines end with delimiters.

    Args:
        records: the first rows below the header.
    """
    counts = Counter(len(record.cells) for record in records if "".join(record.cells).strip())
    usual, row_count = max(counts.items(), key=lambda item: item[1], default=(0, 0))
    return frozenset({usual}) if usual > width and row_count >= _LEAST_ROWS else frozenset()


def are_in_place(rows: pl.DataFrame, is_short: pl.Series, columns: Mapping[str, int], source: Source) -> bool:
    """Whether the cells of all short rows surely stand under their headers, as far as the rows reach.

    They do where a date, an amount, a count, a listed word, an ID or an outcome stands in its column, and behind it no
    text but one that stands there in a whole row too.

    Args:
        rows: typed rows with the texts of their cells.
        columns: the column of each field.
    """
    whole, short = rows.filter(~is_short), rows.filter(is_short)
    known = {field.name: _is_known(field, whole) for field in source.fields if field.name in columns}
    if source.has_outcome:
        known |= {name: pl.col(column).is_not_null() for name, column in OUTCOME_MEANINGS.items() if name in columns}
    sure, unsure = [pl.lit(-1)], [pl.lit(-1)]
    for name, is_known in known.items():
        is_filled = pl.col(text_column(name)).is_not_null()
        sure.append(pl.when(is_filled & is_known).then(columns[name]))
        unsure.append(pl.when(is_filled & ~is_known).then(columns[name]))
    return bool(short.select((pl.max_horizontal(unsure) < pl.max_horizontal(sure)).all()).item())


def _is_known(field: Field, whole: pl.DataFrame) -> pl.Expr:
    text = pl.col(text_column(field.name))
    match field.type:
        case "amount":
            return pl.col(f"{field.name}_fen").is_not_null()
        case "date" | "count":
            return pl.col(field.name).is_not_null()
        case "word":
            return pl.col(meaning_column(field.name)).is_not_null()
        case "id":
            return text.str.replace_all(r"\s", "").str.contains(_ID)
        case _:
            others = whole[text_column(field.name)].unique().drop_nulls()
            return text.is_in(others.implode()) & text.str.contains(r"\D")
