"""What a command costs: seconds on the clock, CPU seconds and memory, of the process and of everything that it started.

On a machine that others share the clock says what they did; CPU seconds say what the command did.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Cost(NamedTuple):
    """What one run of a command took: `seconds` on the clock, `cpu_seconds` of user and system, `gigabytes` at its peak.

    The peak is that of its largest process.
    """

    seconds: float
    cpu_seconds: float
    gigabytes: float


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[Cost, str]:
    """Run a command that must succeed: its cost, and what it wrote to its standard output."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        written, told = (_read(stream) for stream in (output, errors))
    if process.returncode:
        sys.exit(f"{Path(command[0]).name} failed with status {process.returncode}: {told.strip()[-2000:]}")
    # Linux counts in kilobytes.
    return Cost(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_000_000), written


def _read(stream: "tempfile._TemporaryFileWrapper[bytes]") -> str:
    stream.seek(0)
    return stream.read().decode(errors="replace")


def least(costs: Sequence[Cost]) -> Cost:
    """Of several runs the least of each, which others disturbed least."""
    return Cost(*(min(values) for values in zip(*costs, strict=True)))
