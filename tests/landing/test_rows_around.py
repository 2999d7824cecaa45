"""What stands around the rows of a list: remarks and signatures below it, totals above it, dates of its head, units below."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.landing.files import Cell, as_every_kind, as_files, column, read, text, xls, xlsx

ID = "530113199501010015"
HEAD = ["制表时间:2019-06-12 批次号:B1 乡镇:汤丹镇"]
HEADER = ["序号", "姓名", "身份证号", "账号", "金额", "处理标志"]
ROWS = [["1", "张三", ID, "6228", "100.00", "成功"], ["2", "李四", "530113199601010012", "6229", "120.00", "失败"]]
TOTAL = ["合计", "2笔", "", "", "220.00", ""]


def listed(folder: Path, table: Sequence[Sequence[Cell]], source: str = "bank_returns") -> list[dict[str, object]]:
    """What is said of a table as a file."""
    return [read(folder / name, f"{source}/20190331_{name}", content)[0] for name, content in as_files(table).items()]


@pytest.mark.parametrize(
    "row",
    [
        ["打印日期:2019-06-12"],
        ["操作员:甲", "", "复核员:乙"],
        ["会计主管:", "", "", "出纳:"],
        ["制单人:", "甲", "电话:", "13800000000"],
        ["导出时间：2019-06-12 10:00:00"],
        ["大写：贰佰贰拾元整"],
        ["(以上款项已全部发放完毕)"],
        ["本表一式三份,乡镇和银行各存一份"],
        ["制表人 张三", "", "审核人 李四"],
        ["2、金额单位为元,保留两位小数。"],
        ["", "", "", "2019-06-30"],
        ["东川区城乡居民社会养老保险局(盖章)", "", "", "", "2019年6月30日"],
        ["以下空白"],
        ["", "—— 以下空白 ——"],
        ["过次页", "2笔", "", "", "220.00"],
        ["经公示无异议", "", "", "", "", ""],
        ["", "经公示无异议", "", "", "", ""],
        ["填表人 审核人 负责人", "", "", "", "", ""],
        ["", "    年   月   日"],
        ["", "-1-"],
        ["", "此页无正文"],
        ["================", "", "", "", "", ""],
        ["二〇一九年六月十二日", "", "", "", "", ""],
        ["本批共2笔"],
        ["东川区汤丹镇人民政府", "", "", "", "", "2019年6月"],
        ["代发银行(盖章)", "", "", "汤丹镇财政所(盖章)", "", ""],
        ["", "代发银行(盖章)", "", "", "", "2019年6月12日"],
        ["/", "/", "/", "/", "/", "/"],
        ["-", "——", "-", "", "-", "N/A"],
    ],
)
def test_what_is_said_of_the_list_is_no_row_of_it(row: list[str], tmp_path: Path) -> None:
    """Below the total or above it."""
    for table in ([HEAD, HEADER, *ROWS, TOTAL, row], [HEAD, HEADER, *ROWS, row, TOTAL]):
        for file in listed(tmp_path / str(table.index(row)), table):
            assert (file["status"], file["rows_read"]) == ("read", 2), file["reason"]


@pytest.mark.parametrize(
    "row",
    [
        ["打印日期:2019-06-12", "王五", ID, "6230", "100.00", "成功"],
        ["经手:甲", "王五", "", "", "", ""],
        ["3", "王五", "", "", "100.00", "成功"],
        ["汤丹镇", "", "", "", "", ""],
        ["批次号:B2", "", "", "", "", ""],
        ["", "2、买买提江·阿卜杜热合曼", "", "", "", ""],
        ["3", "王五", "", "", "", "2019-06-30"],
        ["", "3", "", "", "", ""],
        ["3", "", "", "", "", ""],
        ["第二批", "", "", "", "", ""],
        ["", "", ID, "", "", ""],
        [ID, "", "", "", "", ""],
        ["经办人:甲", "王五", ID, "6230", "100.00", "成功"],
        ["单位", "王五", ID, "6230", "100.00", "成功"],
        ["共3户", "王五", ID, "6230", "100.00", "成功"],
        ["本月小计", "王五", "", "622848000000001234", "100.00", "成功"],
    ],
)
def test_a_row_that_may_say_more_stays_data(row: list[str], tmp_path: Path) -> None:
    """So the total of a list that holds it is false."""
    for file in listed(tmp_path, [HEAD, HEADER, *ROWS, row, TOTAL]):
        assert str(file["reason"]).startswith("control_total_differs:"), file["reason"]


@pytest.mark.parametrize(
    ("row", "is_right"),
    [
        (["共计", "2笔", "", "", "220.00"], True),
        (["合 计 数", "2笔", "", "", "220.00"], True),
        (["合计数:", "3笔", "", "", "220.00"], False),
        (["共计", "3笔", "", "", "220.00"], False),
        (["共2笔,220.00元"], True),
        (["共2笔,221.00元"], False),
        (["总人数:2"], True),
        (["总人数:3"], False),
        (["本批共3笔"], False),
        (["合计笔数:", "2", "合计金额:", "220.00"], True),
        (["合计笔数:", "3", "合计金额:", "220.00"], False),
        (["合计笔数:", "2", "合计金额:", "221.00"], False),
        (["合计", "", "", "", "贰佰贰拾元整"], True),
        (["合计", "", "", "", "人民币(大写):贰佰壹拾元整"], False),
        (["笔数合计", "2", "金额合计", "220.00"], True),
        (["笔数合计", "2", "金额合计", "221.00"], False),
        (["合计金额(大写):贰佰贰拾元整", "", "", "", "小写:220.00"], True),
        (["合计金额(大写):贰佰贰拾元整", "", "", "", "小写:221.00"], False),
    ],
)
def test_totals_in_further_words(row: list[str], is_right: bool, tmp_path: Path) -> None:
    """They are totals, and checked."""
    for file in listed(tmp_path, [HEAD, HEADER, *ROWS, row]):
        assert (file["status"] == "read", "control_total_differs" in str(file["reason"])) == (is_right, not is_right)


@pytest.mark.parametrize(
    ("total", "is_right"),
    [
        (["合计:2人(返还1人,代缴1人,不符合0人)"], True),
        (["合计:返还1人,代缴1人"], True),
        (["合计:返还1人,代缴2人"], False),
        (["合计", "返还", "1", "代缴", "1"], True),
        (["合计:1户2人"], True),
        (["合计:2户1人"], False),
        (["合计", "", "男1人,女1人"], True),
        (["合计:3户"], False),
    ],
)
def test_a_total_that_counts_the_classes_apart(total: list[str], is_right: bool, tmp_path: Path) -> None:
    """What it says of one class, or of households beside persons, is no count of the rows; together the classes are."""
    header = ["序号", "姓名", "身份证号", "分类", "核查日期"]
    rows = [["1", "张三", ID, "返还", "2019-05-10"], ["2", "李四", "530113199601010012", "代缴", "2019-05-10"]]
    for file in listed(tmp_path, [header, *rows, total], "classification"):
        assert (file["status"] == "read", file["control_count"]) == (is_right, 2 if is_right else None), file["reason"]


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        (["总笔数:2 总金额:220.00"], ""),
        (["总笔数:", "2", "总金额(元):", "", "总金额:", "220.00"], ""),
        (["代发总笔数：2笔", "代发总金额：22000分"], ""),
        (["成功笔数:1 成功金额:100.00 失败笔数:1 失败金额:120.00"], ""),
        (["总笔数:3 总金额:220.00"], "control_total_differs"),
        (["总笔数:2", "总金额:221.00"], "control_total_differs"),
        (["成功笔数:2 失败笔数:0"], "control_total_differs"),
        (["本年累计总笔数:9 累计总金额:900.00"], "truncated"),
        (["2019年第3批,每人金额:100元"], "truncated"),
    ],
)
def test_totals_above_the_header(above: list[str], reason: str, tmp_path: Path) -> None:
    """Are totals of the list like those below it; sums of more than the list are none."""
    for file in listed(tmp_path, [HEAD, above, HEADER, *ROWS]):
        assert str(file["reason"] or "").partition(":")[0] == reason, file["reason"]


def test_a_false_total_above_a_right_one_refuses_the_list(tmp_path: Path) -> None:
    """By its own cell."""
    table = [HEAD, ["总笔数:", "3"], HEADER, *ROWS, TOTAL]
    places = ("单元格 B2 ", "单元格 B2 ", "第 2 行")
    for (name, content), place in zip(as_every_kind(table).items(), places, strict=True):
        file, _ = read(tmp_path / name, f"bank_returns/{name}", content)
        assert place in str(file["reason"]), file["reason"]


@pytest.mark.parametrize(
    ("below", "status"),
    [
        (["单位:万元"], "refused"),
        (["(单位:万元)"], "refused"),
        (["注:金额单位为万元"], "refused"),
        (["单位:千元"], "refused"),
        (["单位:元"], "read"),
        (["单位:某社保所"], "read"),
    ],
)
def test_a_unit_below_the_rows(below: list[str], status: str, tmp_path: Path) -> None:
    """Is never passed over where the amounts were read in another one."""
    for file in listed(tmp_path, [["乡镇", "金额"], ["汤丹镇", "0.05"], ["合计", "0.05"], below], "allocations"):
        assert (file["status"], "unit_below" in str(file["reason"])) == (status, status == "refused"), file["reason"]


@pytest.mark.parametrize("date", ["2019-06-31", "2019年一季度", "六月十二日"])
def test_a_date_of_the_head_that_can_not_be_read(date: str, tmp_path: Path) -> None:
    """Refuses a list whose rows have no date of their own; what stands in its place elsewhere is no answer."""
    head = [f"制表时间:2019-06-12 付款日期:{date} 批次号:B1 乡镇:汤丹镇"]
    snapshot = [[f"数据日期:{date}"], ["姓名", "身份证号", "类别"], ["张三", ID, "重度残疾"]]
    for file in [
        *listed(tmp_path / "bank", [head, HEADER, *ROWS, TOTAL]),
        *listed(tmp_path / "category", snapshot, "category_rolls"),
    ]:
        assert str(file["reason"]).startswith("unreadable_head_date:"), file["reason"]
    dated = [[*HEADER, "返还日期"], *([*row, "2019-06-12"] for row in ROWS), TOTAL]
    for file in listed(tmp_path / "dated", [head, *dated]):
        assert file["status"] == "read", file["reason"]


def test_a_time_of_making_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    """Where the list has another date; it is then read as one without a time of making."""
    head = ["制表时间:2019年6月 付款日期:2019-06-12 批次号:B1 乡镇:汤丹镇"]
    for file in listed(tmp_path, [head, HEADER, *ROWS, TOTAL]):
        assert file["status"] == "read" and str(file["reason"]).startswith("unreadable_made_at:"), file["reason"]


@pytest.mark.parametrize(
    ("source", "table"),
    [
        ("allocations", [["乡镇", "金额", "乡镇", "金额"], ["汤丹镇", "500", "阿旺镇", "500"]]),
        ("classification", [["身份证号", "分类", "核查日期", "分类"], [ID, "返还", "2019-05-10", "不符合"]]),
        ("pension_register", [["身份证号", "排除情形", "排除情形"], [ID, "现役军人", "死亡"]]),
    ],
)
def test_two_columns_of_a_required_field_that_differ(source: str, table: list[list[str]], tmp_path: Path) -> None:
    """Nobody knows which of them is meant."""
    for file in listed(tmp_path, table, source):
        assert str(file["reason"]).startswith("doubled_column:"), file["reason"]


def test_a_header_that_only_looks_like_the_missing_one_is_named(tmp_path: Path) -> None:
    """In the refusal, behind the name too."""
    for file in listed(tmp_path, [["乡镇", "姓名", "身份证号码(本人)"], ["汤丹镇", "张三", ID]], "poverty_roll"):
        assert "身份证号码(本人)" in str(file["reason"])
    assert column([file], "status") == ["refused"]


@pytest.mark.parametrize(
    ("column_index", "total", "is_read"),
    [
        (0, [], True),
        (1, [], False),
        (1, ["合计", 10, 4], True),
        (2, [], False),
        (2, ["合计", 10, ""], False),
        (2, ["合计", 10, 4], True),
    ],
)
def test_a_number_merged_over_documents(column_index: int, total: list[Cell], is_read: bool, tmp_path: Path) -> None:
    """Is each one's or all of theirs; where no total tells which, the file is refused."""
    rows: list[list[Cell]] = [["汤丹镇", 5, 2], ["汤丹镇", 5, 2]]
    rows[1][column_index] = None
    table = [["乡镇", "金额", "人数"], *rows, *([total] if total else [])]
    letter = "ABC"[column_index]
    contents = {
        "a.xlsx": xlsx(table, merged=[f"{letter}2:{letter}3"]),
        "a.xls": xls(table, merged=[(1, 2, column_index, column_index)]),
    }
    for name, content in contents.items():
        file, _ = read(tmp_path / name, f"allocations/{name}", content)
        assert (file["status"], f"{letter}2" in str(file["reason"])) == (
            "read" if is_read else "refused",
            not is_read,
        ), file["reason"]


@pytest.mark.parametrize("title", ["汤丹镇洒海村", "第二批"])
def test_a_title_that_is_merged_over_name_and_id(title: str, tmp_path: Path) -> None:
    """Is nobody's name; its row is told."""
    table = [["乡镇", "姓名", "身份证号"], ["汤丹镇", "张三", ID], [title, None, None], ["汤丹镇", "李四", None]]
    content = xlsx(table, merged=["A3:C3"])
    _, rows = read(tmp_path, "poverty_roll/20190331.xlsx", content)
    assert column(rows, "name") == ["张三", None, "李四"]
    assert column(rows, "quarantine_field") == [None, "name", None]


def test_a_line_that_is_cut_off_behind_its_number(tmp_path: Path) -> None:
    """Is no row that nobody filled in."""
    content = text([["序号", "姓名", "身份证号", "类别"], ["1", "张三", ID, "低保"]]) + "2"
    file, _ = read(tmp_path, "category_rolls/20190331.csv", content)
    assert str(file["reason"]).startswith("truncated:"), file["reason"]


def test_a_questionnaire_that_is_left_blank_is_a_row(tmp_path: Path) -> None:
    """Though it holds its number alone."""
    for file in listed(tmp_path, [["序号", "满意度"], ["1", ""], ["2", "满意"]], "satisfaction_survey"):
        assert (file["status"], file["rows_read"]) == ("read", 2)


def test_a_page_number_beside_a_title(tmp_path: Path) -> None:
    """Makes no row of it."""
    pages = [["返盘名单", "", "第1页"], HEAD, HEADER, ROWS[0], ["返盘名单", "", "第2页"], HEADER, ROWS[1], TOTAL]
    for file in listed(tmp_path, pages):
        assert (file["status"], file["rows_read"]) == ("read", 2), file["reason"]


@pytest.mark.parametrize("heading", ["一、汤丹镇", "汤丹镇", "(二)达贝村"])
def test_a_heading_of_the_rows_of_a_place(heading: str, tmp_path: Path) -> None:
    """Is none of them where each says its township; else it may be the place of those below it, and is told."""
    table = [
        ["序号", "乡镇", "姓名", "身份证号"],
        ["1", "汤丹镇", "张三", ID],
        [heading, "", "", ""],
        ["2", "汤丹镇", "李四", ID],
    ]
    for file in listed(tmp_path / "said", table, "poverty_roll"):
        assert (file["status"], file["rows_read"]) == ("read", 2), file["reason"]
    for file in listed(tmp_path / "unsaid", [[*row[:1], *row[2:]] for row in table], "poverty_roll"):
        assert (file["status"], file["rows_read"]) == ("read", 3), file["reason"]
