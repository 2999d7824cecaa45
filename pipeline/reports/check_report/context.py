"""The words around a figure: which of them belong to it, to its sentence, or to the figure beside it.

What the words mean is told by ``claims``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reports.check_report.figures import Figure

_CLAUSE_ENDS = re.compile(r"[，,；;。！？!?：:()（）、\n]")
_SENTENCE_ENDS = re.compile(r"[。！？!?\n]")
_RESPECTIVELY = re.compile(r"(?P<subjects>[^，,；;。！？：:\d]*?)(?P<verb>(?:分别|分担|依次)[^\d，,；;。]*)$")
_LIST_JOINTS = re.compile(r"[、和与及，,\s]+")
_SUBJECT_JOINTS = re.compile(r"[、和与及]")
_LEAD_LENGTH = 12
_BOTH_LEVELS = re.compile(r"市\s*[、和与]?\s*([区县])\s*(?:两|二)?级")


@dataclass(frozen=True)
class Context:
    """The words around a figure: its clause before and after it, its sentence before that, the paragraph's lead, the heading.

    `own_after` is empty where the next figure follows without a break, for then the words between may be that one's;
    `following` are the words up to the next figure or the end of the sentence.
    """

    before: str
    after: str
    own_after: str
    following: str
    sentence: str
    own_lead: str
    heading: str

    @property
    def lead(self) -> str:
        """The heading and the paragraph's lead."""
        return f"{self.heading} {self.own_lead}"


def context_of(text: str, figures: Sequence[Figure], number: int, heading: str) -> Context:
    """The words around one of the figures of a text, under the last heading before it."""
    figure = figures[number]
    previous_end = figures[number - 1].end if number else 0
    next_start = figures[number + 1].start if number + 1 < len(figures) else len(text)
    clause_start = max([previous_end, *(match.end() for match in _CLAUSE_ENDS.finditer(text, 0, figure.start))])
    ended = _CLAUSE_ENDS.search(text, figure.end, next_start)
    after = text[figure.end : ended.start() if ended else next_start]
    is_closed = ended is not None or next_start == len(text)
    sentence_end = _SENTENCE_ENDS.search(text, figure.end, next_start)
    following = text[figure.end : sentence_end.start() if sentence_end else next_start]
    sentence_start = max([0, *(match.end() for match in _SENTENCE_ENDS.finditer(text, 0, clause_start))])
    before = _own_subject(text, figures, number, sentence_start) or text[clause_start : figure.start]
    lead = text[: text.find("。") if "。" in text[: figure.start] else figure.start][:_LEAD_LENGTH]
    sentence = text[sentence_start:clause_start]
    return Context(before, after, after if is_closed else "", following, sentence, lead, heading)


def _own_subject(text: str, figures: Sequence[Figure], number: int, sentence_start: int) -> str | None:
    """In “甲、乙分别为1万元、2万元”, the subject that belongs to the figure."""
    first = last = number
    while first > 0 and _LIST_JOINTS.fullmatch(text[figures[first - 1].end : figures[first].start]):
        first -= 1
    while last + 1 < len(figures) and _LIST_JOINTS.fullmatch(text[figures[last].end : figures[last + 1].start]):
        last += 1
    start = max(sentence_start, figures[first - 1].end if first else 0)
    told = _RESPECTIVELY.search(text[start : figures[first].start])
    if told is None or first == last:
        return None
    named = _BOTH_LEVELS.sub(r"市级、\1级", told["subjects"])
    subjects = [subject for subject in _SUBJECT_JOINTS.split(named) if subject]
    count = last - first + 1
    if len(subjects) < count:
        return None
    return subjects[len(subjects) - count + number - first] + told["verb"]
