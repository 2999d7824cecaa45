"""The one writer's lock of a warehouse folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from pipeline.errors import DaijiaoError
from pipeline.landing.cache import forget_unused
from pipeline.restricted import restrict_process
from pipeline.warehouse.folder import LOCK_FILE, PARSE_CACHE, close_folder, make_warehouse_folder, tidy_folder


@contextmanager
def writing(folder: Path, wait_seconds: float) -> Iterator[None]:
    """Hold the warehouse folder for one run, closed to others and without what a killed run left; re-entrant within a process.

    Raises:
        DaijiaoError: another run holds it for longer, or the folder can't be written, or not be closed.
    """
    restrict_process()
    try:
        make_warehouse_folder(folder)
        lock = FileLock(folder / LOCK_FILE, timeout=wait_seconds, is_singleton=True)
        lock.acquire()
    except Timeout:
        raise DaijiaoError(
            f"Another run holds {folder} for more than {wait_seconds:g} seconds. Wait until it has ended and run again.",
            f"另一次运行占用 {folder} 已超过 {wait_seconds:g} 秒。请等它结束后再运行。",
        ) from None
    except OSError as error:
        raise DaijiaoError(
            f"The folder {folder} can't be written by this user ({error.strerror}). Make it writable, or free disk space if "
            "that is what is missing, and run again; or give another folder with --warehouse.",
            f"当前用户不能写入文件夹 {folder}({error.strerror})。请设为可写,"
            "或在磁盘已满时腾出空间,再重新运行;也可以用 --warehouse 指定另一个文件夹。",
        ) from None
    is_first = lock.lock_counter == 1
    try:
        if is_first:
            close_folder(folder)
            tidy_folder(folder)
        yield
    finally:
        if is_first:
            forget_unused(folder / PARSE_CACHE)
        lock.release()
