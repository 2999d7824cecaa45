"""What a publication depends on, as digests, and what changed since the one before: the rows of mart.digest and mart.change.

Nothing here stops a publication. The rows come from published files alone, so that the restricted tables may be made anew
between two publications.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path

import duckdb

from pipeline.contracts import tables
from pipeline.contracts.tables import ASSETS_FOLDER, MACROS
from pipeline.warehouse.proof import DIGEST, TABLE_SUBJECT
from pipeline.warehouse.run import Run
from pipeline.warehouse.versions import PACKAGE, hash_of

POLICY = "policy"
# What is less than so much of what it was has shrunk.
LEAST_PART = Decimal("0.9")
READERS = "landing"

Amounts = Mapping[str, Decimal]
Change = tuple[str, str | None, str | None]


def digests_of(run: Run, published: Mapping[str, str]) -> dict[str, str]:
    """Digests by subject: all that a year is published by, and each published table of the year.

    Args:
        published: those of the tables, by schema and name.
    """
    of_tables = {TABLE_SUBJECT + name: digest for name, digest in published.items() if name != str(DIGEST)}
    return {**digests_of_rules(run), **of_tables}


def digests_of_rules(run: Run) -> dict[str, str]:
    """Digests by subject of all that figures are made by: policy, vocabularies, rules, macros and readers."""
    rules = {
        f"rule:{name}": hash_of(table.sql) for name, table in tables.load_tables().items() if table.sql is not None
    }
    vocabularies = {f"vocabulary:{path.stem}": _file_hash(path) for path in (ASSETS_FOLDER / "codes").glob("*.yaml")}
    readers = hash_of(
        *(
            f"{path.relative_to(PACKAGE).as_posix()} {_file_hash(path)}"
            for path in sorted((PACKAGE / READERS).rglob("*"))
            if path.suffix in (".py", ".yaml")
        )
    )
    return {
        POLICY: run.policy_sha256,
        "macros": _file_hash(MACROS),
        "readers": readers,
        **rules,
        **vocabularies,
    }


def kept_digests(file: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    """The digests of all that a published year was made by, as the file keeps them."""
    return {
        subject: sha256
        for subject, sha256 in _kept_digests(file, year).items()
        if not subject.startswith(TABLE_SUBJECT)
    }


def changes(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection, year: int) -> list[Change]:
    """Subject, before and after of whatever a person should know of, in order of the subject.

    Args:
        before: the last published file, which may lack the year, or tables of this version.
        after: the file that is to be published.
        year: the refreshed year.
    """
    return sorted([*_shrunk(before, after, year), *_files(before, after, year), *_digests(before, after, year)])


def _shrunk(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection, year: int) -> Iterator[Change]:
    for amounts_of in (_rolls, _figures, _lines):
        now = amounts_of(after, year)
        for subject, was in amounts_of(before, year).items():
            if now.get(subject, Decimal(0)) < was * LEAST_PART:
                yield subject, str(was), str(now.get(subject, Decimal(0)))


def _files(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection, year: int) -> Iterator[Change]:
    """Files that are gone or hold other bytes; a new file is no change of an old one."""
    now = _landed(after, year)
    for name, sha256 in _landed(before, year).items():
        if now.get(name) != sha256:
            yield f"file:{name}", sha256, now.get(name)


def _digests(before: duckdb.DuckDBPyConnection, after: duckdb.DuckDBPyConnection, year: int) -> Iterator[Change]:
    """Rules, vocabularies, policy and readers that are others; the tables themselves are expected to change."""
    was, now = kept_digests(before, year), kept_digests(after, year)
    if was:
        for subject in was.keys() | now.keys():
            if was.get(subject) != now.get(subject):
                yield subject, was.get(subject), now.get(subject)


def _rolls(file: duckdb.DuckDBPyConnection, year: int) -> Amounts:
    return _amounts(
        file,
        "SELECT 'roll:' || cast(file_date AS VARCHAR), sum(rows_accepted) FROM mart.source_file "
        "WHERE policy_year = ? AND source = 'poverty_roll' AND file_date IS NOT NULL GROUP BY file_date",
        year,
    )


def _figures(file: duckdb.DuckDBPyConnection, year: int) -> Amounts:
    return _amounts(
        file,
        "SELECT 'covered_count', covered_count FROM mart.district_summary WHERE policy_year = ? "
        "UNION ALL SELECT 'used_yuan', used_yuan FROM mart.district_summary WHERE policy_year = ?",
        year,
    )


def _lines(file: duckdb.DuckDBPyConnection, year: int) -> Amounts:
    return _amounts(
        file,
        "SELECT 'source:' || source, sum(rows_accepted) FROM mart.source_file WHERE policy_year = ? GROUP BY source",
        year,
    )


def _amounts(file: duckdb.DuckDBPyConnection, sql: str, year: int) -> Amounts:
    rows = _rows(file, sql, year)
    return {str(subject): Decimal(str(amount)) for subject, amount in rows if amount is not None}


def _landed(file: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    return dict(_rows(file, "SELECT file_name, sha256 FROM mart.source_file WHERE policy_year = ?", year))


def _kept_digests(file: duckdb.DuckDBPyConnection, year: int) -> dict[str, str]:
    return dict(_rows(file, f"SELECT subject, sha256 FROM {DIGEST} WHERE policy_year = ?", year))


def _rows(file: duckdb.DuckDBPyConnection, sql: str, year: int) -> list[tuple[str, str]]:
    """Rows of a published file; none where it is of a version that has no such table."""
    try:
        return file.execute(sql, [year] * sql.count("?")).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return []


def _file_hash(path: Path) -> str:
    return hash_of(path.read_text(encoding="utf-8"))
