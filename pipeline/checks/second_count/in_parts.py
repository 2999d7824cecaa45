"""A year against its second count, at once or part by part: where its rows are too many, no table of rows is held whole."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import polars as pl

from pipeline.checks.second_count.comparison import (
    Comparison,
    Keys,
    Masks,
    Numbers,
    compare_at_once,
    compare_tables,
    differences_of,
    no_table,
    told_persons,
)
from pipeline.checks.second_count.count import count_part, count_whole, without_collection
from pipeline.checks.second_count.counted import Counted, Table, Totals
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import FileFacts, Published, RunFacts
from pipeline.checks.second_count.file_counts import FileCounts
from pipeline.checks.second_count.parts import ROWS_AT_ONCE, Parts, part_rows, parts_needed
from pipeline.checks.second_count.payments import StoredPayments
from pipeline.checks.second_count.tables import count_rows, figure_tables, totals_of

# The tables with a row a person or a line, each with the column by which it is parted.
LARGE = {
    "core.person_year": "person_id",
    "core.return_line": "row_number",
    "core.fund_posting": "row_number",
    "mart.payment_status": "person_id",
}


def compare(
    run: RunFacts,
    files: Sequence[FileFacts],
    published: Published,
    *,
    scratch: Path | None = None,
    rows_at_once: int = ROWS_AT_ONCE,
) -> Comparison:
    """Count a year from its files' cells, and compare every published table with it.

    Args:
        scratch: an empty folder that nobody else can read, for the parts; everything is counted at once without one.
        rows_at_once: about how many rows are counted at once.
    """
    count = parts_needed(files, rows_at_once)
    if count > 1 and scratch is not None:
        with without_collection():
            comparison = _compare_in_parts(run, files, published, scratch, count)
        if comparison is not None:
            return comparison
    return compare_at_once(run, files, published)


def _compare_in_parts(
    run: RunFacts, files: Sequence[FileFacts], published: Published, folder: Path, count: int
) -> Comparison | None:
    divisions, frame = Divisions(run.policy), published.table("mart.roster_mismatch")
    parts = part_rows(run, divisions, files, folder, count, frame)
    if parts is None:
        return None
    keys, masks = Keys(run.key), Masks(published)
    masks.note(parts.numbers, parts.names)
    shelf = _Shelf(folder / "tables", count, keys)
    totals = totals_of(run, divisions)
    totals.payments = StoredPayments(folder / "payments")
    small = _count(parts, totals, Numbers(frame, keys, masks), shelf, keys)
    texts = set().union(*map(masks.texts_in, small))
    instead = masks.instead(texts.union(*(shelf.texts(name, published.sender_columns(name)) for name in LARGE)))
    compared = compare_tables(run, [masks.masked_by(table, instead) for table in small], published, masks, keys)
    persons = masks.persons(run)
    differences, sizes = list(compared.differences), dict(compared.compared_by_table)
    for name in LARGE:
        sizes[name] = 0
        for table, own in shelf.parts(name, published, keys):
            sizes[name] += table.row_count * len(table.columns)
            if own is None:
                differences.append(no_table(name, table.row_count))
                continue
            differences += differences_of(masks.masked_by(table, instead), own, keys)
            differences += told_persons(name, own, published, persons)
    return Comparison(sum(sizes.values()), tuple(dict.fromkeys(differences)), sizes)


def _count(parts: Parts, totals: Totals, numbers: Numbers, shelf: "_Shelf", keys: Keys) -> list[Table]:
    """Count every part, and what no part knows; returns the small tables, the large ones lie on the shelf."""
    totals.files.update((file.number, FileCounts(file)) for file in parts.decided.files.values())
    small: dict[str, list[Table]] = defaultdict(list)
    numbered: set[str] = set()

    def put_away(counted: Counted) -> None:
        numbered.update(counted.mismatches)
        for table in count_rows(counted, totals):
            if table.name in LARGE:
                shelf.put(table)
            else:
                small[table.name].append(table)
        keys.let_go()

    for part in range(parts.count):
        put_away(count_part(totals.run, totals.divisions, parts.files_of(part), parts.decided, numbers.of))
    left = [row for row in parts.decided.replies if row.mismatch_id not in numbered]
    put_away(count_whole(totals, left, numbers.of))
    return [*figure_tables(totals), *map(_joined, small.values())]


def _joined(tables: Sequence[Table]) -> Table:
    """The rows of a table's parts."""
    first = tables[0]
    return Table(
        first.name,
        first.key,
        {name: [value for table in tables for value in table.values[name]] for name in first.values},
    )


class _Shelf:
    """Where the large tables lie, parted so that the published ones can be read in the same parts."""

    def __init__(self, folder: Path, count: int, keys: Keys) -> None:
        self._folder, self._count, self._keys = folder, count, keys
        self._written: dict[str, Table] = {}
        self._puts = 0

    def put(self, table: Table) -> None:
        """Put the rows of a table away by their parts, with the keys of their persons."""
        self._written[table.name] = Table(table.name, table.key, dict.fromkeys(table.values, ()))
        self._puts += 1
        rows = pl.DataFrame(self._keys.of_counted(table).values)
        by = pl.col(LARGE[table.name])
        if LARGE[table.name] == "person_id" and rows.height:
            by = by.str.head(2).str.to_integer(base=16, strict=False)
        parts = rows.select((by % self._count).fill_null(self._count)).to_series() if rows.height else pl.Series([])
        for part in parts.unique():
            path = self._path(table.name, part) / f"{self._puts:06}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            rows.filter(parts == part).write_parquet(path, compression="lz4")

    def texts(self, name: str, columns: Collection[str]) -> set[str]:
        """What stands in some columns of a table."""
        found: set[str] = set()
        for path in sorted((self._folder / name).glob("*/*.parquet")):
            rows = pl.read_parquet(path, columns=[column for column in columns if column in self._written[name].values])
            for column in rows:
                found.update(column.drop_nulls().unique().to_list())
        return found

    def parts(self, name: str, published: Published, keys: Keys) -> Iterator[tuple[Table, pl.DataFrame | None]]:
        """The counted and the published rows of each part; behind them those of persons without a valid ID."""
        unidentified: list[pl.DataFrame] = []
        for part in range(self._count):
            frame = published.part(name, "person_key" if LARGE[name] == "person_id" else LARGE[name], part, self._count)
            if frame is not None and LARGE[name] == "person_id":
                are_known = keys.are_known(frame["person_key"])
                unidentified.append(frame.filter(~are_known))
                frame = frame.filter(are_known)
            yield self._table(name, part), frame
        if unidentified:
            yield self._table(name, self._count), pl.concat(unidentified)

    def _table(self, name: str, part: int) -> Table:
        form = self._written[name]
        values: dict[str, list[object]] = {column: [] for column in form.values}
        for path in sorted(self._path(name, part).glob("*.parquet")):
            rows = pl.read_parquet(path)
            for column, known in values.items():
                known += rows[column].to_list()
        return Table(name, form.key, values)

    def _path(self, name: str, part: int) -> Path:
        return self._folder / name / f"{part}"
