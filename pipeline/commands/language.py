"""The two languages of the terminal: Chinese for a bureau, English for whoever sets ``DAIJIAO_LANGUAGE=english``.

Words of codes come from ``assets/codes``; sentences that a command prints stand where they are printed, in both languages.
"""

import os
from dataclasses import dataclass

from pipeline.contracts.codes import load_codes
from pipeline.settings import Language


@dataclass(frozen=True)
class Say:
    """Picks the words of a language."""

    language: Language

    def __call__(self, chinese: str, english: str) -> str:
        """One of two wordings."""
        return chinese if self.language == "chinese" else english

    def code(self, vocabulary: str, code: str) -> str:
        """What a code is called; in English, and where the vocabulary doesn't know it, the code itself."""
        known = load_codes().get(vocabulary)
        if self.language == "english" or known is None or code not in known.by_code:
            return code
        return known.by_code[code].chinese


def language_of_terminal() -> Language:
    """What DAIJIAO_LANGUAGE asks for, before any setting is read: help is made when the commands are."""
    return "english" if os.environ.get("DAIJIAO_LANGUAGE", "").strip().lower() == "english" else "chinese"


SAY = Say(language_of_terminal())
"""The words of help and errors."""
