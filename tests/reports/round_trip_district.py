"""A small district whose mismatches are answered: eight persons of 汤丹镇, and those of 铜都街道 whose replies are tampered with.

Every person is named for what happens to him; figures before and after the replies are reasoned in the tests.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

from tests.ids import with_check


def id_of(number: int) -> str:
    """The valid ID of a synthetic person born on 15 June 1985."""
    return with_check(f"53019919850615{number:03d}")


# The number of each person's ID; tampered replies are about 铜都街道's.
NUMBERS = {"张一": 1, "李二": 2, "王三": 3, "赵四": 4, "钱五": 5, "孙六": 6, "周七": 7, "吴八": 8}
TAMPERED = (
    *("改姓名", "改全角", "清空", "换校验码", "删校验码", "换编号", "编号写证件号", "增行", "重复", "已消失"),
    *("同一人", "同人空格", "乱答复", "无填报人", "乱原因", "未复核", "复核不同", "=1+1"),
)
IDS = {name: id_of(number) for name, number in NUMBERS.items()}
IDS |= {name: id_of(number) for number, name in enumerate(TAMPERED, start=101)}
MISTYPED_ID = IDS["李二"][:13] + "9" + IDS["李二"][14:]
INVALID_ID = IDS["孙六"][:-1] + ("1" if IDS["孙六"][-1] != "1" else "2")

ROLL = "poverty_roll/20190331_名单（①）.csv"


def write_district(folder: Path) -> None:
    """Write the year's files into an empty folder."""
    write_rows(folder / ROLL, ("乡镇", "行政村", "户编号", "姓名", "证件号码"), _roll())
    classes = [
        ("汤丹镇", name, IDS[name], "代缴", "", "2019-05-20") for name in ("张一", "王三", "钱五", "孙六", "周七")
    ]
    classes += [("汤丹镇", "李二", IDS["李二"], "返还", "", "2019-05-20")]
    classes += [("汤丹镇", "吴八", IDS["吴八"], "不符合", "迁出", "2019-05-20")]
    write_rows(folder / "classification/分类.csv", _CLASS_HEADER, classes)
    write_rows(
        folder / "pension_register/登记.csv",
        ("证件号码", "排除情形", "个人缴费金额", "个人缴费日期"),
        [(IDS["王三"], "死亡", "", ""), (IDS["李二"], "", "100.00", "2019-03-01")],
    )
    lines = ("B01|20190612|汤丹镇|1|100.00|", f"1|李二|6222020000000000001|100.00|{MISTYPED_ID}|0000|成功|")
    target = folder / "bank_returns/汤丹.txt"
    target.parent.mkdir(parents=True)
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    paid = [("张一", "2019-06-20"), ("王三", "2019-06-20"), ("孙六", "2019-06-20"), ("吴八", "2019-06-20")]
    paid += [("周七", "2019-06-20"), ("周七", "2019-09-20")]
    write_rows(
        folder / "tax_returns/税务.csv",
        (
            "序号",
            "乡镇",
            "姓名",
            "证件号码",
            "征收项目",
            "实缴金额",
            "入库日期",
            "电子税票号码",
            "征收结果",
            "缴费方式",
        ),
        [
            (str(place), "汤丹镇", name, IDS[name], "10210", "100.00", day, f"V{place}", "成功", "财政代缴")
            for place, (name, day) in enumerate(paid, start=1)
        ],
    )
    # The district's grant states more persons than its money pays for.
    write_rows(
        folder / "fund_documents/下达.csv",
        ("文号", "资金级次", "金额(元)", "人数", "日期"),
        [("文1", "市级", "640.00", "8", "2019-01-10"), ("文2", "区级", "160.00", "9", "2019-01-11")],
    )
    write_rows(
        folder / "allocations/拨付.csv",
        ("乡镇", "金额", "人数", "拨付日期", "文号"),
        [("汤丹镇", "800.00", "8", "2019-02-10", "拨1")],
    )


def classify_the_vanished(folder: Path) -> None:
    """A later list classifies the person whose mismatch is to vanish before his reply comes."""
    row = ("铜都街道", "已消失", IDS["已消失"], "代缴", "", "2019-08-01")
    write_rows(folder / "classification/补报.csv", _CLASS_HEADER, [row])


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a CSV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


_CLASS_HEADER = ("乡镇", "姓名", "证件号码", "分类", "不符合原因", "核查日期")


def _roll() -> list[tuple[str, str, str, str, str]]:
    rows = [("汤丹镇", "洒海村委会", "H1", name, IDS[name]) for name in NUMBERS if name != "孙六"]
    rows += [("汤丹镇", "洒海村委会", "H1", "钱舞", IDS["钱五"]), ("汤丹镇", "洒海村委会", "H6", "孙六", INVALID_ID)]
    rows += [("铜都街道", "京铜社区居委会", "H2", name, IDS[name]) for name in TAMPERED]
    return rows
