"""Refreshing the districts of a province side by side: a process each, with its own warehouse, lock and run history.

One district's failure or end leaves every other one's published file as it is. What a refresh does is said elsewhere.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.province.districts import District

INTERRUPTED = 130


@dataclass(frozen=True)
class Ended:
    """How a district's refresh ended: its exit status, and the last thing that it said where it failed."""

    district: District
    status: int
    sentence: str


def refresh_districts(districts: Sequence[District], year: int, key: str, at_once: int) -> Iterator[Ended]:
    """Refresh districts, so many at once; yields each as it stands in the list once it has ended.

    Args:
        key: the province's one key, so that a person has the same `person_key` in every district.
        at_once: number of processes.
    """
    with ThreadPoolExecutor(at_once) as pool:
        yield from pool.map(partial(_refreshed, year=year, key=key), districts)


def _refreshed(district: District, year: int, key: str) -> Ended:
    command = [str(Path(sys.executable).with_name("daijiao")), "refresh", "--year", str(year)]
    command += ["--raw", str(district.raw), "--warehouse", str(district.warehouse), "--policy", str(district.policies)]
    environment = os.environ | {"DAIJIAO_KEY": key, "DAGSTER_HOME": str(district.folder / "dagster")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode == INTERRUPTED:
        raise KeyboardInterrupt
    said = done.stderr.strip().splitlines()
    return Ended(district, done.returncode, "" if done.returncode == 0 or not said else said[-1])
