"""A state looked back on has a file and a warehouse of its own."""

from datetime import date

import duckdb

from pipeline.build.refresh import refresh, refresh_year
from pipeline.build.year import open_year
from pipeline.checks.identities import judge_identities
from pipeline.checks.suites import judge_suites
from pipeline.warehouse.run import make_run
from tests.deep import only_deep
from tests.operations.world import YEAR, write_file
from tests.warehouse.conftest import Installation

BEFORE_THE_ROLL = date(2019, 3, 20)
BEFORE_THE_COLLECTION = date(2019, 6, 30)


def test_a_state_looked_back_on_leaves_the_current_one_alone(installation: Installation) -> None:
    """The published file and the stored tables are the same to the byte; the state lies in as_of."""
    current = [installation.run.published.read_bytes(), installation.run.store.read_bytes()]
    warehouse = installation.folder / "warehouse"
    refresh_year(installation.folder / "raw", warehouse, YEAR, as_of=BEFORE_THE_COLLECTION)
    assert [installation.run.published.read_bytes(), installation.run.store.read_bytes()] == current
    state = warehouse / "as_of" / "2019-06-30.duckdb"
    assert state.stat().st_mode & 0o777 == 0o640
    with duckdb.connect(str(state), read_only=True) as connection:
        assert connection.execute("SELECT covered_count FROM mart.district_summary").fetchall() == [(1,)]
        assert connection.execute("SELECT as_of FROM mart.refresh").fetchall() == [(BEFORE_THE_COLLECTION,)]
    assert installation.published("SELECT covered_count FROM mart.district_summary") == [(2,)]


@only_deep("tests/sql tells the rows that are dated later from the others")
def test_a_list_of_transfers_says_what_it_said_then(installation: Installation) -> None:
    """The dates of its rows are no date of the file: those on or before the day count, the others are later."""
    write_file(
        installation.folder / "raw",
        "allocations/拨付台账.csv",
        ["乡镇,金额,人数,日期,文号", "汤丹镇,100.00,1,2019-05-15,拨2号", "汤丹镇,200.00,2,2019-10-20,拨3号"],
    )
    warehouse = installation.folder / "warehouse"
    refresh_year(installation.folder / "raw", warehouse, YEAR, as_of=BEFORE_THE_COLLECTION)
    with duckdb.connect(str(warehouse / "as_of" / "2019-06-30.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "SELECT status, rows_read, rows_accepted, rows_later FROM mart.source_file WHERE file_name LIKE '%拨付台账%'"
        ).fetchall()
        allocated = connection.execute("SELECT allocated_yuan FROM mart.district_summary").fetchall()
    assert rows == [("read", 2, 1, 1)]
    assert allocated == [(500,)]


def test_a_day_before_the_first_snapshot_is_a_state_like_any_other(installation: Installation) -> None:
    """Nobody was on the roll yet, while the money of that day had been granted and transferred."""
    run = make_run(installation.settings, YEAR, BEFORE_THE_ROLL)
    with open_year(run, 1) as opened:
        judges = [lambda year: judge_identities(year.session), lambda year: judge_suites(year.session)]
        for _ in refresh(opened, judges):
            pass
    with duckdb.connect(str(run.published), read_only=True) as connection:
        figures = connection.execute("SELECT roll_count, covered_count, allocated_yuan FROM mart.district_summary")
        assert figures.fetchall() == [(0, 0, 400)]
