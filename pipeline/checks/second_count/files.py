"""What becomes of each landed file and of each of its rows (inputs.md, Files and rows that come again; rules.md, section 9)."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any, TypeVar

from pipeline.checks.second_count.divisions import UNKNOWN, Divisions, bare_name
from pipeline.checks.second_count.facts import READ, FileFacts, RunFacts, TableFacts
from pipeline.checks.second_count.outcomes import SUCCESS
from pipeline.checks.second_count.rows import (
    PENSION_ITEM,
    GrantRow,
    LineRow,
    Reader,
    RegisterRow,
    TransferRow,
)
from pipeline.checks.second_count.texts import DAY_ZERO, DAY_ZERO_1904, Unreadable, read_date, read_hour, said

R = TypeVar("R")
Table = list[Any]
ListKey = tuple[int, str | None, str | None]
"""A list of a batch: the number of its file, its batch number and its township."""

# A document's number is written with brackets of many kinds.
_BRACKETS = str.maketrans("〔【[〈<{〕】]〉>}", "((((((" + "))))))")
SNAPSHOTS = ("poverty_roll", "category_rolls")
# In these folders a row can come again in another file.
REPEATING = ("bank_returns", "tax_returns", "fund_documents", "allocations")
SUMMARY_WORDS = ("汇总", "合计", "总表")
_EIGHT_DIGITS = re.compile(r"(?<![0-9])[0-9]{8}(?![0-9])")
_SUFFIX = re.compile(r"\.(?=[0-9]*[A-Za-z])[0-9A-Za-z]{1,5}$")


@dataclass
class CountedFile:
    """A landed file, with its rows by what became of them.

    Attributes:
        number: its place among the files of the year, from 1.
        name_date: the date in its name; only snapshots have one.
        stated_date: the date that its content or name states.
        made_at: 制表时间 with its hour, where it states one.
        tables: the rows of each of its tables.
        rows: all of them.
    """

    facts: FileFacts
    number: int
    status: str
    name_date: date | None = None
    stated_date: date | None = None
    file_date: date | None = None
    made_on: date | None = None
    made_at: tuple[date, int, int, int] | None = None
    tables: list[Table] = field(default_factory=list)
    rows: Table = field(default_factory=list)
    accepted: list[Any] = field(default_factory=list)
    quarantined: list[Any] = field(default_factory=list)
    dropped: list[Any] = field(default_factory=list)
    later: list[Any] = field(default_factory=list)

    @property
    def is_read(self) -> bool:
        """Whether its rows count."""
        return self.status == READ


@dataclass
class Files:
    """The files of the year in their order, and the rows that are used.

    Attributes:
        id_texts: the IDs of all rows.
        withdrawn: successes of replaced lists of whose ID and amount the standing lists have no line at all.
    """

    all: list[CountedFile]
    as_of: date | None
    id_texts: set[str]
    withdrawn: list[LineRow]

    def read(self, source: str) -> list[CountedFile]:
        """The files of a folder that are read."""
        return [file for file in self.all if file.facts.source == source and file.is_read]

    def accepted(self, row_type: type[R], source: str) -> list[R]:
        """The accepted rows of a folder."""
        rows: list[R] = []
        for file in self.read(source):
            rows += file.accepted
        return rows

    def quarantined(self, row_type: type[R], source: str) -> list[R]:
        """The quarantined rows of a folder."""
        return [row for file in self.read(source) for row in file.quarantined]

    def file_of(self, row: Any) -> CountedFile:
        """The file of a row."""
        return self.all[row.place[0] - 1]


def count_files(run: RunFacts, files: Sequence[FileFacts], divisions: Divisions) -> Files:
    """Decide the status of every file and the fate of every row, folder by folder, in order of path."""
    reader = Reader(run, divisions)
    ordered = sorted(files, key=lambda file: path_order(file.file_name))
    counted = [CountedFile(facts, number, facts.status) for number, facts in enumerate(ordered, start=1)]
    folders: dict[str, list[CountedFile]] = defaultdict(list)
    withdrawn: list[LineRow] = []
    for file in counted:
        folders[file.facts.source].append(file)
    for source, folder in folders.items():
        _mark_same_bytes(folder)
        for file in _read(folder):
            _read_rows(file, reader, run)
        if source in ("allocations", "fund_documents"):
            _refuse_summaries(_read(folder))
        for file in _read(folder):
            if run.as_of is not None and file.stated_date is not None and file.stated_date > run.as_of:
                file.status = "later"
        _mark_same_rows(_read(folder))
        replaced: set[ListKey] = set()
        if source == "bank_returns":
            replaced, withdrawn = _mark_replaced(_read(folder))
        _sort_rows(_read(folder), run.as_of, replaced)
    return Files(counted, run.as_of, reader.id_texts(), withdrawn)


def path_order(file_name: str) -> tuple[Hashable, ...]:
    """The order of paths: without the suffix, then by suffix; digits as numbers, all else by code point."""
    suffix = _SUFFIX.search(file_name)
    stem = file_name[: suffix.start()] if suffix else file_name
    return _tokens(stem), _tokens(suffix[0] if suffix else ""), file_name


def _tokens(text: str) -> tuple[tuple[int, int], ...]:
    """Characters by code point; a run of digits stands where its first digit would, by its number."""
    runs = re.findall(r"[0-9]+|[^0-9]", text, re.DOTALL)
    return tuple((ord("0"), int(run)) if run[0] in "0123456789" else (ord(run), 0) for run in runs)


def _is_later(file: CountedFile, row: Any, as_of: date | None) -> bool:
    """Whether a row of a file that states no date is dated after the day that is looked back from; none of the register is."""
    if as_of is None or file.stated_date is not None or row.own_date is None or isinstance(row, RegisterRow):
        return False
    return row.own_date > as_of


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


def _read_rows(file: CountedFile, reader: Reader, run: RunFacts) -> None:
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
    file.tables, own_dates = reader.rows(file.facts, file.number, default)
    file.rows = [row for table in file.tables for row in table]
    if file.facts.source in SNAPSHOTS:
        stated += own_dates
    file.stated_date = max(stated, default=None) or file.name_date
    file.file_date = file.stated_date or max(own_dates, default=None)


def _head_date(table: TableFacts, name: str, year: int) -> date | None:
    day_zero = DAY_ZERO_1904 if table.counts_from_1904 else DAY_ZERO
    day = read_date(table.head.get(name), year, table.sender.date_formats, day_zero)
    return None if isinstance(day, Unreadable) else day


def date_in_name(file_name: str) -> date | None:
    """The first run of exactly eight digits in a name that is a date."""
    for run in _EIGHT_DIGITS.findall(file_name):
        try:
            return date(int(run[:4]), int(run[4:6]), int(run[6:]))
        except ValueError:
            continue
    return None


def _refuse_summaries(files: list[CountedFile]) -> None:
    """Refuse a file in which a summary's rows equal the sums of its other sheets, or of those that are none."""
    for file in files:
        filled = [at for at, table in enumerate(file.tables) if table]
        summaries = [at for at in filled if _is_summary(file, at)]
        for at in summaries:
            others = [other for other in filled if other != at]
            details = [other for other in others if other not in summaries]
            sums = [
                _sums([row for each in sheets for row in file.tables[each]]) for sheets in (others, details) if sheets
            ]
            if _sums(file.tables[at]) in sums:
                file.status = "refused"


def _is_summary(file: CountedFile, at: int) -> bool:
    sheet = said(file.facts.tables[at].sheet) or ""
    if sheet.startswith(SUMMARY_WORDS) or sheet.endswith(SUMMARY_WORDS):
        return True
    rows = file.tables[at]
    keys = [_owner(row) for row in rows]
    return len(set(keys)) == len(keys) and not any(row.own_date or row.document_no for row in rows)


def _owner(row: Any) -> Hashable:
    """The township of a transfer, the level of a grant."""
    if isinstance(row, GrantRow):
        return row.fund_level
    return _township(row)


def _sums(rows: Table) -> dict[Hashable, int]:
    sums: dict[Hashable, int] = defaultdict(int)
    for row in rows:
        sums[_owner(row)] += row.amount_fen or 0
    return {owner: fen for owner, fen in sums.items() if fen}


# Fields that stand for a row's content apart, or are no field of the contract.
_NO_CONTENT = frozenset(
    (
        "place", "identity", "name", "own_date", "township_code", "township", "schooling_says", "is_unreadable", "has_bad_date",
        "is_dated_by_made_at", "stated_date",
    )
)  # fmt: skip


def content_of(row: Any) -> Hashable:
    """The canonical values of a row's fields; a cell that can't be read compares by its text.

    Of a line with a batch number that only 制表时间 dates the date is none of its values: a reprint has the same rows.
    """
    is_reprintable = isinstance(row, LineRow) and row.is_dated_by_made_at and row.document_no is not None
    identity, name = getattr(row, "identity", None), getattr(row, "name", None)
    return (
        None if is_reprintable else row.own_date,
        _township(row) if hasattr(row, "township") else None,
        name.key if name else None,
        (identity.text, identity.problem) if identity else None,
        _values_of(type(row))(row),
    )


@cache
def _values_of(row_type: Any) -> Callable[[Any], Hashable]:
    """What gives the values of a row that are compared as they are."""
    return itemgetter(*(at for at, field in enumerate(row_type._fields) if field not in _NO_CONTENT))


def _township(row: Any) -> str | None:
    """A township by its code, an unknown one by what its name is without its kind; None where none is named."""
    return row.township_code if row.township_code != UNKNOWN else bare_name(row.township) or None


def _mark_same_rows(files: list[CountedFile]) -> None:
    """Of files with the same rows the first is read; of a reprint the one that was made earlier."""
    by_size: dict[Hashable, list[CountedFile]] = defaultdict(list)
    for file in files:
        by_size[len(file.rows)].append(file)
    by_persons: dict[Hashable, list[CountedFile]] = defaultdict(list)
    for alike in by_size.values():
        for file in alike:
            by_persons[_persons_of(file) if len(alike) > 1 else file.number].append(file)
    for alike in by_persons.values():
        if len(alike) > 1:
            same: dict[Hashable, list[CountedFile]] = defaultdict(list)
            for file in alike:
                same[_content_of_file(file)].append(file)
            for equal in same.values():
                kept = _first_made(equal)
                for file in equal:
                    if file is not kept:
                        file.status = "same_rows"


def _persons_of(file: CountedFile) -> Hashable:
    """Files with the same rows have the same number of them and the same IDs; snapshots the same dates too."""
    rows = file.rows
    days = frozenset(row.own_date for row in rows) if file.facts.source in SNAPSHOTS else None
    ids = frozenset(row.identity.text for row in rows) if rows and hasattr(rows[0], "identity") else None
    return len(rows), days, ids


def _content_of_file(file: CountedFile) -> Hashable:
    rows = frozenset(Counter(map(content_of, file.rows)).items())
    if file.rows:
        return rows
    heads = tuple(tuple(sorted(table.head.items())) for table in file.facts.tables)
    return rows, heads, file.stated_date


def _first_made(equal: list[CountedFile]) -> CountedFile:
    """Of lists of a batch the one made first, where each states when; else the one whose path sorts first."""
    made_on = [file.made_on for file in equal if file.made_on and any(row.document_no for row in file.rows)]
    if equal[0].facts.source != "bank_returns" or len(made_on) < len(equal):
        return equal[0]
    made_at = [file.made_at for file in equal if file.made_at]
    if len(made_at) < len(equal):
        return equal[made_on.index(min(made_on))]
    return equal[made_at.index(min(made_at))]


def _mark_replaced(files: list[CountedFile]) -> tuple[set[ListKey], list[LineRow]]:
    """Decide which lists of each batch stand: the lists that don't, and the successes that were withdrawn with them."""
    lists: dict[tuple[str, str], dict[int, list[LineRow]]] = defaultdict(lambda: defaultdict(list))
    by_number = {file.number: file for file in files}
    for file in files:
        for row in file.rows:
            if row.document_no and (township := _township(row)):
                lists[row.document_no, township][file.number].append(row)
    replaced: set[ListKey] = set()
    withdrawn: list[LineRow] = []
    for batch, of_batch in lists.items():
        standing: list[int] = []
        for number in _in_order([by_number[number] for number in of_batch]):
            if standing and not _adds(of_batch[number], [row for each in standing for row in of_batch[each]]):
                standing.clear()
            standing.append(number)
        known = {_paid_to(row) for number in standing for row in of_batch[number]}
        for number in of_batch.keys() - set(standing):
            replaced.add((number, *batch))
            withdrawn += [
                row for row in of_batch[number] if _is_success(row) and not row.faults and _paid_to(row) not in known
            ]
    for file in files:
        if file.rows and all(_list_of(row) in replaced for row in file.rows):
            file.status = "replaced"
    return replaced, withdrawn


def _list_of(row: LineRow) -> tuple[int, str | None, str | None]:
    """The list of a batch that a line stands in: its file, batch and township."""
    return row.place[0], row.document_no, _township(row)


def _in_order(files: list[CountedFile]) -> list[int]:
    """The lists of a batch, the one that replaces behind those that it replaces: each behind as many as it is later than."""
    later_than = {file.number: sum(_is_later_list(file, other) for other in files) for file in files}
    return sorted(later_than, key=lambda number: (later_than[number], number))


def _is_later_list(one: CountedFile, other: CountedFile) -> bool:
    """By 制表时间 where both state one, with its hour where both state that; else by the path."""
    if one.made_on and other.made_on and one.made_on != other.made_on:
        return one.made_on > other.made_on
    if one.made_at and other.made_at and one.made_at != other.made_at:
        return one.made_at > other.made_at
    return one.number > other.number


def _adds(rows: list[LineRow], standing: list[LineRow]) -> bool:
    """Whether a list holds only lines (by ID and amount) that were in the standing one and no success there."""
    were, succeeded = {_paid_to(row) for row in standing}, {_paid_to(row) for row in standing if _is_success(row)}
    return all(None not in _paid_to(row) and _paid_to(row) in were and _paid_to(row) not in succeeded for row in rows)


def _paid_to(row: LineRow) -> tuple[str | None, int | None]:
    return row.identity.text, row.amount_fen


def _is_success(row: LineRow) -> bool:
    return row.outcome.outcome == SUCCESS


def _sort_rows(files: list[CountedFile], as_of: date | None, replaced: set[ListKey]) -> None:
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
            elif may_repeat and (key := fact_key(row)) and file_with.setdefault(key, file.number) != file.number:
                file.dropped.append(row)
            else:
                file.accepted.append(row)


def _is_dropped(row: LineRow, replaced: set[ListKey]) -> bool:
    """Whether a line is of another tax item, or of a batch that another list brings anew."""
    if row.levy_item is not None and row.levy_item != PENSION_ITEM:
        return not any(name == "row" for name, _ in row.faults)
    return bool(replaced) and _list_of(row) in replaced


def fact_key(row: LineRow | GrantRow | TransferRow) -> tuple[Hashable, ...]:
    """What makes a row of another file the same payment, grant or transfer; nothing where it states too little."""
    if isinstance(row, LineRow):
        if not row.document_no:
            return ()
        is_bank = row.levy_item is None
        line = (row.line_no, _township(row)) if is_bank else ()
        return (row.document_no, *line, row.identity.text, row.amount_fen, row.own_date, row.outcome.outcome)
    if isinstance(row, GrantRow):
        return _document_key(row, (row.fund_level, row.amount_fen))
    return _document_key(row, (_township(row), row.amount_fen, row.own_date))


def _document_key(row: GrantRow | TransferRow, values: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
    if row.document_no:
        return "".join(row.document_no.translate(_BRACKETS).split()), *values
    if row.own_date is None or row.persons is None:
        return ()
    return "", *values, row.own_date, row.persons
