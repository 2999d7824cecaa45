"""Where the chance of a world comes from: Hypothesis, which can shrink it, or a seeded generator for large worlds."""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Protocol):
    """The choices that a maker of worlds asks for; the first option and "no" are the plainest."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""

    def number(self, low: int, high: int) -> int:
        """A number from low to high."""

    def chance(self, percent: int) -> bool:
        """Yes in so many of a hundred cases."""


class DrawnChoices:
    """Choices that Hypothesis draws."""

    def __init__(self, draw: st.DrawFn) -> None:
        """Take the draw function of a composite strategy."""
        self.draw = draw

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, by its place."""
        return options[self.number(0, len(options) - 1)]

    def number(self, low: int, high: int) -> int:
        """A number from low to high; shrinks to the lowest."""
        return self.draw(st.integers(low, high))

    def chance(self, percent: int) -> bool:
        """Yes for the highest numbers of a hundred, so that it shrinks to no."""
        return self.number(0, 99) >= 100 - percent


class SeededChoices:
    """Choices of a seeded generator."""

    def __init__(self, seed: int) -> None:
        """The same seed makes the same world."""
        self.random = Random(seed)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.random.choice(options)

    def number(self, low: int, high: int) -> int:
        """A number from low to high."""
        return self.random.randint(low, high)

    def chance(self, percent: int) -> bool:
        """Yes in so many of a hundred cases."""
        return self.random.random() * 100 < percent
