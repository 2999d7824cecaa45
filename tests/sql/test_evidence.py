"""Section 4: evidence that holds from a day on, evidence that can't be read, and two IDs of one member."""

from datetime import date
from typing import Any

from .results import Row, results

MAY, JUNE, JULY = date(2019, 5, 20), date(2019, 6, 20), date(2019, 7, 20)
PERSON = {
    "person_no": "A",
    "person_id": "A",
    "entry_birthday_date": date(2001, 6, 15),
    "end_birthday_date": date(2045, 6, 15),
    "snapshot_date": date(2019, 9, 30),
}


def registered(*rows: Row, as_of: date | None = None, fate: str = "accepted") -> list[tuple[Any, ...]]:
    """The evidence of A's rows of the register, with its first day and row."""
    return results(
        "core.register_evidence",
        "evidence from_date row_key",
        as_of=as_of,
        pension_register=[{"row_key": key} | row for key, row in enumerate(rows, start=1)],
        row_identity=[{"row_key": key, "person_id": "A", "fate": fate} for key in range(1, len(rows) + 1)],
    )


def test_evidence_with_a_date_holds_from_that_day() -> None:
    """Of several rows from the first; without a date all year; after the year, or the day looked back from, not at all."""
    assert registered({"exclusion": "死亡", "event_date": JULY}, {"exclusion": "死亡", "event_date": JUNE}) == [
        ("deceased", JUNE, 2)
    ]
    assert registered({"exclusion": "死亡", "event_date": JULY}, {"exclusion": "死亡"}) == [("deceased", None, 2)]
    assert registered({"exclusion": "死亡", "event_date": date(2020, 1, 1)}) == []
    assert registered({"exclusion": "死亡", "event_date": JULY}, as_of=JUNE) == []
    assert registered({"benefit_status": "正常领取", "event_date": JULY}) == [("receiving_benefits", None, 1)]
    assert registered({"exclusion": "迁出", "event_date": JULY}, {"exclusion": "服刑"}) == [
        ("imprisoned", None, 2),
        ("moved_out", JULY, 1),
    ]


def test_evidence_is_not_lost_with_its_row() -> None:
    """A quarantined row is evidence in every cell that can be read; a row that isn't used is none."""
    assert registered({"exclusion": "死亡"}, fate="quarantined") == [("deceased", None, 1)]
    assert registered({"exclusion": "死亡"}, fate="dropped") == []
    category = {"row_key": 1, "category": "重度残疾", "snapshot_date": MAY}
    identity = {"row_key": 1, "person_id": "A", "fate": "quarantined"}
    found = results("core.register_evidence", "evidence", category_rolls=[category], row_identity=[identity])
    assert found == [("other_fund",)]


def unreadable(source: str, fate: str = "accepted", *, latest: date | None = None, **values: Any) -> int:
    """How many rows of A hold something that can't be read."""
    identity = {"row_key": 1, "person_id": "A", "fate": fate}
    latest_rows = [{"person_id": "A", "verified_date": latest}] if latest else []
    row = {"row_key": 1, "is_evidence_unreadable": True} | values
    if source == "classification":
        del row["is_evidence_unreadable"]
    inputs = {source: [row], "row_identity": [identity], "classification_of_year": latest_rows}
    return len(results("core.unreadable_evidence", "row_key", **inputs))


def test_what_may_be_evidence_and_cant_be_read() -> None:
    """Words that nobody knows; a category roll of another year holds nobody; a verification that may be the latest."""
    assert unreadable("pension_register") == unreadable("pension_register", "quarantined") == 1
    assert unreadable("pension_register", is_evidence_unreadable=False) == 0
    assert unreadable("category_rolls", snapshot_date=MAY) == 1
    assert unreadable("category_rolls", snapshot_date=date(2018, 5, 1)) == 0
    assert unreadable("classification", "accepted") == 0
    assert unreadable("classification", "quarantined") == unreadable("classification", "quarantined", latest=MAY) == 1
    assert unreadable("classification", "quarantined", verified_date=MAY, latest=MAY) == 1
    assert unreadable("classification", "quarantined", verified_date=MAY, latest=JUNE) == 0


def state(
    *, holds: tuple[str, ...] = (), verified: tuple[tuple[date, str], ...] = (), **values: Any
) -> tuple[Any, ...]:
    """State, reason, mismatch, whether something can't be read, and the first day of the evidence."""
    latest = max(verified, default=None)
    (row,) = results(
        "core.eligibility",
        "state state_reason mismatch_kind is_evidence_unreadable evidence_from_date",
        roll_finding=[{"person_id": "A", "kind": kind} for kind in holds],
        classification_row=[{"person_id": "A", "verified_date": day, "class": word} for day, word in verified],
        classification_of_year=[{"person_id": "A", "class": latest[1], "verified_date": latest[0]}] if latest else [],
        **{"person": [PERSON], **values},
    )
    return row


REFUND = ((MAY, "返还"),)
CANT_BE_READ = [{"person_id": "A"}]


def test_what_cant_be_read_holds_whom_nothing_else_excludes() -> None:
    """What can be read is evidence enough; the roll's holds come first, and the table's mismatch is raised all the same."""
    assert state(unreadable_evidence=CANT_BE_READ, verified=REFUND) == (
        "unconfirmed",
        "evidence_unreadable",
        None,
        True,
        None,
    )
    assert state(person=[PERSON | {"schooling_says": "unknown"}], verified=REFUND)[:2] == (
        "unconfirmed",
        "evidence_unreadable",
    )
    assert state(unreadable_evidence=CANT_BE_READ)[:4] == ("unconfirmed", "evidence_unreadable", "unclassified", True)
    assert state(unreadable_evidence=CANT_BE_READ, verified=((MAY, "不符合"),))[:2] == (
        "unconfirmed",
        "evidence_unreadable",
    )
    deceased = [{"person_id": "A", "evidence": "deceased"}]
    assert state(unreadable_evidence=CANT_BE_READ, register_evidence=deceased)[:4] == (
        "excluded",
        "deceased",
        None,
        False,
    )
    held = state(unreadable_evidence=CANT_BE_READ, verified=REFUND, holds=("on_two_township_rolls",))
    assert held[1] == "on_two_township_rolls"
    confirmed = [
        {"person_no": "A", "settled_person_no": "A", "answer": "confirm_eligible", "is_latest_of_person": True}
    ]
    assert state(unreadable_evidence=CANT_BE_READ, applied_reply=confirmed)[0] == "eligible"


def died(day: date | None) -> list[Row]:
    """A died on a day."""
    return [{"person_id": "A", "evidence": "deceased", "from_date": day}]


def test_the_class_before_the_first_day_decides_what_was_paid_before_it() -> None:
    """The latest verified before it, else the latest of all; a hold of the roll stays a hold."""
    assert state(register_evidence=died(JUNE), verified=REFUND)[-1] == JUNE
    assert state(register_evidence=died(None), verified=REFUND)[-1] is None
    later_excluded = state(register_evidence=died(JUNE), verified=(*REFUND, (JULY, "不符合")))
    assert (later_excluded[0], later_excluded[-1]) == ("excluded", JUNE)
    assert state(register_evidence=died(JUNE), verified=((MAY, "不符合"), (JULY, "返还")))[-1] is None
    assert state(register_evidence=died(JUNE), verified=((JULY, "返还"),))[-1] == JUNE
    assert state(register_evidence=died(JUNE))[-1] is None
    assert state(register_evidence=died(JUNE), verified=REFUND, holds=("id_with_two_names",))[-1] is None
    imprisoned = [{"person_id": "A", "evidence": "imprisoned", "from_date": MAY}]
    assert state(register_evidence=died(JUNE) + imprisoned, verified=((date(2019, 4, 1), "返还"),))[-1] == MAY


def line(row_key: int, paid_date: date, **values: Any) -> Row:
    """A collection of the premium for A."""
    usual = {"channel": "collection", "outcome": "success", "amount_yuan": 100, "name_key": "张三", "person_id": "A"}
    return usual | {"row_key": row_key, "line_order": row_key, "paid_date": paid_date} | values


def dispositions(*lines: Row) -> list[tuple[Any, ...]]:
    """What becomes of A's lines, whose evidence holds from 20 June on against a class that pays."""
    eligibility = {"person_no": "A", "state": "unconfirmed", "evidence_from_date": JUNE}
    return results(
        "core.line_judgement",
        "row_key disposition mismatch_kind is_before_evidence",
        person=[PERSON],
        person_row=[{"person_id": "A", "person_no": "A", "name_key": "张三", "snapshot_date": date(2019, 9, 30)}],
        eligibility=[eligibility],
        line_person=[{"row_key": each["row_key"], "person_id": "A"} for each in lines],
        return_row=list(lines),
    )


def test_a_payment_before_the_evidence_is_judged_without_it() -> None:
    """On the day and later by the state; and so is every line where none before it is right."""
    assert dispositions(line(1, MAY)) == [(1, "written_off", None, True)]
    assert dispositions(line(1, JUNE)) == [(1, "disputed", "paid_unconfirmed", False)]
    assert dispositions(line(1, MAY), line(2, JULY)) == [
        (1, "written_off", None, True),
        (2, "disputed", "paid_unconfirmed", False),
    ]
    assert dispositions(line(1, MAY), line(2, date(2019, 6, 1))) == [
        (1, "written_off", None, True),
        (2, "disputed", "paid_twice", True),
    ]
    assert dispositions(line(1, MAY, amount_yuan=50)) == [(1, "disputed", "paid_unconfirmed", False)]


def test_who_was_paid_for_in_time_is_eligible_and_raises_nothing_of_the_table() -> None:
    """And is told as changed after the payment, at the register's row of the first day."""
    eligibility = {"person_no": "A", "state": "unconfirmed", "state_reason": "classification_conflict"}
    eligibility |= {"mismatch_kind": "classification_conflict", "class": "返还"}

    def final(disposition: str, *, is_before: bool) -> list[tuple[Any, ...]]:
        judgement = {"person_no": "A", "disposition": disposition, "is_before_evidence": is_before}
        columns = "state state_reason mismatch_kind class is_paid_before_evidence"
        return results("core.person_state", columns, eligibility=[eligibility], line_judgement=[judgement])

    assert final("written_off", is_before=True) == [("eligible", None, None, "返还", True)]
    unchanged = [("unconfirmed", "classification_conflict", "classification_conflict", "返还", False)]
    assert final("written_off", is_before=False) == final("disputed", is_before=True) == unchanged
    assert results(
        "core.person_finding",
        "kind row_number found_value",
        person=[PERSON | {"township_code": "530113001"}],
        person_state=[{"person_no": "A", "is_paid_before_evidence": True, "state": "eligible"}],
        eligibility=[{"person_no": "A"}],
        register_evidence=[
            {"person_id": "A", "evidence": "moved_out", "from_date": JULY, "row_number": 8},
            {"person_id": "A", "evidence": "deceased", "from_date": JUNE, "row_number": 9},
        ],
    ) == [("changed_after_payment", 9, "2019-06-20 起已死亡")]


def test_what_cant_be_read_is_told_at_its_first_row() -> None:
    """By file, sheet and row, one per person."""
    shown = [
        {"person_id": "A", "file_number": 2, "row_number": 3, "stated_in": "参保登记"},
        {"person_id": "A", "file_number": 1, "row_number": 9, "stated_in": "类别名单"},
    ]
    assert results(
        "core.person_finding",
        "kind row_number",
        person=[PERSON | {"township_code": "530113001", "schooling_says": "unknown", "file_number": 3}],
        person_state=[{"person_no": "A", "state": "unconfirmed"}],
        eligibility=[{"person_no": "A", "is_evidence_unreadable": True}],
        unreadable_evidence=shown,
    ) == [("evidence_unreadable", 9)]


def test_two_valid_ids_under_one_member_number_are_found_once() -> None:
    """In the snapshots of the year, at the first row of the latest one; an empty number joins nobody."""

    def found(*rows: Row) -> list[tuple[Any, ...]]:
        placed = [{"township_code": "530113001", "row_number": key} | row for key, row in enumerate(rows, start=1)]
        return results("core.person_finding", "kind row_number is_warning", roll_row=placed)

    one = {"person_id": "A", "member_no": "7", "snapshot_date": MAY}
    other = {"person_id": "B", "member_no": "7", "snapshot_date": JUNE}
    assert found(one, other) == [("member_with_two_ids", 2, True)]
    assert found(one, one | {"snapshot_date": JUNE}) == []
    assert found(one | {"member_no": None}, other | {"member_no": None}) == []
    assert found(one, other | {"person_id": None}) == []
