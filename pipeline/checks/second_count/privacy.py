"""Whether a text that a sender wrote is published with an ID, an account or a name of the roll in it (rules.md, section 10)."""

import re
from collections.abc import Collection, Iterable
from unicodedata import normalize

import polars as pl

SHORTEST_NAME = 2
_NO_LETTER = re.compile(r"[\W_]")
_NUMBER = re.compile(r"[0-9]{15,}X?")


class Persons:
    """What says who somebody is: IDs, accounts, and the names of the roll."""

    def __init__(self, numbers: pl.Series, names: pl.Series, divisions: Iterable[str]) -> None:
        """Note them; who is called like a part of a township or village is not told from it."""
        self._numbers = numbers
        places = {form for name in map(_bare, divisions) for form in (name, _NO_LETTER.sub("", name))}
        parts = {part for place in places for part in _parts(place)}
        self._names = {
            name
            for name in map(_bare, names)
            if len(name) >= SHORTEST_NAME and not name.isascii() and name not in parts
        }
        self._lengths = sorted({len(name) for name in self._names})

    def are_told_by(self, texts: Collection[str]) -> bool:
        """Whether one of them stands in one of some texts."""
        numbers = {number for text in texts for number in _NUMBER.findall(text.upper())}
        if numbers and self._numbers.str.to_uppercase().is_in(pl.Series(list(numbers)).implode()).any():
            return True
        return any(map(self._is_name_in, texts))

    def _is_name_in(self, text: str) -> bool:
        if text.isascii():
            return False
        bare = _bare(text)
        return any(
            bare[first : first + length] in self._names
            for length in self._lengths
            for first in range(len(bare) - length + 1)
        )


def _parts(text: str) -> set[str]:
    return {text[first:last] for first in range(len(text)) for last in range(first + 1, len(text) + 1)}


def _bare(text: str) -> str:
    """A text in one form of each character, without blanks."""
    return normalize("NFKC", text).upper().replace(" ", "")
