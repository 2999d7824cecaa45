"""Households of a district without people's names: who lives together, how old they are, in which village.

Names, IDs and who comes and goes are added in `population.py`.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.sample.names import draw_surnames
from pipeline.sample.pyramid import ages_of_sex, male_count


@dataclass(frozen=True)
class Relation:
    """A member's place in the household; ages are relative to the head's."""

    word: str
    youngest: int
    oldest: int
    male_share: float
    has_heads_surname: bool


HEAD = Relation("户主", 0, 0, 0.86, True)
SPOUSE = Relation("配偶", -5, 3, 0.0, False)
SON = Relation("之子", -31, -21, 1.0, True)
DAUGHTER = Relation("之女", -30, -20, 0.0, True)
FATHER = Relation("之父", 21, 29, 1.0, True)
MOTHER = Relation("之母", 19, 27, 0.0, False)
DAUGHTER_IN_LAW = Relation("之儿媳", -32, -22, 0.0, False)
GRANDSON = Relation("之孙子", -57, -46, 1.0, True)
GRANDDAUGHTER = Relation("之孙女", -56, -45, 0.0, True)
SIBLING = Relation("之兄弟姐妹", -7, 7, 0.7, True)
RELATIONS = (HEAD, SPOUSE, SON, DAUGHTER, FATHER, MOTHER, DAUGHTER_IN_LAW, GRANDSON, GRANDDAUGHTER, SIBLING)

HOUSEHOLDS: tuple[tuple[float, int, int, tuple[Relation, ...]], ...] = (
    (0.08, 48, 86, (HEAD,)),
    (0.08, 54, 80, (HEAD, SPOUSE)),
    (0.04, 35, 62, (HEAD, SON)),
    (0.10, 27, 50, (HEAD, SPOUSE, SON)),
    (0.08, 27, 50, (HEAD, SPOUSE, DAUGHTER)),
    (0.16, 30, 52, (HEAD, SPOUSE, SON, DAUGHTER)),
    (0.06, 30, 50, (HEAD, SPOUSE, DAUGHTER, DAUGHTER)),
    (0.08, 30, 50, (HEAD, SPOUSE, SON, FATHER)),
    (0.12, 31, 50, (HEAD, SPOUSE, SON, DAUGHTER, MOTHER)),
    (0.06, 50, 66, (HEAD, SPOUSE, SON, DAUGHTER_IN_LAW, GRANDSON)),
    (0.07, 30, 48, (HEAD, SPOUSE, SON, DAUGHTER, FATHER, MOTHER)),
    (0.04, 50, 66, (HEAD, SPOUSE, SON, DAUGHTER_IN_LAW, GRANDSON, GRANDDAUGHTER)),
    (0.03, 33, 48, (HEAD, SPOUSE, SON, SON, DAUGHTER, SIBLING, MOTHER)),
    (0.02, 36, 56, (HEAD, SIBLING)),
)
"""Weight, youngest and oldest head, members; ages are a first draft that the census then sets right."""

OF_OTHER_SEX = {SON: DAUGHTER, DAUGHTER: SON, GRANDSON: GRANDDAUGHTER, GRANDDAUGHTER: GRANDSON, SIBLING: SIBLING}
"""The relations of either sex, and what each is called when the sex is the other one."""


@dataclass(frozen=True)
class Members:
    """One entry a person, the members of a household one after another; `age` is that at the end of the year."""

    household: np.ndarray
    place: np.ndarray
    village: np.ndarray
    relation: pl.Series
    age: np.ndarray
    is_male: np.ndarray
    surname: pl.Series


def draw_members(persons: int, village_weights: np.ndarray, rng: np.random.Generator) -> Members:
    """Households of 1 to 7 that hold exactly `persons` people (the last one may be cut short).

    Ages and sexes are those of the census; within a sex, whoever is older by his place in the household is older.
    """
    kind = _draw_kinds(persons, rng)
    sizes = np.array([len(members) for _, _, _, members in HOUSEHOLDS])[kind]
    household = np.repeat(np.arange(len(kind)), sizes)[:persons]
    place = np.arange(persons) - np.searchsorted(household, household)
    relation = _relation_table()[kind[household], place]
    draft, is_male = _draft_ages(kind, household, relation, rng)
    relation, is_male = _with_census_sexes(relation, is_male, rng)
    age = _census_ages(draft, is_male, rng)
    own = draw_surnames(persons, rng)
    heads = draw_surnames(len(kind), rng).gather(household)
    takes_heads = np.array([each.has_heads_surname for each in RELATIONS])[relation]
    return Members(
        household=household,
        place=place,
        village=_draw_villages(len(kind), village_weights, rng)[household],
        relation=pl.Series([each.word for each in RELATIONS], dtype=pl.Categorical).gather(relation),
        age=age,
        is_male=is_male,
        surname=heads.zip_with(pl.Series(takes_heads), own),
    )


def _draw_kinds(persons: int, rng: np.random.Generator) -> np.ndarray:
    weights = np.array([weight for weight, _, _, _ in HOUSEHOLDS])
    kinds = rng.choice(len(HOUSEHOLDS), size=persons, p=weights / weights.sum())
    sizes = np.array([len(members) for _, _, _, members in HOUSEHOLDS])[kinds]
    return kinds[: int(np.searchsorted(np.cumsum(sizes), persons)) + 1]


def _relation_table() -> np.ndarray:
    table = np.zeros((len(HOUSEHOLDS), 7), dtype=int)
    for row, (_, _, _, members) in enumerate(HOUSEHOLDS):
        table[row, : len(members)] = [RELATIONS.index(member) for member in members]
    return table


def _draft_ages(
    kind: np.ndarray, household: np.ndarray, relation: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    youngest_head = np.array([low for _, low, _, _ in HOUSEHOLDS])[kind]
    oldest_head = np.array([high for _, _, high, _ in HOUSEHOLDS])[kind]
    head_age = rng.integers(youngest_head, oldest_head + 1)
    low = np.array([each.youngest for each in RELATIONS])[relation]
    high = np.array([each.oldest for each in RELATIONS])[relation]
    age = np.clip(head_age[household] + rng.integers(low, high + 1), 0, 98)
    is_male = rng.random(len(relation)) < np.array([each.male_share for each in RELATIONS])[relation]
    head_is_male = is_male[np.searchsorted(household, household)]
    return age, np.where(relation == RELATIONS.index(SPOUSE), ~head_is_male, is_male)


def _with_census_sexes(
    relation: np.ndarray, is_male: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """As many men as the census has: some children and siblings are of the other sex."""
    relation, is_male = relation.copy(), is_male.copy()
    missing = male_count(len(is_male)) - int(is_male.sum())
    other = {RELATIONS.index(each): RELATIONS.index(changed) for each, changed in OF_OTHER_SEX.items()}
    changeable = np.flatnonzero(np.isin(relation, list(other)) & (is_male == (missing < 0)))
    changed = rng.permutation(changeable)[: abs(missing)]
    relation[changed] = [other[int(each)] for each in relation[changed]]
    is_male[changed] = missing > 0
    return relation, is_male


def _census_ages(draft: np.ndarray, is_male: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The ages of the census, dealt out to each sex in the order of the drafted ages."""
    age = np.zeros(len(draft), dtype=int)
    wavering = draft + rng.random(len(draft))
    for sex in (False, True):
        persons = np.flatnonzero(is_male == sex)
        age[persons[np.argsort(wavering[persons], kind="stable")]] = ages_of_sex(len(persons), sex, rng)
    return age


def _draw_villages(households: int, weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return np.sort(rng.choice(len(weights), size=households, p=weights / weights.sum()))
