"""Table contracts: what stands in ``assets`` as YAML and SQL, read into plain objects.

From a contract come the table's DDL and comments (``statements``), its Dagster column schema, its Great Expectations suite and
its entry in the data dictionary (``dictionary``). Opening a database or building a table does not belong here.
"""

import re
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

import assets
from pipeline.contracts.codes import vocabulary
from pipeline.yaml_file import read_yaml

ASSETS_FOLDER = Path(assets.__file__).parent
MACROS = ASSETS_FOLDER / "macros.sql"
STAGE_SCHEMA = "stage"
STATED = "stated"
BUILT_SCHEMAS = ("raw", STATED, "core", "mart")
# The folders of contracts, and the schema of their tables: rules that are judged twice stand in a folder that says so.
JUDGED_FOLDER = "judged"
SCHEMA_OF_FOLDER = {"raw": "raw", "core": "core", JUDGED_FOLDER: "core", "mart": "mart"}
_TABLES = re.compile(rf"\b({'|'.join((*BUILT_SCHEMAS, STAGE_SCHEMA))})\.(\w+)")
_COMMENTS_AND_TEXTS = re.compile(r"--[^\n]*|'(?:[^']|'')*'")


@dataclass(frozen=True)
class Column:
    """One column: SQL type, descriptions, the words it may hold, and whether a value must always stand there.

    `prefix` begins further words that a policy lists, such as a township's reasons.
    """

    name: str
    type: str
    english: str
    chinese: str
    values: tuple[str, ...]
    is_required: bool
    prefix: str | None = None


@dataclass(frozen=True, order=True)
class TableName:
    """A table's place: schema and name."""

    schema: str
    name: str

    def __str__(self) -> str:
        """The name as SQL writes it."""
        return f"{self.schema}.{self.name}"


class Contract(BaseModel):
    """A table's contract as its file states it; see `Table`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grain: str
    chinese: str
    description: str = ""
    columns: dict[str, Literal["required", "optional"]]
    key: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    indexed: bool = False
    constraints: tuple[str, ...] = ()
    published: Literal[False, True, "made at publication"] = False
    empty_before_replies: bool = False
    needed: bool = False
    reads: tuple[str, ...] = ()
    at_least: tuple[tuple[str, str], ...] = ()
    steady: tuple[str, ...] = ()
    values_of: dict[str, str] = {}

    @model_validator(mode="after")
    def tells_its_rows_apart(self) -> "Contract":
        """Refuse a table without a key, or one that names a column which it doesn't have."""
        if bool(self.key) == bool(self.unique):
            raise ValueError("a table has either a key or columns that are unique")
        pairs = {name for pair in self.at_least for name in pair}
        if missing := {*self.key, *self.unique, *self.steady, *self.values_of, *pairs} - set(self.columns):
            raise ValueError(f"these are no columns: {', '.join(sorted(missing))}")
        return self


@dataclass(frozen=True)
class Table:
    """A table's contract.

    `folder` is that of ``assets`` in which it stands. `is_staged` tables hold rules that are evaluated twice by the same SQL: in
    schema ``stated`` as the files say it, and in schema ``core`` after the replies that were applied; of what is empty before
    replies the first is only a name. `sql` is null for tables that Python fills; those of them that are built from other tables
    name them in `reads`. No two rows of a year have the same values in the columns of `key`, which are never null, or of
    `unique`, null being a value: a table has the one or the other. They are counted when the table is built; where it
    `is_indexed` the store itself refuses a second row. `at_least` are pairs of columns of which the first is never below the
    second, `steady` columns whose figures neither halve nor double from one year to the next. What is `is_made_at_publication`
    has no rows before: it is written into the published file, about what is published there.
    """

    folder: str
    schema: str
    name: str
    grain: str
    description: str
    chinese: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    unique: tuple[str, ...]
    is_indexed: bool
    constraints: tuple[str, ...]
    sql: str | None
    is_published: bool
    is_made_at_publication: bool
    is_staged: bool
    is_empty_when_stated: bool
    is_needed: bool
    reads: tuple[TableName, ...]
    at_least: tuple[tuple[str, str], ...]
    steady: tuple[str, ...]

    @property
    def full_name(self) -> TableName:
        """Schema and name of the table in its own schema."""
        return TableName(self.schema, self.name)

    @property
    def place(self) -> str:
        """Where its contract and its rule stand, without their suffix."""
        return f"assets/{self.folder}/{self.name}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)

    @property
    def built_names(self) -> tuple[TableName, ...]:
        """Every table that this contract builds: a staged contract builds two."""
        own = self.full_name
        return (TableName(STATED, self.name), own) if self.is_staged else (own,)

    @property
    def filled_names(self) -> tuple[TableName, ...]:
        """The tables of this contract that a refresh builds in the warehouse."""
        if self.is_made_at_publication:
            return ()
        return (self.full_name,) if self.is_empty_when_stated else self.built_names

    def references(self, schema: str) -> tuple[TableName, ...]:
        """The built tables that the SQL reads when it builds into `schema`; ``stage`` stands for that schema itself."""
        return self.reads if self.sql is None else references(self.sql, schema)


@cache
def load_tables() -> dict[TableName, Table]:
    """Every contract, by schema and name.

    Raises:
        ValueError: a column stands in no dictionary, a key is no column, a table has none, or a folder holds SQL without a
            contract.
    """
    dictionary = read_yaml(ASSETS_FOLDER / "columns.yaml")
    tables = {}
    for folder in SCHEMA_OF_FOLDER:
        paths = sorted((ASSETS_FOLDER / folder).glob("*.yaml"))
        for path in paths:
            table = _table(folder, path, dictionary)
            tables[table.full_name] = table
        orphans = {path.stem for path in (ASSETS_FOLDER / folder).glob("*.sql")} - {path.stem for path in paths}
        if orphans:
            raise ValueError(f"assets/{folder}: SQL without a contract: {', '.join(sorted(orphans))}")
    return tables


def published_tables() -> list[Table]:
    """The built tables that are published, in order of schema and name."""
    return [table for table in tables_of_published_file() if not table.is_made_at_publication]


def tables_of_published_file() -> list[Table]:
    """Every table of the published file, with those made at publication, in order of schema and name."""
    return [table for _, table in sorted(load_tables().items()) if table.is_published]


@cache
def build_order() -> tuple[tuple[Table, str], ...]:
    """Every table behind the raw ones with the schema it is built into, each after everything that it reads.

    Raises:
        graphlib.CycleError: tables read one another in a circle.
    """
    built = {
        TableName(name.schema, table.name): table
        for table in load_tables().values()
        if table.schema != "raw"
        for name in table.filled_names
    }
    sorter = TopologicalSorter(
        {name: [read for read in table.references(name.schema) if read in built] for name, table in built.items()}
    )
    sorter.prepare()
    ordered: list[TableName] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        ordered += sorted(ready, key=list(built).index)
        sorter.done(*ready)
    return tuple((built[name], name.schema) for name in ordered)


def references(sql: str, schema: str) -> tuple[TableName, ...]:
    """The built tables that a statement reads; ``stage`` stands for `schema`."""
    found = {TableName(schema if each.schema == STAGE_SCHEMA else each.schema, each.name) for each in _references(sql)}
    return tuple(sorted(found))


@cache
def _references(sql: str) -> tuple[TableName, ...]:
    # No word of a comment or a text is a table. A parser comes to the same sixty times slower, and every refresh asks.
    bare = _COMMENTS_AND_TEXTS.sub("", sql)
    return tuple(sorted({TableName(*found) for found in _TABLES.findall(bare)}))


def _table(folder: str, path: Path, dictionary: dict[str, dict[str, Any]]) -> Table:
    place = f"assets/{folder}/{path.name}"
    try:
        contract = Contract.model_validate(read_yaml(path))
    except ValidationError as error:
        raise ValueError(f"{place}: {error}") from None
    columns = tuple(
        _column(place, name, need, dictionary, contract.values_of.get(name)) for name, need in contract.columns.items()
    )
    sql_path = path.with_suffix(".sql")
    return Table(
        folder=folder,
        schema=SCHEMA_OF_FOLDER[folder],
        name=path.stem,
        grain=contract.grain,
        description=contract.description,
        chinese=contract.chinese,
        columns=columns,
        key=contract.key,
        unique=contract.unique,
        is_indexed=contract.indexed,
        constraints=contract.constraints,
        sql=sql_path.read_text(encoding="utf-8") if sql_path.exists() else None,
        is_published=bool(contract.published),
        is_made_at_publication=contract.published == "made at publication",
        is_staged=folder == JUDGED_FOLDER or contract.empty_before_replies,
        is_empty_when_stated=contract.empty_before_replies,
        is_needed=contract.needed,
        reads=tuple(TableName(*name.split(".")) for name in contract.reads),
        at_least=contract.at_least,
        steady=contract.steady,
    )


def _column(
    place: str, name: str, need: str, dictionary: dict[str, dict[str, Any]], vocabulary_name: str | None
) -> Column:
    """A column of a contract; its words are those of a vocabulary, where the contract or the dictionary names one."""
    if name not in dictionary:
        raise ValueError(f"{place}: the column {name} has no description in assets/columns.yaml")
    entry = dictionary[name]
    values_of = vocabulary_name or entry.get("values_of")
    return Column(
        name=name,
        type=entry["type"],
        english=entry["en"],
        chinese=entry["zh"],
        values=vocabulary(values_of).code_names if values_of else tuple(entry.get("values", [])),
        is_required=need == "required",
        prefix=entry.get("prefix"),
    )
