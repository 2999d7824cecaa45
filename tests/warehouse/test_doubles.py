"""A row that stands twice stops the run, in every table: by the key that the store keeps, or by the count of doubles."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.contracts import tables
from pipeline.contracts.statements import create_statement
from pipeline.contracts.tables import Contract, Table, TableName, build_order, load_tables
from pipeline.errors import DaijiaoError
from pipeline.warehouse.engine_duckdb import DuckDBEngine
from pipeline.warehouse.reading import reading
from tests.sql.results import plain
from tests.warehouse.conftest import Installation

YEAR = 2019
BUILT = {str(name): table for table in load_tables().values() for name in table.filled_names}
# What the constraints of a table ask of a row beside plain values.
ASKED: dict[str, dict[str, Any]] = {
    "mart.capacity_silence": {"person_count": 1},
    "mart.coverage_ladder": {"step": 1},
    "core.person_year": {"uncovered_reason": "silent"},
    "mart.payment_status": {"payment_status": "silent"},
}


def values(table: Table) -> str:
    """A row of a table as a select statement gives it."""
    asked = ASKED.get(str(table.full_name), {})
    columns = [column for column in table.columns if column.name != "policy_year"]
    given = {column.name: asked.get(column.name, plain(column, 1)) for column in columns}
    return ", ".join(
        f'CAST({"NULL" if value is None else repr(str(value))} AS {column.type}) AS "{column.name}"'
        for column, value in zip(columns, given.values(), strict=True)
    )


@pytest.mark.parametrize("name", BUILT)
def test_a_row_that_stands_twice_is_refused(name: str, engine: DuckDBEngine) -> None:
    """One row is none too many; the second stops the run, and what stood there stands."""
    table, built = BUILT[name], TableName(*name.split("."))
    row = values(table)
    engine.replace(table, built, YEAR, f"SELECT {row}", "made from one")
    with pytest.raises(DaijiaoError):
        engine.replace(table, built, YEAR, f"SELECT {row} UNION ALL SELECT {row}", "made from two")
    assert engine.kept(YEAR)[built].made_from == "made from one"


def test_a_planted_double_stops_the_refresh(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a published table without a key: nothing is published, and the sentence names the table and no value."""
    table = load_tables()[TableName("mart", "quarantined_row")]
    doubled = replace(table, sql=f"{table.sql} union all select 'a.csv', null, 1, 'row', 'reason' from range(2)")
    order = tuple((doubled if each is table else each, schema) for each, schema in build_order())
    monkeypatch.setattr(tables, "build_order", lambda: order)
    published = installation.run.published.read_bytes()
    with pytest.raises(DaijiaoError, match=r"mart\.quarantined_row of \d+ would have 1 rows more than once"):
        installation.refresh()
    assert installation.run.published.read_bytes() == published


def test_every_contract_has_a_key_or_unique_columns() -> None:
    """And the statement that makes its table states the key."""
    for table in load_tables().values():
        assert bool(table.key) != bool(table.unique), table.full_name
        assert ("PRIMARY KEY" in create_statement(table, "t")) == bool(table.key)


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"key": ["policy_year"], "unique": ["person_no"]},
        {"key": ["nobody"]},
        {"key": ["policy_year"], "steady": ["nobody"]},
    ],
)
def test_a_contract_without_one_of_both_is_refused(given: dict[str, list[str]]) -> None:
    """So no table comes without; nor may it name what it hasn't."""
    columns = {"policy_year": "required", "person_no": "optional"}
    with pytest.raises(ValidationError):
        Contract.model_validate({"grain": "One row.", "chinese": "表", "columns": columns, **given})


def test_the_same_fact_of_two_files_is_two_rows(installation: Installation) -> None:
    """Two lists of one day whose heads name the same unknown township are published, each with its mismatch."""
    for batch in ("B8", "B9"):
        path = installation.folder / "raw" / str(YEAR) / "bank_returns" / f"{batch}.txt"
        path.write_text(
            f"{batch}|20190612|火星镇|1|100.00|\n1|张三|62{batch[1]}0|100.00||2000|处理中|\n", encoding="utf-8"
        )
    installation.refresh()
    with reading(installation.run.published) as connection:
        found = connection.execute(
            "SELECT source_file FROM mart.roster_mismatch WHERE kind = 'unknown_township' ORDER BY source_file"
        ).fetchall()
    assert found == [("bank_returns/B8.txt",), ("bank_returns/B9.txt",)]
