"""What the tests of the second count share."""

from pathlib import Path

import pytest

from .literal import Counter


@pytest.fixture
def counted(tmp_path: Path) -> Counter:
    """Counts literal files."""
    return Counter(tmp_path)
