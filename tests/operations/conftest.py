"""A small district that was refreshed before and after one more bank file came, as the measure of disturbed refreshes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.operations.commands import Place, start_refresh
from tests.operations.district import District
from tests.operations.published import Tables, tables_of
from tests.operations.world import SECOND_BATCH, YEAR, land_second_batch, write_world


@pytest.fixture(scope="package")
def refreshed() -> Iterator[District]:
    """The district in a folder that every user may enter, and a copy of it as it was before the next file."""
    with tempfile.TemporaryDirectory(prefix="daijiao-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        place = Place(folder / "installation", {"DAIJIAO_KEY_FILE": str(folder / "installation" / "key")})
        os.umask(0o022)  # a test before this one may have run a command in this process
        write_world(place.raw)
        before = _published(place)
        shutil.copytree(place.folder, folder / "copy")
        land_second_batch(place.raw)
        yield District(place, before, _published(place))


@pytest.fixture
def district(refreshed: District) -> District:
    """The district as it was before the next bank file, and that file."""
    place = refreshed.place
    shutil.rmtree(place.folder)
    shutil.copytree(place.folder.with_name("copy"), place.folder)
    land_second_batch(place.raw)
    assert (place.raw / str(YEAR) / SECOND_BATCH).is_file()
    return refreshed


def _published(place: Place) -> Tables:
    command = start_refresh(place)
    assert command.status() == 0, command.stderr
    return tables_of(place.published)
