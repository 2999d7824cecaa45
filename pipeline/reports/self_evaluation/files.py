"""The self-evaluation as files: the same grid as a workbook and as a document, both A4 in landscape."""

import io
from datetime import date
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from pipeline.paper import put_in_place, text_width
from pipeline.reports.archives import as_time, save_docx
from pipeline.reports.self_evaluation.form import COLUMN_COUNT, WIDTHS, Form

FONT = "宋体"
_CM_PER_CHARACTER = 0.19
_LINE_POINTS = 13
# A longer form is not pressed on one page, where it could not be read.
_MOST_ROWS_OF_A_PAGE = 30


def write_xlsx(form: Form, path: Path, made_on: date) -> Path:
    """Write the form as a workbook of one sheet that prints on A4 in landscape, one page wide."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        workbook.set_properties({"created": as_time(made_on)})
        sheet = workbook.add_worksheet("自评表")
        styles = _xlsx_styles(workbook)
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        last = COLUMN_COUNT - 1
        sheet.merge_range(0, 0, 0, last, form.title, styles["title"])
        sheet.merge_range(1, 0, 1, last, form.subtitle, styles["subtitle"])
        sheet.set_row(0, 28)
        for row in range(form.row_count):
            sheet.set_row(row + 2, _LINE_POINTS * form.row_lines(row) + 4)
        for cell in form.cells:
            top, left = cell.row + 2, cell.column
            style = styles[cell.style]
            if cell.row_span == cell.column_span == 1:
                sheet.write_string(top, left, cell.text, style)
            else:
                bottom, right = top + cell.row_span - 1, left + cell.column_span - 1
                sheet.merge_range(top, left, bottom, right, cell.text, style)
        for number, note in enumerate(form.notes):
            row = form.row_count + 2 + number
            sheet.merge_range(row, 0, row, last, note, styles["note"])
            sheet.set_row(row, _LINE_POINTS * (ceil(text_width(note) / sum(WIDTHS)) + 1))
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.5, right=0.5, top=0.4, bottom=0.6)
        sheet.fit_to_pages(1, 1 if form.row_count <= _MOST_ROWS_OF_A_PAGE else 0)
        sheet.center_horizontally()
        sheet.set_footer("&C第 &P 页，共 &N 页")
    with put_in_place(path) as temporary:
        temporary.write_bytes(content.getvalue())
    return path


def write_docx(form: Form, path: Path, made_on: date) -> Path:
    """Write the form as a document on A4 in landscape."""
    document = Document()
    _set_up_page(document)
    _add_line(document, form.title, 18, WD_ALIGN_PARAGRAPH.CENTER, is_bold=True)
    _add_line(document, form.subtitle, 10.5, WD_ALIGN_PARAGRAPH.CENTER)
    table = document.add_table(rows=form.row_count, cols=COLUMN_COUNT)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in enumerate(WIDTHS):
        table.columns[column].width = Cm(width * _CM_PER_CHARACTER)
        for place in table.columns[column].cells:
            place.width = Cm(width * _CM_PER_CHARACTER)
    for cell in form.cells:
        place = table.cell(cell.row, cell.column)
        if cell.row_span > 1 or cell.column_span > 1:
            place = place.merge(table.cell(cell.row + cell.row_span - 1, cell.column + cell.column_span - 1))
        place.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
        paragraph = place.paragraphs[0]
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if cell.style == "text" else WD_ALIGN_PARAGRAPH.CENTER
        _add_run(paragraph, cell.text, 9, is_bold=cell.style == "head")
    for row in table.rows:
        _keep_whole(row)
    for note in form.notes:
        _add_line(document, note, 9, WD_ALIGN_PARAGRAPH.LEFT)
    document.core_properties.title = form.title
    document.core_properties.author = document.core_properties.comments = ""
    save_docx(document, path, made_on)
    return path


def _xlsx_styles(workbook: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"font_name": FONT, "font_size": 10, "valign": "vcenter", "text_wrap": True}
    boxed = {**base, "border": 1}
    return {
        "text": workbook.add_format(boxed),
        "centre": workbook.add_format({**boxed, "align": "center"}),
        "head": workbook.add_format({**boxed, "align": "center", "bold": True, "bg_color": "#F2F2F2"}),
        "title": workbook.add_format({**base, "align": "center", "bold": True, "font_size": 16}),
        "subtitle": workbook.add_format({**base, "align": "center"}),
        "note": workbook.add_format({**base, "valign": "top"}),
    }


def _set_up_page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.2)
    style = document.styles["Normal"]
    style.font.name = FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)


def _add_line(document: Any, text: str, points: float, alignment: Any, *, is_bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = alignment
    paragraph.paragraph_format.space_after = Pt(4)
    _add_run(paragraph, text, points, is_bold=is_bold)


def _add_run(paragraph: Any, text: str, points: float, *, is_bold: bool) -> None:
    run = paragraph.add_run(text)
    run.font.size = Pt(points)
    run.font.bold = is_bold


def _keep_whole(row: Any) -> None:
    """A row that would be cut by the end of the page goes to the next one."""
    properties = row._tr.get_or_add_trPr()
    properties.append(properties.makeelement(qn("w:cantSplit"), {}))
