"""The sheets that go out and come back: 差异清单, which a township answers, and 复核, which the bureau confirms.

Their cells are protected but for the answer's. The reader of replies finds them by their titles, and `core.reply` compares
the token of each row with its protected cells: a title here is a name there. The token of a row to confirm is bound to the
township's answer, too, so that no list of a township can stand for the bureau's.
"""

from typing import Any

import polars as pl
import xlsxwriter

from pipeline.reports.workbooks import words
from pipeline.reports.workbooks.styles import (
    SheetColumn,
    Styles,
    row_heights,
    serial_date,
    set_page,
    write_header,
    write_note,
    write_rows,
    write_title,
)
from pipeline.warehouse.session import Session

CHOICES_SHEET = "选项"

# The widths let sixteen columns be printed on A4 at 8 points or more.
_ABOUT = (
    SheetColumn("差异类型", "kind_text", 10, "wrapped"),
    SheetColumn("级别", "severity_text", 5, "wrapped"),
    SheetColumn("行政村", "village", 9, "wrapped"),
    SheetColumn("姓名", "name", 8, "wrapped"),
    SheetColumn("证件号码", "id_text", 24, "wrapped"),
    SheetColumn("渠道", "channel_text", 5, "wrapped"),
    SheetColumn("金额", "amount_yuan", 9, "amount_cell"),
    SheetColumn("应为", "expected", 13, "wrapped"),
    SheetColumn("实际", "found", 13, "wrapped"),
    SheetColumn("处理要求", "action", 16, "wrapped"),
    SheetColumn("疑似人员", "suggestion_text", 15, "wrapped"),
    SheetColumn("疑似理由", "suggestion_reason", 9, "wrapped"),
)
_MAKER = (
    SheetColumn("处理答复", "answer_code", 11, "reply"),
    SheetColumn("答复内容", "answer_value", 14, "reply"),
    SheetColumn("填报人", "person", 8, "reply"),
    SheetColumn("填报日期", "answered_date", 11, "reply_date"),
)
_CHECKER = (
    SheetColumn("处理答复", "answer_code", 11, "wrapped"),
    SheetColumn("答复内容", "answer_value", 14, "wrapped"),
    SheetColumn("乡镇填报人", "maker", 8, "wrapped"),
    SheetColumn("乡镇填报日期", "maker_date", 11, "date_cell"),
    SheetColumn("复核人", "person", 8, "reply"),
    SheetColumn("复核日期", "answered_date", 11, "reply_date"),
)
_SOURCE = (
    SheetColumn("办理状态", "status_text", 8, "wrapped"),
    SheetColumn("乡镇", "township_name", 10, "wrapped"),
    SheetColumn("来源文件", "file_name", 34, "wrapped"),
    SheetColumn("工作表", "sheet", 12, "wrapped"),
    SheetColumn("行号", "row_number", 7, "number_cell"),
    SheetColumn("差异编号", "mismatch_id", 34, "wrapped"),
)
# The token covers them as texts; a spreadsheet gives a number back in the same form.
_NUMBERS = (
    pl.col("amount_text").replace("", None).cast(pl.Float64).alias("amount_yuan"),
    pl.col("row_number_text").replace("", None).cast(pl.Int64).alias("row_number"),
)
_TOKEN = "校验码"
_MAKER_COLUMNS = (*_ABOUT, *_MAKER, *_SOURCE, SheetColumn(_TOKEN, "token", 34, "wrapped"))
_CHECKER_COLUMNS = (*_ABOUT, *_CHECKER, *_SOURCE, SheetColumn(_TOKEN, "checker_token", 34, "wrapped"))
_HEADER_ROW = 2
_MAKER_NOTE = (
    "只填黄色单元格：处理答复从下拉框中选择，填法见“填报说明”；没有核实的行留空。其他单元格受保护，改动后的行不予采用，"
    "请勿增加、复制或删除行列。右侧另有来源文件、工作表、行号（不打印）。填好后将整个文件报{bureau}。金额单位：元。"
)
_CHECKER_NOTE = (
    "逐行核对乡镇的答复：同意的填写复核人和复核日期，不同意的留空并退回乡镇。复核人与填报人不能是同一人。"
    "填好后将文件放入 township_replies 文件夹，下次更新时生效。金额单位：元。"
)
_MAKER_SIGNATURES = (
    "单位负责人（签字）：                                填报单位（盖章）：                                日期："
)
_CHECKER_SIGNATURES = (
    "单位负责人（签字）：                                复核单位（盖章）：                                日期："
)

_MISMATCHES = """
    select *
    from core.mismatch_sheet
    order by severity_text desc, kind_text, township_code, village, name, id_text, mismatch_id
"""
# Of several answers to one mismatch the latest is to be confirmed.
_TO_CONFIRM = """
    with ranked as (
        select
            reply.mismatch_id,
            reply.status,
            township_replies.answer_code,
            township_replies.answer_value,
            township_replies.person as maker,
            township_replies.answered_date as maker_date,
            row_number() over (
                partition by reply.mismatch_id
                order by
                    reply.answered_date desc, reply.file_name desc, coalesce(reply.sheet, '') desc, reply.row_number desc
            ) as position
        from core.reply
        inner join raw.township_replies
            on reply.row_key = township_replies.row_key
        where reply.role = 'maker' and reply.status in ('applied', 'waiting')
    )

    select
        mismatch_sheet.*,
        checker_token(
            year.secret, mismatch_sheet.token, ranked.answer_code, ranked.answer_value, ranked.maker
        ) as checker_token,
        ranked.answer_code,
        ranked.answer_value,
        ranked.maker,
        ranked.maker_date
    from ranked
    inner join core.mismatch_sheet
        on ranked.mismatch_id = mismatch_sheet.mismatch_id
    cross join policy.year
    where ranked.position = 1 and ranked.status = 'waiting'
    order by township_code, kind_text, village, name, id_text, mismatch_id
"""


def mismatch_rows(session: Session) -> pl.DataFrame:
    """Every mismatch as its township reads it, with empty answers: the columns of `core.mismatch_sheet` and the sheet."""
    empty = [pl.lit(None, pl.String).alias(column.name) for column in _MAKER]
    return session.find(_MISMATCHES).with_columns(*_NUMBERS, *empty)


def rows_to_confirm(session: Session) -> pl.DataFrame:
    """Every answer that waits for the bureau, with the township's answer and an empty confirmation."""
    empty = [pl.lit(None, pl.String).alias(name) for name in ("person", "answered_date")]
    return session.find(_TO_CONFIRM).with_columns(*_NUMBERS, *empty).with_columns(serial_date("maker_date"))


def write_mismatches(
    workbook: xlsxwriter.Workbook, styles: Styles, title: str, bureau: str, rows: pl.DataFrame
) -> None:
    """Write the sheet 差异清单, which goes back to the bureau, and the hidden sheet with the choices of its drop-down."""
    worksheet = workbook.add_worksheet("差异清单")
    texts = (title, _MAKER_NOTE.format(bureau=bureau), _MAKER_SIGNATURES)
    _write_sheet(worksheet, styles, texts, _MAKER_COLUMNS, rows)
    column = [each.name for each in _MAKER_COLUMNS].index("answer_code")
    worksheet.data_validation(
        _HEADER_ROW + 1,
        column,
        _HEADER_ROW + max(len(rows), 1),
        column,
        {
            "validate": "list",
            "source": f"={CHOICES_SHEET}!$A$1:$A${len(words.ANSWERS)}",
            "error_title": "处理答复",
            "error_message": "请从下拉框中选择。",
        },
    )
    choices = workbook.add_worksheet(CHOICES_SHEET)
    for row, answer in enumerate(words.ANSWERS.values()):
        choices.write_string(row, 0, answer)
    choices.hide()


def write_confirmations(workbook: xlsxwriter.Workbook, styles: Styles, title: str, rows: pl.DataFrame) -> None:
    """Write the sheet 复核: the townships' answers, protected, and cells for the checker's name and date."""
    worksheet = workbook.add_worksheet("复核")
    _write_sheet(worksheet, styles, (title, _CHECKER_NOTE, _CHECKER_SIGNATURES), _CHECKER_COLUMNS, rows)


def _write_sheet(
    worksheet: Any, styles: Styles, texts: tuple[str, str, str], columns: tuple[SheetColumn, ...], rows: pl.DataFrame
) -> None:
    title, note, signatures = texts
    last_printed = len(columns) - len(_SOURCE) - 2
    set_page(worksheet, is_landscape=True, header_row=_HEADER_ROW)
    for index, column in enumerate(columns):
        worksheet.set_column(index, index, column.width, None, {"hidden": column.title == _TOKEN})
    write_title(worksheet, styles, 0, last_printed, title)
    write_note(worksheet, styles, 1, last_printed, note, 40, "list_note")
    write_header(worksheet, styles, _HEADER_ROW, (column.title for column in columns))
    first_row = _HEADER_ROW + 1
    formats = [styles[column.style] for column in columns]
    for row, height in enumerate(row_heights(rows, columns), start=first_row):
        worksheet.set_row(row, height)
    write_rows(worksheet, first_row, rows.select(column.name for column in columns), formats)
    last_row = first_row + len(rows)
    worksheet.autofilter(_HEADER_ROW, 0, max(last_row - 1, first_row), len(columns) - 1)
    write_note(worksheet, styles, last_row + 1, last_printed, signatures, 36, "list_note")
    worksheet.print_area(0, 0, last_row + 1, last_printed)
    worksheet.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})
