"""Whether two commits make the same tables of the same files: row for row, person keys too.

The random worlds of the tests, replies to their mismatches among them, and the synthetic district of 2019 are written once by the
code of this checkout. Each commit, checked out beside it, refreshes all of them with this environment's libraries; then every
table of the warehouse and of the published file is compared as a multiset of rows. A table or column that only one commit has is
named, and the others are compared by what both have. What a commit says of itself is left out: ``mart.proof``, ``mart.digest``,
its version in ``mart.refresh``, and the name under which the parse cache keeps a file's rows.

Usage: python benchmarks/compare_commits.py BASE [COMMIT] [--worlds 200] [--persons 65443] [--seed 1]; without COMMIT, what
stands in this checkout is compared. 1 where anything differs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[1]
YEAR = 2019
PERSONS_OF_2019 = 65_443
# A refresh costs more than a small world: many of them lie in one landing folder, each among people of its own.
WORLDS_OF_A_LANDING = 20
TABLES_ABOUT_THE_CODE = {"mart.proof", "mart.digest", "mart.change"}
COLUMNS_ABOUT_THE_CODE = {"code_version", "parquet"}
SHOWN_ROWS = 2
KEY = "a key for invented persons, of no use elsewhere"
BASE, OTHER = "base", "other"
# Run with the code of each commit: a line a landing folder says what became of it.
REFRESH = """
import json, sys
from datetime import date
from pathlib import Path
from pipeline.build.refresh import refresh_year
from pipeline.errors import DaijiaoError

side = sys.argv[1]
for line in sys.stdin:
    landing = json.loads(line)
    folder = Path(landing["folder"])
    as_of = date.fromisoformat(landing["as_of"]) if landing["as_of"] else None
    try:
        refresh_year(folder / "raw", folder / side, landing["year"], None, as_of)
        print(json.dumps("published"), flush=True)
    except DaijiaoError as error:
        print(json.dumps(str(error).replace(str(folder / side), "")), flush=True)
"""


@dataclass(frozen=True)
class Landing:
    """A landing folder that both commits refresh; `as_of` is the day looked back from."""

    name: str
    folder: Path
    as_of: str | None


@dataclass
class Difference:
    """How often a table differs, and some rows of the first folder in which it does."""

    only_in_base: int = 0
    only_in_other: int = 0
    folders: int = 0
    shown: str = ""


def main() -> int:
    """Write the folders, refresh them by both commits, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("base", help="the commit that is compared with")
    parser.add_argument("commit", nargs="?", help="the other commit; what stands in this checkout where it is left out")
    parser.add_argument("--worlds", type=int, default=200)
    parser.add_argument("--persons", type=int, default=PERSONS_OF_2019, help="of the district; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    os.environ["DAIJIAO_KEY"] = KEY
    with tempfile.TemporaryDirectory(prefix="daijiao-compare-") as name:
        folder = Path(name)
        landings = write_landings(folder, given.worlds, given.persons, given.seed)
        print(f"{given.worlds} worlds in {len(landings)} landing folders, with the district's", flush=True)
        with checkout(given.base, folder / BASE) as base, checkout(given.commit, folder / OTHER) as other:
            outcomes = [refresh_all(code, side, landings) for code, side in ((base, BASE), (other, OTHER))]
        return report(landings, *outcomes)


def write_landings(folder: Path, worlds: int, persons: int, seed: int) -> list[Landing]:
    """The worlds' folders, each with the replies that came to it, and the district's."""
    sys.path.insert(0, str(ROOT))
    from pipeline.sample import write_sample
    from tests.second_count.files import write_world
    from tests.second_count.published import compared, publish_replies, publish_world
    from tests.second_count.world import policy_of_2019
    from tests.second_count.worlds import SeededChoices, make_landing

    landings = []
    for number in range(-(-worlds // WORLDS_OF_A_LANDING)):
        choices = SeededChoices(seed * 1_000_000 + number)
        world = make_landing(choices, policy_of_2019(), min(WORLDS_OF_A_LANDING, worlds))
        place = folder / f"worlds-{number}"
        if world.reply_seed is None:
            write_world(world, place / "raw")
        else:
            publish_world(world, place)
            publish_replies(world, place, compared(place, YEAR, world.as_of)[0])
        landings.append(Landing(place.name, place, str(world.as_of) if world.as_of else None))
    if persons:
        place = folder / "district"
        write_sample(place / "raw", YEAR, None if persons == PERSONS_OF_2019 else persons)
        landings.append(Landing("district", place, None))
    return landings


@contextmanager
def checkout(commit: str | None, place: Path) -> Iterator[Path]:
    """The code of a commit in a folder of its own; this checkout where none is named."""
    if commit is None:
        yield ROOT
        return
    git = ["git", "-C", str(ROOT), "worktree"]
    subprocess.run([*git, "add", "--quiet", "--detach", str(place), commit], check=True)
    try:
        yield place
    finally:
        subprocess.run([*git, "remove", "--force", str(place)], check=True)


def refresh_all(code: Path, side: str, landings: Sequence[Landing]) -> list[str]:
    """What became of each folder, refreshed by the code of one commit into a warehouse named by `side`."""
    lines = [json.dumps({"folder": str(landing.folder), "as_of": landing.as_of, "year": YEAR}) for landing in landings]
    done = subprocess.run(
        [sys.executable, "-c", REFRESH, side],
        cwd=code,
        env=os.environ | {"PYTHONPATH": str(code)},
        input="\n".join(lines),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def report(landings: Sequence[Landing], base: Sequence[str], other: Sequence[str]) -> int:
    """Compare every table of every folder and print what differs; 1 where anything does."""
    differences: dict[str, Difference] = {}
    notes: dict[str, None] = {}
    compared_rows = 0
    for landing, one, two in zip(landings, base, other, strict=True):
        if one != two:
            notes[f"{landing.name} ends otherwise:\n  base:  {one}\n  other: {two}"] = None
        compared_rows += compare(landing, differences, notes)
    for note in notes:
        print(note)
    for table, found in sorted(differences.items()):
        print(
            f"{table} differs in {found.folders} folders: {found.only_in_base} rows only in base, "
            f"{found.only_in_other} only in the other\n{found.shown}"
        )
    published = sum(outcome == "published" for outcome in base)
    print(
        f"{len(landings)} folders, {published} published; {compared_rows} rows compared; {len(differences)} tables differ"
    )
    return 1 if differences or notes else 0


def compare(landing: Landing, differences: dict[str, Difference], notes: dict[str, None]) -> int:
    """Compare the files of one folder that both commits made; returns how many rows of base were compared."""
    count = 0
    published = "published.duckdb" if landing.as_of is None else f"as_of/{landing.as_of}.duckdb"
    for name in (stored_file(landing), published):
        files = [landing.folder / side / name for side in (BASE, OTHER)]
        if not all(file.is_file() for file in files):
            continue
        with duckdb.connect() as connection:
            for side, file in zip((BASE, OTHER), files, strict=True):
                connection.execute(f"ATTACH '{file}' AS {side} (READ_ONLY)")
            count += compare_files(connection, differences, notes)
    return count


def stored_file(landing: Landing) -> str:
    """Where the warehouse of a folder lies: a state looked back on in one of its own."""
    return "warehouse.duckdb" if landing.as_of is None else "as_of/warehouse.duckdb"


def compare_files(
    connection: duckdb.DuckDBPyConnection, differences: dict[str, Difference], notes: dict[str, None]
) -> int:
    """Compare every table of two attached files."""
    columns = {side: columns_of(connection, side) for side in (BASE, OTHER)}
    count = 0
    for table in sorted(columns[BASE] | columns[OTHER]):
        if table in TABLES_ABOUT_THE_CODE:
            continue
        own, its = columns[BASE].get(table), columns[OTHER].get(table)
        if own is None or its is None:
            notes[f"{table} is only in {BASE if its is None else OTHER}"] = None
            continue
        for side, names in ((BASE, own), (OTHER, its)):
            if odd := [name for name in names if name not in (its if side == BASE else own)]:
                notes[f"{table} has only in {side}: {', '.join(odd)}"] = None
        shared = ", ".join(f'"{name}"' for name in own if name in its and name not in COLUMNS_ABOUT_THE_CODE)
        count += compare_rows(connection, table, shared, differences)
    return count


def compare_rows(
    connection: duckdb.DuckDBPyConnection, table: str, columns: str, differences: dict[str, Difference]
) -> int:
    """Compare one table as a multiset of rows."""
    found = []
    for side, against in ((BASE, OTHER), (OTHER, BASE)):
        found.append(
            connection.sql(
                f"SELECT {columns} FROM {side}.{table} EXCEPT ALL SELECT {columns} FROM {against}.{table}"
            ).pl()
        )
    if any(len(rows) for rows in found):
        difference = differences.setdefault(table, Difference())
        difference.only_in_base += len(found[0])
        difference.only_in_other += len(found[1])
        difference.folders += 1
        difference.shown = difference.shown or "".join(
            f"  {side}: {row}\n"
            for side, rows in zip((BASE, OTHER), found, strict=True)
            for row in rows.head(SHOWN_ROWS).iter_rows(named=True)
        )
    counted = connection.execute(f"SELECT count(*) FROM {BASE}.{table}").fetchall()
    return int(counted[0][0])


def columns_of(connection: duckdb.DuckDBPyConnection, side: str) -> dict[str, list[str]]:
    """The columns of an attached file's tables."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
        "WHERE database_name = ? AND schema_name IN ('raw', 'stated', 'core', 'mart')",
        [side],
    )
    for table, column in rows.fetchall():
        found.setdefault(table, []).append(column)
    return found


if __name__ == "__main__":
    sys.exit(main())
