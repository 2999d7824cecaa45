"""What the store refuses, whatever a query says: second write-offs, second dispositions, figures that don't add up."""

import duckdb
import pytest

from pipeline.privacy import scrubbed

from .results import Row, stored

WRITE_OFF = {"person_no": "530199198506150017", "channel": "refund", "amount_yuan": 100}


def test_a_second_write_off_of_a_person_and_year_is_refused() -> None:
    """And what is said of it holds no value; another person, or another year, is none."""
    with pytest.raises(duckdb.ConstraintException) as refused:
        stored("core.write_off", [WRITE_OFF, WRITE_OFF | {"channel": "collection"}])
    assert "530199198506150017" in str(refused.value)
    assert scrubbed(refused.value) == "ConstraintException: Constraint Error"
    stored("core.write_off", [WRITE_OFF, WRITE_OFF | {"policy_year": 2018}, WRITE_OFF | {"person_no": "another"}])


def test_a_second_disposition_of_a_line_is_refused() -> None:
    """One line, one disposition."""
    line = {"row_key": 1, "disposition": "written_off"}
    with pytest.raises(duckdb.ConstraintException):
        stored("core.line_judgement", [line, line | {"disposition": "disputed"}])
    with pytest.raises(duckdb.ConstraintException):
        stored("core.line_judgement", [line | {"disposition": "lost"}])


FUND = {"township_code": "1", "allocated_yuan": 100, "paid_out_yuan": 90, "used_yuan": 60, "disputed_yuan": 30}
BALANCED = FUND | {"balance_yuan": 40, "cash_balance_yuan": 10}


@pytest.mark.parametrize("column", ["balance_yuan", "cash_balance_yuan", "disputed_yuan"])
def test_a_township_whose_figures_dont_add_up_is_refused(column: str) -> None:
    """Balance is allocated - used, cash balance is allocated - paid out, disputed is paid out - used."""
    stored("mart.township_fund", [BALANCED])
    with pytest.raises(duckdb.ConstraintException):
        stored("mart.township_fund", [BALANCED | {column: BALANCED[column] + 1}])


PERSON = {"person_key": "1", "state": "eligible", "uncovered_reason": "silent"}


@pytest.mark.parametrize(
    "person",
    [
        PERSON | {"state_reason": "deceased"},
        PERSON | {"uncovered_reason": None},
        PERSON | {"state": "excluded", "state_reason": "deceased"},
        {
            "person_key": "1",
            "state": "excluded",
            "state_reason": "deceased",
            "written_off_yuan": 100,
            "channel": "refund",
        },
    ],
)
def test_a_person_whose_columns_contradict_each_other_is_refused(person: Row) -> None:
    """The eligible have no reason, are covered or have a reason why not; nobody else is either."""
    stored("core.person_year", [PERSON])
    with pytest.raises(duckdb.ConstraintException):
        stored("core.person_year", [person])


def test_a_file_whose_rows_dont_add_up_is_refused() -> None:
    """Read = accepted + quarantined + dropped."""
    file = {
        "file_name": "a",
        "status": "read",
        "rows_read": 3,
        "rows_accepted": 1,
        "rows_quarantined": 1,
        "rows_dropped": 1,
    }
    stored("mart.source_file", [file])
    with pytest.raises(duckdb.ConstraintException):
        stored("mart.source_file", [file | {"rows_read": 4}])
    with pytest.raises(duckdb.ConstraintException):
        stored("mart.source_file", [file | {"status": "refused"}])
