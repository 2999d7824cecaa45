"""A year counted a second time: what landing kept of its files and a file of published tables, handed to the second count.

Only the handing over belongs here; what is counted is the business of ``pipeline.checks.second_count``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import polars as pl

from pipeline import landing
from pipeline.checks.identities import Check, Verdict
from pipeline.checks.second_count import Comparison, Difference, FileFacts, RunFacts, SenderWords, TableFacts, compare
from pipeline.checks.second_count.facts import Masker
from pipeline.checks.second_count.tables import TABLES
from pipeline.contracts.tables import TableName, load_tables
from pipeline.errors import DaijiaoError
from pipeline.landing.cache import UNFINISHED
from pipeline.landing.parse import READ, cells_path
from pipeline.policy import PACKAGE_FOLDER
from pipeline.settings import Settings
from pipeline.warehouse import outbound
from pipeline.warehouse.run import Run
from pipeline.yaml_file import read_yaml

SECOND_COUNT = "second_count"
SENTENCE = "Every value is the same when it is counted a second time, from the texts of the landed cells."
# A row and what follows from it take about a kilobyte.
ROWS_A_GIGABYTE = 750_000
# So many differences are told; their number is told always.
SHOWN_DIFFERENCES = 5

# What stands there is a mask, unless something went wrong.
_MASKED_COLUMNS = ("id_masked", "name_masked")


def compare_year(
    run: Run,
    landed: landing.Landing,
    layouts: landing.Layouts,
    own_words: Mapping[str, Mapping[str, str]],
    published: duckdb.DuckDBPyConnection,
    versions: Mapping[str, str],
) -> Comparison:
    """The second count of a year against a file of published tables.

    Args:
        landed: the year's files, with the cells that landing kept of them.
        layouts: those by which the files were read.
        own_words: the bureau's own words, by field.
        versions: those of policy and code that the tables must have been made with, by their column in mart.refresh.
    """
    facts = RunFacts(
        policy=run.policy,
        year=run.year,
        key=run.key,
        as_of=run.as_of,
        own_words=own_words,
        template=read_yaml((run.policy_folder or PACKAGE_FOLDER) / run.policy.self_evaluation_file),
        versions=versions,
    )
    # What a run leaves there that is killed is swept with the files that it was parsing.
    with TemporaryDirectory(dir=landed.cache, suffix=UNFINISHED) as scratch:
        tables = PublishedTables(published, run.year, run.key)
        rows_at_once = int(Settings().memory_gigabytes * ROWS_A_GIGABYTE)
        return compare(facts, file_facts(landed, layouts), tables, scratch=Path(scratch), rows_at_once=rows_at_once)


def stop_where_counts_differ(year: int, comparison: Comparison) -> None:
    """Refuse to go on where the second count of a year came to other values.

    Raises:
        DaijiaoError: names table, key and both values of the first differences, and how many there are.
    """
    if comparison.differences:
        told = "; ".join(sentence(each) for each in comparison.differences[:SHOWN_DIFFERENCES])
        told_in_chinese = ";".join(chinese_sentence(each) for each in comparison.differences[:SHOWN_DIFFERENCES])
        raise DaijiaoError(
            f"Not published, because the second count of {year} differs in {len(comparison.differences)} of "
            f"{comparison.compared_count} values: {told}. The last published tables stay; report this sentence.",
            f"没有发布:{year} 年二次核算的 {comparison.compared_count} 个数值中有 {len(comparison.differences)} 个不同:"
            f"{told_in_chinese}。"
            "上次发布的数据表没有变化;请把这句话报给维护人员。",
        )


def sentence(difference: Difference) -> str:
    """A difference in words: table, key and both values."""
    where = f"{difference.table}, {difference.key}" if difference.key else difference.table
    published, counted = _shown_values(difference)
    return f"{where}: {difference.column} is {published}, counted a second time {counted}"


def chinese_sentence(difference: Difference) -> str:
    """The same for the staff of a bureau."""
    where = f"{difference.table}({difference.key})" if difference.key else difference.table
    published, counted = _shown_values(difference)
    return f"{where}的 {difference.column} 为 {published},二次核算为 {counted}"


def _shown_values(difference: Difference) -> tuple[object, object]:
    """Both values as they may be told: what should be masked, and may not have been, is not quoted."""
    if difference.column in _MASKED_COLUMNS:
        return "another text", "the mask of the roll's"
    return difference.published, difference.counted


@cache
def count_checks() -> tuple[Check, ...]:
    """A blocking check for each table that is counted a second time."""
    return tuple(Check(TableName(*name.split(".")), SECOND_COUNT, SENTENCE, is_blocking=True) for name in TABLES)


def judge_count(comparison: Comparison) -> Iterator[Verdict]:
    """A verdict for each table, with the number of values that were compared and the first differences."""
    differences: dict[str, list[Difference]] = defaultdict(list)
    for each in comparison.differences:
        differences[each.table].append(each)
    for check in count_checks():
        own = differences[str(check.table)]
        yield Verdict(
            check,
            len(own),
            notes=tuple(sentence(each) for each in own[:SHOWN_DIFFERENCES]),
            compared_count=comparison.compared_by_table.get(str(check.table), 0),
        )


class PublishedTables:
    """The published tables of a year, read through a connection; `secret` is the key of the masks in senders' texts."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, year: int, secret: str) -> None:
        self._connection, self._year, self._secret = connection, year, secret

    def table(self, name: str) -> pl.DataFrame | None:
        """The year's rows of a table; None where there is no such table."""
        return self._rows(name, "true")

    def sender_columns(self, name: str) -> list[str]:
        """The columns of a table in which what a sender wrote is published masked."""
        return outbound.sender_columns(load_tables()[TableName(*name.split("."))])

    def part(self, name: str, column: str, part: int, count: int) -> pl.DataFrame | None:
        """The year's rows of a table in one of so many parts of a column's values; every row is in one of them."""
        if column == "person_key":
            value, of_part = f"left({column}, 2)", [f"{each:02x}" for each in range(256) if each % count == part]
            every = [f"{each:02x}" for each in range(256)]
        else:
            value, of_part, every = f"{column} % {count:d}", [part], list(range(count))
        is_own = f"coalesce(list_contains({of_part}, {value}), false)"
        # A row that no part claims is of the first, so that it is seen.
        is_nobodys = f"NOT coalesce(list_contains({every}, {value}), false)"
        return self._rows(name, f"({is_own} OR {is_nobodys})" if part == 0 else is_own)

    def _rows(self, name: str, condition: str) -> pl.DataFrame | None:
        try:
            rows = self._connection.sql(f"SELECT * FROM {name} WHERE policy_year = {self._year:d} AND {condition}")
        except duckdb.CatalogException:
            return None
        return pl.DataFrame(pl.from_arrow(rows.to_arrow_table()))

    def masker(self, numbers: pl.Series, names: pl.Series) -> Masker:
        """Gives those of the senders' texts that are published masked, each with what stands in its place."""
        divisions = self._connection.sql(
            f"SELECT township_name FROM mart.township WHERE policy_year = {self._year:d} "
            f"UNION SELECT village_name FROM mart.village WHERE policy_year = {self._year:d}"
        ).pl()["township_name"]

        def masked(texts: Iterable[str]) -> Mapping[str, str]:
            texts = list(texts)
            known = outbound.known_of(numbers, names, divisions, outbound.Beginnings.of(texts))
            return outbound.masked_texts(texts, known, self._secret)

        return masked


def file_facts(landed: landing.Landing, layouts: landing.Layouts) -> list[FileFacts]:
    """The files of a year as the reader recognised them, each with the cells that landing kept of it."""
    senders = {
        (source, layout.name): _sender_words(layout) for source in landing.SOURCES for layout in layouts.of(source)
    }
    return [_file_facts(row, landed, senders) for row in landed.files.iter_rows(named=True)]


def _file_facts(
    row: dict[str, object], landed: landing.Landing, senders: Mapping[tuple[str, str], SenderWords]
) -> FileFacts:
    parquet = landed.cache / str(row["parquet"]) if row["status"] == READ else None
    facts = {
        name: row[name]
        for name in (
            *("file_name", "source", "sha256", "status", "layout", "control_count", "control_yuan"),
            *("columns_unused", "fields_not_found", "hidden_rows"),
        )
    }
    return FileFacts(
        **facts,  # type: ignore[arg-type]
        cells=cells_path(parquet) if parquet else None,
        tables=_tables(str(row["source"]), landing.tables_of(parquet), senders) if parquet else (),
    )


def _tables(
    source: str, tables: tuple[landing.TableFacts, ...], senders: Mapping[tuple[str, str], SenderWords]
) -> tuple[TableFacts, ...]:
    return tuple(
        TableFacts(
            sheet=table.sheet,
            layout=table.layout,
            units=table.units,
            head=table.head,
            place_texts=table.place_texts,
            aliases=table.aliases,
            rows_counted=table.rows_counted,
            counts_from_1904=table.counts_from_1904,
            sender=senders[source, table.layout],
        )
        for table in tables
    )


def _sender_words(layout: landing.Layout) -> SenderWords:
    """What a layout says of the words of its sender."""
    stated = layout.outcome_words
    outcomes: dict[str, str] = {}
    if stated is not None:
        for outcome in ("success", "reversed", "unknown", "failed"):
            outcomes |= dict.fromkeys(getattr(stated, outcome), outcome)
    return SenderWords(
        date_formats=layout.date_formats,
        empty_word=layout.empty_word,
        outcomes=outcomes,
        failure_reasons=tuple((each.reason, each.codes, each.words) for each in layout.failure_reasons),
        levy_items=layout.levy_items.names if layout.levy_items else (),
        levy_item_beginnings=layout.levy_items.beginnings if layout.levy_items else (),
        person_roles=dict(layout.person_roles),
    )
