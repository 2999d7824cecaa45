"""Two columns with the very same header: one where they agree in every row, else nobody knows which of them is meant."""

from dataclasses import replace

import polars as pl

from pipeline.landing.amounts import fen
from pipeline.landing.fields import clean_text
from pipeline.landing.matching import Table
from pipeline.landing.refusals import Refusal
from pipeline.landing.sheet_xml import column_letters
from pipeline.landing.tables import cell_column
from pipeline.landing.words import EMPTY_WORDS, compact


def without_doubled(table: Table) -> Table:
    """The table with one column for each field; of two, the one that isn't empty in every data row.

    Raises:
        Refusal: two of them differ.
    """
    header = table.header
    if not header.doubled:
        return table
    columns = {name: _only_one(table, name, indices) for name, indices in header.doubled.items()}
    return replace(table, header=replace(header, columns={**header.columns, **columns}))


def _only_one(table: Table, name: str, indices: tuple[int, ...]) -> int:
    sorter = table.sorter()
    wanted = sorted({*table.header.columns.values(), *indices})
    batches = [
        sorter.sort(batch)[0].select(_compared(name, index) for index in indices) for batch in table.batches(wanted)
    ]
    values = pl.concat(batches) if batches else pl.DataFrame(schema=dict.fromkeys(map(cell_column, indices), pl.String))
    filled = [index for index in indices if values[cell_column(index)].null_count() < len(values)]
    first, *others = filled or indices
    if any(not values[cell_column(first)].eq_missing(values[cell_column(other)]).all() for other in others):
        raise _doubled(table, name, indices)
    return first


def _compared(name: str, index: int) -> pl.Expr:
    """The texts of a column without blanks, amounts by what they are worth: 100 and 100.00 are equal, and / is an empty cell."""
    text = clean_text(pl.col(cell_column(index)))
    said = text if name == "name" else pl.when(~text.is_in(EMPTY_WORDS)).then(text)
    value = pl.coalesce(fen(said, "元").cast(pl.String), said) if name == "amount" else compact(said).str.to_uppercase()
    return value.alias(cell_column(index))


def _doubled(table: Table, name: str, indices: tuple[int, ...]) -> Refusal:
    word = table.header.words[name]
    place = f"工作表“{table.sheet}”的" if table.sheet else ""
    columns = "、".join(f"“{word}”({column_letters(index)} 列)" for index in indices)
    return Refusal(
        "doubled_column", f"{place}{columns}表头相同而内容不同,不知道以哪一列为准。请只保留一列,或改正表头后重新报送。"
    )
