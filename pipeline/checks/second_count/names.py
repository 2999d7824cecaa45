"""Names as they are compared: on a key without blanks and dots; a character that can't be read agrees with any other."""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple
from unicodedata import category

import assets
from pipeline.checks.second_count.texts import cleaned

DOTS = frozenset("·•・∙‧.")
LOST = frozenset("?□*\ufffd")
# A name of nothing else is shown and compared as it stands.
_CHINESE = re.compile("[\u4e00-\u9fff]+")
TRADITIONAL = Path(assets.__file__).parent / "opencc" / "TSCharacters.txt"
SAME, UNREADABLE_NAME, MISMATCH = "same", "name_unreadable", "name_mismatch"


class Name(NamedTuple):
    """A name: as it is shown (None: empty), and the key on which it is compared, each lost character as ``?``."""

    shown: str | None
    key: str


def read_name(text: str | None) -> Name:
    """The name of a cell."""
    if text is not None and _CHINESE.fullmatch(text):
        return Name(text, text)
    text = cleaned(text)
    if text is None:
        return Name(None, "")
    dotted = "".join("·" if character in DOTS else character for character in text)
    is_latin = any(character.isascii() and character.isalpha() for character in dotted)
    shown = " ".join(dotted.split()) if is_latin else "".join(dotted.split())
    key = "".join(
        "?" if character in LOST or category(character) == "Co" else character
        for character in shown
        if character != "·" and character != " "
    )
    return Name(shown or None, key)


def compare_names(one: str, other: str) -> str:
    """`same`, `name_unreadable` or `name_mismatch`, by the keys of two names."""
    if one == other and "?" not in one:
        return SAME
    if len(one) != len(other):
        return MISMATCH
    agree = all(
        first == second or "?" in (first, second) or simplified(first) == simplified(second)
        for first, second in zip(one, other, strict=True)
    )
    return UNREADABLE_NAME if agree else MISMATCH


def simplified(character: str) -> str:
    """The usual simplified form of a traditional character; any other as it is."""
    return _simplified_characters().get(character, character)


@cache
def _simplified_characters() -> dict[str, str]:
    """OpenCC's table: a traditional character, a tab, its simplified forms, the usual one first."""
    lines = (line.split("\t") for line in TRADITIONAL.read_text(encoding="utf-8").splitlines())
    return {parts[0]: parts[1].split()[0] for parts in lines if len(parts) > 1}


def masked_name(shown: str | None) -> str | None:
    """The first character and two stars; None where there is no name."""
    return f"{shown[0]}**" if shown else None
