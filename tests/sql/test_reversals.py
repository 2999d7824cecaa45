"""Section 5: which reversal undoes which success, and the dispositions that follow."""

from datetime import date
from typing import Any

from .results import Row, results


def line(row_key: int, day: int, outcome: str, **values: Any) -> Row:
    """A refund of 100 yuan to A on a day of June, in the order of its key."""
    usual = {"channel": "refund", "amount_yuan": 100, "line_order": row_key, "person_id": "A"}
    return usual | {"row_key": row_key, "paid_date": date(2019, 6, day), "outcome": outcome} | values


def pairs(*lines: Row) -> list[tuple[Any, ...]]:
    """Which success each reversal undoes: reversal, success."""
    persons = [{"row_key": each["row_key"], "person_id": each["person_id"]} for each in lines]
    found = results("core.line_pairing", "row_key other_row_key", return_row=list(lines), line_person=persons)
    reversals = {each["row_key"] for each in lines if each["outcome"] == "reversed"}
    return [pair for pair in found if pair[0] in reversals]


def test_a_reversal_undoes_the_latest_success_on_or_before_it() -> None:
    """A success after it stays; one of the same date counts as before it."""
    assert pairs(line(1, 1, "success"), line(2, 5, "success"), line(3, 6, "reversed")) == [(3, 2)]
    assert pairs(line(1, 1, "success"), line(2, 7, "success"), line(3, 6, "reversed")) == [(3, 1)]
    assert pairs(line(1, 6, "reversed"), line(2, 6, "success")) == [(1, 2)]
    assert pairs(line(1, 7, "success"), line(2, 6, "reversed")) == []


def test_each_success_is_undone_once() -> None:
    """The second reversal takes the one before; a third finds nothing."""
    successes = (line(1, 1, "success"), line(2, 5, "success"))
    reversals = (line(3, 6, "reversed"), line(4, 7, "reversed"), line(5, 8, "reversed"))
    assert pairs(*successes, *reversals) == [(3, 2), (4, 1)]


def test_a_reversal_without_payment_blocks_no_later_pair() -> None:
    """What finds nothing open is passed over."""
    assert pairs(line(1, 1, "reversed"), line(2, 2, "success"), line(3, 3, "reversed")) == [(3, 2)]


def test_on_one_date_the_last_by_batch_and_line_is_undone() -> None:
    """Whatever order the rows have."""
    assert pairs(line(2, 1, "success"), line(1, 1, "success"), line(3, 1, "reversed")) == [(3, 2)]


def test_only_the_same_channel_person_and_amount_pair() -> None:
    """Lines without a valid ID pair with nothing, nor does what a person paid himself."""
    reversal = line(9, 9, "reversed")
    assert pairs(line(1, 1, "success", channel="collection"), reversal) == []
    assert pairs(line(1, 1, "success", amount_yuan=50), reversal) == []
    assert pairs(line(1, 1, "success", person_id="B"), reversal) == []
    assert pairs(line(1, 1, "success", is_self_paid=True), reversal) == []
    nobody = line(9, 9, "reversed", person_id=None)
    assert pairs(line(1, 1, "success", person_id=None), nobody) == []
    assert pairs(line(1, 1, "success", township_code="530113001"), reversal) == [(9, 1)]


def test_every_line_has_exactly_one_disposition() -> None:
    """What the sender says, what a pair nets, and a reversal that finds nothing."""
    lines = [
        line(1, 1, "success", is_self_paid=True, channel="collection"),
        line(2, 1, "failed"),
        line(3, 1, "unknown"),
        line(4, 2, "success"),
        line(5, 3, "reversed"),
        line(6, 4, "reversed"),
        line(7, 5, "success"),
        line(8, 1, "unrecognised"),
        line(9, 1, "unrecognised", is_self_paid=True),
    ]
    assert results(
        "core.line_judgement",
        "row_key disposition mismatch_kind",
        return_row=lines,
        line_person=[{"row_key": each["row_key"], "person_id": "A"} for each in lines],
        line_pairing=[{"row_key": 4, "other_row_key": 5}, {"row_key": 5, "other_row_key": 4}],
    ) == [
        (1, "self_paid", None),
        (2, "failed", None),
        (3, "unknown", None),
        (4, "reversed", None),
        (5, "reversal", None),
        (6, "disputed", "reversal_without_payment"),
        (7, "disputed", "not_on_roll"),
        (8, "unrecognised", "unknown_outcome"),
        (9, "self_paid", None),
    ]


def test_lines_of_one_date_are_ordered_by_document_and_line_as_a_number() -> None:
    """Then by file, sheet, row: 10 comes after 9.4, and that after 9.2."""
    lines = [
        {"row_key": 1, "file_name": "b", "batch_no": "B01", "line_no": "10"},
        {"row_key": 2, "file_name": "a", "batch_no": "B01", "line_no": "9"},
        {"row_key": 3, "file_name": "a", "batch_no": "A09", "line_no": "11"},
        {"row_key": 4, "file_name": "a", "batch_no": "B01", "line_no": "10"},
        {"row_key": 5, "file_name": "a", "batch_no": "B01", "line_no": "9.4"},
        {"row_key": 6, "file_name": "a", "batch_no": "B01", "line_no": "9.2"},
    ]
    plain = {"amount_yuan": 100, "outcome": "success"}
    assert results(
        "core.return_row",
        "line_order row_key",
        bank_returns=[each | plain for each in lines],
        row_identity=[
            {"row_key": each["row_key"], "file_number": 1 if each["file_name"] == "a" else 2} for each in lines
        ],
    ) == [(1, 3), (2, 2), (3, 6), (4, 5), (5, 4), (6, 1)]
