"""The sheet 台账: every person of a township's roll, what he is entitled to, and what was paid for him.

Full names and IDs stand here, so that the township can act.
"""

from typing import Any

import polars as pl
import xlsxwriter

from pipeline.reports.workbooks import words
from pipeline.reports.workbooks.styles import (
    SheetColumn,
    Styles,
    serial_date,
    set_page,
    write_header,
    write_note,
    write_rows,
    write_title,
)
from pipeline.warehouse.session import Session

_COLUMNS = (
    SheetColumn("序号", "number", 6, "plain"),
    SheetColumn("行政村", "village", 18, "text"),
    SheetColumn("户编号", "household_no", 19, "text"),
    SheetColumn("姓名", "name", 12, "text"),
    SheetColumn("证件号码", "id_text", 20, "text"),
    SheetColumn("人员类别", "category", 17, "plain"),
    SheetColumn("分类", "class", 8, "plain"),
    SheetColumn("资格状态", "state", 10, "plain"),
    SheetColumn("状态原因", "state_reason", 24, "plain"),
    SheetColumn("缴费渠道", "channel", 9, "plain"),
    SheetColumn("付款日期", "paid_date", 11, "date"),
    SheetColumn("核销金额（元）", "written_off_yuan", 12, "money"),
    SheetColumn("未参保原因", "uncovered_reason", 22, "plain"),
)
_NAMES = [column.name for column in _COLUMNS]
_HEADER_ROW = 2
_ROW_HEIGHT = 16
_SIGNATURES = (16 * " ").join(
    ("填表人（签字）：", "审核人（签字）：", "单位负责人（签字）：", "填报单位（盖章）：", "年    月    日")
)
_QUERY = """
    select
        person.township_code,
        person.village,
        person.household_no,
        person.name,
        coalesce(person.person_id, person.id_text) as id_text,
        person_year.category,
        person_year.class,
        person_year.state,
        person_year.state_reason,
        person_year.channel,
        person_year.paid_date,
        person_year.written_off_yuan,
        person_year.uncovered_reason
    from core.person
    inner join core.person_year
        on person.person_key = person_year.person_key
    order by
        person.township_code, person.village_code nulls last, person.village nulls last,
        person.household_no nulls last, person.name, person.person_no
"""


def ledger_rows(session: Session) -> dict[str, pl.DataFrame]:
    """The rows of every township's sheet, by its code: a frame of the sheet's columns, in the words that it shows."""
    found = session.find(_QUERY).with_columns(
        words.in_chinese("category", words.CATEGORIES),
        words.in_chinese("state", words.STATES),
        words.state_reason_in_chinese("state_reason"),
        words.in_chinese("channel", words.CHANNELS),
        words.in_chinese("uncovered_reason", words.UNCOVERED_REASONS),
        serial_date("paid_date"),
    )
    return {
        str(code): frame.with_row_index("number", offset=1).select(_NAMES)
        for (code,), frame in found.partition_by("township_code", as_dict=True).items()
    }


def empty_ledger() -> pl.DataFrame:
    """The rows of a township without persons."""
    return pl.DataFrame(schema={**dict.fromkeys(_NAMES, pl.String), "written_off_yuan": pl.Decimal(18, 2)})


def write_ledger(workbook: xlsxwriter.Workbook, styles: Styles, title: str, note: str, rows: pl.DataFrame) -> None:
    """Write the sheet: header frozen and repeated, filters, totals and a signature line below."""
    worksheet = workbook.add_worksheet("台账")
    set_page(worksheet, is_landscape=True, header_row=_HEADER_ROW)
    worksheet.hide_gridlines(0)
    worksheet.set_default_row(_ROW_HEIGHT)
    for index, column in enumerate(_COLUMNS):
        worksheet.set_column(index, index, column.width, None if column.style == "plain" else styles[column.style])
    last_column = len(_COLUMNS) - 1
    write_title(worksheet, styles, 0, last_column, title)
    write_note(worksheet, styles, 1, last_column, note)
    write_header(worksheet, styles, _HEADER_ROW, (column.title for column in _COLUMNS))
    first_row = _HEADER_ROW + 1
    write_rows(worksheet, first_row, rows, [None] * len(_COLUMNS))
    total_row = first_row + len(rows)
    worksheet.autofilter(_HEADER_ROW, 0, max(total_row - 1, first_row), last_column)
    _write_total(worksheet, styles, total_row, rows)
    write_note(worksheet, styles, total_row + 2, last_column, _SIGNATURES, 36)
    worksheet.print_area(0, 0, total_row + 2, last_column)


def _write_total(worksheet: Any, styles: Styles, row: int, rows: pl.DataFrame) -> None:
    covered_count = rows["written_off_yuan"].count()
    written_off_yuan = rows["written_off_yuan"].sum()
    texts = {"number": "合计", "name": f"{len(rows)} 人", "channel": f"核销 {covered_count} 人"}
    for index, name in enumerate(_NAMES):
        if name == "written_off_yuan":
            worksheet.write_number(row, index, written_off_yuan, styles["total_money"])
        else:
            worksheet.write_string(row, index, texts.get(name, ""), styles["total"])
