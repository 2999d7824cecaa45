"""What datacompy says of two lists: who is on the townships' last verification, and whom bank and tax bureau paid.

It joins two frames by a key and compares columns of the same name, so it finds who is in one list alone and whose name or
township differs. Reversals, states, rates and money are none of its business: it gives no township figures.
Usage: python datacompy_lists.py RAW YEAR
"""

import sys
from pathlib import Path

import datacompy
import pandas as pd
from pandas_analyst import read_all, read_bank, read_tax


def main(raw: Path, year: int) -> None:
    """Read both sides, compare, print how many persons are where."""
    verified = read_all(raw / "classification").sort_values("核查日期", kind="stable")
    verified = verified.drop_duplicates("身份证号", keep="last").rename(columns={"身份证号": "证件号码"})
    verified = verified[verified["核查分类"].isin(["返还", "代缴"])][["证件号码", "姓名", "乡镇"]]
    tax = read_tax(raw / "tax_returns")
    lines = pd.concat([read_bank(raw / "bank_returns"), tax[tax["缴费方式"] != "个人缴费"]])
    paid = lines[lines["结果"] == "成功"].drop_duplicates("证件号码", keep="last")[["证件号码", "姓名", "乡镇"]]
    compared = datacompy.PandasCompare(verified, paid, join_columns="证件号码", df1_name="verified", df2_name="paid")
    both = len(compared.intersect_rows)
    print(f"only verified {len(compared.df1_unq_rows)}, only paid {len(compared.df2_unq_rows)}, ", end="")
    print(f"both {both}, differing {both - compared.count_matching_rows()}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) / sys.argv[2], int(sys.argv[2]))
