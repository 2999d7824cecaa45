"""The report's text, once: the template that staff edit is filled, and the same paragraphs become HTML and PDF.

What is said and which figures stand in it is the template's business; how charts are drawn is that of
``charts``.
"""

import base64
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import jinja2
import typst
from docx.oxml.ns import qn
from docx.shared import Cm
from docx.table import Table
from docx.text.paragraph import Paragraph
from docxtpl import DocxTemplate, InlineImage
from jinja2 import FileSystemLoader
from jinja2.exceptions import SecurityError

from pipeline.errors import UsageError
from pipeline.paper import put_in_place
from pipeline.reports.archives import NO_DATE, save_docx
from pipeline.reports.evaluation.charts import CHART_NAMES
from pipeline.reports.fonts import is_in_font
from pipeline.reports.sandbox import Sandbox

TEMPLATES = Path(__file__).parent.parent / "templates"
FONTS = Path(__file__).parent.parent / "fonts"
FONT_FILE = FONTS / "NotoSansCJKsc-GB2312.otf"
TEMPLATE_NAME = "evaluation_report.docx"
_CHART_WIDTH = Cm(15.2)
_CHART_POINTS_PER_INCH = 150
_KIND_OF_STYLE = {
    "Title": "title",
    "Subtitle": "subtitle",
    "Heading 1": "h1",
    "Heading 2": "h2",
    "Heading 3": "h3",
    "Caption": "caption",
    "Seal": "seal",
}


@dataclass(frozen=True)
class Part:
    """A piece of the report: its kind (title, subtitle, h1, h2, h3, text, caption, seal, chart, table), and its text or rows.

    The text of a chart is its name.
    """

    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


def write_document(
    template: Path, texts: Mapping[str, Any], charts: Mapping[str, str], path: Path, made_on: date = NO_DATE
) -> Path:
    """Fill the template with texts and charts, and write it; the same ones give the same bytes.

    Args:
        made_on: the date that the document says of itself.

    Raises:
        UsageError: the template can't be used.
    """
    document = _opened(template)
    pictures = {name: InlineImage(document, io.BytesIO(_png(svg)), width=_CHART_WIDTH) for name, svg in charts.items()}
    _fill(document, template, {**texts, **pictures})
    save_docx(document, path, made_on)
    return path


def report_parts(template: Path, texts: Mapping[str, Any]) -> list[Part]:
    """The filled template as parts, in their order.

    Raises:
        UsageError: the template can't be used.
    """
    document = _opened(template)
    _fill(document, template, {**texts, **{name: _chart_mark(name) for name in CHART_NAMES}})
    return list(_parts(document.docx))


def write_html(parts: list[Part], charts: Mapping[str, str], path: Path) -> Path:
    """Write the report as one HTML file that needs nothing else: charts and font are in it."""
    font = base64.b64encode(FONT_FILE.read_bytes()).decode("ascii")
    page = _environment().get_template("evaluation_report.html.j2").render(parts=parts, charts=charts, font=font)
    with put_in_place(path) as temporary:
        temporary.write_text(page, encoding="utf-8")
    return path


def write_pdf(parts: list[Part], charts: Mapping[str, str], path: Path) -> Path:
    """Write the report as PDF on A4, with the font that ships with the reports."""
    content = _compiled(typst_source(parts, charts), "pdf", is_font_enough=_is_in_font(parts))
    with put_in_place(path) as temporary:
        temporary.write_bytes(content)
    return path


def typst_source(parts: list[Part], charts: Mapping[str, str]) -> str:
    """The report in typst's language."""
    return _environment().get_template("evaluation_report.typ.j2").render(parts=parts, charts=charts)


def characters_outside_font(text: str) -> set[str]:
    """The characters that the shipped font doesn't have; blanks and line ends need none."""
    return {character for character in text if not character.isspace() and not is_in_font(character)}


def _is_in_font(parts: list[Part]) -> bool:
    said = "".join(part.text + "".join(cell for row in part.rows for cell in row) for part in parts)
    return not characters_outside_font(said)


def _png(svg: str) -> bytes:
    source = f'#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes({_quoted(svg)}), format: "svg")'
    return _compiled(source, "png", is_font_enough=not characters_outside_font(svg))


def _compiled(source: str, form: Literal["pdf", "png"], *, is_font_enough: bool) -> bytes:
    """Compile with the shipped font; those of the machine help out where it lacks a character."""
    fonts = typst.Fonts(include_system_fonts=not is_font_enough, include_embedded_fonts=False, font_paths=[str(FONTS)])
    compiled: bytes = typst.compile(source.encode(), font_paths=fonts, format=form, ppi=_CHART_POINTS_PER_INCH)
    return compiled


def _opened(template: Path) -> DocxTemplate:
    if not template.is_file():
        raise UsageError(
            f"There is no report template {template}. Put it there, or take the policy's own away.",
            f"没有报告模板 {template}。请放好该文件,或取消政策文件夹中的自定模板。",
        )
    return DocxTemplate(str(template))


def _fill(document: DocxTemplate, template: Path, names: Mapping[str, Any]) -> None:
    try:
        document.render(dict(names), Sandbox(autoescape=True))
    except SecurityError as error:
        raise UsageError(
            f"The report template {template} tries what no template may ({error.message}): it may use the names of figures, "
            "conditions and loops, and no code. Take that out and run again.",
            f"报告模板 {template} 中有不允许的内容({error.message}):只能使用数据名称、条件和循环,不能有代码。请删除后重新运行。",
        ) from None
    except Exception as error:  # noqa: BLE001 - a damaged document, or a template that staff wrote, can raise anything
        reason = error.message if isinstance(error, jinja2.TemplateError) else type(error).__name__
        raise UsageError(
            f"The report template {template} can't be filled ({reason}). Correct the name in braces, or save the document "
            "anew if it is damaged, and run again.",
            f"报告模板 {template} 无法填写({reason})。请改正花括号中的名称;文件损坏时请另存后重新运行。",
        ) from None


def _parts(document: Any) -> Iterator[Part]:
    for element in document.element.body:
        if element.tag == qn("w:p"):
            paragraph = Paragraph(element, document)
            text = paragraph.text.strip()
            chart = next((name for name in CHART_NAMES if text == _chart_mark(name)), None)
            if chart:
                yield Part("chart", chart)
            elif text:
                style = None if paragraph.style is None else paragraph.style.name
                yield Part(_KIND_OF_STYLE.get(style or "", "text"), text)
        elif element.tag == qn("w:tbl"):
            table = Table(element, document)
            yield Part("table", rows=tuple(tuple(cell.text.strip() for cell in row.cells) for row in table.rows))


def _chart_mark(name: str) -> str:
    return f"[{name}]"


def _environment() -> Sandbox:
    """Where the templates of HTML (escaped) and typst (strings quoted by its own rules) lie."""
    environment = Sandbox(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.j2",)),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["quoted"] = _quoted
    return environment


def _quoted(text: str) -> str:
    """A string literal of typst, which escapes as JSON does."""
    return json.dumps(str(text), ensure_ascii=False)
