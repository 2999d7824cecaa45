"""Every function and operator that is let through gives the same on Spark's protocol as in DuckDB, on awkward values."""

from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pytest
from sqlglot import exp

from pipeline.contracts.tables import MACROS
from pipeline.warehouse.spark_sql import _REWRITINGS, SAME, to_spark

TEXTS = "(values (1, ''), (2, ' a'), (3, null), (4, '　镇 办\t\n'), (5, 'x''\\y'), (6, 'é10.50')) as row (n, a)"
NUMBERS = "(values (1, 2, 0.5), (2, null, 1.25), (3, -7, null), (4, 0, 2.345)) as row (n, a, b)"
DAYS = "(values (1, date '2019-02-28', 2019), (2, null, 2020), (3, date '1970-01-01', null)) as row (n, a, b)"

# Examples of each: what is selected, and from where.
EXAMPLES: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Abs: ("abs(a)", NUMBERS),
    exp.Add: ("a + 3", NUMBERS),
    exp.And: ("a > 0 and b > 1", NUMBERS),
    exp.Anonymous: ("cast(md5_number_upper(a) as decimal(38, 0)), cast(md5_number_lower(a) as decimal(38, 0))", TEXTS),
    exp.Case: ("case when a is null then 'none' when a < 0 then 'low' end", NUMBERS),
    exp.Cast: ("cast(cast(b as decimal(18, 2)) as varchar), cast(a as varchar), cast(b as decimal(9, 1))", NUMBERS),
    exp.Coalesce: ("coalesce(a, 'none')", TEXTS),
    exp.ConcatWs: ("concat_ws('|', a, null, 'b')", TEXTS),
    exp.Count: ("count(a), count(*), count(distinct a), count(*) filter (where a < 0)", NUMBERS),
    exp.DPipe: ("a || '|' || a", TEXTS),
    exp.DataType: ("cast(b as integer)", DAYS),
    exp.DateDiff: ("date_diff('day', a, date '2020-03-01')", DAYS),
    exp.DateFromParts: ("make_date(b, 2, 3)", DAYS),
    exp.Div: ("round(a / b, 6)", NUMBERS),
    exp.EQ: ("a = ' a'", TEXTS),
    exp.Exists: ("exists (select 1 from (values (2), (4)) as other (n) where other.n = row.n)", NUMBERS),
    exp.Extract: ("extract(year from a), extract(month from a), extract(day from a)", DAYS),
    exp.FirstValue: ("first_value(a) over (partition by n % 2 order by b nulls last, n)", NUMBERS),
    exp.GT: ("a > '镇'", TEXTS),
    exp.GTE: ("a >= ''", TEXTS),
    exp.Greatest: ("greatest(a, 1)", NUMBERS),
    exp.GroupConcat: ("string_agg(a, '、' order by n desc)", TEXTS),
    exp.If: ("case when a > 0 then 1 end", NUMBERS),
    exp.IntDiv: ("a // 2, cast(7 * 100 as hugeint) // 3", NUMBERS),
    exp.Is: ("a is null", TEXTS),
    exp.JSONExtractScalar: ('json_extract_string(\'{"金额": "1", "空": null}\', \'$."金额"\')', TEXTS),
    exp.LT: ("a < 'a'", TEXTS),
    exp.LTE: ("a <= ' a'", TEXTS),
    exp.Lag: ("lag(a ignore nulls) over (order by n)", NUMBERS),
    exp.Lead: ("lead(a) over (order by n)", NUMBERS),
    exp.Least: ("least(a, 1)", NUMBERS),
    exp.Length: ("length(a)", TEXTS),
    exp.Levenshtein: ("levenshtein(a, '镇')", TEXTS),
    exp.Like: ("a like '%0_5%'", TEXTS),
    exp.Max: ("max(a)", TEXTS),
    exp.Min: ("min(a)", TEXTS),
    exp.Mod: ("a % 5", NUMBERS),
    exp.Mul: ("cast(b as decimal(26, 2)) * cast(0.3333333333 as decimal(18, 10))", NUMBERS),
    exp.NEQ: ("a <> ''", TEXTS),
    exp.NullSafeEQ: ("a is not distinct from null", TEXTS),
    exp.NullSafeNEQ: ("a is distinct from 2", NUMBERS),
    exp.Nullif: ("nullif(a, 0)", NUMBERS),
    exp.Or: ("a > 0 or b > 1", NUMBERS),
    exp.RegexpLike: ("regexp_matches(a, '^.*[\\s.].*$'), regexp_matches(a, '^.*镇$')", TEXTS),
    exp.RegexpReplace: ("regexp_replace(a, '[\\s'']', '', 'g'), regexp_replace(a, '\\.?0+$', '', 'g')", TEXTS),
    exp.Replace: ("replace(a, '''', '-')", TEXTS),
    exp.Round: ("round(b, 2)", NUMBERS),
    exp.RowNumber: ("row_number() over (order by b nulls first, n)", NUMBERS),
    exp.SHA2: ("sha256(a)", TEXTS),
    exp.Sqrt: ("round(sqrt(cast(b as double)), 6)", NUMBERS),
    exp.StartsWith: ("starts_with(a, ' ')", TEXTS),
    exp.Sub: ("a - 3", NUMBERS),
    exp.Substring: ("substr(a, 2), substr(a, 1, 3)", TEXTS),
    exp.Sum: ("sum(b), sum(a) over (order by n)", NUMBERS),
    exp.Trim: ("trim(a)", TEXTS),
    exp.TryCast: ("try_cast(a as integer), try_cast(a as date)", TEXTS),
    exp.Upper: ("upper(a)", TEXTS),
}
MACRO_CALLS = (
    "rate(cast(1 as bigint), cast(3 as bigint)), rate(cast(0.05 as decimal(18, 2)), cast(100 as decimal(18, 2)))",
    "rate(cast(1 as bigint), cast(0 as bigint))",
    "level_part(cast(100.03 as decimal(18, 2)), cast(0.3333333333 as decimal(18, 10)))",
    "full_id('530102199001011'), check_character('53010219900101123'), masked_id('530102199001011234')",
    "bare_name('昆明市 五华区/大河镇人民政府'), answered_id(' 530102''199001011 ')",
    "keyed_hash('key', '张三'), checker_token('key', 'row', null, 'value', 'maker')",
)


def test_every_function_that_is_let_through_has_an_example() -> None:
    """What nobody tried isn't known to mean the same."""
    assert set(EXAMPLES) == {*SAME, *_REWRITINGS}


@pytest.mark.parametrize("kind", EXAMPLES, ids=lambda kind: kind.__name__)
def test_a_function_means_the_same(kind: type[exp.Expr], spark: Any) -> None:
    """On blanks, nulls, characters of more bytes, negative numbers and halves."""
    selected, source = EXAMPLES[kind]
    is_summed = kind in (exp.Count, exp.Max, exp.Min, exp.GroupConcat)
    order = "" if is_summed else "n, "
    sql = f"select {order}{selected} from {source}" if kind is not exp.Sum else f"select sum(b), sum(n) from {source}"
    assert _on_spark(spark, sql) == _on_duckdb(sql)


@pytest.mark.parametrize("calls", MACRO_CALLS)
def test_a_macro_means_the_same(calls: str, spark: Any) -> None:
    """As written out in the statement."""
    sql = f"select {calls}"
    assert _on_spark(spark, sql) == _on_duckdb(sql)


def _on_duckdb(sql: str) -> list[tuple[Any, ...]]:
    return _ordered(_database_with_macros().execute(sql).fetchall())


@cache
def _database_with_macros() -> duckdb.DuckDBPyConnection:
    """Opened once: that takes longer than most statements."""
    connection = duckdb.connect()
    connection.execute(MACROS.read_text(encoding="utf-8"))
    return connection


def _on_spark(spark: Any, sql: str) -> list[tuple[Any, ...]]:
    return _ordered([tuple(row) for row in spark.sql(to_spark(sql, lambda name: name.name)).collect()])


def _ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    plain = [tuple(float(value) if isinstance(value, Decimal) else value for value in row) for row in rows]
    return sorted(plain, key=repr)
