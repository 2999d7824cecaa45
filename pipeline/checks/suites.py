"""Great Expectations suites of the published tables and of what was landed, made from their contracts.

A suite guards what the store can't refuse: rows that must stand there, ranges, relations between columns, and what became of the
year before's figures. Types, needed values, listed words and keys are the table's own (``create_statement``), doubles are counted
when it is built, and accounting identities are SQL (``pipeline.checks.identities``). Great Expectations is imported only where a
suite runs, since that alone takes seconds; what it says is reduced to counts, because its results quote values.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from pipeline.checks.identities import Check, Verdict
from pipeline.contracts import tables
from pipeline.contracts.codes import vocabulary
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.warehouse.session import Session

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition

# Counts only: any other result format quotes values of the table.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
CONTRACT = "contract"
YEAR_BEFORE = "year_before"
SENTENCES = {
    "row_count": "The year has at least one row.",
    "ranges": "No count of rows, persons or days and no rate is below 0, and no row number below 1.",
    "relations": "A part is never larger than its whole, and a lower bound never above the upper.",
    YEAR_BEFORE: "No figure is less than half, or more than double, of that of the year before. 与上年相比没有减半或翻倍",
}
# What says which files and rows were landed; the tables of single sources hold the same rows.
LANDED = (TableName("raw", "landed_file"), TableName("raw", "landed_row"))
# Counts that don't say so in their last word.
COUNTED = (
    "row_number",
    "first_row_number",
    "hidden_rows",
    "rows_read",
    *(f"rows_{fate}" for fate in vocabulary("row_fate").code_names),
)
# A figure of a year beside that of the year before; where there is none, nothing is compared.
LEAST_RATIO, MOST_RATIO = 0.5, 2.0


class Expectation(NamedTuple):
    """One expectation of Great Expectations: the rule that it belongs to, its name and arguments."""

    rule: str
    name: str
    arguments: Mapping[str, object]


@cache
def suite_checks() -> tuple[Check, ...]:
    """The checks of every table that has a suite, whose rules are counted one by one; that of the year before is a warning."""
    checks = []
    for table in tables_with_suites():
        rules = [each.rule for each in expectations(table)]
        if stopping := [rule for rule in dict.fromkeys(rules) if rule != YEAR_BEFORE]:
            said = " ".join(SENTENCES[rule] for rule in stopping)
            checks.append(Check(table.full_name, CONTRACT, said, is_blocking=True))
        if YEAR_BEFORE in rules:
            said = SENTENCES[YEAR_BEFORE]
            checks.append(Check(table.full_name, YEAR_BEFORE, said, is_blocking=False))
    return tuple(checks)


@cache
def tables_with_suites() -> tuple[Table, ...]:
    """Of the published tables and of what says which files and rows were landed, those of which a suite can find something."""
    landed = [table for table in tables.load_tables().values() if table.full_name in LANDED]
    return tuple(table for table in (*landed, *tables.published_tables()) if expectations(table))


def expectations(table: Table) -> list[Expectation]:
    """The suite of a table."""
    return [*_of_table(table), *_of_columns(table), *_of_year_before(table)]


def judge_suites(session: Session) -> Iterator[Verdict]:
    """Run the suites on the session's year; a verdict stands as long as the rows that it judged."""
    fresh = {}
    for table in tables_with_suites():
        name = table.full_name
        suite = repr(expectations(table))
        counts = session.standing_verdicts(name, suite)
        if counts is None:
            counts = _judge(session, table)
            session.keep_verdicts(name, suite, counts)
        fresh[name] = counts
    for check in suite_checks():
        is_of_years = check.name == YEAR_BEFORE
        counts = {rule: count for rule, count in fresh[check.table].items() if (rule == YEAR_BEFORE) == is_of_years}
        yield Verdict(check, sum(counts.values()), counts)


def _of_table(table: Table) -> Iterator[Expectation]:
    if table.is_needed:
        yield Expectation("row_count", "ExpectTableRowCountToBeBetween", {"min_value": 1})
    for larger, smaller in table.at_least:
        pair = {"column_A": larger, "column_B": smaller, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
        yield Expectation("relations", "ExpectColumnPairValuesAToBeGreaterThanB", pair)


def _of_columns(table: Table) -> Iterator[Expectation]:
    for column in table.columns:
        least = 1 if column.name == "row_number" else 0
        is_counted = column.name.endswith(("_count", "_rate")) or column.name in COUNTED
        if is_counted and f"{column.name} > 0" not in table.constraints:
            yield Expectation("ranges", "ExpectColumnValuesToBeBetween", {"column": column.name, "min_value": least})


def _of_year_before(table: Table) -> Iterator[Expectation]:
    for name in table.steady:
        between = {"column": _ratio(name), "min_value": LEAST_RATIO, "max_value": MOST_RATIO}
        yield Expectation(YEAR_BEFORE, "ExpectColumnValuesToBeBetween", between)


def _ratio(column: str) -> str:
    return f"{column}_ratio"


def _judge(session: Session, table: Table) -> dict[str, int]:
    """How much each rule of a table's suite found against it."""
    suite = expectations(table)
    counts = dict.fromkeys((expectation.rule for expectation in suite), 0)
    of_rows = [expectation for expectation in suite if expectation.rule != YEAR_BEFORE]
    if of_rows:
        for rule, found_count in _validate(_rows(session, table, of_rows), table, of_rows):
            counts[rule] += found_count
    of_years = [expectation for expectation in suite if expectation.rule == YEAR_BEFORE]
    if of_years and not (ratios := _ratios(session, table)).is_empty():
        for rule, found_count in _validate(ratios, table, of_years):
            counts[rule] += found_count
    return counts


def _ratios(session: Session, table: Table) -> pl.DataFrame:
    """Each steady figure over that of the year before, null where that is 0; no row where the year before isn't there."""
    key = [name for name in table.key if name != "policy_year"]
    before = session.of_year_before(table.full_name)
    rows = session.find(f"select * from {table.full_name}")
    joined = rows.join(before, on=key, suffix=" before") if key else rows.join(before, how="cross", suffix=" before")
    is_there = [pl.col(f"{name} before") > 0 for name in table.steady]
    return joined.select(
        pl.when(known)
        .then(pl.col(name).cast(pl.Float64) / pl.col(f"{name} before").cast(pl.Float64))
        .alias(_ratio(name))
        for name, known in zip(table.steady, is_there, strict=True)
    )


def _rows(session: Session, table: Table, of_rows: Sequence[Expectation]) -> pl.DataFrame:
    """The columns that the suite looks at; decimals as floats, which Great Expectations compares.

    Of the rows that break none of its rules one stands for all: to hand over a hundred thousand takes longer than to judge them.
    """
    used = {
        str(expectation.arguments[argument])
        for expectation in of_rows
        for argument in ("column", "column_A", "column_B")
        if argument in expectation.arguments
    }
    selected = [
        f"cast({column.name} as double) as {column.name}" if column.type.startswith("DECIMAL") else column.name
        for column in table.columns
        if column.name in used
    ]
    select = f"select {', '.join(selected) or '1'} from {table.full_name}"
    broken = " or ".join(f"coalesce({each}, false)" for each in map(_broken, of_rows) if each) or "false"
    return session.find(f"{select} where {broken} union all ({select} where not ({broken}) limit 1)")


def _broken(expectation: Expectation) -> str | None:
    """When a row breaks an expectation; null where that is about the table as a whole."""
    arguments = expectation.arguments
    if "column" in arguments:
        return f"{arguments['column']} < {arguments['min_value']}"
    return f"{arguments['column_A']} < {arguments['column_B']}" if "column_A" in arguments else None


def _validate(frame: pl.DataFrame, table: Table, suite: Sequence[Expectation]) -> Iterator[tuple[str, int]]:
    """Run expectations of a table on a frame: the rule, and how much was found against it."""
    import great_expectations as gx
    import great_expectations.expectations as library

    made = [
        getattr(library, each.name)(**each.arguments, meta={"table": str(table.full_name), "rule": each.rule})
        for each in suite
    ]
    batch = _any_frame().get_batch(batch_parameters={"dataframe": frame.to_pandas()})
    done = batch.validate(gx.ExpectationSuite(name="suite", expectations=made), result_format=RESULT_FORMAT)
    for result in done.results:
        yield _counted(result)


@cache
def _any_frame() -> "BatchDefinition[Any]":
    """The batch definition through which every frame is judged."""
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("warehouse").add_dataframe_asset("frame")
    return asset.add_batch_definition_whole_dataframe("whole")


def _counted(result: "ExpectationValidationResult") -> tuple[str, int]:
    """The rule that a result belongs to, and how much was found against it; never a value.

    Raises:
        DaijiaoError: the expectation could not be evaluated.
    """
    meta = result.expectation_config.meta if result.expectation_config is not None else None
    assert meta is not None
    rule = str(meta["rule"])
    info = result.exception_info or {}
    if info.get("raised_exception") or any(
        isinstance(each, dict) and each.get("raised_exception") for each in info.values()
    ):
        raise DaijiaoError(f"The rule {rule} of {meta['table']} could not be evaluated. Report this sentence.")
    if result.success:
        return rule, 0
    return rule, max(int(result.result.get("unexpected_count") or 0), 1)
