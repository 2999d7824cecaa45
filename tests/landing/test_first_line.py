"""The first line of a bank's text file tells its layout, and no later line does."""

from pathlib import Path

from tests.landing.files import land, only_file

BLANKS_IN_ID = """B201911-004|20191120|阿旺镇|2|200.00|
1|张三|6222000000000001|100.00|530198199001011234|0000||
2|李四|6222000000000002|100.00|530198 19600211 2412|0000||
"""


def test_an_id_with_blanks_is_not_the_first_line_of_another_layout(tmp_path: Path) -> None:
    """Split at blanks, the second row has a date in its middle, as the first line of `padded` has."""
    file = only_file(land(tmp_path, {"bank_returns/a.txt": BLANKS_IN_ID}))
    assert (file["status"], file["layout"], file["rows_read"]) == ("read", "pipe", 2)


QUOTED_SHEET = """"返还返盘名单"
"制表日期:2019-12-31 批次号:B02 乡镇:汤丹镇"
"序号"|"姓名"|"卡号"|"金额"|"身份证"|"响应码"|"处理标志"
"1"|"张三"|"6228480001"|"100.00"|"530199 19590101 0112"|"0000"|""
"合计"|"1笔"|""|"100.00"|""|""|""
"""


def test_a_quoted_id_with_blanks_is_not_the_first_line_of_another_layout(tmp_path: Path) -> None:
    """A first line of blank-separated columns holds no delimiter."""
    file = only_file(land(tmp_path, {"bank_returns/a.csv": QUOTED_SHEET}))
    assert (file["status"], file["layout"], file["rows_read"]) == ("read", "sheet", 1)


def test_a_count_with_its_word(tmp_path: Path) -> None:
    """Is a count: 2笔."""
    content = BLANKS_IN_ID.replace("|2|200.00|", "|2笔|200.00元|")
    file = only_file(land(tmp_path, {"bank_returns/a.txt": content}))
    assert (file["status"], file["layout"], file["control_count"]) == ("read", "pipe", 2)
