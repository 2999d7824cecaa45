"""What is backed up is enough: the same tables come back elsewhere. A lost key is never silently replaced."""

import stat
import tarfile
from pathlib import Path

import pytest

from pipeline.commands.backup import backup
from pipeline.commands.restore import restore
from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy import PACKAGE_FOLDER
from pipeline.privacy import load_key
from pipeline.settings import Settings
from tests.deep import only_deep
from tests.operations.commands import Place, start_refresh
from tests.operations.district import District
from tests.operations.published import tables_of
from tests.operations.world import YEAR, write_file, write_world

ANOTHER_KEY = "another key than that, long enough"


def installation(folder: Path, **more: Path) -> tuple[Place, Settings]:
    """An installation below a folder, with a key file of its own."""
    place = Place(folder, {"DAIJIAO_KEY_FILE": str(folder / "key")})
    return place, Settings(raw=place.raw, warehouse=place.warehouse, key_file=folder / "key", **more)


@pytest.fixture(autouse=True)
def _no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DAIJIAO_KEY", raising=False)


@only_deep("two refreshes of a district; what is restored is the same bytes")
def test_restored_files_give_the_same_tables(tmp_path: Path, district: District) -> None:
    """Landed files, key and policies in one closed file; restored and refreshed, every row and column is the same."""
    archive = tmp_path / "backup.tar.gz"
    backup(district.settings, archive)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    elsewhere, settings_elsewhere = installation(tmp_path / "elsewhere")
    restore(settings_elsewhere, archive)
    assert stat.S_IMODE(settings_elsewhere.key_file.stat().st_mode) == 0o600
    command = start_refresh(elsewhere)
    assert command.status() == 0, command.stderr
    assert tables_of(elsewhere.published) == district.after


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A backup of two files, of another county's policies and of a key."""
    policies = tmp_path / "policies"
    policies.mkdir()
    for path in PACKAGE_FOLDER.glob("*.yaml"):
        (policies / path.name).write_bytes(path.read_bytes() + b"# of another county\n")
    place, settings = installation(tmp_path / "here", policy=policies)
    write_world(place.raw)
    load_key(settings.key_file, place.published)
    backup(settings, tmp_path / "backup.tar.gz")
    return tmp_path / "backup.tar.gz"


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_policies_are_restored(tmp_path: Path, kept: Path) -> None:
    """Another county's policies go to the policy folder; without one they would be lost, so a sentence asks for it."""
    _, settings = installation(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="--policy"):
        restore(settings, kept)
    assert not settings.raw.exists() and not settings.key_file.exists()
    _, settings = installation(tmp_path / "elsewhere", policy=tmp_path / "elsewhere" / "policies")
    restore(settings, kept)
    assert files_of(tmp_path / "elsewhere" / "policies") == files_of(tmp_path / "policies")
    assert files_of(settings.raw) == files_of(tmp_path / "here" / "raw")
    assert settings.key_file.read_text() == (tmp_path / "here" / "key").read_text()


def test_nothing_is_overwritten(tmp_path: Path, kept: Path) -> None:
    """Landed files, and a key that is in use, stay what they are."""
    place, settings = installation(tmp_path / "elsewhere", policy=tmp_path / "policies")
    write_file(place.raw, "allocations/拨付表.csv", ["乡镇,金额"])
    with pytest.raises(UsageError, match="overwrites nothing"):
        restore(settings, kept)
    (place.raw / str(YEAR) / "allocations" / "拨付表.csv").unlink()
    (place.raw / str(YEAR) / "allocations").rmdir()
    (place.raw / str(YEAR)).rmdir()
    settings.key_file.write_text(ANOTHER_KEY)
    with pytest.raises(DaijiaoError, match="Another key"):
        restore(settings, kept)
    assert settings.key_file.read_text() == ANOTHER_KEY


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_backup_is_refused(tmp_path: Path, kept: Path, content: bytes | None) -> None:
    """An empty, foreign or truncated file changes nothing."""
    wrong = tmp_path / "wrong.tar.gz"
    wrong.write_bytes(kept.read_bytes()[:-200] if content is None else content)
    _, settings = installation(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no whole backup"):
        restore(settings, wrong)
    assert not settings.raw.exists() and not settings.key_file.exists()


def test_archive_that_reaches_outside_is_refused(tmp_path: Path) -> None:
    """A file whose path leads out of the folder is not written."""
    wrong = tmp_path / "wrong.tar.gz"
    with tarfile.open(wrong, "w:gz") as archive:
        archive.add(__file__, "raw/../../outside.py")
    _, settings = installation(tmp_path / "elsewhere")
    with pytest.raises(UsageError):
        restore(settings, wrong)
    assert not list(tmp_path.rglob("outside.py"))


def test_backup_without_a_key_or_files_is_refused(tmp_path: Path) -> None:
    """A backup from which the same tables could not be made is none."""
    place, settings = installation(tmp_path / "here")
    with pytest.raises(UsageError, match="nothing to back up"):
        backup(settings, tmp_path / "backup.tar.gz")
    write_world(place.raw)
    with pytest.raises(DaijiaoError, match="no key"):
        backup(settings, tmp_path / "backup.tar.gz")
    assert not (tmp_path / "backup.tar.gz").exists()


@pytest.mark.parametrize("made_with_it", ["published.duckdb", "key.fingerprint"])
@pytest.mark.parametrize("is_empty", [True, False])
def test_lost_key_is_not_replaced(tmp_path: Path, made_with_it: str, *, is_empty: bool) -> None:
    """Where tables were made with a key, no other one is made; nor is an empty key file taken for one."""
    (tmp_path / made_with_it).write_text("")
    key_file = tmp_path / "key"
    if is_empty:
        key_file.write_text("")
    with pytest.raises(DaijiaoError, match=r"missing or empty.*Put the key file back"):
        load_key(key_file, tmp_path / "published.duckdb")
    assert not key_file.exists() or key_file.read_text() == ""


def test_first_key_is_made_once(tmp_path: Path) -> None:
    """The first refresh makes a key, in place of an empty file too; every later one finds it."""
    key_file = tmp_path / "key"
    key_file.write_text("")
    made = load_key(key_file, tmp_path / "published.duckdb")
    assert len(made) == 64
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert load_key(key_file, tmp_path / "published.duckdb") == made
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_refresh_with_another_key_is_refused(district: District) -> None:
    """A key that is not the one of the published tables stops a refresh with a sentence, and the tables stay."""
    place, settings = district.place, district.settings
    settings.key_file.unlink()
    lost = start_refresh(place)
    assert lost.status() == 1
    assert "Put the key file back" in lost.stderr
    assert not settings.key_file.exists()
    settings.key_file.write_text(ANOTHER_KEY)
    other = start_refresh(place)
    assert other.status() == 1
    assert "not the one" in other.stderr
    assert tables_of(place.published) == district.before


UNUSABLE = ["short", "k" * 31, "k" * 40 + "密", "k" * 20 + "\t" + "k" * 20, "k" * 40 + "\x7f"]


@pytest.mark.parametrize("key", UNUSABLE)
@pytest.mark.parametrize("is_in_file", [True, False])
def test_a_key_that_can_be_guessed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, *, is_in_file: bool
) -> None:
    """Too short, or with something else than printable ASCII, which is read differently elsewhere."""
    key_file = tmp_path / "key"
    if is_in_file:
        key_file.write_text(key, encoding="utf-8")
    else:
        monkeypatch.setenv("DAIJIAO_KEY", key)
    with pytest.raises(DaijiaoError, match="at least 32 characters, and only printable ASCII") as refused:
        load_key(key_file, tmp_path / "published.duckdb")
    assert key not in str(refused.value)
    assert key_file.exists() == is_in_file
