"""What all tests share: no test touches the project's own data, key or run history."""

from collections.abc import Iterator
from pathlib import Path

import pytest

FOLDERS = {
    "DAIJIAO_RAW": "raw",
    "DAIJIAO_WAREHOUSE": "warehouse",
    "DAIJIAO_REPORTS": "reports",
    "DAIJIAO_KEY_FILE": "key",
    "DAGSTER_HOME": "dagster",
}

# What takes longest is begun first, so that the workers end together; the files that share a district follow one another.
LONG = (
    "tests/pipeline/test_figures_of_2019.py",
    "tests/operations/test_faults.py",
    "tests/operations/test_readers.py",
    "tests/operations/test_backup.py",
    "tests/operations/test_canary.py",
    "tests/second_count/test_second_count.py",
    "tests/pipeline/test_cli.py",
    "tests/second_count/",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the tests for workers that take a file at a time."""
    places = [(start, place) for place, start in enumerate(LONG)]
    items.sort(key=lambda item: next((place for start, place in places if item.nodeid.startswith(start)), len(LONG)))


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path) -> Iterator[None]:
    """Every test has its folders below tmp_path, also for the commands that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, folder in FOLDERS.items():
            patch.setenv(variable, str(tmp_path / folder))
        yield
