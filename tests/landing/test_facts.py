"""What is kept of a file beside its rows: unit, time of making, how its tables were read, and the cells themselves."""

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from pipeline.landing import Landing, tables_of
from pipeline.landing.parse import cells_path
from tests.landing.files import Cell, land, only_file, read, xlsx, xlsx_sheets

ID = "530199198506150010"
BANK: list[list[Cell]] = [
    ["汤丹镇返盘名单"],
    ["制表时间:2019-06-12 14:30 批次号:B1 单位:分"],
    ["序号", "姓名", "账号", "身份证号", "金额", "状态"],
    [1, "张 三", 6217001234567800001, f"'{ID}", 10000, "成功"],
    [2, None, "-", ID, "100元", "退票"],
    ["合计", "2笔", None, None, "200元", None],
]


def kept(landing: Landing) -> Path:
    """The Parquet file of the rows of the only file."""
    assert only_file(landing)["status"] == "read", only_file(landing)["reason"]
    return landing.cache / str(only_file(landing)["parquet"])


def test_cells_are_kept_as_the_reader_gave_them(tmp_path: Path) -> None:
    """A column a field of the layout; whether a number stood there; nothing cleaned."""
    cells = pl.read_parquet(cells_path(kept(land(tmp_path, {"bank_returns/a.xlsx": xlsx(BANK)}))))
    shown = ["sheet", "row_number", "name", "account", "id_no", "amount", "outcome", "number_account", "number_id_no"]
    assert cells.select(shown).rows() == [
        ("数据", 4, "张 三", "6217001234567799808", f"'{ID}", "10000", "成功", True, False),
        ("数据", 5, None, "-", ID, "100元", "退票", False, False),
    ]
    assert cells["township"].to_list() == [None, None] and not cells["is_misshapen"].any()


def test_tables_say_how_they_were_read(tmp_path: Path) -> None:
    """Also when the entry comes from the cache."""
    first_sheet = [BANK[2], [*BANK[3][:4], 100, "失败"], BANK[4], BANK[5]]
    first_sheet[2] = [*BANK[4][:5], "失败"]
    sheets = {"汤丹镇": first_sheet, "二": [[None], *BANK]}
    for _ in range(2):
        landing = land(tmp_path, {"bank_returns/a.xlsx": xlsx_sheets(sheets)})
    first, second = tables_of(kept(landing))
    assert (first.sheet, first.layout, first.units, first.rows_counted) == ("汤丹镇", "sheet", {"amount": "元"}, 2)
    assert (first.head, first.has_township, first.place_texts) == ({}, False, ())
    assert first.aliases["outcome"] == "状态" and first.aliases["id_no"] == "身份证号"
    assert second.units == {"amount": "分"} and second.head["batch_no"] == "B1"
    assert second.place_texts == ("汤丹镇返盘名单", "制表时间:2019-06-1214:30批次号:B1单位:分")


@pytest.mark.parametrize(
    ("stated", "moment", "has_hour"),
    [
        ("2019-06-12 14:30", datetime(2019, 6, 12, 14, 30), True),
        ("2019年6月12日9时5分", datetime(2019, 6, 12, 9, 5), True),
        ("20190612143005", datetime(2019, 6, 12, 14, 30, 5), True),
        ("2019-06-12 00:00", datetime(2019, 6, 12), True),
        ("2019-06-12", datetime(2019, 6, 12), False),
        ("六月", None, None),
    ],
)
def test_the_time_of_making_with_its_hour(
    stated: str, moment: datetime | None, has_hour: bool | None, tmp_path: Path
) -> None:
    """As the head says it."""
    content = f"制表时间:{stated} 付款日期:2019-06-01\n身份证号,金额,状态\n{ID},1,成功\n合计,1,\n"
    file, _ = read(tmp_path, "bank_returns/a.csv", content)
    assert (file["status"], file["made_at"], file["made_at_has_hour"]) == ("read", moment, has_hour)


def test_the_unit_of_a_file(tmp_path: Path) -> None:
    """Of the column of amounts; none where there is no such column."""
    assert read(tmp_path / "a", "bank_returns/a.xlsx", xlsx(BANK))[0]["unit"] == "分"
    assert read(tmp_path / "b", "fund_documents/a.csv", "资金级次,金额\n市级,1\n")[0]["unit"] == "万元"
    assert read(tmp_path / "c", "satisfaction_survey/a.csv", "满意度\n满意\n")[0]["unit"] is None
