"""The figures of 2019, opened once for all tests of what is written from them and held against them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.warehouse.proof import Counted
from pipeline.warehouse.publication import publish
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session
from tests.reports.figures_of_2019 import filled_session
from tests.reports.round_trip import YEAR, key_of_tests, refresh, workbooks
from tests.reports.round_trip_district import write_district


@pytest.fixture(scope="session")
def year_2019(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Session, Run]]:
    """A session with the figures of 2019."""
    with filled_session(tmp_path_factory.mktemp("2019")) as opened:
        yield opened


@pytest.fixture(scope="session")
def published_2019(year_2019: tuple[Session, Run]) -> Path:
    """The published file of 2019's figures, which no files were landed for: there is nothing to count a second time."""
    session, run = year_2019
    publish(session, run, lambda *_: Counted(compared_count=0, differing_count=0))
    return run.warehouse / "published.duckdb"


@pytest.fixture(scope="session")
def sent_district(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small district of the round trip, refreshed, with its workbooks in the folder ``sent``."""
    folder = tmp_path_factory.mktemp("sent") / "district"
    write_district(folder / "raw" / str(YEAR))
    with key_of_tests():
        refresh(folder)
        workbooks(folder, "sent")
    return folder
