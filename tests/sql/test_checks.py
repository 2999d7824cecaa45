"""The identities in assets/checks: none is broken by a world that was built, each by a fault that is planted in it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipeline.checks.identities import heading
from pipeline.contracts.tables import ASSETS_FOLDER, references
from pipeline.policy import load_policy
from tests.second_count.published import key_of_tests, publish_world
from tests.second_count.world import policy_of_2019
from tests.second_count.worlds import SeededChoices, make_world

from .results import database

CHECKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ASSETS_FOLDER / "checks").glob("*.sql"))}
SEED, PERSONS = 11, 150

FAULTS = {
    "capacity_is_of_the_same_year": [
        "update mart.capacity_township set failure_rate = failure_rate + 0.000001 where line_count > 0",
        "update mart.capacity_township set mismatch_count = mismatch_count + 1",
        "update mart.capacity_township set silent_count = silent_count + 1",
        "update mart.capacity_silence set person_count = 2 * person_count",
    ],
    "capacity_of_villages_adds_up": [
        "update mart.capacity_village set mismatch_rate = mismatch_rate + 0.000001 where mismatch_rate is not null",
        "update mart.capacity_village set write_off_days = write_off_days + 1",
        "delete from mart.capacity_village where line_count > 0",
    ],
    "codes_are_those_of_the_vocabularies": [
        "update mart.code set chinese = english",
        "delete from mart.code where vocabulary = 'state'",
    ],
    "district_is_sum_of_townships": [
        "update mart.district_summary set covered_count = covered_count + 1",
        "update mart.district_summary set disputed_yuan = disputed_yuan + 0.01",
        "update mart.district_summary set used_municipal_yuan = null",
        "update mart.township_participation set planned_count = coalesce(planned_count, 0) + 1",
    ],
    "divisions_are_those_of_the_policy": [
        "update mart.township set township_name = township_code",
        "update mart.village set township_code = '530113001'",
        "delete from mart.village where village_code = (select max(village_code) from mart.village)",
    ],
    "ladder_adds_up": [
        "update mart.coverage_ladder set person_count = person_count + 1 where step = 4",
        "delete from mart.coverage_ladder where step = 5",
    ],
    "ladder_counts_persons": [
        "delete from core.person_year where person_key = (select min(person_key) from core.person_year)",
        "update mart.township_participation set covered_count = covered_count + 1",
        "delete from mart.coverage_ladder where step = 1",
    ],
    "one_disposition_a_line": [
        "delete from core.line_judgement where row_key = (select min(row_key) from core.line_judgement)",
        "insert into core.line_judgement from core.line_judgement limit 1",
        "update core.line_judgement set row_key = -1 where row_key = (select min(row_key) from core.line_judgement)",
    ],
    "one_write_off_a_person": [
        "insert into core.line_judgement from core.line_judgement where disposition = 'written_off' limit 1",
        "update core.person_year set written_off_yuan = 100 where state = 'excluded'",
        "update core.person_year set written_off_yuan = null",
    ],
    "payment_status_is_that_of_the_person": [
        "delete from mart.payment_status where payment_status = 'not_due'",
        "update mart.payment_status set payment_status = 'silent' where payment_status = 'paid'",
        "update mart.payment_status set name_masked = 'somebody'",
    ],
    "postings_are_of_lines": [
        "delete from core.fund_posting where to_account = 'person:disputed' and fund_level = 'district'",
        "update core.return_line set disposition = 'disputed' where disposition = 'written_off'",
        "update core.return_line set amount_yuan = amount_yuan + 0.01 where outcome = 'success'",
    ],
    "postings_give_district_figures": [
        "update core.fund_posting set amount_yuan = amount_yuan + 0.01 where from_account = 'grant'",
        "update core.fund_posting set to_account = 'tax:disputed' where to_account = 'tax:written_off'",
        "update mart.district_summary set bureau_balance_yuan = bureau_balance_yuan + 0.01",
    ],
    "postings_give_level_figures": [
        "update core.fund_posting set fund_level = 'district' where from_account = 'bureau'",
        "update mart.fund_level set balance_yuan = balance_yuan + 0.01 where township_code is null",
        "delete from mart.fund_level where used_yuan > 0",
    ],
    "postings_give_township_figures": [
        "update core.fund_posting set township_code = '530113201' where to_account like '%:disputed'",
        "update mart.township_fund set cash_balance_yuan = cash_balance_yuan - 0.01",
        "delete from mart.township_fund where allocated_yuan > 0",
    ],
    "postings_leave_nothing_between": [
        "delete from core.fund_posting where from_account = 'level:municipal'",
        "delete from core.fund_posting where from_account in ('person:reversed', 'tax:reversed')",
    ],
    "quarantined_rows_are_listed": [
        "delete from mart.quarantined_row",
        "update mart.quarantined_row set source_file = 'another.csv'",
    ],
    "rows_read_are_accounted_for": [
        "update mart.source_file set rows_accepted = rows_accepted + 1",
        "update mart.source_file set rows_read = rows_read - 1, rows_accepted = rows_accepted - 1 where rows_accepted > 0",
        "delete from raw.landed_row where row_key = (select min(row_key) from raw.landed_row)",
        "update raw.landed_file set rows_read = rows_read + 1 where status = 'read'",
        "delete from mart.source_file",
    ],
    "silence_is_aged_by_its_date": [
        "update mart.capacity_silence set batch_age = 'undated'",
        "delete from mart.capacity_silence",
    ],
    "used_is_written_off": [
        "update mart.township_fund set used_yuan = used_yuan + 0.01",
        "update core.person_year set written_off_yuan = 99.99 where written_off_yuan is not null",
    ],
    "villages_add_up": [
        "update mart.village_participation set covered_count = covered_count + 1",
        "update mart.village_participation set participation_rate = participation_rate + 0.000001",
        "delete from mart.village_participation",
    ],
}
PLANTED = [(check, fault) for check, faults in FAULTS.items() for fault in faults]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of a world that was built, without the keys and constraints that would refuse a fault."""
    folder = tmp_path_factory.mktemp("world")
    with key_of_tests():
        publish_world(replace(make_world(SeededChoices(SEED), policy_of_2019(), PERSONS), as_of=None), folder)
    with database(load_policy(2019)) as connection:
        connection.execute(f"ATTACH '{Path(folder) / 'warehouse' / 'warehouse.duckdb'}' AS warehouse (READ_ONLY)")
        for name in {name for sql in CHECKS.values() for name in references(sql, "core")}:
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM warehouse.{name}")
        yield connection


@pytest.mark.parametrize("check", CHECKS)
def test_a_world_that_was_built_breaks_no_identity(check: str, built: duckdb.DuckDBPyConnection) -> None:
    """Its first line says which table it judges, the next ones in one sentence what holds."""
    judged, first, *_ = CHECKS[check].splitlines()
    assert judged.startswith("-- judges: ") and first.startswith("-- ")
    assert built.execute(CHECKS[check]).fetchall() == []


@pytest.mark.parametrize(("check", "fault"), PLANTED)
def test_a_planted_fault_breaks_the_identity(check: str, fault: str, built: duckdb.DuckDBPyConnection) -> None:
    """Each side of each equation can be wrong."""
    built.execute("BEGIN")
    try:
        built.execute(fault)
        assert built.execute(CHECKS[check]).fetchall() != []
    finally:
        built.execute("ROLLBACK")


def test_every_identity_has_a_fault_that_breaks_it() -> None:
    """So none of them is true of everything."""
    assert set(FAULTS) == set(CHECKS)


@pytest.mark.parametrize(
    "sql",
    [
        "-- No row is doubled.\n-- Nowhere.\nselect 1 from mart.reply",
        "-- judges: mart.change\n-- It reads another.\nselect 1 from mart.reply",
        "-- judges: reply\n-- Which schema?\nselect 1 from mart.reply",
    ],
)
def test_an_identity_says_which_table_it_judges(sql: str) -> None:
    """It is not guessed from what it reads."""
    with pytest.raises(ValueError, match="first line"):
        heading("odd", sql)
    judged, name, sentence = heading("odd", "-- judges: mart.reply\n-- All is well.\nselect 1 from mart.reply")
    assert (str(judged), name, sentence) == ("mart.reply", "odd", "All is well.")
