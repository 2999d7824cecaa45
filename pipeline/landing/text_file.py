"""A text file's encoding, found by decoding it whole, and what can be seen of it on the way.

How its lines become cells is told by ``text_reader``.
"""

import codecs
import io
import re
from dataclasses import dataclass, field

from pipeline.landing.content import FileContent, beginning, opened
from pipeline.landing.refusals import Refusal
from pipeline.landing.tables import CONTROLS

BLOCK_CHARACTERS = 1 << 23
QUOTES = ('"', "'")
DELIMITERS = (",", "\t", "|", ";")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LONGEST_BOM = 3
_SAMPLE_BYTES = 1 << 15
_START_CHARACTERS = 4096
_CONTROLS = re.compile(CONTROLS)
_FORMULA_TEXT = re.compile(r"=\"{1,2}")
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|meta|body|table|style|div|!--|\?xml|workbook)|mime-version:|<[a-z][^<]*>\s*<t"
)
_NOT_TEXT = "文件内容既不是 UTF-8 也不是 GB18030 文字,或已损坏。请向报送单位重新索取,或另存为 .xlsx 后重新报送。"
_HTML = "这是网页(HTML)表格,不是 Excel 工作簿,无法可靠读取。请用 Excel 打开后另存为 .xlsx 重新报送。"
_XML = "这是 2003 版 XML 表格,不是 Excel 工作簿,无法可靠读取。请用 Excel 打开后另存为 .xlsx 重新报送。"


@dataclass(frozen=True)
class TextFile:
    """A text file whose encoding is known.

    Attributes:
        quotes, delimiters: those that the file holds.
        has_escaped_quotes: whether a backslash escapes a quote.
        has_final_newline: whether the last line is ended, control characters behind it set apart.
        has_controls: whether it holds control characters.
        has_formula_texts: whether a text may be written as a formula (``="5301…"``).
    """

    content: bytes | FileContent = field(repr=False)
    encoding: str
    quotes: frozenset[str]
    delimiters: frozenset[str]
    has_escaped_quotes: bool
    has_final_newline: bool
    has_controls: bool
    has_formula_texts: bool

    def open(self) -> io.TextIOBase:
        """The decoded text without control characters; LF, CRLF and CR all end a line."""
        stream = self.open_with_controls()
        return _WithoutControls(stream) if self.has_controls else stream

    def open_with_controls(self) -> io.TextIOBase:
        """The decoded text with its control characters, each of which takes a place in a line of fixed width."""
        return _opened(self.content, self.encoding)


class _WithoutControls(io.TextIOBase):
    """Decoded text without its control characters."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream

    def read(self, size: int | None = -1) -> str:
        if size is None or size < 0:
            return without_controls(self._stream.read())
        text = ""
        while len(text) < size and (block := self._stream.read(size - len(text))):
            text += without_controls(block)
        return text

    def readline(self, size: int = -1) -> str:  # type: ignore[override]
        return without_controls(self._stream.readline(size))

    def close(self) -> None:
        self._stream.close()
        super().close()


def open_text(content: bytes | FileContent) -> TextFile:
    """Find the encoding by decoding the whole file: a byte order mark, else strict UTF-8, else GB18030.

    Raises:
        Refusal: the content is no text in any of them, or is markup under a table's name.
    """
    start = beginning(content, _LONGEST_BOM)
    marked = [name for mark, name in _BOMS if start.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            file = _decoded(content, encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8" and _is_damaged_utf8(content):
                break
        else:
            _refuse_markup(file)
            return file
    raise Refusal("undecodable", _NOT_TEXT)


def without_controls(text: str) -> str:
    """A text without control characters."""
    return _CONTROLS.sub("", text)


def _opened(content: bytes | FileContent, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(opened(content), encoding=encoding, newline=None)


def _decoded(content: bytes | FileContent, encoding: str) -> TextFile:
    marks: set[str] = set()
    has_escaped_quotes = has_controls = has_formula_texts = False
    last = ""
    with _opened(content, encoding) as stream:
        while block := stream.read(BLOCK_CHARACTERS):
            marks.update(mark for mark in (*QUOTES, *DELIMITERS) if mark in block)
            has_escaped_quotes |= '\\"' in last + block
            has_formula_texts |= _FORMULA_TEXT.search(last + block) is not None
            if _CONTROLS.search(block):
                has_controls = True
                block = _CONTROLS.sub("", block)
            last = block[-1:] or last
    return TextFile(
        content=content,
        encoding=encoding,
        quotes=frozenset(marks.intersection(QUOTES)),
        delimiters=frozenset(marks.intersection(DELIMITERS)),
        has_escaped_quotes=has_escaped_quotes,
        has_final_newline=last == "\n",
        has_controls=has_controls,
        has_formula_texts=has_formula_texts,
    )


def _refuse_markup(file: TextFile) -> None:
    with file.open() as stream:
        start = stream.read(_START_CHARACTERS).lstrip().lower()
    if not _MARKUP.match(start):
        return
    is_xml = "<?mso-application" in start or "urn:schemas-microsoft-com:office:spreadsheet" in start
    if is_xml or (start.startswith("<?xml") and "<html" not in start and "<!doctype html" not in start):
        raise Refusal("xml_spreadsheet", _XML)
    raise Refusal("html_table", _HTML)


def _is_damaged_utf8(content: bytes | FileContent) -> bool:
    """Whether the bytes around the first error are mostly good UTF-8: then reading them as GB18030 would only garble them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    with opened(content) as stream:
        while block := stream.read(_SAMPLE_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                break
            position += len(block)
        stream.seek(max(0, position - _SAMPLE_BYTES))
        sample = stream.read(3 * _SAMPLE_BYTES).decode("utf-8", "replace")
    readable = sum("\u3400" <= character <= "\u9fff" for character in sample)
    return readable > sample.count("\ufffd")
