"""What the workbooks of a whole district cost beside the bare rows: xlsxwriter writing the same cells, and nothing else.

A sample of 2019 is written and refreshed once; then both write in turn, three times, and the fastest CPU time of each
counts. Usage: python workbooks.py [PERSONS]
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import fastexcel
import xlsxwriter

from pipeline.build.refresh import refresh_year
from pipeline.reports.workbooks.write import write_township_workbooks
from pipeline.sample import write_sample
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import Run, make_run

YEAR = 2019
TIMES = 3
AIM = 1.5
Sheets = dict[str, list[tuple[object, ...]]]


def main(persons: int | None) -> int:
    """Measure and print; 1 where the aim is missed."""
    with tempfile.TemporaryDirectory(prefix="daijiao-bench-") as name:
        folder = Path(name)
        os.environ.setdefault("DAIJIAO_KEY", "the key of the benchmarks, long enough")
        write_sample(folder / "raw", YEAR, persons)
        refresh_year(folder / "raw", folder / "warehouse", YEAR)
        run = make_run(Settings(raw=folder / "raw", warehouse=folder / "warehouse"), YEAR)
        whole: list[float] = []
        bare: list[float] = []
        for _ in range(TIMES):
            whole.append(cpu_seconds(write_whole, run, folder / "workbooks"))
            bare.append(cpu_seconds(write_bare, rows_of(folder / "workbooks"), folder / "bare"))
        cells = sum(cell_count(sheets) for sheets in rows_of(folder / "workbooks").values())
    ratio = min(whole) / min(bare)
    print(f"{'cells':<28}{cells:10,}")
    print(f"{'workbooks':<28}{min(whole):10.2f} s CPU   ({', '.join(f'{value:.2f}' for value in whole)})")
    print(f"{'bare rows':<28}{min(bare):10.2f} s CPU   ({', '.join(f'{value:.2f}' for value in bare)})")
    print(f"{'workbooks / bare rows':<28}{ratio:10.2f}     (aim: at most {AIM})")
    return 0 if ratio <= AIM else 1


def write_whole(run: Run, folder: Path) -> None:
    """The workbooks as they go out, from the warehouse."""
    with session(run) as open_session:
        write_township_workbooks(open_session, run, folder)


def rows_of(folder: Path) -> dict[str, Sheets]:
    """The cells of every sheet of every workbook, empty ones left out; not measured."""
    found: dict[str, Sheets] = {}
    for path in sorted(folder.glob("*.xlsx")):
        reader = fastexcel.read_excel(path)
        found[path.name] = {
            sheet: reader.load_sheet(sheet, header_row=None, dtypes="string").to_polars().rows()
            for sheet in reader.sheet_names
        }
    return found


def write_bare(books: dict[str, Sheets], folder: Path) -> None:
    """The same cells, row by row, without a format."""
    folder.mkdir(exist_ok=True)
    for name, sheets in books.items():
        with xlsxwriter.Workbook(str(folder / name), {"constant_memory": True}) as workbook:
            for title, rows in sheets.items():
                write = workbook.add_worksheet(title).write_string
                for row_number, row in enumerate(rows):
                    for column, value in enumerate(row):
                        if value is not None:
                            write(row_number, column, value)


def cell_count(sheets: Sheets) -> int:
    """The cells of a workbook that aren't empty."""
    return sum(value is not None for rows in sheets.values() for row in rows for value in row)


def cpu_seconds(work: Callable[..., None], *arguments: object) -> float:
    """The CPU time of a piece of work, in all threads."""
    started = time.process_time()
    work(*arguments)
    return time.process_time() - started


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
