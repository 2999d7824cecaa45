"""Parsing a file where it can do no harm: in a child process that may crash, or be ended for what a file takes.

A file is refused for what it does to its reader; a shortage of the machine says nothing about a file and ends the refresh.
What the child does is told by ``worker``.
"""

import atexit
import os
import pickle
import re
import resource
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

import pipeline
from pipeline.errors import DaijiaoError
from pipeline.landing.files import KIND_BYTES, content_kind, shown_name
from pipeline.landing.layouts import Layout
from pipeline.landing.parse import REFUSED, ParsedFile
from pipeline.landing.worker import CHANGED, CRASHED, FAULT, MEMORY, Answer, Request

# Far beyond what a file of its size takes: a workbook of 4 MB and 65,000 rows takes two seconds and 700 MB.
CPU_SECONDS, CPU_SECONDS_PER_MEGABYTE = 60, 30
MEMORY_BYTES, MEMORY_BYTES_PER_BYTE = 5 << 30, 40
# A child that waits this much longer than it may reckon waits for something that never comes.
CLOCK_FACTOR = 20
# While one file is decompressed, another one's rows are typed; more at once would take more memory.
FILES_AT_ONCE = 2
_THREADS = "POLARS_MAX_THREADS"
_MEGABYTE = 1 << 20
_CRASHES = {signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGSEGV, signal.SIGTRAP, signal.SIGSYS}
_NO_MEMORY = re.compile(rb"memory allocation of \d+ bytes failed|out of memory|cannot allocate memory", re.IGNORECASE)
_STDERR_BYTES = 4096
_CRASHED = (
    "reader_crashed: 读取此文件时程序异常中止,文件的结构不正常或已损坏。请用 Excel 打开后另存为新的 .xlsx 重新报送。"
)
_TOO_LONG = (
    "takes_too_long: 读取此文件所需的时间远远超过其大小,文件的结构不正常。请用 Excel 打开后另存为新的 .xlsx 重新报送。"
)
_TOO_LARGE = "too_large: 文件展开后的内容过大,无法读取。请删除表格以外多余的内容,另存为新的 .xlsx 后重新报送。"

_HARMFUL = (_CRASHED, _TOO_LONG, _TOO_LARGE)


def is_harmful(parsed: ParsedFile) -> bool:
    """Whether a file is refused for what it did to its reader, so that nobody else should open it."""
    return parsed.reason in _HARMFUL


def parse_file(path: Path, sha256: str, layouts: Sequence[Layout], target: Path) -> ParsedFile:
    """Read a file with the first of its folder's layouts that fits.

    Args:
        sha256: the hash that its bytes had when the folder was listed.
        target: where the rows of a file that is read are written.

    Raises:
        DaijiaoError: the file changed meanwhile, or the machine is short of memory, disk or time.
    """
    size = path.stat().st_size
    request = Request(
        path=path,
        sha256=sha256,
        layouts=layouts,
        target=target,
        cpu_seconds=CPU_SECONDS + CPU_SECONDS_PER_MEGABYTE * size // _MEGABYTE,
        memory_bytes=MEMORY_BYTES + MEMORY_BYTES_PER_BYTE * size,
    )
    worker = _take()
    ended = worker.ask(request)
    if isinstance(ended, _Ended) and worker.has_answered:
        # What earlier files left in the process is no fault of this one.
        worker = _Worker()
        ended = worker.ask(request)
    if isinstance(ended, _Ended):
        return _of_ended(ended, request)
    _IDLE.append(worker)
    return _of_answer(ended, request)


class _Ended:
    """How a child ended instead of answering: its return code as `subprocess` gives it, and the end of what it printed."""

    def __init__(self, return_code: int, printed: bytes) -> None:
        self.return_code = return_code
        self.printed = printed


class _Worker:
    """A child process; `has_answered` tells whether it parsed a file before."""

    def __init__(self) -> None:
        root = str(Path(pipeline.__file__).parents[1])
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", "from pipeline.landing.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._printed,
            env={
                # Several children share the processors; what one of them would spread over all costs more, and gains nothing.
                _THREADS: str(max(1, (os.cpu_count() or 1) // FILES_AT_ONCE)),
                **os.environ,
                "PYTHONPATH": os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])]),
            },
        )
        self.has_answered = False

    def ask(self, request: Request) -> Answer | _Ended:
        """The answer of the child, or how it ended.

        Raises:
            DaijiaoError: it does neither.
        """
        try:
            return self._ask(request)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            return self._ended()
        except BaseException:
            self.close()
            raise

    def _ask(self, request: Request) -> Answer:
        process = self._process
        if process.stdin is None or process.stdout is None:
            raise EOFError
        pickle.dump(request, process.stdin)
        process.stdin.flush()
        seconds = request.cpu_seconds * CLOCK_FACTOR
        if not select.select([process.stdout], [], [], seconds)[0]:
            raise DaijiaoError(
                f"Reading {_shown(request.path)} did not end within {seconds // 60} minutes on the clock, and the machine gave "
                "it little time. Run again when the machine is less busy.",
                f"读取 {_shown(request.path)} 在 {seconds // 60} 分钟内没有完成,机器太忙。请在机器空闲时重新运行。",
            )
        answer: Answer = pickle.load(process.stdout)
        self.has_answered = True
        return answer

    def close(self) -> None:
        """End the child, which waits."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._printed):
            if stream is not None:
                with suppress(BrokenPipeError):
                    stream.close()

    def _ended(self) -> _Ended:
        return_code = self._process.wait()
        self._printed.seek(0, os.SEEK_END)
        self._printed.seek(max(0, self._printed.tell() - _STDERR_BYTES))
        printed = self._printed.read()
        self.close()
        return _Ended(return_code, printed)


_IDLE: list[_Worker] = []
_OWNER = [os.getpid()]
_LOCK = Lock()


def _take() -> _Worker:
    """A child that waits, else a new one; those of a process from which this one was forked are its own."""
    with _LOCK:
        if os.getpid() != _OWNER[0]:
            _OWNER[:] = [os.getpid()]
            _IDLE.clear()
        return _IDLE.pop() if _IDLE else _Worker()


@atexit.register
def _close_idle() -> None:
    """End the children that wait; those of a process from which this one was forked are left to it."""
    while os.getpid() == _OWNER[0] and _IDLE:
        _IDLE.pop().close()


def _of_answer(answer: Answer, request: Request) -> ParsedFile:
    if answer.parsed is not None:
        return answer.parsed
    if answer.failure == CHANGED:
        raise DaijiaoError(
            f"The file {_shown(request.path)} changed while it was read. Run again when it is complete.",
            f"读取 {_shown(request.path)} 时文件发生了变化。请等文件放完整后重新运行。",
        )
    if answer.failure == CRASHED:
        return _refused(request, _CRASHED)
    if answer.failure == MEMORY:
        return _without_memory(request)
    if answer.failure == FAULT:
        raise DaijiaoError(
            f"Reading {_shown(request.path)} failed by a fault of this program ({answer.detail}), which says nothing about the "
            "file. Nothing was published; report this sentence."
        )
    raise DaijiaoError(
        f"Reading {_shown(request.path)} failed for want of the machine ({answer.detail}), which says nothing about the file. "
        "Make room on the disk, or give leave to read it, and run again.",
        f"读取 {_shown(request.path)} 因机器原因失败({answer.detail});这不说明文件有问题。请腾出磁盘空间或允许读取,再重新运行。",
    )


def _of_ended(ended: _Ended, request: Request) -> ParsedFile:
    code = -ended.return_code
    if code == signal.SIGXCPU:
        return _refused(request, _TOO_LONG)
    if code in _CRASHES:
        return _without_memory(request) if _NO_MEMORY.search(ended.printed) else _refused(request, _CRASHED)
    if ended.return_code > 0:
        error = ended.printed.decode(errors="replace").strip().rpartition("\n")[2].partition(":")[0]
        raise DaijiaoError(
            f"The process that reads files could not work ({error or ended.return_code}), which says nothing about "
            f"{_shown(request.path)}. Install the pipeline anew (make setup), or give it more memory, and run again."
        )
    raise DaijiaoError(
        f"The process that read {_shown(request.path)} was ended from outside (code {ended.return_code}), mostly for want of "
        "memory, which says nothing about the file. Give the machine more memory, or close other programs, and run again.",
        f"读取 {_shown(request.path)} 的进程被外部终止(代码 {ended.return_code}),多半是内存不足;这不说明文件有问题。"
        "请增加内存或关闭其他程序后重新运行。",
    )


def _without_memory(request: Request) -> ParsedFile:
    """A file that takes more memory than any file needs is refused; where less was given from outside, nobody knows.

    Raises:
        DaijiaoError: the memory of this process is limited from outside.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] == resource.RLIM_INFINITY:
        return _refused(request, _TOO_LARGE)
    raise DaijiaoError(
        f"There was not enough memory to read {_shown(request.path)}, which says nothing about the file. Give the process "
        "more memory (ulimit -v) and run again.",
        f"内存不足,无法读取 {_shown(request.path)};这不说明文件有问题。请增加可用内存(ulimit -v)后重新运行。",
    )


def _refused(request: Request, reason: str) -> ParsedFile:
    with request.path.open("rb") as stream:
        return ParsedFile(REFUSED, content_kind(stream.read(KIND_BYTES)), reason)


def _shown(path: Path) -> str:
    return shown_name(str(path))
