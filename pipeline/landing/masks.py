"""Rows that may be shown to anybody: values of persons masked, or only the shape of a cell where nothing is known of it."""

import re

import polars as pl

from pipeline.contracts.sources import Field, Source

_LONG_NUMBER = re.compile(r"\d{7,}")
_ID_CHARACTERS = 18


def masked_rows(rows: pl.DataFrame, source: Source) -> list[tuple[int, dict[str, str]]]:
    """The row number of each typed row, and by field what it says, masked; empty fields are left out."""
    shown = []
    for row in rows.iter_rows(named=True):
        cells = {field.name: _masked(field, row) for field in source.fields}
        if source.has_outcome:
            cells["outcome"] = row["outcome"]
        shown.append((row["row_number"], {name: cell for name, cell in cells.items() if cell}))
    return shown


def shape(cell: str) -> str:
    """How long a cell is, and whether it is a number, and nothing else."""
    text = cell.strip()
    if not text:
        return ""
    return f"{'数字' if text.replace('.', '', 1).isdigit() else '文字'}×{len(text)}"


def _masked(field: Field, row: dict[str, object]) -> str:
    column = {"id": "id_text", "amount": f"{field.name}_yuan"}.get(field.type, field.name)
    text = "" if row[column] is None else str(row[column])
    if field.type == "id":
        return f"{text[:6]}********{text[-4:]}" if len(text) == _ID_CHARACTERS else "*" * min(len(text), 6)
    if field.type == "name":
        return f"{text[:1]}**" if text else ""
    if field.is_personal:
        return shape(text)
    return _LONG_NUMBER.sub("***", text) if field.type in ("text", "number", "word") else text
