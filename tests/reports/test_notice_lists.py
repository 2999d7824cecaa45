"""The lists that villages put up: masked persons who were paid for, with the period and where to object."""

import re
import time
from pathlib import Path

import openpyxl
import pytest

from pipeline.reports.notice.write import write_notice_lists
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import make_run
from tests.reports.round_trip import YEAR, key_of_tests
from tests.reports.round_trip_district import IDS

# The times that a workbook keeps go by two seconds.
NEXT_TICK_SECONDS = 2.1


def write_lists(district: Path, folder: Path) -> dict[str, Path]:
    """The lists of the small district, by name."""
    with key_of_tests():
        run = make_run(Settings(raw=district / "raw", warehouse=district / "warehouse"), YEAR)
        with session(run) as open_session:
            return {path.name: path for path in write_notice_lists(open_session, run, folder)}


@pytest.fixture
def lists(sent_district: Path, tmp_path: Path) -> dict[str, Path]:
    """The lists of the small district, by name."""
    return write_lists(sent_district, tmp_path / "lists")


def test_each_village_has_its_sheet(lists: dict[str, Path]) -> None:
    """With who was paid for, how much, the period and where to object."""
    book = openpyxl.load_workbook(lists["2019年汤丹镇公示名单.xlsx"])
    texts = {sheet.title: [str(cell.value) for row in sheet for cell in row if cell.value] for sheet in book}
    assert all(title in cells[0] and "公示名单" in cells[0] for title, cells in texts.items())
    assert all(any(cell.startswith("公示期") for cell in cells) for cells in texts.values())
    assert all(any("异议" in cell and "养老保险局" in cell for cell in cells) for cells in texts.values())
    persons = sum(len(re.findall(r"共 (\d+) 人", cells[1])) for cells in texts.values())
    assert persons >= 1


def test_nobody_is_named_in_full(lists: dict[str, Path]) -> None:
    """Names are masked to their first character, IDs to the first six and last four."""
    sheets = [sheet for path in lists.values() for sheet in openpyxl.load_workbook(path)]
    cells = [str(cell.value) for sheet in sheets for row in sheet for cell in row if cell.value]
    assert not [cell for cell in cells for value in (*IDS.keys() - {"=1+1"}, *IDS.values()) if value in cell]
    masked = [cell for cell in cells if "********" in cell]
    assert masked and all(re.fullmatch(r"\d{6}\*{8}\d{3}[\dX]", cell) for cell in masked)


def test_a_sheet_prints_on_a4_with_its_header_on_each_page(lists: dict[str, Path]) -> None:
    """As wide as the page."""
    sheet = openpyxl.load_workbook(lists["2019年汤丹镇公示名单.xlsx"]).worksheets[0]
    assert (sheet.page_setup.paperSize, sheet.print_title_rows) == (9, "$3:$3")


def test_the_same_tables_give_the_same_bytes(lists: dict[str, Path], sent_district: Path, tmp_path: Path) -> None:
    """Whenever they are written."""
    time.sleep(NEXT_TICK_SECONDS)
    again = write_lists(sent_district, tmp_path / "again")
    assert {name: path.read_bytes() for name, path in again.items()} == {
        name: path.read_bytes() for name, path in lists.items()
    }
