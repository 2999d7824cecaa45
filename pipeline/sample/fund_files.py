"""The files of money and what it is measured by: grants, transfers, benefits, questionnaires."""

from decimal import Decimal

import polars as pl

from pipeline.sample.district import District
from pipeline.sample.files import MARK, PlannedFile, Table, as_count, as_date, as_yuan, text_file, workbook


def grant_files(district: District) -> list[PlannedFile]:
    """One workbook, in 万元."""
    cells = district.grants.select(
        pl.col("document_no").alias("文号"),
        pl.col("fund_level").alias("资金级次"),
        pl.Series("金额(万元)", [_in_wan_yuan(amount) for amount in district.grants["amount_yuan"]]),
        as_count("persons").alias("补助人数"),
        as_date("document_date").alias("下达日期"),
    )
    table = Table(cells, number_columns=frozenset({"补助人数"}))
    return [workbook("fund_documents", f"{MARK}_资金下达文件.xlsx", table)]


def allocation_files(district: District) -> list[PlannedFile]:
    """One workbook with a total below."""
    transfers = district.allocations
    cells = transfers.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("序号"),
        pl.col("township").alias("乡镇(街道)"),
        as_count("persons").alias("人数"),
        as_yuan("amount_yuan").alias("金额"),
        as_date("document_date").alias("拨付日期"),
        pl.col("document_no").alias("文号"),
    )
    total = ["合计", None, str(transfers["persons"].sum()), f"{transfers['amount_yuan'].sum():.2f}"]
    table = Table(
        cells,
        preamble=[[f"{MARK} 代缴补助资金拨付表"], ["单位:元"]],
        footer=[total],
        number_columns=frozenset({"序号", "人数", "金额"}),
        merges=((0, 0, 0, cells.width - 1),),
    )
    return [workbook("allocations", f"{MARK}_资金拨付表.xlsx", table)]


def benefit_files(district: District) -> list[PlannedFile]:
    """A text file a month."""
    files = []
    for (month,), rows in district.benefits.partition_by("month", as_dict=True, maintain_order=True).items():
        cells = rows.select(
            pl.col("name").alias("姓名"),
            pl.col("id_no").alias("身份证号"),
            pl.col("month").alias("发放月份"),
            as_yuan("due_amount_yuan").alias("应发金额"),
            as_yuan("amount_yuan").alias("实发金额"),
        )
        files.append(text_file("benefit_payments", f"{MARK}_待遇发放表_{month}.csv", Table(cells)))
    return files


def answer_files(district: District) -> list[PlannedFile]:
    """One workbook."""
    cells = district.answers.select(
        pl.int_range(1, pl.len() + 1).cast(pl.String).alias("序号"), pl.col("answer").alias("总体满意度")
    )
    table = Table(cells, number_columns=frozenset({"序号"}))
    return [workbook("satisfaction_survey", f"{MARK}_满意度问卷.xlsx", table)]


def _in_wan_yuan(amount_yuan: Decimal) -> str:
    return f"{(amount_yuan / 10_000).normalize():f}"
