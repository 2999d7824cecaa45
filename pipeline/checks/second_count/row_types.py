"""The data rows of every source, as this count has them.

A row keeps every value that can be read, and `faults`: the fields for which it is quarantined, each with its text. Where a
row stands is its `place` (file number, sheet, row), which is also the last resort of every order in the rules.
"""

from datetime import date
from typing import NamedTuple

from pipeline.checks.second_count.identity import Identity
from pipeline.checks.second_count.names import Name
from pipeline.checks.second_count.outcomes import Outcome

Place = tuple[int, str, int]
Faults = tuple[tuple[str, str | None], ...]
UnknownWords = tuple[tuple[str, str], ...]

OWN_PAYER = "个人缴费"
PENSION_ITEM = "10210"


class RollRow(NamedTuple):
    """One person in one snapshot of the poverty roll."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    township_code: str
    township: str | None
    village: str | None
    household_no: str | None
    member_no: str | None
    name: Name
    identity: Identity
    schooling: str | None
    schooling_says: str


class CategoryRow(NamedTuple):
    """One person in one snapshot of a category roll; an unreadable category may be one that excludes."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    name: Name
    identity: Identity
    category: str | None
    is_unreadable: bool


class ClassRow(NamedTuple):
    """A township's verification of one person."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    township_code: str
    township: str | None
    village: str | None
    name: Name
    identity: Identity
    class_: str | None
    class_reason: str | None


class RegisterRow(NamedTuple):
    """One person in the pension register; amounts in fen."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    identity: Identity
    insured_status: str | None
    exclusion: str | None
    benefit_status: str | None
    self_paid_fen: int | None
    event_date: date | None
    is_unreadable: bool

    @property
    def self_paid_date(self) -> date | None:
        """The day on which the person paid himself."""
        return self.own_date


class LineRow(NamedTuple):
    """One line of the bank (refund) or the tax bureau (collection).

    Attributes:
        own_date: the day on which it was paid: the row's own date, else the head's.
        has_bad_date: whether its own date can't be read.
        is_dated_by_made_at: whether nothing but the head's 制表时间 dates it.
        document_no: the batch (bank) or the voucher (tax).
        amount_fen: without the sign where the line is reversed or unrecognised.
    """

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    has_bad_date: bool
    is_dated_by_made_at: bool
    stated_date: date | None
    township_code: str
    township: str | None
    document_no: str | None
    line_no: str | None
    name: Name
    account: str | None
    identity: Identity
    amount_fen: int | None
    outcome: Outcome
    levy_item: str | None
    period: tuple[date | None, date | None]
    payer_kind: str | None

    @property
    def is_self_paid(self) -> bool:
        """Whether the person paid himself."""
        return self.payer_kind == OWN_PAYER


class GrantRow(NamedTuple):
    """One grant; `fund_level` is the policy's name of the level."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    document_no: str | None
    fund_level: str | None
    amount_fen: int | None
    persons: int | None


class TransferRow(NamedTuple):
    """One transfer to a township; a negative one was given back."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    township_code: str
    township: str | None
    document_no: str | None
    amount_fen: int | None
    persons: int | None


class BenefitRow(NamedTuple):
    """One person's benefit for one month."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    identity: Identity
    month: str | None
    due_fen: int | None
    amount_fen: int | None


class AnswerRow(NamedTuple):
    """One questionnaire."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    answer: str | None


class ReplyRow(NamedTuple):
    """One answered row of a workbook 差异清单; `cells` are its other cells as JSON, as they stand there."""

    place: Place
    faults: Faults
    unknown_words: UnknownWords
    own_date: date | None
    mismatch_id: str | None
    token: str | None
    answer_code: str | None
    answer_value: str | None
    person: str | None
    role: str
    cells: str
