"""How long a refresh takes beside a bare script, an analyst's pandas script and the bare imports, as ratios.

A clean sample of 2019 is written once (the two scripts know no dirt). Then every command runs three times in turn, each
first refresh in a folder of its own, so that nothing is cached; the fastest time of each counts. The township tables of
all three must be the same. Usage: python bench.py [PERSONS]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from pipeline.sample import write_sample

YEAR = 2019
TIMES = 3
HERE = Path(__file__).parent
PYTHON = sys.executable
DAIJIAO = str(Path(PYTHON).with_name("daijiao"))
IMPORTS = "import dagster, duckdb, polars, great_expectations"
TABLES = ("township_participation", "township_fund")
RATIOS = (
    ("first refresh / floor", "first refresh", "floor", "at most 2.5"),
    ("pandas / first refresh", "pandas", "first refresh", "at least 5"),
    ("second refresh / imports", "second refresh", "imports", "at most 2"),
)


def main(persons: int | None) -> int:
    """Measure, compare, print; 1 where the tables differ."""
    with tempfile.TemporaryDirectory(prefix="daijiao-bench-") as name:
        folder = Path(name)
        started = time.perf_counter()
        write_sample(folder / "raw", YEAR, persons, is_clean=True)
        print(f"{'sample written':<28}{time.perf_counter() - started:8.2f} s")
        seconds, tables = measure(folder)
    for command, values in seconds.items():
        print(f"{command:<28}{min(values):8.2f} s   ({', '.join(f'{value:.2f}' for value in values)})")
    for title, above, below, aim in RATIOS:
        print(f"{title:<28}{min(seconds[above]) / min(seconds[below]):8.2f}     (aim: {aim})")
    differing = sorted(command for command, found in tables.items() if found != tables["floor"])
    if differing:
        print(f"The township tables of {', '.join(differing)} differ from those of floor.", file=sys.stderr)
        return 1
    print("The township tables are the same in all three.")
    return 0


def measure(folder: Path) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Seconds of each command in turn, and the tables that each of the three ways gives."""
    raw = str(folder / "raw")
    seconds: dict[str, list[float]] = {}
    tables: dict[str, str] = {}
    for turn in range(TIMES):
        warehouse = folder / f"warehouse-{turn}"
        refresh = [DAIJIAO, "refresh", "--year", str(YEAR), "--raw", raw, "--warehouse", str(warehouse)]
        commands = {
            "imports": [PYTHON, "-c", IMPORTS],
            "floor": [PYTHON, str(HERE / "floor.py"), raw, str(YEAR)],
            "pandas": [PYTHON, str(HERE / "pandas_analyst.py"), raw, str(YEAR)],
            "first refresh": refresh,
            "second refresh": refresh,
        }
        for name, command in commands.items():
            started = time.perf_counter()
            output = run(command)
            seconds.setdefault(name, []).append(time.perf_counter() - started)
            if name in ("floor", "pandas"):
                tables[name] = output
        tables["refresh"] = published(warehouse / "published.duckdb")
    return seconds, tables


def run(command: list[str]) -> str:
    """The standard output of a command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{Path(command[0]).name} failed with status {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def published(path: Path) -> str:
    """The township tables of a published file, printed as the scripts print theirs."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return "\n".join(table_text(connection, table) for table in TABLES)


def table_text(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """One table as CSV in the order of its columns and townships."""
    found = connection.execute(f"select * from mart.{table} where policy_year = {YEAR} order by township_code")
    header = ",".join(column[0] for column in found.description)
    rows = (",".join("" if cell is None else str(cell) for cell in row) for row in found.fetchall())
    return "\n".join([header, *rows, ""])


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
