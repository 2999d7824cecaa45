"""How much of a refresh's time the second count takes, of a synthetic district that is refreshed from nothing.

Seconds are those of the processor, with the readers' processes, so that other work on the machine doesn't count.
Usage: python second_count.py [PERSONS]
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from pipeline.build import publish
from pipeline.checks.second_count import Comparison
from pipeline.commands.cli import main as main_of_command
from pipeline.sample import write_sample

YEAR, PERSONS, SEED = 2019, 103_600, 2019
MOST = 0.25
REFRESH = "--refresh"


def main(persons: int) -> int:
    """Measure and print; 1 where the second count takes more than a quarter of the rest."""
    with tempfile.TemporaryDirectory(prefix="daijiao-second-count-") as name:
        write_sample(Path(name) / "raw", YEAR, persons, SEED)
        before = _seconds_of_children()
        command = [sys.executable, __file__, REFRESH, name]
        history = Path(name) / "dagster"
        history.mkdir()
        environment = os.environ | {"DAGSTER_HOME": str(history)}
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, encoding="utf-8", env=environment)
        whole = _seconds_of_children() - before
    count, compared = json.loads(done.stdout.splitlines()[-1])
    rest = whole - count
    print(
        f"{persons:,} persons, {compared:,} values compared: refresh {whole:.1f} s, of them the second count {count:.1f} s"
    )
    print(f"the second count takes {count / rest:.1%} of the rest (at most {MOST:.0%})")
    return int(count > MOST * rest)


def refresh(folder: Path) -> None:
    """Run the command `daijiao refresh`, and print the seconds of the second count and how many values it compared."""
    compare = publish.compare_again
    counted: list[tuple[float, int]] = []

    def timed(*arguments: Any, **named: Any) -> Comparison:
        before = time.process_time()
        comparison = compare(*arguments, **named)
        counted.append((time.process_time() - before, comparison.compared_count))
        return comparison

    publish.compare_again = timed
    with suppress(SystemExit):
        main_of_command(
            ["refresh", "--year", str(YEAR), "--raw", str(folder / "raw"), "--warehouse", str(folder / "warehouse")]
        )
    print(json.dumps(counted[0]))


def _seconds_of_children() -> float:
    """User and system time of the processes that this one has waited for, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    if sys.argv[1:2] == [REFRESH]:
        refresh(Path(sys.argv[2]))
    else:
        sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else PERSONS))
