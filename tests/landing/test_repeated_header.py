"""A header that is repeated on each page is no data row, however its cells are spelt."""

from pathlib import Path

import polars as pl

from pipeline.landing import load_layouts
from pipeline.landing.row_kinds import RowSorter
from pipeline.landing.tables import CELL_SEPARATOR
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


HEADER = ["姓名", "身份证号", "分类", "核查日期"]
ZHANG, LI = (["张三", "530199198506150010", "返还", "2019-05-10"], ["李四", "530199198506150029", "代缴", "2019-05-10"])
TITLE, TOTAL = ["汤丹镇核查名单", "", "", ""], ["合计", "2人", "", ""]


def whole(*batches: list[list[str]]) -> list[list[str]]:
    """The first cells of the rows of a list, batch by batch, as they are read on."""
    layout = next(each for each in load_layouts().of("classification") if each.form == "table")
    columns = {"name": 0, "id_no": 1, "status": 2, "verified_date": 3}
    sorter = RowSorter(layout, columns, HEADER, [CELL_SEPARATOR.join(row) for row in (TITLE, HEADER)])
    frames = [pl.DataFrame({"row_text": [CELL_SEPARATOR.join(row) for row in batch]}) for batch in batches]
    return [[text.split(CELL_SEPARATOR)[0] for text in frame["row_text"]] for frame in sorter.whole_heads(frames)]


def test_no_batch_ends_between_a_title_and_its_header() -> None:
    """What may be a title goes over to the next batch."""
    assert whole([ZHANG, TITLE], [HEADER, LI], [TOTAL]) == [["张三"], ["汤丹镇核查名单", "姓名", "李四"], ["合计"]]


def test_the_last_batch_is_not_parted() -> None:
    """Nothing comes behind it; most files have one batch alone, and each costs as much as a file."""
    assert whole([ZHANG, LI, TOTAL]) == [["张三", "李四", "合计"]]
    assert whole([ZHANG], [LI, TITLE]) == [["张三"], ["李四", "汤丹镇核查名单"]]
    assert whole() == []
