"""Writes a clean sample, which the scripts can read too, and prints how many persons it has.

It is a process of its own, since what a process holds while it starts another counts as the other's peak memory.

Usage: python clean_sample.py RAW YEAR [PERSONS]
"""

import sys
from pathlib import Path

from measuring import Cost, run

from pipeline.sample import write_sample


def write_clean_sample(raw: Path, year: int, persons: int | None) -> tuple[Cost, int]:
    """Write a clean sample in a process of its own: what that takes, and its persons."""
    asked = [] if persons is None else [str(persons)]
    cost, printed = run([sys.executable, __file__, str(raw), str(year), *asked])
    return cost, int(printed)


if __name__ == "__main__":
    summary = write_sample(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:]), is_clean=True)
    print(summary.district["roll_count"])
