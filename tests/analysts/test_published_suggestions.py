"""Suggestions as analysts and townships get them: on the sample (in `make test-whole` of two years), whose errors are known."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from .conftest import YEARS

UNMATCHED = ("invalid_id", "id_precision_lost", "not_on_roll", "classified_not_on_roll", "name_mismatch")


@pytest.fixture(scope="module")
def mismatches(warehouse: Path) -> pl.DataFrame:
    """Every published mismatch, with whether the person who is suggested is on the roll of its year."""
    with duckdb.connect(str(warehouse / "published.duckdb"), read_only=True) as connection:
        frame: pl.DataFrame = connection.sql(
            "select roster_mismatch.*, person_year.name_masked as suggested_name_masked "
            "from mart.roster_mismatch left join core.person_year "
            "on roster_mismatch.policy_year = person_year.policy_year "
            "and roster_mismatch.suggested_person_key = person_year.person_key"
        ).pl()
    return frame


@pytest.mark.parametrize("year", YEARS)
def test_lines_with_a_damaged_id_name_their_person(mismatches: pl.DataFrame, year: int) -> None:
    """The sample damages one digit, the last digits, or takes a neighbour's number; the name is left as it was."""
    damaged = mismatches.filter(
        pl.col("policy_year") == year,
        pl.col("kind").is_in(["invalid_id", "id_precision_lost", "not_on_roll"]),
        pl.col("channel").is_not_null(),
    )
    assert damaged["kind"].n_unique() == 3
    assert damaged["suggested_name_masked"].to_list() == damaged["name_masked"].to_list()


def test_only_unmatched_rows_have_a_suggestion(mismatches: pl.DataFrame) -> None:
    """A person and a reason stand together, and only where a row matches nobody."""
    suggested = mismatches.filter(pl.col("suggested_person_key").is_not_null())
    assert suggested.height > 0
    assert set(suggested["kind"]) <= set(UNMATCHED)
    assert (mismatches["suggested_person_key"].is_null() == mismatches["suggestion_reason"].is_null()).all()
    assert suggested["suggested_name_masked"].null_count() == 0


def test_reasons_hold_no_value(mismatches: pl.DataFrame) -> None:
    """A reason is made of the rules' words alone."""
    assert not mismatches["suggestion_reason"].drop_nulls().str.contains(r"[0-9A-Za-z*]").any()
