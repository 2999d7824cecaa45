"""Why a person of the roll isn't eligible: what bureau and township say of him, and how many such persons there are.

Data only. `people.py` gives each person at most one status; whoever has none is eligible.
"""

from dataclasses import dataclass

Classes = tuple[tuple[str | None, str | None], ...]

REFUND = "返还"
COLLECTION = "代缴"
INELIGIBLE = "不符合"
PAID_FOR: Classes = ((REFUND, None), (COLLECTION, None), (REFUND, None))
NOT_CLASSIFIED: Classes = ((None, None),)

UNKNOWN_EXCLUSION = "情形待核"
"""A word that nobody knows; a register row that has it is quarantined and holds the person."""

SCHOOLING = ("普通高中", "中等职业", "高职高专", "本科")


def ineligible(reason: str | None) -> Classes:
    """The township's class of an ineligible person."""
    return ((INELIGIBLE, reason),)


@dataclass(frozen=True)
class Status:
    """A state with its reason and the papers that lead to it.

    `persons` is the number in a district of full size; null stands for everybody of the age group, or for whoever is
    left over among those of working age. The texts of a status are dealt out in turn. `mismatch` is the kind that each
    person with this status raises.
    """

    name: str
    state: str
    reason: str
    persons: int | None
    ages: tuple[int, int] = (16, 59)
    classes: Classes = NOT_CLASSIFIED
    exclusions: tuple[str | None, ...] = (None,)
    schooling: tuple[str | None, ...] = (None,)
    benefit_status: tuple[str, ...] = ("未领取",)
    is_severely_disabled: bool = False
    mismatch: str | None = None


def _excluded(reason: str, persons: int | None, classes: Classes, **papers: object) -> Status:
    return Status(reason, "excluded", reason, persons, classes=classes, **papers)  # type: ignore[arg-type]


UNDER_16 = _excluded("under_16", None, ((None, None), (INELIGIBLE, "未满16"), (None, None)))
AGED_60_OR_OVER = _excluded(
    "aged_60_or_over",
    None,
    ((INELIGIBLE, "满60"), (INELIGIBLE, "已领待遇"), (None, None)),
    benefit_status=("正常领取",) * 12 + ("未领取", "暂停领取"),
)
RECEIVING_BENEFITS = _excluded(
    "receiving_benefits", None, ineligible("已领待遇"), benefit_status=("正常领取",) * 9 + ("暂停领取",)
)

EXCLUDED = (
    _excluded("deceased", 320, ((INELIGIBLE, "死亡"), (None, None)), ages=(35, 98), exclusions=("死亡",)),
    _excluded(
        "in_school",
        2_600,
        ((INELIGIBLE, "在校"), (INELIGIBLE, "在校"), (None, None)),
        ages=(16, 24),
        schooling=SCHOOLING,
    ),
    _excluded(
        "employee_scheme",
        900,
        ineligible("职工养老保险"),
        ages=(20, 58),
        exclusions=("省职保", "省职保", "省外职保", "机关保"),
    ),
    _excluded("insured_elsewhere", 260, ineligible("外地居保"), ages=(20, 58), exclusions=("外地居保",)),
    _excluded("military", 70, ineligible("现役军人"), ages=(18, 30), exclusions=("现役军人",)),
    _excluded("imprisoned", 60, ineligible("服刑"), ages=(20, 58), exclusions=("服刑",)),
    _excluded("abroad", 12, ineligible("出国(境)"), ages=(20, 50), exclusions=("出国(境)",)),
    _excluded("moved_out", 240, ((INELIGIBLE, "迁出"), (None, None)), exclusions=("迁出",)),
    _excluded("other_fund", 850, ineligible("重度残疾,由省级财政代缴"), is_severely_disabled=True),
)

LEFT_OVER = tuple(
    Status(f"township:{word}", "excluded", f"township:{word}", None, classes=ineligible(word))
    for word in (
        *("无参保意愿", "外出失联", "空挂户", "外出失联", "无参保意愿", "拒绝参保", "空挂户", "数据错误"),
        *("无参保意愿", "外出失联", "重复户口", "精神病人走失", "其他"),
    )
)
"""Dealt out in turn to whoever of working age is neither eligible nor has another status."""

PLANTED = (
    Status("invalid_id", "excluded", "unidentified", 26, ages=(3, 59), mismatch="invalid_id"),
    Status("id_precision_lost", "excluded", "unidentified", 22, ages=(3, 59), mismatch="id_precision_lost"),
    Status(
        "unstated", "excluded", "township:unstated", 24, classes=ineligible(None), mismatch="exclusion_without_reason"
    ),
    Status("unclassified", "unconfirmed", "unclassified", 18, mismatch="unclassified"),
    Status("classified_twice", "unconfirmed", "classified_twice", 12, classes=PAID_FOR, mismatch="classified_twice"),
    Status(
        "classification_conflict",
        "unconfirmed",
        "classification_conflict",
        16,
        ages=(20, 58),
        classes=PAID_FOR,
        exclusions=("省职保", "外地居保"),
        mismatch="classification_conflict",
    ),
    Status(
        "on_two_township_rolls",
        "unconfirmed",
        "on_two_township_rolls",
        14,
        classes=PAID_FOR,
        mismatch="on_two_township_rolls",
    ),
    Status("id_with_two_names", "unconfirmed", "id_with_two_names", 10, classes=PAID_FOR, mismatch="id_with_two_names"),
    Status(
        "evidence_unreadable",
        "unconfirmed",
        "evidence_unreadable",
        24,
        classes=PAID_FOR,
        exclusions=(UNKNOWN_EXCLUSION, None),
        schooling=(None, "学籍待查"),
        mismatch="evidence_unreadable",
    ),
)
"""Statuses that are a mismatch of the roll or of the classification; a clean sample has none of them."""

ELIGIBLE = Status(
    "eligible",
    "eligible",
    "",
    None,
    classes=tuple(
        (word, None) for word in (REFUND, REFUND, COLLECTION, REFUND, COLLECTION, REFUND, REFUND, COLLECTION)
    ),
)

ALL_STATUSES = (ELIGIBLE, UNDER_16, AGED_60_OR_OVER, RECEIVING_BENEFITS, *EXCLUDED, *LEFT_OVER, *PLANTED)
