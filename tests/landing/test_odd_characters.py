"""Control characters, texts written as formulas, numbers that lost digits, and markup under a table's name."""

from pathlib import Path

import pytest

from tests.landing.files import column, read, text, xls, xlsx

ID = "530113199501010015"
HEADER = ["乡镇", "户编号", "姓名", "证件号码"]


@pytest.mark.parametrize("end", ["\x1a", "\0\0\0", "\r\n\x1a\0", "\x1a\n"])
def test_what_stands_behind_the_last_line_is_set_apart(end: str, tmp_path: Path) -> None:
    """As old programs end a file."""
    content = f"乡镇,户编号,姓名,证件号码\r\n汤丹镇,1,张三,{ID}\r\n{end}".encode("gbk")
    file, rows = read(tmp_path, "poverty_roll/20190331.csv", content)
    assert (file["status"], column(rows, "name")) == ("read", ["张三"])


def test_control_characters_in_cells_are_set_apart(tmp_path: Path) -> None:
    """In text, and in workbooks, where they are written otherwise; also in a total row."""
    mark = "\x1f"
    table = [
        ["乡镇", "金额"],
        [f"{mark}汤丹镇", f"{mark}100"],
        [f"{mark}阿旺\x01镇", "200"],
        [f"{mark}合计", f"{mark}300\x02"],
    ]
    escaped = [
        [cell.replace(mark, "_x001F_").replace("\x01", "_x0001_").replace("\x02", "") for cell in row] for row in table
    ]
    contents: dict[str, bytes | str] = {"a.csv": text(table), "a.xls": xls(table), "a.xlsx": xlsx(escaped)}
    for name, content in contents.items():
        file, rows = read(tmp_path / name, f"allocations/{name}", content)
        assert (file["status"], column(rows, "township")) == ("read", ["汤丹镇", "阿旺镇"]), file["reason"]
        assert file["control_yuan"] == 300


@pytest.mark.parametrize("quote", ['="{}"', '"=""{}"""', '\u200b="{}" '])
def test_a_text_that_is_written_as_a_formula_is_that_text(quote: str, tmp_path: Path) -> None:
    """An ID, a number, a name; other texts that begin like a formula stay what they are."""
    cells = [quote.format(cell) for cell in ("1234567890123456789", "张三", ID)]
    content = f"乡镇,户编号,姓名,证件号码\n=1+2,{','.join(cells)}\n"
    _, rows = read(tmp_path, "poverty_roll/20190331.csv", content)
    assert [(row["township"], row["household_no"], row["name"], row["id_text"]) for row in rows] == [
        ("=1+2", "1234567890123456789", "张三", ID)
    ]


def test_a_number_has_no_blanks_and_no_apostrophe(tmp_path: Path) -> None:
    """So a voucher is the same however its digits are grouped; a number in exponent form lost its digits, ``12E5`` is a text."""
    numbers = ["'3530 0001", "3530\u00a00001", "3530\t0001", "3.53E+17", "3.53e17", "3E+17", "12E5"]
    content = "户编号,姓名,证件号码\n" + "".join(f"{number},张三,{ID}\n" for number in numbers)
    _, rows = read(tmp_path, "poverty_roll/20190331.csv", content)
    assert [row["household_no"] for row in rows] == ["35300001"] * 3 + [None] * 3 + ["12E5"]


def test_a_number_that_lost_digits_is_unknown(tmp_path: Path) -> None:
    """In numeric cells of more than 15 digits; a text of as many is what it says, and whole numbers have no decimals."""
    table = [
        HEADER,
        ["汤丹镇", 530113000000000123, "张三", ID],
        ["汤丹镇", "530113000000000123", "李四", ID],
        ["汤丹镇", 123456789012345, "王五", ID],
        ["汤丹镇", 12.0, "赵六", ID],
    ]
    contents = {"20190331.xlsx": xlsx(table), "20190331.xls": xls(table)}
    for name, content in contents.items():
        _, rows = read(tmp_path / name, f"poverty_roll/{name}", content)
        assert column(rows, "household_no") == [None, "530113000000000123", "123456789012345", "12"]


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        ("<html><table><tr><td>乡镇</td></tr></table></html>", "html_table", "HTML"),
        ("\n <!DOCTYPE html>\n<table><tr><td>乡镇</td></tr></table>", "html_table", "HTML"),
        ("<TABLE><tr><td>乡镇</td></tr></TABLE>", "html_table", "HTML"),
        (
            '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook></Workbook>',
            "xml_spreadsheet",
            "XML",
        ),
        ('<?xml version="1.0"?><html xmlns="x"><table/></html>', "html_table", "HTML"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "utf-8-sig", "utf-16"])
def test_markup_under_a_table_s_name_is_refused(
    content: str, code: str, word: str, encoding: str, tmp_path: Path
) -> None:
    """The sentence says what it is, and to save it as a workbook."""
    file, _ = read(tmp_path, "allocations/a.xls", content.encode(encoding))
    assert (
        str(file["reason"]).startswith(f"{code}: ") and word in str(file["reason"]) and ".xlsx" in str(file["reason"])
    )
