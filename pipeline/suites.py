"""Great Expectations suites of the published tables, made from their contracts.

A suite guards the shape of a table: columns and types, rows that must stand there, needed values, keys, listed words,
ranges and relations between columns. Accounting identities are SQL (``pipeline.checks``). Great Expectations is imported
only where a suite runs, since that alone takes seconds; what it says is reduced to counts, because its results quote values.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from pipeline import tables
from pipeline.checks import Check, Verdict
from pipeline.errors import DaijiaoError
from pipeline.tables import Table, TableName
from pipeline.warehouse import Session

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuite, ExpectationValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

# Counts only: any other result format quotes values of the table.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
SHAPE = "shape"
ROWS = "rows"
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
    """One expectation of Great Expectations: the check that it belongs to, the frame it looks at, its name and arguments."""

    check: str
    frame: str
    name: str
    arguments: Mapping[str, object]


@cache
def suite_checks() -> tuple[Check, ...]:
    """The blocking checks of every published table's suite."""
    return tuple(
        Check(table.full_name, name, SENTENCES[name], is_blocking=True)
        for table in tables.published_tables()
        for name in dict.fromkeys(expectation.check for expectation in expectations(table))
    )


def expectations(table: Table) -> list[Expectation]:
    """The suite of a table."""
    return [*_of_shape(table), *_of_rows(table), *_of_columns(table)]


def judge_suites(session: Session, names: Iterable[TableName]) -> Iterator[Verdict]:
    """Run the suites of tables on the session's year; a verdict stands as long as the rows that it judged."""
    contracts = tables.load_tables()
    for name in names:
        table = contracts[name]
        counts = session.standing_verdicts(name)
        if counts is None:
            counts = _judge(session, table)
            session.keep_verdicts(name, counts)
        for check in suite_checks():
            if check.table == name:
                yield Verdict(check, counts[check.name])


def _of_shape(table: Table) -> Iterator[Expectation]:
    pairs = [(column.name, column.type) for column in table.columns]
    arguments: dict[str, object] = {"column_A": "column_name", "column_B": "column_type", "value_pairs_set": pairs}
    yield Expectation("types", SHAPE, "ExpectColumnPairValuesToBeInSet", arguments)
    yield Expectation("types", SHAPE, "ExpectTableRowCountToEqual", {"value": len(pairs)})


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
        if column.values:
            arguments = {"column": column.name, "value_set": list(column.values)}
            yield Expectation("words", ROWS, "ExpectColumnValuesToBeInSet", arguments)
        if column.name.endswith(("_count", "_rate")) or column.name == "row_number":
            least = 1 if column.name == "row_number" else 0
            yield Expectation(
                "ranges", ROWS, "ExpectColumnValuesToBeBetween", {"column": column.name, "min_value": least}
            )


def _judge(session: Session, table: Table) -> dict[str, int]:
    """How much each check of a table's suite found against its rule."""
    suite = expectations(table)
    frames = {SHAPE: _shape(session, table), ROWS: _rows(session, table, suite)}
    counts = dict.fromkeys((expectation.check for expectation in suite), 0)
    for frame_name, frame in frames.items():
        of_frame = [expectation for expectation in suite if expectation.frame == frame_name]
        if of_frame:
            for check, found_count in _validate(table, frame, of_frame):
                counts[check] += found_count
    return counts


def _shape(session: Session, table: Table) -> pl.DataFrame:
    session.show(table.full_name)
    return session.query(f"select column_name, column_type from (describe {table.full_name})")


def _rows(session: Session, table: Table, suite: list[Expectation]) -> pl.DataFrame:
    """The columns that the suite looks at; decimals as floats, which Great Expectations compares."""
    used = {
        name
        for expectation in suite
        if expectation.frame == ROWS
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


def _validate(table: Table, frame: pl.DataFrame, of_frame: list[Expectation]) -> Iterator[tuple[str, int]]:
    import great_expectations as gx

    context = _context()
    name = f"{table.full_name} {of_frame[0].frame}"
    source = context.data_sources.add_or_update_pandas("warehouse")
    batch = source.add_dataframe_asset(name).add_batch_definition_whole_dataframe("year")
    suite = _gx_suite(name, of_frame)
    definition = gx.ValidationDefinition(name=name, data=batch, suite=context.suites.add_or_update(suite))
    done = context.validation_definitions.add_or_update(definition).run(
        batch_parameters={"dataframe": frame.to_pandas()}, result_format=RESULT_FORMAT
    )
    for result in done.results:
        yield _counted(result, name)


def _gx_suite(name: str, of_frame: list[Expectation]) -> "ExpectationSuite":
    import great_expectations as gx
    import great_expectations.expectations as library

    made = [
        getattr(library, expectation.name)(**expectation.arguments, meta={"check": expectation.check})
        for expectation in of_frame
    ]
    return gx.ExpectationSuite(name=name, expectations=made)


@cache
def _context() -> "EphemeralDataContext":
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    return context


def _counted(result: "ExpectationValidationResult", suite: str) -> tuple[str, int]:
    """The check that a result belongs to, and how much was found against it; never a value.

    Raises:
        DaijiaoError: the expectation could not be evaluated.
    """
    config = result.expectation_config
    check = config.meta["check"] if config is not None and config.meta else SHAPE
    info = result.exception_info or {}
    if info.get("raised_exception") or any(
        isinstance(each, dict) and each.get("raised_exception") for each in info.values()
    ):
        raise DaijiaoError(f"The check {check} of {suite} could not be evaluated. Report this sentence.")
    if result.success:
        return check, 0
    return check, max(int(result.result.get("unexpected_count") or 0), 1)
