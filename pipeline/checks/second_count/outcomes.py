"""What became of a payment by the sender's words (inputs.md, Words of an outcome), bank and tax alike."""

from typing import NamedTuple

from pipeline.checks.second_count.facts import SenderWords
from pipeline.checks.second_count.texts import Memo, compact, said
from pipeline.checks.second_count.words import NOTHING, Words
from pipeline.contracts.codes import load_codes

SUCCESS, FAILED, REVERSED, UNKNOWN, UNRECOGNISED = "success", "failed", "reversed", "unknown", "unrecognised"
ZEROS = {"0": "0000", "0.0": "0000", "1": "001", "1.0": "001"}


class Outcome(NamedTuple):
    """An outcome, the reason of a failure, and the vocabulary and text of what nobody knows."""

    outcome: str
    failure_reason: str | None = None
    unknown_vocabulary: str | None = None
    unknown_word: str | None = None


class Outcomes:
    """Reads outcomes by the words of a sender's layout, then by those of the run."""

    def __init__(self, words: Words, sender: SenderWords) -> None:
        self._words = words
        self._own = {compact(word): outcome for word, outcome in sender.outcomes.items()}
        self._reasons = sender.failure_reasons
        self._reason_of_code = {compact(code): reason for reason, codes, _ in self._reasons for code in codes}
        self._codes = load_codes()["outcome_code"].by_code
        # Code, outcome and outcome_text of a line, as they stand in the cells.
        self.of: Memo[tuple[str | None, str | None, str | None], Outcome] = Memo(self._outcome)

    def _outcome(self, cells: tuple[str | None, str | None, str | None]) -> Outcome:
        code_text, word, text = map(said, cells)
        sayings = {self._says(word), self._says(text)} - {NOTHING}
        if code_text is None:
            return self._without_code(word, text)
        code = compact(code_text)
        # A 0 or 1 that the sender or the bureau lists means what they say.
        if SUCCESS in sayings and self._own_code(code) is None:
            code = ZEROS.get(code, code)
        coded = self._coded(code)
        if coded is None:
            outcome = Outcome(FAILED, self._reason(None, word, text)) if sayings == {FAILED} else Outcome(UNRECOGNISED)
            return outcome._replace(unknown_vocabulary="outcome_code", unknown_word=code_text)
        if _contradict(coded, sayings):
            return Outcome(UNRECOGNISED)
        return Outcome(coded, self._reason(code, word, text) if coded == FAILED else None)

    def _without_code(self, word: str | None, text: str | None) -> Outcome:
        says, adds = self._says(word), self._says(text)
        if says == NOTHING:
            # A known word in the other column is none that nobody knows.
            unknown = word or (text if adds == NOTHING else None)
            return Outcome(UNRECOGNISED, None, "outcome" if unknown else None, unknown)
        if _contradict(says, {adds}):
            return Outcome(UNRECOGNISED)
        return Outcome(says, self._reason(None, word, text) if says == FAILED else None)

    def _says(self, text: str | None) -> str:
        own = None if text is None else self._own.get(compact(text))
        return own or self._words.says("outcome", text) or NOTHING

    def _coded(self, code: str) -> str | None:
        own = self._own_code(code)
        if own is not None:
            return own
        listed = self._codes.get(code)
        return str(listed.attributes["outcome"]) if listed else None

    def _own_code(self, code: str) -> str | None:
        return self._own.get(code) or self._words.own_code(code) or (FAILED if code in self._reason_of_code else None)

    def _reason(self, code: str | None, word: str | None, text: str | None) -> str:
        listed = self._codes.get(code) if code else None
        by_code = self._reason_of_code.get(code or "") or (listed.attributes["failure_reason"] if listed else None)
        by_words = (self._worded_reason(each) for each in (text, word))
        return str(by_code or next((reason for reason in by_words if reason), "other"))

    def _worded_reason(self, text: str | None) -> str | None:
        """The first reason of which a text contains a word, the sender's own before the listed ones."""
        own = (reason for reason, _, words in self._reasons if text and any(word in compact(text) for word in words))
        return next(own, None) or self._words.says("failure_reason", text)


def _contradict(coded: str, sayings: set[str]) -> bool:
    """Whether a word says otherwise than the code, or the outcome's own word."""
    if coded == SUCCESS:
        return bool(sayings & {FAILED, REVERSED, UNKNOWN})
    return SUCCESS in sayings or (coded == FAILED and REVERSED in sayings)
