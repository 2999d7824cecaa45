"""What this count says of files and their rows: statuses and counts, quarantined rows, replies, words that nobody knows."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.checks.second_count.controls import control_totals
from pipeline.checks.second_count.counted import Counted, Table, table_of_rows
from pipeline.checks.second_count.facts import FileFacts
from pipeline.checks.second_count.file_counts import FATES, FileCounts, WordKey, WordRows
from pipeline.checks.second_count.files import CountedFile
from pipeline.checks.second_count.money import add_counts

# What may be somebody's number is published masked in a word that nobody knows.
_LONG_NUMBER = re.compile(r"[0-9]{6,}")


def source_files(files: Iterable[FileCounts]) -> Table:
    """One row a landed file."""
    columns = (
        "source", "file_name", "sha256", "status", "rows_read", *FATES, "control_count", "control_yuan", "file_date", "layout",
        "unit", "columns_unused", "fields_not_found", "hidden_rows",
    )  # fmt: skip
    rows = []
    for counts in files:
        file, facts = counts.file, counts.file.facts
        numbers, totals = [0] * len(FATES), (None, None, None)
        if file.is_read:
            numbers = counts.rows
            totals = (*control_totals(facts, counts.tables, are_plain=counts.are_plain), file.file_date)
        rows_read = _rows_counted(facts) if file.is_read else 0
        rows.append(
            (
                *(facts.source, facts.file_name, facts.sha256, file.status, rows_read),
                *numbers,
                *totals,
                *(facts.layout, _unit(facts), facts.columns_unused, facts.fields_not_found, facts.hidden_rows),
            )
        )
    return table_of_rows("mart.source_file", columns, ("file_name",), rows)


def _unit(facts: FileFacts) -> str | None:
    """The unit of each table's amounts, each once."""
    units = (next(iter(table.units.values()), None) for table in facts.tables)
    return "、".join(dict.fromkeys(unit for unit in units if unit)) or None


def _rows_counted(facts: FileFacts) -> int:
    """The data rows that the reader counted before it read a cell: each of them must have become of something."""
    return sum(table.rows_counted for table in facts.tables)


def quarantined_rows(counted: Counted) -> Table:
    """One row a quarantined row; `field` holds all fields at fault, of which one is published."""
    rows = [
        (*counted.where(row.place), frozenset(field for field, _ in row.faults))
        for file in counted.files.all
        if file.is_read
        for row in file.quarantined
    ]
    key = ("source_file", "sheet", "row_number")
    return table_of_rows("mart.quarantined_row", (*key, "field"), key, rows)


def replies(counted: Counted) -> Table:
    """One row a reply, with what became of it."""
    rows = [(*counted.where(row.place), answer, status) for row, answer, status in counted.settlements.reply_rows]
    key = ("source_file", "sheet", "row_number")
    return table_of_rows("mart.reply", (*key, "answer", "status"), key, rows)


def words_of(files: Iterable[CountedFile]) -> dict[WordKey, WordRows]:
    """By file, vocabulary and word what its accepted and quarantined rows come to."""
    found: dict[WordKey, WordRows] = {}
    for file in files:
        if file.is_read:
            for row in (*file.accepted, *file.quarantined):
                for vocabulary, word in row.unknown_words:
                    key = (file.facts.file_name, vocabulary, _LONG_NUMBER.sub("******", word))
                    add_word(found, key, (1, _amount(row), row.place[2]))
    return found


def add_word(words: dict[WordKey, WordRows], key: WordKey, rows: WordRows) -> None:
    """Add rows with a word that nobody knows."""
    count, fen, first = words.get(key, (0, None, rows[2]))
    words[key] = (count + rows[0], add_counts((fen, rows[1])), min(first, rows[2]))


def unknown_words(words: Mapping[WordKey, WordRows]) -> Table:
    """One row a file, vocabulary and word that nobody knows."""
    key_columns = ("source_file", "vocabulary", "word")
    rows = [(*key, *found) for key, found in words.items()]
    return table_of_rows(
        "mart.unknown_word", (*key_columns, "row_count", "amount_yuan", "first_row_number"), key_columns, rows
    )


def _amount(row: Any) -> int | None:
    fen: int | None = getattr(row, "amount_fen", None)
    return fen
