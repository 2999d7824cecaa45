"""Publishing: one file, whole and at once, with the proof of what it is.

The file is written beside the last one, counted again, signed, and put in its place; whatever fails, the last one stays.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import asdict, astuple
from pathlib import Path

import duckdb

from pipeline.contracts import tables
from pipeline.contracts.dictionary import write_dictionary
from pipeline.contracts.statements import comment_statements
from pipeline.errors import DaijiaoError
from pipeline.log import LOGGER
from pipeline.privacy import is_interruption, scrubbed, write_whole
from pipeline.restricted import GROUP_FILE
from pipeline.warehouse import continuity
from pipeline.warehouse.damage import FOREIGN, Fault, UnusableFileError, fault_of, fault_told, set_aside
from pipeline.warehouse.folder import DISTRICT_FILE, LAST_YEAR_FILE, NEW, OPEN_FILE, SPILL_FOLDER, make_warehouse_folder
from pipeline.warehouse.memory import memory_limit
from pipeline.warehouse.open_file import write_open
from pipeline.warehouse.proof import (
    CHANGE,
    DIGEST,
    PROOF,
    Counted,
    Proof,
    is_signed,
    make_proof,
    problems,
    published_years,
    require_proven,
    table_digest,
    table_digests,
)
from pipeline.warehouse.reading import reading, unusable
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

# What is said of a published file that can't be used.
UNUSABLE_PUBLISHED = (
    "%(name)s was unusable (%(english)s) and is written anew; it lies in %(aside)s now. "
    "Refresh the other years too: %(others)s"
)

CountAgain = Callable[[Run, duckdb.DuckDBPyConnection], Counted]


def publish(open_session: Session, run: Run, count_again: CountAgain) -> None:
    """Write the published file from the session's year and the other years already published, and put it in place at once.

    What its tables mean is written beside it, from the same contracts.

    Args:
        open_session: holds the year's tables.
        run: the facts of the refresh.
        count_again: counts the tables of the fresh file a second time; raises where a value differs.

    Raises:
        DaijiaoError: the file can't be written, holds other rows than were computed, or doesn't stand the second count; or
            another year is not what was signed. The last published file stays.
    """
    LOGGER.info("Publishing %s", run.published.name)
    final = run.published
    fresh = final.with_name(f"{final.name}{NEW}")
    try:
        make_warehouse_folder(run.folder)
        _remove(fresh)
        if run.as_of is None:
            write_dictionary(run.folder, final.name)
        is_last = _is_last(open_session, final)
        if not is_last:
            _set_aside_if_unusable(open_session, run)
        if not _is_published(open_session, run, is_last=is_last):
            _write(open_session, run, fresh, count_again)
        if run.as_of is None:
            # The dashboard opens on this year.
            write_whole(run.folder / LAST_YEAR_FILE, str(run.year))
            write_whole(run.folder / DISTRICT_FILE, run.policy.district_code)
    except (duckdb.Error, OSError) as error:
        if is_interruption(error):
            raise KeyboardInterrupt from None
        if isinstance(error, duckdb.Error) and fault_told(error) is not None:
            # The published files were looked at before: it is the store.
            raise
        raise DaijiaoError(
            f"{final} could not be written ({scrubbed(error)}). The last published tables stay; free disk space or make the "
            "folder writable, and run again.",
            f"无法写入 {final}({scrubbed(error)})。上次发布的数据表没有变化;请腾出磁盘空间或将文件夹设为可写,再重新运行。",
        ) from None
    finally:
        _remove(fresh)


def require_published(open_session: Session, run: Run) -> Proof:
    """The proof of a published year whose tables in the warehouse are the very ones that were published and signed.

    Raises:
        UsageError: the year was never published.
        DaijiaoError: the published file isn't what was signed or what was published last, or the tables were built after that.
    """
    proof = require_proven(run.published, run.year, run.key)
    open_session.take_every_table()
    if not open_session.is_published() or open_session.is_publication(_sha256(run.published)) is False:
        raise DaijiaoError(
            f"The tables of {run.year} in {run.store} are not those of {run.published.name}: they were built later and not "
            f"published, or the published file was replaced. Run `daijiao refresh --year {run.year}`, which publishes them or "
            "says why it can't.",
            f"{run.store} 中 {run.year} 年的数据表与 {run.published.name} 中的不同:"
            "或是之后计算过而没有发布,或是已发布的文件被替换。"
            f"请运行 `daijiao refresh --year {run.year}`,它会发布,或说明为什么不能发布。",
        )
    return proof


def _write(open_session: Session, run: Run, fresh: Path, count_again: CountAgain) -> None:
    """Write the published file anew, prove it, and put it in place."""
    final = run.published
    open_session.take_published()
    _require_other_years(run)
    open_session.write_published(fresh, final if final.exists() else None)
    _prove(run, fresh, count_again)
    fresh.chmod(GROUP_FILE)
    _sync(fresh)
    fresh.replace(final)
    if run.as_of is None:
        _give_away(run)
    _sync(run.folder)
    open_session.keep_publication(_sha256(final))


def _is_last(open_session: Session, final: Path) -> bool | None:
    """Whether the published file is the one that was written last; null where nobody knows, or nothing can be read."""
    if not final.exists() or fault_of(final) is not None:
        return None
    return open_session.is_publication(_sha256(final))


def _set_aside_if_unusable(open_session: Session, run: Run) -> None:
    """Make way for a new published file where the last one can't be read, or is none of ours; what was in it is told.

    Raises:
        UnusableFileError: it can't be moved away by this program.
    """
    final = run.published
    fault = _fault_of_published(run) if final.exists() or final.is_symlink() else None
    if fault is None:
        return
    if not fault.is_replaceable:
        raise unusable(final, fault)
    aside = set_aside(final)
    others = [str(year) for year in open_session.years_published() if year != run.year]
    LOGGER.warning(
        UNUSABLE_PUBLISHED,
        {"name": final.name, "aside": aside.name, "others": ", ".join(others) or "—", **asdict(fault)},
    )


def _fault_of_published(run: Run) -> Fault | None:
    """What is wrong with the published file; every row of it is looked at."""
    if (fault := fault_of(run.published)) is not None:
        return fault
    try:
        with reading(run.published) as connection:
            years = published_years(connection)
            for year in years:
                problems(connection, year, run.key)
    except UnusableFileError as error:
        return error.fault
    return None if years else FOREIGN


def _is_published(open_session: Session, run: Run, *, is_last: bool | None) -> bool:
    """Whether the published file is the one that was written from the very rows that stand there now, and signed."""
    if not run.published.exists():
        return False
    if is_last is False:
        LOGGER.warning("%s is not the file that was published last; it is written again", run.published.name)
    if not is_last or not open_session.is_published():
        return False
    # Its bytes are those that were signed, and so are its tables; `daijiao verify` reads them all.
    with reading(run.published) as connection:
        is_proven = is_signed(connection, run.year, run.key)
    if not is_proven:
        LOGGER.warning("%s is written again: it isn't signed with this key", run.published.name)
    return is_proven


def _require_other_years(run: Run) -> None:
    """Make sure that the other years of the last published file are what was signed, before they are carried on."""
    if not run.published.exists():
        return
    with reading(run.published) as connection:
        for year in published_years(connection):
            if year != run.year and (found := problems(connection, year, run.key)):
                raise DaijiaoError(
                    f"The year {year} in {run.published} is not what was signed when it was published: {';'.join(found)}. "
                    f"It isn't carried on, and nothing was published. Run `daijiao refresh --year {year}` first; if that "
                    f"says the same of another year, move {run.published.name} away and refresh every year again.",
                    f"{run.published} 中 {year} 年的内容与发布签名时不同:{';'.join(found)}。不沿用,也没有发布。"
                    f"请先运行 `daijiao refresh --year {year}`;"
                    f"如仍对其他年度提示同样的话,请移走 {run.published.name},再逐年刷新。",
                )


def _prove(run: Run, fresh: Path, count_again: CountAgain) -> None:
    """Count a fresh file again, and write what it is, what changed, and the signature into it."""
    spill = str(run.warehouse / SPILL_FOLDER)
    connection = duckdb.connect(str(fresh), config={"temp_directory": spill, "memory_limit": memory_limit()})
    try:
        counted = count_again(run, connection)
        # In one transaction: each would wait for the disk.
        connection.execute("BEGIN")
        of_tables = table_digests(connection, run.year)
        digests = continuity.digests_of(run, of_tables)
        connection.executemany(
            f"INSERT INTO {DIGEST} VALUES (?, ?, ?)", [(run.year, *each) for each in sorted(digests.items())]
        )
        of_tables[str(DIGEST)] = table_digest(connection, DIGEST, run.year)
        changed: list[continuity.Change] = []
        if run.published.exists():
            with reading(run.published) as before:
                changed = continuity.changes(before, connection, run.year)
        if changed:
            connection.executemany(f"INSERT INTO {CHANGE} VALUES (?, ?, ?, ?)", [(run.year, *each) for each in changed])
            LOGGER.warning(
                "Since the last publication of %s, %s things are less, gone or others", run.year, len(changed)
            )
        proof = make_proof(connection, run, counted, of_tables)
        connection.execute(f"INSERT INTO {PROOF} VALUES (?, ?, ?, ?, ?, ?, ?, ?)", list(astuple(proof)))
        _make_views(connection)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _give_away(run: Run) -> None:
    """Write the tables of townships, villages and district that anybody may have beside the published file."""
    final = run.folder / OPEN_FILE
    fresh = final.with_name(f"{OPEN_FILE}{NEW}")
    _remove(fresh)
    try:
        with reading(run.published) as published:
            write_open(published, fresh)
        fresh.chmod(GROUP_FILE)
        _sync(fresh)
        fresh.replace(final)
    finally:
        _remove(fresh)


def _make_views(connection: duckdb.DuckDBPyConnection) -> None:
    """A view of each table in ``main``, which a plain client shows at once."""
    for table in tables.tables_of_published_file():
        connection.execute(f"CREATE VIEW main.{table.name} AS SELECT * FROM {table.full_name}")
        for statement in comment_statements(table, f"main.{table.name}"):
            connection.execute(statement.replace("COMMENT ON TABLE", "COMMENT ON VIEW"))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)
