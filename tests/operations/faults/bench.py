"""Puts faults into a copy of the job, one at a time, and says what its refresh made of each.

Run as a program of its own, whose path begins with the copy: ``python -m tests.operations.faults.bench COPY RESULTS NAME ...``.
Each refresh runs in a process forked from this one, which has loaded the libraries and nothing that a fault changes.
"""

import json
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import pypinyin  # noqa: F401

import pipeline.build.refresh  # noqa: F401
from pipeline.contracts.tables import build_order
from tests.deep import IS_DEEP
from tests.operations.faults.faults import BY_NAME, Fault
from tests.operations.faults.world import EARLIER_YEAR, SURVEY_OF_LATER, YEAR, write_replies, write_world
from tests.operations.world import write_file

CLEAN, STORED = "no fault", "no fault in a stored table"
# What a publication says about itself.
OF_THE_PUBLICATION = ("change", "proof", "digest", "refresh")

# What functions keep that depends on the text of a statement alone.
OF_STATEMENTS = ("_references",)

Outcome = dict[str, Any]


def run_all(copy: Path, names: list[str], results: Path) -> None:
    """Prepare the clean year, unless it is there, then write the outcome of each fault, or of none, a line each."""
    world = copy / "world"
    # Every statement is looked through once, for the processes that are forked.
    build_order()
    if not world.exists():
        write_world(world / "raw")
        for year in (EARLIER_YEAR, YEAR):
            _in_child(lambda folder=world, year=year: _refresh(folder, year))
        if IS_DEEP:
            write_replies(world / "raw", world / "warehouse" / "warehouse.duckdb", os.environ["DAIJIAO_KEY"])
            _in_child(lambda: _refresh(world, YEAR))
    with results.open("w", encoding="utf-8") as stream:
        for name in names:
            outcome = _with_fault(copy, world, BY_NAME.get(name), is_stored=name == STORED)
            stream.write(json.dumps({"name": name} | outcome, ensure_ascii=False) + "\n")
            stream.flush()


def _with_fault(copy: Path, world: Path, fault: Fault | None, *, is_stored: bool) -> Outcome:
    """The outcome of a refresh with one fault, in a copy of the world; the copy of the job is whole again behind it."""
    folder = copy / "faulty"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(world, folder)
    if is_stored or (fault is not None and fault.database):
        write_file(folder / "raw", *SURVEY_OF_LATER)
    if fault is None:
        return _in_child(lambda: _refresh(folder, YEAR))
    if fault.database:
        with duckdb.connect(str(folder / "warehouse" / fault.database)) as connection:
            (changed,) = connection.execute(fault.statement).fetchone() or (0,)
        assert changed, f"{fault.name}: no row was changed"
        return _in_child(lambda: _refresh(folder, YEAR))
    path = copy / fault.file
    text = path.read_text(encoding="utf-8")
    assert fault.before in text, f"{fault.name}: {fault.before} does not stand in {fault.file}"
    path.write_text(text.replace(fault.before, fault.after, 1), encoding="utf-8")
    try:
        return _in_child(lambda: _refresh(folder, YEAR, is_code_changed=path.suffix == ".py"))
    finally:
        path.write_text(text, encoding="utf-8")


def _in_child(work: Any) -> Outcome:
    """What a function gives in a process of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        with os.fdopen(write, "w", encoding="utf-8") as stream:
            json.dump(work(), stream)
        os._exit(0)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as stream:
        said = stream.read()
    os.waitpid(child, 0)
    outcome: Outcome = json.loads(said) if said else {"error": "the process died", "told": "", "published": ""}
    return outcome


def _refresh(folder: Path, year: int, *, is_code_changed: bool = False) -> Outcome:
    """The sentence with which a refresh ended, what it logged and published of changes, and what else is published then."""
    _forget(is_code_changed=is_code_changed)
    from pipeline.build.refresh import refresh_year
    from pipeline.errors import DaijiaoError

    told: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    logging.getLogger("daijiao").addHandler(handler)
    error = None
    try:
        refresh_year(folder / "raw", folder / "warehouse", year)
    except DaijiaoError as refusal:
        error = str(refusal)
    except Exception as failure:  # noqa: BLE001 - whatever ends a job before it publishes
        error = f"{type(failure).__name__}: {failure}"
    published = folder / "warehouse" / "published.duckdb"
    if error is None:
        told += _changes(published, year)
    return {"error": error, "told": "\n".join(told), "published": _published(published)}


def _forget(*, is_code_changed: bool) -> None:
    """Forget what was read of the job's files: of a changed module everything, else what functions keep."""
    own = [name for name in sys.modules if name.partition(".")[0] in ("pipeline", "assets")]
    if is_code_changed:
        for name in own:
            del sys.modules[name]
        return
    for name in own:
        for value in list(vars(sys.modules[name]).values()):
            if hasattr(value, "cache_clear") and value.__name__ not in OF_STATEMENTS:
                value.cache_clear()


def _changes(path: Path, year: int) -> list[str]:
    """What is told of a publication beside the one before, in the order of the intake statement."""
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = connection.execute("SELECT subject FROM mart.change WHERE policy_year = ? ORDER BY 1", [year]).fetchall()
    return [subject for (subject,) in rows]


def _published(path: Path) -> str:
    """Every row of the published tables, in an order of its own."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE table_name NOT IN ? ORDER BY 1",
            [list(OF_THE_PUBLICATION)],
        ).fetchall()
        return "\n".join(
            f"{name} {row}"
            for (name,) in names
            for row in connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall()
        )


if __name__ == "__main__":
    run_all(Path(sys.argv[1]), sys.argv[3:], Path(sys.argv[2]))
