"""The bank's three layouts: what their heads, lines and totals say."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from tests.landing.files import column, read, xlsx

ID = "530113199501010015"
PIPE = f"""B201906-003|20190612|汤丹镇|2|200.00|
1|张三|6228480000000001|100.00|{ID}|0000|处理成功|
2|李四|6228480000000002|100.00|530113199601010012|3009|账号不存在,请核实|
"""
PADDED = f"""B201906-003   20190612  汤丹镇
1 {ID}     6228480000000001 10000  成功    -  张 三
2 530113199601010012 -   10000 失败  户名不符 阿依 古丽
合计  2  20000
"""
SHEET = f"""返还返盘名单,,,,,,
制表时间:2019-06-12 10:20:30 批次号:B201906-003 乡镇:汤丹镇,,,,,,
序号,姓名,身份证号,账号,金额,处理标志,返回信息
1,张三,{ID},6228480000000001,100.00,成功,
2,李四,530113199601010012,6228480000000002,100.00,失败,无此账户
合计,2笔,,,200.00,,
制表人:甲,,审核人:乙,,,,
"""


@pytest.mark.parametrize(
    ("layout", "content", "reason"),
    [("pipe", PIPE, "no_such_account"), ("padded", PADDED, "name_mismatch"), ("sheet", SHEET, "no_such_account")],
)
def test_head_lines_and_total(layout: str, content: str, reason: str, tmp_path: Path) -> None:
    """The head's batch, date and township are those of each line."""
    file, rows = read(tmp_path, "bank_returns/a.txt", content)
    assert (file["status"], file["layout"], file["control_count"], file["control_yuan"]) == (
        "read", layout, 2, Decimal("200.00"),
    )  # fmt: skip
    assert (file["stated_date"], file["head_township"]) == (date(2019, 6, 12), "汤丹镇")
    for row in rows:
        assert (row["batch_no"], row["township"], row["paid_date"]) == ("B201906-003", "汤丹镇", date(2019, 6, 12))
    assert column(rows, "amount_yuan") == [Decimal("100.00")] * 2
    assert column(rows, "outcome") == ["success", "failed"]
    assert column(rows, "failure_reason") == [None, reason]
    assert column(rows, "id_text") == [ID, "530113199601010012"]


def test_lines_of_pipes_need_no_last_pipe(tmp_path: Path) -> None:
    """The head neither."""
    with_pipe, without = read(tmp_path / "with", "bank_returns/a.txt", PIPE), PIPE.replace("|\n", "\n")
    assert read(tmp_path / "without", "bank_returns/a.txt", without)[1] == with_pipe[1]


def test_names_behind_blanks_may_hold_blanks_and_a_dash_is_an_empty_field(tmp_path: Path) -> None:
    """In the padded layout."""
    _, rows = read(tmp_path, "bank_returns/a.txt", PADDED)
    assert (column(rows, "name"), column(rows, "account")) == (["张三", "阿依古丽"], ["6228480000000001", None])
    assert column(rows, "outcome_text") == [None, "户名不符"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (PIPE.replace("|2|200.00|", "|3|200.00|"), "control_total_differs"),
        (PIPE.replace("|2|200.00|", "|2|200.01|"), "control_total_differs"),
        (PADDED.replace("合计  2  20000\n", ""), "truncated"),
        (PADDED.replace("2  20000", "2  20001"), "control_total_differs"),
        (PADDED.replace("合计  2  20000", "合计  3"), "control_total_differs"),
        (SHEET.replace("合计,2笔,,,200.00,,\n", ""), "truncated"),
        (SHEET.replace("制表时间:2019-06-12 10:20:30", ""), "no_paid_date"),
        (PIPE.replace("|2|200.00|", "|"), "truncated"),
        (PIPE.replace("|20190612|", "|20190632|"), "unreadable_head_date"),
        (PIPE[: len(PIPE) // 2], "truncated"),
        (PADDED[: len(PADDED) // 2], "truncated"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(content: str, code: str, tmp_path: Path) -> None:
    """With a wrong total, without one, or with a payment of no date."""
    file, _ = read(tmp_path, "bank_returns/a.txt", content)
    assert (file["status"], str(file["reason"]).split(":")[0]) == ("refused", code)


def test_the_line_s_own_date_comes_first_then_the_head_s(tmp_path: Path) -> None:
    """付款日期 before 制表时间."""
    table: list[list[str | None]] = [
        ["制表时间：2019-06-12", "批次号：B1", "付款日期：2019年6月10日"],
        ["批次号", "身份证号", "金额", "处理标志", "交易日期"],
        [None, ID, "1", "成功", "2019-06-01"],
        ["B2", ID, "1", "成功", None],
        ["合计", None, "2"],
    ]
    file, rows = read(tmp_path, "bank_returns/a.xlsx", xlsx(table))
    assert column(rows, "paid_date") == [date(2019, 6, 1), date(2019, 6, 10)]
    assert column(rows, "batch_no") == ["B1", "B2"]
    assert file["stated_date"] == date(2019, 6, 10)


def lines(tmp_path: Path, header: str, rows: Sequence[str]) -> list[dict[str, object]]:
    """The lines of a bank sheet with the given columns behind ID, date and amount."""
    content = [f"身份证号,返还日期,金额,{header}", *(f"{ID},2019-06-01,1,{row}" for row in rows), "合计"]
    return read(tmp_path, "bank_returns/a.csv", "\n".join([*content, ""]).replace("合计", f"合计,,{len(rows)},"))[1]


@pytest.mark.parametrize(
    ("code", "text", "reason"),
    [
        ("3009", "", "no_such_account"),
        ("3030", "户名不符", "no_such_account"),
        ("9999", "账号不存在;请核实", "no_such_account"),
        ("9999", "无 此 账户", "no_such_account"),
        ("3031", "", "name_mismatch"),
        ("9999", "户名不符已销户", "name_mismatch"),
        ("3018", "", "account_closed"),
        ("3039", "", "account_closed"),
        ("9999", "该账户已销户", "account_closed"),
        ("3017", "", "account_frozen"),
        ("3020", "", "account_frozen"),
        ("9999", "账户冻结或挂失", "account_frozen"),
        ("3006", "", "account_lost"),
        ("3016", "", "account_lost"),
        ("9999", "挂失", "account_lost"),
        ("3063", "", "id_mismatch"),
        ("9999", "证件号不符", "id_mismatch"),
        ("3014", "", "amount_error"),
        ("3040", "", "amount_error"),
        ("3051", "", "duplicate"),
        ("9999", "重复", "duplicate"),
        ("9999", "网络原因;交易失败", "other"),
    ],
)
def test_failure_reasons(code: str, text: str, reason: str, tmp_path: Path) -> None:
    """By the code, else by the first of the words that the text contains, else other."""
    assert column(lines(tmp_path, "返回码,返回信息", [f"{code},{text}"]), "failure_reason") == [reason]


def test_what_a_first_line_leaves_empty(tmp_path: Path) -> None:
    """Township or batch number, and a township that is written as an empty field: the lines have none."""
    for number, (content, batch, township) in enumerate(
        (
            (PIPE.replace("|汤丹镇|", "||"), "B201906-003", None),
            (PIPE.replace("B201906-003|", "|", 1), None, "汤丹镇"),
            (PADDED.replace("汤丹镇", "-"), "B201906-003", None),
        )
    ):
        file, rows = read(tmp_path / str(number), "bank_returns/a.txt", content)
        assert (file["status"], file["rows_read"], file["head_township"]) == ("read", 2, township), file["reason"]
        assert (column(rows, "batch_no"), column(rows, "township")) == ([batch] * 2, [township] * 2)
    undated, _ = read(tmp_path / "undated", "bank_returns/a.txt", PIPE.replace("|20190612|", "||"))
    assert str(undated["reason"]).startswith("no_paid_date:")


@pytest.mark.parametrize(
    "head",
    [
        ["制表时间:2019-06-12,开户行:农商行,批次号:B201906-003,乡镇:汤丹镇"],
        ["制表时间：2019-06-12；批次号：B201906-003；乡镇：汤丹镇；"],
        ["(制表时间:2019-06-12)(批次号:B201906-003)(乡镇:汤丹镇)"],
        ["制表时间:2019-06-12/批次号:B201906-003/乡镇:汤丹镇/"],
        ["制表时间:2019年6月12日批次号:B201906-003乡镇:汤丹镇"],
        ["银行制表时间:2019-06-12 返盘批次号:B201906-003 所在乡镇:汤丹镇"],
        ["开户行:农商行乡镇:汤丹镇批次号:B201906-003制表日期:2019.6.12"],
        # The labels stand further to the right than the table.
        ["制表时间", "2019-06-12", "", "批次号", "B201906-003", "", "", "", "乡镇", "汤丹镇"],
    ],
)
def test_what_stands_between_the_values_of_a_head(head: list[str], tmp_path: Path) -> None:
    """Belongs to none of them."""
    title, _, *rows = (line.split(",") for line in SHEET.format(ID=ID).splitlines())
    file, found = read(tmp_path, "bank_returns/a.xlsx", xlsx([title, head, *rows]))
    assert file["status"] == "read", file["reason"]
    values = (column(found, name)[0] for name in ("paid_date", "batch_no", "township"))
    assert tuple(values) == (date(2019, 6, 12), "B201906-003", "汤丹镇")


def test_a_batch_number_in_a_numeric_cell_of_the_head(tmp_path: Path) -> None:
    """Has lost its last digits where it is too long, so the list has no batch number."""
    title, _, *rows = (line.split(",") for line in SHEET.format(ID=ID).splitlines())
    for number, batch_no in ((2019061200212345678, None), (201906120021234, "201906120021234")):
        head = ["制表时间", "2019-06-12", "批次号", number, "乡镇", "汤丹镇"]
        file, found = read(tmp_path / str(number), "bank_returns/a.xlsx", xlsx([title, head, *rows]))
        assert file["status"] == "read", file["reason"]
        assert (column(found, "batch_no")[0], column(found, "township")[0]) == (batch_no, "汤丹镇")


def test_a_label_within_a_longer_one(tmp_path: Path) -> None:
    """States another thing: the batch, the day or the township of something else."""
    title, _, *rows = (line.split(",") for line in SHEET.format(ID=ID).splitlines())
    head = [
        "打印日期:2020-01-15 计划付款日期:2019-06-01 制表时间:2019-06-12",
        "原批次号:B201905-001 批次号:B201906-003",
        "管理乡镇:铜都街道 乡镇:汤丹镇",
    ]
    file, found = read(tmp_path, "bank_returns/a.xlsx", xlsx([title, head, *rows]))
    values = (column(found, name)[0] for name in ("paid_date", "batch_no", "township"))
    assert tuple(values) == (date(2019, 6, 12), "B201906-003", "汤丹镇"), file["reason"]
    transfers = [["打印日期:2019-12-31"], ["乡镇", "金额", "拨付日期"], ["汤丹镇", "100", "2019-04-01"]]
    file, _ = read(tmp_path / "transfers", "allocations/a.xlsx", xlsx(transfers))
    assert (file["status"], file["stated_date"]) == ("read", None)


@pytest.mark.parametrize(
    ("last", "reason"),
    [
        ("合计|2|200.00|", None),
        ("合计:|2笔|200.00元", None),
        ("合计|2||200.00||||", None),
        ("合计|3|200.00|", "第 4 行“总笔数”写的笔数合计是 3,明细为 2"),
        ("合计|2|210.00|", "第 4 行“总金额”写的金额合计是 210.00 元,明细为 200.00 元"),
    ],
)
def test_a_last_line_of_a_pipe_file(last: str, reason: str | None, tmp_path: Path) -> None:
    """States count and sum, be it in the order of a total or below the columns."""
    file, rows = read(tmp_path, "bank_returns/a.txt", f"{PIPE}{last}\n")
    assert (file["status"], len(rows)) == (("refused", 0) if reason else ("read", 2)), file["reason"]
    assert (reason or "") in str(file["reason"])


def test_a_label_of_one_character_ends_the_value_before_it(tmp_path: Path) -> None:
    """The village behind the township is no part of it."""
    content = SHEET.replace("乡镇:汤丹镇", "乡镇:汤丹镇 村:洒海村 组:3")
    _, rows = read(tmp_path, "bank_returns/a.csv", content)
    assert column(rows, "township") == ["汤丹镇", "汤丹镇"]


def test_a_header_below_the_first_line_of_padded_columns(tmp_path: Path) -> None:
    """Is none of the rows; its unit is that of the layout."""
    header = "序号 身份证号 账号 金额({}) 状态 返回信息 姓名"
    head, rest = PADDED.split("\n", 1)
    file, rows = read(tmp_path, "bank_returns/a.txt", f"{head}\n{header.format('分')}\n{rest}")
    assert (file["status"], column(rows, "amount_yuan")) == ("read", [Decimal("100.00")] * 2), file["reason"]
    file, _ = read(tmp_path / "other", "bank_returns/a.txt", f"{head}\n{header.format('元')}\n{rest}")
    assert str(file["reason"]).startswith("second_list:")


@pytest.mark.parametrize("last", ["EOF", "*** END ***", "——结束——"])
def test_a_mark_of_the_end_is_no_row(last: str, tmp_path: Path) -> None:
    """Of which the first line would count one less."""
    file, rows = read(tmp_path, "bank_returns/a.txt", f"{PIPE}{last}\n")
    assert (file["status"], len(rows)) == ("read", 2), file["reason"]


@pytest.mark.parametrize("day", ["20190631", "2019-13-01", "190612"])
def test_a_first_line_whose_date_is_none_says_so(day: str, tmp_path: Path) -> None:
    """It isn't taken for a file of another layout."""
    file, _ = read(tmp_path, "bank_returns/a.txt", PIPE.replace("20190612", day))
    assert str(file["reason"]).startswith("unreadable_head_date: 第 1 行"), file["reason"]
