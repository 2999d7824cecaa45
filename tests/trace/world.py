"""Five people of 2019 in ten small files: what happens to whom, and when.

- 张小明 is refunded in June, and once more in November.
- 李秀兰 is 不符合 in April, 代缴 in September, and paid for in October.
- 王芳 comes on the roll in November and is silent.
- 王磊 is refunded in June; the refund comes back in November.
- A line of November has an ID that nobody can have.
"""

from pathlib import Path

from tests.operations.world import write_file

ZHANG = "530198198005120126"
LI = "530198198505120341"
FANG = "530198197511030452"
LEI = "530198199008200564"
NOBODY = "530198199008200999"
LATE_BATCH = "bank_returns/B201911-001.txt"

ROLL_HEADER = "乡镇,行政村,户编号,姓名,证件号码,在校生状况"
IN_MARCH = [
    f"汤丹镇,姑庄村委会,01,张小明,{ZHANG},",
    f"汤丹镇,姑庄村委会,02,李秀兰,{LI},",
    f"汤丹镇,姑庄村委会,03,王磊,{LEI},",
]
CLASS_HEADER = "乡镇,姓名,证件号码,分类,不符合原因,核查日期"
FILES = {
    "poverty_roll/20190331_名单.csv": [ROLL_HEADER, *IN_MARCH],
    "poverty_roll/20191130_名单.csv": [ROLL_HEADER, *IN_MARCH, f"汤丹镇,姑庄村委会,03,王芳,{FANG},"],
    "classification/第1轮.csv": [
        CLASS_HEADER,
        f"汤丹镇,张小明,{ZHANG},返还,,2019-04-10",
        f"汤丹镇,李秀兰,{LI},不符合,拒绝参保,2019-04-10",
        f"汤丹镇,王磊,{LEI},返还,,2019-04-10",
    ],
    "classification/第2轮.csv": [
        CLASS_HEADER,
        f"汤丹镇,李秀兰,{LI},代缴,,2019-09-10",
        f"汤丹镇,王芳,{FANG},返还,,2019-12-05",
    ],
    "pension_register/参保登记.csv": [
        "证件号码,参保状态,待遇状态,排除情形,个人缴费金额,个人缴费日期",
        f"{ZHANG},正常参保,未领取,,100.00,2019-03-01",
        f"{LEI},正常参保,未领取,,100.00,2019-03-02",
    ],
    "bank_returns/B201906-001.txt": [
        "B201906-001|20190612|汤丹镇|2|200.00|",
        f"1|张小明|6228000001|100.00|{ZHANG}|0000|处理成功|",
        f"2|王磊|6228000002|100.00|{LEI}|0000|处理成功|",
    ],
    LATE_BATCH: [
        "B201911-001|20191115|汤丹镇|3|300.00|",
        f"1|张小明|6228000001|100.00|{ZHANG}|0000|处理成功|",
        f"2|王磊|6228000002|100.00|{LEI}|3019|退票|",
        f"3|赵某|6228000003|100.00|{NOBODY}|0000|处理成功|",
    ],
    "tax_returns/税务返盘.csv": [
        "序号,乡镇,姓名,证件号码,征收项目,费款所属期起,费款所属期止,实缴金额,入库日期,电子税票号码,征收结果,失败原因,缴费方式",
        f"1,汤丹镇,李秀兰,{LI},10210,2019-01-01,2019-12-31,100.00,2019-10-08,T0001,成功,,财政代缴",
    ],
    "fund_documents/下达文件.csv": [
        "文号,资金级次,金额(万元),人数,日期",
        "昆财社〔2019〕1号,市级,0.04,5,2019-03-01",
        "东财社〔2019〕1号,区级,0.01,5,2019-03-01",
    ],
    "allocations/拨付表1.csv": ["乡镇,金额,人数,日期,文号", "汤丹镇,300.00,3,2019-03-15,拨1号"],
    "allocations/拨付表2.csv": ["乡镇,金额,人数,日期,文号", "汤丹镇,100.00,1,2019-10-20,拨2号"],
}


def write_world(raw: Path) -> None:
    """Write the files of the year below the landing folder."""
    for name, lines in FILES.items():
        write_file(raw, name, lines)
