"""The hand that writes a file: neat, or with the dirt that a seed chooses."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Hand:
    """Makes every choice of form: a neat hand takes the first option and no risk."""

    def __init__(self, seed: str | None) -> None:
        """A neat hand without a seed."""
        self.random = None if seed is None else Random(seed)

    @property
    def is_neat(self) -> bool:
        """Whether the hand writes without dirt."""
        return self.random is None

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the neat hand's is the first."""
        return options[0] if self.random is None else self.random.choice(options)

    def chance(self, probability: float) -> bool:
        """Whether to take a risk; the neat hand never does."""
        return self.random is not None and self.random.random() < probability

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in another order; the neat hand keeps theirs."""
        kept = list(items)
        if self.random is not None:
            self.random.shuffle(kept)
        return kept

    def number(self, low: int, high: int) -> int:
        """A number from low to high; the neat hand's is the lowest."""
        return low if self.random is None else self.random.randint(low, high)
