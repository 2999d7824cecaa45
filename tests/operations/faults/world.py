"""A small year in which every rule has a row: the clean world of the field cases, and a few people with something about them."""

import csv
import io
import shutil
from decimal import Decimal
from pathlib import Path

import duckdb

from pipeline.checks.second_count.identity import keyed_hash
from tests.field_cases.worlds import CASES
from tests.ids import with_check
from tests.operations.world import YEAR, write_file

EARLIER_YEAR = 2018


def person_id(birth_date: str, order: int, area: str = "530199") -> str:
    """The ID of nobody: its area does not exist."""
    return with_check(f"{area}{birth_date}{order:03}")


REVERSED, FAILED, TWICE, SILENT, DIED = (person_id(f"198{number}0510", 900 + number) for number in range(5))
UNCLASSIFIED, EMPLOYED, DISABLED = (person_id(f"197{number}0611", 910 + number) for number in range(3))
PUPIL, OLD, STRANGER = person_id("20020304", 920), person_id("19500304", 921), person_id("19810304", 922)
# Of these a day more or less would make another state.
SIXTY, SIXTEEN, FIFTEEN = person_id("19590101", 923), person_id("20031231", 924), person_id("20040101", 925)
BIRTHDAY, LAST_DAY, NEXT_YEAR = person_id("19590808", 926), person_id("19830101", 927), person_id("19830102", 928)
DIED_THAT_DAY, SILENT_90_DAYS = person_id("19830103", 929), person_id("19830104", 930)
RECEIVING = person_id("19700101", 933)
UNCHECKED, UNCHECKED_TOO = person_id("19800101", 123), person_id("19800102", 123)
PAID_BOTH_WAYS = person_id("19830105", 931)
WRITTEN_SHORT = person_id("19830106", 932)
DEAD_BY_DATE, DATE_ALONE = person_id("19830107", 934), person_id("19830108", 935)
CLASS_UNREADABLE, REVERSAL_UNREADABLE = person_id("19830109", 936), person_id("19830110", 937)
WITHDRAWN, LOST_CHARACTER = person_id("19830111", 938), person_id("19830112", 939)
NO_PROVINCE, OWN_REASON = person_id("19830113", 940, area="900199"), person_id("19830114", 941)
FAILED_LAST = person_id("19830115", 942)
ROLL = (
    ("罗一", REVERSED, ""), ("罗二", FAILED, ""), ("罗三", TWICE, ""), ("罗四", SILENT, ""), ("罗五", DIED, ""),
    ("罗六", UNCLASSIFIED, ""), ("罗七", EMPLOYED, ""), ("罗八", DISABLED, ""), ("罗九", PUPIL, "在校生"), ("罗十", OLD, ""),
    ("罗银", f"{RECEIVING[:17]}{'1' if RECEIVING[17] != '1' else '2'}", ""), ("罗铜", RECEIVING, ""),
    ("罗土", UNCHECKED[:17], ""), ("罗金", UNCHECKED_TOO[:17], ""),
    ("龙一", SIXTY, ""), ("龙二", SIXTEEN, ""), ("龙三", FIFTEEN, ""), ("龙四", BIRTHDAY, ""),
    ("龙五", LAST_DAY, ""), ("龙六", NEXT_YEAR, ""), ("龙七", DIED_THAT_DAY, ""), ("龙八", SILENT_90_DAYS, ""),
    ("龙九", PAID_BOTH_WAYS, ""), ("张伟一", "530199197003150112", ""), ("龙十", WRITTEN_SHORT[:6] + WRITTEN_SHORT[8:17], ""),
    ("龙甲", DEAD_BY_DATE, ""), ("龙乙", DATE_ALONE, ""), ("龙丙", CLASS_UNREADABLE, ""), ("龙丁", REVERSAL_UNREADABLE, ""),
    ("龙戊", WITHDRAWN, ""), ("龙?己", LOST_CHARACTER, ""), ("龙庚", NO_PROVINCE, ""), ("龙辛", OWN_REASON, ""),
    ("龙壬", FAILED_LAST, ""), ("龙壬", FAILED_LAST, ""),
)  # fmt: skip
TAX_HEADER = (
    "序号,乡镇,姓名,证件号码,征收项目,费款所属期起,费款所属期止,"
    "实缴金额,入库日期,电子税票号码,征收结果,失败原因,缴费方式"
)
TAX = "10210,2019-01-01,2019-12-31"

FILES = {
    "poverty_roll/20190630_名单.csv": [
        "乡镇,行政村,户编号,姓名,证件号码,在校生状况",
        *(f"汤丹镇,洒海村,H01{number:02},{name},{id_no},{schooling}" for number, (name, id_no, schooling) in enumerate(ROLL)),
    ],
    # The name of the person stands in that of the file.
    "category_rolls/重度残疾_罗八.csv": ["数据日期,类别,姓名,证件号码", f"2019-06-30,重度残疾,罗八,{DISABLED}41"],
    "classification/第2轮.csv": [
        "乡镇,姓名,证件号码,分类,不符合原因,核查日期",
        f"汤丹镇,罗一,{REVERSED},返还,,2019-05-10",
        f"汤丹镇,罗二,{FAILED},返还,,2019-05-10",
        f"汤丹镇,罗三,{TWICE},代缴,,2019-05-10",
        f"汤丹镇,罗四,{SILENT},代缴,,2019-05-10",
        f"汤丹镇,罗五,{DIED},代缴,,2019-05-10",
        f"汤丹镇,罗七,{EMPLOYED},不符合,职工养老保险,2019-05-10",
        f"汤丹镇,罗十,{OLD},不符合,满60,2019-05-10",
        f"汤丹镇,罗四,{SILENT},不符合,迁出,2019-04-10",
        f"汤丹镇,龙丙,{CLASS_UNREADABLE},看不清,,2019-06-10",
        f"汤丹镇,龙辛,{OWN_REASON},不符合,在外地做生意,2019-05-10",
        *(
            f"汤丹镇,{name},{id_no},代缴,,{'2019-10-03' if id_no == SILENT_90_DAYS else '2019-05-10'}"
            for name, id_no in (
                ("龙二", SIXTEEN), ("龙四", BIRTHDAY), ("龙五", LAST_DAY), ("龙六", NEXT_YEAR), ("龙七", DIED_THAT_DAY),
                ("龙八", SILENT_90_DAYS), ("龙九", PAID_BOTH_WAYS), ("龙十", WRITTEN_SHORT), ("龙甲", DEAD_BY_DATE),
                ("龙乙", DATE_ALONE), ("龙丙", CLASS_UNREADABLE), ("龙丁", REVERSAL_UNREADABLE), ("龙戊", WITHDRAWN),
                ("龙?己", LOST_CHARACTER), ("龙壬", FAILED_LAST),
            )
        ),
    ],
    "pension_register/登记.csv": [
        "证件号码,参保状态,待遇状态,排除情形,个人缴费金额,个人缴费日期,情形发生日期",
        f"{REVERSED},正常参保,未领取,,100.00,2019-03-01,",
        f"{FAILED},正常参保,未领取,,100.00,2019-03-01,",
        f"{EMPLOYED},正常参保,未领取,省职保,,,",
        f"{DIED},正常参保,未领取,死亡,,,2019-11-01",
        f"{OLD},正常参保,正常领取,,,,",
        f"{RECEIVING},正常参保,正常领取,,,,",
        f"{SILENT_90_DAYS},正常参保,未领取,,100.00,2019-04-01,",
        f"{DIED_THAT_DAY},正常参保,未领取,死亡,,,2019-09-09",
        f"{PAID_BOTH_WAYS},正常参保,未领取,,100.00,2019-09-12,",
        f"{WITHDRAWN},正常参保,未领取,,100.00,2019-03-01,",
        f"{DATE_ALONE},正常参保,未领取,,,,2019-05-01",
    ],
    "pension_register/死亡.csv": ["证件号码,参保状态,死亡日期", f"{DEAD_BY_DATE},正常参保,2019-03-01"],
    "bank_returns/B201908-001.txt": [
        "B201908-001|20190812|汤丹镇|4|400.00|",
        f"1|罗一|6217001234567800101|100.00|{REVERSED}|0000|成功|",
        f"2|罗二|6217001234567800102|100.00|{FAILED}|3031|户名不符|",
        f"3|外人|6217001234567800103|100.00|{STRANGER}|0000|成功|",
        f"4|外人|6217001234567800103|100.00|{STRANGER}|9Z99|待查|",
    ],
    "bank_returns/B201909-001.txt": [
        "B201909-001|20190912|汤丹镇|4|400.00|",
        f"1|罗一|6217001234567800101|100.00|{REVERSED}|3019|冲正|",
        f"2|龙九|6217001234567800104|100.00|{PAID_BOTH_WAYS}|0000|成功|",
        f"3|罗二|6217001234567800102|100.00|{FAILED}||账号不存在|",
        f"4|龙壬|6217001234567800106|100.00|{FAILED_LAST}|3031|户名不符|",
    ],
    # The second list of the batch stands in place of the first.
    "bank_returns/B201910-001.txt": [
        "B201910-001|20191012|汤丹镇|1|100.00|",
        f"1|龙戊|6217001234567800105|100.00|{WITHDRAWN}|0000|成功|",
    ],
    "bank_returns/B201910-001_更正.txt": [
        "B201910-001|20191012|汤丹镇|1|100.00|",
        f"1|外人|6217001234567800103|100.00|{STRANGER}|0000|成功|",
    ],
    "tax_returns/税务2.csv": [
        TAX_HEADER,
        f"1,汤丹镇,罗三,{TWICE},{TAX},100.00,2019-08-08,T1,成功,,财政代缴",
        f"2,汤丹镇,罗三,{TWICE},{TAX},100.00,2019-09-08,T2,成功,,财政代缴",
        f"3,汤丹镇,罗五,{DIED},{TAX},100.00,2019-09-09,T3,成功,,财政代缴",
        f"4,汤丹镇,罗四,{SILENT},{TAX},100.00,2019-10-09,T4,成功,,个人缴费",
        f"13,汤丹镇,罗四,{SILENT},{TAX},100.00,2019-11-09,T13,冲正,,个人缴费",
        f"5,汤丹镇,罗六,{UNCLASSIFIED},{TAX},读不出,2019-10-09,T5,成功,,财政代缴",
        f"6,汤丹镇,龙二,{SIXTEEN},{TAX},100.00,2019-08-08,T6,成功,,财政代缴",
        f"7,汤丹镇,龙四,{BIRTHDAY},{TAX},100.00,2019-08-08,T7,成功,,财政代缴",
        f"8,汤丹镇,龙五,{LAST_DAY},{TAX},100.00,2019-12-31,T8,成功,,财政代缴",
        f"9,汤丹镇,龙六,{NEXT_YEAR},{TAX},100.00,2020-01-01,T9,成功,,财政代缴",
        f"10,汤丹镇,龙七,{DIED_THAT_DAY},{TAX},100.00,2019-09-09,T10,成功,,财政代缴",
        f"11,汤丹镇,龙九,{PAID_BOTH_WAYS},{TAX},100.00,2019-09-12,T11,成功,,财政代缴",
        f"12,汤丹镇,龙十,{WRITTEN_SHORT},{TAX},100.00,2019-09-12,T12,征收,,财政代缴",
        f"14,汤丹镇,龙甲,{DEAD_BY_DATE},{TAX},100.00,2019-09-12,T14,成功,,财政代缴",
        f"15,汤丹镇,龙乙,{DATE_ALONE},{TAX},100.00,2019-09-12,T15,成功,,财政代缴",
        f"16,汤丹镇,龙丙,{CLASS_UNREADABLE},{TAX},100.00,2019-09-12,T16,成功,,财政代缴",
        f"17,汤丹镇,龙丁,{REVERSAL_UNREADABLE},{TAX},100.00,2019-09-12,T17,成功,,财政代缴",
        f"18,汤丹镇,龙丁,{REVERSAL_UNREADABLE},{TAX},读不出,2019-10-12,T18,冲正,,财政代缴",
        f"19,汤丹镇,龙大己,{LOST_CHARACTER},{TAX},100.00,2019-09-12,T19,成功,,财政代缴",
    ],
    "allocations/第2次.csv": ["乡镇,金额,人数,拨付日期", "汤丹 镇,600.00,6,2019-07-01", "汤丹镇,-250.00,3,2019-07-20"],
    "allocations/第3次.csv": ["乡镇,金额,人数,拨付日期", "汤丹镇,400.01,4,2019-08-20", "无名镇,10.00,1,2019-08-21"],
    # The money that the third list states already.
    "allocations/第4次.csv": ["乡镇,金额,人数,拨付日期", "昆明市东川区无名镇人民政府,10.00,1,2019-08-21"],
    "fund_documents/第2次.csv": [
        "文号,资金级次,金额,人数,下达日期",
        "昆财社基〔2019〕3号,市 级,0.08,10,2019-06-01",
        "东财社〔2019〕4号,区级,0.02,10,2019-06-15",
    ],
    "benefit_payments/待遇.csv": [
        "证件号码,月份,应发金额,实发金额",
        f"{OLD},2019-01,103.00,103.00",
        f"{STRANGER},2019-01,103.00,50.00",
    ],
    "satisfaction_survey/问卷.csv": ["满意度", "满意", "非常 满意", "不满意", "满意"],
}  # fmt: skip
# The same rows again, in another order.
_header, *_rows = FILES["classification/第2轮.csv"]
FILES["classification/第2轮_重报.csv"] = [_header, *reversed(_rows)]
SURVEY_OF_LATER = ("satisfaction_survey/补充.csv", ["满意度", "满意"])


def write_world(raw: Path) -> None:
    """Land the year's files, and those of the year before."""
    shutil.copytree(CASES / "00-base" / "raw", raw)
    shutil.copytree(raw / str(YEAR), raw / str(EARLIER_YEAR))
    (raw / str(EARLIER_YEAR) / "poverty_roll/20190331_roll.csv").rename(
        raw / str(EARLIER_YEAR) / "poverty_roll/20180331_roll.csv"
    )
    for name, lines in FILES.items():
        write_file(raw, name, lines)


REPLY_HEADER = {
    "kind_text": "差异类型", "severity_text": "级别", "township_name": "乡镇", "village": "行政村", "name": "姓名",
    "id_text": "证件号码", "channel_text": "渠道", "amount_text": "金额", "file_name": "来源文件", "sheet": "工作表",
    "row_number_text": "行号", "expected": "应为", "found": "实际", "action": "处理要求", "suggestion_text": "疑似人员",
    "suggestion_reason": "疑似理由", "status_text": "办理状态", "mismatch_id": "差异编号",
}  # fmt: skip
# The mismatches that are answered, by kind and name, each with the answer; the last isn't confirmed.
ANSWERS = {
    ("invalid_id", "罗土"): ("确认身份", f"{UNCHECKED[:6]} {UNCHECKED[8:17]}"),
    ("invalid_id", "罗金"): ("确认身份", f"{UNCHECKED_TOO}41"),
    ("classification_conflict", "龙七"): ("确认不符合", "迁出"),
    ("paid_after_60", "龙四"): ("追回", ""),
}


def _as_saved(name: str, text: str) -> str:
    """A cell as a list says it that was saved as text: an amount as it was shown."""
    return f"{Decimal(text):.2f}" if name == "amount_text" and text else text


def write_replies(raw: Path, store: Path, secret: str) -> None:
    """Send replies to mismatches of a refreshed year back: a township's, and the bureau's confirmation of all but the last."""
    columns = [f"mismatch_sheet.{name}" for name in (*REPLY_HEADER, "token")]
    with duckdb.connect(str(store), read_only=True) as connection:
        found = connection.execute(
            f"SELECT mismatch.kind, {', '.join(columns)} FROM core.mismatch_sheet "
            "INNER JOIN core.mismatch USING (policy_year, mismatch_id) WHERE policy_year = ? ORDER BY mismatch_id",
            [YEAR],
        ).fetchall()
    sent = {}
    for kind, *values in found:
        row = dict(zip((*REPLY_HEADER, "token"), values, strict=True))
        sent[kind, row["name"]] = row
    headers = [*REPLY_HEADER.values(), "校验码", "处理答复", "答复内容"]
    makers, checkers = [[*headers, "填报人", "填报日期"]], [[*headers, "乡镇填报人", "复核人", "复核日期"]]
    for number, (mismatch, (answer, value)) in enumerate(ANSWERS.items(), start=1):
        cells = [_as_saved(name, sent[mismatch][name] or "") for name in REPLY_HEADER]
        token = sent[mismatch]["token"]
        makers.append([*cells, token, answer, value, "罗小", "2019-11-01"])
        if number < len(ANSWERS):
            checked = keyed_hash(secret, f"checker|{token}|{answer}|{value}|罗小")
            checkers.append([*cells, checked, answer, value, "罗小", "龙大", "2019-11-02"])
    for name, rows in (("乡镇.csv", makers), ("复核.csv", checkers)):
        stream = io.StringIO()
        csv.writer(stream, lineterminator="\n").writerows(rows)
        write_file(raw, f"township_replies/{name}", stream.getvalue().splitlines())
