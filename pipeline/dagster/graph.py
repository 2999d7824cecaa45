"""Which tables the Dagster UI shows, under which subject, and what each of them is made of.

An asset is a table that a person would open (``assets/subjects.yaml``). A step on the way is part of the first asset that
reads it, so that it is still built as a table, and shown where somebody looks for it. An arrow is drawn where no way over other
assets says the same: with every arrow no subject's graph would fit a screen. How an asset's page looks is said in
``pipeline.dagster.pages``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.contracts import tables
from pipeline.contracts.tables import ASSETS_FOLDER, Table, TableName
from pipeline.yaml_file import read_yaml

SUBJECTS_FILE = ASSETS_FOLDER / "subjects.yaml"
FILES = "files"
RESULTS = "results"


@dataclass(frozen=True)
class ShownTable:
    """A table that is shown: its contract, its subject, the steps on the way that are part of it, the assets it reads.

    `parts` are in the order in which they are built, `reads` and `arrows_from` are names of shown tables: all that it is made of,
    and those from which an arrow is drawn.
    """

    name: TableName
    table: Table
    subject: str
    parts: tuple[tuple[Table, str], ...]
    reads: tuple[TableName, ...]
    arrows_from: tuple[TableName, ...]


def shown_tables() -> list[ShownTable]:
    """Every table that is shown, in the order in which they are built."""
    contracts = {TableName(schema, table.name): (table, schema) for table, schema in _built_order()}
    subjects = _subjects(contracts)
    owners = _owners(contracts, subjects)
    parts: dict[TableName, list[TableName]] = {name: [] for name in contracts if owners[name] == name}
    for name in contracts:
        if owners[name] != name:
            parts[owners[name]].append(name)
    reads = {
        name: {owners[read] for each in (name, *of_it) for read in _reads(*contracts[each], contracts)} - {name}
        for name, of_it in parts.items()
    }
    arrows = _arrows(reads, {name: subjects.get(name, RESULTS) for name in parts})
    return [
        ShownTable(
            name=name,
            table=contracts[name][0],
            subject=subjects.get(name, RESULTS),
            parts=tuple(contracts[each] for each in of_it),
            reads=tuple(sorted(reads[name])),
            arrows_from=tuple(sorted(arrows[name])),
        )
        for name, of_it in parts.items()
    ]


def last_of_subjects(shown: Sequence[ShownTable]) -> list[TableName]:
    """For each subject the last of its published tables that no other one is made of; it stands for all of the subject."""
    above = _above({each.name: each.reads for each in shown})
    published = {each.name: each.subject for each in shown if each.table.is_published}
    ends = [name for name in published if not any(name in above[other] for other in published)]
    listed = list(_stated_subjects())
    ends.sort(key=lambda name: listed.index(name) if name in listed else len(listed))
    return list({published[name]: name for name in ends}.values())


def owners_of(shown: Sequence[ShownTable]) -> dict[TableName, TableName]:
    """For every table the shown one that it is, or is part of."""
    parts = {TableName(schema, table.name): each.name for each in shown for table, schema in each.parts}
    return parts | {each.name: each.name for each in shown}


def _arrows(
    reads: Mapping[TableName, Collection[TableName]], subjects: Mapping[TableName, str]
) -> dict[TableName, set[TableName]]:
    """From which assets an arrow is drawn: a way within the subject, or any way across subjects, stands for a direct arrow."""
    within = {name: {other for other in others if subjects[other] == subjects[name]} for name, others in reads.items()}
    anywhere, in_subject = _without_detours(reads), _without_detours(within)
    return {name: anywhere[name] | in_subject[name] for name in reads}


def _without_detours(reads: Mapping[TableName, Collection[TableName]]) -> dict[TableName, set[TableName]]:
    """What each reads, but what another one of these is made of."""
    above = _above(reads)
    return {
        name: {read for read in others if not any(read in above[other] for other in others)}
        for name, others in reads.items()
    }


def _above(reads: Mapping[TableName, Collection[TableName]]) -> dict[TableName, set[TableName]]:
    """Everything that each is made of, directly or through others; the names come in the order in which they are built."""
    above: dict[TableName, set[TableName]] = {}
    for name, others in reads.items():
        above[name] = set(others).union(*(above[other] for other in others))
    return above


def _built_order() -> list[tuple[Table, str]]:
    raw = [(table, "raw") for table in tables.load_tables().values() if table.schema == "raw"]
    # What was landed is known before any source is loaded.
    raw.sort(key=lambda each: each[0].name != "landed_file")
    # The whole core is built before the first mart.
    return raw + sorted(tables.build_order(), key=lambda each: each[1] == "mart")


def _subjects(contracts: Mapping[TableName, tuple[Table, str]]) -> dict[TableName, str]:
    """The subject of every table that is shown by its own."""
    stated = _stated_subjects()
    others = {
        name: FILES if name.schema == "raw" else RESULTS
        for name, (table, schema) in contracts.items()
        if schema == "raw" or (table.is_published and schema != tables.STATED)
    }
    return others | {name: subject for name, subject in stated.items() if name in contracts}


def _stated_subjects() -> dict[TableName, str]:
    return {
        TableName(*name.split(".")): subject
        for subject, content in read_yaml(SUBJECTS_FILE).items()
        for name in content["tables"]
    }


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
    # What was landed is read from files, and from no table.
    if schema == "raw":
        return ()
    return tuple(name for name in table.references(schema) if name in contracts)
