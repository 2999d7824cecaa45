"""An inspection as a Chinese text for the bureau's staff. Nothing is looked at here."""

from pipeline.landing.inspected import Inspection, TableSeen
from pipeline.landing.parse import READ

_KINDS = {"xlsx": "工作簿(.xlsx)", "xls": "工作簿(.xls)", "text": "文本", "other": "其他"}
_OTHER_SUFFIX = "不读取这种后缀的文件。如其中有数据,请另存为 .xlsx 后重新报送。"


def describe(inspection: Inspection) -> str:
    """The inspection in words: kind, layout or the nearest one, refusal with its next step, header, first rows masked."""
    parsed = inspection.parsed
    lines = [f"文件:{inspection.file_name}", f"类型:{_KINDS[parsed.kind]}"]
    if parsed.encoding:
        lines.append(f"编码:{parsed.encoding}")
    if inspection.source:
        lines.append(f"来源:{inspection.source}({'由路径得知' if inspection.is_source_known else '由版式推断'})")
    lines.append(f"版式:{parsed.layout or '没有符合的版式'}")
    if inspection.nearest and inspection.nearest.found:
        lines += _nearest_lines(inspection)
    lines += _outcome_lines(inspection)
    lines += _told_lines(inspection)
    for table in inspection.tables:
        lines += _table_lines(table)
    if inspection.first_rows:
        lines.append("前几行(已遮盖):" if parsed.layout else "前几行(只显示各列内容的类型和长度):")
        lines += [f"  第 {number} 行:{_cells_text(cells)}" for number, cells in inspection.first_rows]
    return "\n".join(lines)


def _nearest_lines(inspection: Inspection) -> list[str]:
    nearest = inspection.nearest
    if nearest is None:
        return []
    return [
        f"最接近的版式:{nearest.layout.source} / {nearest.layout.name}",
        f"  已有表头:{'、'.join(nearest.found)}",
        f"  缺少表头:{'、'.join(nearest.missing)}",
    ]


def _outcome_lines(inspection: Inspection) -> list[str]:
    parsed = inspection.parsed
    if parsed.kind == "other":
        return [f"结果:跳过。{_OTHER_SUFFIX}"]
    if parsed.status != READ:
        return ["结果:拒绝", f"原因:{parsed.reason}"]
    accepted, quarantined, dropped = inspection.row_fates
    lines = [f"结果:可以读取,共 {parsed.rows_read} 行:接收 {accepted},隔离 {quarantined},不使用 {dropped}"]
    if parsed.control_count is not None or parsed.control_yuan is not None:
        count = "未写" if parsed.control_count is None else f"{parsed.control_count} 笔"
        amount = "未写" if parsed.control_yuan is None else f"{parsed.control_yuan} 元"
        lines.append(f"合计:{count},{amount}(与明细一致)")
    if parsed.reason:
        lines.append(f"说明:{parsed.reason}")
    if inspection.problems:
        lines.append("被隔离的前几行:")
    return [*lines, *(f"  第 {number} 行 {field}:{reason}" for number, field, reason in inspection.problems)]


def _told_lines(inspection: Inspection) -> list[str]:
    """What else of the file is worth a look: units, columns that nobody takes, fields without a column, IDs as numbers."""
    parsed = inspection.parsed
    lines = []
    if parsed.unit:
        lines.append(f"金额单位:{parsed.unit}")
    if parsed.columns_unused:
        lines.append(f"没有采用的列:{parsed.columns_unused}")
    if parsed.fields_not_found:
        lines.append(f"没有找到的字段(括号中为相近的表头):{parsed.fields_not_found}")
    if inspection.numeric_id_count:
        lines.append(
            f"注意:有 {inspection.numeric_id_count} 个证件号码以数值存储,已丢失末位数字。请把该列改为文本后重新报送。"
        )
    return lines


def _table_lines(table: TableSeen) -> list[str]:
    place = "文件" if table.sheet is None else f"工作表“{table.sheet}”"
    if table.header_rows is None:
        return [f"{place}:没有表头行" if table.sheet is None else place]
    first, last = table.header_rows
    rows = f"第 {first} 行" if first == last else f"第 {first} 至 {last} 行"
    return [f"{place}:表头在{rows}", f"  列:{_columns_text(table)}"]


def _columns_text(table: TableSeen) -> str:
    return "、".join(f"{label}({field})" for field, label in table.columns)


def _cells_text(cells: dict[str, str]) -> str:
    return " | ".join(f"{name} {cell}" for name, cell in cells.items())
