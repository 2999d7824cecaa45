"""ID numbers (rules.md, section 2): their full form, whether they are valid, and the birthdays in them."""

import hashlib
import re
from datetime import date
from operator import mul
from typing import NamedTuple

from pipeline.checks.second_count.texts import is_exponent, said

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
# A digit's byte is so much above its number.
_ZERO = ord("0")
_ZEROS = _ZERO * sum(WEIGHTS)
PROVINCES = frozenset(
    map(
        str,
        (
            *range(11, 16),
            *range(21, 24),
            *range(31, 38),
            *range(41, 47),
            *range(50, 55),
            *range(61, 66),
            71,
            81,
            82,
            83,
        ),
    )
)
_FULL = re.compile(r"\d{17}[\dX]", re.ASCII)
_CARD = re.compile(r"\d{17}[\dX][1-7][1-4]", re.ASCII)
_OLD = re.compile(r"\d{15}", re.ASCII)
_FORMULA = re.compile(r'="(.*)"')


class Identity(NamedTuple):
    """A cell's ID.

    Attributes:
        text: its full form; None for an empty cell.
        problem: the kind of mismatch that it makes; None where it is well formed.
        birth_date: of a well-formed ID.
    """

    text: str | None
    problem: str | None
    birth_date: date | None

    def person_id(self, stated_date: date) -> str | None:
        """The ID of a person: well formed, and born on or before the date that the file states."""
        return self.text if self.birth_date is not None and self.birth_date <= stated_date else None

    @property
    def problem_kind(self) -> str:
        """The kind of mismatch that an ID makes that is no person's."""
        return self.problem or "invalid_id"


def read_identity(text: str | None, *, is_number: bool) -> Identity:
    """What a cell's ID is; a number, or one in exponent form, has lost its last digits and is never repaired."""
    if text is None or not _FULL.fullmatch(text):
        text = _as_written(text)
        if text is None:
            return Identity(None, "invalid_id", None)
        is_number = is_number or is_exponent(text)
    if is_number:
        return Identity(text, "id_precision_lost", None)
    full = full_form(text)
    is_full = _FULL.fullmatch(full) is not None
    birth_date = birth_date_of(full) if is_full else None
    has_right_check = is_full and check_character(full[:17]) == full[17]
    if birth_date and has_right_check and full[:2] in PROVINCES:
        return Identity(full, None, birth_date)
    is_cut = len(full) == 18 and full.endswith("000") and not has_right_check
    return Identity(full, "id_precision_lost" if is_cut else "invalid_id", None)


def _as_written(text: str | None) -> str | None:
    """A cell's ID without blanks, apostrophe and formula, in upper case; None where nothing is left."""
    text = said(text)
    formula = _FORMULA.fullmatch(text) if text else None
    return "".join((formula[1] if formula else text or "").split()).lstrip("'`´‘’").upper() or None


def full_form(text: str) -> str:
    """The 18 characters of an ID of 15 digits or of a disability certificate; any other text as it is."""
    if len(text) == 18:
        return text
    if _CARD.fullmatch(text):
        return text[:18]
    if _OLD.fullmatch(text):
        first_17 = f"{text[:6]}19{text[6:]}"
        return first_17 + check_character(first_17)
    return text


def check_character(first_17: str) -> str:
    """The ISO 7064 MOD 11-2 check character of 17 digits."""
    return CHECK_CHARACTERS[(sum(map(mul, first_17.encode(), WEIGHTS)) - _ZEROS) % 11]


def birth_date_of(text: str) -> date | None:
    """The birth date in an 18-character ID, None where the calendar has no such day."""
    try:
        return date.fromisoformat(text[6:14])
    except ValueError:
        return None


def birthday(birth_date: date, age: int) -> date:
    """The day on which somebody reaches an age: 1 March of common years for who was born on 29 February."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


def masked_id(text: str | None) -> str:
    """The first six and last four of 18 characters, else six stars."""
    return f"{text[:6]}********{text[-4:]}" if text and len(text) == 18 else "******"


def keyed_hash(key: str, content: str) -> str:
    """The keyed hash by which a person is known outside the restricted tables."""
    inner = hashlib.sha256((key + content).encode()).hexdigest()
    return hashlib.sha256((key + inner).encode()).hexdigest()[:32]
