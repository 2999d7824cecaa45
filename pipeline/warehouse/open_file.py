"""The file that may be given away: townships, villages and the district alone, without a figure that tells of few persons.

It is written from a published file, with every year in it. Counts of persons below `LEAST_PERSONS` are hidden, and with them
whatever would tell them (``pipeline.warehouse.disclosure``); a rate is hidden with its parts. Hidden is null.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from pipeline.contracts import tables
from pipeline.contracts.statements import comment_statements
from pipeline.contracts.tables import Table, TableName
from pipeline.warehouse.disclosure import Cell, Equation, hidden_cells
from pipeline.warehouse.published_tables import PUBLISHED_STORAGE_VERSION
from pipeline.warehouse.reading import quoted

LEAST_PERSONS = 10
DISTRICT, TOWNSHIP, FUND, VILLAGE = (
    TableName("mart", name)
    for name in ("district_summary", "township_participation", "township_fund", "village_participation")
)
OPEN_TABLES = (DISTRICT, TOWNSHIP, FUND, VILLAGE)
PERSONS = (
    "roll_count",
    "excluded_count",
    "unconfirmed_count",
    "eligible_count",
    "refunded_count",
    "paid_on_behalf_count",
    "covered_count",
    "uncovered_count",
)
COUNTS = {
    DISTRICT: (*PERSONS, "planned_count", "satisfaction_answers"),
    TOWNSHIP: (*PERSONS, "planned_count"),
    FUND: (),
    VILLAGE: PERSONS,
}
# What each rate is made of; a rate is hidden with any of its parts.
RATES = {
    "participation_rate": ("covered_count", "eligible_count"),
    "target_completion_rate": ("covered_count", "planned_count"),
    "utilisation_rate": ("used_yuan", "allocated_yuan"),
    "execution_rate": ("used_yuan", "budget_yuan"),
    "satisfaction_rate": ("satisfaction_answers",),
    "satisfaction_low": ("satisfaction_answers",),
    "satisfaction_high": ("satisfaction_answers",),
}
# A whole and its parts, within a row; those that a table lacks a column of, or that don't hold, are left out.
SUMS = (
    ("roll_count", ("excluded_count", "unconfirmed_count", "eligible_count")),
    ("eligible_count", ("covered_count", "uncovered_count")),
    ("covered_count", ("refunded_count", "paid_on_behalf_count")),
    ("allocated_yuan", ("used_yuan", "balance_yuan")),
    ("allocated_yuan", ("used_yuan", "township_balance_yuan")),
    ("allocated_yuan", ("paid_out_yuan", "cash_balance_yuan")),
    ("paid_out_yuan", ("used_yuan", "disputed_yuan")),
    ("used_yuan", ("used_municipal_yuan", "used_district_yuan")),
    ("budget_yuan", ("used_yuan", "balance_yuan")),
    ("budget_yuan", ("allocated_yuan", "bureau_balance_yuan")),
    ("budget_yuan", ("budget_municipal_yuan", "budget_district_yuan")),
    ("balance_yuan", ("balance_municipal_yuan", "balance_district_yuan")),
    ("budget_municipal_yuan", ("used_municipal_yuan", "balance_municipal_yuan")),
    ("budget_district_yuan", ("used_district_yuan", "balance_district_yuan")),
)
# Figures of which one tells the other wherever they stand in the same proportion.
PROPORTIONS = (
    ("used_yuan", "covered_count"),
    ("used_municipal_yuan", "used_yuan"),
    ("used_district_yuan", "used_yuan"),
    ("planned_count", "allocated_yuan"),
)
_WORTH = {VILLAGE: 0, FUND: 1, TOWNSHIP: 1, DISTRICT: 2}
_CENT = 0.005

Row = dict[str, Any]
Rows = Mapping[TableName, list[Row]]


class Figure(NamedTuple):
    """A cell's place: the table, the number of its row, the column."""

    table: TableName
    row: int
    column: str


def write_open(published: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write the open tables of a published file, all its years, into a file of their own."""
    connection = duckdb.connect()
    try:
        connection.execute(f"ATTACH '{quoted(path)}' AS open (STORAGE_VERSION '{PUBLISHED_STORAGE_VERSION}')")
        connection.execute("USE open")
        # In one transaction: each row would wait for the disk.
        connection.execute("BEGIN")
        connection.execute("CREATE SCHEMA mart")
        rows = {name: _rows_of(published, name) for name in OPEN_TABLES}
        for name, shown in without_small_counts(rows).items():
            _write(connection, tables.load_tables()[name], shown)
        connection.execute("COMMIT")
    finally:
        connection.close()


def without_small_counts(rows: Rows) -> dict[TableName, list[Row]]:
    """The rows of all open tables, in their order, with what must be hidden as null."""
    figures, cells = _cells(rows)
    place = {figure: number for number, figure in enumerate(figures)}
    small = [
        number
        for number, figure in enumerate(figures)
        if figure.column in COUNTS[figure.table] and cells[number].value < LEAST_PERSONS
    ]
    hidden = {figures[number] for number in hidden_cells(cells, list(equations(rows, cells, place)), small)}
    return {
        name: [
            {column: None if _is_hidden(name, number, column, hidden) else value for column, value in row.items()}
            for number, row in enumerate(of_table)
        ]
        for name, of_table in rows.items()
    }


def equations(rows: Rows, cells: list[Cell], place: Mapping[Figure, int]) -> Iterator[Equation]:
    """Every sum that holds between figures: within a row, of a unit over its parts, and by proportion."""
    for equation in _equations(rows, place):
        if abs(sum(factor * cells[cell].value for cell, factor in equation.items())) < _CENT:
            yield equation


def _equations(rows: Rows, place: Mapping[Figure, int]) -> Iterator[Equation]:
    for units in _units(rows):
        for whole, parts in SUMS:
            if whole in units and all(part in units for part in parts):
                yield from _sum(place, units[whole], [units[part] for part in parts], len(parts))
        yield from _proportions(rows, units, place)
    for number, district in enumerate(rows[DISTRICT]):
        year = district["policy_year"]
        of_year = {name: [n for n, row in enumerate(rows[name]) if row["policy_year"] == year] for name in OPEN_TABLES}
        for column in district:
            for name in (TOWNSHIP, FUND):
                of_township = "balance_yuan" if column == "township_balance_yuan" else column
                parts = [Figure(name, each, of_township) for each in of_year[name]]
                yield from _sum(place, Figure(DISTRICT, number, column), parts)
        for each in of_year[TOWNSHIP]:
            code = rows[TOWNSHIP][each]["township_code"]
            villages = [n for n in of_year[VILLAGE] if rows[VILLAGE][n]["township_code"] == code]
            for column in PERSONS:
                yield from _sum(place, Figure(TOWNSHIP, each, column), [Figure(VILLAGE, n, column) for n in villages])


def _units(rows: Rows) -> Iterator[dict[str, Figure]]:
    """The figures of each unit by column; persons and money of a township together."""
    fund_of = {(row["policy_year"], row["township_code"]): number for number, row in enumerate(rows[FUND])}
    for name in (DISTRICT, TOWNSHIP, VILLAGE):
        for number, row in enumerate(rows[name]):
            unit = {column: Figure(name, number, column) for column in row}
            if name == TOWNSHIP:
                fund = fund_of.get((row["policy_year"], row["township_code"]))
                columns = rows[FUND][fund] if fund is not None else {}
                unit |= {column: Figure(FUND, fund or 0, column) for column in columns if column.endswith("_yuan")}
            yield unit


def _sum(
    place: Mapping[Figure, int], whole: Figure, parts: list[Figure], needed: int | None = None
) -> Iterator[Equation]:
    """A whole less its parts; nothing where a figure that is needed has no source (null) and so no cell."""
    known = [place[part] for part in parts if part in place]
    if whole in place and known and needed in (None, len(known)):
        yield {place[whole]: 1.0, **dict.fromkeys(known, -1.0)}


def _proportions(rows: Rows, unit: Mapping[str, Figure], place: Mapping[Figure, int]) -> Iterator[Equation]:
    """Two figures in the proportion that they have in the district, where a unit keeps it."""
    year = next(rows[figure.table][figure.row]["policy_year"] for figure in unit.values())
    district = next(row for row in rows[DISTRICT] if row["policy_year"] == year)
    for one, other in PROPORTIONS:
        if one in unit and other in unit and unit[one] in place and unit[other] in place and district.get(other):
            factor = float(district[one] or 0) / float(district[other])
            yield {place[unit[one]]: 1.0, place[unit[other]]: -factor}


def _cells(rows: Rows) -> tuple[list[Figure], list[Cell]]:
    figures: list[Figure] = []
    cells: list[Cell] = []
    for name, of_table in rows.items():
        for number, row in enumerate(of_table):
            for column, value in row.items():
                if isinstance(value, int | Decimal) and (column in COUNTS[name] or column.endswith("_yuan")):
                    figures.append(Figure(name, number, column))
                    cells.append(Cell(float(value), _WORTH[name]))
    return figures, cells


def _is_hidden(name: TableName, number: int, column: str, hidden: set[Figure]) -> bool:
    return any(Figure(name, number, part) in hidden for part in RATES.get(column, (column,)))


def _rows_of(published: duckdb.DuckDBPyConnection, name: TableName) -> list[Row]:
    table = tables.load_tables()[name]
    columns = ", ".join(table.column_names)
    result = published.execute(f"SELECT {columns} FROM {name} ORDER BY ALL")
    return [dict(zip(table.column_names, row, strict=True)) for row in result.fetchall()]


def _write(connection: duckdb.DuckDBPyConnection, table: Table, rows: list[Row]) -> None:
    columns = ", ".join(f"{column.name} {column.type}" for column in table.columns)
    connection.execute(f"CREATE TABLE {table.full_name} ({columns})")
    if rows:
        marks = ", ".join("?" for _ in table.columns)
        connection.executemany(
            f"INSERT INTO {table.full_name} VALUES ({marks})",
            [[row[name] for name in table.column_names] for row in rows],
        )
    connection.execute(f"CREATE VIEW main.{table.name} AS SELECT * FROM {table.full_name}")
    for statement in comment_statements(table, str(table.full_name)):
        connection.execute(statement)
