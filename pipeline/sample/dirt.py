"""Which file gets which dirt. The figures and mismatches stay as they are; the plan of the files is kept right.

The steps follow one another: rows first (while every cell is plain), then cells, then lines around the rows, then the
form of the text files, and at last files that come again.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import groupby
from pathlib import PurePosixPath

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.cell_dirt import FULL_WIDTH, soil_cells, township_forms
from pipeline.sample.file_dirt import (
    Files,
    damaged,
    in_form,
    lists_of_failures,
    no_lists,
    reprints,
    same_bytes,
    same_rows,
    strays,
    with_cumulative_transfers,
    with_sums_of_fees,
    without_batch_number,
)
from pipeline.sample.files import MARK, Cells, PlannedFile, Table, exchanged, of_source, renamed, text_file
from pipeline.sample.payments import PENSION_ITEM
from pipeline.sample.row_dirt import (
    in_fen,
    with_bad_row,
    with_header_names,
    with_hidden_half,
    with_marked_rows,
    with_numbered_columns,
    with_pages,
    with_rows_of,
    with_subtotal,
    with_title,
    with_total,
    with_township_outside,
    with_two_header_rows,
    with_unit_above,
)

BAD_CELLS: dict[str, dict[str, str | None]] = {
    "poverty_roll": {"姓名": None},
    "classification": {"核查日期": "2019-02-30", "身份证号": "待补"},
    "pension_register": {"待遇状态": "待核实", "身份证号": "待补"},
    "tax_returns": {"实缴金额": "待核", "电子税票号码": None, "征收项目": PENSION_ITEM, "征收结果": "已入库"},
    "category_rolls": {"救助类别": "残疾待评级", "身份证号码": "待补"},
}
"""In one file of a source, what makes a row of it unreadable.

Where the row would be evidence of a person, it has no valid ID, so that it holds nobody.
"""

IN_FEN_PLACE = 3
UNIT_ABOVE_PLACE = 8
CUT_PLACE = 5
"""Of the monthly benefit files, those in 分 (by the header, by a line above it) and the one without its last line break."""

BENEFIT_SUFFIXES = {6: ".tsv", 7: ".dat", 9: ""}
"""Other suffixes of monthly benefit files."""

MARKED_ROWS = 3
"""Rows that a sheet has at least where one of them is hidden and one struck through."""

HEADER_NAMES = {"姓名": "*姓 名", "身份证号": "身份证\n号码", "核查分类": "处理方式"}
REGISTER_HEADER_NAMES = {"身份证号": "※公民身份号码(必填)", "个人缴费金额": "个人缴费金额（元）"}


def soil(files: Iterator[PlannedFile], policy: Policy, rng: np.random.Generator) -> Iterator[PlannedFile]:
    """The files with dirt of every common kind, and with files that come again, are damaged or are no lists.

    The poverty roll's, which stand first, are given back one after another, since they are too large to be held together.
    """
    sources = groupby(files, lambda planned: planned.source)
    _, roll = next(sources)
    planned = next(roll)
    old_snapshot = _old_snapshot(planned, policy)
    yield in_form(soil_cells(planned, policy, rng), 0)
    # The first snapshot is one file: it goes before the next one is made.
    del planned
    planned, place = next(roll), 1
    for following in roll:
        yield in_form(_roll(soil_cells(planned, policy, rng), place), place)
        planned, place = following, place + 1
    last = with_bad_row(planned, BAD_CELLS["poverty_roll"])
    yield in_form(_roll(soil_cells(last, policy, rng), place), place)
    others = [planned for _, of_one in sources for planned in of_one]
    yield from _soil_others(others, old_snapshot, place + 1, policy, rng)


def _soil_others(
    files: Files, old_snapshot: PlannedFile, place: int, policy: Policy, rng: np.random.Generator
) -> Files:
    """The other sources' files, of which some are made from several; the first stands at the place behind the roll's."""
    for step in (
        _with_repeated_rows,
        _with_bad_rows,
        _with_months_in_fen,
        _with_townships_outside,
        with_cumulative_transfers,
    ):
        files = step(files)
    files = [*files, old_snapshot, *lists_of_failures(files)]
    files = [soil_cells(planned, policy, rng) for planned in files]
    files = files + same_rows(files) + reprints(files)
    files = without_batch_number(with_sums_of_fees(_with_lines_around(files, policy)))
    files = [in_form(planned, at) for at, planned in enumerate(files, start=place)]
    return files + same_bytes(files) + damaged(files) + no_lists() + strays()


def _with_repeated_rows(files: Files) -> Files:
    """The first township's second tax list repeats rows of its first."""
    first, second = of_source(files, "tax_returns")[:2]
    return exchanged(files, second, with_rows_of(second, first, 8))


def _with_bad_rows(files: Files) -> Files:
    for source in ("classification", "pension_register", "tax_returns", "category_rolls"):
        planned = of_source(files, source)[-1]
        files = exchanged(files, planned, with_bad_row(planned, BAD_CELLS[source]))
    return files


def _with_months_in_fen(files: Files) -> Files:
    months = of_source(files, "benefit_payments")
    for place in (IN_FEN_PLACE, UNIT_ABOVE_PLACE):
        in_small = in_fen(months[place], ("应发金额", "实发金额"))
        files = exchanged(files, months[place], with_unit_above(in_small) if place == UNIT_ABOVE_PLACE else in_small)
    return files


def _with_townships_outside(files: Files) -> Files:
    """From the third township on: in the folder's name alone, in the sheet's, or in the title."""
    for source, places in (("tax_returns", ("folder", "sheet")), ("classification", ("title", "sheet", "folder"))):
        for turn, planned in enumerate(of_source(files, source)[4::2]):
            files = exchanged(files, planned, with_township_outside(planned, places[turn % len(places)]))
    return files


def _old_snapshot(first: PlannedFile, policy: Policy) -> PlannedFile:
    """A snapshot dated in the year before, which is read but isn't part of the roll."""
    rows = first.table.rows.gather(range(min(60, first.table.rows.height)))
    return text_file("poverty_roll", f"{policy.policy_year - 1}1231_{MARK}_上年名单.csv", Table(rows))


def _with_lines_around(files: Files, policy: Policy) -> Files:
    makers: dict[str, Callable[[PlannedFile, int], PlannedFile]] = {
        "classification": _classification,
        "pension_register": _register,
        "bank_returns": lambda planned, place: _with_head_alias(planned, place, policy),
        "tax_returns": _tax,
        "benefit_payments": _benefits,
        "satisfaction_survey": lambda planned, _: replace(planned, name=renamed(planned, "", ".csv")),
    }
    for source, maker in makers.items():
        for place, planned in enumerate(of_source(files, source)):
            if planned.status == "read":
                files = exchanged(files, planned, maker(planned, place))
    return files


def _roll(planned: PlannedFile, place: int) -> PlannedFile:
    if not planned.is_workbook:
        return planned
    titled = with_title(planned, "建档立卡动态管理名单") if place % 2 == 0 else planned
    return with_pages(titled) if place % 3 == 0 else titled


def _classification(planned: PlannedFile, place: int) -> PlannedFile:
    named = with_header_names(planned, HEADER_NAMES) if place % 2 else planned
    titled = with_title(named, "分类核查名单")
    if place % 5 == 3:
        titled = with_numbered_columns(titled)
    if place % 5 == 4 and planned.table.rows.height > MARKED_ROWS:
        titled = with_marked_rows(titled)
    return with_hidden_half(titled) if place % 5 == 2 else titled


def _benefits(planned: PlannedFile, place: int) -> PlannedFile:
    path = PurePosixPath(planned.name)
    name = str(path.with_name(path.stem + BENEFIT_SUFFIXES.get(place, path.suffix)))
    return replace(planned, name=name, has_final_newline=place != CUT_PLACE)


def _register(planned: PlannedFile, _: int) -> PlannedFile:
    return with_header_names(with_title(planned, "参保登记"), REGISTER_HEADER_NAMES)


def _tax(planned: PlannedFile, place: int) -> PlannedFile:
    """Pages and subtotals in every third file, a total in all; it is a formula in workbooks without subtotals."""
    total = _sum(planned.table.rows["实缴金额"])
    if planned.is_workbook and place % 4 == 0:
        planned = with_two_header_rows(with_title(planned, "税务征收返盘名单"))
    has_pages = place % 3 == 1
    if has_pages:
        planned = with_pages(with_subtotal(planned, "实缴金额"))
    return with_total(planned, "实缴金额", total, is_formula=planned.is_workbook and not has_pages)


def _with_head_alias(planned: PlannedFile, place: int, policy: Policy) -> PlannedFile:
    """In every fourth batch the head has another of the township's names."""
    if place % 4 != 1:
        return planned
    head: Cells = list(planned.table.preamble[-1])
    for township in policy.townships:
        forms = township_forms(township.name, policy)
        named = [cell and cell.replace(township.name, forms[place % len(forms)]) for cell in head]
        if named != head:
            preamble = [*planned.table.preamble[:-1], named]
            return planned.with_table(replace(planned.table, preamble=preamble))
    return planned


def _sum(amounts: pl.Series) -> Decimal:
    """The sum of amounts in whatever form; what can't be read counts as 0."""
    narrow = {wide: digit for digit, wide in FULL_WIDTH.items()}
    plain = amounts.str.replace_many(narrow).str.replace_all("[,元]", "")
    return Decimal(plain.cast(pl.Decimal(18, 2), strict=False).sum())
