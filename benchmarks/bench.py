"""What a refresh costs beside a bare script, an analyst's script and the bare imports, as one table of ratios.

A clean sample of 2019 is written once (the scripts know no dirt), and its first bank list is held back. In each turn every
command runs once, the refreshes in a warehouse of their own: a first one, one with nothing new, and one after that list arrived.
The least of each counts, in CPU seconds of user and system with everything that a command started; the clock stands beside it.
The township tables of all ways must be the same.

Usage: python bench.py [--persons N] [--times N] [--short]
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
from clean_sample import write_clean_sample
from measuring import Cost, least, run

YEAR = 2019
HERE = Path(__file__).parent
PYTHON = sys.executable
DAIJIAO = str(Path(PYTHON).with_name("daijiao"))
IMPORTS = "import dagster, duckdb, polars, great_expectations"
KEY = "the key of the benchmarks, long enough"
TABLES = ("township_participation", "township_fund")
LARGE = 650_000
SHORT_PERSONS = 1_000
RECORDED = HERE / "recorded.json"
GATE = 2.0

Costs = Mapping[str, Cost]


@dataclass(frozen=True)
class Measure:
    """A line of the table: what is divided by what, and the aim at 103,600 and at 654,430 persons; null where none is set."""

    title: str
    above: str
    below: str
    aim: str | None
    large_aim: str | None


MEASURES = (
    Measure("first refresh ÷ floor", "first refresh", "floor", "≤ 5", "≤ 3"),
    Measure("pandas ÷ first refresh", "pandas", "first refresh", "≥ 2.5", "≥ 6"),
    Measure("nothing new ÷ imports", "nothing new", "imports", "≤ 1.2", "≤ 1.2"),
    Measure("one new bank list ÷ first refresh", "one new list", "first refresh", "≤ 0.35", "≤ 0.35"),
    Measure("second count ÷ first refresh", "second count", "first refresh", None, None),
)
SHORT_MEASURES = (
    Measure("first refresh ÷ imports", "first refresh", "imports", None, None),
    Measure("nothing new ÷ imports", "nothing new", "imports", None, None),
)


def main() -> int:
    """Measure, compare, print; 1 where the tables differ, or a short bench costs twice what was recorded."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, help="persons on the roll; about 103,600 where it is left out")
    parser.add_argument("--times", type=int, default=1, help="how often each command runs")
    parser.add_argument(
        "--short", action="store_true", help="few persons and two ratios, which are held to twice the recorded"
    )
    asked = parser.parse_args()
    os.environ.setdefault("DAIJIAO_KEY", KEY)
    with tempfile.TemporaryDirectory(prefix="daijiao-bench-") as name:
        folder = Path(name)
        os.environ["DAGSTER_HOME"] = str(folder / "dagster")
        if asked.short:
            return short(folder)
        return whole(folder, asked.persons, asked.times)


def whole(folder: Path, persons: int | None, times: int) -> int:
    """The table of every measure."""
    sample, roll_count = write_clean_sample(folder / "raw", YEAR, persons)
    landed = [path.stat().st_size for path in (folder / "raw").rglob("*") if path.is_file()]
    bytes_landed = sum(landed)
    costs, tables, warehouse = measured(folder, times)
    is_large = persons is not None and persons >= LARGE
    print(f"{roll_count:,} persons, {len(landed)} files, {bytes_landed / 1e6:,.1f} MB; ", end="")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.0f}; {datetime.now(UTC):%Y-%m-%d}; least of {times}\n")
    print_costs({"writing the sample": sample, **costs})
    print_ratios(costs, MEASURES, is_large=is_large)
    aim = "halved" if is_large else "–"
    print(f"| warehouse file ÷ landed bytes | {warehouse / bytes_landed:.2f} | | {aim} |")
    differing = sorted(way for way, found in tables.items() if found != tables["floor"])
    if differing:
        print(f"The township tables of {', '.join(differing)} differ from those of floor.", file=sys.stderr)
        return 1
    print("\nThe township tables are the same in all three.")
    return 0


def measured(folder: Path, times: int) -> tuple[Costs, dict[str, str], int]:
    """The least cost of each command, the tables that each way gives, and the bytes of the warehouse."""
    raw = folder / "raw"
    costs: dict[str, list[Cost]] = {}
    tables: dict[str, str] = {}

    def note(name: str, command: list[str]) -> str:
        cost, output = run(command)
        costs.setdefault(name, []).append(cost)
        return output

    for turn in range(times):
        warehouse = folder / f"warehouse-{turn}"
        refresh = [DAIJIAO, "refresh", "--year", str(YEAR), "--raw", str(raw), "--warehouse", str(warehouse)]
        note("imports", [PYTHON, "-c", IMPORTS])
        tables["floor"] = note("floor", [PYTHON, str(HERE / "floor.py"), str(raw), str(YEAR)])
        tables["pandas"] = note("pandas", [PYTHON, str(HERE / "pandas_analyst.py"), str(raw), str(YEAR)])
        with held_back(raw / str(YEAR) / "bank_returns", folder / "list") as give_back:
            note("first refresh", refresh)
            note("nothing new", refresh)
            give_back()
        note("one new list", refresh)
        seconds = note("second count", [PYTHON, str(HERE / "second_count.py"), str(raw), str(warehouse), str(YEAR)])
        # Without what its process took to begin.
        costs["second count"][-1] = Cost(*json.loads(seconds))
        tables["refresh"] = published(warehouse / "published.duckdb")
    return {name: least(each) for name, each in costs.items()}, tables, (warehouse / "warehouse.duckdb").stat().st_size


@contextmanager
def held_back(folder: Path, place: Path) -> Iterator[Callable[[], None]]:
    """Without the list of a folder whose path sorts first; gives what puts it back."""
    held = min(path for path in folder.rglob("*") if path.is_file())
    held.rename(place)

    def give_back() -> None:
        if place.exists():
            place.rename(held)

    try:
        yield give_back
    finally:
        give_back()


def short(folder: Path) -> int:
    """Two ratios of a few persons; 1 where one is more than twice what was recorded."""
    raw = folder / "raw"
    write_clean_sample(raw, YEAR, SHORT_PERSONS)
    refresh = [DAIJIAO, "refresh", "--year", str(YEAR), "--raw", str(raw), "--warehouse", str(folder / "warehouse")]
    commands = {"imports": [PYTHON, "-c", IMPORTS], "first refresh": refresh, "nothing new": refresh}
    costs = {name: run(command)[0] for name, command in commands.items()}
    print_costs(costs)
    print_ratios(costs, SHORT_MEASURES, is_large=False)
    recorded: dict[str, float] = json.loads(RECORDED.read_text(encoding="utf-8"))
    status = 0
    for measure in SHORT_MEASURES:
        found = costs[measure.above].cpu_seconds / costs[measure.below].cpu_seconds
        most = GATE * recorded[measure.title]
        if found > most:
            status = 1
            print(
                f"{measure.title} is {found:.2f} in CPU seconds, more than {most:.2f}, {GATE:g} times what was recorded. Find "
                f"out what became slower, or write the new ratio into {RECORDED.name} with the reason in the commit.",
                file=sys.stderr,
            )
    return status


def print_costs(costs: Costs) -> None:
    """What each command took."""
    print("| command | CPU seconds | clock seconds | peak memory, GB |\n|---|---|---|---|")
    for name, cost in costs.items():
        print(f"| {name} | {cost.cpu_seconds:.1f} | {cost.seconds:.1f} | {cost.gigabytes:.2f} |")
    print()


def print_ratios(costs: Costs, measures: tuple[Measure, ...], *, is_large: bool) -> None:
    """The ratios, in CPU seconds and by the clock, beside their aims."""
    print("| measure | CPU | clock | aim |\n|---|---|---|---|")
    for measure in measures:
        above, below = costs[measure.above], costs[measure.below]
        aim = (measure.large_aim if is_large else measure.aim) or "–"
        by_cpu, by_clock = above.cpu_seconds / below.cpu_seconds, above.seconds / below.seconds
        print(f"| {measure.title} | {by_cpu:.2f} | {by_clock:.2f} | {aim} |")


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
    sys.exit(main())
