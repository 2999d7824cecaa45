"""From DuckDB's SQL, as ``assets`` has it, to Spark's: the same statement, or an error.

What means something else there without a word is written so that it means the same, and what isn't known to mean the same is
refused: every function must stand in `SAME` or have a rewriting of its own. Running statements belongs to the engine.
"""

from collections.abc import Callable, Mapping
from functools import cache

import sqlglot
from sqlglot import exp

from pipeline.contracts.tables import MACROS, Table, TableName
from pipeline.errors import DaijiaoError

DIALECT, SPARK = "duckdb", "spark"
# What trim takes away: DuckDB the separators of Unicode, Spark the blank alone.
SEPARATORS = "".join(map(chr, (0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)))
# Functions and operators that mean the same on both, as tests/spark tries each of them.
SAME = (
    *(exp.Add, exp.DPipe, exp.EQ, exp.GT, exp.GTE, exp.IntDiv, exp.Is, exp.LT, exp.LTE, exp.Mod, exp.Mul, exp.NEQ),
    *(exp.NullSafeEQ, exp.NullSafeNEQ, exp.Sub),
    *(exp.Abs, exp.And, exp.Case, exp.Cast, exp.Coalesce, exp.ConcatWs, exp.Count, exp.DateFromParts, exp.Exists),
    *(
        exp.FirstValue,
        exp.Greatest,
        exp.GroupConcat,
        exp.If,
        exp.Lag,
        exp.Lead,
        exp.Least,
        exp.Length,
        exp.Max,
        exp.Min,
    ),
    *(
        exp.Nullif,
        exp.Or,
        exp.Replace,
        exp.Round,
        exp.RowNumber,
        exp.SHA2,
        exp.Sqrt,
        exp.StartsWith,
        exp.Sum,
        exp.TryCast,
    ),
    exp.Upper,
)
# Types of columns and casts, as Spark writes them.
_TYPES = {
    "BIGINT": "BIGINT",
    "BOOLEAN": "BOOLEAN",
    "DATE": "DATE",
    "DOUBLE": "DOUBLE",
    "INT": "INT",
    "TEXT": "STRING",
    "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    # DuckDB's integer of 128 bits, for counts of fen.
    "INT128": "DECIMAL(38, 0)",
}
# What a dot and \s stand for in DuckDB; other engines know more line ends and more blanks.
_ANY, _BLANKS = r"[^\n]", r"\t\n\f\r "
_SAME_ESCAPES = frozenset(r"\.[](){}*+?|^$-/")

Views = Callable[[TableName], str]


class UntranslatableError(DaijiaoError):
    """A statement holds something that isn't known to mean the same on Spark."""


def to_spark(sql: str, view_of: Views) -> str:
    """A select statement as Spark has to read it.

    Args:
        sql: a select statement in DuckDB's dialect, which may name the macros.
        view_of: gives the view that stands for a table.

    Raises:
        UntranslatableError: something in it isn't known to mean the same on Spark.
    """
    return _written(_translated(sql, view_of))


def built_by_spark(table: Table, sql: str, view_of: Views) -> str:
    """The statement that gives a table's columns in the types of its contract, but the policy year.

    Raises:
        UntranslatableError: see `to_spark`.
    """
    columns = [
        exp.alias_(
            exp.cast(exp.column(column.name), _type(exp.DataType.build(column.type, dialect=DIALECT))), column.name
        )
        for column in table.columns
        if column.name != "policy_year"
    ]
    return _written(exp.select(*columns).from_(_translated(sql, view_of).subquery("built")))


def is_recursive(sql: str) -> bool:
    """Whether a statement names itself what it is to find, as lists do that replace one another in turn."""
    return any(node.args.get("recursive") for node in _parsed(sql).find_all(exp.With))


@cache
def _parsed(sql: str) -> exp.Query:
    statement = sqlglot.parse_one(sql, dialect=DIALECT)
    assert isinstance(statement, exp.Query)
    return statement


def _written(statement: exp.Query) -> str:
    try:
        return statement.sql(SPARK, unsupported_level=sqlglot.ErrorLevel.RAISE, identify=True, comments=False)
    except sqlglot.errors.SqlglotError as error:
        raise UntranslatableError(f"Spark has no such statement: {error}") from None


def _translated(sql: str, view_of: Views) -> exp.Query:
    if is_recursive(sql):
        raise UntranslatableError("Spark 4.0 runs no recursive statement.")
    statement = _without_macros(_parsed(sql).copy())
    for node in list(statement.find_all(exp.Table)):
        if node.db:
            node.replace(_view(node, view_of))
    for node in statement.find_all(exp.Having):
        _qualify(node)
    # From the leaves up, so that what is rewritten holds rewritten parts.
    for node in reversed(list(statement.walk())):
        instead = _rewritten(node)
        if instead is not node:
            node.replace(instead)
    return statement


def _view(node: exp.Table, view_of: Views) -> exp.Expr:
    """The view of a table, under the name by which the statement calls the table."""
    name = view_of(TableName(node.db, node.name))
    view = node.copy()
    view.set("db", None)
    view.set("this", exp.to_identifier(name))
    return view if node.alias else exp.alias_(view, node.name, table=True)


def _qualify(having: exp.Having) -> None:
    """Say of what a HAVING counts that it is the source's column, where a selected one has the same name."""
    select = having.parent
    assert isinstance(select, exp.Select)
    for column in [column for function in having.find_all(exp.AggFunc) for column in function.find_all(exp.Column)]:
        if column.table or column.name not in select.named_selects:
            continue
        if select.args.get("joins"):
            raise UntranslatableError(f"Whose {column.name} the HAVING counts isn't said.")
        column.set("table", exp.to_identifier(select.args["from_"].this.alias_or_name))


def _rewritten(node: exp.Expr) -> exp.Expr:
    """A node as it means the same on Spark."""
    if (rewrite := _REWRITINGS.get(type(node))) is not None:
        return rewrite(node)
    if isinstance(node, exp.Func | exp.Binary) and not isinstance(node, SAME):
        raise UntranslatableError(f"{type(node).__name__} isn't known to mean the same on Spark.")
    return node


def _division(node: exp.Expr) -> exp.Expr:
    """DuckDB divides in floating point whatever the types, and by zero to what no table keeps; Spark would keep decimals."""
    above, below = (exp.cast(part.copy(), "double") for part in (node.this, node.expression))
    return exp.Div(this=above, expression=exp.func("NULLIF", below, exp.cast(exp.Literal.number(0), "double")))


def _trim(node: exp.Expr) -> exp.Expr:
    if node.args.get("expression") is not None or node.args.get("position"):
        raise UntranslatableError("Only trim of blanks on both sides is known to mean the same on Spark.")
    return exp.Trim(this=node.this.copy(), expression=exp.Literal.string(SEPARATORS), position="BOTH")


def _matches(node: exp.Expr) -> exp.Expr:
    return exp.RegexpLike(this=node.this.copy(), expression=_pattern(node.expression))


def _replaces(node: exp.Expr) -> exp.Expr:
    replacement, modifiers = node.args["replacement"], node.args.get("modifiers")
    if not isinstance(replacement, exp.Literal) or set(replacement.name) & set("\\$"):
        raise UntranslatableError("A replacement that names groups means something else on Spark.")
    if modifiers is None or modifiers.name != "g":
        raise UntranslatableError("Spark replaces every hit: regexp_replace takes 'g' and no other modifier.")
    return exp.RegexpReplace(
        this=node.this.copy(), expression=_pattern(node.expression), replacement=replacement.copy()
    )


def _pattern(literal: exp.Expr) -> exp.Literal:
    """A regular expression whose dot, blanks and end are DuckDB's: Java's end is also before a last line end."""
    if not isinstance(literal, exp.Literal):
        raise UntranslatableError("A regular expression has to be written out.")
    written: list[str] = []
    is_in_class = False
    characters = iter(literal.name)
    for character in characters:
        if character == "\\":
            written.append(_escaped(next(characters, ""), is_in_class))
            continue
        is_in_class = character == "[" or (is_in_class and character != "]")
        plain = {} if is_in_class else {".": _ANY, "$": r"\z"}
        written.append(plain.get(character, character))
    return exp.Literal.string("".join(written))


def _escaped(character: str, is_in_class: bool) -> str:
    if character == "s":
        return _BLANKS if is_in_class else f"[{_BLANKS}]"
    if character not in _SAME_ESCAPES or not character:
        raise UntranslatableError(f"\\{character} isn't known to mean the same in a regular expression on Spark.")
    return f"\\{character}"


def _levenshtein(node: exp.Expr) -> exp.Expr:
    """DuckDB counts bytes, Spark characters: there each byte is made a character first."""
    if len([part for part in node.args.values() if part is not None]) > 2:
        raise UntranslatableError("Levenshtein's distance with costs isn't known to mean the same on Spark.")
    left, right = (
        exp.func(
            "DECODE", exp.func("ENCODE", part.copy(), exp.Literal.string("UTF-8")), exp.Literal.string("ISO-8859-1")
        )
        for part in (node.this, node.expression)
    )
    return exp.Levenshtein(this=left, expression=right)


def _unknown(node: exp.Expr) -> exp.Expr:
    """What sqlglot doesn't know: of these, the halves of a digest as numbers, whose bytes DuckDB reads from the last."""
    first = {"md5_number_upper": 1, "md5_number_lower": 17}.get(node.name.lower())
    if first is None:
        raise UntranslatableError(f"The function {node.name} isn't known to mean the same on Spark.")
    (content,) = node.expressions
    digits = [f"substring(digest, {first + 2 * place}, 2)" for place in reversed(range(8))]
    numbers = [f"cast(conv(concat({', '.join(part)}), 16, 10) as decimal(38, 0))" for part in (digits[:4], digits[4:])]
    number = sqlglot.parse_one(f"({numbers[0]} * 4294967296 + {numbers[1]})", dialect=SPARK)
    for column in list(number.find_all(exp.Column)):
        column.replace(exp.func("MD5", content.copy()))
    return number


def _substring(node: exp.Expr) -> exp.Expr:
    start = node.args["start"]
    if isinstance(start, exp.Neg) or (isinstance(start, exp.Literal) and int(start.name) < 1):
        raise UntranslatableError("substr begins at 1: before it DuckDB and Spark count differently.")
    return node


def _date_difference(node: exp.Expr) -> exp.Expr:
    if str(node.args.get("unit") or "DAY").strip("'").upper() != "DAY":
        raise UntranslatableError("Differences of dates mean the same on Spark in days alone.")
    return node


def _extracted(node: exp.Expr) -> exp.Expr:
    if node.name.upper() not in ("YEAR", "MONTH", "DAY"):
        raise UntranslatableError(f"extract({node.name} from …) isn't known to mean the same on Spark.")
    return node


def _json_text(node: exp.Expr) -> exp.Expr:
    parts = node.expression.expressions
    if not all(isinstance(part, exp.JSONPathRoot | exp.JSONPathKey) for part in parts):
        raise UntranslatableError("Only a key of a JSON object is known to be found the same on Spark.")
    return node


def _like(node: exp.Expr) -> exp.Expr:
    if not isinstance(node.expression, exp.Literal) or "\\" in node.expression.name:
        raise UntranslatableError("A backslash escapes in Spark's LIKE, and not in DuckDB's.")
    return node


def _type(node: exp.Expr) -> exp.DataType:
    assert isinstance(node, exp.DataType)
    name = node.this.value
    if name == "DECIMAL" and len(node.expressions) == 2:
        return node
    if name not in _TYPES:
        raise UntranslatableError(f"The type {node.sql(DIALECT)} isn't known to mean the same on Spark.")
    return exp.DataType.build(_TYPES[name], dialect=SPARK)


_REWRITINGS: Mapping[type[exp.Expr], Callable[[exp.Expr], exp.Expr]] = {
    exp.Anonymous: _unknown,
    exp.DataType: _type,
    exp.DateDiff: _date_difference,
    exp.Div: _division,
    exp.Extract: _extracted,
    exp.JSONExtractScalar: _json_text,
    exp.Levenshtein: _levenshtein,
    exp.Like: _like,
    exp.RegexpLike: _matches,
    exp.RegexpReplace: _replaces,
    exp.Substring: _substring,
    exp.Trim: _trim,
}


def _without_macros(statement: exp.Query) -> exp.Query:
    """A statement with what its macros stand for in their places."""
    while calls := [node for node in statement.find_all(exp.Anonymous) if node.name.lower() in _macros()]:
        # Whatever stands deepest holds no other call.
        call = calls[-1]
        parameters, body = _macros()[call.name.lower()]
        if len(parameters) != len(call.expressions):
            raise UntranslatableError(f"The macro {call.name} takes {len(parameters)} values.")
        given = dict(zip(parameters, call.expressions, strict=True))
        call.replace(exp.paren(_filled(body, given), copy=False))
    return statement


def _filled(body: exp.Expr, given: Mapping[str, exp.Expr]) -> exp.Expr:
    """A macro's expression with a call's values for its parameters."""
    holder = exp.paren(body)
    for column in list(holder.find_all(exp.Column)):
        if not column.table and column.name in given:
            column.replace(exp.paren(given[column.name]))
    return holder.this


@cache
def _macros() -> dict[str, tuple[tuple[str, ...], exp.Expr]]:
    """The parameters and the expression of every macro, by its name."""
    found = {}
    for statement in sqlglot.parse(MACROS.read_text(encoding="utf-8"), dialect=DIALECT):
        assert isinstance(statement, exp.Create)
        head = statement.this
        found[head.this.name] = (tuple(each.name for each in head.expressions), statement.expression)
    return found
