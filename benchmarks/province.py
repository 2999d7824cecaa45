"""What many districts cost: each alone at first, then all side by side and joined, and what a province would take by that.

Every district is a clean or dirty sample of its own seed under a district code of nobody. The joined tables must add up to the
districts', or this fails.

Usage: python province.py [--districts 20] [--persons 2000] [--jobs 2]
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import duckdb
from bench import DAIJIAO, KEY, YEAR
from measuring import run

from pipeline.policy import PACKAGE_FOLDER, load_policy
from pipeline.sample import write_sample

FIRST_CODE = 539_901
# Districts and counties of the province to which the sample's district belongs.
DISTRICTS_OF_THE_PROVINCE = 129
PERSONS_OF_A_DISTRICT = 65_443


def main() -> int:
    """Write, refresh and join; 1 where the joined tables don't add up."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--districts", type=int, default=20)
    parser.add_argument(
        "--persons", type=int, default=2_000, help=f"of each district; a real one has {PERSONS_OF_A_DISTRICT:,}"
    )
    parser.add_argument("--jobs", type=int, default=2, help="districts that are refreshed at once")
    asked = parser.parse_args()
    os.environ.setdefault("DAIJIAO_KEY", KEY)
    with tempfile.TemporaryDirectory(prefix="daijiao-province-") as name:
        province = Path(name)
        folders = [
            write_district(province, FIRST_CODE + number, asked.persons, seed=number)
            for number in range(asked.districts)
        ]
        one, _ = run(refresh_of(folders[0]), os.environ | {"DAGSTER_HOME": str(province / "dagster-alone")})
        (folders[0] / "warehouse").rename(province / "alone")
        all_of_them, _ = run(
            [DAIJIAO, "province", str(province), "--year", str(YEAR), "--refresh", "--jobs", str(asked.jobs)],
            os.environ | {"DAIJIAO_KEY_FILE": str(province / "key")},
        )
        joined, _ = run([DAIJIAO, "province", str(province), "--year", str(YEAR)])
        faults = faults_of(province, folders)
    each = all_of_them.seconds / asked.districts
    each_cpu = all_of_them.cpu_seconds / asked.districts
    print(f"{asked.districts} districts of {asked.persons:,} persons, {asked.jobs} at once")
    print("| what | clock seconds | CPU seconds |")
    print("|---|---|---|")
    print(f"| one district alone | {one.seconds:.1f} | {one.cpu_seconds:.1f} |")
    print(f"| all, joined | {all_of_them.seconds:.1f} | {all_of_them.cpu_seconds:.1f} |")
    print(f"| a district of them | {each:.1f} | {each_cpu:.1f} ({each_cpu / one.cpu_seconds:.2f} of one alone) |")
    print(f"| joining alone | {joined.seconds:.1f} | {joined.cpu_seconds:.1f} |")
    hours = each * DISTRICTS_OF_THE_PROVINCE / 3600
    print(
        f"A province of this size of districts: {all_of_them.seconds:.1f} s / {asked.districts} × {DISTRICTS_OF_THE_PROVINCE} = "
        f"{hours * 60:.0f} minutes ({hours:.2f} hours) with {asked.jobs} at once"
    )
    for fault in faults:
        print(fault, file=sys.stderr)
    return int(bool(faults))


def refresh_of(folder: Path) -> list[str]:
    """The command that refreshes one district."""
    command = [
        DAIJIAO,
        "refresh",
        "--year",
        str(YEAR),
        "--raw",
        str(folder / "raw"),
        "--policy",
        str(folder / "policy"),
    ]
    return [*command, "--warehouse", str(folder / "warehouse")]


def write_district(province: Path, code: int, persons: int, seed: int) -> Path:
    """The policies of the sample's district under another code, and a sample's files; returns the district's folder."""
    folder = province / str(code)
    policies = folder / "policy"
    policies.mkdir(parents=True)
    own_code = load_policy(YEAR).district_code
    for path in (
        PACKAGE_FOLDER / f"{YEAR}.yaml",
        *PACKAGE_FOLDER.glob("*.yaml"),
        *(PACKAGE_FOLDER / "divisions").glob("*"),
    ):
        copy = policies / str(path.relative_to(PACKAGE_FOLDER)).replace(own_code, str(code))
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text(encoding="utf-8").replace(own_code, str(code)), encoding="utf-8")
    write_sample(folder / "raw", YEAR, persons, seed, load_policy(YEAR, policies))
    return folder


def faults_of(province: Path, folders: list[Path]) -> list[str]:
    """Where persons or money of the province aren't the sum of what the districts published."""
    summed = "roll_count", "covered_count", "used_yuan"
    columns = ", ".join(f"sum({column})" for column in summed)
    parts = " UNION ALL ".join(f"FROM of_{folder.name}.mart.district_summary" for folder in folders)
    with duckdb.connect() as connection:
        for folder in folders:
            connection.execute(f"ATTACH '{folder / 'warehouse' / 'published.duckdb'}' AS of_{folder.name} (READ_ONLY)")
        connection.execute(f"ATTACH '{province / 'joined.duckdb'}' AS joined (READ_ONLY)")
        districts = connection.execute(f"SELECT {columns} FROM ({parts})").fetchall()[0]
        whole = connection.execute(
            f"SELECT {', '.join(summed)} FROM joined.province.area_summary WHERE level = 'province'"
        ).fetchall()[0]
    return [
        f"{column}: {one} in the province, {many} in its districts"
        for column, one, many in zip(summed, whole, districts, strict=True)
        if one != many
    ]


if __name__ == "__main__":
    sys.exit(main())
