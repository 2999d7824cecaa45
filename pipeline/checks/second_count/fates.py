"""What becomes of each landed file and of each of its rows (inputs.md, Files and rows that come again; rules.md, section 9)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.checks.second_count.batch_lists import ListKey, list_of, mark_replaced, withdrawn_successes
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import READ, FileFacts, RunFacts, TableFacts
from pipeline.checks.second_count.file_content import mark_same_rows, township_of
from pipeline.checks.second_count.files import SNAPSHOTS, AllRows, CountedFile, Files, date_in_name, path_order
from pipeline.checks.second_count.readings import Readings
from pipeline.checks.second_count.row_types import PENSION_ITEM, GrantRow, LineRow, RegisterRow, ReplyRow, TransferRow
from pipeline.checks.second_count.rows import rows_of
from pipeline.checks.second_count.summary_sheets import refuse_summaries
from pipeline.checks.second_count.texts import DAY_ZERO, DAY_ZERO_1904, Unreadable, read_date, read_hour

# A document's number is written with brackets of many kinds.
_BRACKETS = str.maketrans("〔【[〈<{〕】]〉>}", "((((((" + "))))))")
# A file that holds lists of a batch, whether they stand or not.
WITH_LISTS = (READ, "replaced")
# In these folders a row can come again in another file.
REPEATING = ("bank_returns", "tax_returns", "fund_documents", "allocations")


@dataclass(frozen=True)
class Decided:
    """What was decided of whole files, where their rows are counted in parts.

    Attributes:
        files: the files with status and dates, by their names.
        replaced: the lists of the bank that don't stand.
        replies: the accepted rows of townships and bureau, which may answer any part's mismatches.
    """

    files: Mapping[str, CountedFile]
    replaced: Set[ListKey]
    replies: Sequence[ReplyRow]


def count_files(
    run: RunFacts, files: Sequence[FileFacts], divisions: Divisions, decided: Decided | None = None
) -> Files:
    """Decide the status of every file and the fate of every row, folder by folder, in order of path.

    Args:
        files: the year's files; with the rows of one part where something was `decided` of the whole ones.
    """
    readings = Readings(run, divisions)
    counted = in_order(files)
    withdrawn: list[LineRow] = []
    for folder in folders_of(counted):
        if decided is None:
            replaced: Set[ListKey] = decide(folder, readings, run, AllRows())
        else:
            replaced = decided.replaced
            for file in folder:
                _read_part(file, decided.files[file.facts.file_name], readings, run)
        if folder[0].facts.source == "bank_returns":
            withdrawn = withdrawn_successes([file for file in folder if file.status in WITH_LISTS], replaced)
        sort_rows(_read(folder), run.as_of, replaced)
    return Files(counted, run.as_of, readings.id_texts(), withdrawn)


def in_order(files: Sequence[FileFacts]) -> list[CountedFile]:
    """The files of the year in order of path."""
    ordered = sorted(files, key=lambda file: path_order(file.file_name))
    return [CountedFile(facts, number, facts.status) for number, facts in enumerate(ordered, start=1)]


def folders_of(files: Iterable[CountedFile]) -> list[list[CountedFile]]:
    """The files of each source."""
    folders: dict[str, list[CountedFile]] = defaultdict(list)
    for file in files:
        folders[file.facts.source].append(file)
    return list(folders.values())


def decide(folder: list[CountedFile], readings: Readings, run: RunFacts, all_rows: AllRows) -> Set[ListKey]:
    """Read the files of a source and decide what becomes of each; returns the lists of the bank that don't stand."""
    source = folder[0].facts.source
    _mark_same_bytes(folder)
    for file in _read(folder):
        read_rows(file, readings, run)
    if source in ("allocations", "fund_documents"):
        refuse_summaries(_read(folder))
    for file in _read(folder):
        if run.as_of is not None and file.stated_date is not None and file.stated_date > run.as_of:
            file.status = "later"
    mark_same_rows(_read(folder), all_rows)
    return mark_replaced(_read(folder), all_rows) if source == "bank_returns" else frozenset()


def _read_part(file: CountedFile, decided: CountedFile, readings: Readings, run: RunFacts) -> None:
    """Read a part of a file's rows, of which it was decided by all of them what becomes of it."""
    if decided.status in WITH_LISTS:
        read_rows(file, readings, run)
    file.status, file.stated_date, file.file_date = decided.status, decided.stated_date, decided.file_date


def _read(files: Iterable[CountedFile]) -> list[CountedFile]:
    return [file for file in files if file.is_read]


def _mark_same_bytes(files: list[CountedFile]) -> None:
    """A file with the bytes of an earlier one isn't read again; one that is skipped is none of which another can be a copy."""
    known: set[str] = set()
    for file in files:
        sha256 = file.facts.sha256
        if sha256 in known:
            file.status = "same_bytes"
        elif sha256 is not None and file.facts.status != "skipped":
            known.add(sha256)


def read_rows(file: CountedFile, readings: Readings, run: RunFacts) -> None:
    """Read a file's rows, and the date that its content or name states."""
    stated: list[date] = []
    for facts in file.facts.tables:
        heads = {
            name: _head_date(facts, name, run.year)
            for name in ("paid_date", "document_date", "made_at", "snapshot_date")
        }
        stated += [day for day in heads.values() if day][:1]
        file.made_on = heads["made_at"] or file.made_on
        file.made_at = read_hour(facts.head.get("made_at"), facts.sender.date_formats) or file.made_at
    default = None
    if file.facts.source in SNAPSHOTS:
        file.name_date = date_in_name(file.facts.file_name)
        default = max(stated, default=None) or file.name_date
    file.tables, own_dates = rows_of(file.facts, file.number, readings, default)
    file.rows = [row for table in file.tables for row in table]
    if file.facts.source in SNAPSHOTS:
        stated += own_dates
    file.stated_date = max(stated, default=None) or file.name_date
    file.file_date = file.stated_date or max(own_dates, default=None)


def _head_date(table: TableFacts, name: str, year: int) -> date | None:
    day_zero = DAY_ZERO_1904 if table.counts_from_1904 else DAY_ZERO
    day = read_date(table.head.get(name), year, table.sender.date_formats, day_zero)
    return None if isinstance(day, Unreadable) else day


def sort_rows(files: list[CountedFile], as_of: date | None, replaced: Set[ListKey]) -> None:
    """Decide what becomes of each row of the files of a source that are read."""
    file_with: dict[Hashable, int] = {}
    for file in files:
        may_repeat = file.facts.source in REPEATING
        if not may_repeat and as_of is None:
            file.accepted = [row for row in file.rows if not row.faults]
            file.quarantined = [row for row in file.rows if row.faults]
            continue
        for row in file.rows:
            if isinstance(row, LineRow) and _is_dropped(row, replaced):
                file.dropped.append(row)
            elif _is_later(file, row, as_of):
                file.later.append(row)
            elif row.faults:
                file.quarantined.append(row)
            elif may_repeat and (key := _fact_key(row)) and file_with.setdefault(key, file.number) != file.number:
                file.dropped.append(row)
            else:
                file.accepted.append(row)


def _is_later(file: CountedFile, row: Any, as_of: date | None) -> bool:
    """Whether a row of a file that states no date is dated after the day that is looked back from; none of the register is."""
    if as_of is None or file.stated_date is not None or row.own_date is None or isinstance(row, RegisterRow):
        return False
    return row.own_date > as_of


def _is_dropped(row: LineRow, replaced: Set[ListKey]) -> bool:
    """Whether a line is of another tax item, or of a batch that another list brings anew."""
    if row.levy_item is not None and row.levy_item != PENSION_ITEM:
        return not any(name == "row" for name, _ in row.faults)
    return bool(replaced) and list_of(row) in replaced


def _fact_key(row: LineRow | GrantRow | TransferRow) -> tuple[Hashable, ...]:
    """What makes a row of another file the same payment, grant or transfer; nothing where it states too little."""
    if isinstance(row, LineRow):
        if not row.document_no:
            return ()
        is_bank = row.levy_item is None
        line = (row.line_no, township_of(row)) if is_bank else ()
        return (row.document_no, *line, row.identity.text, row.amount_fen, row.own_date, row.outcome.outcome)
    if isinstance(row, GrantRow):
        return _document_key(row, (row.fund_level, row.amount_fen))
    return _document_key(row, (township_of(row), row.amount_fen, row.own_date))


def _document_key(row: GrantRow | TransferRow, values: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    if row.document_no:
        return "".join(row.document_no.translate(_BRACKETS).split()), *values
    if row.own_date is None or row.persons is None:
        return ()
    return "", *values, row.own_date, row.persons
