"""Section 4: the bureau's evidence, the townships' classes, and the state that follows from both."""

from datetime import date
from typing import Any

import pytest

from .results import Row, results

MAY, JUNE = date(2019, 5, 20), date(2019, 6, 30)


def somebody(**values: Any) -> Row:
    """A person of 34 with a valid ID."""
    birthdays = {"entry_birthday_date": date(2001, 6, 15), "end_birthday_date": date(2045, 6, 15)}
    return {"person_no": "A", "person_id": "A", **birthdays} | values


def judged(
    person: Row | None = None,
    *,
    evidence: tuple[str, ...] = (),
    class_: str | None = None,
    reason: str | None = None,
    is_twice: bool = False,
    holds: tuple[str, ...] = (),
    replies: list[Row] | None = None,
) -> tuple[Any, ...]:
    """State, reason and mismatch of one person."""
    verification = {"person_id": "A", "class": class_, "class_reason": reason, "is_classified_twice": is_twice}
    (row,) = results(
        "core.eligibility",
        "state state_reason mismatch_kind",
        person=[person or somebody()],
        register_evidence=[{"person_id": "A", "evidence": each} for each in evidence],
        classification_of_year=[verification] if class_ or is_twice else [],
        roll_finding=[{"person_id": "A", "kind": kind} for kind in holds],
        applied_reply=replies or [],
    )
    return row


def test_without_evidence_the_townships_class_decides() -> None:
    """返还 and 代缴 are eligible, 不符合 is not, nobody without a class is confirmed."""
    assert judged(class_="返还") == ("eligible", None, None)
    assert judged(class_="代缴") == ("eligible", None, None)
    assert judged(class_="不符合", reason="在校") == ("excluded", "township:在校", None)
    assert judged(class_="不符合") == ("excluded", "township:unstated", "exclusion_without_reason")
    assert judged() == ("unconfirmed", "unclassified", "unclassified")
    assert judged(is_twice=True) == ("unconfirmed", "classified_twice", "classified_twice")


def test_evidence_excludes_unless_the_township_says_otherwise() -> None:
    """Then the two contradict each other, and somebody has to find out."""
    assert judged(evidence=("deceased",)) == ("excluded", "deceased", None)
    assert judged(evidence=("deceased",), class_="不符合", reason="死亡") == ("excluded", "deceased", None)
    assert judged(evidence=("deceased",), is_twice=True) == ("excluded", "deceased", None)
    conflict = ("unconfirmed", "classification_conflict", "classification_conflict")
    assert judged(evidence=("deceased",), class_="返还") == conflict


ORDER = (
    "deceased",
    "receiving_benefits",
    "employee_scheme",
    "insured_elsewhere",
    "military",
    "imprisoned",
    "abroad",
    "moved_out",
    "other_fund",
)


@pytest.mark.parametrize("place", range(len(ORDER)))
def test_the_first_evidence_of_the_list_is_the_reason(place: int) -> None:
    """Whatever else is known."""
    assert judged(evidence=tuple(reversed(ORDER[place:])))[1] == ORDER[place]


def test_age_and_school_stand_in_the_list_too() -> None:
    """Dead before too young, too young before benefits, benefits before school."""
    child = somebody(entry_birthday_date=date(2020, 1, 1), schooling_says="at_school")
    assert judged(child, evidence=("receiving_benefits",))[1] == "under_16"
    assert judged(child, evidence=("deceased",))[1] == "deceased"
    assert judged(somebody(schooling_says="at_school"), evidence=("receiving_benefits",))[1] == "receiving_benefits"
    assert judged(somebody(schooling_says="at_school"), evidence=("employee_scheme",))[1] == "in_school"
    assert judged(somebody(schooling_says="not_at_school"), class_="返还")[0] == "eligible"


def test_the_borders_of_age() -> None:
    """16 by the last day of the year, not yet 60 on its first."""
    assert judged(somebody(entry_birthday_date=date(2019, 12, 31)), class_="返还")[0] == "eligible"
    assert judged(somebody(entry_birthday_date=date(2020, 1, 1)))[1] == "under_16"
    assert judged(somebody(end_birthday_date=date(2019, 1, 2)), class_="返还")[0] == "eligible"
    assert judged(somebody(end_birthday_date=date(2019, 1, 1)))[1] == "aged_60_or_over"


def test_somebody_without_a_valid_id_is_unidentified() -> None:
    """He is known to nobody else, so no class and no evidence is his."""
    nobody = {"person_no": "|530113001||张三|5301"}
    assert judged(nobody) == ("excluded", "unidentified", None)


def test_what_the_roll_contradicts_holds_the_person() -> None:
    """Whatever the table says; its mismatch is raised all the same."""
    assert judged(class_="返还", holds=("on_two_township_rolls",)) == ("unconfirmed", "on_two_township_rolls", None)
    assert judged(evidence=("deceased",), holds=("id_with_two_names",)) == ("unconfirmed", "id_with_two_names", None)
    both = ("id_with_two_names", "on_two_township_rolls")
    assert judged(holds=both) == ("unconfirmed", "on_two_township_rolls", "unclassified")
    assert judged(class_="返还", holds=("duplicate_on_roll",)) == ("eligible", None, None)


def test_of_an_id_any_row_of_the_register_counts() -> None:
    """Also what a category roll of the year says; rows of nobody say nothing."""
    register = [
        {"row_key": 1, "exclusion": "省职保", "benefit_status": "未领取"},
        {"row_key": 2, "exclusion": "死亡", "benefit_status": "暂停领取"},
        {"row_key": 3, "exclusion": "服刑"},
    ]
    categories = [
        {"row_key": 4, "category": "重度残疾", "snapshot_date": MAY},
        {"row_key": 5, "category": "重度残疾", "snapshot_date": date(2018, 5, 20)},
        {"row_key": 6, "category": "低保", "snapshot_date": MAY},
    ]
    persons = {1: "A", 2: "A", 3: None, 4: "B", 5: "C", 6: "D"}
    assert results(
        "core.register_evidence",
        "person_id evidence",
        pension_register=register,
        category_rolls=categories,
        row_identity=[{"row_key": key, "person_id": person} for key, person in persons.items()],
    ) == [("A", "deceased"), ("A", "employee_scheme"), ("A", "receiving_benefits"), ("B", "other_fund")]


@pytest.mark.parametrize(
    ("exclusion", "evidence"),
    [
        ("省职保", "employee_scheme"),
        ("机关保", "employee_scheme"),
        ("省外职保", "employee_scheme"),
        ("外地居保", "insured_elsewhere"),
        ("现役军人", "military"),
        ("服刑", "imprisoned"),
        ("出国(境)", "abroad"),
        ("死亡", "deceased"),
        ("迁出", "moved_out"),
    ],
)
def test_every_exclusion_of_the_register_is_evidence(exclusion: str, evidence: str) -> None:
    """In the words of the register."""
    assert results(
        "core.register_evidence",
        "evidence",
        pension_register=[{"row_key": 1, "exclusion": exclusion}],
        row_identity=[{"row_key": 1, "person_id": "A"}],
    ) == [(evidence,)]


def test_the_latest_verification_counts() -> None:
    """Two classes on its date are none; of two reasons the first in text order counts."""
    rows = [
        {"person_id": "A", "class": "返还", "verified_date": MAY},
        {"person_id": "A", "class": "代缴", "verified_date": JUNE},
        {"person_id": "B", "class": "返还", "verified_date": JUNE},
        {"person_id": "B", "class": "代缴", "verified_date": JUNE},
        {"person_id": "C", "class": "不符合", "class_reason": "迁出", "verified_date": MAY},
        {"person_id": "C", "class": "不符合", "class_reason": "死亡", "verified_date": MAY},
        {"person_id": "C", "class": "不符合", "verified_date": MAY},
        {"person_id": None, "class": "返还", "verified_date": MAY},
    ]
    columns = "person_id class class_reason is_classified_twice"
    assert results("core.classification_of_year", columns, classification_row=rows) == [
        ("A", "代缴", None, False),
        ("B", None, None, True),
        ("C", "不符合", "死亡", False),
    ]


def test_any_other_reason_of_a_township_counts_as_other() -> None:
    """A reason beside another class than 不符合 is none."""
    rows = [
        {"row_key": 1, "class": "不符合", "class_reason": "在校"},
        {"row_key": 2, "class": "不符合", "class_reason": "不知道"},
        {"row_key": 3, "class": "返还", "class_reason": "在校"},
        {"row_key": 4, "class": "不符合"},
    ]
    identities = [{"row_key": row["row_key"]} for row in rows]
    assert results("core.classification_row", "row_key class_reason", classification=rows, row_identity=identities) == [
        (1, "在校"),
        (2, "其他"),
        (3, None),
        (4, None),
    ]
