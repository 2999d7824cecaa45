"""A text file's encoding, found by decoding it whole, and what can be seen of it on the way.

How its lines become cells is told by ``text_reader``.
"""

import codecs
import io
from dataclasses import dataclass
from pathlib import Path

from pipeline.landing.refusals import Refusal

BLOCK_CHARACTERS = 1 << 23
QUOTES = ('"', "'")
DELIMITERS = (",", "\t", "|", ";")
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE_BYTES = 1 << 15
_NOT_TEXT = "文件内容既不是 UTF-8 也不是 GB18030 文字,或已损坏。请向报送单位重新索取,或另存为 .xlsx 后重新报送。"


@dataclass(frozen=True)
class TextFile:
    """A text file whose encoding is known: which quotes and delimiters it holds, and whether a backslash escapes a quote."""

    path: Path
    encoding: str
    quotes: frozenset[str]
    delimiters: frozenset[str]
    has_escaped_quotes: bool
    has_final_newline: bool

    def open(self) -> io.TextIOWrapper:
        """The decoded text; LF, CRLF and CR all end a line."""
        return self.path.open(encoding=self.encoding, newline=None)


def open_text(path: Path) -> TextFile:
    """Find the encoding by decoding the whole file: a byte order mark, else strict UTF-8, else GB18030.

    Raises:
        Refusal: the content is no text in any of them.
    """
    with path.open("rb") as stream:
        start = stream.read(4)
    marked = [name for mark, name in _BOMS if start.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            return _decoded(path, encoding)
        except UnicodeDecodeError:
            if encoding == "utf-8" and _is_damaged_utf8(path):
                break
    raise Refusal("undecodable", _NOT_TEXT)


def _decoded(path: Path, encoding: str) -> TextFile:
    marks: set[str] = set()
    has_escaped_quotes = False
    last = ""
    with path.open(encoding=encoding, newline=None) as stream:
        while block := stream.read(BLOCK_CHARACTERS):
            marks.update(mark for mark in (*QUOTES, *DELIMITERS) if mark in block)
            has_escaped_quotes |= '\\"' in last + block
            last = block[-1]
    quotes, delimiters = marks.intersection(QUOTES), marks.intersection(DELIMITERS)
    return TextFile(path, encoding, frozenset(quotes), frozenset(delimiters), has_escaped_quotes, last == "\n")


def _is_damaged_utf8(path: Path) -> bool:
    """Whether the bytes around the first error are mostly good UTF-8: then reading them as GB18030 would only garble them."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    position = 0
    with path.open("rb") as stream:
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
