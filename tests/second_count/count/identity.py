"""ID numbers: what form they have, whether they are valid, how they are shown, and the birthdays in them."""

from dataclasses import dataclass
from datetime import date
from unicodedata import normalize

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
PROVINCES = {
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
}


@dataclass(frozen=True)
class Identity:
    """A cell's ID: `person_id` when it is valid, else None and the kind of mismatch that it makes."""

    person_id: str | None
    kind: str | None
    text: str


def check_character(first_17: str) -> str:
    """The ISO 7064 MOD 11-2 check character of 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(first_17, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def read_identity(text: str, is_number: bool, stated_date: date) -> Identity:
    """What a cell's ID is; a birth date after `stated_date` makes it invalid."""
    if is_number:
        return Identity(None, "id_precision_lost", text)
    full = full_form(text)
    if is_valid(full, stated_date):
        return Identity(full, None, full)
    if len(full) == 18 and full.endswith("000") and not has_right_check(full):
        return Identity(None, "id_precision_lost", full)
    return Identity(None, "invalid_id", full)


def full_form(text: str) -> str:
    """The 18 characters of a 15-digit ID or of a 20-digit disability certificate; any other text as it is."""
    if not is_digits(text):
        return text
    if len(text) == 20 and text[18] in "1234567" and text[19] in "1234":
        return text[:18]
    if len(text) == 15:
        first_17 = text[:6] + "19" + text[6:]
        return first_17 + check_character(first_17)
    return text


def is_valid(text: str, stated_date: date) -> bool:
    """Whether a text is an ID: check character, a birth date that exists and is not after the date, a province."""
    birth_date = birth_date_of(text) if len(text) == 18 and is_digits(text[:17]) else None
    return birth_date is not None and has_right_check(text) and birth_date <= stated_date and int(text[:2]) in PROVINCES


def has_right_check(text: str) -> bool:
    """Whether 18 characters end in the check character of their 17 digits."""
    return is_digits(text[:17]) and len(text) == 18 and check_character(text[:17]) == text[17]


def is_digits(text: str) -> bool:
    """Whether a text is made of the digits 0-9 alone."""
    return text.isascii() and text.isdigit()


def birth_date_of(text: str) -> date | None:
    """The birth date in an 18-character ID, None where the calendar has no such day."""
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def birthday(birth_date: date, age: int) -> date:
    """The day on which somebody reaches an age: 1 March of common years for who was born on 29 February."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


def masked_id(text: str) -> str:
    """The first six and last four of 18 characters, else six stars."""
    return f"{text[:6]}********{text[-4:]}" if len(text) == 18 else "******"


def masked_name(name: str) -> str | None:
    """The first character and two stars; None where there is no name."""
    return f"{normalize('NFKC', name)[0]}**" if name else None
