"""The people of the district in a year: where they live, and what bureau and township know of each.

The columns `state`, `state_reason`, `class` and `mismatch` say what the rules must find. They are set here, by
construction, and never computed from the papers. How people are paid is the business of `payments.py`.
"""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import polars as pl

from pipeline.errors import UsageError
from pipeline.policy import Policy
from pipeline.sample.figures import FIGURES, YearFigures, at_least_one, scaled
from pipeline.sample.population import (
    DIED,
    DIED_LATE,
    MOVED_OUT,
    REMOVED,
    dealt_by_share,
    make_population,
    scores,
    village_keys,
)
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

LOW_INCOME_SHARES = {"低保贫困户": 0.08, "一般贫困户": 0.92}
ALONE_SHARES = {"低保贫困户": 0.08, "特困供养贫困户": 0.52, "一般贫困户": 0.40}
"""The kinds of the roll's households by share, and of those that are one old person."""

STATUS_INDEX = {status.name: index for index, status in enumerate(ALL_STATUSES)}
UNDECIDED = -1

LEAVING = {"deceased": DIED, "moved_out": MOVED_OUT}
"""Statuses of those whose last year on the roll it is, and why they leave."""

LEFT_BEFORE_LATEST = 0.4
"""Share of the deceased and of those who moved out who no longer stand in the latest snapshot."""

SPARE_WORKERS = 100
FEWEST_SPARE_WORKERS = 24
"""Persons of working age beyond the plan, as a part of the district and at least."""


def make_people(policy: Policy, figures: YearFigures, seed: int, is_clean: bool) -> pl.DataFrame:
    """The roll's people, one row each, in order of village and household; exactly `eligible_count` are eligible.

    The same seed gives the same people in every year, a year older. Besides what the papers say, each row has `state`,
    `state_reason`, `class` and `mismatch` as the rules must find them, `is_turning_60` for the eligible who turn 60 in
    the second half of the year, and `first_snapshot` and `last_snapshot` (0 to 2).
    """
    places = _places(policy)
    people = make_population(
        seed,
        figures.roll_count,
        village_keys([name for *_, name in places]),
        policy.policy_year,
        policy.age_below,
        _workers(figures.roll_count),
    )
    people = _with_household_kinds(_identified(people, places, policy.policy_year), seed)
    people = _with_papers(people, _statuses(people, policy, figures, seed, is_clean), policy)
    return _with_snapshots(people, policy.policy_year, seed)


def _places(policy: Policy) -> list[tuple[str, str, str, str]]:
    """Township and village codes and names, in the order of the villages' keys, whatever their codes in the year."""
    townships = {township.code: township.name for township in policy.townships}
    places = [
        (place.code[:9], townships[place.code[:9]], place.code, place.name)
        for place in policy.villages or policy.townships
        if place.code[:9] in townships
    ]
    keys = village_keys([name for *_, name in places])
    return [place for _, place in sorted(zip(keys, places, strict=True), key=lambda each: (each[0], each[1][2]))]


def _workers(persons: int) -> int:
    """How many of working age a district needs at least, so that its plan finds room in each of its years."""
    planned = sum(at_least_one(each.persons or 0, persons) for each in (*EXCLUDED, *PLANTED))
    most = max(scaled(figures.eligible_count, persons) for figures in FIGURES.values())
    return most + planned + persons // SPARE_WORKERS + FEWEST_SPARE_WORKERS


def _statuses(people: pl.DataFrame, policy: Policy, figures: YearFigures, seed: int, is_clean: bool) -> np.ndarray:
    """The status of each person; whoever has one in a year has it in the next, too, as long as his age fits."""
    age, births = people["age"].to_numpy(), people["birth_date"].to_numpy()
    causes = people["exit_cause"].fill_null("").to_numpy()
    is_staying = (causes == "") & ~people["is_new"].to_numpy()
    status = np.full(len(age), UNDECIDED)
    for each in (*EXCLUDED, *(() if is_clean else PLANTED)):
        leaves = LEAVING.get(each.name)
        mask = causes == leaves if leaves else is_staying
        fitting = np.flatnonzero(mask & (status == UNDECIDED) & (age >= each.ages[0]) & (age <= each.ages[1]))
        count = len(fitting) if leaves else min(at_least_one(each.persons or 0, len(age)), len(fitting))
        order = scores(seed, each.name, people["number"][fitting])
        order = order + (age[fitting] if each.name == "in_school" else 0)
        status[fitting[np.argsort(order, kind="stable")[:count]]] = STATUS_INDEX[each.name]
    limit = date(policy.policy_year - policy.age_below, 1, 1)
    _fill(status, births <= np.datetime64(limit), AGED_60_OR_OVER)
    _fill(status, births <= np.datetime64(limit.replace(month=6, day=30)), RECEIVING_BENEFITS)
    _fill(status, age < policy.age_from, UNDER_16)
    free = np.flatnonzero(status == UNDECIDED)
    surplus = len(free) - figures.eligible_count
    if surplus < 0:
        raise UsageError(
            f"A sample of {figures.roll_count} persons has too few of working age for its plan. Ask for more persons.",
            f"{figures.roll_count} 人的模拟数据中劳动年龄的人太少,排不出所需的情形。请增加人数。",
        )
    movable = free[(age[free] < policy.age_below) & (causes[free] != DIED_LATE)]
    order = np.argsort(scores(seed, "left_over", people["number"][movable]), kind="stable")
    left_over = movable[order[:surplus]]
    word = (scores(seed, "left_over_word", people["number"][left_over]) * len(LEFT_OVER)).astype(int)
    status[left_over] = np.array([STATUS_INDEX[each.name] for each in LEFT_OVER])[word]
    _fill(status, status == UNDECIDED, ELIGIBLE)
    return status


def _fill(status: np.ndarray, mask: np.ndarray, by: Status) -> None:
    status[(status == UNDECIDED) & mask] = STATUS_INDEX[by.name]


def _identified(people: pl.DataFrame, places: list[tuple[str, str, str, str]], year: int) -> pl.DataFrame:
    """The people with their village, household and account."""
    named = pl.DataFrame(
        [(number, *place) for number, place in enumerate(places)],
        schema={
            "village": pl.Int64,
            "township_code": pl.String,
            "township": pl.Categorical,
            "village_code": pl.String,
            "village_name": pl.Categorical,
        },
        orient="row",
    )
    return (
        people.join(named, on="village", maintain_order="left")
        .sort("village_code", "household", "place")
        .with_columns(
            person=pl.int_range(pl.len()),
            age=year - pl.col("birth_date").dt.year(),
            household_size=pl.len().over("household"),
            account=pl.lit("99530198") + pl.col("household").cast(pl.String).str.zfill(11),
            household_no=pl.col("village_code") + pl.col("household_rank").cast(pl.String).str.zfill(4),
        )
        .with_columns(member_no=pl.col("household_no") + (pl.col("place") + 1).cast(pl.String).str.zfill(2))
        .drop("household_rank", "village")
    )


def _with_household_kinds(people: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The roll's kinds of household: whose members have 低保, and old people alone who are 特困."""
    chances = scores(seed, "household_kind", people["household"])
    is_alone = (pl.col("household_size") == 1) & (pl.col("age") >= 60)
    kind = dealt_by_share(chances, LOW_INCOME_SHARES)
    kind_of_alone = dealt_by_share(chances, ALONE_SHARES)
    kinds = people.with_columns(household_kind=pl.when(is_alone).then(kind_of_alone).otherwise(kind))
    missing = [word for word in ALONE_SHARES if word not in set(kinds["household_kind"])]
    first = pl.int_range(pl.len()) - 1
    given = pl.col("household_kind")
    for place, word in enumerate(missing):
        given = pl.when(first == place).then(pl.lit(word)).otherwise(given)
    return kinds.with_columns(household_kind=given)


def _with_papers(people: pl.DataFrame, statuses: np.ndarray, policy: Policy) -> pl.DataFrame:
    """What bureau and township know of each person, by the positions of their statuses."""
    turns = pl.DataFrame({"status": statuses}).select(pl.int_range(pl.len()).over("status"))

    def dealt(texts: Callable[[Status], Sequence[str | None]]) -> pl.Series:
        """The texts of a person's status, in turn to those who have it."""
        listed = [texts(status) for status in ALL_STATUSES]
        counts = np.array([len(each) for each in listed])
        places = (np.cumsum(counts) - counts)[statuses] + turns.to_series().to_numpy() % counts[statuses]
        return pl.Series([text for each in listed for text in each], dtype=pl.Categorical).gather(places)

    is_disabled = np.array([status.is_severely_disabled for status in ALL_STATUSES])
    is_eligible = pl.Series(statuses == STATUS_INDEX[ELIGIBLE.name])
    return people.with_columns(
        status=dealt(lambda status: (status.name,)),
        state=dealt(lambda status: (status.state,)),
        state_reason=dealt(lambda status: (status.reason or None,)),
        mismatch=dealt(lambda status: (status.mismatch,)),
        **{"class": dealt(lambda status: [word for word, _ in status.classes])},
        class_reason=dealt(lambda status: [reason for _, reason in status.classes]),
        exclusion=dealt(lambda status: status.exclusions),
        schooling=_schooling(dealt(lambda status: status.schooling)),
        benefit_status=dealt(lambda status: status.benefit_status),
        is_severely_disabled=pl.Series(is_disabled[statuses]),
        is_turning_60=is_eligible & (pl.col("age") == policy.age_below),
    )


def _schooling(of_adults: pl.Series) -> pl.Expr:
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
        .otherwise(of_adults)
    )


def _with_snapshots(people: pl.DataFrame, year: int, seed: int) -> pl.DataFrame:
    """Natural increase and decrease: in which of the year's three snapshots a person stands first and last."""
    chance = pl.Series(scores(seed, "snapshot", people["number"]))
    is_born = pl.col("birth_date") > date(year, 1, 1)
    leaves_early = (pl.col("exit_cause") == REMOVED) | (
        pl.col("exit_cause").is_in([DIED, MOVED_OUT]) & (chance < LEFT_BEFORE_LATEST)
    )
    return people.with_columns(
        first_snapshot=pl.when(~pl.col("is_new"))
        .then(0)
        .when(pl.when(is_born).then(pl.col("birth_date") > date(year, 6, 1)).otherwise(chance < 0.5))
        .then(2)
        .otherwise(1),
        last_snapshot=pl.when(leaves_early).then((chance * 1000).cast(pl.Int32) % 2).otherwise(2),
    )
