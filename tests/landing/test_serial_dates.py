"""Days that a spreadsheet counts: from 1900 or 1904, and not more than ten years from the policy year."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipeline.landing import load_layouts
from tests.landing.files import YEAR, column, land, read, typed_rows

HEADER = ["乡镇", "金额", "拨付日期"]


def xlsx_of_1904() -> bytes:
    """A date, and the number of the same day."""
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (HEADER, ["汤丹镇", 1, date(2019, 6, 1)], ["阿旺镇", 1, 42155]):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xls_of_1904() -> bytes:
    """The same in the old format."""
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("数据")
    style = xlwt.XFStyle()
    style.num_format_str = "YYYY-MM-DD"
    for index, label in enumerate(HEADER):
        sheet.write(0, index, label)
    for index, township in enumerate(("汤丹镇", "阿旺镇"), start=1):
        sheet.write(index, 0, township)
        sheet.write(index, 1, 1)
    sheet.write(1, 2, date(2019, 6, 1), style)
    sheet.write(2, 2, 42155)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", xlsx_of_1904()), ("a.xls", xls_of_1904())])
def test_a_workbook_that_counts_from_1904(name: str, content: bytes, tmp_path: Path) -> None:
    """A number is the same day as the date."""
    _, rows = read(tmp_path, f"allocations/{name}", content)
    assert column(rows, "document_date") == [date(2019, 6, 1)] * 2


def test_a_serial_far_from_the_policy_year_is_no_date(tmp_path: Path) -> None:
    """A date that is written out may be of any year."""
    days = ["43617", "39813", "39814", "47848", "47849", "1999-01-01", "2019-02-30"]
    content = "\n".join(["乡镇,金额,拨付日期", *(f"汤丹镇,1,{day}" for day in days), ""])
    landing = land(tmp_path, {"allocations/a.csv": content}, layouts=load_layouts(policy_year=YEAR))
    rows = typed_rows(landing, "allocations")
    assert rows["document_date"].to_list() == [
        date(2019, 6, 1), None, date(2009, 1, 1), None, None, date(1999, 1, 1), None,
    ]  # fmt: skip
    assert [field is not None for field in rows["quarantine_field"]] == [False, True, False, True, True, False, True]
