"""The people of the district: households, ages, names, IDs, and what bureau and township know of each.

The columns `state`, `state_reason`, `class` and `mismatch` say what the rules must find. They are set here, by
construction, and never computed from the papers. How people are paid is the business of `payments.py`.
"""

from datetime import date

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.figures import YearFigures, at_least_one
from pipeline.sample.households import Members, draw_members
from pipeline.sample.identity import person_ids
from pipeline.sample.names import draw_given_names, with_rare_names
from pipeline.sample.statuses import (
    AGED_60_OR_OVER,
    ALL_STATUSES,
    ELIGIBLE,
    EXCLUDED,
    LEFT_OVER,
    PLANTED,
    RECEIVING_BENEFITS,
    UNDER_16,
    Status,
)

TURNING_LATE_COUNT = 60
"""Persons of a district of full size who are made to turn 60 between July and October."""

LATE_DAYS = (185, 295)
"""Days of the year, from 0, on which they do."""

RARE_NAME_COUNT = 20
"""Persons of a full district whose name has a middle dot, and as many whose name has a rare character."""

STATUS_INDEX = {status.name: index for index, status in enumerate(ALL_STATUSES)}
UNDECIDED = -1


def make_people(policy: Policy, figures: YearFigures, rng: np.random.Generator, is_clean: bool) -> pl.DataFrame:
    """The roll's people, one row each, in order of village and household; exactly `eligible_count` are eligible.

    Besides what the papers say, each row has `state`, `state_reason`, `class` and `mismatch` as the rules must find
    them, `is_turning_60` for the eligible who turn 60 in the second half of the year, and `first_snapshot` and
    `last_snapshot` (0 to 2).
    """
    members = draw_members(figures.roll_count, len(_places(policy)), rng)
    age, births = _births(members.age, policy, rng)
    status, age, births = _statuses(age, births, policy, figures, rng, is_clean)
    people = _identities(members, births, policy, rng).with_columns(age=pl.Series(age), status=pl.Series(status))
    groups = people.partition_by("status", as_dict=True)
    papers = [_papers(rows, ALL_STATUSES[index], policy) for (index,), rows in groups.items()]
    return _with_snapshots(pl.concat(papers).sort("person"), policy.policy_year, rng)


def _places(policy: Policy) -> list[tuple[str, str, str, str]]:
    townships = {township.code: township.name for township in policy.townships}
    return [
        (place.code[:9], townships[place.code[:9]], place.code, place.name)
        for place in policy.villages or policy.townships
        if place.code[:9] in townships
    ]


def _births(age: np.ndarray, policy: Policy, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Ages at the end of the year and birth dates.

    Some of the oldest below the limit are made to reach it. Nobody reaches it after October, so that the last round of
    payments comes after everybody's birthday.
    """
    age = age.copy()
    turning = np.argsort(np.where(age < policy.age_below, -age, 0), kind="stable")
    turning = turning[: at_least_one(TURNING_LATE_COUNT, len(age))]
    age[turning] = policy.age_below
    day = rng.integers(0, 365, len(age))
    day[turning] = LATE_DAYS[0]
    is_late = (age == policy.age_below) & (day >= LATE_DAYS[0] - 4)
    day = np.where(is_late, rng.integers(*LATE_DAYS, len(age)), np.where(age == 0, day % 300, day))
    return age, _birth_dates(age, day, policy)


def _birth_dates(age: np.ndarray, day: np.ndarray, policy: Policy) -> np.ndarray:
    first_days: np.ndarray = (policy.policy_year - age - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    births: np.ndarray = first_days + day.astype("timedelta64[D]")
    return births


def _statuses(
    age: np.ndarray,
    births: np.ndarray,
    policy: Policy,
    figures: YearFigures,
    rng: np.random.Generator,
    is_clean: bool,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The status of each person; where too few are of working age, the oldest children are made a few years older."""
    status = np.full(len(age), UNDECIDED)
    for each in (*EXCLUDED, *(() if is_clean else PLANTED)):
        fitting = np.flatnonzero((status == UNDECIDED) & (age >= each.ages[0]) & (age <= each.ages[1]))
        count = min(at_least_one(each.persons or 0, len(age)), len(fitting))
        status[rng.choice(fitting, count, replace=False)] = STATUS_INDEX[each.name]
    limit = date(policy.policy_year - policy.age_below, 1, 1)
    _fill(status, births <= np.datetime64(limit), AGED_60_OR_OVER)
    _fill(status, births <= np.datetime64(limit.replace(month=6, day=30)), RECEIVING_BENEFITS)
    missing = figures.eligible_count - int(((status == UNDECIDED) & (age >= policy.age_from)).sum())
    if missing > 0:
        children = np.flatnonzero((status == UNDECIDED) & (age < policy.age_from))
        grown = children[np.argsort(-age[children], kind="stable")[:missing]]
        age[grown] = rng.integers(policy.age_from, policy.age_from + 4, len(grown))
        births[grown] = _birth_dates(age[grown], rng.integers(0, 365, len(grown)), policy)
    _fill(status, age < policy.age_from, UNDER_16)
    free = np.flatnonzero(status == UNDECIDED)
    movable = rng.permutation(free[age[free] < policy.age_below])
    left_over = movable[: len(free) - figures.eligible_count]
    status[left_over] = [STATUS_INDEX[LEFT_OVER[turn % len(LEFT_OVER)].name] for turn in range(len(left_over))]
    _fill(status, status == UNDECIDED, ELIGIBLE)
    return status, age, births


def _fill(status: np.ndarray, mask: np.ndarray, by: Status) -> None:
    status[(status == UNDECIDED) & mask] = STATUS_INDEX[by.name]


def _identities(members: Members, births: np.ndarray, policy: Policy, rng: np.random.Generator) -> pl.DataFrame:
    places = _places(policy)
    names = members.surname + draw_given_names(members.is_male, rng)
    names = with_rare_names(names, at_least_one(RARE_NAME_COUNT, len(names)), rng)
    village_of_household = pl.col("village_code") + pl.col("household_rank").cast(pl.String).str.zfill(4)
    return (
        pl.DataFrame(
            {
                "person": np.arange(len(births)),
                "household": members.household,
                "place": members.place,
                "relation": members.relation.astype(str),
                "is_male": members.is_male,
                "name": names.astype(str),
                "birth_date": births.astype("datetime64[D]"),
                "id_no": person_ids(births, members.is_male),
                "village": members.village,
            }
        )
        .join(
            pl.DataFrame(
                [(number, *place) for number, place in enumerate(places)],
                schema=["village", "township_code", "township", "village_code", "village_name"],
                orient="row",
            ),
            on="village",
            maintain_order="left",
        )
        .with_columns(
            household_rank=pl.col("household").rank("dense").over("village_code"),
            household_size=pl.len().over("household"),
            account=pl.lit("99530198") + pl.col("household").cast(pl.String).str.zfill(11),
        )
        .with_columns(household_no=village_of_household)
        .with_columns(member_no=pl.col("household_no") + (pl.col("place") + 1).cast(pl.String).str.zfill(2))
        .drop("household_rank", "village")
    )


def _papers(rows: pl.DataFrame, status: Status, policy: Policy) -> pl.DataFrame:
    """What bureau and township know of the persons with one status."""
    return rows.with_columns(
        pl.lit(status.name).alias("status"),
        pl.lit(status.state).alias("state"),
        pl.lit(status.reason or None, pl.String).alias("state_reason"),
        pl.lit(status.mismatch, pl.String).alias("mismatch"),
        _dealt("class", tuple(word for word, _ in status.classes), rows.height),
        _dealt("class_reason", tuple(reason for _, reason in status.classes), rows.height),
        _dealt("exclusion", status.exclusions, rows.height),
        _schooling(status, rows.height),
        _dealt("benefit_status", status.benefit_status, rows.height),
        pl.lit(status.is_severely_disabled).alias("is_severely_disabled"),
        (pl.lit(status is ELIGIBLE) & (pl.col("age") == policy.age_below)).alias("is_turning_60"),
    )


def _schooling(status: Status, count: int) -> pl.Expr:
    """By the status for adults, by age for children."""
    age = pl.col("age")
    return (
        pl.when(age < 3)
        .then(None)
        .when(age < 6)
        .then(pl.lit("学前教育"))
        .when(age < 12)
        .then(pl.lit("小学"))
        .when(age < 16)
        .then(pl.lit("初中"))
        .otherwise(_dealt("schooling", status.schooling, count))
        .alias("schooling")
    )


def _dealt(column: str, texts: tuple[str | None, ...], count: int) -> pl.Series:
    return pl.Series(column, [texts[turn % len(texts)] for turn in range(count)], dtype=pl.String)


def _with_snapshots(people: pl.DataFrame, year: int, rng: np.random.Generator) -> pl.DataFrame:
    """Natural increase and decrease: in which of the year's three snapshots a person stands first and last."""
    chance = pl.Series(rng.random(people.height))
    leaves = pl.col("state_reason").is_in(["deceased", "moved_out"]) & (chance < 0.4)
    is_late_newborn = pl.col("birth_date") > date(year, 3, 1)
    is_fixed = pl.col("mismatch").is_not_null()
    return people.with_columns(
        first_snapshot=pl.when(is_late_newborn)
        .then(2)
        .when(is_fixed)
        .then(0)
        .when(chance > 0.992)
        .then(2)
        .when(chance > 0.984)
        .then(1)
        .otherwise(0),
        last_snapshot=pl.when(is_fixed | is_late_newborn)
        .then(2)
        .when(leaves | (chance < 0.005))
        .then((chance * 1000).cast(pl.Int32) % 2)
        .otherwise(2),
    )
