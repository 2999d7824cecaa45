"""A refresh publishes nothing that a second count of the landed files does not give, and says what differs."""

import shutil
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from pipeline import landing
from pipeline.build.own_files import known_layouts
from pipeline.build.refresh import refresh
from pipeline.build.year import OpenYear, open_year
from pipeline.checks.counted_again import PublishedTables, count_checks, file_facts
from pipeline.checks.identities import Verdict
from pipeline.checks.second_count import RunFacts, compare
from pipeline.errors import DaijiaoError
from tests.warehouse.conftest import Installation


def test_the_proof_says_how_many_values_were_compared(installation: Installation) -> None:
    """And none of them differs."""
    ((compared, differing),) = installation.published("SELECT figures_compared, figures_differing FROM mart.proof")
    assert isinstance(compared, int) and compared > 500
    assert differing == 0


def test_a_figure_that_the_files_do_not_give_is_not_published(installation: Installation) -> None:
    """The sentence names table, key and both values; the failed check is shown, and the last publication stays."""
    before = installation.run.published.read_bytes()
    installation.run.store.unlink()
    seen: list[Verdict] = []

    def put_in_a_fault(opened: OpenYear) -> list[Verdict]:
        """As a wrong rule would, behind the back of every other check."""
        opened.session.query(
            "UPDATE warehouse.mart.township_fund SET utilisation_rate = 0.25 WHERE township_code = '530113102'"
        )
        return []

    with open_year(installation.run, 0) as opened, pytest.raises(DaijiaoError) as raised:  # noqa: PT012
        for event in refresh(opened, [lambda year: iter(put_in_a_fault(year))]):
            if isinstance(event, Verdict):
                seen.append(event)
    assert "mart.township_fund, township_code 5301****: " in str(raised.value)
    assert "utilisation_rate is 0.250000, counted a second time " in str(raised.value)
    failed = [verdict for verdict in seen if not verdict.is_passed]
    assert [(str(verdict.check.table), verdict.check.is_blocking) for verdict in failed] == [
        ("mart.township_fund", True)
    ]
    assert len(seen) == len(count_checks())
    assert installation.run.published.read_bytes() == before


def test_a_row_that_the_reader_counted_and_lost_is_told(installation: Installation) -> None:
    """Its own count of the rows was made before it read a cell."""
    run = installation.run
    layouts = known_layouts(None, run.policy)
    files = file_facts(landing.land_year(run.raw, run.year, layouts, run.warehouse / "parsed"), layouts)
    lost = [
        replace(file, tables=(replace(file.tables[0], rows_counted=file.tables[0].rows_counted + 1),))
        if file.file_name == "bank_returns/B201906-001.txt"
        else file
        for file in files
    ]
    with duckdb.connect(str(run.published), read_only=True) as connection:
        published = PublishedTables(connection, run.year, run.key)
        facts = RunFacts(policy=run.policy, year=run.year, key=run.key)
        assert compare(facts, files, published).differences == ()
        (found,) = compare(facts, lost, published).differences
    assert (found.table, found.column, found.published, found.counted) == ("mart.source_file", "rows_read", "1", "2")


# What no index and no rule of the store refuses.
PUT_IN = (
    "UPDATE core.person_year SET birth_year = birth_year + 1 WHERE birth_year % 2 = 0",
    "DELETE FROM core.person_year WHERE person_key = (SELECT max(person_key) FROM core.person_year)",
    "INSERT INTO core.person_year SELECT * REPLACE ('zz' || right(person_key, 30) AS person_key) FROM core.person_year LIMIT 1",
    "UPDATE mart.payment_status SET last_line_date = last_line_date - 1 WHERE last_line_date IS NOT NULL",
    "UPDATE core.return_line SET amount_yuan = amount_yuan + 1, batch_no = '532128198506150014' WHERE batch_no IS NOT NULL",
    "INSERT INTO core.return_line SELECT * FROM core.return_line LIMIT 1",
    "DELETE FROM core.fund_posting WHERE from_account LIKE 'township:%'",
    "UPDATE mart.township_fund SET utilisation_rate = 0.25",
    "DELETE FROM mart.roster_mismatch WHERE mismatch_id = (SELECT min(mismatch_id) FROM mart.roster_mismatch)",
)


def test_a_year_that_is_counted_in_parts_finds_what_one_counted_at_once_does(
    installation: Installation, tmp_path: Path
) -> None:
    """Where there are too many rows for the memory nothing else is compared."""
    run = installation.run
    layouts = known_layouts(None, run.policy)
    files = file_facts(landing.land_year(run.raw, run.year, layouts, run.warehouse / "parsed"), layouts)
    facts = RunFacts(policy=run.policy, year=run.year, key=run.key)
    with duckdb.connect(shutil.copy(run.published, tmp_path)) as connection:
        for fault in PUT_IN:
            (count,) = connection.execute(fault).fetchone() or (0,)
            assert count > 0, fault
        published = PublishedTables(connection, run.year, run.key)
        at_once = compare(facts, files, published)
        in_parts = compare(facts, files, published, scratch=tmp_path, rows_at_once=1)
    assert any(tmp_path.glob("1/*/*.parquet"))
    assert set(in_parts.differences) == set(at_once.differences)
    assert in_parts.compared_by_table == at_once.compared_by_table
    assert {each.table for each in in_parts.differences} == {
        *("core.person_year", "mart.payment_status", "core.return_line", "core.fund_posting"),
        *("mart.township_fund", "mart.roster_mismatch"),
    }
