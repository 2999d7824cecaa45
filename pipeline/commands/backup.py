"""Backup: everything that the tables are made of, in one file.

The warehouse is a function of the landed files, the policies and the key, so these are what is kept; after a restore each
year is refreshed. The file holds personal data, and the key unless that is left out: only its owner may read it.
Putting it back is the business of ``restore``.
"""

import os
import stat
from pathlib import Path

from pipeline.commands.archive import (
    Manifest,
    Writer,
    walk,
    written_archive,
)
from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy import PACKAGE_FOLDER
from pipeline.privacy import current_key
from pipeline.restricted import remove, sweep
from pipeline.settings import Settings

RAW = "raw"
# Why something can't be backed up, as the manifest keeps it.
NOT_READABLE = "not readable by this user"
NO_FILE = "neither a file nor a folder"
POLICY = "policy"
KEY = "key"
CODE = (".py", ".pyc")


def backup(settings: Settings, target: Path, *, with_key: bool = True) -> Manifest:
    """Write the landed files, the policies in use and the key into an archive of that name; one that is there stays.

    Returns:
        What the archive holds, and what was left out because no restore could put it back.

    Raises:
        UsageError: there are no landed files, the file is there already, or lies among what is backed up.
        DaijiaoError: there is no key yet, or the archive can't be written.
    """
    if not settings.raw.is_dir():
        raise UsageError(
            f"There is nothing to back up in {settings.raw}. Give the landing folder with --raw.",
            f"{settings.raw} 中没有可备份的内容。请用 --raw 指定报送文件所在的文件夹。",
        )
    if os.path.lexists(target):
        raise UsageError(
            f"{target} is there already, and no backup is written over. Give another name.",
            f"{target} 已经存在,备份不会覆盖它。请换一个文件名。",
        )
    if target.resolve().is_relative_to(settings.raw.resolve()):
        raise UsageError(
            f"{target} lies in the landing folder, which is what is backed up. Give a place outside of it.",
            f"{target} 在要备份的报送文件夹之内。请换到它之外的位置。",
        )
    key = current_key(settings.key_file)
    if key is None:
        raise DaijiaoError(
            f"There is no key to back up in {settings.key_file}. The first refresh makes it: refresh a year, then back up.",
            f"{settings.key_file} 中没有可备份的密钥。密钥由首次刷新生成:请先刷新一个年度,再备份。",
        )
    stem = f".{target.name}."
    fresh = target.with_name(f"{stem}{os.getpid()}")
    try:
        sweep(target.parent, stem)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            with written_archive(stream, key) as writer:
                if with_key:
                    writer.add_text(KEY, key)
                _add_folder(writer, POLICY, settings.policy or PACKAGE_FOLDER)
                _add_folder(writer, RAW, settings.raw)
            stream.flush()
            os.fsync(stream.fileno())
        _put_in_place(fresh, target)
    except OSError as error:
        raise DaijiaoError(
            f"The backup {target} could not be written ({error.strerror}: {error.filename or target}). Free disk space or "
            "choose a folder that can be written, and make sure that no file is changed meanwhile; then back up again.",
            f"无法写入备份 {target}({error.strerror}:{error.filename or target})。请腾出磁盘空间或换一个可写的文件夹,"
            "并确保期间没有文件改动,再重新备份。",
        ) from None
    finally:
        remove(fresh)
    return writer.manifest


def _add_folder(writer: Writer, name: str, folder: Path) -> None:
    """Put a folder into the archive; what can't be read, or is no file, is left out and named."""
    writer.add_folder(name)
    for path in walk(folder):
        inside = f"{name}/{path.relative_to(folder).as_posix()}"
        if (path.suffix in CODE and name == POLICY) or path.name == "__pycache__" or "/__pycache__/" in inside:
            continue
        reason = why_not(path)
        if reason is not None:
            writer.manifest.left_out[inside] = reason
        elif path.is_dir():
            writer.add_folder(inside)
        else:
            writer.add_file(inside, path)


def why_not(path: Path) -> str | None:
    """Why a path can't be backed up; null for a file or folder that can be read."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"a link that leads nowhere ({error.strerror})" if path.is_symlink() else str(error.strerror)
    if not stat.S_ISDIR(mode) and not stat.S_ISREG(mode):
        return NO_FILE
    needed = os.R_OK | os.X_OK if stat.S_ISDIR(mode) else os.R_OK
    return None if os.access(path, needed) else NOT_READABLE


def _put_in_place(fresh: Path, target: Path) -> None:
    """Give a finished archive its name, unless another one got it meanwhile."""
    try:
        target.hardlink_to(fresh)
    except FileExistsError:
        raise UsageError(
            f"{target} is there already, and no backup is written over. Give another name.",
            f"{target} 已经存在,备份不会覆盖它。请换一个文件名。",
        ) from None
    except OSError:
        # Memory sticks and network folders have no hard links.
        fresh.replace(target)
