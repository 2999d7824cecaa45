"""The totals that a year's files must add up to, as data.

The figures of 2019 are those of the published evaluation report; the other years are plausible. How people, payments
and grants are made to add up to them is the business of the other modules.
"""

from dataclasses import dataclass, replace

FULL_ROLL_COUNT = 103_600

ANSWERS_18_OF_20 = (("非常满意", 9), ("满意", 7), ("基本满意", 2), ("不满意", 1), ("不太满意", 1))


@dataclass(frozen=True)
class YearFigures:
    """Totals of the district in one year.

    `grant_gap_count` is the number of persons by which the last funding level's grant exceeds (or, when negative, falls
    short of) the planned headcount that its document states. `has_uncovered` says whether eligible persons may stay
    uncovered.
    """

    roll_count: int
    planned_count: int
    eligible_count: int
    grant_gap_count: int
    has_uncovered: bool = False
    answers: tuple[tuple[str, int], ...] = ANSWERS_18_OF_20


FIGURES = {
    2017: YearFigures(FULL_ROLL_COUNT, planned_count=66_120, eligible_count=60_480, grant_gap_count=1_200),
    2018: YearFigures(FULL_ROLL_COUNT, planned_count=65_890, eligible_count=61_150, grant_gap_count=2_500),
    2019: YearFigures(FULL_ROLL_COUNT, planned_count=65_443, eligible_count=61_722, grant_gap_count=8_392),
    2020: YearFigures(
        FULL_ROLL_COUNT, planned_count=63_210, eligible_count=62_040, grant_gap_count=-4_100, has_uncovered=True
    ),
}


def scaled(full_count: int, persons: int) -> int:
    """The count that a district of `persons` has where one of full size has `full_count`, rounded half up."""
    return (2 * full_count * persons + FULL_ROLL_COUNT) // (2 * FULL_ROLL_COUNT)


def at_least_one(full_count: int, persons: int) -> int:
    """Like `scaled`, but a count that is not 0 stays at least 1, so that nothing vanishes from a small district."""
    return max(1, scaled(full_count, persons)) if full_count else 0


def year_figures(year: int, persons: int | None = None) -> YearFigures:
    """The totals of a year for a district of `persons` (null: of full size).

    A year without figures of its own has those of 2018.
    """
    full = FIGURES.get(year, FIGURES[2018])
    count = full.roll_count if persons is None else persons
    return replace(
        full,
        roll_count=count,
        planned_count=scaled(full.planned_count, count),
        eligible_count=scaled(full.eligible_count, count),
        grant_gap_count=scaled(full.grant_gap_count, count),
    )
