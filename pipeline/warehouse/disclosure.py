"""Which figures must be hidden so that none of those that are hidden can be worked out from those that are shown.

Figures are cells that stand in sums: an equation gives each of its cells a factor, and the products add up to zero. A hidden cell
can be worked out where some combination of equations leaves it as the only unknown, or where amounts that can't be negative add
up to nothing. Which cells are too small to be shown, and which equations hold, is the caller's business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Equation = Mapping[int, float]

_NOTHING = 1e-9


@dataclass(frozen=True)
class Cell:
    """A figure: its value, and how much a reader would miss it (a district's total more than a village's count)."""

    value: float
    worth: int


def hidden_cells(cells: Sequence[Cell], equations: Sequence[Equation], small: Iterable[int]) -> set[int]:
    """The small cells, and as many others as it takes that none of them can be worked out.

    Args:
        cells: the figures, known by their place in the sequence.
        equations: sums that hold, and that a reader may know of.
        small: the cells that must not be shown.
    """
    secret = frozenset(small)
    hidden = set(secret)
    while found := derivable(cells, equations, hidden) & secret:
        bare = [equation for equation in equations if _is_bare(equation, hidden, found)]
        touched = [equation for equation in equations if found & equation.keys()]
        linked = [equation for equation in equations if hidden & equation.keys()]
        for wider in (bare, touched, linked):
            more = {other for each in wider if (other := _least_missed(cells, each, hidden)) is not None}
            if more:
                hidden |= more
                break
        else:
            return hidden
    # What was hidden beside them and can be worked out all the same hides nothing.
    return hidden - derivable(cells, equations, hidden)


def derivable(cells: Sequence[Cell], equations: Sequence[Equation], hidden: set[int]) -> set[int]:
    """The hidden cells that a reader of all others can work out."""
    reduced = [{cell: factor for cell, factor in each.items() if cell in hidden} for each in equations]
    found = {cell for each in reduced if _adds_up_to_nothing(each, cells) for cell in each}
    for part in _parts([each for each in reduced if each]):
        found |= _only_unknowns(part)
    return found


def _is_bare(equation: Equation, hidden: set[int], found: set[int]) -> bool:
    """Whether an equation by itself may tell what was found."""
    unknown = hidden & equation.keys()
    return bool(unknown) and unknown <= found


def _least_missed(cells: Sequence[Cell], equation: Equation, hidden: set[int]) -> int | None:
    """The shown cell of an equation that a reader misses least; one that is nothing hides little, and comes last."""
    shown = [cell for cell in equation if cell not in hidden]
    return min(
        shown, key=lambda cell: (not cells[cell].value, cells[cell].worth, abs(cells[cell].value), cell), default=None
    )


def _adds_up_to_nothing(reduced: Equation, cells: Sequence[Cell]) -> bool:
    """Whether what an equation hides are amounts of one sign that make nothing together."""
    is_one_sign = len({factor > 0 for factor in reduced.values()}) == 1
    return is_one_sign and all(abs(cells[cell].value) < _NOTHING for cell in reduced)


def _parts(equations: Sequence[Equation]) -> Iterable[list[Equation]]:
    """The equations in groups that share no unknown."""
    group_of: dict[int, int] = {}

    def root(cell: int) -> int:
        while group_of.setdefault(cell, cell) != cell:
            cell = group_of[cell]
        return cell

    for equation in equations:
        first, *others = equation
        for other in others:
            group_of[root(other)] = root(first)
    groups: dict[int, list[Equation]] = {}
    for equation in equations:
        groups.setdefault(root(next(iter(equation))), []).append(equation)
    return groups.values()


def _only_unknowns(equations: Sequence[Equation]) -> set[int]:
    """The unknowns that a combination of equations leaves alone: their rows of the reduced echelon form have no other."""
    unknowns = sorted({cell for equation in equations for cell in equation})
    place = {cell: number for number, cell in enumerate(unknowns)}
    matrix: NDArray[np.float64] = np.zeros((len(equations), len(unknowns)))
    for number, equation in enumerate(equations):
        for cell, factor in equation.items():
            matrix[number, place[cell]] = factor
    row = 0
    for column in range(len(unknowns)):
        if row == len(matrix):
            break
        best = row + int(np.argmax(np.abs(matrix[row:, column])))
        if abs(matrix[best, column]) < _NOTHING:
            continue
        matrix[[row, best]] = matrix[[best, row]]
        matrix[row] /= matrix[row, column]
        # Nearly all factors are 0: only the rows and columns that a step changes are computed.
        others, touched = np.flatnonzero(matrix[:, column]), np.flatnonzero(matrix[row])
        others = others[others != row]
        matrix[np.ix_(others, touched)] -= np.outer(matrix[others, column], matrix[row, touched])
        row += 1
    alone = [np.flatnonzero(np.abs(each) > _NOTHING) for each in matrix[:row]]
    return {unknowns[int(each[0])] for each in alone if len(each) == 1}
