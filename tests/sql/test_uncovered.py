"""Section 5: why an eligible person is not covered; and the ladder that counts the reasons."""

from datetime import date
from typing import Any

from .results import Row, results


def line(
    row_key: int, outcome: str, disposition: str | None = None, *, day: int | None = 1, **values: Any
) -> tuple[Row, Row]:
    """A line of A on a day of June, and its judgement."""
    paid_date = None if day is None else date(2019, 6, day)
    row = {"row_key": row_key, "outcome": outcome, "paid_date": paid_date} | values
    judgement = {"row_key": row_key, "person_no": "A", "disposition": disposition or outcome}
    return row, judgement | {"is_live": outcome == "success" and disposition == "disputed"}


def reason(*lines: tuple[Row, Row], state: str = "eligible", is_written_off: bool = False) -> str | None:
    """Why A is uncovered."""
    found = results(
        "core.uncovered_reason",
        "uncovered_reason",
        person_state=[{"person_no": "A", "state": state}],
        write_off=[{"person_no": "A"}] if is_written_off else [],
        return_row=[row for row, _ in lines],
        line_judgement=[judgement for _, judgement in lines],
    )
    return found[0][0] if found else None


def test_nothing_but_what_he_paid_himself_is_silence() -> None:
    """No line at all, too."""
    assert reason() == "silent"
    assert reason(line(1, "success", "self_paid", is_self_paid=True)) == "silent"


def test_who_is_covered_or_not_eligible_has_no_reason() -> None:
    """The ladder has other rungs for them."""
    assert reason(is_written_off=True) is None
    assert reason(state="excluded") is None and reason(state="unconfirmed") is None


def test_a_disputed_payment_comes_before_everything() -> None:
    """Even before a later reversal; a reversal without payment is no payment."""
    assert reason(line(1, "success", "disputed"), line(2, "reversed", "disputed", day=9)) == "disputed"
    assert reason(line(1, "reversed", "disputed")) == "reversed"


def test_the_last_line_by_date_decides() -> None:
    """Undated lines come first of all."""
    assert reason(line(1, "failed", failure_reason="account_lost"), line(2, "unknown", day=2)) == "outcome_unknown"
    assert reason(line(1, "unknown"), line(2, "failed", day=2, failure_reason="other")) == "return_failed:other"
    assert reason(line(1, "unknown", day=None), line(2, "failed", failure_reason="other")) == "return_failed:other"
    undone = (line(1, "success", "reversed", day=3), line(2, "reversed", "reversal", day=4))
    assert reason(*undone) == "reversed"
    assert reason(*undone, line(3, "failed", day=5, failure_reason="other")) == "return_failed:other"


def test_on_one_date_a_reversal_decides_then_an_unknown_then_a_failed_line() -> None:
    """Of several failures the reason that is first in text order."""
    failed, other = line(1, "failed", failure_reason="name_mismatch"), line(2, "failed", failure_reason="account_lost")
    unknown, reversal = line(3, "unknown"), line(4, "reversed", "reversal")
    assert reason(failed, other) == "return_failed:account_lost"
    assert reason(failed, other, unknown) == "outcome_unknown"
    assert reason(failed, other, unknown, reversal) == "reversed"


def test_the_ladder_has_every_township_and_only_reasons_that_occur() -> None:
    """Roll, eligible and covered stand there with 0 too."""
    persons = [
        {"person_key": "1", "township_code": "A", "state": "eligible", "written_off_yuan": 100},
        {"person_key": "2", "township_code": "A", "state": "eligible", "uncovered_reason": "silent"},
        {"person_key": "3", "township_code": "A", "state": "excluded", "state_reason": "deceased"},
        {"person_key": "4", "township_code": "A", "state": "excluded", "state_reason": "deceased"},
        {"person_key": "5", "township_code": "A", "state": "unconfirmed", "state_reason": "unclassified"},
    ]
    rungs = results(
        "mart.coverage_ladder",
        "township_code step reason person_count",
        person_year=persons,
        township_of_year=[{"township_code": "A"}, {"township_code": "B"}],
    )
    assert rungs == [
        ("A", 1, None, 5),
        ("A", 2, "deceased", 2),
        ("A", 3, "unclassified", 1),
        ("A", 4, None, 2),
        ("A", 5, "silent", 1),
        ("A", 6, None, 1),
        ("B", 1, None, 0),
        ("B", 4, None, 0),
        ("B", 6, None, 0),
    ]


def test_participation_counts_the_persons_of_each_township() -> None:
    """The planned headcount is that of the transfers, null where none states it."""
    eligible = {"township_code": "A", "state": "eligible"}
    persons = [
        eligible | {"person_key": "1", "channel": "refund", "written_off_yuan": 100},
        eligible | {"person_key": "2", "channel": "collection", "written_off_yuan": 100},
        eligible | {"person_key": "3", "uncovered_reason": "silent"},
        {"person_key": "4", "township_code": "A", "state": "excluded", "state_reason": "deceased"},
    ]
    columns = "township_code roll_count planned_count eligible_count refunded_count paid_on_behalf_count covered_count"
    rows = results(
        "mart.township_participation",
        f"{columns} uncovered_count participation_rate target_completion_rate",
        person_year=persons,
        township_of_year=[{"township_code": "A"}, {"township_code": "B"}],
        township_transfer=[
            {"township_code": "A", "planned_count": 3},
            {"township_code": "A", "planned_count": 1},
            {"township_code": "B", "planned_count": None},
        ],
    )
    shown = [tuple(str(value) for value in row) for row in rows]
    assert shown == [
        ("A", "4", "4", "3", "1", "1", "2", "1", "0.666667", "0.500000"),
        ("B", "0", "None", "0", "0", "0", "0", "0", "None", "None"),
    ]
