"""Workbooks as files: made by xlsxwriter row by row, never half done, and without anything that a spreadsheet could run.

What stands in a workbook is told by the modules of its sheets.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError

from pipeline.errors import DaijiaoError
from pipeline.paper import put_in_place
from pipeline.reports.archives import NO_DATE, as_time

_FONT = {"font_name": "宋体", "font_size": 10, "font_scheme": False}
# What looks like a formula, a number or a link stays the text that it is.
_ALL_TEXTS = {"strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False}
# xlsxwriter would take such a text for the mark-up of a rich string, and write it unescaped.
_RICH_START, _RICH_END = "<r>", "</r>"


@contextmanager
def new_workbook(path: Path, made_on: date = NO_DATE) -> Iterator[xlsxwriter.Workbook]:
    """A new workbook that only its owner can read; it takes its place when it is whole.

    The same content gives the same bytes; `made_on` is the date that it says of itself. Its sheets are written one after the
    other, row by row from the top: rows go to a file in the same folder at once.

    Raises:
        DaijiaoError: it can't be written; an earlier one of the same name stays as it was.
    """
    with put_in_place(path) as part, tempfile.TemporaryDirectory(dir=path.parent, prefix=".rows-") as rows_folder:
        options = {"constant_memory": True, "tmpdir": rows_folder, "default_format_properties": dict(_FONT)}
        workbook = xlsxwriter.Workbook(str(part), {**options, **_ALL_TEXTS})
        workbook.set_properties({"created": as_time(made_on)})
        yield workbook
        try:
            workbook.close()
        except FileCreateError as error:
            raise DaijiaoError(
                f"{path} could not be written ({type(error.__context__).__name__}). Free disk space, make the folder "
                "writable or close the file, and run again.",
                f"无法写入 {path}({type(error.__context__).__name__})。"
                "请腾出磁盘空间、将文件夹设为可写或关闭已打开的文件,再重新运行。",
            ) from None


def as_cell_texts(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every text in the form in which xlsxwriter writes it out as it is; an empty one is null."""
    return frame.with_columns(_as_cell_text(name) for name, dtype in frame.schema.items() if dtype == pl.String)


def _as_cell_text(name: str) -> pl.Expr:
    text = pl.col(name)
    is_rich = text.str.starts_with(_RICH_START) & text.str.ends_with(_RICH_END)
    escaped = text
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        escaped = escaped.str.replace_all(character, entity, literal=True)
    rich = pl.format('<r><t xml:space="preserve">{}</t></r>', escaped)
    return pl.when(is_rich).then(rich).otherwise(text.replace("", None)).alias(name)
