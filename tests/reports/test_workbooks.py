"""What stands in the workbooks, who may read them, and that no cell of them can run.

The district is that of the round trip, before any reply: eight persons of 汤丹镇, one of whom is called ``=1+1`` elsewhere.
"""

import re
import stat
import zipfile
from itertools import pairwise
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.workbook import Workbook

from pipeline.contracts.tables import load_tables
from pipeline.errors import DaijiaoError
from pipeline.reports.workbooks.files import as_cell_texts, new_workbook
from pipeline.reports.workbooks.reconciliation import reconcile
from pipeline.reports.workbooks.words import UNCOVERED_REASONS
from pipeline.reports.workbooks.write import write_township_workbooks
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import make_run

from .round_trip import HEADER_ROW, YEAR, key_of_tests, published
from .round_trip_district import IDS, NUMBERS, TAMPERED

TOWNSHIP_BOOK = "2019年汤丹镇台账与差异清单.xlsx"
OTHER_BOOK = "2019年铜都街道台账与差异清单.xlsx"
REPLY_COLUMNS = {"处理答复", "答复内容", "填报人", "填报日期"}


def book_of(sent_district: Path, name: str = TOWNSHIP_BOOK) -> Workbook:
    """A workbook, opened."""
    return openpyxl.load_workbook(sent_district / "sent" / name)


def rows_below(book: Workbook, sheet: str) -> list[dict[str, object]]:
    """The rows of a sheet below its header, by title, up to the first empty one."""
    header, *rows = book[sheet].iter_rows(min_row=HEADER_ROW, values_only=True)
    filled = [dict(zip(map(str, header), row, strict=True)) for row in rows]
    return filled[: next(place for place, row in enumerate(filled) if not any(row.values()))]


def test_there_is_a_workbook_a_township_and_two_of_the_bureau(sent_district: Path) -> None:
    """Named by township and year; nothing half done is left beside them."""
    names = sorted(path.name for path in (sent_district / "sent").iterdir())
    townships = ["乌龙镇", "因民镇", "拖布卡镇", "汤丹镇", "红土地镇", "舍块乡", "铜都街道", "阿旺镇"]
    assert names == sorted(
        [f"2019年{name}台账与差异清单.xlsx" for name in townships]
        + ["2019年居保局差异清单.xlsx", "2019年居保局复核.xlsx"]
    )


def test_only_their_owner_can_read_them(sent_district: Path) -> None:
    """The folder is 0700 and each file 0600."""
    folder = sent_district / "sent"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_no_cell_holds_a_formula_or_a_link(sent_district: Path) -> None:
    """Whatever a file says stays text, in every sheet of every workbook."""
    for path in (sent_district / "sent").iterdir():
        with zipfile.ZipFile(path) as archive:
            for part in archive.namelist():
                if part.startswith("xl/worksheets/"):
                    assert not re.search(rb"<f[ >]|<hyperlink", archive.read(part)), (path.name, part)
    names = [row["姓名"] for row in rows_below(book_of(sent_district, OTHER_BOOK), "差异清单")]
    assert "=1+1" in names


def test_the_cover_shows_the_figures_of_the_mart_tables(sent_district: Path) -> None:
    """Persons and money of the township; the district's on the bureau's cover."""
    cells = [cell for row in book_of(sent_district)["封面"].iter_rows(values_only=True) for cell in row]
    figures = dict(pairwise(cells))
    assert (figures["名单人数"], figures["符合条件人数"], figures["已参保人数"]) == (8, 3, 2)
    assert (figures["拨付金额（元）"], figures["核销金额（元）"], figures["存疑金额（元）"]) == (800, 200, 500)
    assert (figures["参保率"], figures["目标完成率"], figures["资金使用率"]) == ("66.67%", "25.00%", "25.00%")
    assert (figures["其中：市级资金（元）"], figures["其中：区级资金（元）"]) == (160, 40)
    cells = [
        cell
        for row in book_of(sent_district, "2019年居保局差异清单.xlsx")["封面"].iter_rows(values_only=True)
        for cell in row
    ]
    assert dict(pairwise(cells))["名单人数"] == len(NUMBERS) + len(TAMPERED)


def test_the_ledger_lists_every_person_with_his_whole_id_as_text(sent_district: Path) -> None:
    """Eight persons of 汤丹镇 and the total of what was written off for two of them."""
    book = book_of(sent_district)
    *rows, total = rows_below(book, "台账")
    assert {str(row["姓名"]) for row in rows} == set(NUMBERS)
    by_name = {row["姓名"]: row for row in rows}
    assert by_name["张一"]["证件号码"] == IDS["张一"]
    assert (by_name["张一"]["资格状态"], by_name["张一"]["缴费渠道"], by_name["张一"]["核销金额（元）"]) == (
        "符合条件",
        "代缴",
        100,
    )
    assert (by_name["王三"]["资格状态"], by_name["王三"]["状态原因"]) == ("未确认", "分类与登记矛盾")
    assert (by_name["吴八"]["资格状态"], by_name["吴八"]["状态原因"]) == ("不符合", "乡镇核定:迁出")
    assert (by_name["李二"]["资格状态"], by_name["李二"]["未参保原因"]) == ("符合条件", "没有付款记录")
    assert (total["序号"], total["姓名"], total["核销金额（元）"]) == ("合计", "8 人", 200)
    id_cell = next(cell for cell in book["台账"]["E"] if cell.value == IDS["张一"])
    assert (id_cell.data_type, id_cell.number_format) == ("s", "@")


@pytest.mark.parametrize("sheet", ["台账", "差异清单"])
def test_long_sheets_are_set_up_for_printing_and_reading(sent_district: Path, sheet: str) -> None:
    """A4 landscape, as wide as the page, header repeated and frozen, filters, page numbers."""
    worksheet = book_of(sent_district)[sheet]
    setup = worksheet.page_setup
    assert (setup.paperSize, setup.orientation, setup.fitToWidth or 1, setup.fitToHeight) == (9, "landscape", 1, 0)
    assert worksheet.sheet_properties.pageSetUpPr.fitToPage
    assert worksheet.print_title_rows == f"${HEADER_ROW}:${HEADER_ROW}"
    assert worksheet.freeze_panes == f"A{HEADER_ROW + 1}"
    assert worksheet.auto_filter.ref.startswith(f"A{HEADER_ROW}:")
    assert worksheet.oddFooter.center.text == "第 &P 页，共 &N 页"
    texts = [cell for row in worksheet.iter_rows(values_only=True) for cell in row if isinstance(cell, str)]
    assert any("签字" in text and "盖章" in text for text in texts)


def test_only_the_answers_can_be_written_into_the_list_of_mismatches(sent_district: Path) -> None:
    """The sheet is protected but for the reply columns, whose texts stay texts."""
    worksheet = book_of(sent_district)["差异清单"]
    assert worksheet.protection.sheet
    header = {cell.column: cell.value for cell in worksheet[HEADER_ROW]}
    for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + len(rows_below(book_of(sent_district), "差异清单"))):
        unlocked = {header[cell.column] for cell in worksheet[row] if not cell.protection.locked}
        assert unlocked == REPLY_COLUMNS
    titles = {value: cell for cell, value in header.items()}
    assert worksheet.cell(HEADER_ROW + 1, titles["答复内容"]).number_format == "@"


def test_answers_are_chosen_from_a_hidden_sheet(sent_district: Path) -> None:
    """The drop-down of 处理答复 covers every row of the list."""
    book = book_of(sent_district)
    assert book["选项"].sheet_state == "hidden"
    assert [cell.value for cell in book["选项"]["A"]] == ["确认身份", "确认符合", "确认不符合", "追回", "说明"]
    [validation] = book["差异清单"].data_validations.dataValidation
    assert (validation.type, validation.formula1) == ("list", "选项!$A$1:$A$5")
    [cells] = validation.sqref.ranges
    rows = rows_below(book, "差异清单")
    assert book["差异清单"].cell(HEADER_ROW, cells.min_col).value == "处理答复"
    assert (cells.min_row, cells.max_row) == (HEADER_ROW + 1, HEADER_ROW + len(rows))


def test_every_mismatch_is_in_one_list_with_number_and_hidden_token(sent_district: Path) -> None:
    """Those of a township in its own; those without one in the bureau's."""
    listed = {}
    for name in (TOWNSHIP_BOOK, OTHER_BOOK, "2019年居保局差异清单.xlsx"):
        book = book_of(sent_district, name)
        for row in rows_below(book, "差异清单"):
            assert re.fullmatch("[0-9a-f]{32}", str(row["校验码"]))
            listed[row["差异编号"]] = name
        token = next(cell for cell in book["差异清单"][HEADER_ROW] if cell.value == "校验码")
        assert book["差异清单"].column_dimensions[token.column_letter].hidden
    townships = {"530113102": TOWNSHIP_BOOK, "530113001": OTHER_BOOK, None: "2019年居保局差异清单.xlsx"}
    rows = published(sent_district, "SELECT mismatch_id, township_code FROM mart.roster_mismatch")
    assert listed == {mismatch_id: townships[code] for mismatch_id, code in rows}


def test_a_township_reads_whole_names_and_reasons_in_its_language(sent_district: Path) -> None:
    """No English word of the tables stands in any cell that it reads."""
    for sheet in ("台账", "差异清单"):
        rows = rows_below(book_of(sent_district), sheet)
        assert rows
        for row in rows:
            shown = {title: text for title, text in row.items() if title not in ("差异编号", "校验码", "来源文件")}
            assert not [text for text in shown.values() if isinstance(text, str) and re.search("[a-z]{3}", text)]


def test_without_answers_there_is_nothing_to_confirm(sent_district: Path) -> None:
    """The checker's workbook is there, and empty."""
    assert rows_below(book_of(sent_district, "2019年居保局复核.xlsx"), "复核") == []


def test_a_folder_that_cannot_be_made_is_an_error_without_a_name(sent_district: Path, tmp_path: Path) -> None:
    """One paragraph that says where."""
    (tmp_path / "file").touch()
    with key_of_tests():
        run = make_run(Settings(raw=sent_district / "raw", warehouse=sent_district / "warehouse"), YEAR)
    with session(run) as open_session, pytest.raises(DaijiaoError, match="can't be made"):
        write_township_workbooks(open_session, run, tmp_path / "file" / "books")


def write_half(path: Path) -> None:
    """A workbook whose second row can't be written."""
    with new_workbook(path) as workbook:
        workbook.add_worksheet().write_string(0, 0, "张三")
        raise ZeroDivisionError


def test_a_workbook_that_fails_leaves_the_earlier_one_alone(tmp_path: Path) -> None:
    """And nothing beside it: neither a part nor the rows already written."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"earlier")
    with pytest.raises(ZeroDivisionError):
        write_half(path)
    assert path.read_bytes() == b"earlier"
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


@pytest.mark.parametrize("text", ["<r>x&y</r>", " 张三 ", "=1+1", "+1", "-1", "@a", "http://a.b", "001", "a<b"])
def test_a_text_comes_out_as_it_went_in(tmp_path: Path, text: str) -> None:
    """Mark-up of rich strings, formulas, numbers and links too."""
    path = tmp_path / "a.xlsx"
    with new_workbook(path) as workbook:
        workbook.add_worksheet().write_string(0, 0, as_cell_texts(pl.DataFrame({"text": [text]}))["text"][0])
    cell = openpyxl.load_workbook(path).active["A1"]
    assert cell.value == text


def test_every_reason_of_a_failure_has_chinese_words() -> None:
    """So that a township never reads a code."""
    columns = {column.name: column for table in load_tables().values() for column in table.columns}
    assert {f"return_failed:{reason}" for reason in columns["failure_reason"].values} <= set(UNCOVERED_REASONS)


def test_the_cover_reconciles_what_was_paid_with_the_ledger(sent_district: Path) -> None:
    """Paid here, less those of other rolls, plus those that others paid, is the ledger's total; each person between is named."""
    for path in sorted((sent_district / "sent").glob("*台账与差异清单.xlsx")):
        book = openpyxl.load_workbook(path)
        rows = {row[0]: row for row in book["封面"].iter_rows(values_only=True)}
        paid, others, by_others, ledger = (
            rows[label][1:3]
            for label in (
                "本乡镇付款并核销",
                "减：名单在其他乡镇的人员",
                "加：其他乡镇付款的本乡镇人员",
                "台账核销合计",
            )
        )
        assert paid[0] - others[0] + by_others[0] == ledger[0]
        assert paid[1] - others[1] + by_others[1] == ledger[1]
        assert paid[1] == rows["核销金额（元）"][1]
        assert ledger[1] == rows_below(book, "台账")[-1]["核销金额（元）"]


def test_persons_between_two_townships_are_told_in_both_directions() -> None:
    """Whom the township paid for another's roll, and whom another paid for its own."""
    found = pl.DataFrame(
        [("1", "甲镇", "1", "甲镇", "张一"), ("1", "甲镇", "2", "乙镇", "李二"), ("2", "乙镇", "1", "甲镇", "王三")],
        schema=["paying_code", "paying_township", "roll_code", "roll_township", "name"],
        orient="row",
    )
    told = reconcile(found, "1")
    assert told.paid_here["name"].to_list() == ["张一", "李二"]
    assert (told.of_others["name"].item(), told.of_others["roll_township"].item()) == ("李二", "乙镇")
    assert (told.paid_by_others["name"].item(), told.paid_by_others["paying_township"].item()) == ("王三", "乙镇")
    assert told.in_ledger["name"].to_list() == ["张一", "王三"]


def test_the_bureaus_cover_says_where_all_mismatches_stand(sent_district: Path) -> None:
    """The lists of the townships and its own; together they are those that the report counts."""
    book = book_of(sent_district, "2019年居保局差异清单.xlsx")
    rows = [row[:2] for row in book["封面"].iter_rows(values_only=True)]
    start = next(place for place, row in enumerate(rows) if row[0] == "清单") + 1
    end = next(place for place, row in enumerate(rows) if row[0] == "合计" and place > start)
    lists = sum(
        len(rows_below(openpyxl.load_workbook(path), "差异清单"))
        for path in (sent_district / "sent").glob("*差异清单.xlsx")
    )
    assert sum(count for _, count in rows[start:end]) == rows[end][1] == lists


def test_amounts_and_row_numbers_of_the_list_are_numbers(sent_district: Path) -> None:
    """So that they can be added up and sorted."""
    rows = rows_below(book_of(sent_district), "差异清单")
    assert {type(row["金额"]) for row in rows} <= {int, float, type(None)}
    assert {type(row["行号"]) for row in rows} <= {int, type(None)}
    assert any(row["金额"] for row in rows)
