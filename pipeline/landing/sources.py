"""What the rows of each source hold: the typed fields in order, the needed cells and where their words are listed.

These belong to the contract and are the same for every sender. How one sender's file maps to the fields is told by its
layout (``layouts/*.yaml``).
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["text", "number", "name", "id", "account", "amount", "date", "count", "word"]


@dataclass(frozen=True)
class Field:
    """A field of a row. A row is quarantined when a needed cell is empty, or a date, an amount, a count or a word can't be read.

    Attributes:
        type: `number` is a text of digits, such as a batch's, which a numeric cell can lose.
        is_needed: whether a row can't be used without it.
        is_needed_when_paid: the same, in a success or reversal alone.
        is_needed_with_column: the same, where the table has a column of it.
        without_column: what every row says where the table has no column of it.
        is_signed: whether a negative amount or count is right.
        vocabulary: what the words of the field are listed in (``assets/codes``).
        keeps_text: whether the text stays under the field's name, and what it means gets a column of its own.
        quarantines: whether a row is quarantined where the cell can't be read.
        quarantining_signs: where there are any, only an unknown word that contains one of them quarantines its row.
        empty_says: what an empty cell means.
        is_empty_unknown: whether an empty cell is a word that nobody knows.
        is_evidence: whether an unknown word makes the row's evidence unreadable; the quarantining ones alone, where there are
            quarantining signs.
    """

    name: str
    type: FieldType
    is_needed: bool = False
    is_needed_when_paid: bool = False
    is_needed_with_column: bool = False
    without_column: str | None = None
    is_signed: bool = False
    vocabulary: str | None = None
    keeps_text: bool = False
    quarantines: bool = True
    quarantining_signs: tuple[str, ...] = ()
    empty_says: str | None = None
    is_empty_unknown: bool = False
    is_evidence: bool = False

    @property
    def meaning_column(self) -> str:
        """The column of what a word means."""
        return f"{self.name}_says" if self.keeps_text else self.name


@dataclass(frozen=True)
class Source:
    """A folder of data/raw/<year> and the fields that its rows hold.

    Attributes:
        has_outcome: whether a row tells what became of a payment.
        needs_paid_date: whether a file is refused in which a success or reversal has no date.
        has_snapshot_date: whether a file is refused that has no date of its snapshot.
        keeps_cells: whether the cells of further columns are kept with a row.
        is_placed: whether a table without a township column or head takes the township of its title, sheet or folder.
    """

    name: str
    fields: tuple[Field, ...]
    has_outcome: bool = False
    needs_paid_date: bool = False
    has_snapshot_date: bool = False
    keeps_cells: bool = False
    is_placed: bool = False

    @property
    def is_evidence(self) -> bool:
        """Whether its rows say what can speak against a person."""
        return any(field.is_evidence for field in self.fields)


_TOWNSHIP = Field("township", "text")
_VILLAGE = Field("village", "text")
_NAME = Field("name", "name")
_ID = Field("id_no", "id")
_LINE_NO = Field("line_no", "text")
_AMOUNT = Field("amount", "amount", is_needed=True)
_DOCUMENT_NO = Field("document_no", "text")
_PERSONS = Field("persons", "count")
_DOCUMENT_DATE = Field("document_date", "date")

_ALL = (
    Source(
        "poverty_roll",
        (
            Field("snapshot_date", "date"),
            _TOWNSHIP,
            _VILLAGE,
            Field("household_no", "number"),
            Field("member_no", "number"),
            Field("name", "name", is_needed=True),
            _ID,
            Field(
                "schooling",
                "word",
                vocabulary="schooling",
                keeps_text=True,
                quarantines=False,
                empty_says="not_at_school",
                is_evidence=True,
            ),
        ),
        has_snapshot_date=True,
        is_placed=True,
    ),
    Source(
        "category_rolls",
        (
            Field("snapshot_date", "date"),
            Field("category", "word", vocabulary="category", quarantining_signs=("残", "级"), is_evidence=True),
            _NAME,
            _ID,
        ),
        has_snapshot_date=True,
    ),
    Source(
        "classification",
        (
            _TOWNSHIP,
            _VILLAGE,
            _NAME,
            _ID,
            Field("class", "word", is_needed=True, vocabulary="class"),
            Field("class_reason", "text"),
            Field("verified_date", "date", is_needed=True),
        ),
        is_placed=True,
    ),
    Source(
        "pension_register",
        (
            _ID,
            Field("insured_status", "word", vocabulary="insured_status", quarantines=False),
            Field("exclusion", "word", vocabulary="exclusion", is_evidence=True),
            Field("event_date", "date", quarantines=False),
            Field("benefit_status", "word", vocabulary="benefit_status", is_evidence=True),
            Field("self_paid_amount", "amount"),
            Field("self_paid_date", "date"),
        ),
    ),
    Source(
        "bank_returns",
        (
            Field("batch_no", "number"),
            _TOWNSHIP,
            _LINE_NO,
            _NAME,
            Field("account", "account"),
            _AMOUNT,
            _ID,
            Field("paid_date", "date"),
        ),
        has_outcome=True,
        needs_paid_date=True,
        is_placed=True,
    ),
    Source(
        "tax_returns",
        (
            _TOWNSHIP,
            _LINE_NO,
            _NAME,
            _ID,
            Field("levy_item", "word", vocabulary="levy_item", is_empty_unknown=True),
            Field("period_from", "date"),
            Field("period_to", "date"),
            _AMOUNT,
            Field("paid_date", "date", is_needed_when_paid=True),
            Field("voucher_no", "number"),
            Field(
                "payer_kind",
                "word",
                is_needed_with_column=True,
                without_column="财政代缴",
                vocabulary="payer_kind",
            ),
        ),
        has_outcome=True,
        is_placed=True,
    ),
    Source(
        "fund_documents",
        (_DOCUMENT_NO, Field("fund_level", "text", is_needed=True), _AMOUNT, _PERSONS, _DOCUMENT_DATE),
    ),
    Source(
        "allocations",
        (
            Field("township", "text", is_needed=True),
            Field("amount", "amount", is_needed=True, is_signed=True),
            Field("persons", "count", is_signed=True),
            _DOCUMENT_DATE,
            _DOCUMENT_NO,
        ),
    ),
    Source(
        "benefit_payments",
        (_ID, Field("month", "text"), Field("due_amount", "amount"), Field("amount", "amount")),
    ),
    Source("satisfaction_survey", (Field("answer", "text"),)),
    Source(
        "township_replies",
        (
            Field("mismatch_id", "text"),
            Field("token", "text"),
            Field("answer_code", "text"),
            Field("answer_value", "text"),
            Field("person", "text"),
            Field("answered_date", "date"),
        ),
        keeps_cells=True,
    ),
)

SOURCES = {source.name: source for source in _ALL}
