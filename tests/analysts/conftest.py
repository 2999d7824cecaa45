"""Two small years of the synthetic district, published once: 2019, and 2020 with what 2019 can't hold."""

import os
from pathlib import Path

import pytest
from filelock import FileLock

from pipeline.refresh import refresh_year
from pipeline.sample import write_sample

YEARS = (2019, 2020)
PERSONS = 300


@pytest.fixture(scope="package")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the published file; of several workers the first publishes, the others read."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    folder = folder / "analysts"
    folder.mkdir(exist_ok=True)
    with FileLock(folder / "lock"):
        if not (folder / "is_published").exists():
            publish_sample(folder)
            (folder / "is_published").touch()
    return folder / "warehouse"


def publish_sample(folder: Path) -> None:
    """Write and refresh both years below a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "the key of the analysts' sample")
        for year in YEARS:
            write_sample(folder / "raw", year, persons=PERSONS)
            refresh_year(folder / "raw", folder / "warehouse", year)
