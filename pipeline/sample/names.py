"""Chinese names from faker's lists: surnames by their frequency, given names by sex."""

from collections.abc import Sequence

import numpy as np
from faker.providers.person.zh_CN import Provider

TWO_CHARACTER_SHARE = 0.55

RARE_CHARACTER = "㛃"
"""Not in GBK: GB18030 needs four bytes for it."""


def draw_surnames(count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` surnames, as frequent as they are in China; array of text."""
    surnames = np.array(list(Provider.last_names), dtype=object)
    weights = np.array(list(Provider.last_names.values()), dtype=float)
    return rng.choice(surnames, size=count, p=weights / weights.sum())


def draw_given_names(is_male: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A given name of one or two characters for each person; array of text with the shape of `is_male`."""
    return np.where(
        is_male,
        _given_names(Provider.first_names_male, len(is_male), rng),
        _given_names(Provider.first_names_female, len(is_male), rng),
    )


def _given_names(listed: Sequence[str], count: int, rng: np.random.Generator) -> np.ndarray:
    whole = np.array(list(listed), dtype=object)
    single = np.array([name for name in listed if len(name) == 1], dtype=object)
    is_joined = rng.random(count) < TWO_CHARACTER_SHARE
    return np.where(is_joined, rng.choice(single, count) + rng.choice(single, count), rng.choice(whole, count))


def with_rare_names(names: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """The names, where `count` have a middle dot before their last character and as many end in a rare character."""
    names = names.copy()
    chosen = rng.choice(len(names), 2 * count, replace=False)
    for place in chosen[:count]:
        names[place] = f"{names[place][:-1]}·{names[place][-1]}"
    for place in chosen[count:]:
        names[place] = names[place][0] + RARE_CHARACTER
    return names
