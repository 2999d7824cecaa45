"""Commands of the pipeline in processes of their own that start at once: forked from one that has its libraries loaded.

A command runs as the user meets it: it ends with the exit status of ``daijiao`` and writes to its own stdout and stderr.
`Conditions` are what the operating system does to it.
"""

import errno
import os
import resource
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tests.operations.world import YEAR

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.operations.preloaded"])
NOBODY = 65534


@dataclass(frozen=True)
class Conditions:
    """Limits of a process: the size that a file may reach, its memory, its user, and what fails on the way.

    Attributes:
        file_bytes: no file can grow beyond it.
        memory_bytes: the address space beyond what the process has at its start.
        as_nobody: without the rights of root.
        failing_operation: the number of the file operation (opening for writing, renaming, ...) that fails as a full disk.
        vanishing: a file that is deleted as soon as another one is opened: (opened, deleted).
    """

    file_bytes: int | None = None
    memory_bytes: int | None = None
    as_nobody: bool = False
    failing_operation: int | None = None
    vanishing: tuple[Path, Path] | None = None


@dataclass(frozen=True)
class Place:
    """The folders of an installation, all below one."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> Path:
        """Landing folder."""
        return self.folder / "raw"

    @property
    def warehouse(self) -> Path:
        """Warehouse folder."""
        return self.folder / "warehouse"

    @property
    def published(self) -> Path:
        """The published file."""
        return self.warehouse / "published.duckdb"

    @property
    def dagster_home(self) -> Path:
        """Folder of Dagster's history."""
        return self.folder / "dagster"


class Command:
    """A command that was started in a process of its own."""

    def __init__(self, process: ForkServerProcess, outputs: Path) -> None:
        """Remember a started process and where its outputs go."""
        self.process = process
        self._outputs = outputs

    def status(self, seconds: float = 300) -> int:
        """Wait for the end; the exit status, negative for a signal."""
        self.process.join(seconds)
        assert self.process.exitcode is not None, "the command doesn't end"
        return self.process.exitcode

    @property
    def stdout(self) -> str:
        """What the command wrote to stdout so far."""
        return self._outputs.with_suffix(".stdout").read_text(encoding="utf-8")

    @property
    def stderr(self) -> str:
        """What the command wrote to stderr so far."""
        path = self._outputs.with_suffix(".stderr")
        return path.read_text(encoding="utf-8") if path.exists() else ""


def start_refresh(place: Place, conditions: Conditions | None = None) -> Command:
    """Start a refresh without Dagster."""
    return _start(place, _refresh, conditions)


def start_command(place: Place, conditions: Conditions | None = None) -> Command:
    """Start ``daijiao refresh``, the Dagster job."""
    return _start(place, _daijiao_refresh, conditions)


def start(place: Place, action: Callable[[Place], None], conditions: Conditions | None = None) -> Command:
    """Start any action (a function of a module)."""
    return _start(place, action, conditions)


def _start(place: Place, action: Callable[[Place], None], conditions: Conditions | None) -> Command:
    outputs = Path(tempfile.mkdtemp(prefix="daijiao-outputs-", dir=place.folder.parent)) / "of"
    process = CONTEXT.Process(target=_run, args=(place, action, conditions or Conditions(), outputs))
    process.start()
    return Command(process, outputs)


def _refresh(place: Place) -> None:
    from pipeline.build.refresh import refresh_year
    from pipeline.errors import DaijiaoError

    try:
        refresh_year(place.raw, place.warehouse, YEAR)
    except DaijiaoError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_status)


def _daijiao_refresh(place: Place) -> None:
    from pipeline.commands import cli

    cli.main(["refresh", "--year", str(YEAR), "--raw", str(place.raw), "--warehouse", str(place.warehouse)])


def _run(place: Place, action: Callable[[Place], None], conditions: Conditions, outputs: Path) -> None:
    for number, suffix in ((1, ".stdout"), (2, ".stderr")):
        handle = os.open(outputs.with_suffix(suffix), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
        os.dup2(handle, number)
        os.close(handle)
    for name in [name for name in os.environ if name.startswith("DAIJIAO_")]:
        del os.environ[name]
    os.environ["DAGSTER_HOME"] = str(place.dagster_home)
    os.environ.update(place.environment)
    status = 0
    try:
        _impose(conditions)
        action(place)
    except SystemExit as ended:
        status = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
        status = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _impose(conditions: Conditions) -> None:
    if conditions.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (conditions.file_bytes, conditions.file_bytes))
    if conditions.memory_bytes is not None:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        limit = pages * resource.getpagesize() + conditions.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    if conditions.as_nobody and os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if conditions.failing_operation is not None:
        sys.addaudithook(_failing_hook(conditions.failing_operation))
    if conditions.vanishing is not None:
        sys.addaudithook(_vanishing_hook(*conditions.vanishing))


def _failing_hook(number: int) -> Callable[[str, tuple[object, ...]], None]:
    """Let the n-th operation that changes a file fail, as on a full disk; all the later ones fail too."""
    changing = {"os.rename", "os.mkdir", "os.chmod", "os.link", "os.truncate"}
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        is_writing = (
            event == "open" and isinstance(arguments[2], int) and bool(arguments[2] & (os.O_WRONLY | os.O_RDWR))
        )
        if event in changing or is_writing:
            count += 1
            if count >= number:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    return hook


def _vanishing_hook(opened: Path, deleted: Path) -> Callable[[str, tuple[object, ...]], None]:
    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and str(arguments[0]) == str(opened):
            deleted.unlink(missing_ok=True)

    return hook
