"""The entries of a year's landing folder: which there are, in which order, and what their names say.

Nothing is read here beyond the bytes that tell the hash. Every entry ends somewhere: it is a file to be read, one that is
listed with the reason why it can't be, or it stops the refresh.
"""

import errno
import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pipeline.contracts.sources import SOURCES
from pipeline.errors import DaijiaoError

TABLE_SUFFIXES = ("", ".xlsx", ".xls", ".csv", ".txt", ".tsv", ".dat")
_EIGHT_DIGITS = re.compile(r"(?<!\d)\d{8}(?!\d)", re.ASCII)
_SUFFIX = re.compile(r"(?<=.)\.(?=[^.]*[A-Za-z])[^.]{1,5}$", re.DOTALL)
_NUMBERS = re.compile(r"([0-9]+)")
_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
KIND_BYTES = len(_COMPOUND)
_HIDDEN = (".", "~$")
_SHOWN_IN_ERRORS = 300
# Marks that change the direction in which a name is shown, or that nobody sees.
_ESCAPED_CATEGORIES = {"Cc", "Cf", "Zl", "Zp"}

# The real paths below which the targets of links may lie.
Inside = tuple[Path, ...]

_OUTSIDE = "link_outside: 这是指向数据文件夹之外的链接,不读取。请把文件本身放进文件夹后重新报送。"
_NO_FILE = "no_regular_file: 这不是普通文件(例如管道或设备),不读取。请从文件夹中移走。"
_UNREADABLE = "unreadable_file: 没有读取此文件的权限,或链接所指的文件不存在。请修改权限或重新放入文件。"
_NO_SOURCE = "no_source_folder: 不是规定的来源文件夹,其中的文件没有读取。请把文件放进规定名称的文件夹({names}),或从文件夹中移走。"
_BESIDE_SOURCES = "no_source_folder: 文件没有放在来源文件夹中,不读取。请放进规定名称的文件夹({names}),或移走。"


@dataclass(frozen=True)
class LandedFile:
    """An entry under data/raw/<year>; `file_name` is its path below the year's folder, with ``/``.

    Attributes:
        sha256: the hash of its bytes; null of an entry that can't be read.
        kind: the kind of its bytes: xlsx, xls or text; other of an entry that can't be read.
        refusal: why it can't be read; null of a file whose bytes could be read.
    """

    source: str
    file_name: str
    path: Path
    sha256: str | None = None
    kind: str = "other"
    refusal: str | None = None

    @property
    def is_table(self) -> bool:
        """Whether the suffix is one that the pipeline reads; every other file is skipped."""
        return self.refusal is None and is_table_name(self.path.name)


def landed_files(raw: Path, year: int) -> list[LandedFile]:
    """The entries of a year, in the order in which they count (see `order`).

    Raises:
        DaijiaoError: a folder can't be listed, a link to a folder leads out of the landing folder or in a circle, or a
            path is too long.
    """
    folder = raw / str(year)
    inside = (Path(os.path.realpath(raw)), Path(os.path.realpath(folder)))
    names = "、".join(SOURCES)
    found: list[LandedFile] = []
    for entry in _listed(folder):
        path = Path(entry.path)
        name = _file_name(path, folder)
        if not _is_folder(entry, inside, ()):
            found.append(LandedFile(name, name, path, refusal=_BESIDE_SOURCES.format(names=names)))
        elif entry.name in SOURCES:
            found += [_landed(entry.name, each, folder, inside) for each in _files_below(path, inside, ())]
        else:
            found.append(LandedFile(name, name, path, refusal=_NO_SOURCE.format(names=names)))
    return sorted(found, key=lambda file: order(file.file_name))


def order(file_name: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...], str]:
    """The key by which names are sorted: the text without its suffix, then the suffix, runs of ASCII digits as numbers.

    Of two names that are still equal the code points decide.
    """
    suffix = suffix_of(file_name.rpartition("/")[2])
    stem = file_name[: len(file_name) - len(suffix)]
    return _places(stem), _places(suffix), file_name


def suffix_of(name: str) -> str:
    """The suffix of a file's name with its dot: at most five characters, a letter among them; ``2019.6.12`` has none."""
    found = _SUFFIX.search(name)
    return found.group() if found else ""


def is_table_name(name: str) -> bool:
    """Whether a file of this name may hold a table."""
    return suffix_of(name).lower() in TABLE_SUFFIXES


def content_kind(content: bytes) -> str:
    """The kind of a file's bytes, whatever its suffix says: xlsx, xls or text; its first `KIND_BYTES` suffice."""
    if content.startswith(_ZIP):
        return "xlsx"
    return "xls" if content.startswith(_COMPOUND) else "text"


def date_in_name(file_name: str) -> date | None:
    """The first run of exactly eight digits in the name that is a date."""
    for run in _EIGHT_DIGITS.findall(file_name):
        try:
            return datetime.strptime(run, "%Y%m%d").date()
        except ValueError:
            continue
    return None


def visible_files(folder: Path) -> list[Path]:
    """The files below a folder but the hidden ones and the lock files of office programs, as far as they can be listed."""
    found: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        found += [Path(parent) / name for name in names if not name.startswith(_HIDDEN)]
    return [path for path in found if path.is_file()]


def holds_entries(folder: Path) -> bool:
    """Whether anything but folders lies below a folder; of what can't be listed nobody knows, so it may."""
    unlisted: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unlisted.append):
        folders[:] = [name for name in folders if not name.startswith(_HIDDEN)]
        if any(not name.startswith(_HIDDEN) for name in names) or any(
            (Path(parent) / each).is_symlink() for each in folders
        ):
            return True
    return any(not isinstance(error, FileNotFoundError) for error in unlisted)


def shown_name(name: str) -> str:
    """A name that may be shown on a terminal: control characters and bytes that are no text are escaped."""
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _ESCAPED_CATEGORIES
        else character
        for character in text
    )


def _places(text: str) -> tuple[tuple[int, int], ...]:
    """A text to be compared: a character by its code point, a run of digits where a digit stands, by its number."""
    places: list[tuple[int, int]] = []
    for part in _NUMBERS.split(text):
        if part[:1].isascii() and part[:1].isdecimal():
            places.append((ord("0"), int(part)))
        else:
            places += [(ord(character), 0) for character in part]
    return tuple(places)


def _files_below(folder: Path, inside: Inside, above: tuple[str, ...]) -> Iterator[Path]:
    """Every entry below a folder that is no folder itself; `above` are the real paths of the folders around it."""
    around = (*above, os.path.realpath(folder))
    for entry in _listed(folder):
        if _is_folder(entry, inside, around):
            yield from _files_below(Path(entry.path), inside, around)
        else:
            yield Path(entry.path)


def _listed(folder: Path) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (entry for entry in entries if not entry.name.startswith(_HIDDEN)), key=lambda entry: entry.name
            )
    except OSError as error:
        raise _stopped(folder, error) from None


def _is_folder(entry: "os.DirEntry[str]", inside: Inside, around: tuple[str, ...]) -> bool:
    """Whether an entry is a folder to be walked through; `around` are the real paths of the folders that it lies in."""
    path = Path(entry.path)
    if not entry.is_symlink():
        return entry.is_dir(follow_symlinks=False)
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENAMETOOLONG):
            raise _stopped(path, error) from None
        return False
    if is_folder and not _is_inside(path, inside):
        raise DaijiaoError(
            f"The folder {_shown(path)} is a link that leads out of the landing folder. Put the files themselves there, or "
            "take the link away, and run again.",
            f"文件夹 {_shown(path)} 是指向数据文件夹之外的链接。请把文件本身放进来,或移走该链接,再重新运行。",
        )
    if is_folder and os.path.realpath(path) in around:
        raise _circle(path)
    return is_folder


def _is_inside(path: Path, inside: Inside) -> bool:
    real = Path(os.path.realpath(path))
    return any(real.is_relative_to(folder) for folder in inside)


def _landed(source: str, path: Path, folder: Path, inside: Inside) -> LandedFile:
    name = _file_name(path, folder)
    refusal = _refusal(path, inside)
    if refusal is None:
        with suppress(PermissionError, FileNotFoundError), path.open("rb") as stream:
            kind = content_kind(stream.read(KIND_BYTES))
            stream.seek(0)
            return LandedFile(source, name, path, hashlib.file_digest(stream, "sha256").hexdigest(), kind)
        refusal = _UNREADABLE
    return LandedFile(source, name, path, refusal=refusal)


def _refusal(path: Path, inside: Inside) -> str | None:
    if path.is_symlink() and not _is_inside(path, inside):
        return _OUTSIDE
    try:
        mode = path.stat().st_mode
    except OSError:
        return _UNREADABLE
    return None if stat.S_ISREG(mode) else _NO_FILE


def _stopped(path: Path, error: OSError) -> DaijiaoError:
    if error.errno == errno.ELOOP:
        return _circle(path)
    if error.errno == errno.ENAMETOOLONG:
        return DaijiaoError(
            f"The path {_shown(path)} is too long to be read. Shorten the names of its folders and run again.",
            f"路径 {_shown(path)} 太长,无法读取。请缩短其中文件夹的名称后重新运行。",
        )
    return DaijiaoError(
        f"The folder {_shown(path)} can't be listed ({error.strerror}), so nobody knows what lies in it. Give the account "
        "that refreshes leave to read it, or take it away, and run again.",
        f"无法列出文件夹 {_shown(path)}({error.strerror}),不知道其中有什么。请允许运行刷新的用户读取,或移走它,再重新运行。",
    )


def _circle(path: Path) -> DaijiaoError:
    return DaijiaoError(
        f"The link {_shown(path)} leads in a circle. Take it away and run again.",
        f"链接 {_shown(path)} 指向自身所在的文件夹。请移走它后重新运行。",
    )


def _shown(path: Path) -> str:
    text = shown_name(str(path))
    return text if len(text) <= _SHOWN_IN_ERRORS else f"{text[:_SHOWN_IN_ERRORS]}…"


def _file_name(path: Path, folder: Path) -> str:
    return shown_name(path.relative_to(folder).as_posix())
