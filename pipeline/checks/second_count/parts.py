"""The rows of a year in parts, where there are too many for the memory: each part has all rows of some persons.

Whoever a row binds to somebody else is counted with him: two IDs of one member number, of one account, and whom a reply names.
What becomes of whole files is decided once, for all parts; how a part is counted is the business of ``count``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipeline.checks.second_count.batch_lists import ListKey
from pipeline.checks.second_count.columns import Columns
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import FileFacts, RunFacts
from pipeline.checks.second_count.fates import Decided, decide, folders_of, in_order, read_rows, sort_rows
from pipeline.checks.second_count.files import AllRows, CountedFile, Table
from pipeline.checks.second_count.readings import Readings
from pipeline.checks.second_count.replies import meant_id
from pipeline.checks.second_count.row_types import ReplyRow
from pipeline.checks.second_count.rows import cells_of

ROWS_AT_ONCE = 1_000_000
_ROWS_READ_AT_ONCE = 250_000
_REPLIES = "township_replies"
# Whose a row is that states no ID: all such rows are in one part.
NOBODY = 0
# Of rows that say the same in these one tells what a file says of its dates, batches and townships.
_SAID_OF_FILES = (
    "sheet",
    "snapshot_date",
    "verified_date",
    "self_paid_date",
    "paid_date",
    "batch_no",
    "number_batch_no",
)
_SAID_OF_LISTS = ("township",)


class Bonds:
    """Who is counted with whom, by the digests of their IDs."""

    def __init__(self) -> None:
        self._bound_to: dict[int, int] = {}

    def bind(self, one: int, other: int) -> None:
        """Bind two persons, and whoever is bound to either."""
        first, second = self._head(one), self._head(other)
        if first != second:
            self._bound_to[max(first, second)] = min(first, second)

    def heads(self) -> pl.DataFrame:
        """Of each who is bound to somebody the one with whom he is counted."""
        heads = {each: self._head(each) for each in self._bound_to}
        return pl.DataFrame(
            {"owner": list(heads), "head": list(heads.values())}, dict.fromkeys(("owner", "head"), pl.UInt64)
        )

    def _head(self, one: int) -> int:
        while one in self._bound_to:
            one = self._bound_to[one]
        return one


@dataclass(frozen=True)
class Parts:
    """The rows of a year, in parts.

    Attributes:
        decided: what was decided of the whole files.
        numbers: every ID and account.
        names: the names of the roll.
    """

    count: int
    decided: Decided
    numbers: pl.Series
    names: pl.Series
    _files: Sequence[FileFacts]
    _folder: Path

    def files_of(self, part: int) -> list[FileFacts]:
        """Every file of the year, with the rows of a part."""
        return [_of_part(facts, self._folder, place, part) for place, facts in enumerate(self._files)]


def parts_needed(files: Iterable[FileFacts], rows_at_once: int) -> int:
    """How many parts there must be, so that none has many more rows."""
    rows = sum(table.rows_counted for file in files for table in file.tables)
    return -(-rows // rows_at_once) or 1


def part_rows(
    run: RunFacts,
    divisions: Divisions,
    files: Sequence[FileFacts],
    folder: Path,
    count: int,
    mismatches: pl.DataFrame | None,
) -> Parts | None:
    """Write the rows of a year in parts; None where it isn't known whom a reply names.

    Args:
        folder: an empty one, that nobody else can read.
        mismatches: the published ones, which say where the rows stand that replies are about.
    """
    splitter = _Splitter(run, divisions, folder, count)
    ordered = [file.facts for file in in_order(files)]
    if not splitter.bind(ordered, mismatches):
        return None
    for place, facts in enumerate(ordered):
        splitter.write(place, facts)
    return splitter.parts(ordered)


def _of_part(facts: FileFacts, folder: Path, place: int, part: int) -> FileFacts:
    return facts if facts.cells is None else replace(facts, cells=folder / f"{part}" / f"{place}")


class _Owners(Columns):
    """Whose the rows of a table are."""

    @property
    def sheet(self) -> str | None:
        """The sheet of the table."""
        return self._table.sheet

    def ids(self) -> pl.Series:
        """The ID of each row; null where it has none."""
        if "id_no" not in self._cells.columns:
            return pl.Series([None] * self._size, dtype=pl.String)
        return pl.Series([identity.text for identity in self._identities()], dtype=pl.String)

    def numbers(self, name: str) -> pl.Series:
        """The numbers of a column."""
        return pl.Series(self._numbers(name), dtype=pl.String)

    def shown_names(self) -> pl.Series:
        """The names."""
        return pl.Series([name.shown for name in self._names()], dtype=pl.String)


class _Splitter:
    """Writes files in parts."""

    def __init__(self, run: RunFacts, divisions: Divisions, folder: Path, count: int) -> None:
        self._run, self._divisions, self._folder, self._count = run, divisions, folder, count
        self._bonds = Bonds()
        self._heads = self._bonds.heads()
        self._readings = Readings(run, divisions)
        self._rows_read = 0
        self._numbers: list[pl.Series] = []
        self._names: list[pl.Series] = []
        self._row_counts: dict[str, int] = {}
        # By file and table whose the rows are, which was read to bind persons and is needed again to write their rows.
        self._read: dict[tuple[str, int], pl.Series] = {}

    def bind(self, files: Sequence[FileFacts], mismatches: pl.DataFrame | None) -> bool:
        """Bind whoever must be counted together; whether that is known."""
        for source, column in (("poverty_roll", "member_no"), ("bank_returns", "account")):
            pairs = [self._pairs(facts, column) for facts in files if facts.source == source]
            shared = pl.concat(pairs).unique().group_by("by").agg("owner") if pairs else pl.DataFrame({"owner": []})
            for first, *others in shared["owner"].to_list():
                for other in others:
                    self._bonds.bind(first, other)
        is_known = self._bind_named(files, mismatches)
        self._heads = self._bonds.heads()
        return is_known

    def _pairs(self, facts: FileFacts, column: str) -> pl.DataFrame:
        """Whose rows have which number of a column."""
        found = [pl.DataFrame(schema={"owner": pl.UInt64, "by": pl.UInt64})]
        for at, (_, owners) in enumerate(self._tables(facts)):
            digests, numbers = self._digests(owners), owners.numbers(column)
            self._read[facts.file_name, at] = digests
            pairs = pl.DataFrame({"owner": digests, "by": numbers}).drop_nulls("by")
            if column == "account":
                self._numbers.append(numbers.drop_nulls().unique())
                # A line without an ID pays nobody, but a row without one may be the first that shows a member number.
                pairs = pairs.filter(pl.col("owner") != NOBODY)
            found.append(pairs.with_columns(pl.col("by").hash()).unique())
        return pl.concat(found)

    def _bind_named(self, files: Sequence[FileFacts], mismatches: pl.DataFrame | None) -> bool:
        """Bind the person of a row that a mismatch shows to everybody whom replies to it name."""
        named: dict[str, set[str]] = {}
        for place, facts in enumerate(files):
            if facts.source == _REPLIES and facts.cells is not None:
                for row in self._rows(CountedFile(facts, place + 1, facts.status)):
                    if row.mismatch_id and row.answer_value:
                        named.setdefault(row.mismatch_id, set()).add(meant_id(row))
        if not named or mismatches is None:
            return True
        by_name = {facts.file_name: facts for facts in files}
        shown = mismatches.filter(pl.col("mismatch_id").is_in(list(named)) & pl.col("row_number").is_not_null())
        for number, name, sheet, row in shown.select("mismatch_id", "source_file", "sheet", "row_number").iter_rows():
            if name not in by_name:
                return False
            owners = self._owners_at(by_name[name], sheet, row)
            if not owners:
                return False
            for text in named[number]:
                self._bonds.bind(owners[0], pl.Series([text]).hash()[0])
        return True

    def _heads_of(self, owners: pl.Series) -> pl.Series:
        return owners.replace(self._heads["owner"], self._heads["head"])

    def _digests(self, owners: _Owners) -> pl.Series:
        """Whose the rows of a table are, by the digests of their IDs; the IDs are noted."""
        ids = owners.ids()
        self._numbers.append(ids.drop_nulls().unique())
        return ids.hash().zip_with(ids.is_not_null(), pl.Series([NOBODY], dtype=pl.UInt64))

    def _owners_at(self, facts: FileFacts, sheet: str | None, row: int) -> list[int]:
        found: list[int] = []
        for cells, owners in self._tables(facts):
            if owners.sheet == sheet:
                found += self._digests(owners).filter(cells["row_number"] == row).to_list()
        return found

    def write(self, place: int, facts: FileFacts) -> None:
        """Write the rows of a file by their parts, and an extract that says what the file says of itself."""
        if facts.cells is None:
            return
        has_owners = "id_no" in pl.read_parquet_schema(facts.cells)
        extracts: list[pl.DataFrame] = []
        row_count = 0
        for at, (cells, owners) in enumerate(self._tables(facts)):
            row_count += cells.height
            digests = self._read.pop((facts.file_name, at), None)
            digests = self._digests(owners) if digests is None else digests
            if facts.source == "poverty_roll":
                self._names.append(owners.shown_names().drop_nulls().unique())
            parts = self._heads_of(digests) % self._count if has_owners else pl.zeros(cells.height, eager=True)
            for part in range(self._count):
                path = self._folder / f"{part}" / f"{place}" / f"{at:06}.parquet"
                path.parent.mkdir(parents=True, exist_ok=True)
                cells.filter(parts == part).write_parquet(path, compression="lz4")
            extracts.append(_extract(cells, facts) if has_owners else cells)
        self._row_counts[facts.file_name] = row_count
        path = self._folder / "extract" / f"{place}.parquet"
        path.parent.mkdir(exist_ok=True)
        whole = pl.concat(extracts)
        (_extract(whole, facts) if has_owners else whole).write_parquet(path)

    def _tables(self, facts: FileFacts) -> Iterator[tuple[pl.DataFrame, _Owners]]:
        """The cells of a file's tables, some rows at a time, and whose they are."""
        if facts.cells is None:
            return
        rows = pl.scan_parquet(facts.cells)
        height = rows.select(pl.len()).collect().item()
        for first in range(0, max(height, 1), _ROWS_READ_AT_ONCE):
            some = rows.slice(first, _ROWS_READ_AT_ONCE).collect()
            for table in facts.tables:
                cells = cells_of(table, facts, some)
                yield cells, _Owners(self._readings_for(cells.height), facts, 0, table, cells, None)

    def _readings_for(self, row_count: int) -> Readings:
        """What reads so many rows, and knows no more texts than those of about a part."""
        self._rows_read += row_count
        if self._rows_read > ROWS_AT_ONCE:
            self._readings, self._rows_read = Readings(self._run, self._divisions), row_count
        return self._readings

    def parts(self, files: Sequence[FileFacts]) -> Parts:
        """What was written, once it is decided what becomes of each file."""
        counted = in_order(
            [
                facts if facts.cells is None else replace(facts, cells=self._folder / "extract" / f"{place}.parquet")
                for place, facts in enumerate(files)
            ]
        )
        replaced: set[ListKey] = set()
        replies: list[ReplyRow] = []
        for folder in folders_of(counted):
            replaced |= decide(folder, self._readings, self._run, _InParts(self, files, self._row_counts))
            if folder[0].facts.source == _REPLIES:
                sort_rows([file for file in folder if file.is_read], self._run.as_of, frozenset())
                replies += [row for file in folder if file.is_read for row in file.accepted]
        decided = {file.facts.file_name: _without_rows(file) for file in counted}
        numbers, names = (
            pl.concat([pl.Series([], dtype=pl.String), *each]).unique() for each in (self._numbers, self._names)
        )
        return Parts(self._count, Decided(decided, replaced, replies), numbers, names, files, self._folder)

    def rows_in_parts(self, file: CountedFile, facts: FileFacts) -> Iterator[Table]:
        """All rows of a file, of which another one with as many rows gives the same rows in each part."""
        if self._row_counts[facts.file_name] <= ROWS_AT_ONCE:
            yield self._rows(CountedFile(facts, file.number, file.status))
            return
        for part in range(self._count):
            own = CountedFile(_of_part(facts, self._folder, file.number - 1, part), file.number, file.status)
            yield self._rows(own)

    def _rows(self, file: CountedFile) -> Table:
        read_rows(file, self._readings, self._run)
        self._readings_for(len(file.rows))
        return file.rows


class _InParts(AllRows):
    """All rows of files of which the count holds an extract."""

    def __init__(self, splitter: _Splitter, files: Sequence[FileFacts], row_counts: Mapping[str, int]) -> None:
        self._splitter, self._files, self._row_counts = splitter, files, row_counts

    def parts_of(self, file: CountedFile) -> Iterable[Table]:
        """All rows of a file, part by part."""
        return self._splitter.rows_in_parts(file, self._files[file.number - 1])

    def count_of(self, file: CountedFile) -> int:
        """How many there are."""
        return self._row_counts[file.facts.file_name]


def _extract(cells: pl.DataFrame, facts: FileFacts) -> pl.DataFrame:
    columns = _SAID_OF_FILES + (_SAID_OF_LISTS if facts.source == "bank_returns" else ())
    return cells.unique([name for name in columns if name in cells.columns], keep="first", maintain_order=True)


def _without_rows(file: CountedFile) -> CountedFile:
    """A file as it was decided of, without the rows of its extract."""
    return replace(file, tables=[], rows=[], accepted=[], quarantined=[], dropped=[], later=[])
