"""Dirt in cells that changes nothing: IDs, names, amounts, dates and townships in the forms that counties send them.

Each column is found by its header. What isn't in the common form (a damaged ID, an amount that can't be read) is left
alone.
"""

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.files import PlannedFile, Table
from pipeline.sample.identity import as_15_digits, is_sound

SHARE = 0.003
"""Share of the cells that each kind of dirt takes."""

ID_HEADERS = {"证件号码", "身份证号", "身份证号码"}
NAME_HEADERS = {"姓名", "户名"}
DATE_HEADERS = {"核查日期", "个人缴费日期", "入库日期", "数据日期", "拨付日期", "下达日期", "死亡日期"}
AMOUNT_HEADERS = {"金额", "实缴金额", "个人缴费金额", "实发金额"}
TOWNSHIP_HEADERS = {"乡镇"}
SHARED_ACCOUNT_START = "99530199"

FULL_WIDTH = {str(digit): chr(0xFF10 + digit) for digit in range(10)}
DOTS = "•・∙‧．."
EXCEL_DAY_0 = date(1899, 12, 30)

Forms = list[pl.Expr]


def soil_cells(planned: PlannedFile, policy: Policy, rng: np.random.Generator) -> PlannedFile:
    """The file with some cells of its tables in other forms; not one of them means anything else."""
    tables = tuple(_soiled(table, planned, policy, rng) for table in planned.tables)
    return replace(planned, tables=tables)


def township_forms(name: str, policy: Policy) -> list[str]:
    """Other forms of a township's name."""
    full = f"{policy.city_name}{policy.district_name}{name}"
    if name.endswith("街道"):
        short = name.removesuffix("街道")
        forms = [f"{name}办事处", f"{short}办事处", f"{short}办", short, f"{policy.district_name}{short}办"]
    else:
        forms = [f"{name}人民政府", f"{name}政府", name[:-1], f"{policy.district_name}{name[:-1]}"]
    return [*forms, full, *(alias for alias, meant in policy.township_aliases.items() if meant == name)]


def _soiled(table: Table, planned: PlannedFile, policy: Policy, rng: np.random.Generator) -> Table:
    rows = table.rows.with_columns(_is_identified(table.rows).alias("is_identified"))
    for header in table.rows.columns:
        value = pl.col(header)
        if header in ID_HEADERS:
            may_be_formula = not planned.is_workbook and planned.source != "bank_returns"
            forms = _id_forms(value, planned.delimiter == " ")
            forms = [*forms, pl.concat_str(pl.lit('="'), value, pl.lit('"'))] if may_be_formula else forms
            rows = _sometimes(rows, header, pl.lit(True), forms, rng)
        elif header in NAME_HEADERS:
            rows = _with_other_dots(rows, header)
            forms = [_after_first(value, " "), _after_first(value, "　")]
            rows = _sometimes(rows, header, value.str.len_chars() == 2, forms, rng)
        elif header in AMOUNT_HEADERS:
            rows = _sometimes(rows, header, value.str.contains(r"^\d+\.\d0$"), _amount_forms(value), rng)
        elif header in DATE_HEADERS:
            is_plain = value.str.contains(r"^\d{4}-\d\d-\d\d$")
            rows = _sometimes(rows, header, is_plain, _date_forms(value), rng, share=0.04)
        elif header in TOWNSHIP_HEADERS:
            rows = _with_township_forms(rows, header, policy, rng)
    soiled = replace(table, rows=rows.drop("is_identified"))
    return _with_number_cells(soiled, rng) if planned.is_workbook else soiled


def _is_identified(rows: pl.DataFrame) -> pl.Expr:
    """Whoever has no sound ID is known by his other cells alone, so these stay as they are."""
    headers = [header for header in rows.columns if header in ID_HEADERS]
    return is_sound(pl.col(headers[0]).fill_null("")) if headers else pl.lit(True)


def _sometimes(
    rows: pl.DataFrame, header: str, fits: pl.Expr, forms: Forms, rng: np.random.Generator, share: float = SHARE
) -> pl.DataFrame:
    """Each form takes its share of the fitting cells, in a small table a greater one."""
    share = min(max(share, 2 / max(rows.height, 1)), 0.5 / len(forms))
    chance = (pl.Series(rng.random(rows.height)) / share).floor().cast(pl.Int64)
    cell = pl.col(header)
    for place, form in enumerate(forms):
        cell = pl.when(fits & pl.col("is_identified") & (chance == place)).then(form).otherwise(cell)
    return rows.with_columns(cell.alias(header))


def _id_forms(id_no: pl.Expr, is_blank_separated: bool) -> Forms:
    forms = [
        pl.lit("'") + id_no,
        id_no.str.replace_many(FULL_WIDTH),
        id_no.str.to_lowercase(),
        as_15_digits(id_no),
        id_no + "43",
        _apart(id_no, "\u200b"),
    ]
    return forms if is_blank_separated else [*forms, _apart(id_no, " "), _apart(id_no, "\u00a0")]


def _apart(id_no: pl.Expr, between: str) -> pl.Expr:
    return pl.concat_str(id_no.str.slice(0, 6), id_no.str.slice(6, 8), id_no.str.slice(14), separator=between)


def _after_first(name: pl.Expr, between: str) -> pl.Expr:
    return name.str.slice(0, 1) + between + name.str.slice(1)


def _with_other_dots(rows: pl.DataFrame, header: str) -> pl.DataFrame:
    dot = pl.lit(DOTS).str.slice(pl.int_range(pl.len()) % len(DOTS), 1)
    name = pl.col(header)
    return rows.with_columns(
        pl.when(name.str.contains("·", literal=True) & pl.col("is_identified"))
        .then(name.str.replace("·", dot, literal=True))
        .otherwise(name)
        .alias(header)
    )


def _amount_forms(amount: pl.Expr) -> Forms:
    whole = amount.str.replace(r"\.00$", "")
    grouped = whole.str.replace(r"^(\d+)(\d{3})$", "$1,$2") + amount.str.slice(-3)
    return [
        amount.str.head(-1),
        whole + "元",
        whole.str.replace_many(FULL_WIDTH),
        pl.when(amount.str.contains(r"^\d{4,6}\.00$")).then(grouped).otherwise(amount),
    ]


def _date_forms(day: pl.Expr) -> Forms:
    year, month, day_of_month = day.str.slice(0, 4), day.str.slice(5, 2), day.str.slice(8, 2)
    short = [month.str.strip_chars_start("0"), day_of_month.str.strip_chars_start("0")]
    return [
        year + month + day_of_month,
        pl.concat_str(year, *short, separator="."),
        pl.concat_str(year, *short, separator="-"),
        pl.concat_str(year, *short, separator="/"),
        pl.concat_str(year, pl.lit("年"), short[0], pl.lit("月"), short[1], pl.lit("日")),
    ]


def _with_township_forms(rows: pl.DataFrame, header: str, policy: Policy, rng: np.random.Generator) -> pl.DataFrame:
    known = [township.name for township in policy.townships if township.name in set(rows[header])]
    for name in known:
        forms: Forms = [pl.lit(form) for form in township_forms(name, policy)]
        rows = _sometimes(rows, header, pl.col(header) == name, forms, rng)
    return rows


def without_serial_dates(table: Table) -> Table:
    """The table with no number cell but those of number columns: serial numbers of dates are dates again."""
    rows = table.rows
    for header in DATE_HEADERS & set(table.number_cells):
        serial = pl.col(header).str.extract(r"^(\d{5})$").cast(pl.Int64)
        day = (pl.lit(EXCEL_DAY_0) + pl.duration(days=serial)).dt.strftime("%Y-%m-%d")
        rows = rows.with_columns(pl.coalesce(day, pl.col(header)).alias(header))
    return replace(table, rows=rows, number_cells={})


def _with_number_cells(table: Table, rng: np.random.Generator) -> Table:
    """In workbooks some accounts are numbers, which makes them unknown, and some dates are serial numbers.

    Half of the workbooks show the serial numbers as dates.
    """
    cells, rows = dict(table.number_cells), table.rows
    if "账号" in rows.columns:
        chosen = (pl.Series(rng.random(rows.height)) < 0.02) & ~rows["账号"].str.starts_with(SHARED_ACCOUNT_START)
        cells["账号"] = chosen.arg_true().to_list()
    for header in DATE_HEADERS & set(rows.columns):
        days = rows[header].str.to_date("%Y-%m-%d", strict=False)
        chosen = (pl.Series(rng.random(rows.height)) < 0.02) & days.is_not_null()
        serial = (days - EXCEL_DAY_0).dt.total_days().cast(pl.String)
        rows = rows.with_columns(pl.when(chosen).then(serial).otherwise(pl.col(header)).alias(header))
        cells[header] = chosen.arg_true().to_list()
    shown = frozenset(DATE_HEADERS) if rng.random() < 0.5 else frozenset()
    return replace(table, rows=rows, number_cells=cells, date_columns=shown)
