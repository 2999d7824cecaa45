"""Which tables the Dagster UI shows, under which subject, and what each of them is made of.

An asset is a table that a person would open (``assets/subjects.yaml``). A step on the way is part of the first asset that
reads it, so that it is still built as a table, and shown where somebody looks for it. How an asset's page looks is said in
``pipeline.dagster.pages``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.contracts import tables
from pipeline.contracts.tables import ASSETS_FOLDER, Table, TableName
from pipeline.yaml_file import read_yaml

SUBJECTS_FILE = ASSETS_FOLDER / "subjects.yaml"
SOURCES_SUBJECT = "sources"
OTHERWISE = "figures"


@dataclass(frozen=True)
class ShownTable:
    """A table that is shown: its contract, its subject, the steps on the way that are part of it, the assets it reads.

    `parts` are in the order in which they are built, `reads` are names of shown tables.
    """

    name: TableName
    table: Table
    subject: str
    parts: tuple[tuple[Table, str], ...]
    reads: tuple[TableName, ...]


def shown_tables() -> list[ShownTable]:
    """Every table that is shown, in the order in which they are built."""
    contracts = {TableName(schema, table.name): (table, schema) for table, schema in _built_order()}
    subjects = _subjects(contracts)
    owners = _owners(contracts, subjects)
    parts: dict[TableName, list[TableName]] = {name: [] for name in contracts if owners[name] == name}
    for name in contracts:
        if owners[name] != name:
            parts[owners[name]].append(name)
    shown = []
    for name, of_it in parts.items():
        reads = {owners[read] for each in (name, *of_it) for read in _reads(*contracts[each], contracts)} - {name}
        shown.append(
            ShownTable(
                name=name,
                table=contracts[name][0],
                subject=subjects.get(name, OTHERWISE),
                parts=tuple(contracts[each] for each in of_it),
                reads=tuple(sorted(reads)),
            )
        )
    return shown


def owners_of(shown: Sequence[ShownTable]) -> dict[TableName, TableName]:
    """For every table the shown one that it is, or is part of."""
    parts = {TableName(schema, table.name): each.name for each in shown for table, schema in each.parts}
    return parts | {each.name: each.name for each in shown}


def _built_order() -> list[tuple[Table, str]]:
    raw = [(table, "raw") for table in tables.load_tables().values() if table.schema == "raw"]
    # What was landed is known before any source is loaded.
    raw.sort(key=lambda each: each[0].name != "landed_file")
    # The whole core is built before the first mart.
    return raw + sorted(tables.build_order(), key=lambda each: each[1] == "mart")


def _subjects(contracts: Mapping[TableName, tuple[Table, str]]) -> dict[TableName, str]:
    """The subject of every table that is shown by its own."""
    stated = {
        TableName(*name.split(".")): subject
        for subject, content in read_yaml(SUBJECTS_FILE).items()
        for name in content["tables"]
    }
    others = {
        name: SOURCES_SUBJECT if name.schema == "raw" else OTHERWISE
        for name, (table, schema) in contracts.items()
        if schema == "raw" or (table.is_published and schema != tables.STATED)
    }
    return others | {name: subject for name, subject in stated.items() if name in contracts}


def _owners(
    contracts: Mapping[TableName, tuple[Table, str]], subjects: Mapping[TableName, str]
) -> dict[TableName, TableName]:
    """For every table the first shown one that it is read by, directly or through other steps; itself when it is shown.

    So no two assets read one another: whatever a part is made of belongs to the same asset, or to one that is built before.
    """
    readers: dict[TableName, list[TableName]] = {name: [] for name in contracts}
    for name, (table, schema) in contracts.items():
        for read in _reads(table, schema, contracts):
            readers[read].append(name)
    place = {name: number for number, name in enumerate(contracts)}
    owners: dict[TableName, TableName] = {}
    for name in reversed(list(contracts)):
        is_shown = name in subjects or not readers[name]
        owners[name] = name if is_shown else min((owners[reader] for reader in readers[name]), key=place.__getitem__)
    return owners


def _reads(table: Table, schema: str, contracts: Mapping[TableName, tuple[Table, str]]) -> tuple[TableName, ...]:
    if schema == "raw":
        landed = TableName("raw", "landed_file")
        return () if table.full_name == landed else (landed,)
    return tuple(name for name in table.references(schema) if name in contracts)
