"""Ages and sexes by a real census.

The shape is that of the whole country in 2010: 中国2010年人口普查资料, table 3-1 (全国分年龄、性别的人口), by five-year
groups. It is scaled to what 云南省2010年第六次全国人口普查主要数据公报 says of the province: how many are under 15, from
15 to 59, from 60 to 64, 65 and older, and how many are men. A table by five-year groups of rural Yunnan alone isn't used, so
the shares are approximate: within a broad group the ages are spread as in the whole country, the sexes are brought to the
province's share after the groups (which shifts the groups a little), and within five years every age is as likely. They make a
place that could be; no figure of a real district is to be read from them.
"""

from itertools import pairwise

import numpy as np

GROUP_YEARS = 5

MALES = (
    *(41_062_566, 38_464_665, 40_267_277, 51_904_830, 64_008_573, 50_837_038, 49_521_822, 60_391_104, 63_608_678),
    *(53_776_418, 40_363_234, 41_082_938, 29_834_426, 20_748_471, 16_403_453, 11_278_859, 5_917_502, 2_199_810),
    *(530_872, 126_568),
)
"""Men of the country by age, from 0 to 4 up to 95 and older."""

BOTH_SEXES = (
    *(75_532_610, 70_881_549, 74_908_462, 99_889_114, 127_412_518, 101_013_852, 97_138_203, 118_025_959),
    *(124_753_964, 105_594_553, 78_753_171, 81_312_474, 58_667_282, 41_113_282, 32_972_397, 23_852_133),
    *(13_373_198, 5_631_928, 1_578_307, 405_913),
)

BROAD_GROUPS = (0, 3, 12, 13, 20)
"""Where the province's groups begin among the five-year groups, and where the last one ends."""

SHARES_OF_BROAD_GROUPS = (0.2073, 0.6820, 0.0344, 0.0763)
MALE_SHARE = 0.5189


def shares() -> np.ndarray:
    """The share of each sex and five-year group; shape (2, 20), women first."""
    males, both = np.array(MALES, dtype=float), np.array(BOTH_SEXES, dtype=float)
    counts = np.stack([both - males, males])
    for (first, end), share in zip(pairwise(BROAD_GROUPS), SHARES_OF_BROAD_GROUPS, strict=True):
        counts[:, first:end] *= share / counts[:, first:end].sum()
    counts *= (np.array([1 - MALE_SHARE, MALE_SHARE]) / counts.sum(axis=1))[:, None]
    return counts / counts.sum()


def male_count(persons: int) -> int:
    """How many of so many persons are men."""
    return round(persons * MALE_SHARE)


def ages_of_sex(count: int, is_male: bool, rng: np.random.Generator) -> np.ndarray:
    """Ages of so many persons of one sex, from the youngest to the oldest."""
    of_sex = shares()[int(is_male)]
    groups = np.repeat(np.arange(len(of_sex)), _apportioned(count, of_sex / of_sex.sum()))
    return np.sort(groups * GROUP_YEARS + rng.integers(0, GROUP_YEARS, count))


def _apportioned(count: int, parts: np.ndarray) -> np.ndarray:
    """The count in whole persons by share, the remainder to the greatest fractions."""
    exact = count * parts
    whole = np.floor(exact).astype(int)
    whole[np.argsort(whole - exact, kind="stable")[: count - int(whole.sum())]] += 1
    return whole
