"""One file from bytes to typed rows in Parquet, whole or not at all.

The outcome depends on the content and the layouts alone, never on the file's name or year, so that it can be kept
(``cache``). What depends on the name is decided in ``land``; how one table is read is told by ``table_parse``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from pipeline.contracts.sources import SOURCES
from pipeline.landing.content import FileContent, beginning, whole
from pipeline.landing.doubled_columns import without_doubled
from pipeline.landing.files import KIND_BYTES, content_kind
from pipeline.landing.layouts import Layout
from pipeline.landing.matching import NO_TOTAL, Match, Table, match_text, match_workbook
from pipeline.landing.refusals import Refusal
from pipeline.landing.table_facts import TableFacts
from pipeline.landing.table_parse import TableParse, rows_in_words
from pipeline.landing.text_file import open_text
from pipeline.landing.totals import ControlTotal
from pipeline.landing.workbook_reader import Workbook

READ = "read"
_SHOWN_ITEMS = 10
# What stands in the workbook that a township sends back, beside the list that it answers.
_SHEETS_BESIDE_REPLIES = frozenset(("封面", "台账", "选项", "填报说明"))
_LONG_NUMBER = re.compile(r"\d{6,}")
REFUSED = "refused"
_EMPTY = "文件是空的(0 字节)。请向报送单位重新索取。"
_CUT_OFF = "最后一行不完整,文件可能在传输中被截断。请重新索取完整的文件。"


@dataclass(frozen=True)
class ParsedFile:
    """What a file holds beside its rows.

    Attributes:
        status: read or refused.
        reason: why it is refused; of a file that is read, which sheets were skipped and which rows are hidden.
        columns_unused: the headers that no field takes, joined by 、; null where there is none.
        fields_not_found: the fields for which no column was found, likewise.
        hidden_rows: how many data rows are hidden or struck through, as far as the file was read.
        stated_date: the date that the content states.
        head_township: the township in the head of a bank file.
        has_undated_rows: whether a snapshot holds rows for which nothing in the file states a date.
        unit: the unit in which its amounts are read, several joined by 、; null where it has none.
        made_at: the 制表时间 of its head, the latest of several.
        made_at_has_hour: whether that states an hour.
        tables: how each of its tables was read.
    """

    status: str
    kind: str
    reason: str | None = None
    encoding: str | None = None
    layout: str | None = None
    rows_read: int = 0
    control_count: int | None = None
    control_yuan: Decimal | None = None
    stated_date: date | None = None
    head_township: str | None = None
    has_undated_rows: bool = False
    unit: str | None = None
    made_at: datetime | None = None
    made_at_has_hour: bool | None = None
    tables: tuple[TableFacts, ...] = ()
    columns_unused: str | None = None
    fields_not_found: str | None = None
    hidden_rows: int = 0


class RowWriter:
    """Writes typed rows to one Parquet file, batch by batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None

    def write(self, rows: pl.DataFrame) -> None:
        """Add rows; all batches have the same columns."""
        table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        if self._writer is None:
            # Dictionaries of columns that hold few equal texts cost time, and the others are small without.
            self._writer = pq.ParquetWriter(
                self._path, table.schema, compression="zstd", use_dictionary=False, write_statistics=False
            )
        self._writer.write_table(table)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()


def cells_path(target: Path) -> Path:
    """Where the cells of the rows at `target` lie."""
    return target.with_name(f"{target.stem}.cells{target.suffix}")


def parse_content(content: bytes | FileContent, layouts: Sequence[Layout], target: Path) -> ParsedFile:
    """Read a file's bytes with the first of its folder's layouts that fits.

    Args:
        target: where the rows of a file that is read are written; their cells stand beside it, at `cells_path`. After a
            refusal nothing useful stands there.
    """
    start = beginning(content, KIND_BYTES)
    parsed = ParsedFile(REFUSED, content_kind(start))
    tables: list[TableParse] = []
    try:
        if not start:
            raise Refusal("empty_file", _EMPTY)
        has_final_newline = True
        if parsed.kind == "text":
            text = open_text(content)
            parsed = replace(parsed, encoding=text.encoding)
            has_final_newline = text.has_final_newline
            match = match_text(text, layouts)
        else:
            match = match_workbook(Workbook(whole(content), parsed.kind), layouts)
        parsed = replace(parsed, layout=match.layout.name)
        return _read(match, parsed, target, tables, has_final_newline=has_final_newline)
    except Refusal as refusal:
        return replace(parsed, reason=refusal.reason, hidden_rows=sum(len(table.hidden_rows) for table in tables))


def _read(
    match: Match, parsed: ParsedFile, target: Path, tables: list[TableParse], *, has_final_newline: bool
) -> ParsedFile:
    """Read a file's tables, each of which is noted in `tables` as soon as its reading begins."""
    single = [without_doubled(table) for table in match.tables]
    _parse_tables(single, target, tables, takes_short_rows=False)
    if any(table.omits_empty_ends for table in tables):
        _parse_tables(single, target, tables, takes_short_rows=True)
    if not has_final_newline and any(table.ends_short for table in tables):
        raise Refusal("truncated", _CUT_OFF)
    control = ControlTotal()
    row_count = sum(table.sums.row_count for table in tables)
    for table in tables:
        if match.layout.is_total_required and not table.has_total and (table.sums.row_count or not row_count):
            raise Refusal("truncated", f"{table.place}{NO_TOTAL}")
        control = control.plus(table.control())
    made_at = max((table.made_at for table in tables if table.made_at), default=None)
    facts = tuple(table.facts for table in tables)
    return replace(
        parsed,
        status=READ,
        reason=" ".join(
            [
                *_skipped_reason(match),
                *_hidden_reason(tables),
                *_unused_reason(tables),
                *_making_reason(tables),
            ]
        )
        or None,
        rows_read=row_count,
        control_count=control.row_count,
        control_yuan=control.amount_yuan,
        stated_date=max((table.stated_date for table in tables if table.stated_date), default=None),
        head_township=next((table.head_township for table in tables if table.head_township), None),
        has_undated_rows=any(table.has_undated_rows for table in tables),
        unit="、".join(dict.fromkeys(unit for table in facts for unit in list(table.units.values())[:1])) or None,
        made_at=made_at.time if made_at else None,
        made_at_has_hour=made_at.has_hour if made_at else None,
        tables=facts,
        columns_unused=_joined(label for table in tables for label in table.columns_unused),
        fields_not_found=_joined(name for table in tables for name in table.fields_not_found),
        hidden_rows=sum(len(table.hidden_rows) for table in tables),
    )


def _parse_tables(
    match_tables: Sequence[Table], target: Path, tables: list[TableParse], *, takes_short_rows: bool
) -> None:
    writer, cells_writer = RowWriter(target), RowWriter(cells_path(target))
    tables[:] = [TableParse(table, takes_short_rows) for table in match_tables]
    try:
        for table in tables:
            for rows in table.rows():
                writer.write(rows)
                cells_writer.write(table.cells)
    finally:
        writer.close()
        cells_writer.close()


def _joined(names: Iterable[str]) -> str | None:
    return "、".join(dict.fromkeys(names)) or None


def _skipped_reason(match: Match) -> list[str]:
    beside = _SHEETS_BESIDE_REPLIES if SOURCES[match.layout.source].keeps_cells else frozenset()
    others = "、".join(sheet for sheet in match.skipped_sheets if sheet not in beside)
    own = "、".join(f"“{sheet}”" for sheet in match.skipped_sheets if sheet in beside)
    told = []
    if others:
        told.append(f"skipped_sheets: 没有读取这些工作表:{others}(没有找到表头)。其中如有数据,请补齐表头后重新报送。")
    if own:
        told.append(f"other_sheets: 工作表{own}不是答复,不读取。")
    return told


def _hidden_reason(tables: Sequence[TableParse]) -> list[str]:
    places = [f"{table.place}{rows_in_words(table.hidden_rows)}" for table in tables if table.hidden_rows]
    if not places:
        return []
    count = sum(len(table.hidden_rows) for table in tables)
    return [f"hidden_rows: 有 {count} 行被隐藏或划掉({'、'.join(places)}),已照常读取。请核对这些行是否应计入。"]


def _making_reason(tables: Sequence[TableParse]) -> list[str]:
    places = [table.place for table in tables if table.has_unreadable_making]
    return (
        [f"unreadable_made_at: {''.join(places)}表头上方写的制表时间无法识别,按没有写制表时间读取。"] if places else []
    )


def _unused_reason(tables: Sequence[TableParse]) -> list[str]:
    """What is told of a tax list none of whose rows is used: its levy items, or that its rows can't be read."""
    items = list(dict.fromkeys(item for table in tables for item in table.items))
    if not items or any(table.used_count for table in tables):
        return []
    shown = "、".join(_LONG_NUMBER.sub("***", item) for item in items[:_SHOWN_ITEMS]) + (
        "…" if len(items) > _SHOWN_ITEMS else ""
    )
    unreadable_count = sum(table.unreadable_count for table in tables)
    what_to_do = (
        f"有 {unreadable_count} 行必填内容缺少或无法识别,已被隔离,请改正后重新报送整个文件。"
        if unreadable_count
        else "如有城乡居民基本养老保险费,请核对征收项目后重新报送。"
    )
    return [f"no_row_used: 没有一行可用,征收项目为:{shown}。{what_to_do}"]
