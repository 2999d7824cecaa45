"""What is given away tells no count of fewer than ten persons, neither by itself nor by what stands around it."""

import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pytest

from pipeline.warehouse.disclosure import Cell, hidden_cells
from pipeline.warehouse.folder import OPEN_FILE
from pipeline.warehouse.open_file import (
    DISTRICT,
    FUND,
    LEAST_PERSONS,
    PERSONS,
    TOWNSHIP,
    VILLAGE,
    without_small_counts,
)
from tests.warehouse.conftest import Installation

Row = dict[str, Any]
TINY = 1e-8


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_cell_of_a_table_with_totals_can_be_worked_out(seed: int) -> None:
    """A table of rows, columns and totals on both sides, by the rank of all that a reader knows."""
    chance = random.Random(seed)
    rows, columns = chance.randint(2, 6), chance.randint(2, 6)
    body = np.array([[chance.choice((0, 3, 8, 25, 400)) for _ in range(columns)] for _ in range(rows)])
    table = np.block([[body, body.sum(axis=1, keepdims=True)], [body.sum(axis=0, keepdims=True), body.sum()]])
    width = columns + 1
    cells = [Cell(float(value), 0) for value in table.flat]
    across = [{r * width + c: 1.0 if c < columns else -1.0 for c in range(width)} for r in range(rows + 1)]
    down = [{r * width + c: 1.0 if r < rows else -1.0 for r in range(rows + 1)} for c in range(width)]
    small = {number for number, cell in enumerate(cells) if cell.value < LEAST_PERSONS}
    hidden = hidden_cells(cells, [*across, *down], small)
    assert small <= hidden
    assert _worked_out([*across, *down], hidden) == set()


@pytest.mark.parametrize("seed", range(6))
def test_no_small_count_of_a_district_can_be_worked_out(seed: int) -> None:
    """Persons and money of villages, townships and the district, by equations that are written here anew."""
    rows = _district(random.Random(seed))
    shown = without_small_counts(rows)
    place = {
        (name, number, column): index
        for index, (name, number, column) in enumerate(
            (name, number, column)
            for name in rows
            for number, row in enumerate(rows[name])
            for column, value in row.items()
            if isinstance(value, int | Decimal) and column != "policy_year"
        )
    }
    hidden = {place[name, n, c] for name, n, c in place if shown[name][n][c] is None}
    for name in rows:
        for number, row in enumerate(rows[name]):
            for column in PERSONS:
                if column in row and row[column] < LEAST_PERSONS:
                    assert place[name, number, column] in hidden
    assert _worked_out(_all_equations(rows, place), hidden) == set()
    assert any(value is not None for row in shown[TOWNSHIP] for column, value in row.items() if column in PERSONS)


def test_a_rate_is_hidden_with_its_parts() -> None:
    """Else it would tell the one by the other."""
    rows = _district(random.Random(11))
    pairs = list(zip(rows[VILLAGE], without_small_counts(rows)[VILLAGE], strict=True))
    assert 0 < sum(shown["participation_rate"] is None for _, shown in pairs) < len(pairs)
    for row, shown in pairs:
        if shown["covered_count"] is None or shown["eligible_count"] is None:
            assert shown["participation_rate"] is None
        else:
            assert shown["participation_rate"] == row["participation_rate"]


def test_the_open_file_lies_beside_the_published_one(installation: Installation) -> None:
    """Four tables and nothing else; in a world of four persons no count is told."""
    with duckdb.connect(str(installation.folder / "warehouse" / OPEN_FILE), read_only=True) as connection:
        names = connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
        counts = connection.execute(f"SELECT {', '.join(PERSONS)}, used_yuan FROM district_summary").fetchall()
    assert {name for (name,) in names} == {DISTRICT.name, FUND.name, TOWNSHIP.name, VILLAGE.name}
    assert counts == [(None,) * (len(PERSONS) + 1)]


def _district(chance: random.Random) -> dict[Any, list[Row]]:
    villages = [_persons(chance, f"{t}", f"{t}{v}") for t in range(4) for v in range(chance.randint(1, 5))]
    townships, funds = [], []
    for t in range(4):
        own = [row for row in villages if row["township_code"] == f"{t}"]
        townships.append(_total(own) | {"township_code": f"{t}"})
        used = Decimal(townships[-1]["covered_count"] * 100)
        disputed = Decimal(chance.choice((0, 0, 300)))
        allocated = used + disputed + Decimal(chance.choice((0, 500)))
        funds.append(
            {
                "policy_year": 2019,
                "township_code": f"{t}",
                "allocated_yuan": allocated,
                "paid_out_yuan": used + disputed,
                "used_yuan": used,
                "disputed_yuan": disputed,
                "balance_yuan": allocated - used,
                "cash_balance_yuan": allocated - used - disputed,
            }
        )
    money = {column: sum(row[column] for row in funds) for column in funds[0] if column.endswith("_yuan")}
    district = _total(townships) | money | {"budget_yuan": money["allocated_yuan"] + 1000}
    district |= {
        "balance_yuan": district["budget_yuan"] - money["used_yuan"],
        "township_balance_yuan": money["balance_yuan"],
        "bureau_balance_yuan": Decimal(1000),
    }
    return {DISTRICT: [district], TOWNSHIP: townships, FUND: funds, VILLAGE: villages}


def _persons(chance: random.Random, township: str, village: str) -> Row:
    refunded, behalf, uncovered, unconfirmed, excluded = (chance.choice((0, 2, 9, 15, 80, 300)) for _ in range(5))
    covered = refunded + behalf
    return {
        "policy_year": 2019,
        "township_code": township,
        "village_code": village,
        "roll_count": covered + uncovered + unconfirmed + excluded,
        "excluded_count": excluded,
        "unconfirmed_count": unconfirmed,
        "eligible_count": covered + uncovered,
        "refunded_count": refunded,
        "paid_on_behalf_count": behalf,
        "covered_count": covered,
        "uncovered_count": uncovered,
        "participation_rate": 0.5,
    }


def _total(rows: list[Row]) -> Row:
    return {"policy_year": 2019, **{column: sum(row[column] for row in rows) for column in PERSONS}}


def _all_equations(rows: Mapping[Any, list[Row]], place: Mapping[Any, int]) -> list[dict[int, float]]:
    made = []

    def add(*terms: tuple[float, Any]) -> None:
        made.append({place[key]: factor for factor, key in terms})

    for name in (DISTRICT, TOWNSHIP, VILLAGE):
        for n in range(len(rows[name])):
            for whole, parts in (
                ("roll_count", ("excluded_count", "unconfirmed_count", "eligible_count")),
                ("eligible_count", ("covered_count", "uncovered_count")),
                ("covered_count", ("refunded_count", "paid_on_behalf_count")),
            ):
                add((1, (name, n, whole)), *((-1, (name, n, part)) for part in parts))
    for n in range(len(rows[FUND])):
        add((1, (FUND, n, "used_yuan")), (-100, (TOWNSHIP, n, "covered_count")))
    add((1, (DISTRICT, 0, "used_yuan")), (-100, (DISTRICT, 0, "covered_count")))
    for name in (DISTRICT, FUND):
        for n in range(len(rows[name])):
            add((1, (name, n, "paid_out_yuan")), (-1, (name, n, "used_yuan")), (-1, (name, n, "disputed_yuan")))
            balance = "balance_yuan" if name == FUND else "township_balance_yuan"
            add((1, (name, n, "allocated_yuan")), (-1, (name, n, "used_yuan")), (-1, (name, n, balance)))
            add(
                (1, (name, n, "allocated_yuan")), (-1, (name, n, "paid_out_yuan")), (-1, (name, n, "cash_balance_yuan"))
            )
    add((1, (DISTRICT, 0, "budget_yuan")), (-1, (DISTRICT, 0, "used_yuan")), (-1, (DISTRICT, 0, "balance_yuan")))
    for column in PERSONS:
        add((1, (DISTRICT, 0, column)), *((-1, (TOWNSHIP, n, column)) for n in range(len(rows[TOWNSHIP]))))
        for t, township in enumerate(rows[TOWNSHIP]):
            own = [n for n, row in enumerate(rows[VILLAGE]) if row["township_code"] == township["township_code"]]
            add((1, (TOWNSHIP, t, column)), *((-1, (VILLAGE, n, column)) for n in own))
    for column in ("allocated_yuan", "paid_out_yuan", "used_yuan", "disputed_yuan", "cash_balance_yuan"):
        add((1, (DISTRICT, 0, column)), *((-1, (FUND, n, column)) for n in range(len(rows[FUND]))))
    return made


def _worked_out(equations: list[dict[int, float]], hidden: set[int]) -> set[int]:
    """Hidden cells that are the same in every solution of the equations: no direction of their null space moves them."""
    order = sorted(hidden)
    matrix = np.array([[equation.get(cell, 0.0) for cell in order] for equation in equations]).reshape(-1, len(order))
    if not order:
        return set()
    _, singular, directions = np.linalg.svd(matrix)
    free = directions[np.count_nonzero(singular > TINY) :]
    return {cell for number, cell in enumerate(order) if np.linalg.norm(free[:, number]) < TINY}
