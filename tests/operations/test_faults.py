"""Whatever happens to a refresh, the last published tables stay whole, and the next refresh gives what it should.

A write that fails is tried in three honest ways: a small disk that is full (where one may be mounted), a limit on the size
of files, which stops DuckDB's own writes block by block, and a hook of the interpreter, which stops the n-th file operation
of the Python side (opening for writing, renaming, making folders).
"""

import itertools
import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pipeline.paper import text_width
from tests.deep import IS_DEEP, only_deep
from tests.operations.commands import Command, Conditions, Place, start_command, start_refresh
from tests.operations.district import District
from tests.operations.published import tables_of
from tests.operations.world import SECOND_BATCH, YEAR, land_second_batch, write_world

KILLS = int(os.environ.get("DAIJIAO_KILLS", "2"))
SEED = int(os.environ.get("DAIJIAO_SEED", "20191225"))
MEGABYTE = 1_000_000
BLOCK = 262_144
SLOWEST = only_deep("quicker tests try the same")
PROGRESS = ("Reading the landed files", "Judging persons", "Adding up townships", "Publishing", "Counting", "第 ")


def only_sentence(command: Command) -> str:
    """What a failed command said: one paragraph of ours after the lines of progress, and nothing else."""
    said = [line for line in command.stderr.splitlines() if not line.startswith(PROGRESS)]
    assert len(said) == 1, command.stderr
    assert "Traceback" not in said[0]
    assert text_width(said[0]) > 50
    return said[0]


def assert_refused(command: Command, *words: str) -> None:
    """The command ended with 1 and one paragraph that holds the words."""
    assert command.status() == 1, command.stderr
    sentence = only_sentence(command)
    for word in words:
        assert word in sentence, sentence


def test_killed_at_random_moments(district: District) -> None:
    """Killed with signal 9 at any moment, as often as DAIJIAO_KILLS says."""
    chance = random.Random(SEED)
    began = time.monotonic()
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()
    duration = time.monotonic() - began
    batch = district.place.raw / str(YEAR) / SECOND_BATCH
    killed = 0
    for number in range(KILLS):
        # Every second time the file is gone again, so that there is always something to build.
        is_gone = number % 2 == 0
        batch.unlink() if is_gone else land_second_batch(district.place.raw)
        command = start_refresh(district.place)
        time.sleep(chance.uniform(0, duration))
        command.process.kill()
        killed += command.status() == -signal.SIGKILL
        assert district.is_whole(), f"kill {number} of seed {SEED}"
        if number % 10 == 9:
            undisturbed = start_refresh(district.place)
            assert undisturbed.status() == 0
            assert tables_of(district.place.published) == (district.before if is_gone else district.after)
    land_second_batch(district.place.raw)
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()
    print(
        f"{killed} of {KILLS} refreshes were killed before their end (seed {SEED}); the published tables stayed whole"
    )
    assert killed > 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 96 MB of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk may be mounted here; the limits on file sizes are tested all the same")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(disk: Path, free_bytes: int) -> Path:
    """Fill a disk up to some bytes; the file that fills it."""
    filler = disk / "filler"
    filler.write_bytes(b"\0" * (shutil.disk_usage(disk).free - free_bytes))
    return filler


@SLOWEST
def test_full_disk(small_disk: Path, district: District) -> None:
    """The first refresh and a later one on a full disk end with a sentence; with room again they give the right tables."""
    place = Place(small_disk, district.key)
    write_world(place.raw)
    filler = fill(small_disk, free_bytes=0)
    assert_refused(start_refresh(place), "No space left", "run again")
    filler.unlink()
    assert start_refresh(place).status() == 0
    land_second_batch(place.raw)
    filler = fill(small_disk, free_bytes=300_000)
    assert_refused(start_refresh(place), "free disk space", "run again")
    assert tables_of(place.published) == district.before
    filler.unlink()
    assert start_refresh(place).status() == 0
    assert tables_of(place.published) == district.after


# In blocks of DuckDB's files: from the first one to as many as the warehouse has.
FILE_LIMITS = range(1, 160) if IS_DEEP else (30,)


@pytest.mark.parametrize("blocks", FILE_LIMITS)
def test_file_that_cannot_grow(district: District, blocks: int) -> None:
    """Every block of the warehouse's, its log's and the published file's is once the one that can't be written."""
    command = start_refresh(district.place, Conditions(file_bytes=blocks * BLOCK))
    if command.status() != 0:
        assert_refused(command, "run again")
    assert district.is_whole()
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()


def test_operation_that_fails(district: District) -> None:
    """Every n-th file operation of the Python side fails once, as on a full disk; by default a few n."""
    batch = district.place.raw / str(YEAR) / SECOND_BATCH
    for number in itertools.count(1) if IS_DEEP else (1, 6):
        shutil.rmtree(district.place.warehouse / "parsed", ignore_errors=True)
        batch.unlink() if number % 2 else land_second_batch(district.place.raw)
        command = start_refresh(district.place, Conditions(failing_operation=number))
        if command.status() == 0:
            print(f"a refresh has {number - 1} file operations of its own")
            break
        assert_refused(command, "run again")
        assert district.is_whole(), f"operation {number}"
    land_second_batch(district.place.raw)
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()


def test_read_only_folder(district: District) -> None:
    """An ordinary user who may not write the warehouse folder is told so."""
    district.place.warehouse.chmod(0o555)
    place = Place(district.place.folder, district.key)
    assert_refused(
        start_refresh(place, Conditions(as_nobody=True)), "can't be used (Permission denied)", "Make", "--warehouse"
    )
    assert tables_of(district.place.published) == district.before
    district.place.warehouse.chmod(0o755)
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()


@SLOWEST
@pytest.mark.parametrize("opened", ["allocations/拨付表.csv", SECOND_BATCH])
def test_file_that_vanishes(district: District, opened: str) -> None:
    """A landed file that is gone when it should be read, after the folder was listed or after the file was hashed."""
    folder = district.place.raw / str(YEAR)
    batch = folder / SECOND_BATCH
    command = start_refresh(district.place, Conditions(vanishing=(folder / opened, batch)))
    if command.status() != 0:
        assert_refused(command, "run again")
    assert district.is_whole()
    land_second_batch(district.place.raw)
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()


@SLOWEST
@pytest.mark.parametrize("megabytes", range(0, 1000, 20))
def test_little_memory(district: District, megabytes: int) -> None:
    """With less memory than is needed nothing is published."""
    command = start_refresh(district.place, Conditions(memory_bytes=megabytes * MEGABYTE))
    # The readers print a sentence of their own when they can't have a thread, and that can't be withheld.
    if command.status() == 1 and "panicked" not in command.stderr:
        assert_refused(command, "memory", "run again")
    assert district.is_whole()
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()


def test_interrupted_command(district: District) -> None:
    """Ctrl-C at a random moment of the Dagster job ends with 130 and a sentence."""
    chance = random.Random(SEED)
    for number in range(20 if IS_DEEP else 1):
        command = start_command(district.place)
        while not command.stderr.startswith(PROGRESS) and command.process.is_alive():
            time.sleep(0.05)
        time.sleep(chance.uniform(0, 2))
        # A run that has ended by then can't be interrupted any more.
        with suppress(ProcessLookupError):
            os.kill(command.process.pid, signal.SIGINT)
        status = command.status()
        assert status in (0, 130), command.stderr
        if status == 130:
            assert only_sentence(command).startswith("已中断"), f"interruption {number} of seed {SEED}"
        assert district.is_whole()
    assert district.refresh_gives_the_tables_of_an_undisturbed_one()


def test_needed_folder_is_missing(district: District) -> None:
    """A command that can't begin ends with 2."""
    shutil.rmtree(district.place.raw / str(YEAR) / "tax_returns")
    command = start_command(district.place)
    assert command.status() == 2
    assert "tax_returns" in only_sentence(command)
    assert tables_of(district.place.published) == district.before


@SLOWEST
def test_command_on_a_file_that_cannot_grow(district: District) -> None:
    """The command itself says the same in one paragraph, whatever Dagster makes of a failed step."""
    assert_refused(start_command(district.place, Conditions(file_bytes=2 * BLOCK)), "磁盘是否已满", "重新运行")
    assert tables_of(district.place.published) == district.before
