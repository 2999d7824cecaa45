"""The intake statement: what became of every file, row, column, word and payment of a year, as lines of text.

It is short where all is well: a part that has nothing to tell is left out. Everything comes from the published file but why rows
were dropped, which the pipeline's own file knows. How lines are put on a terminal is told by ``pipeline.commands.console``.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from pipeline.commands.language import Say
from pipeline.contracts.codes import load_codes
from pipeline.contracts.tables import TableName, load_tables
from pipeline.errors import DaijiaoError
from pipeline.paper import printable
from pipeline.privacy import current_key
from pipeline.settings import Settings
from pipeline.warehouse.folder import WAREHOUSE_FILE
from pipeline.warehouse.outbound import masker
from pipeline.warehouse.reading import reading

Row = Mapping[str, Any]

FILE_STATUSES = ("read", "refused", "replaced", "same_bytes", "same_rows", "skipped", "later")
# Whoever sent these files, or took the others' place, has something to look at; of equal files a few examples suffice.
_ALL_OF_STATUS = ("refused", "replaced", "skipped")
_MOST_EXAMPLES = 10
_MOST_ROW_NUMBERS = 5


@dataclass(frozen=True)
class Line:
    """A line of the statement and how deep it stands: 0 a head, 1 below it, 2 a detail."""

    depth: int
    text: str


def intake_statement(published: Path, year: int, say: Say) -> list[Line]:
    """The statement of a published year.

    Args:
        published: the published file; the pipeline's own file lies beside it or one folder above.
        year: policy year.
        say: the language.

    Raises:
        DaijiaoError: the published file can't be opened.
    """
    dropped = _dropped_rows(published, year)
    with reading(published) as connection:
        tables = _Tables(connection, year)
        files = tables.rows("source_file", "file_name")
        lines = [
            *_files(files, say),
            *_rows(files, tables.rows("quarantined_row", "source_file, field, reason, row_number"), dropped, say),
            *_columns(files, say),
            *_unused_tax_lists(files, tables.levy_items(published), say),
            *_hidden_rows(files, say),
            *_payments(tables.payments(), say),
            *_unknown_words(tables.rows("unknown_word", "vocabulary, word, source_file, first_row_number"), say),
            *_changes(tables.rows("change", "subject"), say),
        ]
    return [Line(line.depth, printable(line.text)) for line in lines]


class _Tables:
    """The published tables of a year; one that an older file lacks has no rows."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, year: int) -> None:
        self._connection = connection
        self._year = year
        found = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'mart'")
        self._names = {str(name) for (name,) in found.fetchall()}

    def rows(self, table: str, order: str) -> list[Row]:
        """A mart table's rows of the year in an order; none where there is no such table."""
        if table not in self._names:
            return []
        relation = self._connection.sql(
            f"SELECT * FROM mart.{table} WHERE policy_year = $year ORDER BY {order}", params={"year": self._year}
        )
        return _named(relation)

    def payments(self) -> list[Row]:
        """Lines and money of each channel by outcome; a line that the person paid himself is no payment of the fund."""
        relation = self._connection.sql(
            "SELECT channel, outcome, disposition = 'self_paid' AS is_self_paid, count(*) AS line_count, "
            "sum(amount_yuan) AS amount_yuan FROM core.return_line WHERE policy_year = $year "
            "GROUP BY channel, outcome, disposition = 'self_paid' ORDER BY channel DESC, is_self_paid, line_count DESC, outcome",
            params={"year": self._year},
        )
        return _named(relation)

    def levy_items(self, published: Path) -> Mapping[str, str]:
        """The levy items of every tax list of which no row was used, by file; as far as they are known."""
        return {
            str(row["file_name"]): str(row["items"])
            for row in _own_rows(
                published,
                "SELECT file_name, string_agg(DISTINCT levy_item, '、' ORDER BY levy_item) AS items FROM raw.tax_returns "
                "WHERE policy_year = $year AND levy_item IS NOT NULL GROUP BY file_name",
                self._year,
            )
        }


def _dropped_rows(published: Path, year: int) -> list[Row]:
    return _own_rows(
        published,
        "SELECT file_name, reason, count(*) AS row_count FROM core.row_fate WHERE policy_year = $year AND fate = 'dropped' "
        "GROUP BY file_name, reason ORDER BY file_name, reason",
        year,
    )


def _own_rows(published: Path, sql: str, year: int) -> list[Row]:
    """Rows of the pipeline's own file; none where it isn't there, can't be opened or hasn't these columns."""
    for folder in (published.parent, published.parent.parent):
        if (folder / WAREHOUSE_FILE).is_file():
            with suppress(DaijiaoError, duckdb.Error), reading(folder / WAREHOUSE_FILE) as connection:
                rows = _named(connection.sql(sql, params={"year": year}))
                return _masked(rows, connection, year) if rows else rows
    return []


def _masked(rows: Sequence[Row], connection: duckdb.DuckDBPyConnection, year: int) -> list[Row]:
    """The rows with their texts as they would be published: they come from the pipeline's own file."""
    mask = masker(lambda query: connection.sql(query).pl(), year, current_key(Settings().key_file) or "")
    return [{name: mask(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows]


def _named(relation: duckdb.DuckDBPyRelation) -> list[Row]:
    return [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]


def _files(files: Sequence[Row], say: Say) -> Iterator[Line]:
    counts = {status: sum(row["status"] == status for row in files) for status in FILE_STATUSES}
    told = say(",", ", ").join(
        f"{say.code('file_status', status)} {count}" for status, count in counts.items() if count
    )
    yield Line(0, say(f"文件 {len(files)} 个:{told}", f"Files, {len(files)}: {told}"))
    for status in FILE_STATUSES[1:]:
        told_files = [row for row in files if row["status"] == status]
        shown = told_files if status in _ALL_OF_STATUS else told_files[:_MOST_EXAMPLES]
        word = say.code("file_status", status)
        for row in shown:
            yield Line(1, f"{word} {row['file_name']}{_reason(row['reason'], say)}")
        if rest := len(told_files) - len(shown):
            yield Line(1, say(f"{word}另有 {rest} 个", f"{rest} more {word}") + _see("mart.source_file", say))
    for row in files:
        if row["status"] == "read" and row["reason"]:
            yield Line(1, f"{say('提示', 'note')} {row['file_name']}{_reason(row['reason'], say)}")


def _rows(files: Sequence[Row], quarantined: Sequence[Row], dropped_reasons: Sequence[Row], say: Say) -> Iterator[Line]:
    read, accepted, set_apart, dropped, later = (
        sum(row.get(f"rows_{name}") or 0 for row in files)
        for name in ("read", "accepted", "quarantined", "dropped", "later")
    )
    parts = [say(f"采用 {accepted:,}", f"{accepted:,} accepted")]
    for count, chinese, english in (
        (set_apart, "隔离", "quarantined"),
        (dropped, "剔除", "dropped"),
        (later, "晚于回溯日期", "later"),
    ):
        if count:
            parts.append(say(f"{chinese} {count:,}", f"{count:,} {english}"))
    told = say(",", ", ").join(parts)
    yield Line(0, say(f"数据 {read:,} 行:{told}", f"Rows, {read:,}: {told}"))
    yield from _quarantined(quarantined, say)
    if dropped_reasons:
        by_reason: dict[str, list[Row]] = {}
        for row in dropped_reasons:
            by_reason.setdefault(str(row["reason"]), []).append(row)
        for reason, rows in by_reason.items():
            count = sum(row["row_count"] for row in rows)
            names = _some([str(row["file_name"]) for row in rows], say)
            yield Line(1, say(f"剔除 {count} 行", f"{count} dropped") + f" {names}{_reason(reason, say)}")
    else:
        for row in files:
            if row["rows_dropped"]:
                yield Line(
                    1, say(f"剔除 {row['rows_dropped']} 行", f"{row['rows_dropped']} dropped") + f" {row['file_name']}"
                )


def _quarantined(rows: Sequence[Row], say: Say) -> Iterator[Line]:
    """A line a file, field and reason, with its first rows."""
    groups: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["source_file"], row["field"], row["reason"]), []).append(row)
    for (file_name, field, reason), members in list(groups.items())[: 2 * _MOST_EXAMPLES]:
        numbers = [f"{member['row_number']}" for member in members[:_MOST_ROW_NUMBERS]]
        places = say("、", ", ").join(numbers) + ("…" if len(members) > _MOST_ROW_NUMBERS else "")
        yield Line(
            1,
            say(
                f"隔离 {len(members)} 行 {file_name} 第 {places} 行 {_field(field, say)}",
                f"{len(members)} quarantined, {file_name}, row {places}, {field}",
            )
            + _reason(reason, say),
        )
    rest = len(groups) - 2 * _MOST_EXAMPLES
    if rest > 0:
        yield Line(1, say(f"隔离的行另有 {rest} 处", f"{rest} more places") + _see("mart.quarantined_row", say))


def _columns(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """By source: layouts with their units, headers that no field took, fields without a header."""
    read = [row for row in files if row["status"] == "read"]
    yield Line(0, say("版式和单位", "Layouts and units"))
    for (source,), members in _grouped(read, ("source",)):
        layouts = []
        for (layout, unit), each in _grouped(members, ("layout", "unit")):
            name = "" if layout in (None, source) else f"{layout} "
            in_unit = "" if unit is None else say(f"(金额单位 {unit})", f" in {unit}")
            layouts.append(say(f"{name}{len(each)} 个文件{in_unit}", f"{name}{len(each)} files{in_unit}"))
        yield Line(1, f"{_source(source, say)}:{say(',', ', ').join(layouts)}")
    for column, chinese, english in (
        ("columns_unused", "没有使用的列", "Columns that no field took"),
        ("fields_not_found", "没有找到的字段", "Fields for which no column was found"),
    ):
        told = [row for row in read if row.get(column)]
        if not told:
            continue
        yield Line(0, say(chinese, english))
        for (source, names), rows in _grouped(told, ("source", column)):
            whose = (
                rows[0]["file_name"]
                if len(rows) == 1
                else say(f"{source}({len(rows)} 个文件)", f"{source} ({len(rows)} files)")
            )
            shown = names if column == "columns_unused" else "、".join(_field(name, say) for name in names.split("、"))
            yield Line(1, f"{whose}:{shown}")


def _unused_tax_lists(files: Sequence[Row], items: Mapping[str, str], say: Say) -> Iterator[Line]:
    unused = [
        row
        for row in files
        if row["source"] == "tax_returns" and row["status"] == "read" and not (row["rows_read"] - row["rows_dropped"])
    ]
    if unused:
        yield Line(0, say("没有一行可用的税务名单(征收项目)", "Tax lists of which no row was used (their levy items)"))
    for row in unused:
        told = items.get(row["file_name"])
        yield Line(1, row["file_name"] + (f":{told}" if told else ""))


def _hidden_rows(files: Sequence[Row], say: Say) -> Iterator[Line]:
    hidden = [row for row in files if row.get("hidden_rows")]
    if hidden:
        yield Line(0, say("隐藏或划线的行(照常读取)", "Hidden and struck-through rows (read like the others)"))
    for row in hidden:
        yield Line(1, say(f"{row['file_name']}:{row['hidden_rows']} 行", f"{row['file_name']}: {row['hidden_rows']}"))


def _payments(payments: Sequence[Row], say: Say) -> Iterator[Line]:
    if payments:
        yield Line(0, say("返盘结果", "Returned lines by outcome"))
    for (channel, is_self_paid), rows in _grouped(payments, ("channel", "is_self_paid")):
        name = say("个人缴费", "self_paid") if is_self_paid else say.code("channel", channel)
        told = [
            say(
                f"{say.code('outcome', row['outcome'])} {row['line_count']:,} 行 {_money(row['amount_yuan'])} 元",
                f"{row['outcome']} {row['line_count']:,} ({_money(row['amount_yuan'])} yuan)",
            )
            for row in rows
        ]
        yield Line(1, f"{name}:{say(',', ', ').join(told)}")


def _unknown_words(words: Sequence[Row], say: Say) -> Iterator[Line]:
    if words:
        yield Line(
            0,
            say(
                "不认识的用语(请核实后写入政策文件夹的 words.yaml,再刷新)",
                "Words that nobody knows (add them to words.yaml beside the policies and refresh)",
            ),
        )
    for (vocabulary, word), rows in _grouped(words, ("vocabulary", "word")):
        count = sum(row["row_count"] for row in rows)
        amount = sum((row["amount_yuan"] or Decimal(0) for row in rows), Decimal(0))
        money = say(f",{_money(amount)} 元", f", {_money(amount)} yuan") if amount else ""
        first = rows[0]
        place = say(
            f"首见 {first['source_file']} 第 {first['first_row_number']} 行",
            f"first in {first['source_file']}, row {first['first_row_number']}",
        )
        yield Line(
            1,
            say(
                f"{_field(vocabulary, say)} “{word}”:{count} 行{money},{place}",
                f"{vocabulary} “{word}”: {count} rows{money}, {place}",
            ),
        )


def _changes(changes: Sequence[Row], say: Say) -> Iterator[Line]:
    if changes:
        yield Line(0, say("与上次发布相比", "Since the last publication"))
    for row in changes:
        before, after = (say("无", "none") if row[name] is None else str(row[name]) for name in ("before", "after"))
        yield Line(1, f"{row['subject']}:{before} → {after}")


def _grouped(rows: Sequence[Row], names: tuple[str, ...]) -> list[tuple[tuple[Any, ...], list[Row]]]:
    """Rows with the same values together, in the order of their first."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return list(groups.items())


def _reason(reason: str | None, say: Say) -> str:
    """The sentence of a reason behind a colon; in Chinese without its code."""
    if not reason:
        return ""
    code, separator, sentence = reason.partition(": ")
    is_coded = bool(separator) and code.isascii()
    return f":{sentence}" if is_coded and say.language == "chinese" else f": {reason}"


def _field(name: str, say: Say) -> str:
    """A field with its Chinese name before it; what stands in brackets behind it stays."""
    field, bracket, rest = name.partition("(")
    listed = load_codes().get(field)
    chinese = _chinese_fields().get(field) or _chinese_fields().get(f"{field}_yuan") or (listed and listed.chinese)
    return name if say.language == "english" or chinese is None else f"{chinese} {field}{bracket}{rest}"


def _source(name: str, say: Say) -> str:
    table = load_tables().get(TableName("raw", name))
    return name if table is None or say.language == "english" else f"{table.chinese} {name}"


@cache
def _chinese_fields() -> dict[str, str]:
    return {
        column.name: column.chinese
        for full_name, table in load_tables().items()
        if full_name.schema == "raw"
        for column in table.columns
    }


def _some(names: Sequence[str], say: Say) -> str:
    if len(names) == 1:
        return names[0]
    return say(f"{names[0]} 等 {len(names)} 个文件", f"{names[0]} and {len(names) - 1} more files")


def _see(table: str, say: Say) -> str:
    return say(f",见 {table}", f", see {table}")


def _money(amount: Decimal | None) -> str:
    return f"{amount or Decimal(0):,.2f}"
