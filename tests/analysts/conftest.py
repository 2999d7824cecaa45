"""Two small years of the synthetic district, published once: 2019, and 2020 with what 2019 can't hold."""

from pathlib import Path

import pytest

from pipeline.build.refresh import refresh_year
from pipeline.sample import write_sample

YEARS = (2019, 2020)
PERSONS = 300


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the published file."""
    folder = tmp_path_factory.mktemp("analysts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "the key of the analysts' sample, long enough")
        for year in YEARS:
            write_sample(folder / "raw", year, persons=PERSONS)
            refresh_year(folder / "raw", folder / "warehouse", year)
    return folder / "warehouse"
