"""Whose eyes files are for: the umask of a process, modes that are too open, and what ended processes left behind.

Which file may be read by whom is the business of those who write it.
"""

import os
import re
import resource
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.errors import DaijiaoError
from pipeline.log import LOGGER

OWNER_FILE = 0o600
OWNER_FOLDER = 0o700
GROUP_FILE = 0o640
GROUP_FOLDER = 0o750


def restrict_process() -> None:
    """Let whatever this process and those that it starts write be readable by its owner alone, unless it is opened on purpose.

    A crash writes no image of the memory, which is full of persons.
    """
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def close_to(path: Path, mode: int) -> None:
    """Take away what a file or folder allows beyond a mode; one that isn't there allows nothing.

    Raises:
        DaijiaoError: it is too open, and belongs to somebody else.
    """
    try:
        found = stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return
    if not found & ~mode & 0o777:
        return
    try:
        path.chmod(found & mode)
    except PermissionError:
        raise DaijiaoError(
            f"{path} is open to others (mode {found:04o}; it may be {mode:04o} at most) and belongs to another user, so that "
            f"this one can't close it. Let its owner run `chmod {mode:o} {path}`, then run again.",
            f"{path} 对他人开放(权限 {found:04o},最多可为 {mode:04o}),且属于另一个用户,当前用户无法关闭。"
            f"请由其所有者运行 `chmod {mode:o} {path}`,再重新运行。",
        ) from None
    LOGGER.info("%s was open to others (mode %04o); it is closed to them now", path, found)


@contextmanager
def scratch_folder(what: str) -> Iterator[Path]:
    """A folder among the system's temporary ones for as long as it is worked in: full IDs lie there, so none is left behind.

    What a process that was killed left of the same kind is removed first.
    """
    stem = f"daijiao-{what}-"
    sweep(Path(tempfile.gettempdir()), stem)
    with tempfile.TemporaryDirectory(prefix=f"{stem}{os.getpid()}-") as name:
        yield Path(name)


def sweep(folder: Path, stem: str) -> None:
    """Remove the temporary files and folders of ended processes: those named `stem`, the process's number, and any end.

    Whatever can't be removed stays.
    """
    named = re.compile(re.escape(stem) + r"(\d+)(?:[-.].*)?$")
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        made = named.match(path.name)
        if made and not _is_running(int(made.group(1))):
            remove(path)


def remove(path: Path) -> None:
    """Remove a file or a folder with all that it holds; one that can't be removed stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        try:
            path.unlink(missing_ok=True)
        except OSError:
            LOGGER.info("%s was left behind by another run and can't be removed", path)


def _is_running(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
