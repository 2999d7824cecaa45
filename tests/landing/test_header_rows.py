"""Rows that belong to a header by their place: a second one of unknown words, and one that numbers the columns."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.landing.files import Table, as_files, column, read, text, xls, xlsx

ID = "530113199501010015"
TITLE = [["返盘名单"], ["制表时间:2019-06-12 批次号:B1 乡镇:汤丹镇"]]
ROWS = [["1", "张三", "6228", ID, "120.00", "100.00", "成功"]]
TOTAL = [["合计", "1笔", "", "", "120.00", "100.00", ""]]


def bank(tmp_path: Path, header: Table, merged: str = "") -> list[tuple[dict[str, object], list[dict[str, object]]]]:
    """A bank list in each kind of file, its header in the third row and below; merged cells as a spreadsheet names them."""
    table = [*TITLE, *header, *ROWS, *TOTAL]
    areas = [(3 - 1, 3 - 1, 4, 5)] if merged else []
    contents: dict[str, bytes | str] = {
        "a.xlsx": xlsx(table, merged=merged.split()),
        "a.xls": xls(
            [[*row[:5], None, *row[6:]] if merged and row in header[:1] else row for row in table], merged=areas
        ),
        "a.csv": text(table),
    }
    return [read(tmp_path / name, f"bank_returns/{name}", content) for name, content in contents.items()]


@pytest.mark.parametrize(
    "header",
    [
        [["序号", "姓名", "账号", "身份证号", "应发金额", "金额", "状态"], ["", "", "", "", "核定", "转账", ""]],
        [["序号", "姓名", "账号", "身份证号", "应发金额", "金额", "状态"], ["", "(本人)", "", "", "(元)", "(元)", ""]],
        [["序号", "姓名", "账号", "身份证号", "上年", "金额", "状态"], ["", "", "", "", "2018年", "", ""]],
        [["序号", "姓名", "账号", "身份证号", "上年", "金额", "状态"], ["(1)", "", "", "", "1-12月", "", ""]],
        [
            ["序号", "姓名", "账号", "身份证号", "应发", "金额", "状态"],
            ["序号", "姓名", "账号", "身份证号", "", "金额", "状态"],
        ],
        [
            ["序号", "姓名", "账号", "身份证号", "应发金额", "*金额(必填)", "状态※"],
            ["1", "2", "3", "4", "5", "6=5-1", "7"],
        ],
        [["序号", "★姓名", "账号", "身份证号", "应发金额", "金额", "状态"], ["甲", "乙", "丙", "1", "2", "3", "4"]],
        [["序号", "姓名", "账号", "身份证号", "应发金额", "金额", "状态"], ["栏次", "1", "2", "3", "4", "5", "6"]],
        [["序号", "姓名", "账号", "身份证号", "应发金额", "金额", "状态"], ["A", "B", "C", "D", "1", "2", "3=1-2"]],
    ],
)
def test_a_row_below_the_header_without_values_belongs_to_it(header: list[list[str]], tmp_path: Path) -> None:
    """Whatever its words are; so does a row that numbers the columns."""
    for file, rows in bank(tmp_path, header):
        assert (file["status"], file["rows_read"], file["reason"]) == ("read", 1, None)
        assert column(rows, "amount_yuan") == [Decimal("100.00")]


def test_a_word_below_and_a_word_above_make_one_alias(tmp_path: Path) -> None:
    """应发 and 实发 below a merged 金额 are 应发金额 and 实发金额, in either order."""
    for place, (upper, lower) in enumerate((("金额", ("应发", "实发")), ("实发", ("标准", "金额")))):
        top = ["序号", "姓名", "账号", "身份证号", upper, upper, "状态"]
        header = [top, ["", "", "", "", *lower, ""]]
        for file, rows in bank(tmp_path / str(place), header, merged="E3:F3"):
            assert (file["status"], column(rows, "amount_yuan")) == ("read", [Decimal("100.00")]), file["reason"]


@pytest.mark.parametrize(
    "first",
    [
        ["", "", "", ID, "", "", ""],
        ["", "李四", "", "", "", "", "成功"],
        ["", "", "", "", "", "壹佰元整", ""],
        ["2", "", "", "", "", "", ""],
    ],
)
def test_a_row_with_a_value_is_data(first: list[str], tmp_path: Path) -> None:
    """Even where most of it is empty."""
    header = [["序号", "姓名", "账号", "身份证号", "应发金额", "金额", "状态"], first]
    table = [*TITLE, *header, *ROWS, ["合计", "2笔"]]
    file, _ = read(tmp_path, "bank_returns/a.xlsx", xlsx(table))
    assert (file["status"], file["rows_read"]) == ("read", 2)


def test_the_numbers_of_a_questionnaire_are_answers(tmp_path: Path) -> None:
    """Two columns could be numbered 1 and 2; 甲 and 1 could not be answers."""
    file, rows = read(tmp_path, "satisfaction_survey/a.csv", "问卷编号,满意度\n1,2\n2,1\n")
    assert (file["rows_read"], column(rows, "answer")) == (2, ["2", "1"])
    file, rows = read(tmp_path / "letters", "satisfaction_survey/a.csv", "问题一,问题二,满意度\nA,B,C\nB,B,C\n")
    assert (file["rows_read"], column(rows, "answer")) == (2, ["C", "C"])
    file, rows = read(tmp_path / "two letters", "allocations/a.csv", "乡镇,金额\nA,B\n汤丹镇,2\n")
    assert column(rows, "township") == ["A", "汤丹镇"]
    file, rows = read(tmp_path / "numbered", "allocations/a.csv", "乡镇,金额\n甲,1\n汤丹镇,2\n")
    assert column(rows, "township") == ["汤丹镇"]


def test_columns_of_the_same_words_are_one_where_they_agree(tmp_path: Path) -> None:
    """Equal in every row, or one of them empty in every row; else the file is refused and both are named."""
    header = ["序号", "姓名", "账号", "身份证号", "金额", "金额", "状态"]
    for name, other, status in (("equal", "100", "read"), ("empty", "", "read"), ("differing", "0.00", "refused")):
        row = ["1", "张三", "6228", ID, "100.00", other, "成功"]
        for swapped in (row, [*row[:4], row[5], row[4], row[6]]):
            table = [*TITLE, header, swapped, ["合计", "1笔", "", "", "100.00"]]
            for kind, content in as_files(table).items():
                file, rows = read(tmp_path / name / kind / swapped[5], f"bank_returns/{kind}", content)
                assert file["status"] == status, (name, kind, file["reason"])
                assert column(rows, "amount_yuan") == ([Decimal("100.00")] if status == "read" else [])
                if status == "refused":
                    assert "doubled_column" in str(file["reason"]) and "“金额”(E 列)、“金额”(F 列)" in str(
                        file["reason"]
                    )


@pytest.mark.parametrize(
    ("column_of", "value", "other", "status"),
    [
        ("账号", "6228 4800", "62284800", "read"),
        ("身份证号", "11010519491231002X", "110105 19491231 002x", "read"),
        ("姓名", "张三", "张 三", "read"),
        ("账号", "62284800", "/", "read"),
        ("金额", "100.00", "-", "read"),
        ("姓名", "张三", "无", "refused"),
        ("账号", "62284800", "62284801", "refused"),
    ],
)
def test_columns_of_the_same_words_agree_in_what_they_say(
    column_of: str, value: str, other: str, status: str, tmp_path: Path
) -> None:
    """Blanks make no difference, and a word for an empty cell is none."""
    row = {"姓名": "张三", "账号": "6228", "身份证号": ID, "金额": "100.00", "状态": "成功", column_of: value}
    for place, cells in enumerate(((value, other), (other, value))):
        first = {**row, column_of: cells[0]}
        table = [*TITLE, [*first, column_of], [*first.values(), cells[1]], ["合计1笔"]]
        file, _ = read(tmp_path / str(place), "bank_returns/a.csv", text(table))
        assert file["status"] == status, file["reason"]


def test_columns_that_no_field_takes_and_fields_without_a_column_are_told(tmp_path: Path) -> None:
    """With the header that comes near; a field that the head states was found."""
    file, _ = read(tmp_path, "pension_register/a.csv", f"姓名,*身份证号,参保状态,是否死亡\n张三,{ID},正常参保,是\n")
    assert file["columns_unused"] == "姓名、是否死亡"
    assert {"exclusion(是否死亡)", "benefit_status"} <= set(str(file["fields_not_found"]).split("、"))
    table = [
        *TITLE,
        ["序号", "姓名", "账号", "身份证号码(本人)", "金额", "状态"],
        ["1", "张三", "6228", ID, "1", "成功"],
        TOTAL[0][:2],
    ]
    file, _ = read(tmp_path / "bank", "bank_returns/a.xlsx", xlsx(table))
    assert file["columns_unused"] == "身份证号码(本人)"
    assert file["fields_not_found"] == "id_no(身份证号码(本人))、paid_date、outcome_code、outcome_text"
    file, _ = read(tmp_path / "none", "satisfaction_survey/a.csv", "满意度\n满意\n")
    assert (file["columns_unused"], file["fields_not_found"]) == (None, None)


def test_a_bare_unit_below_the_amount_is_its_unit(tmp_path: Path) -> None:
    """万元 alone in the second row is no value, and the amounts below it are in it, in every kind of file."""
    table = [["乡镇", "金额", "人数", "拨付日期"], ["", "万元", "人", ""], ["汤丹镇", "0.05", "5", "2019-04-01"]]
    for name, content in (("a.xlsx", xlsx(table)), ("a.xls", xls(table)), ("a.csv", text(table))):
        file, rows = read(tmp_path / name, f"allocations/{name}", content)
        assert (file["status"], file["rows_read"], file["unit"]) == ("read", 1, "万元")
        assert column(rows, "amount_yuan") == [Decimal("500.00")]
