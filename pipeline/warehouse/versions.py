"""What the rows of a table depend on beside the tables that it reads, as a hash.

A table that SQL makes depends on that SQL, its contract, the macros that it names, and the rows of the policy's and the codes'
tables that it or they read; one that Python makes, on the code of the rooms that may make it. Nothing else makes a table old: a
comment in a report or in the synthetic district does not.
"""

import hashlib
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import duckdb
import polars as pl

from pipeline.contracts import tables
from pipeline.contracts.statements import create_statement
from pipeline.contracts.tables import Table

PACKAGE = Path(__file__).parent.parent
# The rooms whose code makes rows: readers, what they keep to, and what builds tables without SQL.
MAKING_ROOMS = ("policy", "contracts", "landing", "build")

Frames = Mapping[str, pl.DataFrame]


def hash_of(*parts: str) -> str:
    """One hash of texts in their order."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


class Versions:
    """The versions of tables, given the reference tables of a session by schema."""

    def __init__(self, references: Mapping[str, Frames]) -> None:
        """Hash every reference table once."""
        self._hashes = {
            f"{schema}.{name}": _hash_of_frame(frame)
            for schema, frames in references.items()
            for name, frame in frames.items()
        }
        # What is made without SQL depends on the code that makes it, which is hashed by itself, and not on all code.
        self._without_sql = [
            _hash_of_frame(frame.drop("code_version", strict=False))
            for frames in references.values()
            for frame in frames.values()
        ]
        schemas = "|".join(references)
        self._reference = re.compile(rf"\b(?:{schemas})\.\w+")

    def of(self, table: Table) -> str:
        """The hash of all that makes a table's rows from those that it reads."""
        contract = create_statement(table, str(table.full_name))
        if table.sql is None:
            return hash_of(duckdb.__version__, pl.__version__, contract, making_code(), *self._without_sql)
        return hash_of(duckdb.__version__, contract, *self._parts(table.sql))

    def of_statement(self, sql: str) -> str:
        """The hash of all that makes a statement's rows from the tables that it reads."""
        return hash_of(duckdb.__version__, *self._parts(sql))

    def _parts(self, sql: str) -> list[str]:
        """A statement, the macros that it names, and the rows of the policy's and the codes' tables that it or they read."""
        statements = [sql, *_macros_of(sql)]
        read = sorted({name for statement in statements for name in self._reference.findall(statement)})
        return [*statements, *(f"{name} {self._hashes[name]}" for name in read if name in self._hashes)]


def _hash_of_frame(frame: pl.DataFrame) -> str:
    return hash_of(str(frame.schema), frame.write_json())


@cache
def making_code() -> str:
    """The hash of the code that makes rows without SQL."""
    digest = hashlib.sha256()
    for room in MAKING_ROOMS:
        for path in sorted((PACKAGE / room).rglob("*")):
            if path.suffix in (".py", ".yaml", ".csv"):
                digest.update(path.relative_to(PACKAGE).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def _macros_of(sql: str) -> list[str]:
    """The macros that a statement names, and those that they name, in the order of their names."""
    found: set[str] = set()
    waiting = [sql]
    while waiting:
        statement = waiting.pop()
        named = {name for name in _macros() if re.search(rf"\b{name}\s*\(", statement)} - found
        found |= named
        waiting += [_macros()[name] for name in named]
    return [_macros()[name] for name in sorted(found)]


@cache
def _macros() -> dict[str, str]:
    """Every macro by its name."""
    text = re.sub(r"^\s*--.*$", "", tables.MACROS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = re.split(r"(?i)\bcreate macro\s+(\w+)", text)[1:]
    return dict(zip(parts[::2], (" ".join(body.split()) for body in parts[1::2]), strict=True))
