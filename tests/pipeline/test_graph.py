"""What the data engineer sees: every table an asset with its description, columns and checks."""

from pathlib import Path

import dagster as dg
import pytest

from pipeline.checks import identities, intake, suites
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.dagster.assets import PUBLISHED
from pipeline.dagster.checks import checks_of_tables
from pipeline.dagster.definitions import make_definitions
from pipeline.dagster.graph import ShownTable, owners_of, shown_tables
from pipeline.dagster.pages import asset_key, code_version_of

DEFINITIONS = make_definitions()
GRAPH = DEFINITIONS.resolve_asset_graph()
SHOWN = shown_tables()
BUILT = [name for table in tables.load_tables().values() for name in table.filled_names]
# More can't be seen at once; whether the graph of a subject fits a screen is measured in a browser (test_ui.py).
ONE_SCREEN = 10


def test_the_definitions_can_be_loaded() -> None:
    """As Dagster loads them."""
    dg.Definitions.validate_loadable(DEFINITIONS)


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: str(shown.name))
def test_every_table_that_is_shown_is_described(shown: ShownTable) -> None:
    """With owner, subject, kinds, columns and their descriptions, contract, SQL and the places in the code."""
    node = GRAPH.get(asset_key(shown.name))
    assert node.description
    assert node.owners
    assert node.group_name == shown.subject
    assert "duckdb" in node.kinds
    schema = node.metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == list(shown.table.column_names)
    assert all(column.description for column in schema.columns)
    assert f"grain: {shown.table.grain}" in node.metadata["contract"].md_str
    for part in (shown.table, *(part for part, _ in shown.parts)):
        assert part.sql is None or part.sql.strip() in node.metadata["sql"].md_str
    references = node.metadata["dagster/code_references"].code_references
    assert all(Path(reference.file_path).is_file() for reference in references)


def test_every_table_is_shown_or_part_of_one_that_is() -> None:
    """Nothing is built that nobody can find; published tables are all shown by their own."""
    owners = owners_of(SHOWN)
    assert set(owners) == set(BUILT)
    assert all(owners[table.full_name] == table.full_name for table in tables.published_tables())


def test_every_subject_is_small() -> None:
    """No name stands in it twice, nor a table before its replies beside itself."""
    by_subject: dict[str, list[TableName]] = {}
    for shown in SHOWN:
        by_subject.setdefault(shown.subject, []).append(shown.name)
    assert len(by_subject) > 1
    for names in by_subject.values():
        assert len(names) <= ONE_SCREEN
        assert len({name.name for name in names}) == len(names)
        assert tables.STATED not in {name.schema for name in names}


def test_tables_come_in_the_order_in_which_they_are_built() -> None:
    """An asset is there before those that read it."""
    place = {shown.name: number for number, shown in enumerate(SHOWN)}
    for shown in SHOWN:
        assert all(place[read] < place[shown.name] for read in shown.reads)


def test_dependencies_come_from_the_sql() -> None:
    """For example what township_participation reads, directly and through a step on the way; its page names them."""
    shown = next(each for each in SHOWN if each.name == TableName("mart", "township_participation"))
    assert {TableName("core", "person_year"), TableName("core", "township_transfer")} <= set(shown.reads)
    assert "`core.township_transfer`" in (GRAPH.get(asset_key(shown.name)).description or "")


@pytest.mark.parametrize("shown", SHOWN, ids=lambda shown: str(shown.name))
def test_what_a_table_reads_stands_above_it(shown: ShownTable) -> None:
    """Over an arrow, or over others where a direct one would say nothing new."""
    key = asset_key(shown.name)
    above = GRAPH.get_ancestor_asset_keys(key)
    assert {asset_key(name) for name in shown.reads} <= above
    parents = GRAPH.get(key).parent_keys
    assert parents == {asset_key(name) for name in shown.arrows_from}
    told_twice = {each for each in parents for other in parents if each in GRAPH.get_ancestor_asset_keys(other)}
    assert {GRAPH.get(each).group_name for each in told_twice} <= {shown.subject}


def test_code_version_is_of_the_table_alone() -> None:
    """Another rule elsewhere changes nothing here: few tables have the same version."""
    versions = [code_version_of(shown) for shown in SHOWN]
    assert len(set(versions)) == len(versions)


def test_publishing_waits_for_every_published_table() -> None:
    """It is the last of the step that builds and judges them: an arrow a subject stands for all of the subject."""
    node = GRAPH.get(PUBLISHED)
    above = GRAPH.get_ancestor_asset_keys(PUBLISHED)
    arrows_from = [GRAPH.get(key).group_name for key in node.parent_keys]
    assert len(arrows_from) == len(set(arrows_from))
    for table in tables.published_tables():
        key = asset_key(table.full_name)
        assert key in above or GRAPH.get(key).group_name in arrows_from
        assert f"`{table.full_name}`" in (node.description or "")


def test_every_check_says_its_rule_in_a_sentence_and_is_judged_by_year() -> None:
    """Identities and suites stop publishing; what came in is a warning."""
    checks = checks_of_tables(SHOWN)
    judged = [check for shown in checks for check in shown.judged]
    assert {check.name for check in judged} >= {check.name for check in identities.identity_checks()}
    assert {check.table for check in judged if check.name in (suites.CONTRACT, suites.YEAR_BEFORE)} == {
        table.full_name for table in suites.tables_with_suites()
    }
    for check in checks:
        node = GRAPH.get(check.key)
        assert all(each.sentence in (node.description or "") for each in check.judged)
        assert node.blocking == check.is_blocking
        assert node.partitions_def is not None
    warnings = {check.key.name for check in checks if not check.is_blocking}
    assert warnings == {suites.YEAR_BEFORE, *(check.name for check in intake.intake_checks())}


def test_the_nightly_schedule_is_on_at_half_past_one_in_shanghai() -> None:
    """And the sensors are on."""
    nightly = DEFINITIONS.resolve_schedule_def("nightly")
    assert (nightly.cron_schedule, nightly.execution_timezone) == ("30 1 * * *", "Asia/Shanghai")
    assert nightly.default_status == dg.DefaultScheduleStatus.RUNNING
    assert DEFINITIONS.resolve_sensor_def("landing").default_status == dg.DefaultSensorStatus.RUNNING
