"""The file of a backup: a compressed tar, a manifest of sizes and hashes within it, and a seal over every byte.

The seal is the last line: an HMAC with the key of the installation. A file of which one bit is another one, or that ends too
early or too late, has another seal. What is backed up, and where it is put back, is the business of ``backup`` and ``restore``.
"""

import gzip
import hashlib
import hmac
import json
import os
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO, RawIOBase
from pathlib import Path, PurePosixPath
from typing import IO, Any

MANIFEST = "manifest.json"
_SEAL = b"daijiao-backup-1 "
_SEAL_BYTES = len(_SEAL) + 2 * hashlib.sha256().digest_size + 1
_BLOCK_BYTES = 1 << 20
# Most of what is backed up are workbooks, which are compressed already.
COMPRESSION = 3
# What a damaged compressed tar can make the library say, beside an OSError without a number.
_DAMAGES = (tarfile.TarError, zlib.error, EOFError, ValueError, KeyError, TypeError, AttributeError, OverflowError)


class NotWholeError(Exception):
    """The file is none of ours, or not every byte of it is as it was written."""


@dataclass(frozen=True)
class Kept:
    """A file in the archive: how many bytes, and their hash."""

    size: int
    sha256: str


@dataclass
class Manifest:
    """What an archive holds: files and folders by path, and what was left out of it with the reason."""

    files: dict[str, Kept] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """The manifest as JSON."""
        return json.dumps(asdict(self), indent=1, sort_keys=True).encode("ascii")

    @classmethod
    def of_bytes(cls, content: bytes) -> "Manifest":
        """A manifest from its JSON."""
        read = json.loads(content)
        files = {path: Kept(**kept) for path, kept in read["files"].items()}
        return cls(files, list(read["folders"]), dict(read["left_out"]))


class _Sealing(RawIOBase):
    """A stream that computes the seal of what is written through it."""

    def __init__(self, stream: IO[bytes], key: str) -> None:
        super().__init__()
        self._stream = stream
        self._mac = _mac(key)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._mac.update(data)
        return self._stream.write(data)

    def seal(self) -> None:
        self._stream.write(_SEAL + self._mac.hexdigest().encode() + b"\n")


class Writer:
    """Puts files into an archive one by one, and keeps the manifest of what it put."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self.manifest = Manifest()

    def add_text(self, name: str, content: str) -> None:
        """Put a small text into the archive."""
        data = content.encode()
        self._put(name, BytesIO(data), len(data))

    def add_folder(self, name: str) -> None:
        """Put a folder into the archive, without what it holds."""
        entry = tarfile.TarInfo(name)
        entry.type, entry.mode = tarfile.DIRTYPE, 0o700
        self._tar.addfile(entry)
        self.manifest.folders.append(name)

    def add_file(self, name: str, path: Path) -> None:
        """Put a file into the archive.

        Raises:
            OSError: it can't be read, or it changes meanwhile.
        """
        with path.open("rb") as stream:
            before = os.fstat(stream.fileno())
            self._put(name, stream, before.st_size)
            after = os.fstat(stream.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise OSError(0, "it is being written", str(path))

    def add_manifest(self) -> None:
        """Put the manifest of all that was put before into the archive."""
        data = self.manifest.as_bytes()
        entry = tarfile.TarInfo(MANIFEST)
        entry.size, entry.mode = len(data), 0o600
        self._tar.addfile(entry, BytesIO(data))

    def _put(self, name: str, stream: IO[bytes], size: int) -> None:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        hashing = _Hashing(stream)
        self._tar.addfile(entry, hashing)
        self.manifest.files[name] = Kept(size, hashing.sha256.hexdigest())


class _Hashing(RawIOBase):
    """A stream that hashes what is read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self.sha256.update(data)
        return data


@contextmanager
def written_archive(stream: IO[bytes], key: str) -> Iterator[Writer]:
    """Write an archive into a stream: what is put into it, then its manifest and its seal; no seal after a failure."""
    sealing = _Sealing(stream, key)
    with (
        gzip.GzipFile("", "wb", COMPRESSION, sealing, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        writer = Writer(tar)
        yield writer
        writer.add_manifest()
    sealing.seal()


def is_sealed_with(source: Path, key: str) -> bool:
    """Whether every byte of an archive is as it was written under a key.

    Raises:
        NotWholeError: it has no seal.
        OSError: it can't be read.
    """
    length, seal = _sealed(source)
    mac = _mac(key)
    with source.open("rb") as stream:
        while length:
            block = stream.read(min(length, _BLOCK_BYTES))
            if not block:
                raise NotWholeError
            mac.update(block)
            length -= len(block)
    return hmac.compare_digest(seal, mac.hexdigest().encode())


def read_first(source: Path, name: str) -> str | None:
    """The text of an archive's first file, if that is its name; the archive isn't verified yet.

    Raises:
        NotWholeError: it can't be read as an archive.
    """
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            entry = archive.next()
            if entry is None or entry.name != name or entry.size > _BLOCK_BYTES:
                return None
            content = archive.extractfile(entry)
            return None if content is None else content.read().decode("ascii")
    except OSError as error:
        raise _told(error) from None
    except _DAMAGES:
        raise NotWholeError from None


def extract(source: Path, folder: Path) -> Manifest:
    """Write what an archive holds into a folder, and compare it with the manifest to the last byte.

    Raises:
        NotWholeError: what was written is not what the manifest says.
        OSError: it can't be written.
    """
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            archive.extractall(folder, filter="data")
        manifest = Manifest.of_bytes((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise _told(error) from None
    except _DAMAGES:
        raise NotWholeError from None
    (folder / MANIFEST).unlink()
    if found_in(folder) != (manifest.files, sorted(manifest.folders)):
        raise NotWholeError
    return manifest


def found_in(folder: Path) -> tuple[dict[str, Kept], list[str]]:
    """The files below a folder with their sizes and hashes, and the folders, by their paths in an archive."""
    files: dict[str, Kept] = {}
    folders: list[str] = []
    for path in folder.rglob("*"):
        name = PurePosixPath(path.relative_to(folder)).as_posix()
        if path.is_dir():
            folders.append(name)
        else:
            files[name] = kept_of(path)
    return files, sorted(folders)


def kept_of(path: Path) -> Kept:
    """The size and hash of a file."""
    with path.open("rb") as stream:
        return Kept(path.stat().st_size, hashlib.file_digest(stream, "sha256").hexdigest())


def has_seal(source: Path) -> bool:
    """Whether a file ends as archives do.

    Raises:
        OSError: it can't be read.
    """
    try:
        return bool(_sealed(source))
    except NotWholeError:
        return False


def _told(error: OSError) -> Exception:
    """What an OSError says: of the archive, where it has no number or nothing is there, or of the machine."""
    is_of_archive = error.errno is None or isinstance(error, FileNotFoundError | IsADirectoryError)
    return NotWholeError() if is_of_archive else error


def _sealed(source: Path) -> tuple[int, bytes]:
    """How many bytes are sealed, and the seal."""
    length = source.stat().st_size - _SEAL_BYTES
    if length <= 0:
        raise NotWholeError
    with source.open("rb") as stream:
        stream.seek(length)
        line = stream.read()
    if not line.startswith(_SEAL) or not line.endswith(b"\n"):
        raise NotWholeError
    return length, line[len(_SEAL) : -1]


def _mac(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), b"daijiao backup\n", hashlib.sha256)


def walk(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Everything below a folder, each folder before what it holds; links are followed, but not back to a folder above."""
    inside = above | {folder.resolve()}
    for path in sorted(folder.iterdir()):
        yield path
        if path.is_dir() and path.resolve() not in inside and os.access(path, os.R_OK | os.X_OK):
            yield from walk(path, inside)
