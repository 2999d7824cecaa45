"""Makes ``evaluation_report.docx``, the template that staff edit, from its text in ``evaluation_report.md``.

Run `python -m pipeline.reports.templates.make_evaluation_report` after a change of the text. Whoever wants other wording
only for his own county puts an edited copy of the document beside his policies instead (``templates/evaluation_report.docx``).

Marks at the beginning of a line: ``T`` title, ``S`` line below it, ``#`` headings, ``G`` chart, ``C`` caption, ``R`` signature,
``|`` table (rows, then header=field:width for each column, widths in cm); everything else is a paragraph. Figures are names in
double braces.
"""

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

TEXT = Path(__file__).with_name("evaluation_report.md")
RESULT = Path(__file__).with_name("evaluation_report.docx")
CHART, CAPTION, CELL, SEAL = "Chart", "Caption", "Cell", "Seal"
_STYLE_OF_MARK = {
    "T": "Title",
    "S": "Subtitle",
    "#": "Heading 1",
    "##": "Heading 2",
    "###": "Heading 3",
    "C": CAPTION,
    "R": SEAL,
}
# Style, Chinese font, size in points, space before it in points.
_FONTS = (
    ("Normal", "仿宋_GB2312", 14, 3),
    ("Title", "方正小标宋简体", 20, 24),
    ("Subtitle", "楷体_GB2312", 14, 6),
    ("Heading 1", "黑体", 15, 14),
    ("Heading 2", "楷体_GB2312", 14, 8),
    ("Heading 3", "仿宋_GB2312", 14, 4),
    (CAPTION, "黑体", 10.5, 6),
    (CHART, "仿宋_GB2312", 10.5, 6),
    (CELL, "仿宋_GB2312", 9, 0),
    (SEAL, "仿宋_GB2312", 14, 6),
)


def make_template() -> None:
    """Write the template beside this file."""
    document = Document()
    _set_up(document)
    for line in TEXT.read_text(encoding="utf-8").splitlines():
        mark, _, rest = line.partition(" ")
        if mark == "|":
            _add_table(document, rest)
        elif mark == "G":
            document.add_paragraph(f"{{{{ {rest} }}}}", style=CHART)
        elif mark in _STYLE_OF_MARK:
            paragraph = document.add_paragraph(rest, style=_STYLE_OF_MARK[mark])
            # The report itself begins on a page of its own, behind its summary.
            paragraph.paragraph_format.page_break_before = (
                True if mark == "T" and len(document.paragraphs) > 1 else None
            )
        else:
            document.add_paragraph(line)
    document.core_properties.title = "绩效评价报告"
    document.core_properties.author = document.core_properties.comments = ""
    document.save(str(RESULT))


def _set_up(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin, section.right_margin = Cm(2.6), Cm(2.4)
    section.top_margin = section.bottom_margin = Cm(2.5)
    for name in (CHART, CELL, SEAL):
        document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    for name, font, points, before in _FONTS:
        _set_style(document.styles[name], font, points, before)
    normal = document.styles["Normal"].paragraph_format
    normal.first_line_indent = Pt(28)
    normal.line_spacing = 1.5
    _add_page_number(section.footer.paragraphs[0])


def _set_style(style: Any, font: str, points: float, before: float) -> None:
    style.font.name = font
    style.font.size = Pt(points)
    style.font.color.rgb = RGBColor(0, 0, 0)
    style.font.bold = style.name == "Heading 1"
    style.font.italic = False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), font)
    for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
        fonts.attrib.pop(qn(name), None)
    borders = style.element.get_or_add_pPr().find(qn("w:pBdr"))
    if borders is not None:
        borders.getparent().remove(borders)
    layout = style.paragraph_format
    layout.space_before, layout.space_after = Pt(before), Pt(2)
    layout.first_line_indent = Pt(0)
    if style.name in ("Title", "Subtitle", CAPTION, CHART, CELL):
        layout.alignment = WD_ALIGN_PARAGRAPH.CENTER
        layout.line_spacing = 1.3 if style.name == "Title" else 1.0
    if style.name == SEAL:
        layout.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if style.name == CELL:
        layout.space_before = layout.space_after = Pt(2)
    # A caption stays with its table or chart, a heading with its text.
    layout.keep_with_next = style.name in (CHART, CAPTION, "Title", "Heading 1", "Heading 2", "Heading 3")


def _add_table(document: Any, columns: str) -> None:
    """A table whose middle row is repeated for every row of the list that it names."""
    rows, *fields = (part.strip() for part in columns.split("|"))
    table = document.add_table(rows=4, cols=len(fields))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, field in enumerate(fields):
        header, _, told = field.partition("=")
        name, _, width = told.partition(":")
        table.columns[column].width = Cm(float(width))
        for cell in table.columns[column].cells:
            cell.width = Cm(float(width))
        _fill(table.cell(0, column), header)
        _fill(table.cell(2, column), f"{{{{ row.{name} }}}}")
    _set_margins(table)
    _fill(table.cell(1, 0), f"{{%tr for row in {rows} %}}")
    _fill(table.cell(3, 0), "{%tr endfor %}")
    header_row = table.rows[0]._tr.get_or_add_trPr()
    header_row.append(OxmlElement("w:tblHeader"))
    for row in table.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    # What follows keeps a little away from the table.
    document.add_paragraph(style=CELL)


def _set_margins(table: Any) -> None:
    """Little room at the sides of a cell, so that a column is as narrow as its figures."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "40")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _fill(cell: Any, text: str) -> None:
    cell.paragraphs[0].style = CELL
    cell.paragraphs[0].add_run(text)


def _add_page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:instrText" if text else "w:fldChar")
        if text:
            element.text = text
        else:
            element.set(qn("w:fldCharType"), str(kind))
        run._r.append(element)


if __name__ == "__main__":
    make_template()
