"""Days that a spreadsheet counts: from 1900 or 1904, and not more than ten years from the policy year."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlwt
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipeline.landing import load_layouts
from tests.landing.files import YEAR, column, land, read, typed_rows, xlsx

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


def bank_list(made_at: str | int) -> list[list[str | int | None]]:
    """A list whose one line is dated by its head."""
    return [
        ["制表时间", made_at, "批次号", "B1", "乡镇", "汤丹镇"],
        ["姓名", "身份证号", "账号", "金额", "处理标志"],
        ["张三", "530113199501010015", "6228", 100, "成功"],
        ["合计", None, None, 100, None],
    ]


@pytest.mark.parametrize(("serial", "day"), [(43628, date(2019, 6, 12)), (39813, None), (47849, None)])
def test_a_serial_in_a_head_is_read_as_in_a_cell(serial: int, day: date | None, tmp_path: Path) -> None:
    """One far from the policy year is no date there either."""
    landing = land(tmp_path, {"bank_returns/a.xlsx": xlsx(bank_list(serial))}, layouts=load_layouts(policy_year=YEAR))
    file = landing.files.row(0, named=True)
    assert (file["stated_date"], file["status"]) == (day, "read" if day else "refused")
    assert day or str(file["reason"]).startswith("no_paid_date:")


def test_a_head_of_a_workbook_that_counts_from_1904(tmp_path: Path) -> None:
    """As in its cells."""
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in bank_list(42166):
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    file, rows = read(tmp_path, "bank_returns/a.xlsx", stream.getvalue())
    assert (file["stated_date"], column(rows, "paid_date")) == (date(2019, 6, 12), [date(2019, 6, 12)])
