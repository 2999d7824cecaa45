"""The sheets 封面 (a township's or the district's figures, from the mart tables) and 填报说明 (how to answer)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl
import xlsxwriter

from pipeline.paper import OVER_ZERO, percent
from pipeline.policy.model import Policy
from pipeline.reports.workbooks.reconciliation import Reconciliation
from pipeline.reports.workbooks.styles import Styles, set_page, write_header, write_note, write_title

Figures = Mapping[str, Any]
Levels = Sequence[tuple[str, Decimal]]

_LAST_COLUMN = 3
_WIDTHS = (26, 18, 26, 18)
_PERSONS = (
    ("名单人数", "roll_count"),
    ("计划人数", "planned_count"),
    ("不符合人数", "excluded_count"),
    ("未确认人数", "unconfirmed_count"),
    ("符合条件人数", "eligible_count"),
    ("参保率", "participation_rate"),
    ("已参保人数", "covered_count"),
    ("未参保人数", "uncovered_count"),
    ("其中：返还人数", "refunded_count"),
    ("其中：代缴人数", "paid_on_behalf_count"),
    ("目标完成率", "target_completion_rate"),
)
_MONEY = (
    ("拨付金额（元）", "allocated_yuan"),
    ("付出金额（元）", "paid_out_yuan"),
    ("核销金额（元）", "used_yuan"),
    ("存疑金额（元）", "disputed_yuan"),
)
_BALANCE = (
    ("结余（元）", "balance_yuan"),
    ("现金结余（元）", "cash_balance_yuan"),
    ("资金使用率", "utilisation_rate"),
)
_MISMATCH_HEADER = ("差异类型", "级别", "条数", "其中：待答复")
_RECONCILIATION_HEADER = ("项目", "人数", "金额（元）", "见")
_PERSON_HEADER = ("方向", "姓名", "证件号码", "金额（元）")
_LIST_HEADER = ("清单", "条数")
_SIGNATURES = "单位负责人（签字）：                    填表人（签字）：                    填报单位（盖章）："

_GUIDE_WIDTHS = (14, 46, 46)
_GUIDE_HEADER = ("处理答复", "什么时候选", "答复内容填什么")
_GUIDE = (
    ("确认身份", "付款行指的是名单内的某个人；或者名单行的证件号码有误、同一证件号有两个姓名", "该人的18位身份证号"),
    ("确认符合", "经核实，此人本年符合参保代缴条件", "可以不填，也可以写说明"),
    ("确认不符合", "经核实，此人本年不符合条件", "不符合的原因，必须是下面列出的用语"),
    ("追回", "多付、错付的款项，由乡镇追回", "可以不填，也可以写说明；追回的款项以退票或退库行入账"),
    ("说明", "不属于以上各项，只需要说明情况", "说明的文字"),
)
_RULES = (
    "1. 只填“差异清单”中的黄色单元格，每行都要写填报人和填报日期（例如 2019-09-30）。",
    "2. 身份证号单元格已设为文本，请直接填写18位号码，不要改成数值格式。",
    "3. 改动受保护的单元格、增加或重复的行、缺少校验码的行都不予采用，会逐行列出原因。",
    "4. 答复由{bureau}另一人复核后才生效；下一次更新时，可以看到每条答复改变了什么。",
    "5. 差异不会因为已经答复而消失，“办理状态”说明它到了哪一步。",
)


def write_cover(
    workbook: xlsxwriter.Workbook,
    styles: Styles,
    titles: Sequence[str],
    figures: Figures,
    mismatches: pl.DataFrame,
    levels: Levels,
    *,
    reconciliation: Reconciliation | None = None,
    lists: Sequence[tuple[str, int]] = (),
) -> None:
    """Write the sheet 封面.

    Args:
        titles: the title, and the notes below it.
        figures: the columns of the mart tables of participation and fund, of a township or of the district.
        mismatches: rows of 差异清单.
        levels: what of the money that is written off each level of government bears, by its word.
        reconciliation: a township's, from what it paid to what its ledger shows; null for the district.
        lists: of the district, how many mismatches each list has; together they are all mismatches of the report.
    """
    worksheet = workbook.add_worksheet("封面")
    set_page(worksheet, is_landscape=False)
    for index, width in enumerate(_WIDTHS):
        worksheet.set_column(index, index, width)
    write_title(worksheet, styles, 0, _LAST_COLUMN, titles[0])
    row = 1
    for note in titles[1:]:
        write_note(worksheet, styles, row, _LAST_COLUMN, note)
        row += 1
    row = _write_figures(worksheet, styles, row, "一、人员", _PERSONS, figures)
    of_levels = {f"used_{number}_yuan": used for number, (_, used) in enumerate(levels)}
    named = [(f"其中：{word}资金（元）", name) for (word, _), name in zip(levels, of_levels, strict=True)]
    row = _write_figures(worksheet, styles, row, "二、资金", (*_MONEY, *named, *_BALANCE), {**figures, **of_levels})
    row = _write_mismatch_counts(worksheet, styles, row, mismatches)
    if reconciliation is not None:
        row = _write_reconciliation(worksheet, styles, row, reconciliation)
    if lists:
        row = _write_lists(worksheet, styles, row, lists)
    write_note(worksheet, styles, row + 1, _LAST_COLUMN, _SIGNATURES, 36)
    worksheet.print_area(0, 0, row + 1, _LAST_COLUMN)


def write_guide(workbook: xlsxwriter.Workbook, styles: Styles, policy: Policy) -> None:
    """Write the sheet 填报说明: the answers, what their content is, and the words for ineligibility."""
    worksheet = workbook.add_worksheet("填报说明")
    set_page(worksheet, is_landscape=False)
    last_column = len(_GUIDE_WIDTHS) - 1
    for index, width in enumerate(_GUIDE_WIDTHS):
        worksheet.set_column(index, index, width)
    write_title(worksheet, styles, 0, last_column, "填报说明")
    write_header(worksheet, styles, 1, _GUIDE_HEADER)
    for row, texts in enumerate(_GUIDE, start=2):
        worksheet.set_row(row, 44)
        for index, text in enumerate(texts):
            worksheet.write_string(row, index, text, styles["wrapped"])
    row = 2 + len(_GUIDE)
    write_note(
        worksheet,
        styles,
        row,
        last_column,
        f"“确认不符合”的原因：{'、'.join(policy.exclusion_reasons)}。",
        54,
        "list_note",
    )
    for place, rule in enumerate(_RULES, start=row + 1):
        write_note(worksheet, styles, place, last_column, rule.format(bureau=policy.bureau), 36, "list_note")


def _write_header(worksheet: Any, styles: Styles, row: int, titles: Sequence[str]) -> None:
    write_header(worksheet, styles, row, titles, 18, "cover_header")


def _write_figures(
    worksheet: Any, styles: Styles, row: int, section: str, labels: Sequence[tuple[str, str]], figures: Figures
) -> int:
    """Two figures a row; returns the next free row."""
    worksheet.set_row(row, 24)
    worksheet.write_string(row, 0, section, styles["section"])
    for place, (label, name) in enumerate(labels):
        line, side = row + 1 + place // 2, place % 2
        is_overspent = name == "utilisation_rate" and figures[name] is not None and figures[name] > 1
        worksheet.write_string(line, 2 * side, f"{label}（超支）" if is_overspent else label, styles["label"])
        _write_figure(worksheet, styles, line, 2 * side + 1, name, figures[name])
    return row + 2 + (len(labels) - 1) // 2


def _write_figure(worksheet: Any, styles: Styles, row: int, column: int, name: str, value: Any) -> None:
    if value is None:
        worksheet.write_string(row, column, OVER_ZERO, styles["figure"])
    elif name.endswith("_rate"):
        worksheet.write_string(row, column, percent(value), styles["figure"])
    else:
        worksheet.write_number(row, column, value, styles["amount" if name.endswith("_yuan") else "count"])


def _write_mismatch_counts(worksheet: Any, styles: Styles, row: int, mismatches: pl.DataFrame) -> int:
    worksheet.set_row(row, 24)
    worksheet.write_string(row, 0, "三、差异", styles["section"])
    counts = (
        mismatches.group_by("kind_text", "severity_text")
        .agg(pl.len().alias("count"), (pl.col("status") == "open").sum().alias("open"))
        .sort(["severity_text", "count", "kind_text"], descending=[True, True, False])
    )
    _write_header(worksheet, styles, row + 1, _MISMATCH_HEADER)
    row += 2
    for kind, severity, count, open_count in counts.iter_rows():
        worksheet.write_string(row, 0, kind, styles["label"])
        worksheet.write_string(row, 1, severity, styles["label"])
        worksheet.write_number(row, 2, count, styles["count"])
        worksheet.write_number(row, 3, open_count, styles["count"])
        row += 1
    worksheet.write_string(row, 0, "合计", styles["cover_header"])
    worksheet.write_string(row, 1, "", styles["cover_header"])
    worksheet.write_number(row, 2, len(mismatches), styles["count"])
    worksheet.write_number(row, 3, counts["open"].sum(), styles["count"])
    return row + 1


def _write_reconciliation(worksheet: Any, styles: Styles, row: int, reconciliation: Reconciliation) -> int:
    """From what the township paid to what its ledger shows, and the persons between the two."""
    worksheet.set_row(row, 24)
    worksheet.write_string(row, 0, "四、核销对账（付款乡镇与名单乡镇）", styles["section"])
    _write_header(worksheet, styles, row + 1, _RECONCILIATION_HEADER)
    row += 2
    for label, persons, place in (
        ("本乡镇付款并核销", reconciliation.paid_here, "本封面“核销金额”"),
        ("减：名单在其他乡镇的人员", reconciliation.of_others, "下表“名单在…”"),
        ("加：其他乡镇付款的本乡镇人员", reconciliation.paid_by_others, "下表“由…付款”"),
        ("台账核销合计", reconciliation.in_ledger, "台账合计行"),
    ):
        worksheet.write_string(row, 0, label, styles["label"])
        worksheet.write_number(row, 1, len(persons), styles["count"])
        worksheet.write_number(row, 2, float(persons["amount_yuan"].sum()), styles["amount"])
        worksheet.write_string(row, 3, place, styles["label"])
        row += 1
    between = [
        *(("名单在" + each["roll_township"], each) for each in reconciliation.of_others.iter_rows(named=True)),
        *(
            ("由" + each["paying_township"] + "付款", each)
            for each in reconciliation.paid_by_others.iter_rows(named=True)
        ),
    ]
    if between:
        _write_header(worksheet, styles, row, _PERSON_HEADER)
        row += 1
    for direction, each in between:
        worksheet.write_string(row, 0, direction, styles["label"])
        worksheet.write_string(row, 1, each["name"] or "", styles["label"])
        worksheet.write_string(row, 2, each["id_text"] or "", styles["text_label"])
        worksheet.write_number(row, 3, float(each["amount_yuan"]), styles["amount"])
        row += 1
    return row


def _write_lists(worksheet: Any, styles: Styles, row: int, lists: Sequence[tuple[str, int]]) -> int:
    """Where the mismatches of the report stand: a list a township, and this one."""
    worksheet.set_row(row, 24)
    worksheet.write_string(row, 0, "四、全部差异在哪些清单（合计即评价报告中的差异数）", styles["section"])
    _write_header(worksheet, styles, row + 1, _LIST_HEADER)
    row += 2
    for name, count in (*lists, ("合计", sum(count for _, count in lists))):
        worksheet.write_string(row, 0, name, styles["label"])
        worksheet.write_number(row, 1, count, styles["count"])
        row += 1
    return row
