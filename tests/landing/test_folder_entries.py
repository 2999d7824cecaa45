"""Every entry of the landing folder ends somewhere: read, listed with its reason, or the end of the refresh."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from pipeline.errors import DaijiaoError
from pipeline.landing import holds_entries, land_year, load_layouts
from pipeline.landing.files import landed_files, shown_name

TABLE = "乡镇,金额\n汤丹镇,100\n"
NOBODY = 65_534


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A source's folder with one good file."""
    source = tmp_path / "raw" / "2019" / "allocations"
    source.mkdir(parents=True)
    (source / "good.csv").write_text(TABLE, encoding="utf-8")
    return source


def reasons(folder: Path) -> dict[str, str | None]:
    """Why each entry is refused."""
    return {file.file_name: file.refusal for file in landed_files(folder.parent.parent, 2019)}


def test_a_link_to_a_file_inside_is_that_file_and_one_to_a_file_outside_is_refused(folder: Path) -> None:
    """Each under its own path; so is a link to nothing."""
    (folder / "inside.csv").symlink_to(folder / "good.csv")
    outside = folder.parents[2] / "outside.csv"
    outside.write_text(TABLE, encoding="utf-8")
    (folder / "outside.csv").symlink_to(outside)
    (folder / "nothing.csv").symlink_to(folder / "missing.csv")
    found = reasons(folder)
    assert found["allocations/inside.csv"] is None
    assert str(found["allocations/outside.csv"]).startswith("link_outside: ")
    assert str(found["allocations/nothing.csv"]).startswith("unreadable_file: ")
    landing = land_year(folder.parents[1], 2019, load_layouts(), folder.parents[2] / "cache")
    statuses = dict(landing.files.select("file_name", "status").iter_rows())
    assert statuses == {
        "allocations/good.csv": "read",
        "allocations/inside.csv": "same_bytes",
        "allocations/nothing.csv": "refused",
        "allocations/outside.csv": "refused",
    }


def test_what_is_no_regular_file_and_what_lies_in_no_source_s_folder_is_refused(folder: Path) -> None:
    """A pipe is not waited for; a folder of another name is listed under its own."""
    os.mkfifo(folder / "pipe.csv")
    (folder.parent / "其他").mkdir()
    (folder.parent / "其他" / "a.csv").write_text(TABLE, encoding="utf-8")
    (folder.parent / "a.csv").write_text(TABLE, encoding="utf-8")
    found = reasons(folder)
    assert str(found["allocations/pipe.csv"]).startswith("no_regular_file: ")
    assert str(found["其他"]).startswith("no_source_folder: ") and str(found["a.csv"]).startswith("no_source_folder: ")
    assert {file.source for file in landed_files(folder.parents[1], 2019)} == {"allocations", "其他", "a.csv"}


def test_the_landing_folder_itself_may_be_a_link_and_folders_inside_it_may_be_linked(folder: Path) -> None:
    """What a linked folder holds stands under its path."""
    (folder / "汤丹").mkdir()
    (folder / "汤丹" / "a.csv").write_text(TABLE + "汤丹镇,2\n", encoding="utf-8")
    (folder / "again").symlink_to(folder / "汤丹")
    link = folder.parents[2] / "link"
    link.symlink_to(folder.parents[1])
    names = [file.file_name for file in landed_files(link, 2019)]
    assert names == ["allocations/again/a.csv", "allocations/good.csv", "allocations/汤丹/a.csv"]


def outward(folder: Path) -> None:
    """A link to a folder outside."""
    (folder.parents[2] / "other").mkdir()
    (folder / "下级").symlink_to(folder.parents[2] / "other")


def upward(folder: Path) -> None:
    """A link to the folder that it lies in."""
    (folder / "下级").symlink_to(folder)


def itself(folder: Path) -> None:
    """A link to itself."""
    (folder / "下级").symlink_to(folder / "下级")


def too_long(folder: Path) -> None:
    """More folders in one another than a path may name."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        for _ in range(30):
            Path("下级" * 40).mkdir()
            os.chdir("下级" * 40)
    finally:
        os.chdir(before)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (outward, "leads out of the landing folder"),
        (upward, "leads in a circle"),
        (itself, "circle"),
        (too_long, "too long"),
    ],
)
def test_a_folder_that_can_not_be_walked_through_stops_the_refresh(make: object, says: str, folder: Path) -> None:
    """With a sentence that names it."""
    assert callable(make)
    make(folder)
    with pytest.raises(DaijiaoError) as raised:
        landed_files(folder.parents[1], 2019)
    assert raised.value.exit_status == 1
    assert says in str(raised.value) and "下级" in str(raised.value)


@pytest.mark.parametrize(
    ("mode", "of_folder", "says"),
    [(0o000, True, "can't be listed"), (0o444, True, "下级"), (0o000, False, "unreadable_file")],
)
def test_what_an_ordinary_user_may_not_read(mode: int, of_folder: bool, says: str) -> None:
    """A folder stops the refresh, a file is listed; both are named."""
    if os.geteuid() != 0:
        pytest.skip("only root can become an ordinary user")
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        said = _as_ordinary_user(Path(place), mode, of_folder=of_folder)
    assert says in said and "下级" in said, said


def _as_ordinary_user(place: Path, mode: int, *, of_folder: bool) -> str:
    """What is said of a landing folder in which a folder, or a file in it, has a mode."""
    below = place / "raw" / "2019" / "allocations" / "下级"
    below.mkdir(parents=True)
    (below / "a.csv").write_text(TABLE, encoding="utf-8")
    for path in (below / "a.csv", below, *list(below.parents)[:3]):
        path.chmod(0o644 if path.is_file() else 0o755)
    (below if of_folder else below / "a.csv").chmod(mode)
    code = (
        f"import os; os.setgroups([]); os.setgid({NOBODY}); os.setuid({NOBODY})\n"
        "from pathlib import Path\n"
        "from pipeline.landing.files import landed_files\n"
        "try:\n"
        f"    print([(file.file_name, file.refusal) for file in landed_files(Path({str(place / 'raw')!r}), 2019)])\n"
        "except Exception as error:\n"
        "    print(type(error).__name__, error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import pipeline.landing.files\n" + code], capture_output=True, text=True
    )
    return done.stdout + done.stderr


def test_names_are_shown_without_what_a_terminal_would_obey(folder: Path) -> None:
    """Control characters, marks that turn the direction of a text, and bytes that are no text."""
    assert shown_name("a\x1b[31m\n\u202e.csv") == "a\\x1b[31m\\n\\u202e.csv"
    (folder / "b\x1b[2J\x07.csv").write_text(TABLE, encoding="utf-8")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_text(TABLE, encoding="utf-8")
    assert set(reasons(folder)) == {"allocations/good.csv", "allocations/b\\x1b[2J\\x07.csv", "allocations/\\xff.csv"}


def test_a_folder_of_folders_alone_is_empty(tmp_path: Path) -> None:
    """So that a needed source without a file is told as such."""
    (tmp_path / "source" / "汤丹").mkdir(parents=True)
    (tmp_path / "source" / ".hidden").write_text("x")
    assert not holds_entries(tmp_path / "source") and not holds_entries(tmp_path / "missing")
    (tmp_path / "source" / "汤丹" / "a.csv").write_text("x")
    assert holds_entries(tmp_path / "source")
