"""The way of the workbooks in tests: written, filled in like an office does, landed, and the year refreshed.

Which cells are filled, and how some are tampered with, is told by the tests.
"""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.build.refresh import refresh_year
from pipeline.reports.workbooks.write import write_township_workbooks
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import make_run

YEAR = 2019
HEADER_ROW = 3
REPLIES = "township_replies"
KEY = "the key of the round trips, long enough"

Office = Callable[[Path], None]
"""What a workbook passes through on its way back, in place."""


@contextmanager
def key_of_tests() -> Iterator[None]:
    """The key of the keyed hashes, for as long as a district is refreshed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", KEY)
        yield


def refresh(folder: Path) -> None:
    """Refresh the year of a district that lies in `folder`."""
    refresh_year(folder / "raw", folder / "warehouse", YEAR)


def workbooks(folder: Path, name: str) -> Path:
    """The folder of the year's workbooks, written under a name of its own."""
    run = make_run(Settings(raw=folder / "raw", warehouse=folder / "warehouse"), YEAR)
    with session(run) as open_session:
        write_township_workbooks(open_session, run, folder / name)
    return folder / name


def published(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the published tables."""
    return _rows(folder / "warehouse" / "published.duckdb", sql)


def restricted(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    """The rows of a query on the restricted tables, where nothing that senders write is masked."""
    return _rows(folder / "warehouse" / "warehouse.duckdb", sql)


def _rows(file: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), read_only=True) as connection:
        return connection.execute(sql).fetchall()


class SheetToFill:
    """A sheet of a workbook, whose cells are found by the row's number and the column's title."""

    def __init__(self, path: Path, title: str) -> None:
        self._workbook = openpyxl.load_workbook(path)
        self.worksheet: Worksheet = self._workbook[title]
        self.columns = {str(cell.value): cell.column for cell in self.worksheet[HEADER_ROW] if cell.value}

    def row_of(self, kind: str, name: str | None) -> int:
        """The row of a person's mismatch."""
        [row] = [
            row
            for row in range(HEADER_ROW + 1, self.worksheet.max_row + 1)
            if (self.value(row, "差异类型"), self.value(row, "姓名")) == (kind, name)
        ]
        return row

    def value(self, row: int, column: str) -> Any:
        """What stands in a cell."""
        return self.worksheet.cell(row, self.columns[column]).value

    def put(self, row: int, **values: Any) -> None:
        """Fill cells of a row, by their titles."""
        for title, value in values.items():
            self.worksheet.cell(row, self.columns[title]).value = value

    def rename(self, **titles: str) -> None:
        """Give columns other titles."""
        for before, after in titles.items():
            self.worksheet.cell(HEADER_ROW, self.columns[before]).value = after

    def save(self, path: Path) -> None:
        """Save the workbook as a file that has come back."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._workbook.save(path)


def answer(sheet: SheetToFill, row: int, code: str, value: str | None = None, person: str = "杨经办") -> None:
    """Answer a row on 30 September, as its township does."""
    sheet.put(row, 处理答复=code, 答复内容=value, 填报人=person, 填报日期=date(YEAR, 9, 30))


def straight(_: Path) -> None:
    """A workbook that comes back as openpyxl saved it."""


def through_libreoffice(folder: Path) -> None:
    """Open every workbook of a folder in LibreOffice and save it again."""
    saved = folder.with_name(f"{folder.name}-saved")
    profile = f"-env:UserInstallation={folder.with_name('libreoffice').as_uri()}"
    files: Sequence[str] = [str(path) for path in sorted(folder.rglob("*.xlsx"))]
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "xlsx", "--outdir", str(saved), *files],
        check=True,
        capture_output=True,
        timeout=300,
    )
    for path in files:
        (saved / Path(path).name).replace(path)
