"""What the published tables mean, for whoever has only the file: a data package and a data dictionary in two languages.

All three are made from the contracts, as the tables themselves and their comments are. They lie beside the published file.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from pipeline.contracts import tables
from pipeline.contracts.tables import Column, Table
from pipeline.privacy import write_whole
from pipeline.restricted import GROUP_FILE

PACKAGE_FILE = "datapackage.json"
ENGLISH_FILE = "data_dictionary.md"
CHINESE_FILE = "数据字典.md"
PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
TITLE = "Premiums paid with public money for registered poor people, by person, township and year"
CHINESE_TITLE = "财政代缴城乡居民基本养老保险费数据"
_TYPES = {
    "VARCHAR": "string",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DECIMAL": "number",
    "DATE": "date",
    "BOOLEAN": "boolean",
}


def write_dictionary(folder: Path, data_file: str) -> None:
    """Write the data package and both dictionaries, each replaced whole and at once.

    Args:
        folder: where the published file lies.
        data_file: the published file's name.

    Raises:
        OSError: a file can't be written; the earlier ones stay.
    """
    contents = {
        PACKAGE_FILE: json.dumps(data_package(data_file), ensure_ascii=False, indent=2) + "\n",
        ENGLISH_FILE: english_dictionary(),
        CHINESE_FILE: chinese_dictionary(),
    }
    for name, content in contents.items():
        write_whole(folder / name, content, GROUP_FILE)


def data_package(data_file: str) -> dict[str, object]:
    """The descriptor of the published tables by the standard Data Package, version 2."""
    return {
        "$schema": PROFILE,
        "name": "daijiao",
        "title": TITLE,
        "description": f"{CHINESE_TITLE}。Amounts are in yuan, rates are fractions of 1; null is what has no source.",
        "resources": [_resource(table, data_file) for table in tables.tables_of_published_file()],
    }


def english_dictionary() -> str:
    """The data dictionary in English, as Markdown."""
    lines = [
        "# Data dictionary",
        "",
        f"{TITLE}. Amounts are in yuan, rates are fractions of 1; null is what has no source.",
    ]
    for table in tables.tables_of_published_file():
        lines += ["", f"## {table.full_name}", "", f"{table.grain} {table.description}".strip()]
        lines += ["", f"Key: {', '.join(table.key)}."] if table.key else []
        lines += ["", "| column | type | meaning | values | null |", "|---|---|---|---|---|"]
        lines += [_line(column, column.english, "no" if column.is_required else "yes") for column in table.columns]
    return "\n".join(lines) + "\n"


def chinese_dictionary() -> str:
    """The data dictionary in Chinese, as Markdown."""
    lines = ["# 数据字典", "", f"{CHINESE_TITLE}。金额单位为元,比率为小数;没有来源的为空。"]
    for table in tables.tables_of_published_file():
        lines += ["", f"## {table.chinese} {table.full_name}"]
        lines += ["", f"主键:{'、'.join(table.key)}。"] if table.key else []
        lines += ["", "| 字段 | 类型 | 含义 | 取值 | 可为空 |", "|---|---|---|---|---|"]
        lines += [_line(column, column.chinese, "否" if column.is_required else "是") for column in table.columns]
    return "\n".join(lines) + "\n"


def _resource(table: Table, data_file: str) -> dict[str, object]:
    schema: dict[str, object] = {"fields": [_field(column) for column in table.columns]}
    if table.key:
        schema["primaryKey"] = list(table.key)
    return {
        "name": str(table.full_name),
        "type": "table",
        "title": table.chinese,
        "description": f"{table.grain} {table.description}".strip(),
        "path": data_file,
        "format": "duckdb",
        "mediatype": "application/vnd.duckdb",
        "dialect": {"table": str(table.full_name)},
        "schema": schema,
    }


def _field(column: Column) -> dict[str, object]:
    constraints: dict[str, object] = {"required": True} if column.is_required else {}
    if column.values and column.prefix is None:
        constraints["enum"] = list(column.values)
    return {
        "name": column.name,
        "type": _TYPES[column.type.partition("(")[0]],
        "title": column.chinese,
        "description": column.english,
        **({"constraints": constraints} if constraints else {}),
    }


def _line(column: Column, meaning: str, may_be_null: str) -> str:
    values = ", ".join((*column.values, f"{column.prefix}…") if column.prefix else column.values)
    return "| " + " | ".join(_cells(column.name, column.type, meaning, values, may_be_null)) + " |"


def _cells(*texts: str) -> Iterator[str]:
    return (text.replace("|", "\\|").replace("\n", " ") for text in texts)
