"""Section 2: when an ID is valid, and what an invalid one is called."""

from datetime import date
from typing import Any

import pytest

from tests.ids import with_check

from .results import results


def well_formed(*id_texts: str) -> list[tuple[Any, ...]]:
    """What `core.identity_number` says of numbers on the roll."""
    rows = [{"id_text": id_text} for id_text in id_texts]
    return results("core.identity_number", "has_right_check has_province birth_date", landed_row=rows)


def read(id_text: str | None, *, is_number: bool = False, stated_date: date | None = None) -> tuple[Any, ...]:
    """Person and problem of a roll row with this ID."""
    numbers = results(
        "core.identity_number", "id_text has_right_check has_province birth_date", landed_row=[{"id_text": id_text}]
    )
    columns = ("id_text", "has_right_check", "has_province", "birth_date")
    (row,) = results(
        "core.row_identity",
        "person_id id_problem",
        landed_row=[
            {"row_key": 1, "file_name": "a", "source": "poverty_roll", "id_text": id_text, "id_is_number": is_number}
        ],
        row_fate=[{"row_key": 1, "fate": "accepted"}],
        file_status=[{"file_name": "a", "stated_date": stated_date}],
        identity_number=[dict(zip(columns, number, strict=True)) for number in numbers],
    )
    return row


def test_no_year_is_called_0() -> None:
    """Whatever its check character says."""
    assert well_formed(with_check("53019900000615001")) == [(True, True, None)]
    assert read(with_check("53019900000615001")) == (None, "invalid_id")


def test_the_check_character_is_that_of_iso_7064() -> None:
    """Of all eleven, X among them; the literal ID is that of the standard's own example."""
    assert well_formed("11010519491231002X") == [(True, True, date(1949, 12, 31))]
    numbers = [with_check(f"53019919850615{number}") for number in range(100, 140)]
    assert {number[17] for number in numbers} == set("0123456789X")
    assert well_formed(*numbers) == [(True, True, date(1985, 6, 15))] * 40


def test_a_wrong_check_province_or_date_is_seen() -> None:
    """A province 99, a 30 February; a text that is no number of 18 characters isn't listed at all."""
    right = with_check("53019919850615001")
    wrong = right[:17] + ("0" if right[17] != "0" else "1")
    assert well_formed(wrong) == [(False, True, date(1985, 6, 15))]
    assert well_formed(with_check("99019919850615001")) == [(True, False, date(1985, 6, 15))]
    assert well_formed(with_check("53019919850230001")) == [(True, True, None)]
    assert well_formed("5301") == []


def test_an_id_without_fault_is_a_person() -> None:
    """The area code need not be one of today's: 5302 was 东川's before 1999."""
    for area in ("530199", "530201"):
        id_text = with_check(f"{area}19850615001")
        assert read(id_text) == (id_text, None)


@pytest.mark.parametrize("id_text", [None, "5301", with_check("53019919850230001"), with_check("99019919850615001")])
def test_any_other_id_is_invalid(id_text: str | None) -> None:
    """The empty one too."""
    assert read(id_text) == (None, "invalid_id")


def test_a_number_has_lost_its_last_digits() -> None:
    """Even where the check digit happens to fit; a text that ends in 000 only where its check fails."""
    fitting = next(
        with_check(f"5301991985061{number:03}0")
        for number in range(1000)
        if with_check(f"5301991985061{number:03}0")[17] == "0"
    )
    assert read(fitting, is_number=True) == (None, "id_precision_lost")
    assert read("530199198506150000") == (None, "id_precision_lost")
    ending_in_000 = next(
        with_check(f"53019919850615{number}00")
        for number in range(10)
        if with_check(f"53019919850615{number}00").endswith("000")
    )
    assert read(ending_in_000) == (ending_in_000, None)


def test_nobody_is_born_after_the_date_that_the_file_states() -> None:
    """A file without a date is judged by the end of the year."""
    id_text = with_check("53019920190501001")
    assert read(id_text, stated_date=date(2019, 3, 31)) == (None, "invalid_id")
    assert read(id_text, stated_date=date(2019, 5, 1)) == (id_text, None)
    assert read(id_text) == (id_text, None)
    assert read(with_check("53019920200101001")) == (None, "invalid_id")
