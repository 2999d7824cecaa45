"""What the pipeline sees in one file, for somebody who wonders why it is refused or read otherwise than expected.

Nothing is kept. What an Inspection holds is told by ``inspected``, how it is put into words by ``inspection_text``.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipeline.contracts.sources import SOURCES
from pipeline.errors import UsageError
from pipeline.landing import text_reader
from pipeline.landing.files import content_kind, is_table_name
from pipeline.landing.header import label_rows, nearest_layout
from pipeline.landing.inspected import Inspection, TableSeen
from pipeline.landing.inspection_text import describe
from pipeline.landing.land import with_snapshot_date
from pipeline.landing.layouts import Layout, Layouts
from pipeline.landing.masks import masked_rows, shape
from pipeline.landing.matching import HEAD_ROWS, Table, match_text, match_workbook
from pipeline.landing.parse import READ, ParsedFile, parse_content
from pipeline.landing.refusals import Refusal
from pipeline.landing.text_file import open_text
from pipeline.landing.workbook_reader import Workbook
from pipeline.landing.workers import is_harmful, parse_file
from pipeline.restricted import scratch_folder

__all__ = ["Inspection", "TableSeen", "describe", "inspect_file"]

SHOWN_ROWS = 3
SHOWN_PROBLEMS = 5
SKIPPED = "skipped"


class Head(NamedTuple):
    """The first rows of a sheet, or of a text file as one dialect splits it."""

    sheet: str | None
    rows: list[list[str]]


def inspect_file(path: Path, layouts: Layouts, source: str | None = None) -> Inspection:
    """Look at one file as a refresh would, by itself.

    Args:
        path: the file; it need not lie in the landing folder.
        source: the folder in which it is to be read; where it is null, the one in its path, else whichever fits.

    Raises:
        UsageError: there is no such file, or no such source.
    """
    if not path.is_file():
        raise UsageError(
            f"There is no file {path}. Name a file as a county sends it.", f"没有文件 {path}。请写出报送文件的路径。"
        )
    if source is not None and source not in SOURCES:
        raise UsageError(
            f"There is no source {source}. Name one of: {', '.join(SOURCES)}.",
            f"没有 {source} 这类来源。请写以下之一:{', '.join(SOURCES)}。",
        )
    known = source or next((part for part in reversed(path.parts[:-1]) if part in SOURCES), None)
    if not is_table_name(path.name):
        return Inspection(path.name, known, known is not None, ParsedFile(SKIPPED, "other"))
    content = path.read_bytes()
    with scratch_folder("inspect") as folder:
        # What would harm this process is looked at in a child alone.
        tried_in_child = parse_file(path, hashlib.sha256(content).hexdigest(), (), folder / "rows.parquet")
    if is_harmful(tried_in_child):
        return Inspection(path.name, known, known is not None, tried_in_child)
    heads = _heads(content)
    tried = known or _likely_source(content, heads, layouts)
    with scratch_folder("inspect") as folder:
        target = folder / "rows.parquet"
        parsed = parse_content(content, layouts.of(tried) if tried else (), target)
        if parsed.layout is None:
            return _without_layout(path, heads, layouts, known, parsed)
        fitting = tried or ""
        parsed = with_snapshot_date(parsed, fitting, _name_below(path, fitting))
        rows = pl.read_parquet(target) if parsed.status == READ else None
    return _with_layout(path, content, layouts.of(fitting), known, fitting, parsed, rows)


def _name_below(path: Path, source: str) -> str:
    """The file's name as far as its path tells: from the folder of its source on."""
    parts = path.parts
    return "/".join(parts[parts.index(source) :]) if source in parts else path.name


def _with_layout(
    path: Path,
    content: bytes,
    layouts: Sequence[Layout],
    known: str | None,
    source: str,
    parsed: ParsedFile,
    rows: pl.DataFrame | None,
) -> Inspection:
    seen = tuple(_table_seen(table) for table in _matched_tables(content, parsed.kind, layouts))
    if rows is None:
        return Inspection(path.name, source, known is not None, parsed, seen)
    dropped = rows["dropped_reason"].is_not_null()
    quarantined = rows.filter(rows["quarantine_field"].is_not_null() & ~dropped)
    problems = quarantined.head(SHOWN_PROBLEMS).select("row_number", "quarantine_field", "quarantine_reason")
    fates = (len(rows) - len(quarantined) - int(dropped.sum()), len(quarantined), int(dropped.sum()))
    first_rows = tuple(masked_rows(rows.head(SHOWN_ROWS), SOURCES[source]))
    numeric_id_count = int(rows["id_is_number"].sum()) if "id_is_number" in rows.columns else 0
    return Inspection(
        file_name=path.name,
        source=source,
        is_source_known=known is not None,
        parsed=parsed,
        tables=seen,
        row_fates=fates,
        problems=tuple(problems.iter_rows()),
        first_rows=first_rows,
        numeric_id_count=numeric_id_count,
    )


def _without_layout(
    path: Path, heads: Sequence[Head], layouts: Layouts, known: str | None, parsed: ParsedFile
) -> Inspection:
    tried = [layout for name in ([known] if known else SOURCES) for layout in layouts.of(name)]
    nearest = nearest_layout([label_rows(head.rows) for head in heads], tried)
    empty: list[list[str]] = []
    fullest = max((head.rows for head in heads), key=_filled_cells, default=empty)
    shapes = [
        (number, {str(index): shape(cell) for index, cell in enumerate(cells, start=1) if cell.strip()})
        for number, cells in enumerate(fullest, start=1)
    ]
    first_rows = tuple(row for row in shapes if row[1])[:SHOWN_ROWS]
    tables = tuple(TableSeen(head.sheet) for head in heads if head.sheet is not None)
    return Inspection(path.name, known, known is not None, parsed, tables, nearest, first_rows=first_rows)


def _filled_cells(rows: list[list[str]]) -> int:
    return sum(1 for row in rows for cell in row if cell.strip())


def _heads(content: bytes) -> list[Head]:
    """The first rows of each sheet, or of a text file in each dialect; none of a file that can't be opened."""
    try:
        kind = content_kind(content)
        if kind == "text":
            file = open_text(content)
            dialects = text_reader.dialects(file)
            return [Head(None, [record.cells for record in text_reader.head_records(file, each)]) for each in dialects]
        workbook = Workbook(content, kind)
        return [Head(name, workbook.sheet(name).head(HEAD_ROWS)) for name in workbook.sheet_names]
    except Refusal:
        return []


def _likely_source(content: bytes, heads: Sequence[Head], layouts: Layouts) -> str | None:
    """The source of whose layouts a file has the first line, else most headers; null where it has none."""
    found: dict[str, tuple[int, bool]] = {}
    tables = [label_rows(head.rows) for head in heads]
    for source in SOURCES:
        lines = [layout for layout in layouts.of(source) if layout.form == "lines"]
        if lines and content_kind(content) == "text" and heads and _is_matched(content, lines):
            return source
        nearest = nearest_layout(tables, layouts.of(source))
        if nearest and nearest.found:
            found[source] = (len(nearest.found), not nearest.missing)
    return max(found, key=found.__getitem__, default=None)


def _is_matched(content: bytes, layouts: Sequence[Layout]) -> bool:
    try:
        match_text(open_text(content), layouts)
    except Refusal:
        return False
    return True


def _matched_tables(content: bytes, kind: str, layouts: Sequence[Layout]) -> tuple[Table, ...]:
    is_text = kind == "text"
    match = match_text(open_text(content), layouts) if is_text else match_workbook(Workbook(content, kind), layouts)
    return match.tables


def _table_seen(table: Table) -> TableSeen:
    header = table.header
    columns = tuple(
        (field, header.labels[index]) for field, index in sorted(header.columns.items(), key=lambda x: x[1])
    )
    if table.layout.form == "lines":
        return TableSeen(table.sheet)
    return TableSeen(table.sheet, (header.first + 1, header.last + 1), columns)
