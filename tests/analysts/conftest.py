"""The published file that analysts open: the small district of 2019; in `make test-whole` 2019 and 2020, which holds more."""

import shutil
from pathlib import Path

import pytest

from pipeline.build.refresh import refresh_year
from pipeline.sample import write_sample
from tests.deep import IS_WHOLE
from tests.small_district import PERSONS, RefreshedDistrict

BOTH_YEARS = (2019, 2020)
# That one year is told from the other is tried by tests/warehouse as well.
YEARS = BOTH_YEARS if IS_WHOLE else BOTH_YEARS[:1]


@pytest.fixture(scope="package")
def warehouse(small_district: RefreshedDistrict, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the published file."""
    folder = small_district.folder
    return (with_2020(folder, tmp_path_factory.mktemp("analysts")) if IS_WHOLE else folder) / "warehouse"


@pytest.fixture
def of_both_years(small_district: RefreshedDistrict, warehouse: Path, tmp_path: Path) -> Path:
    """The folder of a published file that holds both years."""
    return warehouse if IS_WHOLE else with_2020(small_district.folder, tmp_path) / "warehouse"


def with_2020(district: Path, folder: Path) -> Path:
    """A copy of a district that was refreshed, with its next year, which holds what 2019 can't."""
    both = folder / "both"
    shutil.copytree(district, both)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY_FILE", str(both / "key"))
        write_sample(both / "raw", BOTH_YEARS[1], persons=PERSONS)
        refresh_year(both / "raw", both / "warehouse", BOTH_YEARS[1])
    return both
