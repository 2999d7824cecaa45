"""Great Expectations suites of the published tables, made from their contracts.

A suite guards the shape of a table: columns and types, rows that must stand there, needed values, keys, listed words,
ranges and relations between columns. Accounting identities are SQL (``pipeline.checks.identities``). Great Expectations
is imported only where a suite runs, since that alone takes seconds; what it says is reduced to counts, because its results
quote values.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from pipeline.checks.identities import Check, Verdict
from pipeline.contracts import tables
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.warehouse.session import Session

if TYPE_CHECKING:
    from great_expectations.core import ExpectationValidationResult
    from great_expectations.core.batch_definition import BatchDefinition

# Counts only: any other result format quotes values of the table.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SHAPE = "shape"
ROWS = "rows"
CONTRACT = "contract"
SENTENCES = {
    "types": "The columns and their types are those of the contract.",
    "row_count": "The year has at least one row.",
    "required": "No required value is missing.",
    "key": "No two rows have the same key.",
    "words": "Columns with listed words hold no other.",
    "ranges": "No count or rate is below 0, and no row number below 1.",
    "relations": "A part is never larger than its whole, and a lower bound never above the upper.",
}


class Expectation(NamedTuple):
    """One expectation of Great Expectations: the rule that it belongs to, the frame it looks at, its name and arguments."""

    rule: str
    frame: str
    name: str
    arguments: Mapping[str, object]


@cache
def suite_checks() -> tuple[Check, ...]:
    """A blocking check for each published table: its suite, whose rules are counted one by one."""
    return tuple(
        Check(
            table.full_name,
            CONTRACT,
            " ".join(SENTENCES[rule] for rule in dict.fromkeys(each.rule for each in expectations(table))),
            is_blocking=True,
        )
        for table in tables.published_tables()
    )


def load_library() -> None:
    """Import what judges the suites, in a thread of its own: it takes seconds, in which tables can be built."""
    Thread(
        target=import_module, args=["great_expectations.expectations"], name="great_expectations", daemon=True
    ).start()


def expectations(table: Table) -> list[Expectation]:
    """The suite of a table."""
    return [*_of_shape(table), *_of_rows(table), *_of_columns(table)]


def judge_suites(session: Session, names: Sequence[TableName]) -> Iterator[Verdict]:
    """Run the suites of tables on the session's year; a verdict stands as long as the rows that it judged."""
    standing = {name: session.standing_verdicts(name) for name in names}
    changed = [tables.load_tables()[name] for name, found in standing.items() if found is None]
    fresh = _judge(session, changed)
    for name, counts in fresh.items():
        session.keep_verdicts(name, counts)
    for check in suite_checks():
        if check.table in standing:
            counts = standing[check.table] or fresh[check.table]
            yield Verdict(check, sum(counts.values()), counts)


def _of_shape(table: Table) -> Iterator[Expectation]:
    """About a frame of the names and types of many tables' columns, of which the table's own rows are looked at."""
    stated = [f"{column.name} {column.type}" for column in table.columns]
    own = {"row_condition": f'table_name == "{table.full_name}"', "condition_parser": "pandas"}
    arguments = {"column": "column_and_type", "value_set": stated, **own}
    yield Expectation("types", SHAPE, "ExpectColumnDistinctValuesToEqualSet", arguments)


def _of_rows(table: Table) -> Iterator[Expectation]:
    if table.is_needed:
        yield Expectation("row_count", ROWS, "ExpectTableRowCountToBeBetween", {"min_value": 1})
    key = [name for name in table.key if name != "policy_year"] or list(table.key)
    if len(key) == 1:
        yield Expectation("key", ROWS, "ExpectColumnValuesToBeUnique", {"column": key[0]})
    elif key:
        yield Expectation(
            "key", ROWS, "ExpectCompoundColumnsToBeUnique", {"column_list": key, "ignore_row_if": "never"}
        )
    for larger, smaller in table.at_least:
        pair = {"column_A": larger, "column_B": smaller, "or_equal": True, "ignore_row_if": "either_value_is_missing"}
        yield Expectation("relations", ROWS, "ExpectColumnPairValuesAToBeGreaterThanB", pair)


def _of_columns(table: Table) -> Iterator[Expectation]:
    for column in table.columns:
        if column.is_required and column.name not in table.key:
            yield Expectation("required", ROWS, "ExpectColumnValuesToNotBeNull", {"column": column.name})
        if column.values and column.prefix is None:
            arguments = {"column": column.name, "value_set": list(column.values)}
            yield Expectation("words", ROWS, "ExpectColumnValuesToBeInSet", arguments)
        if column.name.endswith(("_count", "_rate")) or column.name == "row_number":
            least = 1 if column.name == "row_number" else 0
            yield Expectation(
                "ranges", ROWS, "ExpectColumnValuesToBeBetween", {"column": column.name, "min_value": least}
            )


def _judge(session: Session, judged: Sequence[Table]) -> dict[TableName, dict[str, int]]:
    """How much each rule of the tables' suites found against its rule."""
    suites = {table: expectations(table) for table in judged}
    counts = {
        table.full_name: dict.fromkeys((expectation.rule for expectation in suite), 0)
        for table, suite in suites.items()
    }
    if judged:
        of_shape = {table.full_name: _of_frame(suite, SHAPE) for table, suite in suites.items()}
        for name, rule, found_count in _validate(_shape(session, judged), of_shape):
            counts[name][rule] += found_count
    for table, suite in suites.items():
        of_rows = _of_frame(suite, ROWS)
        if of_rows:
            for name, rule, found_count in _validate(_rows(session, table, of_rows), {table.full_name: of_rows}):
                counts[name][rule] += found_count
    return counts


def _of_frame(suite: Sequence[Expectation], frame: str) -> list[Expectation]:
    return [expectation for expectation in suite if expectation.frame == frame]


def _shape(session: Session, judged: Sequence[Table]) -> pl.DataFrame:
    """The names and types of the tables' columns as they stand in the store."""
    described = []
    for table in judged:
        session.show(table.full_name)
        described.append(
            session.query(
                f"select '{table.full_name}' as table_name, column_name || ' ' || column_type as column_and_type "
                f"from (describe {table.full_name})"
            )
        )
    return pl.concat(described)


def _rows(session: Session, table: Table, of_rows: Sequence[Expectation]) -> pl.DataFrame:
    """The columns that the suite looks at; decimals as floats, which Great Expectations compares."""
    used = {
        name
        for expectation in of_rows
        for argument in ("column", "column_A", "column_B", "column_list")
        for name in _names(expectation.arguments.get(argument, []))
    }
    selected = [
        f"cast({column.name} as double) as {column.name}" if column.type.startswith("DECIMAL") else column.name
        for column in table.columns
        if column.name in used
    ]
    return session.find(f"select {', '.join(selected) or '1'} from {table.full_name}")


def _names(argument: object) -> list[str]:
    return [argument] if isinstance(argument, str) else list(argument) if isinstance(argument, list) else []


def _validate(
    frame: pl.DataFrame, suites: Mapping[TableName, Sequence[Expectation]]
) -> Iterator[tuple[TableName, str, int]]:
    """Run expectations of tables on a frame: table, rule, and how much was found against it."""
    import great_expectations as gx
    import great_expectations.expectations as library

    made = [
        getattr(library, expectation.name)(**expectation.arguments, meta={"table": str(name), "rule": expectation.rule})
        for name, suite in suites.items()
        for expectation in suite
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


def _counted(result: "ExpectationValidationResult") -> tuple[TableName, str, int]:
    """The table and rule that a result belongs to, and how much was found against it; never a value.

    Raises:
        DaijiaoError: the expectation could not be evaluated.
    """
    meta = result.expectation_config.meta if result.expectation_config is not None else None
    assert meta is not None
    name, rule = TableName(*meta["table"].split(".")), meta["rule"]
    info = result.exception_info or {}
    if info.get("raised_exception") or any(
        isinstance(each, dict) and each.get("raised_exception") for each in info.values()
    ):
        raise DaijiaoError(f"The rule {rule} of {name} could not be evaluated. Report this sentence.")
    if result.success:
        return name, rule, 0
    return name, rule, max(int(result.result.get("unexpected_count") or 0), 1)
