"""Restricted means restricted: what runs write is closed to others, whatever the umask; what killed runs left is removed."""

import json
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.landing import land_year, load_layouts
from pipeline.restricted import close_to, scratch_folder, sweep
from pipeline.warehouse.folder import PARSE_CACHE, SHARED_FILES, close_folder
from pipeline.warehouse.lock import writing
from tests.deep import only_deep
from tests.operations.actions import keep_the_log, refresh_with_an_open_umask
from tests.operations.commands import NOBODY, Conditions, start, start_refresh
from tests.operations.district import District
from tests.operations.world import FILES, SECOND_BATCH, YEAR, land_second_batch, write_file

STAYING = "allocations/拨付表.csv"


def modes(folder: Path) -> dict[str, int]:
    """The mode of everything below a folder that is open to anybody but its owner, as ``ls`` counts it."""
    found = {path.relative_to(folder).as_posix(): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}
    return {name: mode for name, mode in found.items() if mode & 0o077}


@only_deep("a whole Dagster job: below a folder is closed, and a process is restricted from its start")
def test_a_refresh_closes_what_it_writes(district: District) -> None:
    """The published file and its dictionaries are for a group of readers, everything else is the owner's alone."""
    place = district.place
    for path in (place.warehouse, *place.warehouse.iterdir()):
        path.chmod(0o777 if path.is_dir() else 0o666)
    landed = modes(place.raw)
    assert landed
    command = start(place, refresh_with_an_open_umask)
    assert command.status() == 0, command.stderr
    assert "曾对他人开放" in command.stderr
    assert stat.S_IMODE(place.warehouse.stat().st_mode) == 0o750
    assert modes(place.warehouse) == dict.fromkeys(
        SHARED_FILES & {path.name for path in place.warehouse.iterdir()}, 0o640
    )
    assert not stat.S_IMODE(place.dagster_home.stat().st_mode) & 0o077
    assert not modes(place.dagster_home)
    assert modes(place.raw) == landed


def test_the_log_of_the_warehouse_is_closed(district: District) -> None:
    """It held full IDs and was open to all."""
    command = start(district.place, keep_the_log)
    assert command.status() == 0, command.stderr
    log = district.place.warehouse / "warehouse.duckdb.wal"
    assert log.stat().st_size > 0
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_what_belongs_to_another_user_is_not_used_while_it_is_open(district: District) -> None:
    """A sentence says what to do; the tables stay."""
    place = district.place
    for path in (place.warehouse, *place.warehouse.rglob("*")):
        if path.name != "warehouse.duckdb":
            os.chown(path, NOBODY, NOBODY)
    (place.warehouse / "warehouse.duckdb").chmod(0o644)
    command = start_refresh(type(place)(place.folder, district.key), Conditions(as_nobody=True))
    assert command.status() == 1
    assert "open to others (mode 0644" in command.stderr and "chmod 600" in command.stderr
    assert command.stderr.count("\n") == 1


def test_an_open_key_is_closed(district: District) -> None:
    """Also where there is nothing new to read."""
    (district.place.raw / str(YEAR) / SECOND_BATCH).unlink()
    district.settings.key_file.chmod(0o644)
    command = start_refresh(district.place)
    assert command.status() == 0, command.stderr
    assert stat.S_IMODE(district.settings.key_file.stat().st_mode) == 0o600


@pytest.fixture
def ended() -> int:
    """The number of a process that is no more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_killed_run_left_is_removed(district: District, ended: int) -> None:
    """Spilt rows, half written files, temporary keys and folders; what runs, or is somebody else's, stays."""
    place = district.place
    own = os.getpid()
    left = [
        place.warehouse / "spill" / "duckdb_temp_storage_DEFAULT-0.tmp",
        place.warehouse / "published.duckdb.new",
        place.warehouse / "published.duckdb.new.wal",
        place.warehouse / f".key.fingerprint.{ended}",
        place.warehouse / f".data_dictionary.md.{ended}",
        place.warehouse / "parsed" / "tmpabc.parsing",
        place.warehouse / "parsed" / "tmpabd.parsing" / "0" / "3" / "000000.parquet",
        place.warehouse / f"explain-{ended}-abc" / "warehouse.duckdb",
        place.warehouse / "warehouse.duckdb.tmp" / "x.tmp",
        place.folder / f".key.{ended}",
        place.folder / f".restore-{ended}-abc" / "raw" / "2019" / "list.csv",
    ]
    stays = [
        place.warehouse / f"explain-{own}-abc" / "warehouse.duckdb",
        place.folder / f".restore-{own}-abc" / "key",
        place.folder / f".other.{ended}",
        place.folder / f".key.{own}",
    ]
    for path in (*left, *stays):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a name, an ID")
    (place.raw / str(YEAR) / SECOND_BATCH).unlink()
    command = start_refresh(place)
    assert command.status() == 0, command.stderr
    assert [path for path in left if path.exists()] == []
    assert [
        path for path in left if path.parent.name.split("-")[0] in ("explain", ".restore") and path.parent.exists()
    ] == []
    assert all(path.exists() for path in stays)


def test_the_cache_forgets_files_that_are_gone(tmp_path: Path) -> None:
    """With the run that doesn't find them any more; files of other years are remembered."""
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    parsed = warehouse / PARSE_CACHE
    write_file(raw, STAYING, FILES[STAYING])
    land_second_batch(raw)
    run_that_reads(raw, warehouse)
    before = {path.name for path in parsed.iterdir()}
    (raw / str(YEAR) / SECOND_BATCH).unlink()
    (parsed / "2018.used").write_text(json.dumps({"landed": str(raw), "keys": ["kept"]}))
    (parsed / "2017.used").write_text(json.dumps({"landed": "/is/gone/2017", "keys": ["gone"]}))
    for name in ("kept.json", "kept.parquet", "gone.json", "gone.parquet"):
        (parsed / name).write_text("a name, an ID")
    run_that_reads(raw, warehouse)
    after = {path.name for path in parsed.iterdir()}
    assert after - before == {"2018.used", "kept.json", "kept.parquet"}
    assert len({name.partition(".")[0] for name in before - after}) == 1


def run_that_reads(raw: Path, warehouse: Path) -> None:
    """What a refresh does with landed files before it builds anything."""
    with writing(warehouse, 1):
        land_year(raw, YEAR, load_layouts(), warehouse / PARSE_CACHE)


def test_nothing_of_a_scratch_folder_is_left(tmp_path: Path, ended: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows with full IDs lie there: closed to others, gone at the end, and what a killed process left at the next one's start."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left, others = tmp_path / f"daijiao-verify-{ended}-x", tmp_path / f"daijiao-verify-{os.getppid()}-x"
    for folder in (left, others):
        folder.mkdir()
        (folder / "rows.parquet").write_text("")
    with scratch_folder("verify") as folder:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert sorted(tmp_path.iterdir()) == sorted((folder, others))
    assert list(tmp_path.iterdir()) == [others]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT], ids=lambda each: each.name)
def test_a_command_that_is_told_to_end_puts_away_what_it_opened(tmp_path: Path, number: signal.Signals) -> None:
    """A plain kill and the end of the terminal are taken as Ctrl-C is: status 130, one sentence, and no folder left."""
    program = (
        "import sys, time, typer\nfrom pipeline.commands import cli\nfrom pipeline.restricted import scratch_folder\n"
        "@cli.app.command()\ndef wait() -> None:\n"
        "    with scratch_folder('wait'):\n        print('waiting', flush=True)\n        time.sleep(60)\n"
        "cli.main(['wait'])"
    )
    # A test run that a script started in the background is deaf to Ctrl-C, and would hand that down.
    before = signal.signal(number, signal.SIG_DFL)
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"TMPDIR": str(tmp_path)},
        )
    finally:
        signal.signal(number, before)
    assert process.stdout is not None and process.stdout.readline() == "waiting\n"
    process.send_signal(number)
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said.count("\n"), list(tmp_path.iterdir())) == (130, 1, [])
    assert "已中断" in said


def test_a_run_within_a_run_removes_nothing(tmp_path: Path) -> None:
    """What the outer one spills is its own."""
    with writing(tmp_path, 1):
        spilt = tmp_path / "spill" / "rows.tmp"
        spilt.parent.mkdir()
        spilt.write_text("")
        with writing(tmp_path, 1):
            assert spilt.exists()


def test_what_is_closed_enough_stays(tmp_path: Path) -> None:
    """A mode is never widened, and what isn't there is no matter."""
    (tmp_path / "file").touch(mode=0o400)
    close_to(tmp_path / "file", 0o640)
    close_to(tmp_path / "nothing", 0o600)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o400
    sweep(tmp_path / "nothing", ".key.")


def test_a_link_leads_to_what_is_no_part_of_the_warehouse(tmp_path: Path) -> None:
    """Another's file that somebody linked there keeps its mode; the store may lie elsewhere and is closed there."""
    warehouse = tmp_path / "warehouse"
    warehouse.mkdir(mode=0o700)
    for name in ("other", "other folder/file", "store"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o644)
    (tmp_path / "other folder").chmod(0o755)
    for link, target in (("notes", "other"), ("more", "other folder"), ("warehouse.duckdb", "store")):
        (warehouse / link).symlink_to(tmp_path / target)
    close_folder(warehouse)
    assert modes(tmp_path) == {
        "other": 0o644,
        "other folder": 0o755,
        "other folder/file": 0o644,
        **{f"warehouse/{link}": 0o777 for link in ("notes", "more", "warehouse.duckdb")},
    }


def test_of_states_looked_back_on_the_published_ones_are_for_the_group(tmp_path: Path) -> None:
    """Whether the warehouse is closed or that folder alone; the restricted tables behind them are their owner's."""
    states = tmp_path / "as_of"
    states.mkdir()
    for folder in (tmp_path, states):
        for name in ("2019-06-30.duckdb", "warehouse.duckdb", "warehouse.duckdb.wal", "2019-06-30.duckdb.damaged"):
            (states / name).write_text("")
            (states / name).chmod(0o666)
        close_folder(folder)
        assert modes(states) == {"2019-06-30.duckdb": 0o640}


@pytest.mark.parametrize(
    "started",
    [
        "from pipeline.commands.cli import main\nwith suppress(SystemExit): main(['--version'])",
        "import pipeline.dagster.definitions",
    ],
)
def test_a_process_is_restricted_from_its_start(started: str) -> None:
    """The command line, and whatever loads the definitions: what it writes is its owner's, and a crash leaves no memory."""
    program = (
        "import os\nimport resource\nfrom contextlib import suppress\nos.umask(0)\nlimit = resource.RLIMIT_CORE\n"
        "resource.setrlimit(limit, (resource.getrlimit(limit)[1],) * 2)\n"
        f"{started}\nprint(oct(os.umask(0)), resource.getrlimit(limit)[0])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("0o77 0\n")
