"""What the data engineer sees: every table an asset with its description, columns and checks."""

import dagster as dg
import pytest

from pipeline.checks import identities as checks
from pipeline.checks import suites
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.dagster.assets import PUBLISHED, asset_key
from pipeline.dagster.definitions import defs

GRAPH = defs.resolve_asset_graph()
BUILT = [name for table in tables.load_tables().values() for name in table.filled_names]


def test_the_definitions_can_be_loaded() -> None:
    """As Dagster loads them."""
    dg.Definitions.validate_loadable(defs)


@pytest.mark.parametrize("name", BUILT, ids=str)
def test_every_table_is_an_asset_that_is_described(name: TableName) -> None:
    """With owner, group, kinds, columns and their descriptions."""
    node = GRAPH.get(asset_key(name))
    assert node.description
    assert node.owners
    assert node.group_name == ("core" if name.schema == tables.STATED else name.schema)
    assert "duckdb" in node.kinds
    schema = node.metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == list(tables.load_tables()[contract(name)].column_names)
    assert all(column.description for column in schema.columns)


def contract(name: TableName) -> TableName:
    """The contract by which a table is built."""
    return TableName("core", name.name) if name.schema == tables.STATED else name


def test_dependencies_come_from_the_sql() -> None:
    """For example what township_participation reads."""
    parents = {
        key.to_user_string() for key in GRAPH.get(asset_key(TableName("mart", "township_participation"))).parent_keys
    }
    assert "core/person_year" in parents


def test_publishing_waits_for_every_published_table_and_every_identity() -> None:
    """A blocking check on any of them stops it."""
    parents = GRAPH.get(PUBLISHED).parent_keys
    assert {asset_key(table.full_name) for table in tables.published_tables()} <= parents
    assert {asset_key(check.table) for check in checks.identity_checks()} <= parents


def test_every_check_says_its_rule_in_a_sentence() -> None:
    """Identities and suites stop publishing; mismatches are findings and never do."""
    for check in (*checks.identity_checks(), *suites.suite_checks(), *checks.mismatch_checks()):
        node = GRAPH.get(dg.AssetCheckKey(asset_key(check.table), check.name))
        assert node.description
        assert node.blocking == check.is_blocking
    assert all(check.is_blocking for check in (*checks.identity_checks(), *suites.suite_checks()))
    assert not any(check.is_blocking for check in checks.mismatch_checks())


def test_every_published_table_has_a_suite() -> None:
    """At least its columns and types are guarded; tables that no year can be without have a row count."""
    assert {check.table for check in suites.suite_checks()} == {table.full_name for table in tables.published_tables()}
    rules = {
        (str(table.full_name), expectation.rule)
        for table in tables.published_tables()
        for expectation in suites.expectations(table)
    }
    for table in tables.published_tables():
        assert (str(table.full_name), "types") in rules
    needed = {str(table.full_name) for table in tables.published_tables() if table.is_needed}
    assert needed >= {
        "core.person_year",
        "mart.coverage_ladder",
        "mart.district_summary",
        "mart.source_file",
        "mart.township_fund",
        "mart.township_participation",
    }
    assert {name for name, rule in rules if rule == "row_count"} == needed


def test_the_nightly_schedule_is_on_at_half_past_one_in_shanghai() -> None:
    """And the sensors are on."""
    nightly = defs.resolve_schedule_def("nightly")
    assert (nightly.cron_schedule, nightly.execution_timezone) == ("30 1 * * *", "Asia/Shanghai")
    assert nightly.default_status == dg.DefaultScheduleStatus.RUNNING
    assert defs.resolve_sensor_def("landing").default_status == dg.DefaultSensorStatus.RUNNING
