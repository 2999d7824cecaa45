"""A small world of 2019 whose personal values are known, so that they can be looked for where they must not be.

`write_world` writes a whole year of seven small files; `land_second_batch` adds a bank file, so that every table behind it
changes; `write_wrong_files` adds files and rows with which something is wrong, each around a personal value.
"""

from pathlib import Path

YEAR = 2019
NAMES = ("欧阳乾坤", "诸葛霁月", "司徒凌霄", "慕容听雨")
IDS = ("530198198005120126", "530198198505120341", "530198199008200564", "530198197511030452")
ACCOUNTS = ("6228480868888801", "6228480868888802", "6228480868888803")
PHONES = ("13987654321", "13987654322", "13987654323", "13987654324")
PERSONAL_VALUES = (*NAMES, *IDS, *ACCOUNTS, *PHONES)

ROLL_HEADER = "乡镇,行政村,户编号,姓名,证件号码,在校生状况,联系电话"
CLASS_HEADER = "乡镇,姓名,证件号码,分类,不符合原因,核查日期"
TAX_HEADER = (
    "序号,乡镇,姓名,证件号码,征收项目,费款所属期起,费款所属期止,"
    "实缴金额,入库日期,电子税票号码,征收结果,失败原因,缴费方式"
)
REPLY_HEADER = "差异编号,校验码,处理答复,答复内容,填报人,填报日期"

FILES = {
    "poverty_roll/20190331_名单.csv": [
        ROLL_HEADER,
        *(
            f"汤丹镇,姑庄村委会,0{number},{name},{id_no},,{phone}"
            for number, (name, id_no, phone) in enumerate(zip(NAMES, IDS, PHONES, strict=True), start=1)
        ),
    ],
    "classification/第1轮.csv": [
        CLASS_HEADER,
        f"汤丹镇,{NAMES[0]},{IDS[0]},返还,,2019-04-10",
        f"汤丹镇,{NAMES[1]},{IDS[1]},代缴,,2019-04-10",
        f"汤丹镇,{NAMES[2]},{IDS[2]},返还,,2019-04-10",
    ],
    "pension_register/参保登记.csv": [
        "证件号码,参保状态,待遇状态,排除情形,个人缴费金额,个人缴费日期",
        f"{IDS[0]},正常参保,未领取,,100.00,2019-03-01",
        f"{IDS[2]},正常参保,未领取,,100.00,2019-03-02",
    ],
    "bank_returns/B201906-001.txt": [
        "B201906-001|20190612|汤丹镇|1|100.00|",
        f"1|{NAMES[0]}|{ACCOUNTS[0]}|100.00|{IDS[0]}|0000|处理成功|",
    ],
    "tax_returns/税务返盘.csv": [
        TAX_HEADER,
        f"1,汤丹镇,{NAMES[1]},{IDS[1]},10210,2019-01-01,2019-12-31,100.00,2019-10-08,T0001,成功,,财政代缴",
    ],
    "fund_documents/下达文件.csv": [
        "文号,资金级次,金额(万元),人数,日期",
        "昆财社〔2019〕1号,市级,0.04,5,2019-03-01",
        "东财社〔2019〕1号,区级,0.01,5,2019-03-01",
    ],
    "allocations/拨付表.csv": ["乡镇,金额,人数,日期,文号", "汤丹镇,400.00,4,2019-03-15,拨1号"],
}
SECOND_BATCH = "bank_returns/B201907-001.txt"
SECOND_BATCH_LINES = [
    "B201907-001|20190712|汤丹镇|2|200.00|",
    f"1|{NAMES[2]}|{ACCOUNTS[1]}|100.00|{IDS[2]}|0000|处理成功|",
    f"2|{NAMES[2]}|{ACCOUNTS[1]}|100.00|{IDS[2]}|0000|处理成功|",
]
# Files that are refused, rows that are quarantined, lines and replies that match nothing.
WRONG_FILES = {
    "bank_returns/没有合计.txt": [f"1|{NAMES[0]}|{ACCOUNTS[2]}|100.00|{IDS[0]}|0000|处理成功|"],
    "bank_returns/合计不符.txt": [
        "B201908-001|20190812|汤丹镇|2|900.00|",
        f"1|{NAMES[3]}|{ACCOUNTS[2]}|100.00|{IDS[3]}|0000|处理成功|",
    ],
    "bank_returns/姓名不符.txt": [
        "B201909-001|20190912|汤丹镇|2|200.00|",
        f"1|{NAMES[1]}|{ACCOUNTS[2]}|100.00|{IDS[3]}|0000|处理成功|",
        f"2|{NAMES[3]}|{ACCOUNTS[2]}|100.00|{IDS[3][:-1]}9|3031|户名不符 {NAMES[1]} {IDS[3]}|",
    ],
    "poverty_roll/没有日期.csv": [ROLL_HEADER, f"汤丹镇,姑庄村委会,09,{NAMES[0]},{IDS[0]},,{PHONES[0]}"],
    "poverty_roll/20190430_竖表.csv": [
        f"姓名,{NAMES[0]},身份证号,{IDS[0]}",
        f"联系电话,{PHONES[0]},家庭成员,{NAMES[1]}",
    ],
    "poverty_roll/20190531_竖表.csv": [f"姓名,{NAMES[0]},性别,女", f"家庭成员,{NAMES[1]},,"],
    "classification/读不出.csv": [
        CLASS_HEADER,
        f"汤丹镇,{NAMES[0]},{IDS[0]},{NAMES[1]},,2019-04-10",
        f"汤丹镇,{NAMES[0]},{IDS[0]},返还,,{IDS[0]}",
        f"汤丹镇,{NAMES[3]},{IDS[3]},不符合,{NAMES[3]} {PHONES[3]},2019-05-10",
    ],
    "tax_returns/读不出.csv": [
        TAX_HEADER,
        f"1,汤丹镇,{NAMES[1]},{IDS[1]},10210,2019-01-01,2019-12-31,{ACCOUNTS[0]}元{NAMES[1]},2019-10-08,,成功,,财政代缴",
        f"2,{NAMES[2]},{NAMES[1]},{IDS[1]},10210,2019-01-01,2019-12-31,100.00,2019-10-08,T9,成功,,财政代缴",
        f"3,汤丹镇,{NAMES[1]},{IDS[1]},10210,{PHONES[1]},2019-12-31,100.00,{NAMES[0]},T8,成功,{IDS[1]},{NAMES[1]}",
    ],
    "allocations/读不出.csv": ["乡镇,金额,人数,日期,文号", f"{NAMES[0]},{IDS[0]},{PHONES[0]},2019-03-15,拨2号"],
    "township_replies/汤丹镇.csv": [
        REPLY_HEADER,
        f"{IDS[0]},{NAMES[0]},确认身份,{IDS[1]},{NAMES[0]},2019-12-20",
        f"{NAMES[1]},伪造,{NAMES[1]},{PHONES[1]},{NAMES[0]},2019-12-20",
    ],
}
DAMAGED_WORKBOOK = "poverty_roll/20190630_损坏.xlsx"


def write_world(raw: Path) -> None:
    """Write the files of the year below the landing folder."""
    for name, lines in FILES.items():
        write_file(raw, name, lines)


def land_second_batch(raw: Path) -> None:
    """Land one more bank file: a refund that is written off, and a second one of the same person."""
    write_file(raw, SECOND_BATCH, SECOND_BATCH_LINES)


def write_wrong_files(raw: Path) -> None:
    """Land files in which something is wrong, around a personal value."""
    for name, lines in WRONG_FILES.items():
        write_file(raw, name, lines)
    (raw / str(YEAR) / DAMAGED_WORKBOOK).write_bytes(b"PK\x03\x04" + "".join(PERSONAL_VALUES).encode())


def write_file(raw: Path, name: str, lines: list[str]) -> None:
    """Write one text file of the year."""
    path = raw / str(YEAR) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
