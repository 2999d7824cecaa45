"""Who has paid and who hasn't, and where a payment hangs."""

from datetime import date

from .results import Row, results

PAID_DATE = date(2019, 6, 12)
SELF_PAID_DATE = date(2019, 3, 1)
PAYMENTS = (
    ("eligible", None, None, True, True, "paid", None),
    ("eligible", None, "silent", False, True, "self_paid", None),
    ("eligible", None, "silent", False, False, "silent", None),
    ("eligible", None, "disputed", False, True, "disputed", None),
    ("eligible", None, "reversed", False, False, "reversed", None),
    ("eligible", None, "outcome_unknown", False, False, "outcome_unknown", None),
    ("eligible", None, "return_failed:account_closed", False, True, "return_failed", "account_closed"),
    ("unconfirmed", "unclassified", None, False, True, "unconfirmed", None),
    ("excluded", "deceased", None, False, False, "not_due", None),
)
"""State, its reason, why uncovered, whether written off, whether self-paid; then the status and the failure's reason."""


def person(number: int) -> Row:
    """A person of the roll, whose number is his ID."""
    return {"person_no": f"p{number}", "person_id": f"p{number}", "person_key": f"k{number}"}


def test_every_person_has_one_payment_status() -> None:
    """The first that applies; who paid himself waits for his refund only while no list says anything."""
    persons = dict(enumerate(PAYMENTS, start=1))
    rows = results(
        "mart.payment_status",
        "person_key payment_status failure_reason state_reason paid_date self_paid_date",
        person=[person(number) for number in persons],
        person_state=[
            {"person_no": f"p{number}", "state": state, "state_reason": reason}
            for number, (state, reason, *_) in persons.items()
        ],
        uncovered_reason=[
            {"person_no": f"p{number}", "uncovered_reason": case[2]} for number, case in persons.items() if case[2]
        ],
        write_off=[{"person_no": f"p{number}", "paid_date": PAID_DATE} for number, case in persons.items() if case[3]],
        self_payment=[
            {"person_id": f"p{number}", "self_paid_date": SELF_PAID_DATE} for number, case in persons.items() if case[4]
        ],
    )
    assert rows == [
        (
            f"k{number}",
            status,
            failure,
            reason,
            PAID_DATE if is_paid else None,
            SELF_PAID_DATE if is_self_paid else None,
        )
        for number, (_, reason, _, is_paid, is_self_paid, status, failure) in persons.items()
    ]


def test_the_last_line_is_dated_without_those_that_the_person_paid_himself() -> None:
    """Of three lines the later of the two that the fund paid."""
    rows = results(
        "mart.payment_status",
        "last_line_date",
        person=[person(1)],
        person_state=[{"person_no": "p1", "state": "eligible"}],
        return_row=[
            {"row_key": 1, "paid_date": date(2019, 6, 12), "is_self_paid": False},
            {"row_key": 2, "paid_date": date(2019, 5, 1), "is_self_paid": False},
            {"row_key": 3, "paid_date": date(2019, 7, 1), "is_self_paid": True},
        ],
        line_judgement=[{"row_key": row_key, "person_no": "p1"} for row_key in (1, 2, 3)],
    )
    assert rows == [(date(2019, 6, 12),)]
