"""What ten and a hundred times the persons cost: first refreshes of text files, their time, CPU seconds and greatest memory.

The lists of a clean sample of 65,443 persons are written as text, once, ten times and, where it is asked for, a hundred times as
long: each copy has IDs under an area code of nobody, and accounts, households and vouchers of its own. A refresh must cover the
same part of the persons each time. 6.5 million persons take 6 GB of landed text, and three times as much for what is made of it.

Usage: python tenfold.py [--copies 1,10] [--persons 65443]
"""

import argparse
import os
import shutil
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
from bench import DAIJIAO, KEY, YEAR
from clean_sample import write_clean_sample
from floor import files, roll_rows, text, workbook
from measuring import Cost, run

IDS = {"身份证号", "证件号码", "身份证号码"}
OF_A_COPY = {"户编号", "人编号", "账号", "电子税票号码"}
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS = "10X98765432"
FIRST_AREA = 539_000
CODES = {"成功": "0000", "退票": "3019"}
BANK_COLUMNS = ("序号", "姓名", "账号", "金额", "身份证号", "结果")
AIM = "≤ 10.5"


def main() -> int:
    """Write, refresh and print each size; 1 where one covers another part of its persons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", default="1,10", help="how often the persons are written; 1,10,100 for 6.5 million")
    parser.add_argument("--persons", type=int, default=65_443)
    asked = parser.parse_args()
    os.environ.setdefault("DAIJIAO_KEY", KEY)
    print("| persons | landed MB | CPU seconds | clock seconds | × the size before | peak memory, GB |")
    print("|---|---|---|---|---|---|")
    before: Cost | None = None
    covered: set[Decimal] = set()
    with tempfile.TemporaryDirectory(prefix="daijiao-tenfold-") as name:
        folder = Path(name)
        os.environ["DAGSTER_HOME"] = str(folder / "dagster")
        write_clean_sample(folder / "sample", YEAR, asked.persons)
        for copies in map(int, asked.copies.split(",")):
            cost, persons, rate, size = refreshed(folder, copies)
            times = f"{cost.cpu_seconds / before.cpu_seconds:.1f} (aim {AIM})" if before else "–"
            row = f"{persons:,} | {size / 1e6:,.0f} | {cost.cpu_seconds:.1f} | {cost.seconds:.1f} | {times}"
            print(f"| {row} | {cost.gigabytes:.2f} |", flush=True)
            before = cost
            covered.add(rate)
    return int(len(covered) > 1)


def refreshed(folder: Path, copies: int) -> tuple[Cost, int, Decimal, int]:
    """A first refresh of so many copies: its cost, the persons, the part that is covered, and the landed bytes."""
    raw, warehouse = folder / f"raw-{copies}", folder / f"warehouse-{copies}"
    write_copies(folder / "sample" / str(YEAR), raw / str(YEAR), copies)
    size = sum(path.stat().st_size for path in raw.rglob("*") if path.is_file())
    cost, _ = run([DAIJIAO, "refresh", "--year", str(YEAR), "--raw", str(raw), "--warehouse", str(warehouse)])
    with duckdb.connect(str(warehouse / "published.duckdb"), read_only=True) as connection:
        found = connection.execute("select roll_count, participation_rate from mart.district_summary").fetchall()
    for made in (raw, warehouse):
        shutil.rmtree(made)
    return cost, found[0][0], found[0][1], size


def write_copies(sample: Path, target: Path, copies: int) -> None:
    """Every list of a sample as text, its persons so many times."""
    for day, rows in roll_rows(sample / "poverty_roll", YEAR, every_column=True).group_by("day"):
        write(rows.drop("day"), target / "poverty_roll" / f"{day[0]}_名单.csv", copies)
    write(
        pl.concat([workbook(path) for path in files(sample / "classification", "*.xlsx")]),
        target / "classification" / "分类.csv",
        copies,
    )
    taxes = [workbook(path) for path in files(sample / "tax_returns", "*.xlsx")]
    write(
        pl.concat([*taxes, *map(text, files(sample / "tax_returns", "*.csv"))]),
        target / "tax_returns" / "征收返盘.csv",
        copies,
    )
    for source in ("pension_register", "category_rolls", "benefit_payments"):
        for path in files(sample / source, "*.csv"):
            write(text(path), target / source / path.name, copies)
    for path in files(sample / "bank_returns", "*.*"):
        write_bank(path, target / "bank_returns" / f"{path.parent.name}_{path.stem}.txt", copies)
    [transfers] = files(sample / "allocations", "*.xlsx")
    [documents] = files(sample / "fund_documents", "*.xlsx")
    [survey] = files(sample / "satisfaction_survey", "*.xlsx")
    given = workbook(transfers, header_row=2).filter(pl.col("拨付日期").is_not_null())
    write(given.with_columns(times(copies, "人数"), times(copies, "金额")), target / "allocations" / "拨付表.csv", 1)
    granted = workbook(documents).with_columns(times(copies, "补助人数"), times(copies, "金额(万元)"))
    write(granted, target / "fund_documents" / "下达文件.csv", 1)
    write(workbook(survey), target / "satisfaction_survey" / "问卷.csv", 1)


def times(copies: int, column: str) -> pl.Expr:
    """A number of persons or an amount for so many copies."""
    return (
        (pl.col(column).cast(pl.Decimal(18, 6)) * copies)
        .cast(pl.String)
        .str.strip_chars_end("0")
        .str.strip_chars_end(".")
    )


def write(rows: pl.DataFrame, path: Path, copies: int) -> None:
    """Append the copies one by one, so that no more than one is in memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        for copy in range(copies):
            copied(rows, copy).write_csv(stream, include_header=copy == 0)


def copied(rows: pl.DataFrame, copy: int) -> pl.DataFrame:
    """The rows with the persons of a copy."""
    ids = [id_of_copy(pl.col(name), copy).alias(name) for name in rows.columns if name in IDS]
    own = [
        (pl.lit(f"{copy:02d}") + pl.col(name).str.slice(2)).alias(name) for name in rows.columns if name in OF_A_COPY
    ]
    return rows.with_columns(*ids, *own)


def id_of_copy(number: pl.Expr, copy: int) -> pl.Expr:
    """An ID of the same birth and sex under the area code of a copy, with the check character that belongs to it."""
    body = pl.lit(str(FIRST_AREA + copy)) + number.str.slice(6, 11)
    total = pl.sum_horizontal(body.str.slice(place, 1).cast(pl.Int32) * weight for place, weight in enumerate(WEIGHTS))
    return body + (total % 11).replace_strict(list(range(11)), list(CHECK_CHARACTERS), return_dtype=pl.String)


def write_bank(path: Path, target: Path, copies: int) -> None:
    """A bank list of any layout as one with pipes, whose first line counts the lines of all copies."""
    head, lines = bank_lines(path)
    total = lines["金额"].cast(pl.Decimal(18, 2)).sum() * copies
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as stream:
        stream.write(f"{'|'.join(head)}|{lines.height * copies}|{total:.2f}|\n")
        for copy in range(copies):
            numbers = pl.int_range(copy * lines.height + 1, (copy + 1) * lines.height + 1, eager=True)
            rows = copied(lines, copy).with_columns(numbers.cast(pl.String).alias("序号")).select(BANK_COLUMNS)
            stream.writelines(f"{'|'.join(row)}||\n" for row in rows.iter_rows())


def bank_lines(path: Path) -> tuple[list[str], pl.DataFrame]:
    """Batch, date and township of a bank list, and its lines in common columns."""
    if path.suffix == ".xlsx":
        made, batch, township = (part.split(":")[1] for part in workbook(path, header_row=1).columns[0].split(" "))
        # Below the lines stand their total and who made the list.
        rows = workbook(path, header_row=2).filter(pl.col("处理标志").is_not_null())
        rows = rows.rename({"户名": "姓名", "处理标志": "结果"})
        head = [batch, made.replace("-", ""), township]
    else:
        lines = path.read_text("utf-8").splitlines()
        is_pipe = "|" in lines[0]
        head = lines[0].split("|" if is_pipe else " ")[:3]
        names = BANK_COLUMNS if is_pipe else ("序号", "身份证号", "账号", "金额", "结果", "返回信息", "姓名")
        body = [
            line.split("|" if is_pipe else None, 6)[: len(names)] for line in (lines[1:] if is_pipe else lines[1:-1])
        ]
        rows = pl.DataFrame(body, schema=dict.fromkeys(names, pl.String), orient="row")
        if not is_pipe:
            rows = rows.with_columns(
                (pl.col("金额").cast(pl.Decimal(18, 2)) / 100).cast(pl.Decimal(18, 2)).cast(pl.String)
            )
    outcome = pl.col("结果").replace(CODES)
    return head, rows.with_columns(
        结果=pl.when(outcome.str.contains(r"^\d{4}$")).then(outcome).otherwise(pl.lit("3009"))
    )


if __name__ == "__main__":
    sys.exit(main())
