"""What all tests share: no test touches the project's own data, key or run history."""

import atexit
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

if TYPE_CHECKING:
    from tests.small_district import RefreshedDistrict

ROOT = Path(__file__).parents[1]
FOLDERS = {
    "DAIJIAO_RAW": "raw",
    "DAIJIAO_WAREHOUSE": "warehouse",
    "DAIJIAO_REPORTS": "reports",
    "DAIJIAO_KEY_FILE": "key",
    "DAGSTER_HOME": "dagster",
}

# What takes longest is begun first, so that the workers end together.
LONG = (
    "tests/operations/",
    "tests/warehouse/",
    "tests/second_count/",
    "tests/pipeline/",
)
# What judges tables by Great Expectations: loading it takes seconds, and one worker does; and what reads the small district
# that is refreshed there.
JUDGING = (
    "tests/warehouse",
    "tests/pipeline/test_figures_of_2019.py",
    "tests/pipeline/test_runs.py",
    "tests/province/test_province_in_dagster.py",
    "tests/analysts",
)
# Thousands of tests and all that they import are no garbage, in which pytest searches five times and more at its end.
OBJECTS_BETWEEN_SEARCHES = 50_000


def pytest_configure() -> None:
    """Search for garbage seldom; at the very end let everything go, since libraries complain of what is still held then."""
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES)
    atexit.register(gc.unfreeze)


def pytest_collection_finish() -> None:
    """Search no more in what was collected."""
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests for workers."""
    places = [(start, place) for place, start in enumerate(LONG)]
    items.sort(key=lambda item: next((place for start, place in places if item.nodeid.startswith(start)), len(LONG)))


class FolderScheduling(LoadFileScheduling):
    """Hands a worker a file's tests; those of a folder whose conftest.py sets something up for them all together."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        scope = folder if (ROOT / folder / "conftest.py").exists() else file
        return JUDGING[0] if scope in JUDGING else scope


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> FolderScheduling:
    """The way in which pytest-xdist spreads the tests over its workers."""
    return FolderScheduling(config, log)


@pytest.fixture(scope="session")
def small_district(tmp_path_factory: pytest.TempPathFactory) -> "RefreshedDistrict":
    """A small district of 2019, refreshed once for all tests that only read it."""
    from tests.small_district import PERSONS, refreshed_district

    return refreshed_district(tmp_path_factory.mktemp("district"), PERSONS)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path) -> Iterator[None]:
    """Every test has its folders below tmp_path, also for the commands that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, folder in FOLDERS.items():
            patch.setenv(variable, str(tmp_path / folder))
        yield
