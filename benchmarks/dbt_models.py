"""The township tables of a clean sample by dbt-duckdb models; rows of workbooks are read as the floor reads them.

Prints the tables of participation and funds as CSV, with a blank line between. Usage: python dbt_models.py RAW YEAR
"""

import os
import sys
import tempfile
from pathlib import Path

import duckdb
from dbt.cli.main import dbtRunner
from floor import DIVISIONS, FUND_COLUMNS, PARTICIPATION_COLUMNS

PROJECT = Path(__file__).parent / "dbt"


def main(raw: Path, year: int) -> int:
    """Run the models and print; 1 where one fails."""
    with tempfile.TemporaryDirectory(prefix="daijiao-dbt-") as name:
        database = Path(name) / "models.duckdb"
        os.environ |= {
            "BENCH_RAW": str(raw),
            "BENCH_YEAR": str(year),
            "BENCH_DIVISIONS": str(DIVISIONS),
            "BENCH_DATABASE": str(database),
            "DBT_TARGET_PATH": str(Path(name) / "target"),
            "DBT_LOG_PATH": str(Path(name) / "logs"),
        }
        asked = ["--quiet", "run", "--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
        if not dbtRunner().invoke(asked).success:
            return 1
        with duckdb.connect(str(database)) as connection:
            print(table_text(connection, "township_participation", PARTICIPATION_COLUMNS))
            print(table_text(connection, "township_fund", FUND_COLUMNS), end="")
    return 0


def table_text(connection: duckdb.DuckDBPyConnection, table: str, columns: tuple[str, ...]) -> str:
    """A table as CSV, money with two places and rates with six."""
    shown = [
        f"cast({name} as decimal(18, {2 if name.endswith('_yuan') else 6}))"
        if name.endswith(("_yuan", "_rate"))
        else name
        for name in columns
    ]
    rows = connection.execute(f"select {', '.join(shown)} from {table} order by township_code").fetchall()
    lines = [",".join("" if cell is None else str(cell) for cell in row) for row in rows]
    return "\n".join([",".join(columns), *lines, ""])


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) / sys.argv[2], int(sys.argv[2])))
