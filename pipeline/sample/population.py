"""The people of a district over the years: who stands on the roll from when to when, with the same name and ID in each.

The same seed and size give the same people whatever the year: a later year only has more years of coming and going
behind it. What bureau and township know of them in a year is the business of `people.py`.
"""

import re
from zlib import crc32

import numpy as np
import polars as pl

from pipeline.sample.figures import at_least_one
from pipeline.sample.households import (
    DAUGHTER,
    DAUGHTER_IN_LAW,
    GRANDDAUGHTER,
    GRANDSON,
    HEAD,
    SON,
    draw_members,
)
from pipeline.sample.identity import person_ids
from pipeline.sample.names import draw_given_names, draw_surnames, with_rare_names

FIRST_YEAR = 2016
"""The year at whose end the people have the ages of the census; who came before isn't told."""

DIED, DIED_LATE, MOVED_OUT, REMOVED = "died", "died_late", "moved_out", "removed"

EXIT_COUNTS = {DIED: 320, DIED_LATE: 24, MOVED_OUT: 240, REMOVED: 518}
"""Persons of a full district whose last year on the roll each year is, by why; `died_late` after the payments."""

EXIT_AGES = {DIED: (35, 99), DIED_LATE: (25, 58), MOVED_OUT: (16, 58), REMOVED: (0, 99)}
MORTALITY_GROWTH = 0.085
"""By how much the risk to die rises with each year of age."""

NEWBORN_SHARE = 0.8
"""Of those who come onto the roll; the others marry into a household."""

TURNING_LATE_COUNT = 60
"""Persons of a full district, at least, who reach the age limit between July and October of each of the next years."""

LATE_DAYS = (185, 295)
"""Days of the year, from 0, on which they do."""

TURNING_YEARS = 10
RARE_NAME_COUNT = 20
"""Persons of a full district whose name has a middle dot, and as many whose name has a rare character."""

LARGEST_HOUSEHOLD = 7

LAST_BIRTHDAY = 330
"""Day of the year, from 0, after which a child comes onto the next year's roll only."""

YOUNG_HEAD = 45
"""Below this age of the head, a child who is born is his; above it, his grandchild."""

VILLAGE_ENDING = re.compile(r"(社区|村)*(居民委员会|村民委员会|居委会|村委会)?$")


def village_keys(names: list[str]) -> list[str]:
    """The villages' names without what says that they are villages: a village that gets another code keeps its people."""
    return [VILLAGE_ENDING.sub("", name) or name for name in names]


def make_population(seed: int, persons: int, keys: list[str], year: int, age_limit: int, workers: int) -> pl.DataFrame:
    """Everybody who stands on the roll of the year, one row each, in order of village and household.

    The columns: `number` (the person's own, the same in every year), `household`, `place`, `village` (a position in
    `keys`), `relation`, `is_male`, `name`, `birth_date`, `id_no`, `household_rank` (in its village), `is_new` (came in
    this year), `exit_cause` (null but in a person's last year).

    Args:
        seed: source of every draw.
        persons: persons on the roll, in every year.
        keys: the villages, by `village_keys`.
        year: the policy year.
        age_limit: the age below which premiums are paid.
        workers: how many of the persons are of working age at least; in a small district some children are older.
    """
    first = min(FIRST_YEAR, year)
    people = _first_people(seed, persons, keys, first, age_limit, workers)
    for each in range(first, year + 1):
        rng = np.random.default_rng([seed, each])
        if each > first:
            people = pl.concat([people, _newcomers(people, each, rng)])
        people = _with_leavers(people, each, persons, rng)
    return _on_roll(people, year)


def scores(seed: int, purpose: str, numbers: pl.Series) -> np.ndarray:
    """A number from 0 to 1 for each person or household, the same in every year, another for each purpose."""
    rng = np.random.default_rng([seed, crc32(purpose.encode())])
    found: np.ndarray = rng.random(int(numbers.to_numpy().max()) + 1)[numbers.to_numpy()]
    return found


def dealt_by_share(chances: np.ndarray, words: dict[str, float]) -> pl.Series:
    """A word for each number from 0 to 1, by the words' shares."""
    place = np.searchsorted(np.cumsum(list(words.values()))[:-1], chances, side="right")
    return pl.Series(list(words), dtype=pl.Categorical).gather(place)


def _first_people(seed: int, persons: int, keys: list[str], year: int, age_limit: int, workers: int) -> pl.DataFrame:
    rng = np.random.default_rng([seed, 0])
    members = draw_members(persons, _village_weights(seed, keys), rng)
    age, day = members.age.copy(), rng.integers(0, 365, persons)
    _grow_up(age, workers, age_limit, rng)
    day = np.where(age == 0, day % LAST_BIRTHDAY, day)
    is_kept = np.zeros(persons, dtype=bool)
    for years in range(TURNING_YEARS):
        _let_turn(age, day, is_kept, age_limit - years, at_least_one(TURNING_LATE_COUNT, persons))
    names = members.surname + draw_given_names(members.is_male, rng)
    named = with_rare_names(names, at_least_one(RARE_NAME_COUNT, persons), rng)
    return pl.DataFrame(
        {
            "household": members.household,
            "place": members.place,
            "village": members.village,
            "relation": members.relation,
            "is_male": members.is_male,
            "surname": members.surname,
            "name": named,
            "birth_date": _birth_dates(year - age, day),
            "is_kept": pl.Series(is_kept) | (named != names),
        }
    ).with_columns(entry_year=pl.lit(year), exit_year=pl.lit(None, pl.Int32), exit_cause=pl.lit(None, pl.Categorical))


def _village_weights(seed: int, keys: list[str]) -> np.ndarray:
    """Villages are of different size, each the same in every year."""
    return np.array([np.random.default_rng([seed, crc32(key.encode())]).gamma(3.0) for key in keys])


def _grow_up(age: np.ndarray, workers: int, age_limit: int, rng: np.random.Generator) -> None:
    missing = workers - int(((age >= 16) & (age < age_limit)).sum())
    if missing > 0:
        children = np.flatnonzero(age < 16)
        grown = rng.choice(children, min(missing, len(children)), replace=False)
        age[grown] = rng.integers(16, 40, len(grown))


def _let_turn(age: np.ndarray, day: np.ndarray, is_kept: np.ndarray, at_age: int, count: int) -> None:
    """So many of one age have their birthday late in the year; where they are fewer, some are made to, and stay."""
    is_late = (age == at_age) & (day >= LATE_DAYS[0]) & (day < LATE_DAYS[1])
    is_kept[np.flatnonzero(is_late)[:count]] = True
    missing = count - int(is_late.sum())
    if missing <= 0:
        return
    distance = np.where(is_kept | is_late | (age < 25), 1_000, np.abs(age - at_age))
    made = np.argsort(distance, kind="stable")[:missing]
    age[made] = at_age
    day[made] = LATE_DAYS[0] + (made * 37) % (LATE_DAYS[1] - LATE_DAYS[0])
    is_kept[made] = True


def _birth_dates(years: np.ndarray, days: np.ndarray) -> np.ndarray:
    first_days: np.ndarray = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    births: np.ndarray = first_days + days.astype("timedelta64[D]")
    return births


def _newcomers(people: pl.DataFrame, year: int, rng: np.random.Generator) -> pl.DataFrame:
    """As many as left in the year before: children who were born, and women who married into a household."""
    count = people.filter(pl.col("exit_year") == year - 1).height
    households = people.group_by("household", maintain_order=True).agg(
        pl.col("village").first(),
        pl.col("surname").first(),
        place=pl.len(),
        head_age=year - pl.col("birth_date").first().dt.year(),
        is_there=pl.col("exit_year").is_null().any(),
    )
    there = households.filter(pl.col("is_there") & (pl.col("place") < LARGEST_HOUSEHOLD))
    chosen = there.gather(rng.choice(there.height, count, replace=False))
    is_born = rng.random(count) < NEWBORN_SHARE
    is_male = is_born & (rng.random(count) < 0.53)
    births = np.where(
        is_born,
        _birth_dates(np.full(count, year), rng.integers(0, LAST_BIRTHDAY, count)),
        _birth_dates(year - rng.integers(19, 31, count), rng.integers(0, 365, count)),
    )
    is_young = (chosen["head_age"] < YOUNG_HEAD).to_numpy()
    child = np.where(is_male, SON.word, DAUGHTER.word)
    grandchild = np.where(is_male, GRANDSON.word, GRANDDAUGHTER.word)
    relation = np.where(is_born, np.where(is_young, child, grandchild), DAUGHTER_IN_LAW.word)
    surname = chosen["surname"].zip_with(pl.Series(is_born), draw_surnames(count, rng))
    return pl.DataFrame(
        {
            "household": chosen["household"],
            "place": chosen["place"].cast(pl.Int64),
            "village": chosen["village"],
            "relation": relation.astype(str),
            "is_male": is_male,
            "surname": surname,
            "name": surname + draw_given_names(is_male, rng),
            "birth_date": births,
            "is_kept": np.zeros(count, dtype=bool),
        },
        schema_overrides={"relation": pl.Categorical},
    ).with_columns(entry_year=pl.lit(year), exit_year=pl.lit(None, pl.Int32), exit_cause=pl.lit(None, pl.Categorical))


def _with_leavers(people: pl.DataFrame, year: int, persons: int, rng: np.random.Generator) -> pl.DataFrame:
    """Whose last year this is, and why; those who have just come and those who must stay are left alone."""
    age = year - people["birth_date"].dt.year().to_numpy()
    is_free = people.select(
        pl.col("exit_year").is_null() & ~pl.col("is_kept") & ((pl.col("entry_year") < year) | (year == FIRST_YEAR))
    )
    free = is_free.to_series().to_numpy().copy()
    causes = np.full(people.height, None, dtype=object)
    for cause, full_count in EXIT_COUNTS.items():
        youngest, oldest = EXIT_AGES[cause]
        fitting = np.flatnonzero(free & (age >= youngest) & (age <= oldest))
        risk = np.exp(MORTALITY_GROWTH * age[fitting]) if cause == DIED else np.ones(len(fitting))
        leaving = rng.choice(fitting, at_least_one(full_count, persons), replace=False, p=risk / risk.sum())
        causes[leaving] = cause
        free[leaving] = False
    cause = pl.Series(causes.tolist(), dtype=pl.Categorical)
    return people.with_columns(
        exit_cause=pl.coalesce("exit_cause", cause),
        exit_year=pl.coalesce("exit_year", pl.when(cause.is_not_null()).then(pl.lit(year, pl.Int32))),
    )


def _on_roll(people: pl.DataFrame, year: int) -> pl.DataFrame:
    is_there = (pl.col("entry_year") <= year) & (pl.col("exit_year").is_null() | (pl.col("exit_year") >= year))
    return (
        people.with_columns(
            number=pl.int_range(pl.len()),
            id_no=person_ids(people["birth_date"].to_numpy(), people["is_male"].to_numpy()),
            household_rank=pl.col("household").rank("dense").over("village"),
        )
        .filter(is_there)
        .sort("village", "household", "place")
        .with_columns(
            relation=pl.when(pl.int_range(pl.len()).over("household") == 0)
            .then(pl.lit(HEAD.word))
            .otherwise("relation"),
            is_new=(pl.col("entry_year") == year) & (year > FIRST_YEAR),
            exit_cause=pl.when(pl.col("exit_year") == year).then("exit_cause"),
        )
        .drop("surname", "is_kept", "entry_year", "exit_year")
    )
