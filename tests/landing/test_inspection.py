"""What `daijiao inspect` says of a file: what is seen, what is missing, what to do, and nothing personal."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.landing import load_layouts
from pipeline.landing.inspection import describe, inspect_file
from tests.landing.files import text, xls, xlsx, xlsx_sheets
from tests.landing.test_bank_files import PADDED, PIPE, SHEET
from tests.landing.test_refusals import REFUSED

ID = "530113199501010015"
PERSONAL = (ID, "530113199601010012", "张三", "李四", "古丽", "6228480000000001", "13800000000")


def said(tmp_path: Path, file_name: str, content: bytes | str) -> str:
    """The text about one file."""
    path = tmp_path / file_name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return describe(inspect_file(path, load_layouts()))


@pytest.mark.parametrize(("layout", "content"), [("pipe", PIPE), ("padded", PADDED), ("sheet", SHEET)])
def test_a_file_that_is_read(layout: str, content: str, tmp_path: Path) -> None:
    """Kind, encoding, source found from the layout, totals, and the first rows masked."""
    lines = said(tmp_path, "某行.txt", content).splitlines()
    assert lines[:7] == [
        "文件:某行.txt",
        "类型:文本",
        "编码:utf-8",
        "来源:bank_returns(由版式推断)",
        f"版式:{layout}",
        "结果:可以读取,共 2 行:接收 2,隔离 0,不使用 0",
        "合计:2 笔,200.00 元(与明细一致)",
    ]
    assert "name 张** | account 数字×16 | amount 100.00 | id_no 530113********0015" in lines[-2]


def test_sheets_header_rows_and_quarantined_rows_are_named(tmp_path: Path) -> None:
    """By their place, never by what they say."""
    table = [["名单"], ["乡镇", "姓名", "证件号码", "核查"], [None, None, None, "核查日期"]]
    table = [*table, ["汤丹镇", "张三", ID, "2019-02-30"]]
    table[1].append("分类")
    table[3].append("返还")
    content = xlsx_sheets({"说明": [["请填写"]], "一": table})
    inspected = said(tmp_path, "classification/a.xlsx", content)
    assert "来源:classification(由路径得知)" in inspected
    assert "工作表“一”:表头在第 2 至 3 行" in inspected
    assert "乡镇(township)、姓名(name)、证件号码(id_no)、核查日期(verified_date)、分类(class)" in inspected
    assert "没有读取这些工作表:说明" in inspected
    assert "第 4 行 verified_date:unreadable_date: " in inspected
    assert not any(value in inspected for value in PERSONAL)


def test_a_file_that_fits_no_layout_is_told_the_nearest(tmp_path: Path) -> None:
    """With what is missing; of its rows only the shapes are shown."""
    inspected = said(tmp_path, "名单.csv", f"姓名,证件号码,分类,电话\n张三,{ID},返还,13800000000\n")
    assert "最接近的版式:classification / classification" in inspected
    assert "  已有表头:姓名、证件号码、分类\n  缺少表头:核查日期" in inspected
    assert "第 2 行:1 文字×2 | 2 数字×18 | 3 文字×2 | 4 数字×11" in inspected


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("folder", ["", "allocations/"])
def test_every_refusal_is_explained(case: str, folder: str, tmp_path: Path) -> None:
    """With its next step, wherever the file lies."""
    inspected = said(tmp_path, f"{folder}a.csv", REFUSED[case])
    assert "结果:拒绝" in inspected and f"原因:{case.split('/')[0]}" in inspected
    assert "请" in inspected.split("原因:")[1]
    assert "秘密" not in inspected and "机密" not in inspected


def test_a_roll_without_a_date_is_explained_and_the_path_may_state_it(tmp_path: Path) -> None:
    """As in the landing folder."""
    roll = f"姓名,证件号码\n张三,{ID}\n"
    assert "no_snapshot_date" in said(tmp_path, "poverty_roll/名单.csv", roll)
    assert "结果:可以读取" in said(tmp_path, "poverty_roll/20190331/名单.csv", roll)


def test_a_file_of_another_suffix_is_skipped(tmp_path: Path) -> None:
    """And what to do if it holds data."""
    assert "结果:跳过。不读取这种后缀的文件" in said(tmp_path, "a.pdf", "%PDF")


@pytest.mark.parametrize("write", [text, xlsx, xls])
def test_nothing_personal_is_shown_in_any_kind_of_file(write: object, tmp_path: Path) -> None:
    """Not in free texts either."""
    assert callable(write)
    rows = [[ID, "不符合", "张三 13800000000", "2019-06-01", "李四"]] * 5
    content = write([["证件号码", "分类", "不符合原因", "核查日期", "姓名"], *rows])
    inspected = said(tmp_path, f"{write.__name__}.csv", content)
    assert "结果:可以读取,共 5 行" in inspected
    assert not any(value in inspected for value in PERSONAL)


def test_a_missing_file_is_a_mistake_of_usage(tmp_path: Path) -> None:
    """So is a source that is none."""
    with pytest.raises(UsageError, match="There is no file"):
        inspect_file(tmp_path / "none.csv", load_layouts())
    (tmp_path / "a.csv").touch()
    with pytest.raises(UsageError, match="Name one of: poverty_roll"):
        inspect_file(tmp_path / "a.csv", load_layouts(), "banks")


def test_units_unused_columns_missing_fields_hidden_rows_and_numeric_ids_are_shown(tmp_path: Path) -> None:
    """What a person would otherwise learn only from the figures."""
    path = tmp_path / "pension_register" / "a.xlsx"
    path.parent.mkdir()
    header = ["证件号码", "参保状态", "是否死亡", "个人缴费金额(分)"]
    path.write_bytes(xlsx([header, [530113199501010015, "正常参保", "是", 10000]]))
    said = describe(inspect_file(path, load_layouts()))
    assert "金额单位:分" in said and "没有采用的列:是否死亡" in said and "exclusion(是否死亡)" in said
    assert "有 1 个证件号码以数值存储" in said
