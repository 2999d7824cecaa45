"""What is known of each table of a file beside its rows: how it was read, and what stands above it.

The second count reads the kept cells by these facts, and from them comes the township of a table that has none of its own.
"""

from dataclasses import dataclass

import polars as pl

from pipeline.landing.tables import cell_column, number_column

# Fields for which it matters that a cell holds a number, which may have lost digits.
NUMBERED = ("id_no", "account", "batch_no", "household_no", "member_no", "voucher_no")


@dataclass(frozen=True)
class TableFacts:
    """One table of a file that is read.

    Attributes:
        sheet: the sheet's name; null for a text file.
        layout: the layout's name.
        units: the unit of each field of amounts that has a column.
        head: the values of head fields, as they stand there.
        aliases: the header by which each field was found.
        rows_counted: the data rows, counted before they are typed.
        has_township: whether a column or the head says the township.
        place_texts: the texts above the table, which may say where it is from.
        counts_from_1904: whether its days are counted from 1904.
    """

    sheet: str | None
    layout: str
    units: dict[str, str]
    head: dict[str, str]
    aliases: dict[str, str]
    rows_counted: int
    has_township: bool
    place_texts: tuple[str, ...]
    counts_from_1904: bool = False


def kept_cells(rows: pl.DataFrame, sheet: str | None, columns: dict[str, int], fields: tuple[str, ...]) -> pl.DataFrame:
    """The cells of data rows as the reader gave them: a text column a field, null where the table has none of it.

    Args:
        rows: data rows, with the columns of `tables` and `is_misshapen`.
        columns: the column of each field.
        fields: the fields of the layout.
    """
    cells = [
        pl.col(cell_column(columns[name])).alias(name) if name in columns else pl.lit(None, pl.String).alias(name)
        for name in fields
    ]
    flags = []
    for name in NUMBERED:
        flag = number_column(columns.get(name, -1))
        is_number = pl.col(flag) if flag in rows.columns else pl.lit(value=False)
        flags.append(is_number.fill_null(value=False).alias(f"number_{name}"))
    return rows.select(pl.lit(sheet, pl.String).alias("sheet"), "row_number", *cells, *flags, "is_misshapen")
