"""A county that doesn't exist, as policy files and as the recount's policy: four funding levels and townships of its own."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from .world import FundLevel, Policy

SELF_EVALUATION = Path(__file__).parents[2] / "pipeline" / "policy" / "self_evaluation.yaml"

POLICY_FILE = """policy_year: 2019
city_name: 云岭市
district_code: "539921"
district_name: 大河县
bureau_name: 大河县城乡居民社会养老保险局
premium_yuan: "150.00"
fund_levels:
  - {name: central, word: 中央, share: "0.40"}
  - {name: province, word: 省级, share: "0.30"}
  - {name: municipal, word: 市级, share: "0.20"}
  - {name: county, word: 县级, share: "0.10"}
age_from: 18
age_below: 55
payment_window: {first_date: 2019-03-01, last_date: 2019-11-30}
categories:
  - {name: 重度残疾, paid_by_this_fund: false}
  - {name: registered_poor, paid_by_this_fund: true}
  - {name: 低保, paid_by_this_fund: false}
exclusion_reasons: [在校, 死亡, 其他]
divisions_file: divisions.csv
self_evaluation_file: self_evaluation.yaml
"""

DIVISIONS_FILE = """level,code,name,parent_code,parent_name,valid_from,valid_to,source
township,539921001,山口街道,539921,大河县,,,made up
township,539921101,大河镇,539921,大河县,,,made up
township,539921102,旧镇,539921,大河县,,2018-12-31,made up
township,539921201,小河乡,539921,大河县,,,made up
village,539921101201,河口村委会,539921101,大河镇,,,made up
"""


def write_policy(folder: Path) -> Path:
    """Write the county's policy files into a folder."""
    folder.mkdir()
    (folder / "2019.yaml").write_text(POLICY_FILE, encoding="utf-8")
    (folder / "divisions.csv").write_text(DIVISIONS_FILE, encoding="utf-8")
    (folder / "self_evaluation.yaml").write_bytes(SELF_EVALUATION.read_bytes())
    return folder


def policy_of_county() -> Policy:
    """The same policy as the recount takes it."""
    shares = (
        ("central", "中央", "0.40"),
        ("province", "省级", "0.30"),
        ("municipal", "市级", "0.20"),
        ("county", "县级", "0.10"),
    )
    return Policy(
        year=2019,
        premium_yuan=Decimal("150.00"),
        fund_levels=tuple(FundLevel(name=name, word=word, share=Decimal(share)) for name, word, share in shares),
        age_from=18,
        age_below=55,
        first_payment_date=date(2019, 3, 1),
        last_payment_date=date(2019, 11, 30),
        exclusion_reasons=("在校", "死亡", "其他"),
        categories=("重度残疾", "registered_poor", "低保"),
        townships={"山口街道": "539921001", "大河镇": "539921101", "小河乡": "539921201"},
        former_townships={},
        villages={("539921101", "河口村委会"): "539921101201"},
    )
