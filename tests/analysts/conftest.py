"""Small years of the synthetic district, published once: 2020, which holds what 2019 can't, and in `make test-whole` 2019 too."""

import shutil
from pathlib import Path

import pytest

from pipeline.build.refresh import refresh_year
from pipeline.sample import write_sample
from tests.deep import IS_WHOLE

BOTH_YEARS = (2019, 2020)
# That one year is told from the other is tried by tests/warehouse as well, and 2019 is refreshed by tests/pipeline.
YEARS = BOTH_YEARS if IS_WHOLE else BOTH_YEARS[1:]
PERSONS = 300


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the published file."""
    folder = tmp_path_factory.mktemp("analysts")
    for year in YEARS:
        publish(folder, year)
    return folder / "warehouse"


@pytest.fixture
def of_both_years(warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a published file that holds both years."""
    folder = tmp_path / "both"
    shutil.copytree(warehouse.parent, folder)
    for year in BOTH_YEARS[: -len(YEARS)]:
        publish(folder, year)
    return folder / "warehouse"


def publish(folder: Path, year: int) -> None:
    """Write a small district of a year, and refresh it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "the key of the analysts' sample, long enough")
        write_sample(folder / "raw", year, persons=PERSONS)
        refresh_year(folder / "raw", folder / "warehouse", year)
