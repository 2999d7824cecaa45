"""The suites find what the store lets in: for every expectation of every table a fault is planted, which stops publication."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import pytest

from pipeline.checks import suites
from pipeline.checks.identities import Verdict, stop_where_checks_fail
from pipeline.checks.suites import CONTRACT, YEAR_BEFORE, Expectation, expectations, tables_with_suites
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError
from pipeline.warehouse.engine_duckdb import DuckDBEngine
from pipeline.warehouse.session import Session
from pipeline.warehouse.versions import Versions
from tests.sql.results import plain

YEAR = 2019
Planted = list[tuple[Expectation, dict[str, Any]]]
SUITES = {str(table.full_name): table for table in tables_with_suites()}
# What the constraints of a table ask of a sound row beside plain values.
SOUND: dict[str, dict[str, Any]] = {
    "mart.capacity_silence": {"person_count": 1},
    "mart.coverage_ladder": {"step": 1},
    "core.person_year": {"uncovered_reason": "silent"},
    "mart.payment_status": {"payment_status": "silent"},
}


# What else of a row must be different, so that the store lets a fault in.
BESIDE: tuple[dict[str, int], ...] = (
    {"refunded_count": -1, "uncovered_count": 1},
    {"excluded_count": 1, "uncovered_count": -1},
    {"excluded_count": 1, "eligible_count": -1},
    {"disputed_yuan": -1, "balance_yuan": -2, "cash_balance_yuan": -1, "allocated_yuan": 0},
    {"balance_yuan": -2, "township_balance_yuan": -2},
)


def is_of_rows(expectation: Expectation) -> bool:
    """Whether an expectation looks at each row by itself."""
    return expectation.rule in ("ranges", "relations")


def put(engine: DuckDBEngine, table: Table, *rows: dict[str, Any], year: int = YEAR) -> None:
    """Make these the only rows of a table; what isn't given is plain and sound, and each has a key of its own.

    Raises:
        DaijiaoError: the store refuses one of them.
    """
    columns = [column for column in table.columns if column.name != "policy_year"]
    told_apart = _told_apart_by(table)
    selects = []
    for number, row in enumerate(rows, start=1):
        own = {told_apart: str(number)} if told_apart else {}
        values = {**SOUND.get(str(table.full_name), {}), **own, **row}
        cells = {column: values.get(column.name, plain(column, number)) for column in columns}
        selects.append(
            "SELECT "
            + ", ".join(
                f'CAST({"NULL" if value is None else repr(str(value))} AS {column.type}) AS "{column.name}"'
                for column, value in cells.items()
            )
        )
    engine.replace(table, table.full_name, year, " UNION ALL ".join(selects), repr(rows))


def _told_apart_by(table: Table) -> str | None:
    """A column of the key that can hold any number; none where a year has one row."""
    types = {column.name: column.type for column in table.columns if not column.values and column.name != "policy_year"}
    return next(
        (name for name in (*table.key, *table.unique) if types.get(name) in ("VARCHAR", "INTEGER", "BIGINT")), None
    )


def judged(engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch, table: Table) -> dict[str, Verdict]:
    """The verdicts of a table's suite on the rows that stand there, by the name of the check."""
    checks = tuple(check for check in suites.suite_checks() if check.table == table.full_name)
    with monkeypatch.context() as patch:
        patch.setattr(suites, "tables_with_suites", lambda: (table,))
        patch.setattr(suites, "suite_checks", lambda: checks)
        return {verdict.check.name: verdict for verdict in suites.judge_suites(Session(engine, YEAR, Versions({})))}


def faults(table: Table, expectation: Expectation) -> Iterator[dict[str, Any]]:
    """Rows that break an expectation, from the plainest on: what the store refuses of them is not the suite's to find."""
    arguments: Mapping[str, Any] = expectation.arguments
    broken = {"column_A": 1, "column_B": 2} if "column_A" in arguments else {"column": arguments["min_value"] - 1}
    fault = {str(arguments[argument]): value for argument, value in broken.items()}
    yield fault
    yield from (fault | beside for beside in BESIDE if set(beside) <= set(table.column_names))
    numbers = [
        column.name for column in table.columns if column.type not in ("VARCHAR", "DATE", "BOOLEAN", "TIMESTAMP")
    ]
    for other, value in product([name for name in numbers if name not in {*fault, "policy_year"}], (-1, 1)):
        yield fault | {other: value}


def let_in(engine: DuckDBEngine, table: Table, expectation: Expectation) -> dict[str, Any]:
    """The first of the rows that break an expectation which the store lets in."""
    for fault in faults(table, expectation):
        try:
            put(engine, table, fault)
        except DaijiaoError:
            continue
        return fault
    return pytest.fail(f"{expectation.arguments} of {table.full_name} repeats what the store refuses")


def judged_together(table: Table, planted: Planted) -> list[tuple[list[Expectation], list[dict[str, Any]]]]:
    """Faults that one judgement can find: all of a table with many rows; of one with a row a year those of a kind of rule."""
    if _told_apart_by(table):
        return [([each for each, _ in planted], [row for _, row in planted])]
    of_ranges = [(each, row) for each, row in planted if each.rule == "ranges"]
    in_one_row = {column: value for _, row in of_ranges for column, value in row.items()}
    others = [([each], [row]) for each, row in planted if each.rule != "ranges"]
    return [([each for each, _ in of_ranges], [in_one_row]), *others]


@pytest.mark.parametrize("name", [name for name, table in SUITES.items() if any(map(is_of_rows, expectations(table)))])
def test_planted_faults_are_found(name: str, engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for each expectation, which the store lets in: one that repeats a constraint finds nothing, and isn't needed."""
    table = SUITES[name]
    put(engine, table, {})
    assert judged(engine, monkeypatch, table)[CONTRACT].is_passed
    of_rows = [each for each in expectations(table) if is_of_rows(each)]
    planted = [(each, let_in(engine, table, each)) for each in of_rows]
    for group, fault_rows in judged_together(table, planted):
        put(engine, table, *fault_rows)
        verdict = judged(engine, monkeypatch, table)[CONTRACT]
        for rule in {each.rule for each in group}:
            assert verdict.count_by_rule[rule] >= sum(each.rule == rule for each in group)
        with pytest.raises(DaijiaoError, match=f"contract of {name}"):
            stop_where_checks_fail([verdict])


@pytest.mark.parametrize("name", [name for name, table in SUITES.items() if table.is_needed])
def test_a_table_without_a_row_is_found(name: str, engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no year can be without one."""
    table = SUITES[name]
    put(engine, table, {})
    nothing = ", ".join(f'NULL AS "{column}"' for column in table.column_names if column != "policy_year")
    engine.replace(table, table.full_name, YEAR, f"SELECT {nothing} WHERE false", "nothing")
    assert judged(engine, monkeypatch, table)[CONTRACT].count_by_rule["row_count"] == 1


@pytest.mark.parametrize(
    ("before", "now", "found"), [(100, 100, 0), (100, 200, 0), (100, 50, 0), (100, 201, 1), (100, 49, 1), (0, 500, 0)]
)
def test_what_halved_or_doubled_since_the_year_before_is_a_warning(
    before: int, now: int, found: int, engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a figure that was 0 nothing is said; a verdict stands until one of both years changes."""
    table = SUITES["mart.district_summary"]
    put(engine, table, {"roll_count": before}, year=YEAR - 1)
    put(engine, table, {"roll_count": now})
    verdict = judged(engine, monkeypatch, table)[YEAR_BEFORE]
    assert (verdict.found_count, verdict.check.is_blocking) == (found, False)


def test_without_a_year_before_nothing_is_compared(engine: DuckDBEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first year is judged by its own rows alone."""
    table = SUITES["mart.township_participation"]
    put(engine, table, {})
    assert judged(engine, monkeypatch, table)[YEAR_BEFORE].is_passed


def test_landed_tables_have_a_suite_and_no_rule_repeats_the_store() -> None:
    """Types, needed values, words and keys are the store's."""
    assert {"raw.landed_file", "raw.landed_row"} <= set(SUITES)
    assert {each.rule for table in SUITES.values() for each in expectations(table)} == set(suites.SENTENCES)
    assert TableName("core", "return_line") in {check.table for check in suites.suite_checks()}
