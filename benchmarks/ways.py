"""The same clean sample by other tools, each in an environment of its own, which this command makes by uv.

Those that can give the township tables must give the same; of the others the table says what they can't.
Usage: python ways.py [--persons N] [WAY ...]
"""

import argparse
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import DAIJIAO, HERE, IMPORTS, KEY, PYTHON, YEAR, published
from clean_sample import write_clean_sample
from measuring import Cost, run

ENVIRONMENTS = HERE.parent / "data" / "benchmarks"
UV = str(Path(PYTHON).with_name("uv"))


@dataclass(frozen=True)
class Way:
    """A script that is run on the sample; `lacks` says what it can't give, and is null where it gives the township tables."""

    name: str
    script: str
    packages: tuple[str, ...]
    lacks: str | None = None


_DATAFRAMES = ("pandas", "openpyxl", "numpy")
WAYS = (
    Way("Polars (the floor)", "floor.py", ("polars==2.1.0", "fastexcel==0.21.0", "pyarrow")),
    Way("pandas", "pandas_analyst.py", _DATAFRAMES),
    Way(
        "dbt-duckdb",
        "dbt_models.py",
        ("dbt-core==1.11.16", "dbt-duckdb==1.11.1", "polars==2.1.0", "fastexcel==0.21.0", "pyarrow"),
    ),
    Way("datacompy", "datacompy_lists.py", ("datacompy", *_DATAFRAMES), "the comparison of two lists alone"),
    Way(
        "Great Expectations",
        "expectations_alone.py",
        ("great-expectations==1.24.1", *_DATAFRAMES),
        "the shape of each list alone",
    ),
    Way(
        "Splink",
        "splink_suggestions.py",
        ("splink==5.0.0", "pandas", "pyarrow"),
        "suggestions alone, for 1,200 damaged rows of 65,000 persons",
    ),
)


def main() -> int:
    """Make the environments, run every way, print the table; 1 where township tables differ."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, help="persons on the roll; about 103,600 where it is left out")
    parser.add_argument("ways", nargs="*", metavar="WAY", help="the beginning of a way's name; all where none is named")
    asked = parser.parse_args()
    chosen = [
        way for way in WAYS if not asked.ways or way.name.lower().startswith(tuple(each.lower() for each in asked.ways))
    ]
    os.environ.setdefault("DAIJIAO_KEY", KEY)
    status = 0
    with tempfile.TemporaryDirectory(prefix="daijiao-ways-") as name:
        folder = Path(name)
        write_clean_sample(folder / "raw", YEAR, asked.persons)
        write_linking_inputs(folder)
        cost, expected = of_refresh(folder)
        print("| way | CPU seconds | clock seconds | peak memory, GB | township tables | what it says |")
        print("|---|---|---|---|---|---|")
        print_row("daijiao, first refresh", cost, "–", "")
        for way in chosen:
            python = environment(way)
            if python is None:
                print(f"| {way.name} | | | | | can't be had here: its packages could not be installed |")
                continue
            cost, output = run([str(python), str(HERE / way.script), *inputs_of(way, folder)])
            if way.lacks is None:
                is_same = output == expected
                status |= not is_same
                print_row(way.name, cost, "the same" if is_same else "**differ**", "")
            else:
                print_row(way.name, cost, "can't", f"{way.lacks}: {output.strip().splitlines()[-1]}")
    return status


def write_linking_inputs(folder: Path) -> None:
    """What the suggestions are measured with."""
    (folder / "linking").mkdir()
    run([PYTHON, str(HERE / "suggestions.py"), "--write", str(folder / "linking")])


def of_refresh(folder: Path) -> tuple[Cost, str]:
    """What a first refresh costs, and the township tables that it gives."""
    os.environ["DAGSTER_HOME"] = str(folder / "dagster")
    run([PYTHON, "-c", IMPORTS])
    command = [
        DAIJIAO,
        "refresh",
        "--year",
        str(YEAR),
        "--raw",
        str(folder / "raw"),
        "--warehouse",
        str(folder / "warehouse"),
    ]
    cost, _ = run(command)
    return cost, published(folder / "warehouse" / "published.duckdb")


def inputs_of(way: Way, folder: Path) -> list[str]:
    """The arguments of a way's script."""
    return [str(folder / "linking")] if way.name == "Splink" else [str(folder / "raw"), str(YEAR)]


def environment(way: Way) -> Path | None:
    """The interpreter of a way's own environment, made where it is missing; null where its packages can't be had."""
    folder = ENVIRONMENTS / Path(way.script).stem
    python = folder / "bin" / "python"
    commands = (
        [UV, "venv", "--quiet", "--python", PYTHON, str(folder)],
        [UV, "pip", "install", "--quiet", "--python", str(python), *way.packages],
    )
    if not python.exists():
        for command in commands:
            if subprocess.run(command, check=False).returncode:
                return None
    return python


def print_row(name: str, cost: Cost, tables: str, says: str) -> None:
    """A line of the table."""
    print(
        f"| {name} | {cost.cpu_seconds:.1f} | {cost.seconds:.1f} | {cost.gigabytes:.2f} | {tables} | {says} |",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
