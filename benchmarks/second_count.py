"""What the second count of a published year takes, without what its process takes to begin: prints seconds, CPU seconds, GB.

Usage: python second_count.py RAW WAREHOUSE YEAR
"""

import json
import resource
import sys
import time
from pathlib import Path

from pipeline.build.publish import compare_again
from pipeline.settings import Settings
from pipeline.warehouse.folder import PARSE_CACHE
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import make_run


def main(raw: Path, warehouse: Path, year: int) -> None:
    """Count, compare, print; what landing kept of the files is used."""
    run = make_run(Settings(raw=raw, warehouse=warehouse), year)
    started, cpu_started = time.perf_counter(), time.process_time()
    with reading(run.published) as published:
        comparison = compare_again(run, published, warehouse / PARSE_CACHE)
    if comparison.differences:
        sys.exit(f"{len(comparison.differences)} of {comparison.compared_count} values differ.")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000_000
    print(json.dumps([time.perf_counter() - started, time.process_time() - cpu_started, peak]))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
