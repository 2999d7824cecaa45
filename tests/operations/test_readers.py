"""People read while it runs: nobody waits for anybody, whoever reads sees one whole version, and one run waits for another."""

import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.deep import IS_DEEP
from tests.operations.actions import STOP, digest, hold_the_warehouse, read_again_and_again
from tests.operations.commands import Command, Place, start, start_command, start_refresh
from tests.operations.district import District
from tests.operations.published import tables_of
from tests.operations.world import SECOND_BATCH, YEAR, land_second_batch

READERS = (1, 4, 16) if IS_DEEP else (1,)
REFRESHES = 20 if IS_DEEP else 2


@pytest.mark.parametrize("readers", READERS)
def test_readers_beside_refreshes(district: District, readers: int) -> None:
    """No reader ever fails, each sees whole versions only, and no refresh is held up by readers."""
    place = district.place
    reading = [start(place, read_again_and_again) for _ in range(readers)]
    for number in range(REFRESHES):
        if number:
            (place.raw / str(YEAR) / SECOND_BATCH).unlink() if number % 2 else land_second_batch(place.raw)
        refresh = start_refresh(place)
        assert refresh.status() == 0, refresh.stderr
    (place.folder / STOP).touch()
    counts, seen = _told(reading)
    assert min(counts) > 0
    assert seen == {digest(district.before), digest(district.after)}
    print(f"{readers} readers read {sum(counts)} times while {REFRESHES} refreshes ran: 2 versions, all whole")


def _told(reading: list[Command]) -> tuple[list[int], set[str]]:
    counts, seen = [], set[str]()
    for reader in reading:
        assert reader.status() == 0, reader.stderr
        assert reader.stderr == ""
        count, *versions = reader.stdout.split()
        counts.append(int(count))
        seen |= set(versions)
    return counts, seen


@pytest.mark.parametrize("started", [start_refresh, start_command] if IS_DEEP else [start_refresh])
def test_two_runs_at_once(district: District, started: Callable[[Place], Command]) -> None:
    """Of two refreshes that start together one waits for the other; who has the earlier file open goes on reading it."""
    with duckdb.connect(str(district.place.published), read_only=True) as connection:
        both = [started(district.place), started(district.place)]
        assert [command.status() for command in both] == [0, 0], [command.stderr for command in both]
        read = connection.execute("SELECT * FROM core.return_line ORDER BY ALL").fetchall()
    assert read == district.before["core.return_line"] != district.after["core.return_line"]
    assert tables_of(district.place.published) == district.after


def test_run_that_takes_too_long(district: District) -> None:
    """A run refuses in one sentence when another one holds the warehouse for longer than it may wait."""
    place = Place(district.place.folder, {**district.key, "DAIJIAO_LOCK_WAIT_SECONDS": "0.2"})
    holder = start(place, hold_the_warehouse)
    while not (place.folder / "held").exists():
        time.sleep(0.05)
    refused = start_command(place)
    assert refused.status() == 1
    assert refused.stderr.count("\n") == 1
    assert "另一次运行占用" in refused.stderr and "0.2 秒" in refused.stderr
    assert tables_of(place.published) == district.before
    (place.folder / STOP).touch()
    assert holder.status() == 0


def test_published_file_opens_in_older_clients(district: District) -> None:
    """The file's header states the storage format of DuckDB 1.5, which analysts may still have."""
    assert storage_version(district.place.published) == storage_version_of_new_file(district.place.folder, "v1.5.0")
    assert storage_version(district.place.published) < storage_version_of_new_file(district.place.folder, "latest")


def storage_version(path: Path) -> int:
    """The number behind the magic bytes of a DuckDB file."""
    header = path.read_bytes()[:24]
    assert header[8:12] == b"DUCK"
    return int.from_bytes(header[12:20], "little")


def storage_version_of_new_file(folder: Path, version: str) -> int:
    """The number that this DuckDB writes for a version."""
    path = folder / f"{version}.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{path}' AS made (STORAGE_VERSION '{version}'); CREATE TABLE made.t (i INTEGER)")
    return storage_version(path)
