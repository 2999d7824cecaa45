"""A fault in a rule, a macro, a policy, a reader or a stored table is stopped or told before anything is published of it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.checks.second_count.tables import TABLES
from pipeline.contracts.tables import MACROS, published_tables
from pipeline.settings import PROJECT_FOLDER
from tests.deep import IS_DEEP, only_whole
from tests.operations.faults.bench import CLEAN, STORED
from tests.operations.faults.faults import Fault, load_faults

FAULTS = load_faults()
TRIED = [fault for fault in FAULTS if IS_DEEP or fault.is_quick]
LEAST = 60
REFRESHED = only_whole(
    "in tests/warehouse test_second_count stops a wrong figure, test_standing builds an edited table again, test_verify keeps an "
    "edited year from being carried on"
)
REBUILT = "are not those that were built; they are built again"
MACRO = re.compile(r"create macro (\w+)")

Outcomes = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What a copy of the job made of each fault."""
    copy = tmp_path_factory.mktemp("copy")
    for name in ("pipeline", "assets"):
        shutil.copytree(PROJECT_FOLDER / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    results = copy / "results"
    environment = os.environ | {
        "DAIJIAO_KEY": "a key for invented persons, of no use elsewhere",
        "PYTHONPATH": os.pathsep.join((str(copy), str(PROJECT_FOLDER))),
    }
    command = [sys.executable, "-m", "tests.operations.faults.bench", str(copy), str(results)]
    done = subprocess.run(
        [*command, CLEAN, STORED, *(fault.name for fault in TRIED)],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    return {line["name"]: line for line in lines}


@REFRESHED
def test_without_a_fault_the_year_is_published(outcomes: Outcomes) -> None:
    """So that what stops the others is the fault; a later file of the year changes what is published."""
    assert outcomes[CLEAN]["error"] is None
    assert outcomes[STORED]["error"] is None
    assert outcomes[STORED]["published"] != outcomes[CLEAN]["published"]
    # A store that is set aside would be made anew, with whatever was put into it gone.
    assert "unusable" not in outcomes[CLEAN]["told"] + outcomes[STORED]["told"]


@REFRESHED
@pytest.mark.parametrize("fault", TRIED, ids=lambda fault: fault.name)
def test_a_fault_is_stopped_or_told(fault: Fault, outcomes: Outcomes) -> None:
    """Nothing is published of it: the refresh ends with the check's name, or tells that it builds the table again."""
    outcome = outcomes[fault.name]
    if fault.told or fault.is_built_again:
        assert outcome["error"] is None
        assert (fault.told or REBUILT) in outcome["told"]
        if not fault.is_published:
            assert outcome["published"] == outcomes[STORED]["published"]
        return
    assert outcome["error"] is not None, "it was published"
    assert fault.stopped_by in outcome["error"]
    if not fault.database:
        assert outcome["published"] == outcomes[CLEAN]["published"]


def test_the_list_names_what_stops_each_fault() -> None:
    """And is long enough, in every kind of place."""
    assert len(FAULTS) >= LEAST
    assert [
        fault.name for fault in FAULTS if bool(fault.stopped_by) == (bool(fault.told) or fault.is_built_again)
    ] == []
    places = {fault.database or "/".join(Path(fault.file).parts[:2]) for fault in FAULTS}
    assert places >= {
        "assets/core",
        "assets/judged",
        "assets/mart",
        "assets/macros.sql",
        "pipeline/policy",
        "pipeline/landing",
        "warehouse.duckdb",
        "published.duckdb",
    }


def test_what_each_fault_changes_stands_in_its_file() -> None:
    """A rule that is written anew takes its fault with it."""
    files = [fault for fault in FAULTS if fault.file]
    missing = [
        fault.name for fault in files if fault.before not in (PROJECT_FOLDER / fault.file).read_text(encoding="utf-8")
    ]
    assert files and missing == []


def test_every_published_table_and_every_macro_has_a_fault() -> None:
    """Whoever adds one adds the ways in which it could be wrong."""
    faulty = {_table_of(fault) for fault in FAULTS}
    assert [str(table.full_name) for table in published_tables() if str(table.full_name) not in faulty] == []
    macros = MACROS.read_text(encoding="utf-8")
    tried = {_macro_at(macros, macros.index(fault.before)) for fault in FAULTS if fault.file == "assets/macros.sql"}
    assert set(MACRO.findall(macros)) - tried == set()


def test_every_published_table_is_counted_a_second_time() -> None:
    """But those that are made at publication, of what was published before or of the tables themselves."""
    assert {str(table.full_name) for table in published_tables()} == set(TABLES)


def _table_of(fault: Fault) -> str:
    """The table that a file makes."""
    path = Path(fault.file)
    if path.parts[:3] == ("pipeline", "build", "indicators"):
        return "mart.performance_indicator"
    return f"{path.parent.name}.{path.stem}"


def _macro_at(macros: str, place: int) -> str:
    """The macro in which a text stands."""
    return MACRO.findall(macros[:place])[-1]
