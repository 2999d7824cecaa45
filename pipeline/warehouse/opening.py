"""Opening the warehouse for building a year: which engine, a store that is damaged or none of ours, and what stands beside it.

What is done in a session is said in ``session``; opening a file to read it is the business of ``reading``.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb

from pipeline.errors import DaijiaoError, UsageError
from pipeline.log import LOGGER
from pipeline.privacy import is_interruption, scrubbed
from pipeline.warehouse.damage import UnusableFileError, fault_told, set_aside
from pipeline.warehouse.engine_duckdb import DuckDBEngine
from pipeline.warehouse.folder import SPILL_FOLDER, make_warehouse_folder
from pipeline.warehouse.reference import code_tables, reference_tables
from pipeline.warehouse.run import DUCKDB, Run
from pipeline.warehouse.session import Session
from pipeline.warehouse.versions import Versions

# What is said of a store that can't be used.
UNUSABLE_STORE = "%(name)s was unusable (%(english)s) and is made anew; it lies in %(aside)s now"


@contextmanager
def session(run: Run) -> Iterator[Session]:
    """Open the warehouse for building a year: its tables made ready, those of the policy and the codes beside them."""
    references = {"policy": reference_tables(run), "code": code_tables()}
    make_warehouse_folder(run.folder)
    engine = _attached(run)
    try:
        for schema, frames in references.items():
            engine.put(schema, frames)
        yield Session(engine, run.year, Versions(references))
    except duckdb.Error as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        engine.close()
        raise _unusable_store(run.store, error) from None
    finally:
        engine.close()


def _attached(run: Run) -> DuckDBEngine:
    """An engine with the run's store; one that is damaged, or none of ours, is set aside: all of it is made again."""
    engine = _engine(run)
    try:
        engine.attach(run.store)
    except (duckdb.Error, UnusableFileError) as error:
        engine.close()
        if isinstance(error, duckdb.Error) and is_interruption(error):
            raise KeyboardInterrupt from None
        fault = error.fault if isinstance(error, UnusableFileError) else fault_told(error)
        if fault is None or not fault.is_replaceable:
            raise error if isinstance(error, UnusableFileError) else _unusable_store(run.store, error) from None
        aside = set_aside(run.store)
        LOGGER.warning(UNUSABLE_STORE, {"name": run.store.name, "aside": aside.name, **asdict(fault)})
        engine = _engine(run)
        engine.attach(run.store)
    return engine


def _engine(run: Run) -> DuckDBEngine:
    """The engine that the run asks for.

    Raises:
        UsageError: it asks for Spark by no address, or what speaks with Spark isn't installed.
    """
    spill = run.warehouse / SPILL_FOLDER
    if run.engine == DUCKDB:
        return DuckDBEngine(spill, run.key)
    try:
        from pipeline.warehouse.engine_spark import SparkEngine, address_of

        place = f"{run.policy.district_code}/{run.year}"
        return SparkEngine(spill, run.key, address_of(run.engine), run.lake, place)
    except ImportError:
        raise UsageError(
            "DAIJIAO_ENGINE asks for Spark, but what speaks with it isn't installed. Install the extra spark (`uv sync --extra "
            "spark`), or unset DAIJIAO_ENGINE, and run again."
        ) from None


def _unusable_store(store: Path, error: duckdb.Error) -> DaijiaoError:
    """What is said when the store fails at work; a damaged one is set aside, so that the next refresh makes it anew."""
    fault = fault_told(error)
    if fault is not None and fault.is_replaceable:
        aside = set_aside(store)
        return DaijiaoError(
            f"{store} can't be used: {fault.english}. It was moved to {aside.name}, and nothing was published; run `daijiao "
            "refresh --year YEAR` again, which makes it anew from the landed files.",
            f"{store} 不能使用:{fault.chinese}。已改名为 {aside.name},没有发布;"
            "请再次运行 `daijiao refresh --year 年度`,由报送文件重新生成。",
        )
    return DaijiaoError(
        f"The warehouse {store} can't be used ({scrubbed(error)}). Close other programs that have it open, free disk space or "
        "memory, and run again.",
        f"数据仓库 {store} 不能使用({scrubbed(error)})。请关闭占用它的其他程序,释放磁盘空间或内存,再重新运行。",
    )
