"""The files of the people's lists: poverty roll, category rolls, townships' verification, pension register."""

from collections.abc import Iterator
from functools import partial

import polars as pl

from pipeline.sample.district import District
from pipeline.sample.files import MARK, PlannedFile, Table, as_count, as_date, as_yuan, in_turn, text_file, workbook
from pipeline.sample.rolls import LATEST, ROLL_COLUMNS, make_roll, snapshot_dates
from pipeline.sample.statuses import UNKNOWN_EXCLUSION

CATEGORY_WORDS: dict[str, tuple[str, ...]] = {
    "低保": ("低保",) * 7 + ("农村低保户", "城市低保", "低保户"),
    "特困": ("特困",) * 5 + ("五保户", "特困人员"),
    "重度残疾": ("重度残疾",) * 5 + ("肢体二级", "重度残疾(一级)", "视力残疾一级", "2级"),
}
"""What the senders write for each category, in turn; in a clean sample the first."""


def roll_files(district: District) -> Iterator[PlannedFile]:
    """The first snapshot in one text file, the second in a text file a township, the latest in workbooks.

    A snapshot is made when its first file is asked for, since no other list is nearly as large.
    """
    first, second, latest = (
        partial(make_roll, district.people, district.policy, district.seed, number) for number in range(LATEST + 1)
    )
    dates = snapshot_dates(district.policy.policy_year)
    first_name = f"{dates[0]:%Y%m%d}_{MARK}_建档立卡动态管理名单.csv"
    yield text_file("poverty_roll", first_name, Table(_roll_cells(first())))
    for township, rows in _by_township(second()):
        dated = _roll_cells(rows).with_columns(pl.lit(f"{dates[1]:%Y-%m-%d}").alias("数据日期"))
        name = f"{dates[1]:%Y}年年中/{MARK}_{township}.txt"
        yield text_file("poverty_roll", name, Table(dated), delimiter="\t")
    for township, rows in _by_township(latest()):
        numbers = {"证件号码": rows.with_row_index("at").filter("id_is_number")["at"].to_list()}
        table = Table(_roll_cells(rows), number_columns=frozenset({"人数", "人均纯收入"}), number_cells=numbers)
        yield workbook("poverty_roll", f"{dates[LATEST]:%Y%m%d}_{MARK}_{township}.xlsx", table)


def category_files(district: District) -> list[PlannedFile]:
    """A text file a category."""
    files = []
    lists = district.category_rolls.partition_by("category", as_dict=True, maintain_order=True)
    for (category,), rows in lists.items():
        words = {str(category): CATEGORY_WORDS[str(category)]}
        cells = rows.select(
            pl.col("name").alias("姓名"),
            pl.col("id_no").alias("身份证号码"),
            in_turn("category", words, is_clean=district.is_clean).alias("救助类别"),
        )
        name = f"{MARK}_{category}名单_{district.policy.policy_year}0430.csv"
        files.append(text_file("category_rolls", name, Table(cells)))
    return files


def classification_files(district: District) -> list[PlannedFile]:
    """A workbook a township and round."""
    files = []
    rounds = district.classification.partition_by("round", "township_code", as_dict=True, maintain_order=True)
    for (number, _), rows in rounds.items():
        township = rows["township"][0]
        cells = rows.select(
            pl.int_range(1, pl.len() + 1).cast(pl.String).alias("序号"),
            pl.col("township").alias("乡镇"),
            pl.col("village_name").alias("行政村"),
            pl.col("name").alias("姓名"),
            pl.col("id_text").alias("身份证号"),
            pl.col("class").alias("核查分类"),
            pl.col("class_reason").alias("不符合原因"),
            as_date("verified_date").alias("核查日期"),
        )
        table = Table(cells, number_columns=frozenset({"序号"}))
        files.append(workbook("classification", f"{township}/{MARK}_分类数据_第{number}轮.xlsx", table))
    return files


def register_files(district: District) -> list[PlannedFile]:
    """One text file."""
    cells = district.register.select(
        pl.col("id_no").alias("身份证号"),
        pl.col("name").alias("姓名"),
        pl.col("insured_status").alias("参保状态"),
        pl.col("exclusion").alias("排除情形"),
        as_date("death_date").alias("死亡日期"),
        pl.col("benefit_status").alias("待遇状态"),
        as_yuan("self_paid_amount_yuan").alias("个人缴费金额"),
        as_date("self_paid_date").alias("个人缴费日期"),
    )
    unknown = district.register.filter(pl.col("exclusion") == UNKNOWN_EXCLUSION).height
    return [text_file("pension_register", f"{MARK}_参保登记.csv", Table(cells), rows_quarantined=unknown)]


def _by_township(rows: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
    for township in rows["township"].unique(maintain_order=True):
        yield township, rows.filter(pl.col("township") == township)


def _roll_cells(rows: pl.DataFrame) -> pl.DataFrame:
    texts = rows.with_columns(as_count("household_size"), as_count("income"))
    return texts.select(pl.col(column).alias(header) for header, column in ROLL_COLUMNS.items())
