"""The published tables against this count: what each side has that the other hasn't, table by table.

What is compared are cells: for each counted row, every column that outputs.md gives it and that this count knows. Not
counted a second time are the values in the texts for people (expected, found) and the reasons of files and rows, suggestions, the
numbers of mismatches and postings, which are hashes of what is compared, and what is made at publication (change, digest, proof).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from pipeline.checks.second_count.count import count, without_collection
from pipeline.checks.second_count.counted import Counted, Table, table_of_rows
from pipeline.checks.second_count.divisions import UNKNOWN_NAME
from pipeline.checks.second_count.facts import READ, FileFacts, Published, RunFacts
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.identity import keyed_hash
from pipeline.checks.second_count.mismatches import WITHOUT_PLACE, Found
from pipeline.checks.second_count.privacy import Persons
from pipeline.checks.second_count.row_types import LineRow
from pipeline.checks.second_count.tables import (
    GAP,
    MISMATCH_COLUMNS,
    NO_VALID_ID,
    TEXT_COLUMNS,
    mismatch_values,
    tables_of,
)
from pipeline.contracts.codes import load_codes

Row = tuple[Any, ...]

HUNDREDTHS, MILLIONTHS = Decimal(100), Decimal(1_000_000)
POINTS = ("weight", "score", "reported_score")
# In millionths; every other decimal is in hundredths.
RATES = ("_rate", "_low", "_high", "average_write_off_days")
OF_READ_FILES = ("control_count", "control_yuan", "file_date")
PLACE = ("source_file", "sheet", "row_number")
A_PERSON = "a text with an ID, an account or a name"
NO_TABLE, NO_ROW, NO_COLUMN = "no such table", "no such row", "no such column"
_LONG_NUMBER = re.compile(r"[0-9]{6,}[0-9Xx]*")


@dataclass(frozen=True)
class Difference:
    """One value that both sides give differently; of a row that one side lacks, `column` is ``row``."""

    table: str
    key: str
    column: str
    published: str
    counted: str


@dataclass(frozen=True)
class Comparison:
    """The result: how many cells were compared, in each table, and every difference."""

    compared_count: int
    differences: tuple[Difference, ...]
    compared_by_table: Mapping[str, int]


def compare_at_once(run: RunFacts, files: Sequence[FileFacts], published: Published) -> Comparison:
    """Count a year from its files' cells, and compare every published table with it."""
    masks = Masks(published)
    with without_collection():
        tables = masks.masked(tables_of(counted_against(run, files, published, masks)))
        return compare_tables(run, tables, published, masks, Keys(run.key))


def counted_against(
    run: RunFacts, files: Sequence[FileFacts], published: Published, masks: "Masks | None" = None
) -> Counted:
    """Count a year; the mismatches have the numbers under which they are published, by which replies name them."""
    masks = masks or Masks(published)
    numbers = Numbers(published.table("mart.roster_mismatch"), Keys(run.key), masks)

    def number(stated: Counted) -> Mapping[str, Found]:
        masks.note(_numbers(stated.files), _roll_names(stated.files))
        return numbers.of(stated)

    return count(run, files, number)


def compare_counted(counted: Counted, published: Published) -> Comparison:
    """Compare what was counted with the published tables."""
    masks = Masks(published)
    masks.note(_numbers(counted.files), _roll_names(counted.files))
    return compare_tables(counted.run, masks.masked(tables_of(counted)), published, masks, Keys(counted.run.key))


def compare_tables(
    run: RunFacts, tables: Sequence[Table], published: Published, masks: "Masks", keys: "Keys"
) -> Comparison:
    """Compare table by table; the rows that were read are no longer needed by then."""
    differences: list[Difference] = []
    sizes: dict[str, int] = {}
    persons = masks.persons(run)
    for table in tables:
        frame = published.table(table.name)
        sizes[table.name] = table.row_count * len(table.columns)
        if frame is None:
            differences.append(no_table(table.name, table.row_count))
        else:
            differences += differences_of(keys.of_counted(table), frame, keys)
            differences += told_persons(table.name, frame, published, persons)
    return Comparison(sum(sizes.values()), tuple(differences), sizes)


def no_table(name: str, row_count: int) -> Difference:
    """The difference of a table that isn't published."""
    return Difference(name, "", "table", NO_TABLE, f"{row_count} rows")


def told_persons(name: str, frame: pl.DataFrame, published: Published, persons: Persons) -> list[Difference]:
    """A difference for each column in which a sender's text tells of somebody."""
    return [
        Difference(name, "", column, A_PERSON, "a mask")
        for column in published.sender_columns(name)
        if column in frame.columns and persons.are_told_by(frame[column].drop_nulls().unique().to_list())
    ]


class Keys:
    """The keys of persons by their IDs: whoever has no valid ID is known by none."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._key_of: dict[str | None, str | None] = {None: None, NO_VALID_ID: NO_VALID_ID}
        # The digests of those that were let go.
        self._known = pl.Series([], dtype=pl.UInt64)

    def of_counted(self, table: Table) -> Table:
        """A counted table with the keys of its persons."""
        if "person_id" not in table.values:
            return table
        ids = table.values["person_id"]
        for person_id in {*ids} - self._key_of.keys():
            self._key_of[person_id] = keyed_hash(self._secret, person_id)
        return replace(table, values={**table.values, "person_id": list(map(self._key_of.__getitem__, ids))})

    def let_go(self) -> None:
        """Hold no more of the persons so far than that their keys are known."""
        own = pl.Series([*self._key_of.values()], dtype=pl.String).drop_nulls()
        self._known = pl.concat([self._known, own.hash()]).unique()
        self._key_of = {None: None, NO_VALID_ID: NO_VALID_ID}

    def are_known(self, keys: pl.Series) -> pl.Series:
        """Whether published keys are those of persons who were counted with their IDs."""
        known = pl.Series([*self._key_of.values()], dtype=pl.String)
        return keys.is_null() | keys.is_in(known.implode()) | keys.hash().is_in(self._known.implode())

    def of_published(self, keys: pl.Series) -> pl.Series:
        """Published keys, in place of each that is nobody's who was counted with an ID that he has none."""
        return pl.select(pl.when(self.are_known(keys)).then(keys).otherwise(pl.lit(NO_VALID_ID))).to_series()


class Masks:
    """Masks what is masked where it is published: what senders wrote of somebody."""

    def __init__(self, published: Published) -> None:
        self._published = published
        self._numbers = pl.Series([], dtype=pl.String)
        self._names = pl.Series([], dtype=pl.String)

    def note(self, numbers: pl.Series, names: pl.Series) -> None:
        """Say whose numbers and names are masked: IDs and accounts of all rows, names of the roll."""
        self._numbers, self._names = numbers, names

    def persons(self, run: RunFacts) -> Persons:
        """Who mustn't be told by what is published."""
        divisions = (*run.policy.townships, *run.policy.villages)
        return Persons(self._numbers, self._names, (UNKNOWN_NAME, *(division.name for division in divisions)))

    def instead(self, texts: Iterable[str]) -> Mapping[str, str]:
        """Those of the senders' texts that are published masked, each with what stands in its place."""
        return self._published.masker(self._numbers, self._names)(texts)

    def masked(self, tables: Sequence[Table]) -> list[Table]:
        """The tables as they are published, where they are all."""
        instead = self.instead({text for table in tables for text in self.texts_in(table)})
        return [self.masked_by(table, instead) for table in tables]

    def texts_in(self, table: Table) -> set[str]:
        """What senders wrote in a table."""
        return set().union(*(table.values[column] for column in self._columns(table))) - {None}

    def masked_by(self, table: Table, instead: Mapping[str, str]) -> Table:
        """A table as it is published."""
        masked = {
            column: [instead.get(text, text) for text in table.values[column]]
            for column in self._columns(table)
            if not instead.keys().isdisjoint(table.values[column])
        }
        return replace(table, values={**table.values, **masked})

    def _columns(self, table: Table) -> list[str]:
        return [column for column in self._published.sender_columns(table.name) if column in table.values]


def _numbers(files: Files) -> pl.Series:
    """The IDs and accounts of all rows of all files."""
    numbers = set(files.id_texts)
    for file in files.all:
        rows = file.rows
        if rows and isinstance(rows[0], LineRow):
            numbers.update(row.account for row in rows if row.account)
    return pl.Series(list(numbers), dtype=pl.String)


def _roll_names(files: Files) -> pl.Series:
    """The names of all rows of the poverty roll."""
    names: set[str] = set()
    for file in files.all:
        if file.facts.source == "poverty_roll":
            names.update(row.name.shown for row in file.rows if row.name.shown)
    return pl.Series(list(names), dtype=pl.String)


class Numbers:
    """Gives each counted mismatch the number of the published one that says the same."""

    def __init__(self, frame: pl.DataFrame | None, keys: Keys, masks: Masks) -> None:
        self._keys, self._masks = keys, masks
        # Those of somebody by his key, and as of somebody without a valid ID.
        self._numbers: dict[Row, list[str]] = defaultdict(list)
        self._of_unidentified: dict[Row, list[str]] = defaultdict(list)
        if frame is not None:
            rows = _in_terms_of_count(frame, MISMATCH_COLUMNS).rows()
            person = MISMATCH_COLUMNS.index("person_id")
            for number, row in sorted(
                zip(frame["mismatch_id"].to_list(), rows, strict=True), key=lambda each: str(each[0])
            ):
                shown = _without_place(row)
                self._numbers[shown].append(number)
                if row[person] is not None:
                    self._of_unidentified[(*shown[:person], NO_VALID_ID, *shown[person + 1 :])].append(number)

    def of(self, stated: Counted) -> dict[str, Found]:
        """The mismatches of a count by their numbers."""
        said = [mismatch_values(stated, found) for found in stated.mismatches.values()]
        (shown,) = self._masks.masked([table_of_rows("mart.roster_mismatch", MISMATCH_COLUMNS, (), said)])
        values = self._keys.of_counted(shown)
        numbered = {}
        for place, (found, row) in enumerate(zip(stated.mismatches.values(), values.rows, strict=True)):
            known = self._numbers.get(row) or self._of_unidentified.get(row)
            numbered[known.pop(0) if known else f"none {place}"] = found
        return numbered


def _without_place(row: Row) -> Row:
    """A mismatch's values without the place, where the contract doesn't say which row it names."""
    return (*row[:-3], None, None, None) if row[0] in WITHOUT_PLACE else row


def _with_gaps(row: Row) -> Row:
    """The texts of a published mismatch, with a gap for the value that stands in one, where its kind's text has a gap."""
    kind = load_codes()["mismatch_kind"].by_code.get(row[0])
    texts = []
    for name, text in zip(TEXT_COLUMNS, row[-len(TEXT_COLUMNS) :], strict=True):
        said = str(kind.attributes[name]) if kind else ""
        before, gap, behind = said.partition(GAP)
        is_said = gap and text is not None and text.startswith(before) and text.endswith(behind)
        texts.append(said if is_said else text)
    return tuple(texts)


def differences_of(table: Table, frame: pl.DataFrame, keys: Keys) -> list[Difference]:
    """What a counted table, with the keys of its persons, and a published one give differently."""
    missing_columns = [column for column in table.columns if _published_name(column) not in frame.columns]
    if missing_columns:
        found = [
            Difference(table.name, "", _published_name(column), NO_COLUMN, "a column") for column in missing_columns
        ]
        values = {column: values for column, values in table.values.items() if column not in missing_columns}
        smaller = Table(table.name, tuple(column for column in table.key if column in values), values)
        return found + differences_of(smaller, frame, keys)
    frame = _in_terms_of_count(frame, table.columns)
    if "person_id" in frame.columns:
        frame = frame.with_columns(keys.of_published(frame["person_id"]).alias("person_id"))
    if table.name == "core.fund_posting":
        frame = _turned_round(frame)
    if _are_same(table, frame):
        return []
    counted, published = table.rows, frame.rows()
    if table.name == "mart.roster_mismatch":
        width = len(MISMATCH_COLUMNS)
        published = [
            (*_without_place(row[:width]), *row[width : -len(TEXT_COLUMNS)], *_with_gaps(row)) for row in published
        ]
    if table.name == "mart.source_file":
        published = _of_read_files(published, table.columns)
    if table.name == "mart.quarantined_row":
        counted = _with_published_field(counted, published)
    return _row_differences(table, counted, published)


def _are_same(table: Table, frame: pl.DataFrame) -> bool:
    """Whether a published table has the very rows that were counted, in whatever order; else they are looked at one by one."""
    if table.row_count != frame.height or table.name == "mart.quarantined_row":
        return False
    try:
        counted = pl.DataFrame(
            [pl.Series(column, values, dtype=frame.schema[column]) for column, values in table.values.items()]
        )
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return False
    order = [*table.key, *(column for column in table.columns if column not in table.key)]
    return counted.sort(order).equals(frame.sort(order))


def _published_name(column: str) -> str:
    return "person_key" if column == "person_id" else column


def _in_terms_of_count(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The published rows in the terms of this count: fen, millionths."""
    values = []
    for column in columns:
        series = frame[_published_name(column)]
        if isinstance(series.dtype, pl.Decimal):
            scale = MILLIONTHS if column.endswith(RATES) else HUNDREDTHS
            scaled = series.cast(pl.Decimal(38, 6)) * pl.Series([scale], dtype=pl.Decimal(38, 0))
            series = scaled.cast(pl.Int64)
        values.append(series.alias(column))
    return pl.DataFrame(values)


def _turned_round(postings: pl.DataFrame) -> pl.DataFrame:
    """A posting of a negative amount is one of the positive amount the other way round."""
    source, target, is_negative = pl.col("from_account"), pl.col("to_account"), pl.col("amount_yuan") < 0
    return postings.with_columns(
        pl.when(is_negative).then(target).otherwise(source).alias("from_account"),
        pl.when(is_negative).then(source).otherwise(target).alias("to_account"),
        pl.col("amount_yuan").abs(),
    )


def _of_read_files(rows: Sequence[Row], columns: Sequence[str]) -> list[Row]:
    """The contract gives totals and date of files that are read alone."""
    status = columns.index("status")
    ignored = {columns.index(name) for name in OF_READ_FILES if name in columns}
    return [
        row if row[status] == READ else tuple(None if at in ignored else value for at, value in enumerate(row))
        for row in rows
    ]


def _with_published_field(counted: Sequence[Row], published: Sequence[Row]) -> list[Row]:
    """Of a row with several faults the one that is published, where it is one of them."""
    fields = {row[:-1]: row[-1] for row in published}
    return [
        (*row[:-1], fields[row[:-1]] if fields.get(row[:-1]) in row[-1] else "、".join(sorted(row[-1])))
        for row in counted
    ]


def _row_differences(table: Table, counted: Sequence[Row], published: Sequence[Row]) -> list[Difference]:
    ours, theirs = Counter(counted), Counter(published)
    if dict.__eq__(ours, theirs):
        return []
    key_at = [table.columns.index(column) for column in table.key]
    missing, surplus = _by_key(ours - theirs, key_at), _by_key(theirs - ours, key_at)
    found: list[Difference] = []
    for key in sorted({*missing, *surplus}, key=str):
        of_count, of_table = missing.get(key, []), surplus.get(key, [])
        for row, other in zip(of_count, of_table, strict=False):
            found += [_difference(table, key, at, row[at], other[at]) for at in range(len(row)) if row[at] != other[at]]
        found += [_missing_row(table, key, NO_ROW, _shown_row(table, row)) for row in of_count[len(of_table) :]]
        found += [_missing_row(table, key, _shown_row(table, row), NO_ROW) for row in of_table[len(of_count) :]]
    return found


def _by_key(rows: Counter[Row], key_at: Sequence[int]) -> dict[Row, list[Row]]:
    found: dict[Row, list[Row]] = defaultdict(list)
    for row in sorted(rows.elements(), key=str):
        found[tuple(row[at] for at in key_at)].append(row)
    return found


def _difference(table: Table, key: Row, at: int, counted: Any, published: Any) -> Difference:
    column = table.columns[at]
    values = (_shown(column, value) for value in (published, counted))
    return Difference(table.name, _shown_key(table, key), _published_name(column), *values)


def _missing_row(table: Table, key: Row, published: str, counted: str) -> Difference:
    return Difference(table.name, _shown_key(table, key), "row", published, counted)


def _shown_row(table: Table, row: Row) -> str:
    shown = (f"{_published_name(c)} {_shown(c, v)}" for c, v in zip(table.columns, row, strict=True) if v is not None)
    return ", ".join(shown)


def _shown_key(table: Table, key: Row) -> str:
    return ", ".join(
        f"{_published_name(column)} {_shown(column, value)}" for column, value in zip(table.key, key, strict=True)
    )


def _shown(column: str, value: Any) -> str:
    """A value as the tables show it; never a full ID, an account or another long number."""
    if value is None:
        return "null"
    if column == "person_id":
        return str(value)
    if isinstance(value, int) and (column.endswith("_yuan") or column in POINTS):
        return f"{value / HUNDREDTHS:.2f}"
    if isinstance(value, int) and column.endswith(RATES):
        return f"{value / MILLIONTHS:.6f}"
    if column == "sha256":
        return str(value)[:12]
    return _LONG_NUMBER.sub(lambda found: f"{found[0][:4]}****", str(value)) if isinstance(value, str) else str(value)
