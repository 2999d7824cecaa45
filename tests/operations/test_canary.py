"""Known IDs, names, accounts and phones are planted, every error is provoked, and none of them may be found where people read.

Restricted places (landing folder, warehouse.duckdb and its log, parse cache) hold them by their nature and are closed to
others. That the search finds what is there is shown by a build that leaks on purpose.
"""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.deep import only_deep
from tests.operations.actions import fail_with_a_value, fail_with_a_value_and_leak, violate_a_constraint
from tests.operations.commands import Command, Place, start, start_command, start_refresh
from tests.operations.district import District
from tests.operations.world import IDS, NAMES, PERSONAL_VALUES, land_second_batch, write_world, write_wrong_files

RESTRICTED = ("raw", "warehouse/warehouse.duckdb", "warehouse/warehouse.duckdb.wal", "warehouse/parsed")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A small district with files and rows of every kind of error; temporary files go to a folder of their own."""
    made = Place(
        tmp_path, {"DAIJIAO_KEY": "the key of the canaries, long enough", "TMPDIR": str(tmp_path / "temporary")}
    )
    (tmp_path / "temporary").mkdir()
    write_world(made.raw)
    land_second_batch(made.raw)
    write_wrong_files(made.raw)
    return made


def leaks(place: Place, *commands: Command) -> dict[str, set[str]]:
    """The personal values that are found, by place: in files, published texts and outputs of commands."""
    texts = {f"outputs {number}": command.stdout + command.stderr for number, command in enumerate(commands)}
    # A terminal folds a line wherever it is full.
    unfolded = {name: text + re.sub(r"\n *", "", text) for name, text in texts.items()}
    found = {name: {value for value in PERSONAL_VALUES if value in text} for name, text in unfolded.items()}
    for path in sorted(path for path in place.folder.rglob("*") if path.is_file()):
        name = path.relative_to(place.folder).as_posix()
        if not name.startswith(RESTRICTED):
            content = path.read_bytes() + name.encode()
            found[name] = {value for value in PERSONAL_VALUES if _is_in(value, content)}
    published = list(_texts(place))
    found["published tables"] = {value for value in PERSONAL_VALUES if any(value in text for text in published)}
    return {name: values for name, values in found.items() if values}


def _is_in(value: str, content: bytes) -> bool:
    """Whether a value stands in a file, as UTF-8, UTF-16, GB18030, or escaped as in JSON."""
    forms = {value.encode(), value.encode("utf-16-le"), value.encode("gb18030"), ascii(value).strip("'").encode()}
    return any(form in content for form in forms)


def _texts(place: Place) -> Iterator[str]:
    """Every text of the published tables, uncompressed."""
    if not place.published.exists():
        return
    with duckdb.connect(str(place.published), read_only=True) as connection:
        columns = connection.execute(
            "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
            "WHERE data_type = 'VARCHAR' AND NOT internal"
        ).fetchall()
        for table, column in columns:
            rows = connection.execute(
                f'SELECT DISTINCT "{column}" FROM {table} WHERE "{column}" IS NOT NULL'
            ).fetchall()
            yield from (text for (text,) in rows)


@only_deep("test_canaries searches more places")
def test_nothing_personal_is_published(place: Place) -> None:
    """Refused files, quarantined rows, odd replies and mismatches are listed without a personal value."""
    command = start_refresh(place)
    assert command.status() == 0, command.stderr
    with duckdb.connect(str(place.published), read_only=True) as connection:
        refused = connection.execute("SELECT count(*) FROM mart.source_file WHERE status = 'refused'").fetchone()
        quarantined = connection.execute("SELECT count(*) FROM mart.quarantined_row").fetchone()
        mismatches = connection.execute("SELECT count(DISTINCT kind) FROM mart.roster_mismatch").fetchone()
        replies = connection.execute("SELECT count(*) FROM mart.reply").fetchone()
    assert refused == (5,)
    assert quarantined == (5,)
    assert mismatches is not None and mismatches[0] >= 3
    assert replies == (2,)
    assert leaks(place, command) == {}


@only_deep("a whole Dagster job")
def test_nothing_personal_in_the_history_of_runs(place: Place) -> None:
    """Events, previews, check results and compute logs of a whole Dagster job hold no personal value."""
    command = start_command(place)
    assert command.status() == 0, command.stderr
    assert any(place.dagster_home.rglob("*.db"))
    assert leaks(place, command) == {}


def test_failing_step_tells_no_value(place: Place) -> None:
    """A step that fails with a text that quotes persons leaves nothing of it in history, logs and outputs."""
    command = start(place, fail_with_a_value)
    assert command.status() == 1
    assert "ValueError" in command.stderr and "Traceback" not in command.stderr
    assert any(place.dagster_home.rglob("*.db"))
    assert leaks(place, command) == {}


@only_deep("that the canary finds a leak is a test of the test")
def test_build_that_leaks_is_found_out(place: Place) -> None:
    """The search finds a value in Dagster's history and logs where it is there."""
    command = start(place, fail_with_a_value_and_leak)
    assert command.status() == 1
    found = leaks(place, command)
    assert any(name.endswith(".db") for name in found), found
    assert all({IDS[0], NAMES[0]} <= values for name, values in found.items() if name.endswith("index.db"))


def test_violated_constraint_tells_no_value(district: District) -> None:
    """What the store says when it refuses a row quotes the key: it is not passed on."""
    command = start(district.place, violate_a_constraint)
    assert command.status() == 1
    assert "DaijiaoError: core.write_off could not be built (ConstraintException" in command.stderr
    assert leaks(district.place, command) == {}


def test_places_with_personal_values_are_closed_to_others(district: District) -> None:
    """The warehouse and the key are their owner's alone, and so are the folders of parsed files and of spilt rows."""
    closed = {"key": 0o600, "warehouse/warehouse.duckdb": 0o600, "warehouse/parsed": 0o700, "warehouse/spill": 0o700}
    assert {name: stat.S_IMODE((district.place.folder / name).stat().st_mode) for name in closed} == closed
