"""Opening a database file to read it, and what is said of one that can't be used.

Whoever asks the published file or the restricted warehouse opens it here. Writing is the business of engine and publication.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from pipeline.errors import DaijiaoError, UsageError
from pipeline.privacy import is_interruption, scrubbed
from pipeline.warehouse.damage import (
    CUT_OFF,
    FOREIGN,
    IN_USE,
    NEWER,
    Fault,
    UnusableFileError,
    fault_of,
    fault_told,
    is_cut_off,
)
from pipeline.warehouse.folder import WAREHOUSE_FILE, close_folder
from pipeline.warehouse.memory import memory_limit


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a database file for reading only.

    Raises:
        UsageError: the file isn't there.
        UnusableFileError: it can't be opened, is damaged, or lacks a table that is asked for.
    """
    if not path.exists():
        raise UsageError(
            f"There is no {path.name} in {path.parent}. Run `daijiao refresh` first.",
            f"{path.parent} 中没有 {path.name}。请先运行 `daijiao refresh`。",
        )
    if (fault := fault_of(path)) is not None:
        raise unusable(path, fault)
    if path.name == WAREHOUSE_FILE:
        close_folder(path.parent)
    try:
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            connection.execute(f"SET memory_limit = '{memory_limit()}'")
            if is_cut_off(connection, path):
                raise unusable(path, CUT_OFF)
            yield connection
    except (duckdb.CatalogException, duckdb.BinderException):
        raise unusable(path, FOREIGN) from None
    except duckdb.Error as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        fault = fault_told(error)
        if fault is None:
            raise DaijiaoError(
                f"{path} can't be read ({scrubbed(error)}). Free memory, and run again.",
                f"无法读取 {path}({scrubbed(error)})。请释放内存后重新运行。",
            ) from None
        raise unusable(path, fault) from None


def unusable(path: Path, fault: Fault) -> UnusableFileError:
    """What is wrong with a file, and the one thing to do."""
    if fault == IN_USE:
        advice = "Close the program that has it open, or wait until the running refresh has ended, and run again."
        chinese = "请关闭占用它的程序,或等正在运行的刷新结束,再重新运行。"
    elif fault == NEWER:
        advice = "Use the newer daijiao that wrote it; or refresh each year with this one, which makes the file anew."
        chinese = "请使用写出它的新版 daijiao;或用本版本逐年刷新,重新生成该文件。"
    elif not fault.is_replaceable:
        advice = "Move it away, or give this user leave to read it, and run again."
        chinese = "请移走它,或允许当前用户读取,再重新运行。"
    else:
        advice = "Run `daijiao refresh --year YEAR` for each year: it makes the file anew from the landed files."
        chinese = "请对每个年度运行 `daijiao refresh --year 年度`,由报送文件重新生成。"
    return UnusableFileError(
        f"{path} can't be used: {fault.english}. {advice}", f"{path} 不能使用:{fault.chinese}。{chinese}", fault
    )


def quoted(path: Path) -> str:
    """A path as a statement writes it between quotes."""
    return str(path).replace("'", "''")
