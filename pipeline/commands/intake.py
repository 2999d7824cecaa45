"""The intake statement: what became of every file, row, column, word and payment of a year, as lines of text.

It is short where all is well: a part that has nothing to tell is left out. What stands at the end of a refresh is its summary
(``pipeline.commands.intake_summary``); how lines are put on a terminal is told by ``pipeline.commands.console``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from pipeline.commands.intake_facts import Intake, Row
from pipeline.commands.language import Say
from pipeline.contracts.codes import load_codes
from pipeline.contracts.tables import TableName, load_tables
from pipeline.paper import printable

FILE_STATUSES = ("read", "refused", "replaced", "same_bytes", "same_rows", "skipped", "later")
_MOST_ROW_NUMBERS = 5
# What the figures are made by, in mart.change.
_RULES = ("policy", "macros", "readers", "rule", "vocabulary")
_CHINESE_FIGURES = {"covered_count": "已覆盖人数", "used_yuan": "核销金额(元)"}


@dataclass(frozen=True)
class Line:
    """A line of the statement and how deep it stands: 0 a head, 1 below it, 2 a detail."""

    depth: int
    text: str


def intake_statement(intake: Intake, say: Say) -> list[Line]:
    """The whole statement: every file that wasn't simply read, every place of a row, every column.

    Args:
        intake: what is known of a year.
        say: the language.
    """
    files = intake.files
    lines = [
        *files_by_status(files, say),
        *_other_files(files, say),
        *rows_by_fate(files, say),
        *_quarantined(intake.quarantined, say),
        *_dropped(files, intake.dropped, say),
        *_columns(files, say),
        *_unused_tax_lists(files, intake.levy_items, say),
        *_hidden_rows(files, say),
        *payments_by_outcome(intake.payments, say),
        *_unknown_words(intake.unknown_words, say),
        *changes_since(intake.changes, say),
    ]
    return shown(lines)


def shown(lines: Iterable[Line]) -> list[Line]:
    """The lines as a terminal may show them: names of files can hold signs that act on it."""
    return [Line(line.depth, printable(line.text)) for line in lines]


def files_by_status(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """How many files became what."""
    counts = {status: sum(row["status"] == status for row in files) for status in FILE_STATUSES}
    told = say(",", ", ").join(
        f"{say.code('file_status', status)} {count}" for status, count in counts.items() if count
    )
    yield Line(0, say(f"文件 {len(files)} 个:{told}", f"Files, {len(files)}: {told}"))


def rows_by_fate(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """How many rows became what."""
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


def _other_files(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """The files that weren't simply read, then those of which there is something to look at."""
    for status in FILE_STATUSES[1:]:
        for row in files:
            if row["status"] == status:
                yield Line(1, f"{say.code('file_status', status)} {row['file_name']}{reason_text(row['reason'], say)}")
    for row in files:
        if row["status"] == "read" and row["reason"]:
            yield Line(1, f"{say('提示', 'note')} {row['file_name']}{reason_text(row['reason'], say)}")


def _dropped(files: Sequence[Row], reasons: Sequence[Row], say: Say) -> Iterator[Line]:
    """By reason, where the pipeline's own file knows it; else by file."""
    told = reasons or [
        {"file_name": row["file_name"], "reason": None, "row_count": row["rows_dropped"]}
        for row in files
        if row["rows_dropped"]
    ]
    for (reason,), rows in sorted(grouped(told, ("reason",)), key=lambda each: each[0][0] or ""):
        for row in rows:
            counted = say(f"剔除 {row['row_count']} 行", f"{row['row_count']} dropped")
            yield Line(1, f"{counted} {row['file_name']}{reason_text(reason, say)}")


def _quarantined(rows: Sequence[Row], say: Say) -> Iterator[Line]:
    """A line a file, field and reason, with its first rows."""
    for (file_name, field, reason), members in grouped(rows, ("source_file", "field", "reason")):
        numbers = [f"{member['row_number']}" for member in members[:_MOST_ROW_NUMBERS]]
        places = say("、", ", ").join(numbers) + ("…" if len(members) > _MOST_ROW_NUMBERS else "")
        yield Line(
            1,
            say(
                f"隔离 {len(members)} 行 {file_name} 第 {places} 行 {field_text(field, say)}",
                f"{len(members)} quarantined, {file_name}, row {places}, {field}",
            )
            + reason_text(reason, say),
        )


def _columns(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """By source: layouts with their units, headers that no field took, fields without a header."""
    read = [row for row in files if row["status"] == "read"]
    yield Line(0, say("版式和单位", "Layouts and units"))
    for (source,), members in grouped(read, ("source",)):
        layouts = []
        for (layout, unit), each in grouped(members, ("layout", "unit")):
            name = "" if layout in (None, source) else f"{layout} "
            in_unit = "" if unit is None else say(f"(金额单位 {unit})", f" in {unit}")
            layouts.append(say(f"{name}{len(each)} 个文件{in_unit}", f"{name}{len(each)} files{in_unit}"))
        yield Line(1, f"{source_text(source, say)}:{say(',', ', ').join(layouts)}")
    for column, chinese, english in (
        ("columns_unused", "没有使用的列", "Columns that no field took"),
        ("fields_not_found", "没有找到的字段", "Fields for which no column was found"),
    ):
        told = [row for row in read if row.get(column)]
        if not told:
            continue
        yield Line(0, say(chinese, english))
        for (source, names), rows in grouped(told, ("source", column)):
            whose = (
                rows[0]["file_name"]
                if len(rows) == 1
                else say(f"{source}({len(rows)} 个文件)", f"{source} ({len(rows)} files)")
            )
            shown = (
                names if column == "columns_unused" else "、".join(field_text(name, say) for name in names.split("、"))
            )
            yield Line(1, f"{whose}:{shown}")


def is_unused_tax_list(row: Row) -> bool:
    """Whether a file is a tax list of which no row was used."""
    is_read = row["source"] == "tax_returns" and row["status"] == "read"
    return is_read and not row["rows_read"] - row["rows_dropped"]


def _unused_tax_lists(files: Sequence[Row], items: Mapping[str, str], say: Say) -> Iterator[Line]:
    unused = [row for row in files if is_unused_tax_list(row)]
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


def payments_by_outcome(payments: Sequence[Row], say: Say) -> Iterator[Line]:
    """Lines and money of each channel by outcome."""
    if payments:
        yield Line(0, say("返盘结果", "Returned lines by outcome"))
    for (channel, is_self_paid), rows in grouped(payments, ("channel", "is_self_paid")):
        name = say("个人缴费", "self_paid") if is_self_paid else say.code("channel", channel)
        told = [
            say(
                f"{say.code('outcome', row['outcome'])} {row['line_count']:,} 行 {yuan_text(row['amount_yuan'])} 元",
                f"{row['outcome']} {row['line_count']:,} ({yuan_text(row['amount_yuan'])} yuan)",
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
    for (vocabulary, word), rows in grouped(words, ("vocabulary", "word")):
        count = sum(row["row_count"] for row in rows)
        amount = sum((row["amount_yuan"] or Decimal(0) for row in rows), Decimal(0))
        money = say(f",{yuan_text(amount)} 元", f", {yuan_text(amount)} yuan") if amount else ""
        first = rows[0]
        place = say(
            f"首见 {first['source_file']} 第 {first['first_row_number']} 行",
            f"first in {first['source_file']}, row {first['first_row_number']}",
        )
        yield Line(
            1,
            say(
                f"{field_text(vocabulary, say)} “{word}”:{count} 行{money},{place}",
                f"{vocabulary} “{word}”: {count} rows{money}, {place}",
            ),
        )


def changes_since(changes: Sequence[Row], say: Say) -> Iterator[Line]:
    """What is less, gone or made by other rules since the last publication; of rules how many, since nobody can read a digest."""
    if changes:
        yield Line(0, say("与上次发布相比", "Since the last publication"))
    of_rules = [row for row in changes if _kind_of_change(row) in _RULES]
    for row in changes:
        if row not in of_rules:
            yield Line(1, _change(row, say))
    if any(row["subject"] == "policy" for row in of_rules):
        yield Line(1, say("政策已修改", "The policy was changed"))
    if count := sum(row["subject"] != "policy" for row in of_rules):
        yield Line(
            1,
            say(
                f"系统已更新:规则、用语或读取程序 {count} 处不同",
                f"The system was updated: {count} rules, words or readers",
            ),
        )


def _kind_of_change(row: Row) -> str:
    return str(row["subject"]).partition(":")[0]


def _change(row: Row, say: Say) -> str:
    kind, _, name = str(row["subject"]).partition(":")
    before, after = (say("无", "none") if row[each] is None else str(row[each]) for each in ("before", "after"))
    if kind == "file":
        return f"{name}:" + (say("已撤走", "gone") if row["after"] is None else say("内容已改", "other bytes"))
    if kind == "roll":
        label = say(f"{name} 名单采用的行", f"rows of the roll of {name}")
    elif kind == "source":
        label = say(f"{source_text(name, say)} 采用的行", f"rows of {name}")
    else:
        label = say(_CHINESE_FIGURES.get(kind, str(row["subject"])), str(row["subject"]))
    return f"{label}:{before} → {after}"


def grouped(rows: Sequence[Row], names: tuple[str, ...]) -> list[tuple[tuple[Any, ...], list[Row]]]:
    """Rows with the same values together, in the order of their first."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in names), []).append(row)
    return list(groups.items())


def reason_text(reason: str | None, say: Say) -> str:
    """The sentence of a reason behind a colon; in Chinese without its code."""
    if not reason:
        return ""
    code, separator, sentence = reason.partition(": ")
    is_coded = bool(separator) and code.isascii()
    return f":{sentence}" if is_coded and say.language == "chinese" else f": {reason}"


def field_text(name: str, say: Say) -> str:
    """A field with its Chinese name before it; what stands in brackets behind it stays."""
    field, bracket, rest = name.partition("(")
    listed = load_codes().get(field)
    chinese = _chinese_fields().get(field) or _chinese_fields().get(f"{field}_yuan") or (listed and listed.chinese)
    return name if say.language == "english" or chinese is None else f"{chinese} {field}{bracket}{rest}"


def source_text(name: str, say: Say) -> str:
    """A source by its Chinese name and its folder's."""
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


def yuan_text(amount: Decimal | None) -> str:
    """An amount in yuan with its thousands parted."""
    return f"{amount or Decimal(0):,.2f}"
