"""Workbooks as packages of XML, made column by column by Polars.

A library that is given cell after cell takes most of the time that a great sample needs. As in what a spreadsheet saves, texts
are shared and numbers are written in their shortest form; only what the sample's files need is here.
"""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import polars as pl

from pipeline.sample.files import MARK, Table

LONGEST_NUMBER = 14
"""Digits beyond which a number in a line above or below the rows is text, like a batch number."""

NUMBER = r"^-?\d+(\.\d+)?$"
ROWS_AT_ONCE = 10_000

PLAIN, AS_DATE, STRUCK = "", ' s="1"', ' s="2"'
"""The attribute of a cell in each of the formats below."""

HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"

PROPERTIES = (
    f'{HEAD}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    f"<dc:title>{MARK}</dc:title>"
    '<dcterms:created xsi:type="dcterms:W3CDTF">2020-01-01T00:00:00Z</dcterms:created></cp:coreProperties>'
)
STYLES = (
    f'{HEAD}<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy-mm-dd"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font>'
    '<font><strike/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
ROOT = (
    f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    f'<Relationship Id="rId2" Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/>'
    "</Relationships>"
)


def workbook_bytes(tables: tuple[Table, ...]) -> bytes:
    """The bytes of a workbook."""
    content = BytesIO()
    write_workbook(content, tables)
    return content.getvalue()


def write_workbook(stream: BinaryIO, tables: tuple[Table, ...]) -> None:
    """Write a workbook of a sheet a table."""
    texts: list[pl.Series] = []
    numbers = range(1, len(tables) + 1)
    with ZipFile(stream, "w") as package:
        _write_part(package, "[Content_Types].xml", [_content_types(numbers)])
        _write_part(package, "_rels/.rels", [ROOT])
        _write_part(package, "docProps/core.xml", [PROPERTIES])
        _write_part(package, "xl/workbook.xml", [_book(tables)])
        _write_part(package, "xl/_rels/workbook.xml.rels", [_relationships(numbers)])
        _write_part(package, "xl/styles.xml", [STYLES])
        for number, table in zip(numbers, tables, strict=True):
            _write_part(package, f"xl/worksheets/sheet{number}.xml", _sheet(table, texts))
        _write_part(package, "xl/sharedStrings.xml", _shared_texts(texts))


def _write_part(package: ZipFile, name: str, pieces: Iterable[str]) -> None:
    """A part that says nothing of the time at which it was written."""
    part = ZipInfo(name)
    part.compress_type = ZIP_DEFLATED
    with package.open(part, "w") as stream:
        for piece in pieces:
            stream.write(piece.encode())


def _content_types(numbers: range) -> str:
    parts = {f"/xl/worksheets/sheet{number}.xml": "worksheet" for number in numbers}
    parts |= {"/xl/workbook.xml": "sheet.main", "/xl/styles.xml": "styles", "/xl/sharedStrings.xml": "sharedStrings"}
    listed = "".join(f'<Override PartName="{name}" ContentType="{TYPES}.{kind}+xml"/>' for name, kind in parts.items())
    return (
        f'{HEAD}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/docProps/core.xml"'
        f' ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>{listed}</Types>'
    )


def _book(tables: tuple[Table, ...]) -> str:
    sheets = "".join(
        f'<sheet name="{table.sheet}" sheetId="{number}" state="{"hidden" if table.is_hidden else "visible"}"'
        f' r:id="rId{number}"/>'
        for number, table in enumerate(tables, start=1)
    )
    return f'{HEAD}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{sheets}</sheets></workbook>'


def _relationships(numbers: range) -> str:
    targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
    targets += [("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")]
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{HEAD}<Relationships xmlns="{PACKAGE}/relationships">{listed}</Relationships>'


def _sheet(table: Table, texts: list[pl.Series]) -> Iterator[str]:
    """A sheet's XML; the texts of its cells are put behind those of the sheets before."""
    above, rows = [*table.preamble, *table.header_lines], table.rows
    first, width = len(above) + 1, rows.width
    lines = [[*cells, *[None] * (width - len(cells))] for cells in (*above, *table.footer)]
    around = pl.DataFrame(lines, schema=rows.schema, orient="row")
    cells = pl.concat([around.head(len(above)), rows, around.slice(len(above))]).with_row_index("row", 1)
    is_hidden = _is_at(table.hidden_rows, first)
    start = pl.format('<row r="{}"{}>', "row", pl.when(is_hidden).then(pl.lit(' hidden="1"')).otherwise(pl.lit("")))
    yield f'{HEAD}<worksheet xmlns="{MAIN}"><dimension ref="A1:{_letter(width - 1)}{cells.height}"/><sheetData>'
    for some in cells.iter_slices(ROWS_AT_ONCE):
        columns = [
            _column(table, first, some.select("row", cell=pl.col(name).cast(pl.String)), at, texts)
            for at, name in enumerate(rows.columns)
        ]
        yield "".join(some.select(pl.concat_str(start, *columns, pl.lit("</row>"))).to_series())
    ranges = "".join(
        f'<mergeCell ref="{_letter(left)}{top + 1}:{_letter(right)}{bottom + 1}"/>'
        for top, left, bottom, right in table.merges
    )
    yield f"</sheetData>{f'<mergeCells>{ranges}</mergeCells>' if ranges else ''}</worksheet>"


def _column(table: Table, first: int, cells: pl.DataFrame, at: int, texts: list[pl.Series]) -> pl.Series:
    """The XML of some cells of a column; its numbers are in the form in which a spreadsheet keeps them."""
    name, cell, letter = table.rows.columns[at], pl.col("cell"), _letter(at)
    is_chosen = _is_at(table.number_cells.get(name, ()), first)
    is_row = pl.col("row").is_between(first, first + table.rows.height - 1)
    may_be_number = pl.when(is_row).then(name in table.number_columns).otherwise(cell.str.len_chars() <= LONGEST_NUMBER)
    is_number = is_chosen | (may_be_number & cell.str.contains(NUMBER))
    is_struck = _is_at(table.struck_rows, first) & (name not in table.number_columns | table.number_cells.keys())
    kinds = cells.with_columns(is_number=is_number, is_formula=~is_row & cell.str.starts_with("=SUM("))
    numbers = kinds.filter("is_number")["cell"].unique()
    said = kinds.filter(~pl.col("is_number") & ~pl.col("is_formula") & (cell != ""))["cell"].unique(maintain_order=True)
    place = cell.replace_strict(said, pl.int_range(len(said), eager=True) + sum(map(len, texts)), default=None)
    number = cell.replace_strict(
        numbers, pl.Series([f"{float(each):.16G}" for each in numbers], dtype=pl.String), default=None
    )
    texts.append(said)
    formula, total = cell.str.extract("^=([^;]*)"), cell.str.extract(";(.*)$")
    style = pl.when(is_chosen).then(pl.lit(AS_DATE if name in table.date_columns else PLAIN)).otherwise(pl.lit(PLAIN))
    struck = pl.when(is_struck).then(pl.lit(STRUCK)).otherwise(pl.lit(PLAIN))
    return kinds.select(
        pl.when(cell.fill_null("") == "")
        .then(pl.lit(""))
        .when("is_formula")
        .then(pl.format(f'<c r="{letter}{{}}"><f>{{}}</f><v>{{}}</v></c>', "row", formula, total))
        .when("is_number")
        .then(pl.format(f'<c r="{letter}{{}}"{{}}><v>{{}}</v></c>', "row", style, number))
        .otherwise(pl.format(f'<c r="{letter}{{}}"{{}} t="s"><v>{{}}</v></c>', "row", struck, place))
        .alias(name)
    ).to_series()


def _is_at(places: Iterable[int], first: int) -> pl.Expr:
    """Whether a row is one of those at the places, counted from the first row below the header."""
    return pl.col("row").is_in([first + place for place in places])


def _letter(column: int) -> str:
    """The letters of a column, counted from 0; no list of the sample has more than 702."""
    return (chr(64 + column // 26) if column >= 26 else "") + chr(65 + column % 26)


def _shared_texts(texts: list[pl.Series]) -> Iterator[str]:
    yield f'{HEAD}<sst xmlns="{MAIN}">'
    for some in texts:
        escaped = some.str.replace_many({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
        yield "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in escaped)
    yield "</sst>"
