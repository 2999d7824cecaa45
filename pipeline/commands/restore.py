"""Restoring a backup, whole and verified or not at all; and verifying one without restoring it.

What a backup holds, and how it is written, is said in ``backup``.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.commands.archive import (
    Kept,
    Manifest,
    NotWholeError,
    extract,
    found_in,
    has_seal,
    is_sealed_with,
    kept_of,
    read_first,
    walk,
)
from pipeline.commands.backup import CODE, KEY, POLICY, RAW, why_not
from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy import PACKAGE_FOLDER
from pipeline.privacy import FINGERPRINT_FILE, current_key, fingerprint, keep_key
from pipeline.restricted import restrict_process, scratch_folder, sweep
from pipeline.settings import Settings
from pipeline.warehouse.folder import RESTORE


@dataclass(frozen=True)
class Comparison:
    """A backup that is whole: what it holds, and how the landed files differ from it by now."""

    manifest: Manifest
    has_key: bool
    changed: list[str]
    new: list[str]
    gone: list[str]


def verify(settings: Settings, source: Path) -> Comparison:
    """Restore a backup into a scratch folder, and compare it with its manifest, and with the landed files.

    Raises:
        UsageError: it isn't whole, or not ours.
        DaijiaoError: another key is in use here, or there is none, or the scratch folder can't be written.
    """
    try:
        with scratch_folder("restore") as folder:
            manifest = _unpacked(settings, source, folder)
            restored, _ = found_in(folder / RAW)
            present = _present(settings.raw)
    except OSError as error:
        raise _unwritable(error, "a scratch folder") from None
    return Comparison(
        manifest=manifest,
        has_key=KEY in manifest.files,
        changed=sorted(path for path in restored.keys() & present.keys() if restored[path] != present[path]),
        new=sorted(present.keys() - restored.keys()),
        gone=sorted(restored.keys() - present.keys()),
    )


def _present(raw: Path) -> dict[str, Kept]:
    """The landed files that this user can read, as an archive would keep them."""
    if not raw.is_dir():
        return {}
    files = [path for path in walk(raw) if not path.is_dir() and why_not(path) is None]
    return {path.relative_to(raw).as_posix(): kept_of(path) for path in files}


def restore(settings: Settings, source: Path) -> Manifest:
    """Put the landed files, the policies and the key of a backup where the settings say, whole and verified, or not at all.

    Nothing is overwritten; what lies there already with the same content stays. The key is put last. Policies that this
    version brings itself are not written; others go to the policy folder of the settings.

    Raises:
        UsageError: the archive is not whole or none of ours, or other files lie where its own should go.
        DaijiaoError: another key is in use here, or a file can't be written.
    """
    restrict_process()
    try:
        settings.raw.parent.mkdir(parents=True, exist_ok=True)
        sweep(settings.raw.parent, RESTORE)
        with _scratch(settings.raw.parent) as folder:
            manifest = _unpacked(settings, source, folder)
            _check_fingerprint(settings, _key_of(settings, folder))
            _check_raw(settings.raw, folder / RAW)
            _check_policies(settings, folder / POLICY)
            _put(settings, folder)
    except OSError as error:
        raise _unwritable(error, str(settings.raw)) from None
    return manifest


def _unpacked(settings: Settings, source: Path, folder: Path) -> Manifest:
    """Verify an archive to the last byte and write it into an empty folder."""
    try:
        source.open("rb").close()
    except (FileNotFoundError, IsADirectoryError):
        pass
    except OSError as error:
        raise UsageError(
            f"{source} can't be read ({error.strerror}). Let its owner give this user leave to read it, and run again.",
            f"无法读取 {source}({error.strerror})。请由其所有者允许当前用户读取,再重新运行。",
        ) from None
    try:
        own = current_key(settings.key_file)
        enclosed = read_first(source, KEY)
        if own is None and enclosed is None and has_seal(source):
            raise DaijiaoError(
                f"{source} holds no key, and none is in use here, so that it can't be verified. Put the key into "
                f"{settings.key_file}, or set the variable DAIJIAO_KEY, and run again.",
                f"{source} 中没有密钥,这里也没有在用的密钥,无法核对。"
                f"请把密钥放进 {settings.key_file},或设置变量 DAIJIAO_KEY,再重新运行。",
            )
        if own is not None and is_sealed_with(source, own):
            return extract(source, folder)
        if enclosed is None or not is_sealed_with(source, enclosed):
            raise NotWholeError
        if own is not None:
            raise DaijiaoError(
                f"Another key than that of the backup is in use here ({settings.key_file}). Move it away, and unset the "
                "variable DAIJIAO_KEY if it is set; then restore again.",
                f"这里在用的密钥({settings.key_file})与备份的不同。请移走它,并取消变量 DAIJIAO_KEY(如已设置),再重新恢复。",
            )
        return extract(source, folder)
    except (NotWholeError, FileNotFoundError, IsADirectoryError):
        raise UsageError(
            f"{source} is no whole backup: it is missing, none of this pipeline's, not every byte of it is as it was written, "
            "or it was made with another key. Nothing was changed. Give a file that `daijiao backup` wrote, or another copy.",
            f"{source} 不是完整的备份:文件不存在、不是本系统的备份、内容与写出时不同,或由另一把密钥生成。没有改动任何内容。"
            "请换用 `daijiao backup` 写出的文件或另一份副本。",
        ) from None


def _key_of(settings: Settings, folder: Path) -> str:
    enclosed = folder / KEY
    key = enclosed.read_text(encoding="ascii") if enclosed.exists() else current_key(settings.key_file)
    assert key is not None, "an archive is verified with a key"
    return key


def _check_fingerprint(settings: Settings, key: str) -> None:
    """The restored key must be that of the tables that were published here."""
    made_with = settings.warehouse / FINGERPRINT_FILE
    if made_with.exists() and made_with.read_text(encoding="ascii").strip() not in ("", fingerprint(key)):
        raise DaijiaoError(
            f"The tables in {settings.warehouse} were made with another key than that of the backup. Move that folder away "
            "and restore again.",
            f"{settings.warehouse} 中的数据表由另一把密钥生成,与备份的不同。请移走该文件夹,再重新恢复。",
        )


def _check_raw(raw: Path, restored: Path) -> None:
    if raw.exists() and any(raw.iterdir()) and found_in(raw) != found_in(restored):
        raise UsageError(
            f"Files lie in {raw}, and restoring overwrites nothing. Move them away, or give an empty folder with --raw.",
            f"{raw} 中已有文件,恢复不会覆盖。请移走它们,或用 --raw 指定一个空文件夹。",
        )


def _check_policies(settings: Settings, restored: Path) -> None:
    if settings.policy is None:
        if _contents(restored) != _contents(PACKAGE_FOLDER):
            raise UsageError(
                "The backup was made with other policies than this version brings. Give an empty folder for them with "
                "--policy, and the same folder to every later command.",
                "备份时使用的政策与本版本自带的不同。请用 --policy 指定一个空文件夹,以后每条命令都使用同一文件夹。",
            )
    elif _is_filled(settings.policy) and _contents(restored) != _contents(settings.policy):
        raise UsageError(
            f"Other policies than those of the backup lie in {settings.policy}, and restoring overwrites nothing. Give an "
            "empty folder with --policy.",
            f"{settings.policy} 中的政策与备份的不同,恢复不会覆盖。请用 --policy 指定一个空文件夹。",
        )


def _put(settings: Settings, folder: Path) -> None:
    """Move everything to its place, the key last; where a move fails, those before it are taken back."""
    with ExitStack() as taken_back:
        if settings.policy is not None and not _is_filled(settings.policy):
            with _scratch(settings.policy.parent) as beside:
                shutil.copytree(folder / POLICY, beside / POLICY)
                _move(beside / POLICY, settings.policy, taken_back)
        if not _is_filled(settings.raw):
            _move(folder / RAW, settings.raw, taken_back)
        if (folder / KEY).exists() and current_key(settings.key_file) is None:
            keep_key(settings.key_file, (folder / KEY).read_text(encoding="ascii"))
        taken_back.pop_all()


def _move(source: Path, target: Path, taken_back: ExitStack) -> None:
    was_there = target.exists()
    if was_there:
        target.rmdir()
        taken_back.callback(target.mkdir, exist_ok=True)
    source.rename(target)
    taken_back.callback(shutil.rmtree, target, ignore_errors=True)


def _is_filled(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


@contextmanager
def _scratch(parent: Path) -> Iterator[Path]:
    """A folder beside what is to be put in place, named after this process, so that what a killed one leaves is recognised."""
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=parent, prefix=f"{RESTORE}{os.getpid()}-") as name:
        yield Path(name)


def _unwritable(error: OSError, where: str) -> DaijiaoError:
    return DaijiaoError(
        f"The backup could not be restored to {where} ({error.strerror}). Make the folder writable and free disk "
        "space, and restore again; nothing was changed.",
        f"无法恢复到 {where}({error.strerror})。请将文件夹设为可写并腾出磁盘空间,再重新恢复;没有改动任何内容。",
    )


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in CODE
    }
