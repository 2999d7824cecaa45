"""An .xlsx package: its worksheets as XML, and what it says of all of them: texts and styles struck through, units, first day.

What the XML of a worksheet says is read in ``sheet_xml``.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree

from pipeline.landing.cell_units import units_of_styles
from pipeline.landing.refusals import Refusal
from pipeline.landing.sheet_xml import is_struck

_HEAD_BYTES = 4096
_MOST_UNPACKED_BYTES = 3 << 29
_TOO_LARGE = "解压后的内容过大,无法读取。请删除表格以外多余的内容,另存为新的 .xlsx 后重新报送。"
# Some programs write every element with a prefix: ``<x:row>``.
_PREFIX = re.compile(rb"<(\w{1,20}):(?:worksheet|sst|styleSheet)\b")
_STYLES = "xl/styles.xml"
_SHARED_TEXTS = "xl/sharedStrings.xml"
_SHARED_TEXT = re.compile(rb"<si>(.*?)</si>|<si/>", re.DOTALL)
_FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\b[^>]*\bdate1904=[\"'](?:1|true)[\"']")
ESCAPED_CONTROL = b"_x00"
_DAMAGED = "工作簿已损坏,无法打开。请用 Excel 打开原文件,另存为新的 .xlsx 后重新报送。"


class SheetParts:
    """The XML of the worksheets of a package. Reading a part checks its check sum."""

    def __init__(self, content: bytes) -> None:
        with _undamaged():
            self._archive = zipfile.ZipFile(io.BytesIO(content))
            parts = self._archive.infolist()
            is_too_large = sum(part.file_size for part in parts) > _MOST_UNPACKED_BYTES
            if not is_too_large:
                self._paths = self._sheet_paths()
                self.may_have_controls = self._checked_parts()
        if is_too_large:
            raise Refusal("too_large", _TOO_LARGE)
        if len({part.filename for part in parts}) < len(parts):
            raise damaged_workbook()

    def struck_texts(self) -> frozenset[int]:
        """The numbers of the shared texts of which every run is struck through.

        Raises:
            Refusal: the part of the texts is damaged.
        """
        with _undamaged():
            content = self._part(_SHARED_TEXTS)
        texts = _SHARED_TEXT.findall(content) if b"<strike" in content else ()
        return frozenset(number for number, text in enumerate(texts) if is_struck(text))

    def struck_styles(self) -> frozenset[int]:
        """The numbers of the cell styles whose font is struck through.

        Raises:
            Refusal: the part of the styles is damaged.
        """
        with _undamaged():
            content = self._part(_STYLES)
            return _struck_styles(content) if b"strike" in content else frozenset()

    def style_units(self) -> dict[int, str]:
        """By the number of a cell style the unit of money that its number format shows.

        Raises:
            Refusal: the part of the styles is damaged.
        """
        with _undamaged():
            content = self._part(_STYLES)
            return _style_units(content) if b"<numFmt " in content else {}

    def xml(self, sheet: str) -> bytes:
        """The XML of a sheet; empty where the package is of another make.

        Raises:
            Refusal: the part is damaged.
        """
        with _undamaged():
            return self._part(self._paths[sheet]) if sheet in self._paths else b""

    def counts_from_1904(self) -> bool:
        """Whether the workbook counts its days from 1904 on."""
        with _undamaged():
            return bool(_FROM_1904.search(self._part("xl/workbook.xml")))

    def _part(self, name: str) -> bytes:
        """The XML of a part, its elements without a prefix; empty where there is no such part."""
        content = self._archive.read(name) if name in self._archive.namelist() else b""
        prefix = _PREFIX.search(content, 0, _HEAD_BYTES)
        if prefix is None:
            return content
        return re.sub(rb"<(/?)" + prefix.group(1) + rb":", rb"<\1", content)

    def _checked_parts(self) -> bool:
        """Read every part but the sheets, which checks them; tells whether a text may hold a control character."""
        may_have = False
        for name in self._archive.namelist():
            if name.endswith((".xml", ".bin", ".rels")) and name not in self._paths.values():
                may_have |= ESCAPED_CONTROL in self._archive.read(name)
        return may_have

    def _sheet_paths(self) -> dict[str, str]:
        names = set(self._archive.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        targets = {
            element.get("Id"): posixpath.normpath(posixpath.join("xl", element.get("Target", "")))
            for element in ElementTree.fromstring(self._archive.read("xl/_rels/workbook.xml.rels"))
        }
        paths = {}
        for element in ElementTree.fromstring(self._archive.read("xl/workbook.xml")).iter():
            if element.tag.rpartition("}")[2] == "sheet":
                identifier = next((value for key, value in element.items() if key.rpartition("}")[2] == "id"), None)
                path = targets.get(identifier, "").removeprefix("/")
                if path in names:
                    paths[element.get("name", "")] = path
        return paths


@contextmanager
def _undamaged() -> Iterator[None]:
    """Whatever fails within says that the package is damaged: it fails in very many ways."""
    try:
        yield
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001
        raise damaged_workbook() from None


def damaged_workbook() -> Refusal:
    """The refusal of a workbook that can't be read."""
    return Refusal("damaged_workbook", _DAMAGED)


def _struck_styles(content: bytes) -> frozenset[int]:
    parts = {element.tag.rpartition("}")[2]: element for element in ElementTree.fromstring(content)}
    fonts = [
        any(each.tag.rpartition("}")[2] == "strike" and each.get("val") not in ("0", "false") for each in font)
        for font in parts.get("fonts", ())
    ]
    return frozenset(
        index
        for index, style in enumerate(parts.get("cellXfs", ()))
        if True in fonts[int(style.get("fontId", "0")) :][:1]
    )


def _style_units(content: bytes) -> dict[int, str]:
    parts = {element.tag.rpartition("}")[2]: element for element in ElementTree.fromstring(content)}
    formats = {int(each.get("numFmtId", "0")): each.get("formatCode", "") for each in parts.get("numFmts", ())}
    return units_of_styles(formats, [int(style.get("numFmtId", "0")) for style in parts.get("cellXfs", ())])
