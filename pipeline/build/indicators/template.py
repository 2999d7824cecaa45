"""The template of the self-evaluation: what a finance bureau may change in ``self_evaluation.yaml`` without touching code.

Only its shape and its own consistency belong here; scores are computed in ``score``.
"""

from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from pipeline.bureau_file import BureauFile
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.policy import PACKAGE_FOLDER
from pipeline.policy.model import PolicyModel, Text
from pipeline.warehouse.run import Run

FULL_POINTS = Decimal(100)
SUMMARY = TableName("mart", "district_summary")
Points = Annotated[Decimal, Field(gt=0, le=100)]
Share = Annotated[Decimal, Field(ge=0, le=1)]


@cache
def figure_names() -> frozenset[str]:
    """The figures that a template may name: the columns of mart.district_summary."""
    return frozenset(tables.load_tables()[SUMMARY].column_names) - {"policy_year"}


def _check_figure(name: str) -> str:
    if name not in figure_names():
        raise ValueError(f"{name} is no column of {SUMMARY}")
    return name


def _check_text(text: str) -> str:
    for _, name, form, conversion in Formatter().parse(text):
        if name is not None:
            _check_figure(name)
        if form or conversion:
            raise ValueError(f"{{{name}}} may hold nothing but the name of a figure")
    return text


class Band(PolicyModel):
    """A band of judgements; its lower end belongs to it, its upper end to the band above (1 to the first)."""

    name: Text
    from_share: Share
    to_share: Share


class Judgement(PolicyModel):
    """What the evaluation group judged of an indicator in a year: a share of its points, and on what it is based."""

    share: Share
    basis: Text


class Target(PolicyModel):
    """The target: a figure of the year, or a value (rates as fractions of 1), with the sign that stands before it."""

    figure: str | None = None
    value: Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=6)] | None = None
    sign: Literal["", "≥", "≤"] = ""

    @field_validator("figure")
    @classmethod
    def _is_column(cls, name: str | None) -> str | None:
        return None if name is None else _check_figure(name)

    @model_validator(mode="after")
    def figure_or_value(self) -> Self:
        """Exactly one of the two must be given."""
        if (self.figure is None) == (self.value is None):
            raise ValueError("give either figure or value")
        return self


class Actual(PolicyModel):
    """The actual value: a figure, over another one where it is a quotient; a survey's with its answers and interval."""

    figure: str
    over: str | None = None
    answers: str | None = None
    low: str | None = None
    high: str | None = None

    @field_validator("figure", "over", "answers", "low", "high")
    @classmethod
    def _is_column(cls, name: str | None) -> str | None:
        return None if name is None else _check_figure(name)


class Indicator(PolicyModel):
    """An indicator of the third level, with its points and how they are given.

    `ratio` gives points in proportion to actual over target, capped at all of them; `reversed` in proportion to target over
    actual, for what should be small; `bands` gives the share that the evaluation group judged.
    """

    level1: Text
    level2: Text
    level3: Text
    weight: Points
    formula: Literal["ratio", "reversed", "bands"]
    unit: Literal["%", "人", "万元", "元/人", ""] = ""
    target: Target | None = None
    actual: Actual | None = None
    target_text: Text | None = None
    judgements: Annotated[dict[int, Judgement], Field(default_factory=dict)]
    deviation_reason: str | None = None

    @field_validator("deviation_reason")
    @classmethod
    def _names_figures(cls, text: str | None) -> str | None:
        return None if text is None else _check_text(text)

    @model_validator(mode="after")
    def formula_has_what_it_needs(self) -> Self:
        """A judgement needs a target in words, the other formulas a target and an actual value."""
        if self.formula == "bands":
            if self.target_text is None or self.target or self.actual:
                raise ValueError("formula bands needs target_text, and neither target nor actual")
        elif self.target is None or self.actual is None or self.judgements:
            raise ValueError(f"formula {self.formula} needs target and actual, and no judgements")
        return self


class Template(PolicyModel):
    """The whole form: what it is about, the points of the first level, the bands of judgements and the indicators."""

    title: Text
    project_name: Text
    annual_target: Text
    annual_result: Text
    weights: dict[str, Points]
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]

    @field_validator("annual_target", "annual_result")
    @classmethod
    def _names_figures(cls, text: str) -> str:
        return _check_text(text)

    @field_validator("bands")
    @classmethod
    def _bands_meet(cls, bands: tuple[Band, ...]) -> tuple[Band, ...]:
        edges = [(bands[0].to_share, Decimal(1)), (bands[-1].from_share, Decimal(0))]
        edges += [(upper.from_share, lower.to_share) for upper, lower in pairwise(bands)]
        if any(given != needed for given, needed in edges) or any(band.from_share >= band.to_share for band in bands):
            raise ValueError("the bands must follow one another from 1 down to 0, each below the one before")
        return bands

    @model_validator(mode="after")
    def weights_add_up(self) -> Self:
        """The points of the first level make 100, and those of the indicators make each level's; no indicator stands twice."""
        if sum(self.weights.values()) != FULL_POINTS:
            raise ValueError(f"weights: they add up to {sum(self.weights.values())}, not to {FULL_POINTS}")
        given = {level: Decimal(0) for level in self.weights}
        for indicator in self.indicators:
            if indicator.level1 not in given:
                raise ValueError(f"indicators: {indicator.level1} has no points in weights")
            given[indicator.level1] += indicator.weight
        for level, points in self.weights.items():
            if given[level] != points:
                raise ValueError(f"weights.{level}: its indicators add up to {given[level]}, not to {points}")
        names = [(indicator.level1, indicator.level2, indicator.level3) for indicator in self.indicators]
        if len(names) != len(set(names)):
            raise ValueError("indicators: one stands there twice")
        return self


def load_template(run: Run) -> Template:
    """The template that the year's policy names.

    Raises:
        UsageError: the file can't be read, or a key of it can't be used.
    """
    return read_template((run.policy_folder or PACKAGE_FOLDER) / run.policy.self_evaluation_file)


def read_template(path: Path) -> Template:
    """The template of a file.

    Raises:
        UsageError: the file can't be read, or a key of it can't be used.
    """
    return BureauFile(path, "self-evaluation template", "自评表模板").checked(Template)
