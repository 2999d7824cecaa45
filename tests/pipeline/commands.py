"""Commands of ``daijiao`` run in this process, in folders of their own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.commands import cli
from tests.conftest import FOLDERS


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Let commands work in the folders below this one."""
    with pytest.MonkeyPatch.context() as patch:
        for variable, name in FOLDERS.items():
            patch.setenv(variable, str(folder / name))
        yield


def ended(*arguments: str) -> int:
    """The exit status of a command."""
    with pytest.raises(SystemExit) as ending:
        cli.main(arguments)
    return int(ending.value.code or 0)
