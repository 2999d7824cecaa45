"""The bytes of a file, which are read as often as they are needed: a large text file is never held as a whole."""

import hashlib
import io
import os
from pathlib import Path
from types import TracebackType
from typing import Self

_BUFFER_BYTES = 1 << 20


class FileContent:
    """The bytes of an open file; whatever is put in its place meanwhile, they stay those of the file that was opened."""

    def __init__(self, path: Path) -> None:
        """Open the file.

        Raises:
            OSError: it can't be opened.
        """
        self._file = path.open("rb")
        self._opened_as = self._state()

    def __enter__(self) -> Self:
        """The content itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file."""
        self._file.close()

    def open(self) -> io.BufferedReader:
        """A stream from the first byte on; several may be open."""
        return io.BufferedReader(_FromStart(self._file.fileno()), _BUFFER_BYTES)

    def sha256(self) -> str:
        """The hash of the bytes."""
        with self.open() as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def has_changed(self) -> bool:
        """Whether somebody wrote to the file since it was opened."""
        return self._state() != self._opened_as

    def _state(self) -> tuple[int, int, int]:
        found = os.fstat(self._file.fileno())
        return found.st_size, found.st_mtime_ns, found.st_ctime_ns


class _FromStart(io.RawIOBase):
    """Reads an open file from its first byte on, whoever else reads it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: os.fstat(self._descriptor).st_size}
        self._place = starts[whence] + offset
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = os.preadv(self._descriptor, [buffer], self._place)
        self._place += count
        return count


def opened(content: bytes | FileContent) -> io.BufferedReader | io.BytesIO:
    """A stream of a file's bytes from the first one on."""
    return io.BytesIO(content) if isinstance(content, bytes) else content.open()


def beginning(content: bytes | FileContent, count: int) -> bytes:
    """The first bytes of a file; fewer where it has no more."""
    with opened(content) as stream:
        return stream.read(count)


def whole(content: bytes | FileContent) -> bytes:
    """All bytes of a file."""
    if isinstance(content, bytes):
        return content
    with content.open() as stream:
        return stream.read()
