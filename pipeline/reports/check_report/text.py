"""A report as blocks, whatever form it has: .txt, .docx, .html or .pdf.

What the figures in a block claim to be is told by ``claims``.
"""

import codecs
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from docx import Document
from docx.oxml.ns import qn
from lxml import html
from pypdf import PdfReader

from pipeline.errors import UsageError
from pipeline.reports.check_report.blocks import Block, half_width, line_blocks, table_blocks

# What stands in a page and is no text of the report.
_NOT_TEXT = ("script", "style", "head", "svg", "template")
# A line of so many bare numbers and hardly a word is a row of a table.
_FEWEST_NUMBERS_OF_A_ROW, _MOST_WORDS_OF_A_ROW = 3, 2
# What the library has to say of a damaged file is said in a sentence of ours.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)
_SENTENCE = re.compile(r"[，。；：、]")
# Typesetting sets figures apart from Chinese characters.
_SET_APART = re.compile(r"(?<=[^\x00-\x7f]) +(?=[\x21-\x7e])|(?<=[\x21-\x7e]) +(?=[^\x00-\x7f])")
_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?%?|—")
_PARAGRAPHS = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "div", "caption", "figcaption", "blockquote", "dt", "dd")


def read_blocks(path: Path) -> list[Block]:
    """The blocks of a report, in reading order.

    Raises:
        UsageError: the file isn't there, or can't be read in one of the forms.
    """
    if not path.is_file():
        raise UsageError(
            f"There is no file {path}. Give the path of a report ({', '.join(_READERS)}).",
            f"没有文件 {path}。请写出报告的路径({', '.join(_READERS)})。",
        )
    suffix = path.suffix.lower()
    if suffix not in _READERS:
        known = ", ".join(_READERS)
        raise UsageError(
            f"{path} is neither of {known}. Save the report in one of these forms and run again.",
            f"{path} 的格式不在 {known} 之中。请把报告另存为其中一种格式后重新运行。",
        )
    try:
        blocks = list(_READERS[suffix](path))
    except Exception:  # noqa: BLE001 - what a damaged document makes the libraries raise has no common kind
        raise UsageError(
            f"{path} can't be read: it is damaged, protected by a password, or no {suffix} file. Save it anew and run again.",
            f"无法读取 {path}:文件已损坏、有密码,或不是 {suffix} 文件。请另存后重新运行。",
        ) from None
    if not blocks:
        raise UsageError(
            f"{path} holds no text that can be read; a scan is a picture. Save the report as .docx and run again.",
            f"{path} 中没有可读的文字;扫描件是图片。请把报告存为 .docx 后重新运行。",
        )
    return blocks


def _text_blocks(path: Path) -> Iterator[Block]:
    lines = half_width(_decoded(path.read_bytes())).splitlines()
    return line_blocks([(f"第 {number} 行", line) for number, line in enumerate(lines, 1)])


def _pdf_blocks(path: Path) -> Iterator[Block]:
    """The lines of each page. A page doesn't say where a table's columns are: the figures of a row stand for themselves."""
    lines: list[tuple[str, str]] = []
    for page_number, page in enumerate(PdfReader(path).pages, 1):
        for number, line in enumerate(half_width(page.extract_text()).splitlines(), 1):
            place = f"第 {page_number} 页第 {number} 行"
            words = line.split()
            numbers = sum(bool(_NUMBER.fullmatch(word)) for word in words)
            if (
                numbers < _FEWEST_NUMBERS_OF_A_ROW
                or len(words) - numbers > _MOST_WORDS_OF_A_ROW
                or _SENTENCE.search(line)
            ):
                lines.append((place, _SET_APART.sub("", line)))
                continue
            yield from line_blocks(lines)
            lines = []
            yield from (Block(word, (0,), (place,), is_cell=True) for word in words)
    yield from line_blocks(lines)


def _page_blocks(path: Path) -> Iterator[Block]:
    page = html.document_fromstring(_decoded(path.read_bytes()).encode(), parser=html.HTMLParser(encoding="utf-8"))
    for element in list(page.iter(*_NOT_TEXT)):
        if element.getparent() is not None:
            element.drop_tree()
    paragraph_number = table_number = 0
    for element in page.iter("table", *_PARAGRAPHS):
        if element.tag == "table":
            table_number += 1
            rows = [[_said(cell) for cell in row.iter("td", "th")] for row in element.iter("tr")]
            yield from table_blocks(rows, table_number)
        elif not any(True for _ in element.iterancestors("table")) and not _holds_paragraphs(element):
            text = _said(element)
            if text:
                paragraph_number += 1
                yield Block(text, (0,), (f"第 {paragraph_number} 段",))


def _holds_paragraphs(element: html.HtmlElement) -> bool:
    return any(True for _ in element.iterdescendants("table", *_PARAGRAPHS))


def _said(element: html.HtmlElement) -> str:
    return " ".join(half_width(element.text_content()).split())


def _decoded(content: bytes) -> str:
    """The text in the encoding of its byte order mark, else UTF-8, else GB18030."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")


def _document_blocks(path: Path) -> Iterator[Block]:
    paragraph_number = table_number = 0
    for element in _body_elements(Document(str(path)).element.body):
        if element.tag == qn("w:p"):
            paragraph_number += 1
            text = _text_of(element).strip()
            if text:
                yield Block(text, (0,), (f"第 {paragraph_number} 段",))
        else:
            table_number += 1
            rows = [[_text_of(cell).strip() for cell in row.iter(qn("w:tc"))] for row in element.iter(qn("w:tr"))]
            yield from table_blocks(rows, table_number)


def _body_elements(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, those in content controls too."""
    for child in parent:
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins")):
            yield from _body_elements(child)


def _text_of(element: Any) -> str:
    texts = [
        node.text or "" if node.tag == qn("w:t") else " "
        for node in element.iter(qn("w:t"), qn("w:tab"), qn("w:br"))
        if not any(ancestor.tag.endswith("}Fallback") for ancestor in node.iterancestors())
    ]
    return half_width("".join(texts))


_READERS: dict[str, Callable[[Path], Iterator[Block]]] = {
    ".docx": _document_blocks,
    ".txt": _text_blocks,
    ".html": _page_blocks,
    ".htm": _page_blocks,
    ".pdf": _pdf_blocks,
}
