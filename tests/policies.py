"""The district's own policies in a folder that a test may change."""

import shutil
from pathlib import Path

from pipeline.policy import PACKAGE_FOLDER


def copied_policies(folder: Path) -> Path:
    """Copy the policies, and all that lies beside them, into a new folder."""
    return Path(shutil.copytree(PACKAGE_FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__")))
