"""What the rows of each source hold: the typed fields in order, the needed cells and the listed words.

These belong to the contract and are the same for every sender. How one sender's file maps to the fields is told by its
layout (``layouts/*.yaml``).
"""

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["text", "name", "id", "account", "amount", "date", "count", "word"]


@dataclass(frozen=True)
class Field:
    """A field of a row; `words` are the only texts that it may hold, where it is a listed word.

    A row is quarantined when a needed cell is empty; one that is needed when paid, only in a success or reversal.
    """

    name: str
    type: FieldType
    is_needed: bool = False
    is_needed_when_paid: bool = False
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """A folder of data/raw/<year> and the fields that its rows hold.

    Attributes:
        has_outcome: whether a row tells what became of a payment.
        needs_paid_date: whether a file is refused in which a success or reversal has no date.
        has_snapshot_date: whether a file is refused that has no date of its snapshot.
        keeps_cells: whether the cells of further columns are kept with a row.
    """

    name: str
    fields: tuple[Field, ...]
    has_outcome: bool = False
    needs_paid_date: bool = False
    has_snapshot_date: bool = False
    keeps_cells: bool = False


_EXCLUSIONS = ("省职保", "机关保", "省外职保", "外地居保", "现役军人", "服刑", "出国(境)", "死亡", "迁出")

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
            Field("household_no", "text"),
            Field("name", "name", is_needed=True),
            _ID,
            Field("schooling", "text"),
        ),
        has_snapshot_date=True,
    ),
    Source(
        "category_rolls",
        (
            Field("snapshot_date", "date"),
            Field("category", "word", words=("低保", "特困", "重度残疾")),
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
            Field("class", "word", is_needed=True, words=("返还", "代缴", "不符合")),
            Field("class_reason", "text"),
            Field("verified_date", "date", is_needed=True),
        ),
    ),
    Source(
        "pension_register",
        (
            _ID,
            Field("insured_status", "word", words=("正常参保", "未参保", "暂停参保", "终止参保")),
            Field("exclusion", "word", words=_EXCLUSIONS),
            Field("benefit_status", "word", words=("未领取", "正常领取", "暂停领取")),
            Field("self_paid_amount", "amount"),
            Field("self_paid_date", "date"),
        ),
    ),
    Source(
        "bank_returns",
        (
            Field("batch_no", "text"),
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
    ),
    Source(
        "tax_returns",
        (
            _TOWNSHIP,
            _LINE_NO,
            _NAME,
            _ID,
            Field("levy_item", "text"),
            Field("period_from", "date"),
            Field("period_to", "date"),
            _AMOUNT,
            Field("paid_date", "date", is_needed_when_paid=True),
            Field("voucher_no", "text"),
            Field("payer_kind", "word", words=("财政代缴", "个人缴费")),
        ),
        has_outcome=True,
    ),
    Source(
        "fund_documents",
        (_DOCUMENT_NO, Field("fund_level", "text", is_needed=True), _AMOUNT, _PERSONS, _DOCUMENT_DATE),
    ),
    Source(
        "allocations",
        (Field("township", "text", is_needed=True), _AMOUNT, _PERSONS, _DOCUMENT_DATE, _DOCUMENT_NO),
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
