"""Units of money that the number format of a cell shows behind its number: what a reader sees is what counts."""

import io
import re
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from pipeline.landing.cell_units import unit_of_format
from tests.landing.files import column, read


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        ('0.00"万元"', "万元"),
        ('#,##0.00"元"', "元"),
        ('0"分"', "分"),
        ('[红色]0.00"万"', "万元"),
        ('"¥"#,##0.00"万元";[Red]-0.00"元"', "万元"),
        ("0.00\\万\\元_ ", "万元"),
        ('0.0"千元"', "千元"),
        ('0!.0,"万元"', None),
        ('0.00,,"百万元"', None),
        ('0"人"', None),
        ('h"时"mm"分"', None),
        ('yyyy"年"m"月"', None),
        ("General", None),
        ("#,##0.00", None),
        ('"万元"', None),
    ],
)
def test_the_unit_behind_a_number(code: str, unit: str | None) -> None:
    """A format that divides what it shows leaves the number in its own unit."""
    assert unit_of_format(code) == unit


def workbook(suffix: str, code: str, amounts: list[float]) -> bytes:
    """A list of transfers whose amounts have a number format, the first one apart."""
    stream = io.BytesIO()
    townships = ["汤丹镇", "阿旺镇", "因民镇"]
    if suffix == "xls":
        book = xlwt.Workbook()
        sheet = book.add_sheet("Sheet")
        style = xlwt.easyxf(num_format_str=code)
        for column_index, label in enumerate(("乡镇", "金额")):
            sheet.write(0, column_index, label)
        for row, (township, amount) in enumerate(zip([*townships, "合计"], [*amounts, sum(amounts)], strict=True), 1):
            sheet.write(row, 0, township)
            sheet.write(row, 1, amount, style)
        book.save(stream)
    else:
        written = xlsxwriter.Workbook(stream)
        page = written.add_worksheet()
        form = written.add_format({"num_format": code})
        page.write_row(0, 0, ["乡镇", "金额"])
        for row, (township, amount) in enumerate(zip([*townships, "合计"], [*amounts, sum(amounts)], strict=True), 1):
            page.write(row, 0, township)
            page.write_number(row, 1, amount, form)
        written.close()
    return stream.getvalue()


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
@pytest.mark.parametrize(
    ("code", "amounts", "yuan"),
    [
        ('0.00"万元"', [0.05, 523.544, 0.1 + 0.2], ["500.00", "5235440.00", "3000.00"]),
        ('0"分"', [100.0, 5.0, 1.0], ["1.00", "0.05", "0.01"]),
        ('0.0,"千元"', [500.0, 600.0, 1.5], ["500.00", "600.00", "1.50"]),
        ("#,##0.00", [500.0, 600.0, 0.1 + 0.2], ["500.00", "600.00", "0.30"]),
    ],
)
def test_amounts_with_a_unit_in_their_format(
    suffix: str, code: str, amounts: list[float], yuan: list[str], tmp_path: Path
) -> None:
    """The total is read alike."""
    file, rows = read(tmp_path, f"allocations/a.{suffix}", workbook(suffix, code, amounts))
    assert (file["status"], column(rows, "amount_yuan")) == ("read", list(map(Decimal, yuan))), file["reason"]


@pytest.mark.parametrize("suffix", ["xlsx", "xls"])
def test_a_unit_in_which_nothing_is_reckoned(suffix: str, tmp_path: Path) -> None:
    """Makes amounts, and their total, that can't be read."""
    file, _ = read(tmp_path, f"allocations/a.{suffix}", workbook(suffix, '0.00"千元"', [0.5, 0.6, 0.7]))
    assert str(file["reason"]).startswith("control_total_differs:") and "无法识别" in str(file["reason"])


def prefixed(content: bytes) -> bytes:
    """A package whose elements have a prefix, as some programs write them."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w") as after:
        for part in before.namelist():
            text = before.read(part)
            if re.fullmatch(r"xl/(?:worksheets/)?\w+\.xml", part):
                text = re.sub(rb"<(/?)(?=[a-zA-Z])", rb"<\1x:", text).replace(b" xmlns=", b" xmlns:x=")
            after.writestr(part, text)
    return stream.getvalue()


def test_a_package_whose_elements_have_a_prefix(tmp_path: Path) -> None:
    """Is read like any other."""
    content = prefixed(workbook("xlsx", '0.00"万元"', [0.05, 523.544, 0.3]))
    file, rows = read(tmp_path, "allocations/a.xlsx", content)
    amounts = [Decimal("500.00"), Decimal("5235440.00"), Decimal("3000.00")]
    assert (file["status"], column(rows, "amount_yuan")) == ("read", amounts), file["reason"]
