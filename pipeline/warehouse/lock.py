"""The one writer's lock of a warehouse folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import DaijiaoError

LOCK_FILE = "refresh.lock"


@contextmanager
def writing(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the warehouse folder for one run; re-entrant within a process.

    Raises:
        DaijiaoError: another run holds it for longer, or the folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK_FILE, timeout=wait_seconds, is_singleton=True)
        lock.acquire()
    except Timeout:
        raise DaijiaoError(
            f"Another run holds {folder} for more than {wait_seconds:g} seconds. Wait until it has ended and run again."
        ) from None
    except OSError as error:
        raise DaijiaoError(
            f"The folder {folder} can't be written by this user ({error.strerror}). Make it writable, or free disk space if "
            "that is what is missing, and run again; or give another folder with --warehouse."
        ) from None
    try:
        yield
    finally:
        lock.release()
