"""What a sender's word says: the codes' data, applied by a matcher of this count's own.

A text is compared after NFKC without blanks. The bureau's own words come first, as whole words; of the listed rules the first
that fits counts.
"""

import re
from collections.abc import Mapping
from functools import partial

from pipeline.checks.second_count.texts import Memo, compact
from pipeline.contracts.codes import Vocabulary, WordRule, load_codes

NOTHING = "nothing"


class Words:
    """The vocabularies of a run, with the bureau's own words."""

    def __init__(self, own_words: Mapping[str, Mapping[str, str]]) -> None:
        self._own = {
            field: {compact(word): meaning for word, meaning in words.items()} for field, words in own_words.items()
        }
        self._memos: dict[str, Memo[str | None, str | None]] = {}

    def says(self, field: str, text: str | None) -> str | None:
        """The code that a text says, `nothing` where a rule says so, null for an empty text or one that nobody knows."""
        return self.reader(field)[text]

    def reader(self, field: str) -> "Memo[str | None, str | None]":
        """The same for many texts: each distinct text is read once."""
        if field not in self._memos:
            vocabulary, own = load_codes()[field], self._own.get(field, {})
            self._memos[field] = Memo(partial(_meaning, vocabulary=vocabulary, own=own))
        return self._memos[field]

    def own_code(self, code: str) -> str | None:
        """The outcome that the bureau gives to a code of its bank."""
        return self._own.get("outcome_code", {}).get(code)

    def listed(self, field: str, text: str) -> str:
        """The listed word that the bureau means by a word of its own; any other text without its blanks."""
        word = compact(text)
        return self._own.get(field, {}).get(word, word)


def _meaning(said: str | None, vocabulary: Vocabulary, own: Mapping[str, str]) -> str | None:
    if said is None:
        return None
    text = compact(said)
    if text in own:
        meaning = own[text]
        return meaning if meaning in vocabulary.by_code else _listed(compact(meaning), vocabulary)
    return _listed(text, vocabulary)


def _listed(text: str, vocabulary: Vocabulary) -> str | None:
    return next((rule.says for rule in vocabulary.words if _fits(rule, text)), None)


def _fits(rule: WordRule, text: str) -> bool:
    if any(word in text for word in rule.without):
        return False
    return (
        text in rule.whole
        or any(text.startswith(word) for word in rule.begins)
        or any(text.endswith(word) for word in rule.ends)
        or any(word in text for word in rule.contains)
        or (rule.pattern is not None and re.fullmatch(rule.pattern, text) is not None)
    )
