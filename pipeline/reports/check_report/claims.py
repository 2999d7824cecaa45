"""What a figure claims to be, from the words around it: measure, level of government, place and township.

The words themselves are data in ``cues``; whether a claim is true is told by ``verdict``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reports.check_report import cues
from pipeline.reports.check_report.context import Context, context_of
from pipeline.reports.check_report.cues import Cue, find_cues
from pipeline.reports.check_report.facts import Claim, Facts
from pipeline.reports.check_report.figures import Figure

# A year that the sentence is about: no date, no range, no year since which something is so or in which it was decreed.
_YEAR = re.compile(
    r"(?<!\d)(20\d\d)\s*年(?!\s*(?:\d+\s*月|[-—–至到]|起|以来|开始|印发|下发|出台|制定|公布|实施|第))(?<![-—–至到]\d{4}年)"
)
_CLAUSE_END = re.compile(r"[，,；;。]")
_TITLE = re.compile(r"《[^》]*》?")
_KINDS = {"人": cues.PERSONS, "元": cues.MONEY, "%": cues.RATE, "分": cues.SCORE, "份": cues.ANSWERS}
# What a word may also mean, where officials use it loosely.
_ALSO = {"paid_out": ("used",), "cash_balance": ("balance",)}
# What a person's premium of a year may be at most; a larger amount in 元 is no rate per person.
_HIGHEST_PREMIUM_YUAN = 10_000


@dataclass(frozen=True)
class Reading:
    """How a figure is read.

    `claims` are what it may be, the likeliest first; `is_certain` is false where no word of the text says what it is.
    `is_other` figures are none of the tables'. `level` is the level of government that the clause names, `document` the
    document of a grant that the sentence names.
    """

    figure: Figure
    context: Context
    claims: tuple[Claim, ...] = ()
    is_certain: bool = True
    is_other: bool = False
    is_goal: bool = False
    year: int | None = None
    kind: str = ""
    level: str | None = None
    document: str | None = None


def read_figures(text: str, figures: Sequence[Figure], heading: str, facts: Facts) -> list[Reading]:
    """Read every figure of a block.

    Args:
        text: the block.
        figures: its figures in order.
        heading: the last heading before it.
        facts: the year's facts, for the names of townships and the words of reasons.
    """
    readings = []
    for number, figure in enumerate(figures):
        context = context_of(text, figures, number, heading)
        readings.append(_read(figure, context, facts))
    return readings


def _read(figure: Figure, context: Context, facts: Facts) -> Reading:
    kind = _kind(figure, context)
    is_goal = bool(cues.GOAL.search(context.sentence + context.before)) or bool(cues.GOAL.search(context.lead))
    years = _YEAR.findall(_TITLE.sub("", context.sentence + context.before))
    year = int(years[-1]) if years else None
    cue, is_certain = _deciding_cue(kind, context, facts)
    if kind == cues.PER_PERSON:
        claims = tuple(Claim(kind, "premium", None, level) for level in (_level(context.before), None))
        claims = claims[:1] if claims[0].level else claims[1:]
        return Reading(figure, context, claims, kind=kind, year=year)
    if (cue is not None and cue.measure == cues.OTHER) or (kind == cues.RATE and cues.CONFIDENCE.match(context.after)):
        return Reading(figure, context, is_other=True, kind=kind, year=year)
    if cues.OPERATOR_BEFORE.search(context.before):
        return Reading(figure, context, is_certain=False, kind=kind, year=year)
    measures = _measures(kind, cue, context, is_goal=is_goal)
    claims = tuple(dict.fromkeys(claim for measure in measures for claim in _placed(kind, measure, context, facts)))
    document, is_own = _document(context, facts)
    if document is not None and kind == cues.MONEY and cue is not None and cue.measure == "budget":
        granted = _granted(document, context, facts)
        claims = granted if is_own else (*granted, *claims)
    level = _level(context.before) if kind == cues.MONEY else None
    return Reading(figure, context, claims, is_certain and bool(claims), False, is_goal, year, kind, level, document)


def _document(context: Context, facts: Facts) -> tuple[str | None, bool]:
    """The last document of a grant that the sentence names before the figure, and whether the figure can be of no other."""
    told = context.sentence + context.before
    found = [(told.rfind(name), len(name), name) for name in facts.documents if name in told]
    if not found:
        return None, False
    start, length, document = max(found)
    return document, len(found) == 1 and _CLAUSE_END.search(told, start + length) is None


def _granted(document: str, context: Context, facts: Facts) -> tuple[Claim, ...]:
    """The grants of a document, of the level that is named behind it or of all."""
    level = _level((context.sentence + context.before).rpartition(document)[2])
    return tuple(claim for claim in facts.values if claim.document == document and level in (None, claim.level))


def _kind(figure: Figure, context: Context) -> str:
    kind = _KINDS[figure.kind]
    if kind == cues.MONEY and figure.unit == "元":
        is_after = cues.PER_PERSON_AFTER.match(context.after)
        is_before = cues.PER_PERSON_BEFORE.search(context.before)
        is_product = cues.OPERATOR_BEFORE.search(context.before) or cues.PER_PERSON_BEFORE.search(context.sentence)
        if is_after or is_before or (is_product and figure.value <= _HIGHEST_PREMIUM_YUAN):
            return cues.PER_PERSON
    return kind


def _deciding_cue(kind: str, context: Context, facts: Facts) -> tuple[Cue | None, bool]:
    """The word that says what the figure is, the nearest of the most telling ones; false where only the heading says it."""
    for_reason = cues.FOR_REASON.search(_without(facts.townships, context.before)) if kind == cues.PERSONS else None
    if for_reason is not None:
        known = [cue for cue in find_cues(kind, for_reason["reason"], facts.reasons) if cue.measure in facts.reasons]
        return known[-1] if known else Cue(cues.OTHER, True, 0, 0), True
    own = len(context.sentence)
    told = find_cues(kind, context.sentence + context.before, facts.reasons)
    before, sentence = [cue for cue in told if cue.end > own], [cue for cue in told if cue.end <= own]
    after, lead = find_cues(kind, context.after, facts.reasons), find_cues(kind, context.lead)
    ordered = (
        [cue for cue in reversed(before) if cue.is_strong],
        [cue for cue in after if cue.is_strong],
        list(reversed(before)),
        after[:1],
        [cue for cue in reversed(sentence) if cue.is_strong],
        list(reversed(sentence)),
        [cue for cue in find_cues(kind, context.following) if cue.is_strong],
    )
    for found in ordered:
        if found:
            return found[0], True
    return (lead[-1], False) if lead else (None, False)


def _measures(kind: str, cue: Cue | None, context: Context, *, is_goal: bool) -> list[str]:
    """The measures that the deciding word may mean, the likeliest first."""
    if cue is None:
        return []
    if kind == cues.PERSONS:
        return _person_measures(cue, context, is_goal=is_goal)
    if kind == cues.RATE and cue.measure == "interval":
        return ["low", "high"]
    if kind == cues.SCORE and not cue.is_strong:
        return ["reported", "computed"]
    return [cue.measure, *_ALSO.get(cue.measure, ())]


def _person_measures(cue: Cue, context: Context, *, is_goal: bool) -> list[str]:
    if is_goal and cue.measure in ("covered", "paid_on_behalf", "refunded"):
        is_plan = cues.PLAN.search(context.sentence + context.before + context.own_lead)
        return ["planned"] if is_plan else ["planned", cue.measure]
    if cue.measure in ("refunded", "paid_on_behalf"):
        channels = {each.measure for each in find_cues(cues.PERSONS, context.before + context.after)}
        both = {"refunded", "paid_on_behalf"} <= channels
        return ["covered"] if both else [cue.measure, "covered"]
    if cue.measure == "eligible" and not cue.is_strong and cues.FOR_THEM.search(context.before):
        return ["eligible", "covered"]
    return [cue.measure]


def _placed(kind: str, measure: str, context: Context, facts: Facts) -> list[Claim]:
    """The claims of a measure: of the township, level or place that the clause names, else of those that the sentence may."""
    own_township = _township(context.before, facts.townships)
    township = own_township or _township(_since_whole(context.sentence), facts.townships)
    if kind not in (cues.MONEY, cues.PERSONS, cues.RATE):
        return [Claim(kind, measure)]
    if measure == "share":
        own_level = _level(context.before)
        levels = [own_level] if own_level else [level for level, _ in cues.LEVELS]
        return [Claim(kind, measure, None, level) for level in levels]
    own_level = level = place = None
    if measure == "execution":
        own_level = _level(context.before)
    if kind == cues.MONEY:
        own_level = _level(context.before) or _level(context.own_after)
        level = own_level or _level(_since_whole(context.sentence))
        place = _place(measure, context.before, facts) or _place(measure, context.own_after, facts)
    if place is not None and own_township is None:
        return [Claim(kind, place)] if measure == "balance" else [Claim(kind, measure), Claim(kind, place)]
    claims = [Claim(kind, measure, own_township, own_level)]
    if township is not None and own_township is None:
        claims.insert(0, Claim(kind, measure, township, own_level))
    inherited = (
        _place(measure, f"{context.heading} {context.sentence}", facts)
        if kind == cues.MONEY and not (own_township or own_level)
        else None
    )
    if inherited is not None:
        claims.append(Claim(kind, inherited))
    return [*claims, Claim(kind, measure, own_township or township, own_level or level)]


def _place(measure: str, words: str, facts: Facts) -> str | None:
    """Whether a balance lies with the townships or with the bureau, by the last word of the text that says so."""
    if measure not in ("balance", "cash_balance"):
        return None
    places = ((cues.TOWNSHIPS, "township_balance"), (cues.BUREAU, "bureau_balance"))
    found = [(match.end(), place) for pattern, place in places for match in pattern.finditer(words)]
    found += [(words.rfind(name) + len(name), "bureau_balance") for name in facts.bureau_names if name in words]
    return max(found)[1] if found else None


def _since_whole(words: str) -> str:
    """The words after the last one that speaks of the whole (合计, 全区): it ends what a level or township was named for."""
    ends = [match.end() for match in cues.WHOLE.finditer(words)]
    return words[ends[-1] :] if ends else words


def _level(words: str) -> str | None:
    found = [(match.end(), level) for level, pattern in cues.LEVELS for match in pattern.finditer(words)]
    return max(found)[1] if found else None


def _without(townships: dict[str, str], words: str) -> str:
    """The words without the names of townships: the first character of 因民镇 says why nothing is so."""
    for spelling in townships:
        words = words.replace(spelling, " ")
    return words


def _township(words: str, townships: dict[str, str]) -> str | None:
    found = [(words.rfind(spelling), len(spelling), name) for spelling, name in townships.items() if spelling in words]
    return max(found)[2] if found else None
