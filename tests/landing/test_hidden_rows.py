"""Hidden and struck rows: read like the others, counted, and told; of refused files too."""

import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
import xlwt
from openpyxl.styles import Font

from tests.landing.files import Table, read

TABLE: list[list[str | float]] = [
    ["乡镇", "金额", "人数"],
    ["汤丹镇", 100, 1],
    ["阿旺镇", "200", 2],
    ["因民镇", 300.5, 3],
    ["", "", ""],
    ["拖布卡镇", 400, 4],
]


def xlsx_with(table: Table, hidden: list[int], struck: list[int]) -> bytes:
    """A workbook with hidden and struck rows, counted from 1."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in table:
        sheet.append(list(row))
    for row_number in hidden:
        sheet.row_dimensions[row_number].hidden = True
    for cell in (cell for row_number in struck for cell in sheet[row_number]):
        cell.font = Font(strike=True)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xls_with(table: Table, hidden: list[int], struck: list[int]) -> bytes:
    """Likewise in the old format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet")
    for index, row in enumerate(table):
        style = xlwt.easyxf("font: struck_out on" if index + 1 in struck else "font: bold off")
        for column, cell in enumerate(row):
            sheet.write(index, column, cell, style)
        sheet.row(index).hidden = index + 1 in hidden
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(("suffix", "write"), [("xlsx", xlsx_with), ("xls", xls_with)])
@pytest.mark.parametrize(
    ("hidden", "struck", "count", "rows"),
    [
        ([], [], 0, None),
        ([3], [], 1, "第 3 行"),
        ([], [3, 4], 2, "第 3 至 4 行"),
        ([2, 3, 5], [3, 6], 3, "第 2 至 3、6 行"),
        ([1], [1], 0, None),
    ],
)
def test_hidden_and_struck_rows_are_read_and_told(
    suffix: str, write: object, hidden: list[int], struck: list[int], count: int, rows: str | None, tmp_path: Path
) -> None:
    """Data rows alone are counted."""
    assert callable(write)
    file, typed = read(tmp_path, f"allocations/a.{suffix}", write(TABLE, hidden, struck))
    assert (file["status"], len(typed), file["hidden_rows"]) == ("read", 4, count)
    assert (rows is None and file["reason"] is None) or str(rows) in str(file["reason"]), file["reason"]


@pytest.mark.parametrize(("suffix", "write"), [("xlsx", xlsx_with), ("xls", xls_with)])
def test_a_total_that_leaves_out_hidden_rows_says_so(suffix: str, write: object, tmp_path: Path) -> None:
    """As a filtered list that was added up; any other false total does not."""
    assert callable(write)
    table = [*TABLE, ["合计", 600.5, 6]]
    file, _ = read(tmp_path, f"allocations/a.{suffix}", write(table, [6], []))
    assert (file["status"], file["hidden_rows"]) == ("refused", 1)
    assert "不计被隐藏或划掉的第 6 行则相符" in str(file["reason"])
    file, _ = read(tmp_path / "other", f"allocations/a.{suffix}", write(table, [4], []))
    assert file["hidden_rows"] == 1 and "隐藏" not in str(file["reason"])


def struck_runs(*, is_shared: bool) -> bytes:
    """A workbook whose struck texts say so in their runs; in one row a part of each text alone."""
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream)
    sheet = book.add_worksheet()
    struck = book.add_format({"font_strikeout": True})
    for row_index, row in enumerate(TABLE):
        for column_index, cell in enumerate(row):
            sheet.write(row_index, column_index, cell)
    for column_index in (0, 1):
        text = str(TABLE[2][column_index])
        sheet.write_rich_string(2, column_index, struck, text[:1], struck, text[1:])
    sheet.write_rich_string(3, 0, struck, "因民", "镇")
    book.close()
    return stream.getvalue() if is_shared else inlined(stream.getvalue())


def inlined(content: bytes) -> bytes:
    """The workbook with its shared texts in the cells."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(packed, "w") as target:
        texts = re.findall(rb"<si>(.*?)</si>", source.read("xl/sharedStrings.xml"), re.DOTALL)
        for name in source.namelist():
            part = source.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = re.sub(
                    rb't="s"><v>(\d+)</v>',
                    lambda found: b't="inlineStr"><is>' + texts[int(found.group(1))] + b"</is>",
                    part,
                )
            target.writestr(name, part)
    return packed.getvalue()


@pytest.mark.parametrize("is_shared", [True, False])
def test_texts_that_are_struck_in_all_their_runs_are_struck(is_shared: bool, tmp_path: Path) -> None:
    """A cell of which a part alone is struck is none."""
    file, typed = read(tmp_path, "allocations/a.xlsx", struck_runs(is_shared=is_shared))
    assert (file["status"], len(typed), file["hidden_rows"]) == ("read", 4, 1), file["reason"]
    assert "第 3 行" in str(file["reason"])


def xls_struck_runs(row_count: int) -> bytes:
    """A workbook in the old format with long texts, so that they go on from record to record; in every third row struck runs.

    In the row below each of them a part of each text alone is struck.
    """
    struck, plain = xlwt.Font(), xlwt.Font()
    struck.struck_out = True
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet")
    for column_index, label in enumerate(("乡镇", "金额", "文号")):
        sheet.write(0, column_index, label)
    for row_index in range(1, row_count + 1):
        texts = ("汤丹镇", "100元", f"东财社〔2019〕{row_index}号" + "附" * (row_index % 50) + "a" * (row_index % 7))
        for column_index, text in enumerate(texts):
            if row_index % 3 == 0:
                sheet.write_rich_text(row_index, column_index, [(text[:1], struck), (text[1:], struck)])
            elif row_index % 3 == 1:
                sheet.write_rich_text(row_index, column_index, [(text[:2], struck), (text[2:], plain)])
            else:
                sheet.write(row_index, column_index, text)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_struck_runs_in_the_old_format(tmp_path: Path) -> None:
    """Rows are told by their numbers, wherever their texts lie."""
    file, typed = read(tmp_path, "allocations/a.xls", xls_struck_runs(1200))
    assert (file["status"], len(typed), file["hidden_rows"]) == ("read", 1200, 400), file["reason"]
    assert "第 4、7、10、13" in str(file["reason"])
