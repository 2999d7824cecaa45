"""The township tables of a clean sample as a bureau's analyst would count them: pandas, openpyxl, merge, groupby.

Prints the tables of participation and funds as CSV, with a blank line between. Usage: python pandas_analyst.py RAW YEAR
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

DIVISIONS = Path(__file__).parents[1] / "pipeline/policy/divisions/530113.csv"
PREMIUM = 100


def read(path: Path, **options: object) -> pd.DataFrame:
    """A list as a table of text."""
    if path.suffix == ".xlsx":
        return pd.read_excel(path, dtype=str, engine="openpyxl", **options)
    return pd.read_csv(path, dtype=str, keep_default_na=True, **options)


def read_all(folder: Path, pattern: str = "*", **options: object) -> pd.DataFrame:
    """All lists of a folder, one below the other."""
    return pd.concat([read(path, **options) for path in sorted(folder.rglob(pattern)) if path.is_file()])


def read_roll(folder: Path, year: int) -> pd.DataFrame:
    """One row a person, from the latest snapshot that has him."""
    parts = []
    for path in sorted(folder.rglob("*.*")):
        rows = read(path, sep="\t") if path.suffix == ".txt" else read(path)
        parts.append(rows.assign(day=f"{year}0630" if path.suffix == ".txt" else path.name[:8]))
    roll = pd.concat(parts).sort_values("day", kind="stable").drop_duplicates("证件号码", keep="last")
    roll["出生日期"] = pd.to_datetime(roll["证件号码"].str[6:14])
    return roll[["证件号码", "姓名", "乡镇", "在校生状况", "出生日期"]]


def read_bank(folder: Path) -> pd.DataFrame:
    """The lines of all three layouts."""
    parts = []
    for path in sorted(folder.rglob("*.txt")):
        head = path.read_text("utf-8").splitlines()[0]
        if "|" in head:
            names = ["序号", "姓名", "账号", "金额", "证件号码", "结果", "返回信息", "空"]
            rows = pd.read_csv(path, sep="|", skiprows=1, names=names, dtype=str)
            day, township = head.split("|")[1:3]
        else:
            names = ["序号", "证件号码", "账号", "金额", "结果", "返回信息", "姓名"]
            rows = pd.read_csv(path, sep=" ", skiprows=1, skipfooter=1, names=names, dtype=str, engine="python")
            rows["金额"] = rows["金额"].astype(float) / 100
            day, township = head.split(" ")[1:3]
        parts.append(rows.assign(入库日期=day, 乡镇=township))
    for path in sorted(folder.rglob("*.xlsx")):
        meta = read(path, header=1, nrows=0).columns[0]
        rows = read(path, header=2).dropna(subset=["身份证号"])
        rows = rows.rename(columns={"户名": "姓名", "身份证号": "证件号码", "处理标志": "结果"})
        parts.append(rows.assign(入库日期=meta[5:15].replace("-", ""), 乡镇=meta.split("乡镇:")[1]))
    lines = pd.concat(parts)
    lines["结果"] = lines["结果"].replace({"0000": "成功", "3019": "退回", "退票": "退回"})
    lines["日期"] = pd.to_datetime(lines["入库日期"])
    return lines.assign(渠道="返还", 金额=lines["金额"].astype(float))


def read_tax(folder: Path) -> pd.DataFrame:
    """The pension rows of the tax bureau."""
    lines = read_all(folder)
    lines = lines[lines["征收项目"].str.startswith("10210")].copy()
    lines["结果"] = lines["征收结果"].replace({"已入库": "成功", "退库": "退回"})
    lines["日期"] = pd.to_datetime(lines["入库日期"])
    return lines.assign(渠道="代缴", 金额=lines["实缴金额"].astype(float).abs())


def with_states(roll: pd.DataFrame, raw: Path, register: pd.DataFrame, year: int) -> pd.DataFrame:
    """The roll with each person's state."""
    verified = read_all(raw / "classification").sort_values("核查日期", kind="stable")
    classes = verified.drop_duplicates("身份证号", keep="last")[["身份证号", "核查分类"]]
    lists = read_all(raw / "category_rolls")
    disabled = lists.loc[lists["救助类别"] == "重度残疾", "身份证号码"]
    people = roll.merge(
        register[["身份证号", "排除情形", "待遇状态"]], how="left", left_on="证件号码", right_on="身份证号"
    )
    people = people.drop(columns="身份证号").merge(classes, how="left", left_on="证件号码", right_on="身份证号")
    against = (
        people["排除情形"].notna()
        | (people["出生日期"] > pd.Timestamp(year - 16, 12, 31))
        | (people["出生日期"] <= pd.Timestamp(year - 60, 1, 1))
        | people["待遇状态"].isin(["正常领取", "暂停领取"])
        | (people["在校生状况"].notna() & (people["在校生状况"] != "非在校生"))
        | people["证件号码"].isin(disabled)
    )
    paid_for = people["核查分类"].isin(["返还", "代缴"])
    excluded = (against & ~paid_for) | (~against & (people["核查分类"] == "不符合"))
    people["状态"] = np.select([excluded, ~against & paid_for], ["excluded", "eligible"], "unconfirmed")
    return people


def live_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """The successes that no reversal undoes."""
    keys = ["渠道", "证件号码", "金额"]
    successes = lines[lines["结果"] == "成功"].sort_values("日期", kind="stable").reset_index(drop=True)
    reversals = lines[lines["结果"] == "退回"].sort_values("日期", kind="stable")
    pairs = pd.merge_asof(reversals[[*keys, "日期"]], successes[[*keys, "日期"]].reset_index(), on="日期", by=keys)
    return successes.drop(index=pairs["index"].dropna().astype(int))


def written_off(live: pd.DataFrame, people: pd.DataFrame, own: pd.DataFrame, year: int) -> pd.DataFrame:
    """The lines that count: one a person."""
    first = own[own["金额"] >= PREMIUM].groupby("证件号码", as_index=False)["日期"].min()
    known = people[["证件号码", "姓名", "乡镇", "状态", "出生日期"]]
    rows = live.merge(known, on="证件号码", suffixes=("", "_名单"))
    rows = rows.merge(first.rename(columns={"日期": "自缴日期"}), how="left", on="证件号码")
    passed = rows[
        (rows["状态"] == "eligible")
        & (rows["姓名"] == rows["姓名_名单"])
        & (rows["金额"] == PREMIUM)
        & (rows["日期"].dt.year == year)
        & (rows["日期"] < rows["出生日期"] + pd.DateOffset(years=60))
        & ((rows["渠道"] == "代缴") | (rows["自缴日期"] <= rows["日期"]))
    ]
    return passed.sort_values(["日期", "渠道"], kind="stable").drop_duplicates("证件号码")


def main(raw: Path, year: int) -> None:
    """Read, count, print."""
    register = read_all(raw / "pension_register")
    people = with_states(read_roll(raw / "poverty_roll", year), raw, register, year)
    tax = read_tax(raw / "tax_returns")
    is_own = tax["缴费方式"] == "个人缴费"
    paid_self = register.dropna(subset=["个人缴费日期"]).rename(columns={"身份证号": "证件号码"})
    paid_self = paid_self.assign(
        日期=pd.to_datetime(paid_self["个人缴费日期"]), 金额=paid_self["个人缴费金额"].astype(float)
    )
    own = pd.concat([paid_self, tax[is_own & (tax["结果"] == "成功")]])[["证件号码", "日期", "金额"]]
    live = live_lines(pd.concat([read_bank(raw / "bank_returns"), tax[~is_own]]))
    used = written_off(live, people, own, year)
    for source in ("benefit_payments", "fund_documents", "satisfaction_survey"):
        read_all(raw / source)
    townships = with_transfers(raw, year)
    participation(townships, people, used).to_csv(sys.stdout, index=False)
    print()
    fund(townships, live, used).to_csv(sys.stdout, index=False, float_format="%.2f")


def with_transfers(raw: Path, year: int) -> pd.DataFrame:
    """The year's townships with their planned persons and money."""
    transfers = read_all(raw / "allocations", header=2).dropna(subset=["拨付日期"])
    transfers = transfers.astype({"人数": int, "金额": float})
    given = transfers.groupby("乡镇(街道)").agg(planned_count=("人数", "sum"), allocated_yuan=("金额", "sum"))
    divisions = read(DIVISIONS)
    is_valid = divisions["valid_from"].fillna("") <= f"{year}-12-31"
    townships = divisions[(divisions["level"] == "township") & is_valid].sort_values("code")
    townships = townships.assign(policy_year=year).rename(columns={"code": "township_code", "name": "township_name"})
    return townships[["policy_year", "township_code", "township_name"]].join(given, on="township_name")


def participation(townships: pd.DataFrame, people: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """Persons by the roll's township."""
    states = pd.crosstab(people["乡镇"], people["状态"]).reindex(columns=["excluded", "unconfirmed", "eligible"])
    states = states.add_suffix("_count").assign(roll_count=people.groupby("乡镇").size())
    channels = pd.crosstab(used["乡镇_名单"], used["渠道"]).rename(
        columns={"返还": "refunded_count", "代缴": "paid_on_behalf_count"}
    )
    table = townships.join(states, on="township_name").join(channels, on="township_name")
    counts = [column for column in table.columns if column.endswith("_count")]
    table[counts] = table[counts].fillna(0).astype(int)
    table["covered_count"] = table["refunded_count"] + table["paid_on_behalf_count"]
    table["uncovered_count"] = table["eligible_count"] - table["covered_count"]
    table["participation_rate"] = rates(table["covered_count"], table["eligible_count"])
    table["target_completion_rate"] = rates(table["covered_count"], table["planned_count"])
    leading = ["policy_year", "township_code", "township_name", "roll_count", "planned_count"]
    judged = ["excluded_count", "unconfirmed_count", "eligible_count", "refunded_count", "paid_on_behalf_count"]
    covered = ["covered_count", "uncovered_count", "participation_rate", "target_completion_rate"]
    return table[[*leading, *judged, *covered]]


def fund(townships: pd.DataFrame, live: pd.DataFrame, used: pd.DataFrame) -> pd.DataFrame:
    """Money by the paying township."""
    table = townships.drop(columns="planned_count")
    table["paid_out_yuan"] = table["township_name"].map(live.groupby("乡镇")["金额"].sum()).fillna(0)
    table["used_yuan"] = table["township_name"].map(used.groupby("乡镇")["金额"].sum()).fillna(0)
    table["used_municipal_yuan"] = (table["used_yuan"] * 0.8).round(2)
    table["used_district_yuan"] = table["used_yuan"] - table["used_municipal_yuan"]
    table["disputed_yuan"] = table["paid_out_yuan"] - table["used_yuan"]
    table["balance_yuan"] = table["allocated_yuan"] - table["used_yuan"]
    table["cash_balance_yuan"] = table["allocated_yuan"] - table["paid_out_yuan"]
    table["utilisation_rate"] = rates(table["used_yuan"], table["allocated_yuan"])
    return table


def rates(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Part over whole with 6 places, empty where the whole is 0."""
    values = np.floor(part / whole * 1_000_000 + 0.5) / 1_000_000
    return values.map("{:.6f}".format).where(whole > 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]) / sys.argv[2], int(sys.argv[2]))
