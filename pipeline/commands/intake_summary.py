"""The summary of the intake statement at the end of a refresh: first what somebody must do, then what became of the rest.

What repeats is one line a kind, with its count and its first examples; every single one is told by the whole statement
(``pipeline.commands.intake``).
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from pipeline.commands.intake import (
    Line,
    changes_since,
    field_text,
    files_by_status,
    grouped,
    is_unused_tax_list,
    payments_by_outcome,
    reason_text,
    rows_by_fate,
    shown,
    source_text,
    yuan_text,
)
from pipeline.commands.intake_facts import Intake, Row
from pipeline.commands.language import Say

_MOST_EXAMPLES = 3
_MOST_WORDS = 8
_MOST_CHANGES = 10
# Of a list of failed lines beside the whole list, and of a list of mismatches that came back.
_NOTHING_TO_DO = ("adds", "other_sheets")


def intake_summary(intake: Intake, year: int, say: Say) -> list[Line]:
    """The summary of a year.

    Args:
        intake: what is known of the year.
        year: policy year.
        say: the language.
    """
    to_do = [
        *_refused(intake.files, say),
        *_quarantined(intake.quarantined, say),
        *_unknown_words(intake.unknown_words, say),
        *_mismatches(intake.open_mismatch_count, year, say),
        *_to_look_at(intake.files, say),
        *_changes(intake.changes, say),
    ]
    whole = f"daijiao intake --year {year}"
    lines = [
        *files_by_status(intake.files, say),
        *rows_by_fate(intake.files, say),
        Line(0, say("需要处理", "To do") if to_do else say("没有需要处理的。", "There is nothing to do.")),
        *to_do,
        Line(0, say("其余(无需处理)", "The rest (nothing to do)")),
        *_taken_once(intake.files, say),
        *_dropped(intake.dropped, say),
        *_columns(intake.files, say),
        *_unused_tax_lists(intake, say),
        *payments_by_outcome(intake.payments, say),
        Line(
            0,
            say(
                f"逐个文件、逐处写明的全文:{whole}(其他选项与刷新时相同)",
                f"File by file and place by place: {whole} (with the options of the refresh)",
            ),
        ),
    ]
    return shown(lines)


def _refused(files: Sequence[Row], say: Say) -> Iterator[Line]:
    refused = [row for row in files if row["status"] == "refused"]
    if refused:
        yield Line(
            1,
            say(
                f"拒收 {len(refused)} 个文件,请改正后重新报送",
                f"{len(refused)} refused, to be corrected and sent again",
            ),
        )
    for _, rows in _kinds(refused):
        first, *others = rows
        yield Line(2, f"{first['file_name']}{reason_text(first['reason'], say)}")
        if others:
            names = [str(row["file_name"]) for row in others]
            yield Line(2, say("同类:", "The same: ") + _some(names, say("个文件", "files"), say))


def _by_kind(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """A line a kind of reason: its first file with its sentence, and how many there are."""
    for _, rows in _kinds(files):
        yield Line(2, f"{_first(rows, say)}{reason_text(rows[0]['reason'], say)}")


def _first(files: Sequence[Row], say: Say) -> str:
    name = str(files[0]["file_name"])
    return name if len(files) == 1 else name + say(f" 等 {len(files)} 个文件", f" and {len(files) - 1} more files")


def _kinds(rows: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Rows by the code of their reason."""
    kinds: dict[str, list[Row]] = {}
    for row in rows:
        kinds.setdefault(_kind_of(row), []).append(row)
    return list(kinds.items())


def _kind_of(row: Row) -> str:
    return str(row["reason"] or "").partition(": ")[0]


def _quarantined(rows: Sequence[Row], say: Say) -> Iterator[Line]:
    if rows:
        yield Line(
            1,
            say(
                f"隔离 {len(rows)} 行,请改正后重新报送整个文件",
                f"{len(rows)} rows quarantined, to be corrected and sent again with their file",
            ),
        )
    for _, members in _kinds(rows):
        first = members[0]
        place = say(
            f"{len(members)} 行,如 {first['source_file']} 第 {first['row_number']} 行 {_field(first['field'], say)}",
            f"{len(members)} such as {first['source_file']}, row {first['row_number']}, {first['field']}",
        )
        yield Line(2, place + reason_text(first["reason"], say))


def _unknown_words(words: Sequence[Row], say: Say) -> Iterator[Line]:
    """All in one line, those of most rows first: where each stands is told by the whole statement."""
    told = [_word(vocabulary, word, rows, say) for (vocabulary, word), rows in grouped(words, ("vocabulary", "word"))]
    if told:
        texts = [text for _, text in sorted(told, key=lambda each: -each[0])]
        yield Line(
            1,
            say(
                f"不认识的用语 {len(told)} 个,请核实后写入政策文件夹的 words.yaml 再刷新",
                f"{len(told)} words that nobody knows, to be added to words.yaml beside the policies",
            ),
        )
        yield Line(2, _some(texts, say("个", "words"), say, most=_MOST_WORDS))


def _word(vocabulary: str, word: str, rows: Sequence[Row], say: Say) -> tuple[int, str]:
    count = sum(row["row_count"] for row in rows)
    amount = sum((row["amount_yuan"] or Decimal(0) for row in rows), Decimal(0))
    money = say(f" {yuan_text(amount)} 元", f", {yuan_text(amount)} yuan") if amount else ""
    return count, say(f"{_field(vocabulary, say)}“{word}”{count} 行{money}", f"{vocabulary} “{word}”: {count}{money}")


def _mismatches(count: int, year: int, say: Say) -> Iterator[Line]:
    if count:
        yield Line(
            1,
            say(
                f"差异 {count:,} 条待答复,各类条数见下表;逐条在各乡镇的差异清单中:daijiao report --year {year}",
                f"{count:,} mismatches to be answered, by kind below; one by one in the workbooks: daijiao report --year {year}",
            ),
        )


def _to_look_at(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """Files that are no tables, and files that were read though something in them should be looked at."""
    told = [row for row in files if row["status"] == "skipped" or _is_noted(row)]
    if told:
        yield Line(1, say(f"请核对 {len(told)} 个文件", f"{len(told)} files to look at"))
    yield from _by_kind(told, say)
    noted = {row["file_name"] for row in told}
    hidden = [row for row in files if row.get("hidden_rows") and row["file_name"] not in noted]
    if hidden:
        count = sum(row["hidden_rows"] for row in hidden)
        names = _some([str(row["file_name"]) for row in hidden], say("个文件", "files"), say)
        yield Line(
            1,
            say(f"隐藏或划线的行 {count} 行:{names}", f"{count} hidden or struck-through rows: {names}"),
        )


def _is_noted(row: Row) -> bool:
    """Whether there is something to look at in a file that was read."""
    return row["status"] == "read" and bool(row["reason"]) and _kind_of(row) not in _NOTHING_TO_DO


def _changes(changes: Sequence[Row], say: Say) -> Iterator[Line]:
    lines = list(changes_since(changes, say))
    yield from (Line(line.depth + 1, line.text) for line in lines[: 1 + _MOST_CHANGES])
    if len(lines) > 1 + _MOST_CHANGES:
        rest = len(lines) - 1 - _MOST_CHANGES
        yield Line(2, say(f"另有 {rest} 项", f"{rest} more"))


def _taken_once(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """Whatever another file took the place of, each with what became of its rows, or has as well."""
    for row in files:
        if row["status"] == "replaced":
            yield Line(1, f"{say.code('file_status', 'replaced')} {row['file_name']}{reason_text(row['reason'], say)}")
    for status in ("same_bytes", "same_rows", "later"):
        if rows := [row for row in files if row["status"] == status]:
            yield Line(1, f"{say.code('file_status', status)} {_first(rows, say)}")


def _dropped(reasons: Sequence[Row], say: Say) -> Iterator[Line]:
    for _, rows in _kinds(reasons):
        count = sum(row["row_count"] for row in rows)
        yield Line(
            1,
            say(f"剔除 {count} 行,{len(rows)} 个文件", f"{count} rows of {len(rows)} files dropped")
            + reason_text(rows[0]["reason"], say),
        )


def _columns(files: Sequence[Row], say: Say) -> Iterator[Line]:
    """By source: how many files in which unit, which headers no field took, which fields have no header."""
    read = grouped([row for row in files if row["status"] == "read"], ("source",))
    comma = say(",", ", ")
    if read:
        texts = [f"{_source(source, say)} {len(rows)}{_units(rows, say)}" for (source,), rows in read]
        yield Line(1, say("读取的文件(金额单位):", "Files that were read (and their units): ") + comma.join(texts))
    for column, head, what in (
        ("columns_unused", say("没有使用的列:", "Columns that no field took: "), say("列", "columns")),
        ("fields_not_found", say("没有找到的字段:", "Fields for which no column was found: "), say("项", "fields")),
    ):
        told = [(source, _names(column, rows, say)) for (source,), rows in read if any(row.get(column) for row in rows)]
        if told:
            texts = [f"{_source(source, say)}{say(':', ' ')}{_some(names, what, say)}" for source, names in told]
            yield Line(1, head + say(";", "; ").join(texts))


def _units(rows: Sequence[Row], say: Say) -> str:
    units = [(unit, len(each)) for (unit,), each in grouped(rows, ("unit",)) if unit is not None]
    told = [unit if len(units) == 1 else f"{unit} {count}" for unit, count in units]
    return say(f"({'、'.join(told)})", f" ({', '.join(told)})") if told else ""


def _names(column: str, rows: Sequence[Row], say: Say) -> list[str]:
    names = dict.fromkeys(name for row in rows if row.get(column) for name in str(row[column]).split("、"))
    return list(names) if column == "columns_unused" else list(dict.fromkeys(_field(name, say) for name in names))


def _source(name: str, say: Say) -> str:
    """A source as a clerk calls it; its folder stands in the whole statement."""
    return source_text(name, say).removesuffix(f" {name}") or name


def _field(name: str, say: Say) -> str:
    """A field as a clerk calls it; its name in the tables stands in the whole statement."""
    return field_text(name, say).replace(f" {name.partition('(')[0]}", "", 1)


def _unused_tax_lists(intake: Intake, say: Say) -> Iterator[Line]:
    unused = [row for row in intake.files if is_unused_tax_list(row)]
    if unused:
        texts = [
            str(row["file_name"]) + (f"({items})" if (items := intake.levy_items.get(row["file_name"])) else "")
            for row in unused
        ]
        yield Line(
            1,
            say("没有一行可用的税务名单:", "Tax lists of which no row was used: ")
            + _some(texts, say("个文件", "files"), say),
        )


def _some(texts: Sequence[str], what: str, say: Say, most: int = _MOST_EXAMPLES) -> str:
    """The first texts, and how many there are where these aren't all."""
    told = say("、", ", ").join(texts[:most])
    return told if len(texts) <= most else told + say(f" 等 {len(texts)} {what}", f" … {len(texts)} {what}")
