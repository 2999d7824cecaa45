"""Codes are data: what a vocabulary doesn't list is refused by the store, and never becomes the default of a rule."""

import duckdb
import pytest

from pipeline.contracts.codes import load_codes, vocabulary
from pipeline.contracts.tables import TableName, load_tables

from .results import results, rows_of, stored


def test_evidence_that_no_vocabulary_lists_is_refused() -> None:
    """With the class 代缴 it would otherwise make the person eligible."""
    found = rows_of(
        "core.eligibility",
        person=[{"person_no": "A", "person_id": "A"}],
        register_evidence=[{"person_id": "A", "evidence": "vanished"}],
        classification_of_year=[{"person_id": "A", "class": "代缴"}],
    )
    with pytest.raises(duckdb.ConstraintException):
        stored("core.eligibility", found)
    with pytest.raises(duckdb.ConstraintException):
        stored("core.register_evidence", [{"person_id": "A", "evidence": "vanished"}])


def test_a_finding_of_an_unlisted_kind_is_refused() -> None:
    """It would otherwise vanish."""
    found = rows_of("core.mismatch", line_finding=[{"kind": "unheard_of", "subject": "line", "fact": "1"}])
    assert len(found) == 1
    with pytest.raises(duckdb.ConstraintException):
        stored("core.mismatch", found)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("core.person_year", "state"),
        ("core.person_year", "state_reason"),
        ("core.person_year", "uncovered_reason"),
        ("mart.roster_mismatch", "kind"),
        ("mart.roster_mismatch", "status"),
        ("mart.source_file", "status"),
        ("core.return_line", "disposition"),
        ("core.return_line", "outcome"),
        ("raw.pension_register", "exclusion"),
        ("raw.classification", "class"),
    ],
)
def test_the_store_knows_the_codes_of_a_column(table: str, column: str) -> None:
    """And so does the data dictionary."""
    contract = load_tables()[TableName(*table.split("."))]
    (described,) = [each for each in contract.columns if each.name == column]
    assert described.values
    with pytest.raises(duckdb.ConstraintException):
        stored(table, [{column: "unheard of"}])


def test_a_townships_reason_is_a_word_of_the_policy() -> None:
    """It stands behind township: and is translated with the other reasons."""
    found = results("mart.code", "vocabulary code chinese")
    assert ("state_reason", "township:死亡", "乡镇核定:死亡") in found
    assert ("category", "registered_poor", "建档立卡贫困人口") in found
    listed = {(each.name, code) for each in load_codes().values() if each.is_published for code in each.code_names}
    assert listed <= {(vocabulary, code) for vocabulary, code, _ in found}


def test_every_kind_says_what_was_expected_and_found() -> None:
    """With the facts of the finding in place of {value}."""
    kinds = [{"kind": kind, "subject": "line", "fact": kind} for kind in vocabulary("mismatch_kind").code_names]
    values = {"expected_value": "甲", "found_value": "乙"}
    for expected, found in results("core.mismatch", "expected found", line_finding=[each | values for each in kinds]):
        assert expected and found and "{" not in expected + found
