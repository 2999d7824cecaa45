"""Layouts that harm whoever looks at them, as a file may harm its reader; pickled into the child that parses."""

import errno
import signal
from collections.abc import Iterator


class Harmful(tuple[str]):
    """Layouts that do harm in the child as soon as they are looked at."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        """Do what the first word says."""
        (word,) = super().__iter__()
        if word == "loop":
            while True:
                pass
        if word == "memory":
            bytearray(1 << 45)
        if word == "disk":
            raise OSError(errno.ENOSPC, "No space left on device")
        if word == "error":
            raise ZeroDivisionError
        signal.raise_signal(int(word))
        return iter(())
