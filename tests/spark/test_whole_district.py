"""Apache Spark with two workers: a whole district, and a worker that dies in mid-run."""

from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from pipeline.build.year import build_year, open_year, run_over_files
from pipeline.policy import load_policy
from pipeline.sample import write_sample
from pipeline.settings import Settings
from tests.second_count.published import key_of_tests

from .cluster import WORKERS, Cluster
from .conftest import PERSONS
from .parity import DUCKDB, build, compare

YEAR = 2019
FEW_PERSONS = 300
KILLED_AFTER = 20


@pytest.fixture(autouse=True)
def one_key() -> Iterator[None]:
    """The same persons have the same hash in both stores."""
    with key_of_tests():
        yield


def test_a_district_comes_out_the_same(cluster: Cluster, tmp_path: Path) -> None:
    """With its dirt; prints what both took."""
    raw = tmp_path / "raw"
    write_sample(raw, YEAR, PERSONS, YEAR, load_policy(YEAR))
    here = build(raw, tmp_path / "here", YEAR, DUCKDB)
    there = build(raw, tmp_path / "there", YEAR, cluster.url, cluster=cluster)
    found = compare(here.store, there.store)
    print(
        f"{PERSONS:,} persons: {found.row_count:,} rows; DuckDB {here}, Spark {there}; "
        f"{there.seconds / here.seconds:.1f} times as long"
    )
    assert found.differing == {}


def test_a_worker_may_die_in_mid_run(cluster: Cluster, tmp_path: Path) -> None:
    """The other one does its work again, and the tables are the same; last, since the cluster is smaller then."""
    raw = tmp_path / "raw"
    write_sample(raw, YEAR, FEW_PERSONS, YEAR, load_policy(YEAR))
    here = build(raw, tmp_path / "here", YEAR, DUCKDB)
    settings = Settings(raw=raw, warehouse=tmp_path / "there", engine=cluster.url, lake=tmp_path / "lake")
    killer = Thread(target=cluster.kill_worker)
    with open_year(run_over_files(settings, YEAR), 60) as opened:
        for number, _ in enumerate(build_year(opened)):
            if number == KILLED_AFTER:
                # While the next statement runs.
                killer.start()
    killer.join()
    assert len(cluster.workers) == WORKERS - 1
    assert compare(here.store, tmp_path / "there" / "warehouse.duckdb").differing == {}
