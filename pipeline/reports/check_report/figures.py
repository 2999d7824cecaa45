"""Figures in a text: numbers with their unit, exactly as far as they are stated.

What a figure claims to be is told by ``claims``.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from pipeline.paper import half_up

_NUMBER = r"(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_UNIT = (
    r"\s*(?P<scale>万|亿)?\s*(?P<more>余|多)?\s*(?P<unit>"
    r"%|元(?!月|旦|素)|人(?!民|次|均)|名(?!单|称|义|录|额)|份(?!额)"
    r"|分(?!钟|之|别|类|级|配|散|布|店|局|期|批|行|工|支|成|档|组|歧|制))"
)
_FIGURE = re.compile(rf"(?<![\d.,A-Za-z])(?P<minus>-)?{_NUMBER}{_UNIT}")
# The number of a table, a chart or a meeting: 表2 人数阶梯, but not 调查表20份.
_ORDINAL = re.compile(r"(?:(?<!查)表|图|第)\s*$")
# A number that shares the unit of the next one: 493.776、123.444万元.
_SHARING = re.compile(rf"(?<![\d.,A-Za-z])(?P<minus>-)?{_NUMBER}\s*(?P<joint>[、和与及])\s*$")
_PERCENT_IN_WORDS = re.compile(r"百分之(?P<number>\d+(?:\.\d+)?|[零一二三四五六七八九十百点]+)")
_ABOUT = re.compile(r"(?:约|近|大约|将近|超|超过|达到?约)\s*$")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_SCALES = {"": Decimal(1), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_PERSONS = "人"


@dataclass(frozen=True)
class Figure:
    """A figure of a report.

    `value` is counted in `unit`; `step` is the last place that is stated (0.01 in 671.21), in the same unit. `is_floor` says
    that more may be meant (6万余人), `is_about` that trailing zeros aren't meant exactly (约62000人).
    """

    text: str
    value: Decimal
    unit: str
    factor: Decimal
    step: Decimal
    start: int
    end: int
    is_floor: bool
    is_about: bool

    @property
    def kind(self) -> str:
        """What is counted: persons, money, percentages, points or questionnaires."""
        return self.unit[-1]

    def agrees(self, actual: Decimal) -> bool:
        """Whether an actual value, in persons, yuan, points or percent, is what is stated, to the places that are stated."""
        stated, step = self.value * self.factor, self.step * self.factor
        if self.kind == "%" and stated in (0, 100):
            return actual == stated
        if self.is_floor:
            return stated <= actual < stated + self._magnitude()
        if self.is_about:
            step = self._magnitude()
        return half_up(actual / step, 0) * step == stated

    def _magnitude(self) -> Decimal:
        """The place of the last digit that isn't 0, in persons or yuan."""
        digits = (self.value * self.factor).normalize()
        return max(
            Decimal(1).scaleb(int(digits.as_tuple().exponent)), self.step * self.factor if self.step < 1 else Decimal(0)
        )

    def in_unit(self, actual: Decimal) -> str:
        """An actual value in the unit of the figure, without needless zeros."""
        return f"{(actual / self.factor).normalize():f}"


def find_figures(text: str) -> list[Figure]:
    """Every figure of a text with a unit, by its place."""
    figures: list[Figure] = []
    for match in _FIGURE.finditer(text):
        if _ORDINAL.search(text, 0, match.start()):
            continue
        figures.append(_figure(text, match, match["scale"] or "", match["unit"], is_floor=bool(match["more"])))
        while sharing := _SHARING.search(text, 0, figures[-1].start):
            shared = _figure(text, sharing, match["scale"] or "", match["unit"], is_floor=False)
            if any(shared.start < other.end and other.start < shared.end for other in figures):
                break
            figures.append(shared)
    for match in _PERCENT_IN_WORDS.finditer(text):
        figures.append(_in_words(match))
    return sorted(figures, key=lambda figure: figure.start)


def _figure(text: str, match: re.Match[str], scale: str, unit: str, *, is_floor: bool) -> Figure:
    number = Decimal(match["number"].replace(",", ""))
    value = -number if match["minus"] and _is_sign(text, match.start()) else number
    counted = _PERSONS if unit == "名" else unit
    return Figure(
        text=match["number"] if value >= 0 else f"-{match['number']}",
        value=value,
        unit=scale + counted,
        factor=_SCALES[scale],
        step=Decimal(1).scaleb(int(number.as_tuple().exponent)) if number else Decimal(1),
        start=match.start("number"),
        end=match.end() if "unit" in match.groupdict() else match.end("number"),
        is_floor=is_floor,
        is_about=bool(_ABOUT.search(text, 0, match.start())),
    )


def _is_sign(text: str, start: int) -> bool:
    """Whether the dash before a number is a minus, not the dash of a range (69.90%-97.21%)."""
    return start == 0 or text[start - 1] not in "0123456789%元人分年"


def _in_words(match: re.Match[str]) -> Figure:
    words = match["number"]
    value = Decimal(words) if words[0].isdigit() else _number_in_words(words)
    return Figure(
        text=f"{value}",
        value=value,
        unit="%",
        factor=Decimal(1),
        step=Decimal(1).scaleb(int(value.as_tuple().exponent)),
        start=match.start(),
        end=match.end(),
        is_floor=False,
        is_about=False,
    )


def _number_in_words(words: str) -> Decimal:
    """A number up to 100 in Chinese numerals: 九十四点三一."""
    whole, _, fraction = words.partition("点")
    value = digit = 0
    for character in whole:
        if character in _DIGITS:
            digit = _DIGITS[character]
        else:
            value += (digit or 1) * (100 if character == "百" else 10)
            digit = 0
    places = "".join(str(_DIGITS[character]) for character in fraction if character in _DIGITS)
    return Decimal(f"{value + digit}.{places}" if places else value + digit)
