"""The child process that parses files, one after the other, under limits of its own.

It is started by ``workers``, reads requests from its standard input and answers on its standard output until that ends. A
native reader that crashes, or a file that takes too much, ends this process and nothing else.
"""

import os
import pickle
import resource
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.landing.content import FileContent
from pipeline.landing.layouts import Layout
from pipeline.landing.parse import ParsedFile, parse_content


class Request(NamedTuple):
    """A file to be parsed: its bytes must have this hash; CPU seconds and bytes of memory that it may take."""

    path: Path
    sha256: str
    layouts: Sequence[Layout]
    target: Path
    cpu_seconds: int
    memory_bytes: int


class Answer(NamedTuple):
    """What came of a request: a parsed file, or why there is none, with the name of the error."""

    parsed: ParsedFile | None = None
    failure: str | None = None
    detail: str = ""


CHANGED = "changed"
CRASHED = "crashed"
MEMORY = "memory"
SHORTAGE = "shortage"
FAULT = "fault"
# What a mistake in this program raises, whatever the file holds.
_OF_OURS = (AttributeError, NameError, ImportError, AssertionError)


def main() -> None:
    """Answer requests until there are no more."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a native reader prints must not stand among the answers.
    os.dup2(2, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            request: Request = pickle.load(requests)
        except EOFError:
            return
        pickle.dump(_answer(request), answers)
        answers.flush()


def _answer(request: Request) -> Answer:
    try:
        _limit(resource.RLIMIT_CPU, round(sum(os.times()[:2])) + request.cpu_seconds)
        _limit(resource.RLIMIT_AS, _address_space() + request.memory_bytes)
        with FileContent(request.path) as content:
            parsed = None
            if content.sha256() == request.sha256:
                parsed = parse_content(content, request.layouts, request.target)
            return Answer(failure=CHANGED) if parsed is None or content.has_changed() else Answer(parsed)
    except MemoryError:
        return Answer(failure=MEMORY)
    except OSError as error:
        return Answer(failure=SHORTAGE, detail=error.strerror or type(error).__name__)
    except _OF_OURS as error:
        return Answer(failure=FAULT, detail=type(error).__name__)
    except BaseException as error:  # noqa: BLE001 - a panic of a native reader is no Exception
        return Answer(failure=CRASHED, detail=type(error).__name__)


def _limit(kind: int, value: int) -> None:
    """Lower a limit of this process; one that was given to it from outside stays where it is lower."""
    soft, hard = resource.getrlimit(kind)
    given = _GIVEN.setdefault(kind, soft)
    lowest = min(limit for limit in (value, given, hard) if limit != resource.RLIM_INFINITY)
    resource.setrlimit(kind, (lowest, hard))


_GIVEN: dict[int, int] = {}


def _address_space() -> int:
    """The bytes of address space that this process takes; 0 where the system doesn't tell."""
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[0]
    except OSError:
        return 0
    return int(pages) * resource.getpagesize()
