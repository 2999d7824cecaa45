"""The shape of a policy: what a person may change for a year or a county without touching code.

Only the shape and its own consistency belong here. Finding and reading the files is done in ``pipeline.policy.load``; what
the figures mean is stated by the rules in ``assets``.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

FEN = Decimal("0.01")
# The code under which stands what has no known township; no division has it.
UNKNOWN_TOWNSHIP = "000000000"
# The one category whose rolls exclude somebody (rules of eligibility).
_SEVERELY_DISABLED = "重度残疾"
Text = Annotated[str, Field(min_length=1)]


def refused(kind: str, key: str, english: str, **facts: object) -> PydanticCustomError:
    """What is wrong with a key as a whole; other languages say it by its kind, with the same facts."""
    return PydanticCustomError(kind, f"{key}: {english}", facts)  # type: ignore[arg-type]


class PolicyModel(BaseModel):
    """A part of a policy: unknown keys are refused, so a misspelt setting is never silently ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FundLevel(PolicyModel):
    """A level of government that pays a share of the premium; `word` is how the fund documents call it."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$")]
    word: Text
    share: Annotated[Decimal, Field(gt=Decimal(0), le=Decimal(1), decimal_places=18)]


class Category(PolicyModel):
    """A category of persons, in the order of precedence; `paid_by_this_fund` is false where another fund pays."""

    name: Text
    paid_by_this_fund: bool


class PaymentWindow(PolicyModel):
    """First and last day on which a payment for the year counts."""

    first_date: date
    last_date: date

    @model_validator(mode="after")
    def has_a_day(self) -> Self:
        """Refuse a window in which no payment can fall."""
        if self.first_date > self.last_date:
            raise refused("dates_reversed", "last_date", "it is before {first}", first="first_date")
        return self


class ExpectedBatch(PolicyModel):
    """A source whose files are due by a date."""

    source: Text
    due_date: date


class Division(PolicyModel):
    """A township or village with its dates of validity (both inclusive; null: unlimited)."""

    level: Literal["township", "village"]
    code: Annotated[str, Field(pattern=r"^(\d{9}|\d{12})$")]
    name: Text
    parent_code: Text
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="after")
    def has_a_day(self) -> Self:
        """Refuse a division that never was."""
        if self.valid_from is not None and self.valid_to is not None and self.valid_from > self.valid_to:
            raise refused("dates_reversed", "valid_to", "it is before {first}", first="valid_from")
        return self

    def is_valid_in(self, year: int) -> bool:
        """Whether the division existed on any day of the year."""
        starts_in_time = self.valid_from is None or self.valid_from <= date(year, 12, 31)
        ends_in_time = self.valid_to is None or self.valid_to >= date(year, 1, 1)
        return starts_in_time and ends_in_time


# The columns of a division table, and those without which it can't be used.
DIVISION_COLUMNS = tuple(Division.model_fields)
NEEDED_DIVISION_COLUMNS = tuple(name for name, field in Division.model_fields.items() if field.is_required())


class Policy(PolicyModel):
    """One policy year of one district; amounts in yuan, shares as fractions of 1."""

    policy_year: int
    city_name: Text
    district_code: Annotated[str, Field(pattern=r"^\d{6}$")]
    district_name: Text
    bureau_name: Text
    bureau_short_name: Text | None = None
    premium_yuan: Annotated[Decimal, Field(gt=Decimal(0), max_digits=18, decimal_places=2)]
    fund_levels: Annotated[tuple[FundLevel, ...], Field(min_length=1)]
    age_from: Annotated[int, Field(ge=0)]
    age_below: Annotated[int, Field(le=150)]
    payment_window: PaymentWindow
    categories: Annotated[tuple[Category, ...], Field(min_length=1)]
    exclusion_reasons: tuple[Text, ...]
    township_aliases: dict[str, str] = {}
    divisions_file: Text
    self_evaluation_file: Text
    narrative_file: Text | None = None
    reported_total_score: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=6)] | None = None
    expected_batches: tuple[ExpectedBatch, ...] = ()
    divisions: tuple[Division, ...]

    @model_validator(mode="after")
    def is_consistent(self) -> Self:
        """Refuse shares that don't add up to the premium in whole fen, ages of nobody, and doubled or unknown names."""
        if sum(level.share for level in self.fund_levels) != 1:
            raise refused("shares_sum", "fund_levels", "the shares do not add up to 1")
        for level in self.fund_levels:
            part = self.premium_yuan * level.share
            if part != part.quantize(FEN):
                english = "premium_yuan x share of {level} is not a whole number of fen"
                raise refused("share_fen", "fund_levels", english, level=level.name)
        if self.age_from >= self.age_below:
            raise refused("ages_reversed", "age_below", "it must be above age_from, or nobody has the age")
        for what, names in (
            ("fund_levels", [level.name for level in self.fund_levels]),
            ("fund_levels", [level.word for level in self.fund_levels]),
            ("categories", [category.name for category in self.categories]),
            ("exclusion_reasons", list(self.exclusion_reasons)),
            ("divisions_file", [township.name for township in self.townships]),
            ("divisions_file", [division.code for division in (*self.townships, *self.villages)]),
        ):
            if doubled := sorted({name for name in names if names.count(name) > 1}):
                raise refused("doubled_name", what, "{name} stands there twice", name=doubled[0])
        if _SEVERELY_DISABLED not in {category.name for category in self.categories}:
            english = (
                "{category} must stand there, or its rolls would speak against nobody; say by paid_by_this_fund whether this "
                "fund pays for it"
            )
            raise refused("category_missing", "categories", english, category=_SEVERELY_DISABLED)
        if not self.townships:
            english = "no township of {code} is valid in {year}"
            raise refused("no_township", "divisions_file", english, code=self.district_code, year=str(self.policy_year))
        return self

    @property
    def bureau(self) -> str:
        """What the bureau is called where its full name would be too long: in names of files, labels and running text."""
        return self.bureau_short_name or self.bureau_name

    @property
    def townships(self) -> tuple[Division, ...]:
        """The district's townships that are valid in the year, by code."""
        return self._valid("township")

    @property
    def villages(self) -> tuple[Division, ...]:
        """The district's villages that are valid in the year, by code."""
        return self._valid("village")

    def _valid(self, level: str) -> tuple[Division, ...]:
        found = [
            division
            for division in self.divisions
            if division.level == level
            and division.code.startswith(self.district_code)
            and division.is_valid_in(self.policy_year)
        ]
        return tuple(sorted(found, key=lambda division: division.code))
