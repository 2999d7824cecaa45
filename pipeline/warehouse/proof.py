r"""The proof of a published year: digests that any reader of the file can compute again, signed with the key.

The digest of a table is the SHA-256 over its rows of the year as lines in the order of their bytes. A line holds the values in
the order of the columns, a tab between them and a line feed behind the last: text with backslash, tab, line feed and carriage
return written as ``\\``, ``\t``, ``\n`` and ``\r``, everything else as DuckDB writes it as text, null as ``\N``. What is
published, and when, is the business of ``pipeline.warehouse.publication``.
"""

import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.contracts.tables import TableName
from pipeline.errors import DaijiaoError, UsageError
from pipeline.log import LOGGER
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import Run, code_version
from pipeline.warehouse.versions import hash_of

PROOF = TableName("mart", "proof")
CHANGE = TableName("mart", "change")
DIGEST = TableName("mart", "digest")
SOURCE_FILE = TableName("mart", "source_file")
# What a digest of a table is kept under in mart.digest.
TABLE_SUBJECT = "table:"
_LINES_AT_ONCE = 50_000
_PURPOSE = "daijiao proof 1"


@dataclass(frozen=True)
class Proof:
    """A row of ``mart.proof``."""

    policy_year: int
    landed_sha256: str
    policy_sha256: str
    code_version: str
    tables_sha256: str
    figures_compared: int
    figures_differing: int
    signature: str

    @property
    def short_hash(self) -> str:
        """The first 12 characters of the signature, by which a report names the publication that it was written from."""
        return self.signature[:12]

    @property
    def is_counted_twice(self) -> bool:
        """Whether a second count compared values, and found none that differs."""
        return self.figures_compared > 0 and self.figures_differing == 0


@dataclass(frozen=True)
class Counted:
    """What a second count came to: how many values it compared, and how many of them differ."""

    compared_count: int
    differing_count: int


def make_proof(connection: duckdb.DuckDBPyConnection, run: Run, counted: Counted, digests: Mapping[str, str]) -> Proof:
    """The proof of a run's year as it stands in a file of published tables.

    Args:
        digests: those of the file's tables, as `table_digests` gives them.
    """
    unsigned = Proof(
        policy_year=run.year,
        landed_sha256=_landed_sha256(connection, run.year),
        policy_sha256=run.policy_sha256,
        code_version=code_version(),
        tables_sha256=_tables_sha256(digests),
        figures_compared=counted.compared_count,
        figures_differing=counted.differing_count,
        signature="",
    )
    return Proof(*astuple(unsigned)[:-1], signature=_signature(unsigned, run.key))


def read_proof(connection: duckdb.DuckDBPyConnection, year: int) -> Proof | None:
    """The proof of a year; null where the file has none."""
    columns = ", ".join(field.name for field in fields(Proof))
    try:
        rows = connection.execute(f"SELECT {columns} FROM {PROOF} WHERE policy_year = ?", [year]).fetchall()
    except duckdb.CatalogException:
        return None
    return Proof(*rows[0]) if len(rows) == 1 else None


def signed_tables(connection: duckdb.DuckDBPyConnection) -> list[TableName]:
    """The tables whose digests a proof is made of: all but mart.change and mart.proof."""
    return [name for name in _tables(connection) if name not in (PROOF, CHANGE)]


def table_digests(connection: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    """The digest of every signed table of a year, by schema and name."""
    columns = _columns(connection)
    return {str(name): _digest(connection, name, columns[name], year) for name in signed_tables(connection)}


def table_digest(connection: duckdb.DuckDBPyConnection, name: TableName, year: int) -> str:
    """The digest of a table's rows of a year."""
    return _digest(connection, name, _columns(connection)[name], year)


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[TableName, list[tuple[str, str]]]:
    """The columns of every table in their order, each with its type."""
    found: dict[TableName, list[tuple[str, str]]] = defaultdict(list)
    # Asked for once: the list of all columns is made anew for each question.
    for schema, table, column, data_type in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        found[TableName(schema, table)].append((column, data_type))
    return found


def _digest(
    connection: duckdb.DuckDBPyConnection, name: TableName, columns: Sequence[tuple[str, str]], year: int
) -> str:
    line = f"concat_ws(chr(9), {', '.join(_as_text(*column) for column in columns)})"
    lines = connection.sql(
        f"SELECT line || chr(10) FROM (SELECT {line} AS line FROM {name} WHERE policy_year = {year}) ORDER BY line"
    )
    digest = hashlib.sha256()
    for batch in lines.to_arrow_reader(_LINES_AT_ONCE):
        digest.update(_bytes_of(batch.column(0)))
    return digest.hexdigest()


def _bytes_of(texts: pa.StringArray) -> pa.Buffer:
    """The bytes of texts one behind the other: as Arrow keeps them, so that none becomes an object of its own."""
    _, places, content = texts.buffers()
    first, last = (
        int.from_bytes(places[4 * at : 4 * at + 4], "little") for at in (texts.offset, texts.offset + len(texts))
    )
    return content[first:last]


def problems(connection: duckdb.DuckDBPyConnection, year: int, key: str | None) -> list[str]:
    """What of a published year isn't what was signed, in Chinese; nothing where all is.

    Args:
        connection: a file of published tables.
        year: a year that was published.
        key: the key of the installation; without it the signature can't be checked.
    """
    proof = read_proof(connection, year)
    if proof is None:
        return [f"{year} 年没有发布证明(mart.proof)"]
    return [
        *_problems_of_tables(connection, year, proof),
        *_problems_of_views(connection),
        *_problems_of_signature(proof, key),
    ]


def is_signed(connection: duckdb.DuckDBPyConnection, year: int, key: str) -> bool:
    """Whether a year has a proof that was signed with the key; its tables are not looked at."""
    proof = read_proof(connection, year)
    return proof is not None and not _problems_of_signature(proof, key)


def require_proven(published: Path, year: int, key: str | None) -> Proof:
    """The proof of a published year whose tables are what was signed.

    Raises:
        UsageError: the year was never published.
        DaijiaoError: the file can't be read, or the year in it is not what was signed.
    """
    never = UsageError(
        f"{published} holds no tables of {year}. Run `daijiao refresh --year {year}` first.",
        f"{published} 中没有 {year} 年的数据表。请先运行 `daijiao refresh --year {year}`。",
    )
    if not published.exists():
        raise never
    with reading(published) as connection:
        if year not in published_years(connection):
            raise never
        found = problems(connection, year, key)
        proof = read_proof(connection, year)
    if key is None:
        LOGGER.warning(
            "There is no key here: the signature of the published tables can't be checked, their digests can"
        )
    if found or proof is None:
        raise DaijiaoError(
            f"The published tables of {year} in {published} are not what was signed when they were published: "
            f"{';'.join(found)}. Don't use them: run `daijiao refresh --year {year}`, which writes them again.",
            f"{published} 中 {year} 年已发布的数据表与发布签名时不同:{';'.join(found)}。请勿使用,"
            f"并运行 `daijiao refresh --year {year}` 重新生成。",
        )
    return proof


def published_years(connection: duckdb.DuckDBPyConnection) -> list[int]:
    """The years that a file of published tables holds, by any of its tables."""
    names = connection.execute(
        "SELECT DISTINCT schema_name, table_name FROM duckdb_columns() WHERE database_name = current_database() "
        "AND column_name = 'policy_year' AND schema_name <> 'main' ORDER BY schema_name, table_name"
    ).fetchall()
    if not names:
        return []
    every = " UNION ".join(f"SELECT policy_year FROM {TableName(*name)}" for name in names)
    return [
        year for (year,) in connection.execute(f"SELECT policy_year FROM ({every}) ORDER BY policy_year").fetchall()
    ]


def _tables(connection: duckdb.DuckDBPyConnection) -> list[TableName]:
    names = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database() "
        "ORDER BY schema_name, table_name"
    ).fetchall()
    return [TableName(*each) for each in names]


def _problems_of_tables(connection: duckdb.DuckDBPyConnection, year: int, proof: Proof) -> Iterator[str]:
    if missing := {DIGEST, SOURCE_FILE} - set(_tables(connection)):
        yield f"缺少数据表:{'、'.join(sorted(map(str, missing)))}"
        return
    digests = table_digests(connection, year)
    if _tables_sha256(digests) != proof.tables_sha256:
        kept = dict(
            connection.execute("SELECT subject, sha256 FROM mart.digest WHERE policy_year = ?", [year]).fetchall()
        )
        changed = [
            name for name, digest in digests.items() if name != str(DIGEST) and kept.get(TABLE_SUBJECT + name) != digest
        ]
        yield f"数据表与发布时不同:{'、'.join(changed or [str(DIGEST)])}"
    if _landed_sha256(connection, year) != proof.landed_sha256:
        yield "报送文件清单与发布时不同(mart.source_file)"


def _problems_of_signature(proof: Proof, key: str | None) -> list[str]:
    if key is None or hmac.compare_digest(proof.signature, _signature(proof, key)):
        return []
    return ["签名与密钥不符(mart.proof)"]


def _problems_of_views(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """A view that a plain client takes for a table must show that table, and nothing else."""
    plain = {f"CREATE VIEW {table.name} AS SELECT * FROM {table};" for table in _tables(connection)}
    views = connection.execute(
        "SELECT schema_name, view_name, replace(sql, '\"', '') FROM duckdb_views() "
        "WHERE database_name = current_database() AND NOT internal ORDER BY schema_name, view_name"
    ).fetchall()
    others = [f"{schema}.{view}" for schema, view, sql in views if schema != "main" or sql not in plain]
    if others:
        yield f"视图与发布时不同:{'、'.join(others)}"


def _landed_sha256(connection: duckdb.DuckDBPyConnection, year: int) -> str:
    files = connection.execute(
        "SELECT file_name, sha256 FROM mart.source_file WHERE policy_year = ? ORDER BY file_name, sha256", [year]
    ).fetchall()
    return hash_of(*(f"{name}\t{sha256}" for name, sha256 in files))


def _tables_sha256(digests: Mapping[str, str]) -> str:
    return hash_of(*(f"{name}\t{digest}" for name, digest in sorted(digests.items())))


def _signature(proof: Proof, key: str) -> str:
    content = "\n".join([_PURPOSE, *(str(value) for value in astuple(proof)[:-1])])
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).hexdigest()


def _as_text(column: str, data_type: str) -> str:
    """A column's value as a line writes it."""
    if data_type != "VARCHAR":
        return f"coalesce(cast(\"{column}\" AS VARCHAR), '\\N')"
    escaped = f"replace(\"{column}\", '\\', '\\\\')"
    for code, letter in ((9, "t"), (10, "n"), (13, "r")):
        escaped = f"replace({escaped}, chr({code}), '\\{letter}')"
    return f"coalesce({escaped}, '\\N')"
