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


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path) -> Iterator[None]:
    """Every test has its folders below tmp_path, also for the commands that it starts."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, folder in FOLDERS.items():
            patch.setenv(variable, str(tmp_path / folder))
        yield
