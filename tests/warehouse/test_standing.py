"""What stands is what was built: a table is built again when what makes it changed, or its rows aren't those that were built."""

import logging

import duckdb
import polars as pl
import pytest

from pipeline.build import raw_rows
from pipeline.build.year import OpenYear, build_year
from pipeline.checks import identities
from pipeline.checks.identities import identity_checks, judge_identities
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.errors import DaijiaoError
from pipeline.warehouse import versions
from pipeline.warehouse.opening import session
from pipeline.warehouse.reference import reference_tables
from pipeline.warehouse.session import Session
from pipeline.warehouse.versions import Versions
from tests.operations.world import YEAR
from tests.warehouse.conftest import Installation


@pytest.fixture(autouse=True)
def told(caplog: pytest.LogCaptureFixture) -> None:
    """What the log tells."""
    caplog.set_level(logging.WARNING, logger="daijiao")


def test_a_table_edited_by_hand_is_built_again_before_another_reads_it(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """A rule changed, and a person was taken off a table that it reads: he is there again, and that is told."""
    installation.change(installation.run.store, "UPDATE made_from SET sha256 = 'old' WHERE name = 'core.person_year'")
    installation.change(installation.run.store, "DELETE FROM core.person WHERE name LIKE '欧阳%'")
    installation.refresh()
    assert installation.published("SELECT count(*) FROM core.person_year") == [(4,)]
    assert "core.person of 2019 are not those that were built" in caplog.text


def test_a_rate_edited_by_hand_is_not_published(installation: Installation) -> None:
    """Although nothing reads the edited table but the publication."""
    before = installation.published("SELECT participation_rate FROM mart.township_participation ORDER BY ALL")
    installation.change(installation.run.store, "UPDATE mart.township_participation SET participation_rate = 0.99")
    installation.change(installation.run.published, "UPDATE mart.township_participation SET participation_rate = 0.99")
    installation.refresh()
    assert installation.published("SELECT participation_rate FROM mart.township_participation ORDER BY ALL") == before


def test_a_publication_that_was_touched_is_written_again(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever was touched in the file, and although no table is built."""
    installation.change(installation.run.published, "UPDATE mart.district_summary SET covered_count = 3")
    installation.refresh()
    assert installation.published("SELECT covered_count FROM mart.district_summary") == [(2,)]
    assert "not the file that was published last" in caplog.text


def test_an_untouched_year_is_not_built(installation: Installation, caplog: pytest.LogCaptureFixture) -> None:
    """Not a table, and not the published file."""
    content = installation.run.published.read_bytes()
    installation.refresh()
    assert installation.run.published.read_bytes() == content
    assert caplog.text == ""
    with session(installation.run) as open_session:
        assert open_session.rebuilt == set()


def test_a_new_list_leaves_what_it_does_not_change(installation: Installation) -> None:
    """Neither the rows of other sources are loaded anew, nor what is made of them, although its path sorts first."""
    bank = installation.folder / "raw" / str(YEAR) / "bank_returns"
    (bank / "0_empty.csv").write_text("no list at all\n", encoding="utf-8")
    with session(installation.run) as open_session:
        for _ in build_year(OpenYear(open_session, installation.run)):
            pass
        rebuilt = open_session.rebuilt
    assert {TableName("raw", "landed_file"), TableName("core", "file_content")} <= rebuilt
    assert {TableName("raw", "poverty_roll"), TableName("core", "person"), TableName("core", "eligibility")}.isdisjoint(
        rebuilt
    )


def test_without_replies_the_tables_behind_them_are_those_before(installation: Installation) -> None:
    """Row for row, and what is made of them stands on its own."""
    with duckdb.connect(str(installation.run.store), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM core.applied_reply").fetchall() == [(0,)]
        for table in tables.load_tables().values():
            if table.is_staged and not table.is_empty_when_stated:
                rows = [
                    connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in table.built_names
                ]
                assert rows[0] == rows[1]


def test_files_are_numbered_in_their_order_each_source_by_itself() -> None:
    """An entry beside the sources goes on where the source before it ended."""
    sources = ["bank_returns", "bank_returns", "beside.txt", "category_rolls", "poverty_roll"]
    numbers = raw_rows._file_numbers(sources)
    assert numbers == sorted(set(numbers))
    assert raw_rows._file_numbers(["bank_returns", *sources])[-2:] == numbers[-2:]


def test_a_warehouse_without_digests_is_built_again(installation: Installation) -> None:
    """Such as one of an earlier version."""
    installation.change(installation.run.store, "UPDATE made_from SET row_count = NULL, digest = NULL")
    installation.refresh()
    with duckdb.connect(str(installation.run.store), read_only=True) as connection:
        nameless = connection.execute("SELECT name FROM made_from WHERE digest IS NULL ORDER BY name").fetchall()
    assert nameless == [("checks.identities",), ("release.published",), ("release.published_file",)]


def test_identities_are_asked_again_when_a_row_that_they_read_is_another(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or one of them is; else what was found of them stands."""
    asked: list[str] = []

    def find(_: Session, sql: str) -> pl.DataFrame:
        asked.append(sql)
        return pl.DataFrame()

    def ask() -> int:
        asked.clear()
        with session(installation.run) as open_session:
            assert [verdict.found_count for verdict in judge_identities(open_session)] == [0] * len(identity_checks())
        return len(asked)

    monkeypatch.setattr(Session, "find", find)
    assert ask() == 0
    installation.change(installation.run.store, "UPDATE made_from SET digest = '0' WHERE name = 'core.fund_posting'")
    assert ask() == len(identity_checks())
    assert ask() == 0
    changed = {name: f"{sql} " for name, sql in identities._identities().items()}
    monkeypatch.setattr(identities, "_identities", lambda: changed)
    assert ask() == len(identity_checks())


def test_an_identity_that_does_not_hold_is_asked_again(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it found is found again."""
    broken = {name: f"{sql} UNION ALL BY NAME SELECT 1 AS one" for name, sql in identities._identities().items()}
    monkeypatch.setattr(identities, "_identities", lambda: broken)
    for _ in range(2):
        with session(installation.run) as open_session:
            assert all(verdict.found_count == 1 for verdict in judge_identities(open_session))


def test_a_version_is_that_of_what_makes_the_table(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another macro makes those tables old that name it, another row of the policy those that read it, and no others."""
    references = reference_tables(installation.run)
    before = _versions(references)
    macros = versions._macros() | {"masked_id": "(id_text) as '******'"}
    monkeypatch.setattr(versions, "_macros", lambda: macros)
    by_macro = _changed(before, _versions(references))
    assert TableName("core", "person") in by_macro
    assert TableName("mart", "township_fund") not in by_macro
    monkeypatch.undo()
    level = references["fund_level"]
    by_policy = _changed(before, _versions(references | {"fund_level": level.head(1)}))
    assert TableName("mart", "fund_level") in by_policy
    assert TableName("core", "person") not in by_policy


def test_code_of_other_rooms_makes_no_table_old() -> None:
    """A word in the synthetic district or a report is no reason to build."""
    assert {"sample", "reports", "ask", "commands"}.isdisjoint(versions.MAKING_ROOMS)
    assert all((versions.PACKAGE / room).is_dir() for room in versions.MAKING_ROOMS)


def test_a_second_row_of_a_key_is_refused(installation: Installation) -> None:
    """The table is as it was, and what is said holds no value."""
    table = tables.load_tables()[TableName("core", "grant_document")]
    with session(installation.run) as open_session:
        rows = open_session.find("SELECT * FROM core.grant_document")
        with pytest.raises(DaijiaoError, match=r"core\.grant_document of 2019 would have 2 rows more than once"):
            open_session.replace_frame(table, "core", pl.concat([rows, rows]))
        assert open_session.query("SELECT count(*) AS n FROM core.grant_document")["n"].to_list() == [2]


def _versions(references: dict[str, object]) -> dict[TableName, str]:
    made = Versions({"policy": references})  # type: ignore[dict-item]
    return {name: made.of(table) for name, table in tables.load_tables().items() if table.sql is not None}


def _changed(before: dict[TableName, str], after: dict[TableName, str]) -> set[TableName]:
    return {name for name in before if before[name] != after[name]}
