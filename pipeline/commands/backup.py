"""Backup and restore: everything that the tables are made of, in one file.

The warehouse is a function of the landed files, the policies and the key, so these are what is kept; after a restore each
year is refreshed. The file holds personal data and the key: only its owner may read it.
"""

import os
import shutil
import tarfile
import tempfile
from pathlib import Path

from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy import PACKAGE_FOLDER
from pipeline.privacy import FINGERPRINT_FILE, current_key, fingerprint, keep_key
from pipeline.settings import Settings

RAW = "raw"
POLICY = "policy"
KEY = "key"
_OF_CODE = ("*.py", "*.pyc", "__pycache__")


def backup(settings: Settings, target: Path) -> None:
    """Write the landed files, the key and the policies in use into a compressed archive, replaced whole and at once.

    Raises:
        UsageError: there are no landed files.
        DaijiaoError: there is no key yet, or a file can't be read or written; an earlier archive stays.
    """
    if not settings.raw.is_dir():
        raise UsageError(f"There is nothing to back up in {settings.raw}. Give the landing folder with --raw.")
    key = current_key(settings.key_file)
    if key is None:
        raise DaijiaoError(
            f"There is no key to back up in {settings.key_file}. The first refresh makes it: refresh a year, then back up."
        )
    fresh = target.with_name(f"{target.name}.new")
    try:
        with tempfile.TemporaryDirectory() as folder:
            _gather(settings, key, Path(folder))
            handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as stream:
                with tarfile.open(fileobj=stream, mode="w:gz", dereference=True) as archive:
                    archive.add(settings.raw, RAW)
                    for name in (POLICY, KEY):
                        archive.add(Path(folder) / name, name)
                stream.flush()
                os.fsync(stream.fileno())
        fresh.replace(target)
    except OSError as error:
        raise DaijiaoError(
            f"The backup {target} could not be written ({error.strerror}). Free disk space or choose a folder that can be "
            "written, and make sure that no file is changed meanwhile; then back up again."
        ) from None
    finally:
        fresh.unlink(missing_ok=True)


def restore(settings: Settings, source: Path) -> None:
    """Put the landed files, the key and the policies of a backup where the settings say; nothing is overwritten.

    Policies that this version brings itself are not written; others go to the policy folder of the settings.

    Raises:
        UsageError: the archive is none of ours, or files lie where its own should go.
        DaijiaoError: another key is in use here, or a file can't be written.
    """
    try:
        settings.raw.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.raw.parent, prefix=".restore-") as name:
            folder = Path(name)
            _extract(source, folder)
            key = (folder / KEY).read_text(encoding="ascii").strip()
            _check_empty(settings.raw)
            _check_key(settings, key)
            _restore_policies(settings, folder / POLICY)
            if settings.raw.exists():
                settings.raw.rmdir()
            (folder / RAW).rename(settings.raw)
            if current_key(settings.key_file) is None:
                keep_key(settings.key_file, key)
    except OSError as error:
        raise DaijiaoError(
            f"The backup could not be restored to {settings.raw} ({error.strerror}). Make the folder writable and free disk "
            "space, empty it, and restore again."
        ) from None


def _gather(settings: Settings, key: str, folder: Path) -> None:
    shutil.copytree(settings.policy or PACKAGE_FOLDER, folder / POLICY, ignore=shutil.ignore_patterns(*_OF_CODE))
    keep_key(folder / KEY, key)


def _extract(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, EOFError, FileNotFoundError, IsADirectoryError, OSError) as error:
        if isinstance(error, OSError) and not isinstance(
            error, FileNotFoundError | IsADirectoryError | tarfile.ReadError
        ):
            raise
        raise UsageError(
            f"{source} is no whole backup ({type(error).__name__}). Give a file that `daijiao backup` wrote."
        ) from None
    if not all((folder / name).exists() for name in (RAW, POLICY, KEY)):
        raise UsageError(f"{source} is no backup of this pipeline. Give a file that `daijiao backup` wrote.")


def _check_empty(raw: Path) -> None:
    if raw.exists() and any(raw.iterdir()):
        raise UsageError(
            f"Files lie in {raw}, and restoring overwrites nothing. Move them away, or give an empty folder with --raw."
        )


def _check_key(settings: Settings, key: str) -> None:
    """The restored key must be the one in use, if there is one: here, and of the tables that were published here."""
    in_use = current_key(settings.key_file)
    if in_use is not None and in_use != key:
        raise DaijiaoError(
            f"Another key than that of the backup is in use here ({settings.key_file}). Move it away, and unset the variable "
            "DAIJIAO_KEY if it is set; then restore again."
        )
    made_with = settings.warehouse / FINGERPRINT_FILE
    if made_with.exists() and made_with.read_text(encoding="ascii").strip() not in ("", fingerprint(key)):
        raise DaijiaoError(
            f"The tables in {settings.warehouse} were made with another key than that of the backup. Move that folder away "
            "and restore again."
        )


def _restore_policies(settings: Settings, restored: Path) -> None:
    if settings.policy is None:
        if _contents(restored) != _contents(PACKAGE_FOLDER):
            raise UsageError(
                "The backup was made with other policies than this version brings. Give an empty folder for them with "
                "--policy, and the same folder to every later command."
            )
    elif settings.policy.exists() and any(settings.policy.iterdir()):
        if _contents(restored) != _contents(settings.policy):
            raise UsageError(
                f"Other policies than those of the backup lie in {settings.policy}, and restoring overwrites nothing. Give an "
                "empty folder with --policy."
            )
    else:
        shutil.copytree(restored, settings.policy, dirs_exist_ok=True)


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
