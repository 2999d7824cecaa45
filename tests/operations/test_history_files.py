"""A history of runs with damaged files: set aside, told, and begun anew; one that is whole stays as it is."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pipeline.commands.history_files import set_aside_damaged


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A history with its databases, each of some pages."""
    for name in ("history/runs.db", "history/runs/index.db", "schedules/schedules.db"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE runs (body TEXT)")
            connection.executemany("INSERT INTO runs VALUES (?)", [["x" * 1000] for _ in range(100)])
            connection.commit()
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n", encoding="utf-8")
    return tmp_path


def cut_off(path: Path) -> None:
    """Half of it is gone."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def text(path: Path) -> None:
    """A text file in its place."""
    path.write_text("not a database\n" * 1000, encoding="ascii")


def folder(path: Path) -> None:
    """A folder in its place."""
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [cut_off, text, folder])
@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
def test_a_damaged_database_is_set_aside(
    home: Path, name: str, harm: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    """With the folder that needs it; the other stays."""
    harm(home / name)
    set_aside_damaged(home)
    damaged, whole = ("history", "schedules") if name.startswith("history") else ("schedules", "history")
    assert not (home / damaged).exists() and (home / f"{damaged}.damaged").is_dir()
    assert (home / whole).is_dir()
    assert f"The run history had a damaged part, {damaged}" in caplog.text


@pytest.mark.parametrize("content", [b"", b"- a list\n", b"{", b"\xff\xfe"])
def test_settings_that_are_none_are_made_anew(home: Path, content: bytes) -> None:
    """They are a copy of those that the project brings."""
    (home / "dagster.yaml").write_bytes(content)
    set_aside_damaged(home)
    assert not (home / "dagster.yaml").exists()


def test_what_is_whole_empty_or_at_work_stays(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Pages that are still in the log beside a database are no missing end."""
    (home / "history/runs.db").write_bytes(b"")
    with closing(sqlite3.connect(home / "history/runs/index.db")) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executemany("INSERT INTO runs VALUES (?)", [["y" * 1000] for _ in range(100)])
        connection.commit()
        set_aside_damaged(home)
    assert caplog.text == ""
    assert sorted(path.name for path in home.iterdir()) == ["dagster.yaml", "history", "schedules"]
