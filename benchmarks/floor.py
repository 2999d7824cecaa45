"""The least that the township tables of a clean sample cost: the same files, read with fastexcel and Polars, no more.

No orchestrator, no checks, no provenance, no dirt. Prints the tables of participation and funds as CSV, with a blank
line between. Usage: python floor.py RAW YEAR
"""

import sys
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl

DIVISIONS = Path(__file__).parents[1] / "pipeline/policy/divisions/530113.csv"
PREMIUM = 100
MONEY = pl.Decimal(18, 2)
SIX_PLACES = pl.Decimal(18, 6)
LEVELS = (("municipal", 80), ("district", 20))
ALL_ROLL_COLUMNS = (pl.selectors.exclude("数据日期"),)
REST = ("fund_documents", "satisfaction_survey")

PARTICIPATION_COLUMNS = (
    "policy_year",
    "township_code",
    "township_name",
    "roll_count",
    "planned_count",
    "excluded_count",
    "unconfirmed_count",
    "eligible_count",
    "refunded_count",
    "paid_on_behalf_count",
    "covered_count",
    "uncovered_count",
    "participation_rate",
    "target_completion_rate",
)
FUND_COLUMNS = (
    "policy_year",
    "township_code",
    "township_name",
    "allocated_yuan",
    "paid_out_yuan",
    "used_yuan",
    "used_municipal_yuan",
    "used_district_yuan",
    "disputed_yuan",
    "balance_yuan",
    "cash_balance_yuan",
    "utilisation_rate",
)


def workbook(path: Path, header_row: int = 0) -> pl.DataFrame:
    """The first sheet of a workbook as text."""
    return fastexcel.read_excel(path).load_sheet(0, header_row=header_row, dtypes="string").to_polars()


def text(path: Path, separator: str = ",") -> pl.DataFrame:
    """A text file with a header, as text."""
    return pl.read_csv(path, separator=separator, infer_schema=False)


def files(folder: Path, pattern: str) -> list[Path]:
    """The files of a source, sorted."""
    return sorted(folder.rglob(pattern))


def roll_rows(folder: Path, year: int, *, every_column: bool = False) -> pl.DataFrame:
    """Every row of every snapshot, with the day of the snapshot."""
    used = ALL_ROLL_COLUMNS if every_column else ("乡镇", "姓名", "证件号码", "在校生状况")
    parts = [text(path).select(*used, day=pl.lit(path.name[:8])) for path in files(folder, "*.csv")]
    parts += [text(path, "\t").select(*used, day=pl.lit(f"{year}0630")) for path in files(folder, "*.txt")]
    parts += [workbook(path).select(*used, day=pl.lit(path.name[:8])) for path in files(folder, "*.xlsx")]
    return pl.concat(parts)


def read_roll(folder: Path, year: int) -> pl.DataFrame:
    """One row a person, from the latest snapshot that has him."""
    rows = roll_rows(folder, year).sort("day").unique("证件号码", keep="last")
    return rows.select(
        pl.col("证件号码").alias("id"),
        pl.col("乡镇").alias("township"),
        pl.col("姓名").alias("name"),
        pl.col("在校生状况").alias("schooling"),
        pl.col("证件号码").str.slice(6, 8).str.to_date("%Y%m%d").alias("birth"),
    )


def read_bank(folder: Path) -> pl.DataFrame:
    """The lines of all three layouts."""
    parts = []
    for path in files(folder, "*.txt"):
        lines = path.read_text("utf-8").splitlines()
        is_pipe = "|" in lines[0]
        head = lines[0].split("|" if is_pipe else " ")
        day, township = head[1], head[2]
        body = pl.Series(lines[1:] if is_pipe else lines[1:-1])
        cells = body.str.split_exact("|", 7) if is_pipe else body.str.splitn(" ", 7)
        names = (
            ["no", "name", "account", "amount", "id", "word"] if is_pipe else ["no", "id", "account", "amount", "word"]
        )
        rows = cells.struct.unnest()
        rows = rows.rename(dict(zip(rows.columns, names, strict=False)))
        if not is_pipe:
            rows = rows.rename({"field_6": "name"}).with_columns((pl.col("amount").cast(MONEY) / 100).cast(MONEY))
        parts.append(bank_rows(rows, day, township))
    for path in files(folder, "*.xlsx"):
        meta = workbook(path, header_row=1).columns[0]
        day = meta[5:15].replace("-", "")
        township = meta.split("乡镇:")[1]
        rows = workbook(path, header_row=2).filter(pl.col("身份证号").is_not_null())
        rows = rows.rename({"户名": "name", "身份证号": "id", "金额": "amount", "处理标志": "word"})
        parts.append(bank_rows(rows, day, township))
    return pl.concat(parts)


def bank_rows(rows: pl.DataFrame, day: str, township: str) -> pl.DataFrame:
    """Lines in common columns."""
    outcome = (
        pl.when(pl.col("word").is_in(["0000", "成功"]))
        .then(pl.lit("success"))
        .when(pl.col("word").is_in(["3019", "退票"]))
        .then(pl.lit("reversed"))
        .otherwise(pl.lit("none"))
    )
    return rows.select(
        pl.lit("refund").alias("channel"),
        pl.lit(township).alias("township"),
        "id",
        "name",
        pl.col("amount").cast(MONEY),
        pl.lit(day).str.to_date("%Y%m%d").alias("paid"),
        outcome.alias("outcome"),
    )


def read_tax(folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The collections, and what persons paid themselves."""
    used = ("乡镇", "姓名", "证件号码", "征收项目", "实缴金额", "入库日期", "征收结果", "缴费方式")
    parts = [workbook(path).select(used) for path in files(folder, "*.xlsx")]
    rows = pl.concat(parts + [text(path).select(used) for path in files(folder, "*.csv")])
    rows = rows.filter(pl.col("征收项目").str.starts_with("10210")).select(
        pl.lit("collection").alias("channel"),
        pl.col("乡镇").alias("township"),
        pl.col("证件号码").alias("id"),
        pl.col("姓名").alias("name"),
        pl.col("实缴金额").cast(MONEY).abs().alias("amount"),
        pl.col("入库日期").str.to_date("%Y-%m-%d").alias("paid"),
        pl.col("征收结果").replace_strict({"已入库": "success", "退库": "reversed"}, default="none").alias("outcome"),
        (pl.col("缴费方式") == "个人缴费").alias("is_own"),
    )
    own = rows.filter(pl.col("is_own") & (pl.col("outcome") == "success")).select("id", "amount", "paid")
    return rows.filter(~pl.col("is_own")).drop("is_own"), own


def verification_rows(folder: Path) -> pl.DataFrame:
    """Every row of every round."""
    return pl.concat([workbook(path) for path in files(folder, "*.xlsx")])


def states(raw: Path, roll: pl.DataFrame, register: pl.DataFrame, year: int) -> pl.DataFrame:
    """The roll with each person's state."""
    verified = verification_rows(raw / "classification")
    classes = verified.sort("核查日期").unique("身份证号", keep="last").select(id="身份证号", word="核查分类")
    lists = pl.concat([text(path) for path in files(raw / "category_rolls", "*.csv")])
    disabled = lists.filter(pl.col("救助类别") == "重度残疾")["身份证号码"]
    papers = register.select(id="身份证号", exclusion="排除情形", benefit="待遇状态")
    persons = roll.join(papers, on="id", how="left").join(classes, on="id", how="left")
    against = (
        pl.col("exclusion").is_not_null()
        | (pl.col("birth") > date(year - 16, 12, 31))
        | (pl.col("birth") <= date(year - 60, 1, 1))
        | pl.col("benefit").is_in(["正常领取", "暂停领取"]).fill_null(False)
        | (pl.col("schooling").is_not_null() & (pl.col("schooling") != "非在校生"))
        | pl.col("id").is_in(disabled.implode())
    )
    is_paid_for = pl.col("word").is_in(["返还", "代缴"]).fill_null(False)
    state = (
        pl.when(against & ~is_paid_for)
        .then(pl.lit("excluded"))
        .when(~against & is_paid_for)
        .then(pl.lit("eligible"))
        .when(~against & (pl.col("word") == "不符合"))
        .then(pl.lit("excluded"))
        .otherwise(pl.lit("unconfirmed"))
    )
    return persons.with_columns(state=state)


def live_lines(lines: pl.DataFrame) -> pl.DataFrame:
    """The successes that no reversal undoes."""
    by = ["channel", "id", "amount"]
    successes = lines.filter(pl.col("outcome") == "success").with_row_index("line").sort("paid")
    reversals = lines.filter(pl.col("outcome") == "reversed").sort("paid")
    undone = reversals.join_asof(successes, on="paid", by=by, strategy="backward", check_sortedness=False)["line"]
    return successes.filter(~pl.col("line").is_in(undone.implode()))


def written_off(
    live: pl.DataFrame, persons: pl.DataFrame, register: pl.DataFrame, own: pl.DataFrame, year: int
) -> pl.DataFrame:
    """The lines that count: one a person."""
    paid_self = register.filter(pl.col("个人缴费日期").is_not_null()).select(
        pl.col("身份证号").alias("id"),
        pl.col("个人缴费金额").cast(MONEY).alias("amount"),
        pl.col("个人缴费日期").str.to_date("%Y-%m-%d").alias("paid"),
    )
    enough = pl.concat([paid_self, own]).filter(pl.col("amount") >= PREMIUM)
    first = enough.group_by("id").agg(own_paid=pl.col("paid").min())
    known = persons.select("id", "state", "birth", roll_name="name", roll_township="township")
    passed = (
        live.join(known, on="id")
        .join(first, on="id", how="left")
        .filter(
            (pl.col("state") == "eligible")
            & (pl.col("name") == pl.col("roll_name"))
            & (pl.col("amount") == PREMIUM)
            & (pl.col("paid").dt.year() == year)
            & (pl.col("paid") < pl.col("birth").dt.offset_by("60y"))
            & ((pl.col("channel") == "collection") | (pl.col("own_paid") <= pl.col("paid")).fill_null(False))
        )
    )
    return passed.sort("paid", "channel").unique("id", keep="first", maintain_order=True)


def ratio(part: str, whole: str) -> pl.Expr:
    """Part over whole, half up to 6 places; empty where the whole is 0."""
    upper, lower = pl.col(part).cast(pl.Int64), pl.col(whole).cast(pl.Int64)
    millionths = (2_000_000 * upper + lower) // (2 * lower)
    return pl.when(lower > 0).then((millionths.cast(SIX_PLACES) / 1_000_000).cast(SIX_PLACES))


def read_the_rest(raw: Path) -> int:
    """The rows of the files that no township table needs: a refresh reads them, so the floor does, too."""
    rest = [text(path).height for path in files(raw / "benefit_payments", "*.csv")]
    rest += [workbook(path).height for source in REST for path in files(raw / source, "*.xlsx")]
    return sum(rest)


def main(raw: Path, year: int) -> None:
    """Read, count, print."""
    roll = read_roll(raw / "poverty_roll", year)
    register = pl.concat([text(path) for path in files(raw / "pension_register", "*.csv")])
    persons = states(raw, roll, register, year)
    collections, own = read_tax(raw / "tax_returns")
    live = live_lines(pl.concat([read_bank(raw / "bank_returns"), collections]))
    used = written_off(live, persons, register, own, year)
    read_the_rest(raw)
    townships = with_transfers(raw, year)
    print(participation(townships, persons, used).write_csv())
    print(fund(townships, live, used).write_csv(), end="")


def transfer_rows(raw: Path) -> pl.DataFrame:
    """The planned persons and the money of each township."""
    [path] = files(raw / "allocations", "*.xlsx")
    transfers = workbook(path, header_row=2).filter(pl.col("拨付日期").is_not_null())
    return transfers.group_by(pl.col("乡镇(街道)").alias("township_name")).agg(
        planned_count=pl.col("人数").cast(pl.Float64).cast(pl.Int64).sum(),
        allocated_yuan=pl.col("金额").cast(MONEY).sum(),
    )


def with_transfers(raw: Path, year: int) -> pl.DataFrame:
    """The year's townships with their planned persons and money."""
    is_valid = pl.col("valid_from").fill_null("") <= f"{year}-12-31"
    divisions = text(DIVISIONS).filter((pl.col("level") == "township") & is_valid)
    townships = divisions.select(policy_year=pl.lit(year), township_code="code", township_name="name")
    return townships.join(transfer_rows(raw), on="township_name", how="left").sort("township_code")


def participation(townships: pl.DataFrame, persons: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """Persons by the roll's township."""
    is_state = {state: (pl.col("state") == state).sum() for state in ("excluded", "unconfirmed", "eligible")}
    by_roll = persons.group_by(pl.col("township").alias("township_name")).agg(
        roll_count=pl.len(), **{f"{state}_count": count for state, count in is_state.items()}
    )
    by_used = used.group_by(pl.col("roll_township").alias("township_name")).agg(
        refunded_count=(pl.col("channel") == "refund").sum(),
        paid_on_behalf_count=(pl.col("channel") == "collection").sum(),
    )
    return (
        townships.join(by_roll, on="township_name", how="left")
        .join(by_used, on="township_name", how="left")
        .with_columns(pl.selectors.integer().fill_null(0))
        .with_columns(covered_count=pl.col("refunded_count") + pl.col("paid_on_behalf_count"))
        .with_columns(
            uncovered_count=pl.col("eligible_count") - pl.col("covered_count"),
            participation_rate=ratio("covered_count", "eligible_count"),
            target_completion_rate=ratio("covered_count", "planned_count"),
        )
        .select(PARTICIPATION_COLUMNS)
        .sort("township_code")
    )


def fund(townships: pl.DataFrame, live: pl.DataFrame, used: pl.DataFrame) -> pl.DataFrame:
    """Money by the paying township."""
    paid = live.group_by(pl.col("township").alias("township_name")).agg(paid_out_yuan=pl.col("amount").sum())
    counted = used.group_by(pl.col("township").alias("township_name")).agg(used_yuan=pl.col("amount").sum())
    rows = townships.join(paid, on="township_name", how="left").join(counted, on="township_name", how="left")
    return (
        rows.with_columns(pl.col("allocated_yuan", "paid_out_yuan", "used_yuan").cast(MONEY).fill_null(0))
        .with_columns(
            *[(pl.col("used_yuan") * part / 100).cast(MONEY).alias(f"used_{level}_yuan") for level, part in LEVELS],
            disputed_yuan=pl.col("paid_out_yuan") - pl.col("used_yuan"),
            balance_yuan=pl.col("allocated_yuan") - pl.col("used_yuan"),
            cash_balance_yuan=pl.col("allocated_yuan") - pl.col("paid_out_yuan"),
            utilisation_rate=ratio("used_yuan", "allocated_yuan"),
        )
        .select(FUND_COLUMNS)
        .sort("township_code")
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) / sys.argv[2], int(sys.argv[2]))
