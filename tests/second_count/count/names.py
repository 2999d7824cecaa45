"""Names as they are compared: on a key without blanks and dots; an unreadable character agrees with any other."""

DOTS = "·•・∙‧．."
UNREADABLE = "?？□*\ufffd"


def name_key(name: str) -> str:
    """The name without blanks and middle dots, each unreadable character as a question mark."""
    kept = (character for character in name if character not in DOTS and not character.isspace())
    return "".join("?" if is_unreadable(character) else character for character in kept)


def is_unreadable(character: str) -> bool:
    """Whether a character stands for one that got lost."""
    return character in UNREADABLE or "\ue000" <= character <= "\uf8ff"


def compare_names(name: str, other: str) -> str:
    """`same`, `name_unreadable` (equally long, and the readable characters agree) or `name_mismatch`."""
    key, other_key = name_key(name), name_key(other)
    if len(key) != len(other_key):
        return "name_mismatch"
    pairs = list(zip(key, other_key, strict=True))
    if any("?" not in pair and pair[0] != pair[1] for pair in pairs):
        return "name_mismatch"
    return "name_unreadable" if any("?" in pair for pair in pairs) else "same"
