"""A backup is whole to the last byte, or it is none: flips, truncations and foreign files; what can't be backed up is named."""

import os
import random
import shutil
import socket
import stat
from pathlib import Path

import pytest

from pipeline.commands.archive import NotWholeError, has_seal, is_sealed_with
from pipeline.commands.backup import backup
from pipeline.commands.backup_text import compared, written
from pipeline.commands.restore import restore, verify
from pipeline.errors import DaijiaoError, UsageError
from pipeline.settings import Settings
from tests.pipeline.commands import ended

KEY = "the key of the archives, long enough"
CHANGES = 1000
FILES = {
    "2019/poverty_roll/名单.csv": "姓名,证件号码\n张三,1\n",
    "2019/allocations/拨付.csv": "乡镇,金额\n汤丹镇,100\n" * 40,
    "2019/allocations/空.csv": "",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with three landed files and a key."""
    monkeypatch.delenv("DAIJIAO_KEY", raising=False)
    settings = installation(tmp_path / "here")
    for name, content in FILES.items():
        (settings.raw / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.raw / name).write_text(content, encoding="utf-8")
    (settings.raw / "2019" / "tax_returns").mkdir()
    settings.key_file.write_text(KEY)
    return settings


def installation(folder: Path) -> Settings:
    """An installation below a folder, without anything in it."""
    return Settings(raw=folder / "raw", warehouse=folder / "warehouse", key_file=folder / "key")


def landed(settings: Settings) -> dict[str, bytes | None]:
    """Every landed file, and every folder."""
    return {
        path.relative_to(settings.raw).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in settings.raw.rglob("*")
    }


def files_of(folder: Path) -> set[str]:
    """Whatever lies below a folder."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def changed(content: bytes, number: int) -> bytes:
    """An archive of which one bit is another one, or that lacks its end, or has something behind it."""
    chance = random.Random(number)
    place = chance.randrange(len(content))
    if number % 5 == 0:
        return content[:place]
    if number % 50 == 1:
        return content + bytes([chance.randrange(256)])
    other = bytearray(content)
    other[place] ^= 1 << chance.randrange(8)
    return bytes(other)


def test_every_changed_bit_and_every_truncation_is_seen(here: Settings, tmp_path: Path) -> None:
    """By the seal, before anything is unpacked; with the key that is in use, and with the one in the archive."""
    archive, other, elsewhere = tmp_path / "backup", tmp_path / "other", installation(tmp_path / "elsewhere")
    backup(here, archive)
    content = archive.read_bytes()
    assert is_sealed_with(archive, KEY)
    for number in range(CHANGES):
        other.write_bytes(changed(content, number))
        assert not is_whole(other), f"change {number} is not seen"
        if number % 10 == 0:
            for settings in (here, elsewhere):
                with pytest.raises(UsageError, match="no whole backup"):
                    verify(settings, other)
    before = files_of(tmp_path)
    with pytest.raises(UsageError, match="no whole backup"):
        restore(elsewhere, other)
    assert files_of(tmp_path) - before <= {"elsewhere"}


def is_whole(path: Path) -> bool:
    """Whether an archive is as it was written."""
    try:
        return is_sealed_with(path, KEY)
    except NotWholeError:
        return False


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_changed_archive_puts_nothing_in_place(here: Settings, tmp_path: Path, place: str) -> None:
    """Neither files, nor policies, nor the key."""
    archive = tmp_path / "backup"
    backup(here, archive)
    content = bytearray(archive.read_bytes())
    content[{"first": 9, "middle": len(content) // 2, "last": len(content) - 3}[place]] ^= 1
    archive.write_bytes(content)
    elsewhere = installation(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="no whole backup"):
        restore(elsewhere, archive)
    assert files_of(tmp_path / "elsewhere") == set()


def test_files_and_empty_folders_come_back(here: Settings, tmp_path: Path) -> None:
    """Closed to others; restoring once more changes nothing."""
    backup(here, tmp_path / "backup")
    elsewhere = installation(tmp_path / "elsewhere")
    restore(elsewhere, tmp_path / "backup")
    assert landed(elsewhere) == landed(here)
    assert elsewhere.key_file.read_text().strip() == KEY
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in elsewhere.raw.rglob("*")} == {0}
    elsewhere.key_file.unlink()
    restore(elsewhere, tmp_path / "backup")
    assert elsewhere.key_file.read_text().strip() == KEY
    assert files_of(tmp_path / "elsewhere") == {"key", "raw"} | {f"raw/{name}" for name in landed(here)}


def test_a_backup_is_verified_and_compared(here: Settings, tmp_path: Path) -> None:
    """What changed since then is told, and is no fault of the backup."""
    archive = tmp_path / "backup"
    backup(here, archive)
    assert "报送文件与备份时相同。" in compared(archive, verify(here, archive))
    (here.raw / "2019" / "allocations" / "空.csv").unlink()
    (here.raw / "2019" / "poverty_roll" / "名单.csv").write_text("姓名\n")
    (here.raw / "2019" / "new.csv").write_text("")
    told = compared(archive, verify(here, archive))
    assert "3 个报送文件已恢复到临时文件夹" in told
    assert "备份以后改动的报送文件:2019/poverty_roll/名单.csv。" in told
    assert "备份以后新增的报送文件:2019/new.csv。" in told
    assert "备份以后移走的报送文件:2019/allocations/空.csv。" in told


def test_the_key_can_be_left_out(here: Settings, tmp_path: Path) -> None:
    """Then it must be in place before the backup is verified or restored."""
    archive, elsewhere = tmp_path / "backup", installation(tmp_path / "elsewhere")
    manifest = backup(here, archive, with_key=False)
    assert "没有密钥" in written(archive, manifest, has_key=False)
    assert "不含密钥" in compared(archive, verify(here, archive))
    for act in (verify, restore):
        with pytest.raises(DaijiaoError, match=r"holds no key.*DAIJIAO_KEY"):
            act(elsewhere, archive)
    elsewhere.raw.parent.mkdir(exist_ok=True)
    elsewhere.key_file.write_text(KEY[::-1])
    with pytest.raises(UsageError, match="another key"):
        restore(elsewhere, archive)
    assert not elsewhere.raw.exists()
    elsewhere.key_file.write_text(KEY)
    restore(elsewhere, archive)
    assert landed(elsewhere) == landed(here)


def test_a_forged_backup_is_refused_where_the_key_is_in_use(here: Settings, tmp_path: Path) -> None:
    """Somebody else's archive has its own key and its own seal."""
    forger = installation(tmp_path / "forger")
    shutil.copytree(here.raw, forger.raw)
    forger.key_file.write_text("the key of somebody else, long enough")
    backup(forger, tmp_path / "forged")
    for act in (verify, restore):
        with pytest.raises(DaijiaoError, match="Another key"):
            act(here, tmp_path / "forged")


def test_no_archive_is_written_over(here: Settings, tmp_path: Path) -> None:
    """Nor one put among what is backed up."""
    archive = tmp_path / "backup"
    archive.write_text("what is there")
    with pytest.raises(UsageError, match="is there already"):
        backup(here, archive)
    assert archive.read_text() == "what is there"
    archive.unlink()
    archive.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="is there already"):
        backup(here, archive)
    with pytest.raises(UsageError, match="lies in the landing folder"):
        backup(here, here.raw / "2019" / "backup")
    assert files_of(here.raw) == set(landed(here))


def test_what_cannot_be_restored_is_left_out_and_named(here: Settings, tmp_path: Path) -> None:
    """Links that lead nowhere, pipes and sockets; names that are no text are kept."""
    folder = here.raw / "2019"
    (folder / "broken.csv").symlink_to("nowhere")
    (folder / "linked.csv").symlink_to(folder / "poverty_roll" / "名单.csv")
    (folder / "round").symlink_to(here.raw)
    os.mkfifo(folder / "pipe.csv")
    os.close(os.open(os.fsencode(folder) + b"/\xff.csv", os.O_CREAT))
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
        manifest = backup(here, tmp_path / "backup")
    assert set(manifest.left_out) == {"raw/2019/broken.csv", "raw/2019/pipe.csv", "raw/2019/socket"}
    assert "没有备份:raw/2019/pipe.csv(既不是文件也不是文件夹)。" in written(
        tmp_path / "backup", manifest, has_key=True
    )
    elsewhere = installation(tmp_path / "elsewhere")
    restore(elsewhere, tmp_path / "backup")
    restored = files_of(elsewhere.raw / "2019")
    assert "\udcff.csv" in restored and "linked.csv" in restored
    assert not restored & {"broken.csv", "pipe.csv", "socket"}


def test_a_file_that_is_being_written_stops_the_backup(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of it would be kept as if it were whole."""
    growing = here.raw / "2019" / "allocations" / "拨付.csv"
    read = os.fstat

    def growing_meanwhile(handle: int) -> os.stat_result:
        with growing.open("a") as file:
            file.write("汤丹镇,100\n")
        return read(handle)

    monkeypatch.setattr(os, "fstat", growing_meanwhile)
    with pytest.raises(DaijiaoError, match="it is being written"):
        backup(here, tmp_path / "backup")
    monkeypatch.undo()
    assert {path.name for path in tmp_path.iterdir()} == {"here"}


def test_a_restore_that_fails_puts_nothing_in_place(
    here: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is put last: where it can't be written, files and policies are taken back."""
    policies = tmp_path / "elsewhere" / "policies"
    in_the_way = tmp_path / "elsewhere" / "keys"
    settings = Settings(
        **installation(tmp_path / "elsewhere").model_dump() | {"policy": policies, "key_file": in_the_way / "key"}
    )
    backup(here, tmp_path / "backup")
    in_the_way.parent.mkdir()
    in_the_way.touch()
    with pytest.raises(DaijiaoError, match="could not be restored"):
        restore(settings, tmp_path / "backup")
    assert files_of(tmp_path / "elsewhere") == {"keys"}
    in_the_way.unlink()
    restore(settings, tmp_path / "backup")
    assert landed(settings) == landed(here) and (policies / "2019.yaml").exists()


def test_the_commands_say_what_was_done(
    here: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Written, verified, restored; a backup that isn't whole is one sentence, with status 2."""
    monkeypatch.setenv("DAIJIAO_KEY_FILE", str(here.key_file))
    archive = str(tmp_path / "backup")
    assert ended("backup", archive, "--raw", str(here.raw)) == 0
    assert "3 个报送文件。其中有完整证件号和密钥" in capsys.readouterr().out
    assert ended("backup", "--verify", archive, "--raw", str(here.raw)) == 0
    assert "完整(含密钥)" in capsys.readouterr().out
    assert ended("backup", archive, "--raw", str(here.raw)) == 2
    assert ended("restore", str(here.key_file), "--raw", str(tmp_path / "new" / "raw")) == 2
    assert capsys.readouterr().err.count("\n") == 2
    assert ended("restore", archive, "--raw", str(tmp_path / "new" / "raw")) == 0
    assert not has_seal(here.key_file)
