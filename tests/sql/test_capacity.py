"""Where staff need help, by township and village: literal rows through the SQL of the capacity tables."""

from datetime import date
from decimal import Decimal
from typing import Any

from .results import rows_of

TANGDAN, TONGDU, UNKNOWN = "530113102", "530113001", "000000000"
SAHAI, LIPING = "530113102201", "530113102202"
TOWNSHIPS = [
    {"township_code": TANGDAN, "township_name": "汤丹镇"},
    {"township_code": TONGDU, "township_name": "铜都街道"},
]


def person(number: int, village: str | None = SAHAI, township: str = TANGDAN) -> dict[str, Any]:
    """A person of the roll, whose number is his ID."""
    return {
        "person_no": f"p{number}",
        "person_id": f"p{number}",
        "person_key": f"k{number}",
        "id_masked": f"530199********000{number}",
        "name_masked": "张**",
        "township_code": township,
        "village_code": village,
    }


def line(row_key: int, outcome: str = "success", township: str = TANGDAN, **more: Any) -> dict[str, Any]:
    """A returned line."""
    return {"row_key": row_key, "outcome": outcome, "township_code": township, "is_self_paid": False, **more}


def judged(row_key: int, number: int | None) -> dict[str, Any]:
    """The judgement of a line: whom it is for."""
    return {"row_key": row_key, "person_no": None if number is None else f"p{number}"}


def village_of(rows: list[dict[str, Any]], village: str | None) -> dict[str, Any]:
    """The row of a village of 汤丹镇."""
    [found] = [row for row in rows if (row["township_code"], row["village_code"]) == (TANGDAN, village)]
    return found


def test_lines_count_for_the_township_that_paid_and_the_village_of_its_persons() -> None:
    """A line for another township's person, or for nobody, stands in the row without a village."""
    rows = rows_of(
        "mart.capacity_village",
        township_of_year=TOWNSHIPS,
        person=[person(1), person(2, LIPING), person(3, None, TONGDU)],
        return_row=[
            line(1, "failed"),
            line(2),
            line(3, "failed"),
            line(4),
            line(5, "failed"),
            line(6, is_self_paid=True),
        ],
        line_judgement=[judged(1, 1), judged(2, 1), judged(3, 2), judged(4, 3), judged(5, None), judged(6, 1)],
    )
    counted = {
        row["village_code"]: (row["roll_count"], row["line_count"], row["failed_count"], row["failure_rate"])
        for row in rows
        if row["township_code"] == TANGDAN
    }
    assert counted == {
        SAHAI: (1, 2, 1, Decimal("0.500000")),
        LIPING: (1, 1, 1, Decimal("1.000000")),
        None: (0, 2, 1, Decimal("0.500000")),
    }


def test_days_run_from_the_transfer_that_paid() -> None:
    """First in, first out: a later top-up pays only for what the first no longer covers, a disputed payment spends money too.

    300 yuan came on 1 March and 100 on 1 June. The fourth payment is the first that the second transfer pays; the fifth has none.
    """
    days = {
        1: date(2019, 3, 21),
        2: date(2019, 6, 11),
        3: date(2019, 6, 12),
        4: date(2019, 6, 13),
        5: date(2019, 6, 14),
    }
    common = {"is_self_paid": False, "amount_yuan": Decimal("100.00"), "outcome": "success", "township_code": TANGDAN}
    rows = rows_of(
        "mart.capacity_village",
        township_of_year=TOWNSHIPS,
        person=[person(number) for number in days],
        return_row=[{**common, "row_key": number, "paid_date": day} for number, day in days.items()],
        line_judgement=[
            {"row_key": number, "person_no": f"p{number}", "disposition": "disputed" if number == 3 else "written_off"}
            for number in days
        ],
        write_off=[
            {"row_key": number, "person_no": f"p{number}", "township_code": TANGDAN, "paid_date": day}
            for number, day in days.items()
            if number != 3
        ],
        township_transfer=[
            {
                "row_key": 11,
                "township_code": TANGDAN,
                "document_date": date(2019, 3, 1),
                "amount_yuan": Decimal("300.00"),
            },
            {
                "row_key": 12,
                "township_code": TANGDAN,
                "document_date": date(2019, 6, 1),
                "amount_yuan": Decimal("100.00"),
            },
            {
                "row_key": 13,
                "township_code": TANGDAN,
                "document_date": date(2019, 6, 2),
                "amount_yuan": Decimal("-50.00"),
            },
            {"row_key": 14, "township_code": TANGDAN, "document_date": None, "amount_yuan": Decimal("500.00")},
            {
                "row_key": 15,
                "township_code": TONGDU,
                "document_date": date(2019, 6, 10),
                "amount_yuan": Decimal("900.00"),
            },
        ],
    )
    found = village_of(rows, SAHAI)
    assert (found["written_off_count"], found["after_transfer_count"]) == (4, 3)
    assert (found["write_off_days"], found["longest_write_off_days"]) == (20 + 102 + 12, 102)


def test_a_payment_before_its_transfer_has_no_days() -> None:
    """The township advanced the money."""
    rows = rows_of(
        "mart.capacity_village",
        township_of_year=TOWNSHIPS,
        person=[person(1)],
        return_row=[line(1, amount_yuan=Decimal("100.00"), paid_date=date(2019, 2, 1))],
        line_judgement=[{"row_key": 1, "person_no": "p1", "disposition": "written_off"}],
        write_off=[{"row_key": 1, "person_no": "p1", "township_code": TANGDAN, "paid_date": date(2019, 2, 1)}],
        township_transfer=[
            {
                "row_key": 11,
                "township_code": TANGDAN,
                "document_date": date(2019, 3, 1),
                "amount_yuan": Decimal("300.00"),
            }
        ],
    )
    found = village_of(rows, SAHAI)
    assert (found["after_transfer_count"], found["write_off_days"], found["longest_write_off_days"]) == (0, 0, None)


def test_mismatches_count_for_who_answers_them_and_persons_once() -> None:
    """Two mismatches of one person, and one of a line for nobody; one of the three is answered."""
    rows = rows_of(
        "mart.capacity_village",
        township_of_year=TOWNSHIPS,
        person=[person(1), person(2), person(3), person(4)],
        mismatch=[
            {"mismatch_id": "m1", "person_no": "p1", "township_code": TANGDAN},
            {"mismatch_id": "m2", "person_no": "p1", "township_code": TANGDAN},
            {"mismatch_id": "m3", "person_no": None, "township_code": TANGDAN},
            {"mismatch_id": "m4", "person_no": None, "township_code": None},
        ],
        roster_mismatch=[
            {"mismatch_id": "m1", "status": "open"},
            {"mismatch_id": "m2", "status": "settled"},
            {"mismatch_id": "m3", "status": "open"},
            {"mismatch_id": "m4", "status": "open"},
        ],
    )
    counts = ("mismatch_count", "open_mismatch_count", "mismatch_person_count", "mismatch_rate")
    assert [village_of(rows, SAHAI)[name] for name in counts] == [2, 1, 1, Decimal("0.250000")]
    assert [village_of(rows, None)[name] for name in counts] == [1, 1, 0, None]


def test_a_township_is_the_sum_of_its_villages_with_rates_of_its_own() -> None:
    """Rates are over the sums, not averages of rates; a township without anything has zeros and no rates."""
    common = {"township_code": TANGDAN, "mismatch_count": 4, "open_mismatch_count": 1, "written_off_count": 5}
    first = {"roll_count": 10, "line_count": 8, "failed_count": 2, "mismatch_person_count": 1, "silent_count": 1}
    second = {"roll_count": 30, "line_count": 2, "failed_count": 2, "mismatch_person_count": 3, "silent_count": 2}
    rows = rows_of(
        "mart.capacity_township",
        township_of_year=TOWNSHIPS,
        capacity_village=[
            {**common, **first, "after_transfer_count": 1, "write_off_days": 10, "longest_write_off_days": 10},
            {**common, **second, "after_transfer_count": 2, "write_off_days": 10, "longest_write_off_days": 7},
        ],
    )
    empty, full = rows
    assert full == {
        "township_code": TANGDAN,
        "township_name": "汤丹镇",
        "roll_count": 40,
        "line_count": 10,
        "failed_count": 4,
        "failure_rate": Decimal("0.400000"),
        "mismatch_count": 8,
        "open_mismatch_count": 2,
        "mismatch_person_count": 4,
        "mismatch_rate": Decimal("0.100000"),
        "written_off_count": 10,
        "after_transfer_count": 3,
        "write_off_days": 20,
        "average_write_off_days": Decimal("6.666667"),
        "longest_write_off_days": 10,
        "silent_count": 3,
    }
    assert empty["township_code"] == TONGDU
    assert {empty[name] for name in first} == {0}
    assert {empty[name] for name in ("failure_rate", "mismatch_rate", "average_write_off_days")} == {None}


VERIFIED = {
    "v1": (date(2019, 11, 1), "0-30"),
    "v2": (date(2019, 10, 31), "31-90"),
    "v3": (date(2019, 9, 2), "31-90"),
    "v4": (date(2019, 9, 1), "91-180"),
    "v5": (date(2019, 6, 4), "91-180"),
    "v6": (date(2019, 6, 3), "over 180"),
    "v7": (None, "undated"),
}
"""A village a person: when he was verified, and the age of his batch on 1 December 2019."""


def silent_by_village(as_of: date | None) -> dict[str, tuple[str, int]]:
    """Age of the batch and number of silent persons by village; of one more person a list says something."""
    names = dict(enumerate(VERIFIED, start=1))
    rows = rows_of(
        "mart.capacity_silence",
        as_of=as_of,
        township_of_year=TOWNSHIPS,
        person=[person(place, village) for place, village in names.items()] + [person(9)],
        uncovered_reason=[{"person_no": f"p{place}", "uncovered_reason": "silent"} for place in names]
        + [{"person_no": "p9", "uncovered_reason": "disputed"}],
        classification_of_year=[
            {"person_id": f"p{place}", "verified_date": VERIFIED[village][0]}
            for place, village in names.items()
            if VERIFIED[village][0]
        ],
        file_status=[
            {"source": "bank_returns", "status": "read", "file_date": date(2019, 12, 1)},
            {"source": "tax_returns", "status": "refused", "file_date": date(2019, 12, 30)},
            {"source": "classification", "status": "read", "file_date": date(2019, 12, 30)},
        ],
    )
    return {row["village_code"]: (row["batch_age"], row["person_count"]) for row in rows}


def test_silence_is_counted_from_the_verification_to_the_newest_list() -> None:
    """The newest list that is read is of 1 December; a refused one and a classification don't count."""
    assert silent_by_village(None) == {village: (age, 1) for village, (_, age) in VERIFIED.items()}


def test_silence_is_counted_to_the_day_looked_back_from() -> None:
    """A day earlier, who was verified on 31 October has waited for 30 days."""
    assert silent_by_village(date(2019, 11, 30))["v2"] == ("0-30", 1)
