"""Section 5: the ten tests of a live success, in their order, and the one line that is written off."""

from datetime import date
from typing import Any

from .results import Row, results

PREMIUM = 100
A_PERSON = {
    "person_no": "A",
    "person_id": "A",
    "township_code": "530113001",
    "snapshot_date": date(2019, 9, 30),
    "end_birthday_date": date(2045, 6, 15),
}
SAME_NAME = [{"person_id": "A", "person_no": "A", "name_key": "张三", "snapshot_date": date(2019, 9, 30)}]


def collected(row_key: int = 1, **values: Any) -> Row:
    """A collection of the premium for A in June, under his name."""
    usual = {"channel": "collection", "outcome": "success", "amount_yuan": PREMIUM, "name_key": "张三"}
    return (
        usual | {"row_key": row_key, "line_order": row_key, "paid_date": date(2019, 6, 20), "person_id": "A"} | values
    )


def refunded(row_key: int = 1, **values: Any) -> Row:
    """A refund of the premium to A in June."""
    return collected(row_key, **{"channel": "refund"} | values)


def judged(
    *lines: Row,
    state: str = "eligible",
    person: Row | None = None,
    columns: str = "row_key disposition mismatch_kind",
    **inputs: Any,
) -> list[tuple[Any, ...]]:
    """Dispositions and failed tests of these lines, A being on the roll as 张三."""
    usual: dict[str, list[Row]] = {
        "person": [person or A_PERSON],
        "person_row": SAME_NAME,
        "eligibility": [{"person_no": "A", "state": state}],
        "line_person": [{"row_key": each["row_key"], "person_id": each["person_id"]} for each in lines],
    }
    return results("core.line_judgement", columns, return_row=list(lines), **usual | inputs)


def first_that_fails(line: Row, **values: Any) -> str | None:
    """The kind of the first test that a line fails."""
    ((_, disposition, kind),) = judged(line, **values)
    assert (disposition == "written_off") == (kind is None)
    return None if kind is None else str(kind)


def test_a_line_that_passes_every_test_is_written_off() -> None:
    """Of the premium, in the year, for an eligible person under his own name."""
    assert judged(collected()) == [(1, "written_off", None)]


def test_1_the_id_of_the_line() -> None:
    """It comes before everything else, as nobody is meant."""
    assert first_that_fails(collected(person_id=None, id_problem="invalid_id", amount_yuan=50)) == "invalid_id"
    assert first_that_fails(collected(person_id=None, id_problem="id_precision_lost")) == "id_precision_lost"


def test_2_the_roll() -> None:
    """A person on no snapshot of the year."""
    assert first_that_fails(collected(person_id="B")) == "not_on_roll"


def test_3_the_name() -> None:
    """It differs from each name of the latest snapshot; one that agrees but for a lost character passes."""
    other = collected(name_key="李四")
    assert first_that_fails(other, state="excluded") == "name_mismatch"
    assert first_that_fails(collected(name_key=None)) == "name_mismatch"
    earlier = {"person_id": "A", "person_no": "A", "name_key": "李四", "snapshot_date": date(2019, 3, 31)}
    assert first_that_fails(other, person_row=[*SAME_NAME, earlier]) == "name_mismatch"
    twin = earlier | {"snapshot_date": date(2019, 9, 30)}
    assert first_that_fails(other, person_row=[*SAME_NAME, twin]) is None
    agreeing = [{"name_key": "张?", "other_name_key": "张三"}]
    assert first_that_fails(collected(name_key="张?"), unreadable_name=agreeing) is None
    assert judged(collected(name_key="张?"), unreadable_name=agreeing, columns="is_name_unreadable") == [(True,)]


def test_4_the_state() -> None:
    """Before the amount."""
    assert first_that_fails(collected(amount_yuan=50), state="excluded") == "paid_ineligible"
    assert first_that_fails(collected(amount_yuan=50), state="unconfirmed") == "paid_unconfirmed"


def test_5_the_amount() -> None:
    """Exactly the premium; before the window."""
    for amount in ("99.99", "100.01", "200.00"):
        assert first_that_fails(collected(amount_yuan=amount, paid_date=date(2018, 1, 1))) == "amount_mismatch"


def test_6_the_window() -> None:
    """First and last day of the year are inside; a stated period outside the year is not."""
    assert first_that_fails(collected(paid_date=date(2018, 12, 31))) == "outside_window"
    assert first_that_fails(collected(paid_date=date(2020, 1, 1))) == "outside_window"
    assert first_that_fails(collected(paid_date=date(2019, 1, 1))) is None
    assert first_that_fails(collected(paid_date=date(2019, 12, 31))) is None
    assert first_that_fails(collected(period_from_date=date(2018, 12, 31))) == "outside_window"
    assert first_that_fails(collected(period_to_date=date(2020, 1, 1))) == "outside_window"
    whole_year = {"period_from_date": date(2019, 1, 1), "period_to_date": date(2019, 12, 31)}
    assert first_that_fails(collected(**whole_year)) is None


def test_7_the_60th_birthday() -> None:
    """Paid on it is too late; before it is in time."""
    turning = A_PERSON | {"end_birthday_date": date(2019, 6, 20)}
    assert first_that_fails(collected(), person=turning) == "paid_after_60"
    assert first_that_fails(collected(paid_date=date(2019, 6, 19)), person=turning) is None


HAS_REGISTER = [{"source": "pension_register", "status": "read"}]


def test_8_a_refund_needs_a_payment_of_his_own() -> None:
    """Dated on or before the refund, where the year has a register that was read."""

    def kind(*days: date) -> str | None:
        paid = [{"person_id": "A", "self_paid_date": min(days)}] if days else []
        return first_that_fails(refunded(), self_payment=paid, file_status=HAS_REGISTER)

    assert kind() == "refund_without_self_payment"
    assert kind(date(2019, 6, 20)) is None
    assert kind(date(2019, 6, 21)) == "refund_without_self_payment"
    assert kind(date(2019, 6, 21), date(2018, 12, 1)) is None
    assert first_that_fails(collected(), file_status=HAS_REGISTER) is None
    assert first_that_fails(refunded()) is None
    assert first_that_fails(refunded(), file_status=[{"source": "pension_register", "status": "refused"}]) is None


def test_8_what_a_person_paid_himself() -> None:
    """At least the premium, by the register or a successful line 个人缴费 of the tax bureau; undated it proves nothing."""
    day = date(2019, 6, 1)
    register = [
        {"row_key": 1, "self_paid_amount_yuan": PREMIUM, "self_paid_date": day},
        {"row_key": 2, "self_paid_amount_yuan": 2 * PREMIUM, "self_paid_date": day},
        {"row_key": 3, "self_paid_amount_yuan": "99.99", "self_paid_date": day},
        {"row_key": 4, "self_paid_amount_yuan": PREMIUM, "self_paid_date": None},
        {"row_key": 5, "self_paid_amount_yuan": PREMIUM, "self_paid_date": day},
    ]
    persons = {1: "A", 2: "B", 3: "C", 4: "D", 5: None}
    lines = [
        collected(6, person_id="E", is_self_paid=True, paid_date=day),
        collected(7, person_id="F", is_self_paid=True, paid_date=day, outcome="failed"),
        collected(8, person_id="G", is_self_paid=True, paid_date=day, amount_yuan=50),
        collected(9, person_id="H", paid_date=day),
    ]
    assert results(
        "core.self_payment",
        "person_id self_paid_date",
        pension_register=register,
        row_identity=[{"row_key": key, "person_id": person} for key, person in persons.items()],
        return_row=lines,
        line_person=[{"row_key": line["row_key"], "person_id": line["person_id"]} for line in lines],
    ) == [("A", day), ("B", day), ("E", day)]


def given_back(*lines: Row, registered: date | None = None) -> list[tuple[Any, ...]]:
    """The payments of A himself, with the days on which they were given back."""
    persons = [{"row_key": line["row_key"], "person_id": "A"} for line in lines]
    pairs = results("core.line_pairing", "row_key other_row_key", return_row=list(lines), line_person=persons)
    return results(
        "core.self_payment",
        "self_paid_date given_back_date",
        pension_register=[{"row_key": 99, "self_paid_amount_yuan": PREMIUM, "self_paid_date": registered}],
        row_identity=[{"row_key": 99, "person_id": "A"}],
        return_row=list(lines),
        line_person=persons,
        line_pairing=[dict(zip(("row_key", "other_row_key"), pair, strict=True)) for pair in pairs],
    )


def test_8_what_was_given_back_is_no_payment() -> None:
    """A reversal of 个人缴费 undoes the latest line; without one it takes back what the register says was paid before."""
    may, june, july = date(2019, 5, 1), date(2019, 6, 1), date(2019, 7, 1)
    paid = collected(1, is_self_paid=True, paid_date=may)
    reversal = collected(2, is_self_paid=True, paid_date=july, outcome="reversed")
    assert given_back(paid) == [(may, None)]
    assert given_back(paid, reversal) == [(may, july)]
    again = collected(3, is_self_paid=True, paid_date=june)
    assert given_back(paid, reversal, again) == [(may, None), (june, july)]
    assert given_back(reversal, registered=june) == [(june, july)]
    assert given_back(reversal, registered=date(2019, 8, 1)) == [(date(2019, 8, 1), None)]
    assert given_back(
        collected(2, is_self_paid=True, paid_date=july, outcome="reversed", amount_yuan=50), registered=june
    ) == [(june, None)]

    def kind(given_back_date: date) -> str | None:
        payment = {"person_id": "A", "self_paid_date": may, "given_back_date": given_back_date}
        return first_that_fails(refunded(), self_payment=[payment], file_status=HAS_REGISTER)

    assert kind(date(2019, 6, 20)) == "refund_without_self_payment"
    assert kind(date(2019, 6, 21)) is None


def test_9_nothing_unclear_came_later() -> None:
    """On the same channel, on its date or later or undated, whatever the amount: in a line nobody knows or a quarantined row."""

    def kinds(*lines: Row, **values: Any) -> list[str | None]:
        return [kind for _, _, kind in judged(collected(), *lines, **values)]

    def unclear(**values: Any) -> Row:
        return collected(2, outcome="unrecognised", amount_yuan=50, **values)

    assert kinds(unclear()) == ["outcome_unclear", "unknown_outcome"]
    assert kinds(unclear(paid_date=None)) == ["outcome_unclear", "unknown_outcome"]
    assert kinds(unclear(paid_date=date(2019, 6, 19))) == [None, "unknown_outcome"]
    assert kinds(unclear(channel="refund")) == [None, "unknown_outcome"]
    assert kinds(unclear(is_self_paid=True)) == [None, None]
    row = {"channel": "collection", "person_id": "A", "paid_date": None}
    assert kinds(quarantined_return=[row]) == ["outcome_unclear"]
    assert kinds(quarantined_return=[row | {"person_id": "B"}]) == [None]
    register = [{"source": "pension_register", "status": "read"}]
    assert first_that_fails(refunded(), quarantined_return=[row], file_status=register) == "refund_without_self_payment"


def test_9_a_quarantined_row_that_may_have_taken_money_back() -> None:
    """Reversed, or in a word that nobody knows; what he paid himself apart."""
    rows = [
        {"row_key": 1, "outcome": "reversed"},
        {"row_key": 2, "outcome": "unrecognised", "payer_kind": "财政代缴"},
        {"row_key": 3, "outcome": "reversed", "payer_kind": "个人缴费"},
        {"row_key": 4, "outcome": "success"},
        {"row_key": 5, "outcome": "reversed"},
        {"row_key": 6, "outcome": "reversed"},
    ]
    fates = {5: "accepted", 6: "dropped"}
    identities = [{"row_key": key, "person_id": "A", "fate": fates.get(key, "quarantined")} for key in range(1, 7)]
    assert results("core.quarantined_return", "row_key channel", tax_returns=rows, row_identity=identities) == [
        (1, "collection"),
        (2, "collection"),
    ]


def test_10_only_the_earliest_line_is_written_off() -> None:
    """Every other is paid twice, or in both channels."""
    later = collected(2, paid_date=date(2019, 7, 1))
    assert judged(collected(), later) == [(1, "written_off", None), (2, "disputed", "paid_twice")]
    assert judged(refunded(), later) == [(1, "written_off", None), (2, "disputed", "paid_in_both_channels")]
    three = judged(refunded(), later, refunded(3, paid_date=date(2019, 8, 1)))
    assert [kind for _, _, kind in three] == [None, "paid_in_both_channels", "paid_twice"]


def test_10_on_one_date_a_collection_comes_first_then_the_line() -> None:
    """A line that failed an earlier test is no candidate."""
    assert judged(refunded(), collected(2)) == [(1, "disputed", "paid_in_both_channels"), (2, "written_off", None)]
    assert judged(collected(2, line_order=1), collected(1, line_order=2)) == [
        (1, "disputed", "paid_twice"),
        (2, "written_off", None),
    ]
    assert judged(collected(amount_yuan=50), collected(2, paid_date=date(2019, 12, 1))) == [
        (1, "disputed", "amount_mismatch"),
        (2, "written_off", None),
    ]


def test_a_reply_that_names_the_person_passes_the_first_three_tests() -> None:
    """The line has neither his ID nor his name."""
    line = collected(person_id=None, id_problem="invalid_id", name_key="李四")
    named = [{"row_key": 1, "person_id": "A", "is_confirmed": True}]
    assert judged(line, line_person=named) == [(1, "written_off", None)]
    assert judged(line, line_person=named, state="excluded") == [(1, "disputed", "paid_ineligible")]
