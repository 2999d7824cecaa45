"""Empty workbooks of the sources, for whoever has to send such a list: the header that is read, and what each column takes.

The columns are those of the source's first table layout. What a column takes stands in a note on its head, so that no other sheet
is needed; a column that must be filled has a red head.
"""

from pathlib import Path
from typing import Any

from pipeline.contracts.codes import load_codes
from pipeline.contracts.sources import SOURCES
from pipeline.contracts.tables import TableName, load_tables
from pipeline.errors import UsageError
from pipeline.landing.layouts import Layout, Layouts
from pipeline.paper import make_folder, text_width
from pipeline.reports.workbooks.files import new_workbook

# This list comes back in the workbooks that the reports write.
WRITTEN_BY_REPORTS = "township_replies"
_KINDS = {
    "id": "18 位号码;单元格已设为文本,请不要改成数值",
    "account": "完整账号;单元格已设为文本,请不要改成数值",
    "amount": "数字,单位:{unit}",
    "date": "日期,例如 2019-03-15",
    "count": "整数",
}
_TEXT, _HEADER_ROW, _LEAST_WIDTH = "@", 1, 12
_LONGEST_CHOICE = 255


def template_sources() -> list[str]:
    """The sources of which there is a template."""
    return [name for name in SOURCES if name != WRITTEN_BY_REPORTS]


def write_templates(sources: list[str], layouts: Layouts, folder: Path) -> list[Path]:
    """Write the template of each source into a folder.

    Args:
        sources: names of sources.
        layouts: the layouts, a person's own before the package's.
        folder: made when it is missing.

    Raises:
        UsageError: a source isn't known, or its files are no tables.
        DaijiaoError: the folder can't be written.
    """
    for name in sources:
        if name not in template_sources():
            raise UsageError(
                f"There is no template of {name}. Name one of: {', '.join(template_sources())}.",
                f"没有 {name} 的模板。请写以下之一:{', '.join(template_sources())}。",
            )
    make_folder(folder)
    return [_write(name, _table_layout(name, layouts), folder) for name in sources]


def _table_layout(source: str, layouts: Layouts) -> Layout:
    layout = next((layout for layout in layouts.of(source) if layout.form == "table"), None)
    if layout is None:
        raise UsageError(
            f"No layout of {source} is a table. Add one to the folder layouts beside the policies.",
            f"{source} 没有表格版式。请在政策文件夹的 layouts 中添加一个。",
        )
    return layout


def _write(source: str, layout: Layout, folder: Path) -> Path:
    chinese = load_tables()[TableName("raw", source)].chinese
    path = folder / f"{chinese.replace('/', '、')}模板_{source}.xlsx"
    needed = {field for group in layout.required for field in ([group] if isinstance(group, str) else [])}
    needed |= {field.name for field in SOURCES[source].fields if field.is_needed}
    with new_workbook(path) as workbook:
        head = {
            "bold": True,
            "border": 1,
            "align": "center",
            "valign": "vcenter",
            "text_wrap": True,
            "bg_color": "#DDEBF7",
        }
        plain = workbook.add_format(head)
        red = workbook.add_format({**head, "font_color": "#C00000"})
        text = workbook.add_format({"num_format": _TEXT})
        title = workbook.add_format({"bold": True, "font_size": 14})
        worksheet = workbook.add_worksheet(chinese[:31])
        for column, field in enumerate(layout.fields):
            width = max(
                _LEAST_WIDTH, text_width(_head(source, field, layout)) + 4, 22 if _kind(source, field) == "id" else 0
            )
            worksheet.set_column(
                column, column, width, text if _kind(source, field) not in ("amount", "count", "date") else None
            )
        worksheet.write_string(0, 0, chinese, title)
        for column, field in enumerate(layout.fields):
            worksheet.write_string(_HEADER_ROW, column, _head(source, field, layout), red if field in needed else plain)
            worksheet.write_comment(
                _HEADER_ROW, column, _note(source, field, layout, field in needed), {"author": "", "x_scale": 1.6}
            )
            _add_choices(worksheet, column, field)
        worksheet.freeze_panes(_HEADER_ROW + 1, 0)
    return path


def _head(source: str, field: str, layout: Layout) -> str:
    unit = f"({layout.amount_unit})" if _kind(source, field) == "amount" else ""
    return layout.aliases[field][0] + unit


def _kind(source: str, field: str) -> str:
    return next((each.type for each in SOURCES[source].fields if each.name == field), "text")


def _words(field: str) -> list[str]:
    """The words of a field that has a closed list of them."""
    vocabulary = load_codes().get(field)
    return [] if vocabulary is None or field.startswith("outcome") else [code.chinese for code in vocabulary.codes]


def _note(source: str, field: str, layout: Layout, is_needed: bool) -> str:
    parts = ["必填" if is_needed else "没有可以不填"]
    kind = _KINDS.get(_kind(source, field))
    if kind:
        parts.append(kind.format(unit=layout.amount_unit))
    if words := _words(field):
        parts.append("用语:" + "、".join(words))
    if others := layout.aliases[field][1:]:
        parts.append("表头也可以写:" + "、".join(others))
    return "\n".join(parts)


def _add_choices(worksheet: Any, column: int, field: str) -> None:
    words = _words(field)
    if words and len(",".join(words)) <= _LONGEST_CHOICE and field != "schooling":
        worksheet.data_validation(
            _HEADER_ROW + 1, column, 5000, column, {"validate": "list", "source": words, "error_type": "warning"}
        )
