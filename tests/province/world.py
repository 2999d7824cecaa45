"""A province of small districts: each of one township and a few invented persons, who are all collected for."""

import csv
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

from tests.second_count.county import SELF_EVALUATION

YEAR = 2019
KEY = "a key for invented persons, of no use elsewhere"

POLICY = """policy_year: 2019
city_name: {city}
district_code: "{code}"
district_name: {name}
bureau_name: {name}城乡居民社会养老保险局
premium_yuan: "100.00"
fund_levels:
  - {{name: municipal, word: 市级, share: "0.80"}}
  - {{name: district, word: 区级, share: "0.20"}}
age_from: 16
age_below: 60
payment_window: {{first_date: 2019-01-01, last_date: 2019-12-31}}
categories:
  - {{name: 重度残疾, paid_by_this_fund: false}}
  - {{name: registered_poor, paid_by_this_fund: true}}
exclusion_reasons: [其他]
divisions_file: divisions.csv
self_evaluation_file: self_evaluation.yaml
"""


def write_district(province: Path, code: str, city: str, persons: Sequence[tuple[str, str]]) -> None:
    """Write a district's policies and landed files.

    Args:
        persons: name and ID of each person of the roll.
    """
    policies, raw = province / code / "policy", province / code / "raw" / str(YEAR)
    policies.mkdir(parents=True)
    (policies / "2019.yaml").write_text(
        POLICY.format(code=code, city=city, name=f"{city}{code[4:]}县"), encoding="utf-8"
    )
    (policies / "divisions.csv").write_text(
        f"level,code,name,parent_code,parent_name,valid_from,valid_to,source\ntownship,{code}101,大河镇,{code},,,,made up\n",
        encoding="utf-8",
    )
    (policies / "self_evaluation.yaml").write_bytes(SELF_EVALUATION.read_bytes())
    _write(
        raw / "poverty_roll" / "20190331_roll.csv",
        ["乡镇", "姓名", "证件号码"],
        [("大河镇", *each) for each in persons],
    )
    _write(
        raw / "classification" / "class.csv",
        ["乡镇", "姓名", "身份证号", "分类", "核查日期"],
        [("大河镇", *each, "代缴", "2019-05-01") for each in persons],
    )
    _write(
        raw / "tax_returns" / "tax.csv",
        ["乡镇", "姓名", "证件号码", "征收项目", "实缴金额", "入库日期", "电子税票号码", "征收结果", "缴费方式"],
        [
            ("大河镇", *each, "10210", "100.00", "2019-07-01", f"{code}{place:03}", "成功", "财政代缴")
            for place, each in enumerate(persons)
        ],
    )
    bank = raw / "bank_returns" / "bank.txt"
    bank.parent.mkdir()
    bank.write_text(f"B{code}|20190612|大河镇|0|0.00|\n", encoding="utf-8")
    count = len(persons)
    _write(
        raw / "allocations" / "transfers.csv",
        ["乡镇", "金额", "人数", "拨付日期"],
        [("大河镇", f"{count * 100}.00", str(count), "2019-04-01")],
    )
    _write(
        raw / "fund_documents" / "grants.csv",
        ["文号", "资金级次", "金额", "人数", "下达日期"],
        [
            ("甲1号", "市级", f"{count * 0.008:.4f}", str(count), "2019-02-01"),
            ("乙2号", "区级", f"{count * 0.002:.4f}", str(count), "2019-02-01"),
        ],
    )


def _write(path: Path, header: list[str], rows: Sequence[Sequence[str]]) -> None:
    path.parent.mkdir(parents=True)
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")
