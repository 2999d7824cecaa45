"""Files of an installation that are cut off, emptied or another's: what is said, the one thing to do, and that it helps."""

import os
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.ask.verify import verify
from pipeline.errors import DaijiaoError, UsageError
from pipeline.privacy import current_key
from pipeline.reports.release import stale_reports
from pipeline.warehouse import damage, proof
from pipeline.warehouse.opening import session
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import make_run
from tests.deep import IS_DEEP
from tests.operations.world import YEAR
from tests.warehouse.conftest import Installation

Harm = Callable[[Path], object]
NEWER_ERROR = "Trying to read a database file with version number 99, but we can only read versions between 64 and 67."


def emptied(path: Path) -> None:
    """All of it is gone."""
    path.write_bytes(b"")


def text(path: Path) -> None:
    """A text file in its place."""
    path.write_text("not a database\n" * 100, encoding="ascii")


def cut_off(path: Path) -> None:
    """The disk was full, or a copy broke off."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def nearly_whole(path: Path) -> None:
    """Only the end is missing: the file can still be opened."""
    path.write_bytes(path.read_bytes()[:-300_000])


def another_programs(path: Path) -> None:
    """A database of another program."""
    path.unlink()
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE orders AS SELECT 1 AS number")


def damaged_header(path: Path) -> None:
    """A block in which one byte is another one."""
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    path.write_bytes(content)


def a_folder(path: Path) -> None:
    """A folder of the same name."""
    path.unlink()
    path.mkdir()


REPLACEABLE: dict[Harm, damage.Fault] = {
    emptied: damage.EMPTY,
    text: damage.NO_DATABASE,
    cut_off: damage.CUT_OFF,
    nearly_whole: damage.CUT_OFF,
    another_programs: damage.FOREIGN,
    damaged_header: damage.CORRUPT,
}
# The published file and the store are harmed at once: one refresh makes both anew.
TOGETHER = [(emptied, text), (cut_off, another_programs), (another_programs, nearly_whole), (damaged_header, emptied)]


@pytest.mark.parametrize("harm", REPLACEABLE, ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("name", ["published.duckdb", "warehouse.duckdb"])
def test_a_reader_says_what_is_wrong_and_one_thing_to_do(installation: Installation, name: str, harm: Harm) -> None:
    """Whatever is read, and no error of the database gets out."""
    path = installation.run.warehouse / name
    harm(path)
    with (
        pytest.raises(damage.UnusableFileError, match="Run `daijiao refresh --year YEAR`") as told,
        reading(path) as connection,
    ):
        connection.execute("SELECT count(*) FROM core.person_year").fetchall()
    assert told.value.fault == REPLACEABLE[harm]


@pytest.mark.parametrize("harm", [emptied, text, cut_off], ids=lambda harm: harm.__name__)
def test_verify_and_reports_say_it_alike(installation: Installation, harm: Harm) -> None:
    """Both look at the published file first."""
    harm(installation.run.published)
    for ask in (
        lambda: verify(installation.settings, YEAR),
        lambda: proof.require_proven(installation.run.published, YEAR, installation.run.key),
    ):
        with pytest.raises(damage.UnusableFileError, match="Run `daijiao refresh"):
            ask()


@pytest.mark.parametrize(
    ("harm", "harm_of_store"), TOGETHER if IS_DEEP else TOGETHER[1:2], ids=lambda harm: harm.__name__
)
def test_a_refresh_makes_it_anew(
    installation: Installation, harm: Harm, harm_of_store: Harm, caplog: pytest.LogCaptureFixture
) -> None:
    """Tells it, loses nothing that was another's, and publishes the same tables."""
    run = installation.run
    before = proof.require_proven(run.published, YEAR, run.key)
    harm(run.published)
    harm_of_store(run.store)
    for path in (run.warehouse / "parsed").glob("*.json"):
        path.write_text("{", encoding="ascii")
    installation.refresh()
    assert proof.require_proven(run.published, YEAR, run.key) == before
    assert f"{run.published.name} was unusable ({REPLACEABLE[harm].english})" in caplog.text
    assert f"{run.store.name} was unusable ({REPLACEABLE[harm_of_store].english})" in caplog.text
    assert (run.warehouse / "published.duckdb.damaged").stat().st_mode & 0o777 == 0o600
    assert (run.warehouse / "warehouse.duckdb.damaged").stat().st_mode & 0o777 == 0o600


def test_a_file_without_its_last_free_blocks_is_whole(tmp_path: Path) -> None:
    """DuckDB counts free blocks that it cut off; a block in which rows stand must be there."""
    path = tmp_path / "store.duckdb"
    for statement in (
        "CREATE TABLE kept AS SELECT range AS number, md5(range::varchar) AS text FROM range(60000)",
        "CREATE TABLE dropped AS SELECT range AS number FROM range(100)",
        "DROP TABLE dropped",
    ):
        with duckdb.connect(str(path)) as connection:
            connection.execute(statement)
    size = path.stat().st_size
    with duckdb.connect(str(path), read_only=True) as connection:
        block_bytes, counted, free = connection.execute(
            "SELECT block_size, total_blocks, free_blocks FROM pragma_database_size()"
        ).fetchall()[0]
        assert free and counted * block_bytes > size
        assert not damage.is_cut_off(connection, path)
        os.truncate(path, size - block_bytes)
        assert damage.is_cut_off(connection, path)


@pytest.mark.parametrize("name", ["published.duckdb", "warehouse.duckdb"])
def test_what_a_refresh_cannot_replace_is_told(installation: Installation, name: str) -> None:
    """A folder isn't moved away by itself."""
    a_folder(installation.run.warehouse / name)
    with pytest.raises(DaijiaoError, match=rf"{name} can't be used: it is a folder\. Move it away"):
        installation.refresh()


def test_what_this_user_may_not_read_is_told(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the file's name; whoever runs the tests may be one who may read everything."""
    path = installation.run.published

    def refuse(self: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        assert damage.fault_of(path) == damage.CLOSED


def test_a_newer_version_is_told() -> None:
    """By what the database says."""
    assert damage.fault_told(duckdb.IOException(NEWER_ERROR)) == damage.NEWER


def test_a_store_that_fails_at_work_is_set_aside(installation: Installation) -> None:
    """The first refresh says it, the second makes the store anew."""
    run = installation.run
    with pytest.raises(DaijiaoError, match=r"moved to warehouse\.duckdb\.damaged"), session(run):
        raise duckdb.IOException(
            "Corrupt database file: computed checksum 1 does not match stored checksum 2 in block 3"
        )
    assert not run.store.exists()


def test_an_entry_of_the_cache_may_be_anything(installation: Installation) -> None:
    """It is parsed again."""
    cache = installation.run.warehouse / "parsed"
    entries = sorted([*cache.glob("*.json"), *cache.glob("*.parquet")])
    assert len(entries) > 2
    for number, path in enumerate(entries):
        if number % 2:
            path.write_bytes(b"")
        else:
            path.unlink()
            path.mkdir()
            (path / "file").write_bytes(b"x")
    installation.refresh()
    assert all(path.is_file() for path in cache.glob("*.parquet"))


def test_a_file_in_place_of_the_cache_is_told(installation: Installation) -> None:
    """With what to do."""
    cache = installation.run.warehouse / "parsed"
    cache.rename(cache.with_name("elsewhere"))
    cache.write_bytes(b"")
    with pytest.raises(DaijiaoError, match=r"parsed is no folder.*Move it away"):
        installation.refresh()


KEYS: dict[str, tuple[Harm, str]] = {
    "emptied": (emptied, "missing or empty.*Put the key file back"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:20]), "can't be used.*Put the right key back"),
    "binary": (lambda path: path.write_bytes(os.urandom(64)), "can't be used.*Put the right key back"),
    "another": (lambda path: path.write_text("f" * 64, encoding="ascii"), "not the one.*Put the right key back"),
    "folder": (a_folder, "can't be read.*Put the key file back"),
    "gone": (lambda path: path.unlink(), "missing or empty.*Put the key file back"),
}


@pytest.mark.parametrize("harm", KEYS)
def test_a_key_that_is_none_is_told(installation: Installation, harm: str) -> None:
    """And no other is made in its place."""
    path = installation.settings.key_file
    settings = installation.settings
    damage_key, sentence = KEYS[harm]
    damage_key(path)
    with pytest.raises(DaijiaoError, match=sentence):
        make_run(settings, YEAR)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"no fingerprint"])
def test_a_damaged_fingerprint_is_told(installation: Installation, content: bytes) -> None:
    """It isn't taken for that of another key."""
    (installation.settings.warehouse / "key.fingerprint").write_bytes(content)
    with pytest.raises(DaijiaoError, match=r"key\.fingerprint is damaged.*delete the file"):
        make_run(installation.settings, YEAR)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", None])
def test_what_is_remembered_of_reports_may_be_anything(installation: Installation, content: bytes | None) -> None:
    """They are written again."""
    path = installation.settings.warehouse / "reports.json"
    path.mkdir() if content is None else path.write_bytes(content)
    assert list(stale_reports(installation.settings.warehouse)) == [YEAR]


def test_other_years_are_named_when_the_published_file_is_made_anew(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """They can't be carried on: whoever reads it knows which to refresh."""
    run = installation.run
    installation.change(
        run.store, "INSERT INTO made_from (name, policy_year, sha256) VALUES ('release.published', 2018, 'x')"
    )
    text(run.published)
    installation.refresh()
    assert "Refresh the other years too: 2018" in caplog.text


def test_another_versions_file_of_this_year_alone_is_written_anew(installation: Installation) -> None:
    """Nothing of it is carried on; where another year is, that can't be, and what to do is told."""
    published = installation.run.published
    installation.change(published, "ALTER TABLE mart.reply ADD COLUMN remark VARCHAR")
    installation.refresh()
    assert installation.published("SELECT count(*) FROM mart.district_summary") == [(1,)]
    before = [row[0] for row in installation.published("DESCRIBE mart.reply")]
    assert "remark" not in before
    installation.change(published, "ALTER TABLE mart.change ADD COLUMN remark VARCHAR")
    installation.change(published, "INSERT INTO mart.change (policy_year, subject) VALUES (2018, 'x')")
    with pytest.raises(DaijiaoError, match=r"2018") as told:
        installation.refresh()
    assert told.value.exit_status == 1


def test_the_key_of_nowhere_is_none(installation: Installation) -> None:
    """Asking for it makes none."""
    assert current_key(installation.folder / "nothing") is None
    with pytest.raises(UsageError, match="nothing to verify"):
        verify(replace_warehouse(installation), YEAR)


def replace_warehouse(installation: Installation):  # type: ignore[no-untyped-def]
    """The settings with an empty warehouse."""
    return installation.settings.model_copy(update={"warehouse": installation.folder / "empty"})
