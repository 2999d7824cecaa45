"""Whether a figure of a report is what the tables say: proven, contradicted or not derivable, and what it really is.

The order of judging: a figure that claims one thing is held against that; one that may claim several is proven by any of
them; one of which nothing is said is proven by a value that agrees, and contradicted only by one that is nearly the same.
"""

from dataclasses import dataclass
from decimal import Decimal

from pipeline.paper import half_up, percent, wan_yuan
from pipeline.reports.check_report import cues
from pipeline.reports.check_report.claims import Reading
from pipeline.reports.check_report.facts import Claim, Fact, Facts
from pipeline.reports.check_report.figures import Figure

PROVEN, CONTRADICTED, NOT_DERIVABLE = "proven", "contradicted", "not_derivable"
_ROUND_BOUNDS = (1, 5, 10)
# One part in so many: what a slip of the pen makes of a figure.
_NEARLY = 50
_TELLING_DIGITS = 4


@dataclass(frozen=True)
class Verdict:
    """A verdict with the fact that it rests on (null where none does) and what the reader should know of it."""

    verdict: str
    fact: Fact | None
    note: str = ""


def judge(reading: Reading, facts: Facts) -> Verdict:
    """Hold a figure against the facts."""
    if reading.is_other:
        return Verdict(NOT_DERIVABLE, None, "各表没有这项数据。")
    if reading.year not in (None, facts.year):
        return Verdict(NOT_DERIVABLE, None, f"所述为 {reading.year} 年,不是 {facts.year} 年。")
    known = [(claim, facts.values[claim]) for claim in reading.claims if claim in facts.values]
    for claim, fact in known:
        if _agrees(reading, fact.value, _target(claim, facts)):
            return Verdict(PROVEN, fact, _note(reading, claim, facts))
    if reading.is_goal and reading.kind == cues.RATE:
        return _judge_goal(reading, known, facts)
    if not reading.is_certain or not reading.claims:
        return _judge_uncertain(reading, facts)
    if not known:
        return Verdict(NOT_DERIVABLE, None, "各表没有这项数据(无数据来源)。")
    return Verdict(CONTRADICTED, known[0][1], _note(reading, known[0][0], facts))


def _judge_goal(reading: Reading, known: list[tuple[Claim, Fact]], facts: Facts) -> Verdict:
    """A goal is held against the target of the self-evaluation."""
    for claim in reading.claims:
        target = facts.values.get(Claim("target", claim.measure))
        if target is not None:
            is_right = reading.figure.agrees(target.value)
            return Verdict(PROVEN if is_right else CONTRADICTED, target, "此处是目标,不是完成情况。")
    if known:
        return Verdict(NOT_DERIVABLE, None, "此处是目标,自评表中没有相应的目标值。")
    return _judge_uncertain(reading, facts)


def _judge_uncertain(reading: Reading, facts: Facts) -> Verdict:
    """A figure of which nothing is said: any value that agrees proves it, one that is nearly it contradicts it."""
    figure = reading.figure
    known = [
        fact
        for claim, fact in facts.values.items()
        if claim.kind == reading.kind and claim.township is None and claim.measure not in ("low", "high")
        if claim.document is None
        if reading.level is None or claim.level == reading.level
    ]
    if not _is_vague(figure):
        for fact in known:
            if figure.agrees(fact.value):
                return Verdict(PROVEN, fact, "文中未说明口径,按数值相符认定。")
        # How many persons a document grants its money for stands in no table, and is mostly close to what does.
        for fact in known if reading.document is None else ():
            if figure.kind != "%" and abs(figure.value * figure.factor - fact.value) * _NEARLY <= abs(fact.value):
                return Verdict(CONTRADICTED, fact, "文中未说明口径,与此数相近而不相等。")
    return Verdict(NOT_DERIVABLE, None, "文中未说明口径,各表也没有这个数。")


def _is_vague(figure: Figure) -> bool:
    """A figure of so few digits that it agrees with something by chance."""
    return figure.kind != "%" and len(figure.text.replace(".", "").replace(",", "").strip("-0")) < _TELLING_DIGITS


def _agrees(reading: Reading, value: Decimal, target: Decimal | None) -> bool:
    figure = reading.figure
    if not is_bound(reading):
        return figure.agrees(value)
    # A bound is stated as the target, or as the round number just below: a lower one would say something else.
    bounds = {target, *((value / step).to_integral_value("ROUND_FLOOR") * step for step in _ROUND_BOUNDS)}
    return figure.value <= value and figure.value in bounds


def is_bound(reading: Reading) -> bool:
    """Whether a percentage is a lower bound: 90%以上, 不低于90%."""
    if reading.kind != cues.RATE:
        return False
    is_before = cues.AT_LEAST_BEFORE.search(reading.context.before)
    word_before = is_before[0].strip() if is_before else ""
    return bool(cues.AT_LEAST.match(reading.context.after)) or word_before not in ("", "达", "达到")


def _target(claim: Claim, facts: Facts) -> Decimal | None:
    fact = facts.values.get(Claim("target", claim.measure))
    return None if fact is None else fact.value


def _note(reading: Reading, claim: Claim, facts: Facts) -> str:
    """What a figure is, where a reader could take it for something else."""
    if claim.township is not None:
        return ""
    if claim.measure == "allocated" and cues.SPENT.search(reading.context.before):
        used = facts.district("used", cues.MONEY)
        spent = "" if used is None else f";已核销使用 {wan_yuan(used)[0]} 万元"
        return f"这是拨付乡镇的资金,不是支出{spent}。"
    if claim.measure == "participation":
        return _participation_note(facts)
    if claim.measure == "benefit":
        return "只指待遇发放表所列人员:足额发放人数÷应发放人数,不是参保率。"
    if claim.measure == "satisfaction":
        return _satisfaction_note(facts)
    if claim.measure == "reported":
        computed = facts.district("computed", cues.SCORE)
        compared = "" if computed is None else f";按公式计得 {half_up(computed, 2)} 分"
        return f"这是评价组自报的判断{compared}。"
    return ""


def _participation_note(facts: Facts) -> str:
    covered, eligible = facts.district("covered", cues.PERSONS), facts.district("eligible", cues.PERSONS)
    completion = facts.district("target_completion", cues.RATE)
    against_plan = "" if completion is None else f";对计划人数为 {percent(completion / 100)}"
    return f"分母是符合条件人数({covered}÷{eligible}),不是名单人数或计划人数{against_plan}。"


def _satisfaction_note(facts: Facts) -> str:
    answers = facts.district("answers", cues.ANSWERS)
    low, high = facts.district("low", cues.RATE), facts.district("high", cues.RATE)
    if answers is None or low is None or high is None:
        return ""
    interval = f"{percent(low / 100)} 至 {percent(high / 100)}"
    return f"仅 {answers} 份有效问卷,95% 置信区间 {interval},不足以说明全体服务对象。"
