"""Chinese names from faker's lists: surnames by their frequency, given names by sex."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from faker.providers.person.zh_CN import Provider

TWO_CHARACTER_SHARE = 0.55

RARE_CHARACTER = "㛃"
"""Not in GBK: GB18030 needs four bytes for it."""


def draw_surnames(count: int, rng: np.random.Generator) -> pl.Series:
    """`count` surnames, as frequent as they are in China."""
    weights = np.array(list(Provider.last_names.values()), dtype=float)
    return pl.Series(list(Provider.last_names)).gather(rng.choice(len(weights), count, p=weights / weights.sum()))


def draw_given_names(is_male: np.ndarray, rng: np.random.Generator) -> pl.Series:
    """A given name of one or two characters for each person."""
    males = _given_names(Provider.first_names_male, len(is_male), rng)
    return males.zip_with(pl.Series(is_male), _given_names(Provider.first_names_female, len(is_male), rng))


def _given_names(listed: Sequence[str], count: int, rng: np.random.Generator) -> pl.Series:
    whole = pl.Series(list(listed))
    single = whole.filter(whole.str.len_chars() == 1)
    is_joined = pl.Series(rng.random(count) < TWO_CHARACTER_SHARE)
    joined = single.gather(rng.choice(len(single), count)) + single.gather(rng.choice(len(single), count))
    return joined.zip_with(is_joined, whole.gather(rng.choice(len(whole), count)))


def with_rare_names(names: pl.Series, count: int, rng: np.random.Generator) -> pl.Series:
    """The names, where `count` have a middle dot before their last character and as many end in a rare character."""
    chosen = rng.choice(len(names), 2 * count, replace=False)
    dotted = [f"{name[:-1]}·{name[-1]}" for name in names.gather(chosen[:count])]
    rare = [name[0] + RARE_CHARACTER for name in names.gather(chosen[count:])]
    return names.clone().scatter(chosen, [*dotted, *rare])
