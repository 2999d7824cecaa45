"""The SQL keeps to the subset of DuckDB's dialect that means the same on Spark; macros.sql is DuckDB's alone."""

import re
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from pipeline.contracts.tables import ASSETS_FOLDER, BUILT_SCHEMAS, MACROS, Table, load_tables, references

DIALECT = "duckdb"
STATEMENTS = sorted(path for path in ASSETS_FOLDER.rglob("*.sql") if path != MACROS)
BARE_DECIMAL = re.compile(r"\bas decimal\b(?!\s*\()", re.IGNORECASE)
LISTS_AND_STRUCTS = (exp.Array, exp.ArrayAgg, exp.List, exp.Struct, exp.Lambda, exp.Unnest, exp.Pivot, exp.Bracket)


@cache
def tree_of(sql: str) -> exp.Query:
    """The one select statement that a text is, parsed once for all that is asked of it."""
    (statement,) = sqlglot.parse(sql, dialect=DIALECT)
    assert isinstance(statement, exp.Query)
    return statement


def faults_of(sql: str) -> list[str]:
    """What of a statement another engine would refuse, or read in another way."""
    tree = tree_of(sql)
    found = [f"{type(node).__name__} is no part of the subset" for node in tree.find_all(*LISTS_AND_STRUCTS)]
    found += [
        "* EXCLUDE or REPLACE"
        for node in tree.find_all(exp.Star)
        if node.args.get("except_") or node.args.get("replace")
    ]
    found += ["GROUP BY ALL" for node in tree.find_all(exp.Group) if node.args.get("all")]
    found += ["ASOF join" for node in tree.find_all(exp.Join) if node.args.get("method") == "ASOF"]
    found += [fault for node in tree.find_all(exp.RegexpReplace) for fault in _of_replacement(node)]
    found += [fault for node in tree.find_all(exp.RegexpLike) for fault in _of_match(node)]
    found += [fault for node in tree.find_all(exp.Window) for fault in _of_window(node)]
    found += ["a DECIMAL without precision and scale"] if BARE_DECIMAL.search(sql) else []
    found += ["differences of dates only in days" for node in tree.find_all(exp.DateDiff) if _unit(node) != "DAY"]
    found += ["string_agg without an order" for node in tree.find_all(exp.GroupConcat) if not node.find(exp.Order)]
    return found


def _of_replacement(node: exp.RegexpReplace) -> list[str]:
    """DuckDB replaces the first hit alone, Spark all of them."""
    modifiers = node.args.get("modifiers")
    return [] if modifiers is not None and "g" in modifiers.name else ["regexp_replace without 'g'"]


def _of_match(node: exp.RegexpLike) -> list[str]:
    pattern = node.expression.name
    return [] if pattern.startswith("^") and pattern.endswith("$") else ["regexp_matches without ^ and $"]


def _of_window(node: exp.Window) -> list[str]:
    """Rows that tie in a window's order would be numbered by chance."""
    if isinstance(node.this, exp.Distinct) or node.this.find(exp.Distinct):
        return ["DISTINCT in a window"]
    is_ranking = isinstance(node.this, exp.RowNumber | exp.FirstValue | exp.LastValue | exp.Lag | exp.Lead | exp.Rank)
    return ["a ranking window without an order"] if is_ranking and not node.args.get("order") else []


def _unit(node: exp.DateDiff) -> str:
    return str(node.args.get("unit") or "DAY").strip("'").upper()


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_every_statement_keeps_to_the_portable_subset(path: Path) -> None:
    """And is one select statement that translates to Spark without a warning."""
    sql = path.read_text(encoding="utf-8")
    assert faults_of(sql) == []
    assert tree_of(sql).sql(dialect="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)


def test_what_is_judged_twice_stands_in_a_folder_of_its_own() -> None:
    """Rules there name their inputs in the schema stage, which is stated first and core then; no other rule does."""
    named = {path for path in STATEMENTS if re.search(r"\bstage\.", path.read_text(encoding="utf-8"))}
    assert named == {path for path in STATEMENTS if path.parent.name == "judged"} != set()


@pytest.mark.parametrize("path", STATEMENTS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_what_a_statement_reads_is_found_without_a_parser(path: Path) -> None:
    """The same tables that a parser finds."""
    sql = path.read_text(encoding="utf-8")
    schemas = (*BUILT_SCHEMAS, "stage")
    parsed = {(node.db, node.name) for node in tree_of(sql).find_all(exp.Table)}
    found = {("core" if schema == "stage" else schema, name) for schema, name in parsed if schema in schemas}
    assert {(each.schema, each.name) for each in references(sql, "core")} == found


@pytest.mark.parametrize(
    "table",
    [table for table in load_tables().values() if table.sql is not None],
    ids=lambda table: str(table.full_name),
)
def test_a_statement_gives_the_columns_of_its_contract(table: Table) -> None:
    """All but the policy year, which the build adds."""
    assert sorted(tree_of(str(table.sql)).named_selects) == sorted(set(table.column_names) - {"policy_year"})


def test_words_of_comments_and_texts_are_no_tables() -> None:
    """Whatever they name."""
    sql = "-- core.one\nselect 'it''s core.two' as word from core.three -- raw.four"
    assert [str(each) for each in references(sql, "core")] == ["core.three"]


@pytest.mark.parametrize(
    "sql",
    [
        "select regexp_replace(name, 'a', 'b') from core.person",
        "select 1 from core.person where regexp_matches(name, 'a')",
        "select [1, 2]",
        "select list_transform([1], x -> x + 1)",
        "select {'a': 1}",
        "select * exclude (name) from core.person",
        "select name, count(*) from core.person group by all",
        "select count(distinct name) over (partition by village) from core.person",
        "select row_number() over (partition by village) from core.person",
        "select cast(1 as decimal)",
        "select date_diff('year', birth_date, snapshot_date) from core.person",
        "select string_agg(name, '') from core.person",
        "select unnest([1, 2])",
    ],
)
def test_what_is_outside_the_subset_is_found(sql: str) -> None:
    """A lint that finds nothing proves nothing."""
    assert faults_of(sql)
