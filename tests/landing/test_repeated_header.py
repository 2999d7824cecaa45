"""A header that is repeated on each page is no data row, however its cells are spelt."""

from pathlib import Path

from tests.landing.files import land, only_file

FULL_WIDTH_BRACKETS = """乡（镇）, 序号 ,金额(元),姓名,身份证,征收项目,处理结果,入库日期
汤丹镇,1,100,张三,530199198506150010,10210,成功,20190612
乡（镇）, 序号 ,金额(元),姓名,身份证,征收项目,处理结果,入库日期
汤丹镇,2,100,李四,530199198506150029,10210,成功,20190612
合计,2笔,200,,,,,
"""


def test_a_repeated_header_in_full_width_characters_is_no_row(tmp_path: Path) -> None:
    """乡（镇） is 乡(镇) after NFKC; a blank beside 序号 makes the row's text differ from the first header's."""
    file = only_file(land(tmp_path, {"tax_returns/a.csv": FULL_WIDTH_BRACKETS}))
    assert (file["status"], file["rows_read"]) == ("read", 2)
