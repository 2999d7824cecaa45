"""What becomes of DuckDB's SQL: literal statements in and out, refusals, and the digest of each table's statement."""

import pytest

from pipeline.contracts.tables import TableName, load_tables
from pipeline.warehouse.spark_sql import UntranslatableError, built_by_spark, is_recursive, to_spark

from .statements import DIGESTS, digests


def view(name: TableName) -> str:
    """A table's view, as the engine names it."""
    return f"{name.schema}__{name.name}"


TRANSLATED = {
    "select person.name from core.person where person.age > 1": (
        "SELECT `person`.`name` FROM `core__person` AS `person` WHERE `person`.`age` > 1"
    ),
    "select one.name from core.person as one": "SELECT `one`.`name` FROM `core__person` AS `one`",
    "with a as (select name from core.person) select name from a": (
        "WITH `a` AS (SELECT `name` FROM `core__person` AS `person`) SELECT `name` FROM `a`"
    ),
    "select a / b": "SELECT CAST(`a` AS DOUBLE) / NULLIF(CAST(`b` AS DOUBLE), CAST(0 AS DOUBLE))",
    "select a // b": "SELECT `a` DIV `b`",
    "select cast(a as hugeint)": "SELECT CAST(`a` AS DECIMAL(38, 0))",
    "select cast(a as timestamp)": "SELECT CAST(`a` AS TIMESTAMP_NTZ)",
    r"select regexp_replace(a, '[\s/]', '', 'g')": r"SELECT REGEXP_REPLACE(`a`, '[\\t\\n\\f\\r /]', '')",
    r"select regexp_replace(a, '\s', '', 'g')": r"SELECT REGEXP_REPLACE(`a`, '[\\t\\n\\f\\r ]', '')",
    "select regexp_matches(a, '^.*[市.]$')": r"SELECT `a` RLIKE '^[^\\n]*[市.]\\z'",
    "select levenshtein(a, b)": (
        "SELECT LEVENSHTEIN(DECODE(ENCODE(`a`, 'UTF-8'), 'ISO-8859-1'), DECODE(ENCODE(`b`, 'UTF-8'), 'ISO-8859-1'))"
    ),
    "select json_extract_string(a, '$.\"金额\"')": r"SELECT GET_JSON_OBJECT(`a`, '$[\'金额\']')",
    "select string_agg(a, '|' order by b)": "SELECT LISTAGG(`a`, '|') WITHIN GROUP (ORDER BY `b` NULLS LAST)",
    "select date_diff('day', a, b)": "SELECT DATEDIFF(DAY, `a`, `b`)",
    "select sha256(a)": "SELECT SHA2(`a`, 256)",
    "select a is distinct from b": "SELECT `a` IS DISTINCT FROM `b`",
    "select a, min(b) as b from core.c group by a having count(b) = 1": (
        "SELECT `a`, MIN(`b`) AS `b` FROM `core__c` AS `c` GROUP BY `a` HAVING COUNT(`c`.`b`) = 1"
    ),
    "select lag(a ignore nulls) over (order by b)": "SELECT LAG(`a`) IGNORE NULLS OVER (ORDER BY `b` NULLS LAST)",
    "select spelling(a || b)": r"SELECT (REGEXP_REPLACE((`a` || `b`), '[\\t\\n\\f\\r /]', ''))",
    "select keyed_hash(a, b)": "SELECT (SUBSTRING(SHA2((`a`) || SHA2((`a`) || (`b`), 256), 256), 1, 32))",
}


@pytest.mark.parametrize("sql", TRANSLATED)
def test_a_statement_is_translated_to_this(sql: str) -> None:
    """Another release of sqlglot may write something else, or something that means something else."""
    assert to_spark(sql, view) == TRANSLATED[sql]


@pytest.mark.parametrize(
    "sql",
    [
        "select no_such_function(a)",
        "select md5_number(a)",
        "select list_sum(a)",
        "select try_strptime(a, '%Y')",
        "select avg(a)",
        "select lower(a)",
        "select a ilike 'b'",
        "select a ^ b",
        "select date_diff('year', a, b)",
        "select extract(epoch from a)",
        "select cast(a as time)",
        "select substr(a, 0, 1)",
        "select substr(a, -1)",
        "select trim(a, 'b')",
        "select regexp_replace(a, 'b', 'c')",
        "select regexp_replace(a, '(b)', '\\1', 'g')",
        "select regexp_replace(a, 'b', 'c', 'gi')",
        "select regexp_matches(a, b)",
        "select regexp_matches(a, '^\\d$')",
        "select a like '10\\%'",
        "select json_extract_string(a, '$[0]')",
        "select spelling(a, b)",
        "select one.a, min(b) as b from core.one inner join core.two on one.a = two.a group by one.a having count(b) = 1",
        "with recursive a as (select 1 as n union all select n + 1 from a where n < 3) select n from a",
    ],
)
def test_what_is_not_known_to_mean_the_same_is_refused(sql: str) -> None:
    """Also what sqlglot would let through as it stands."""
    with pytest.raises(UntranslatableError):
        to_spark(sql, view)


def test_a_table_is_built_in_the_types_of_its_contract() -> None:
    """Else a null of no type, or a wider number, would be what the next statement reads."""
    table = load_tables()[TableName("core", "file_status")]
    names = [column.name for column in table.columns if column.name != "policy_year"]
    statement = built_by_spark(table, f"select {', '.join(f'null as {name}' for name in names)}", view)
    head = statement.partition(" FROM ")[0]
    spark = {"VARCHAR": "STRING", "INTEGER": "INT", "TIMESTAMP": "TIMESTAMP_NTZ"}
    assert head == "SELECT " + ", ".join(
        f"CAST(`{column.name}` AS {spark.get(column.type, column.type)}) AS `{column.name}`"
        for column in table.columns
        if column.name != "policy_year"
    )


def test_every_statement_is_the_one_that_was_compared() -> None:
    """Whoever changes a statement, or sqlglot, compares the tables of both engines before these digests are written anew."""
    assert digests() == dict(reversed(line.split("  ")) for line in DIGESTS.read_text(encoding="utf-8").splitlines()), (
        "run `.venv/bin/python -m tests.spark.statements` once `make test-whole` passes"
    )


def test_recursion_is_seen() -> None:
    """Wherever it stands."""
    assert is_recursive("select a from (with recursive b as (select 1 as a) select a from b) as c")
    assert not is_recursive("with recursion as (select 1 as a) select a from recursion")
