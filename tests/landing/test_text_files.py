"""Text files: encodings, delimiters, quotes, line ends, and rows that have too few or too many cells."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.landing.files import column, read, text

TABLE = (
    ("乡镇", "金额", "文号"),
    ("汤丹镇", "1,000.00", "昆财社〔2019〕1号"),
    ("红土地镇", "200.00", "拨款说明 \U00020164"),
)
ROWS = [("汤丹镇", Decimal("1000.00"), "昆财社〔2019〕1号"), ("红土地镇", Decimal("200.00"), "拨款说明 \U00020164")]
GBK_TABLE = (*TABLE[:2], ("红土地镇", "200.00", "拨款"))
NAME = "allocations/a.csv"


def values(rows: list[dict[str, object]]) -> list[tuple[object, ...]]:
    """What the rows of an allocation list say."""
    return list(zip(column(rows, "township"), column(rows, "amount_yuan"), column(rows, "document_no"), strict=True))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_encodings_are_read_alike(encoding: str, tmp_path: Path) -> None:
    """The character outside the basic plane takes four bytes in GB18030."""
    file, rows = read(tmp_path, NAME, text(TABLE).encode(encoding))
    assert (file["status"], file["encoding"]) == ("read", encoding)
    assert values(rows) == ROWS


def test_gbk_is_read_as_gb18030(tmp_path: Path) -> None:
    """Which contains it."""
    _, rows = read(tmp_path, NAME, text(GBK_TABLE).encode("gbk"))
    assert values(rows) == [ROWS[0], ("红土地镇", Decimal("200.00"), "拨款")]


def test_big_endian_utf_16_is_read_by_its_mark(tmp_path: Path) -> None:
    """As some offices' programs write it."""
    _, rows = read(tmp_path, NAME, b"\xfe\xff" + text(TABLE).encode("utf-16-be"))
    assert values(rows) == ROWS


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_delimiters_line_ends_and_quotes_are_read_alike(
    delimiter: str, newline: str, quoting: int, tmp_path: Path
) -> None:
    """With and without a final newline."""
    content = text(TABLE, delimiter=delimiter, newline=newline, quoting=quoting)
    assert values(read(tmp_path, NAME, content)[1]) == ROWS
    assert values(read(tmp_path / "cut", NAME, content.rstrip("\r\n"))[1]) == ROWS


def test_apostrophes_can_be_quotes(tmp_path: Path) -> None:
    """Where the file has no other quotes."""
    content = "'乡镇','金额','文号'\n'汤丹镇','1,000.00','昆财社〔2019〕1号'\n"
    assert values(read(tmp_path, NAME, content)[1]) == ROWS[:1]


def test_quotes_behind_a_backslash_belong_to_the_text(tmp_path: Path) -> None:
    """Where the quotes match only so."""
    content = '乡镇,金额,文号\n汤丹镇,100.00,"关于\\"代缴\\"的通知"\n红土地镇,200.00,"1,2"\n'
    assert column(read(tmp_path, NAME, content)[1], "document_no") == ['关于"代缴"的通知', "1,2"]


def test_a_quoted_cell_may_hold_line_breaks_and_rows_are_counted_by_lines(tmp_path: Path) -> None:
    """A row's number is the line on which it begins."""
    content = '"乡\n镇",金额,文号\n汤丹镇,100.00,"第一行\n第二行"\n\n红土地镇,200.00,无\n'
    _, rows = read(tmp_path, NAME, content)
    assert list(zip(column(rows, "row_number"), column(rows, "township"), strict=True)) == [
        (3, "汤丹镇"),
        (6, "红土地镇"),
    ]


@pytest.mark.parametrize("content", ['乡镇,金额\n"汤"丹镇,100.00\n', '乡镇,金额\n汤丹镇,100.00\n"阿旺镇,200.00\n'])
def test_quotes_that_do_not_match_refuse_the_file(content: str, tmp_path: Path) -> None:
    """In the first row below the header too."""
    file, _ = read(tmp_path, NAME, content)
    assert (file["status"], str(file["reason"]).split(":")[0]) == ("refused", "damaged_text")


def test_a_header_on_the_last_line_that_is_searched_is_found_with_its_rows(tmp_path: Path) -> None:
    """Sixty lines are searched."""
    file, rows = read(tmp_path, NAME, "\n" * 59 + "乡镇,金额\n汤丹镇,100.00\n")
    assert (file["rows_read"], column(rows, "row_number")) == (1, [61])


def test_a_row_with_a_missing_cell_is_quarantined(tmp_path: Path) -> None:
    """Its cells may stand under other headers, so nothing in it is believed."""
    content = "乡镇,金额,人数,文号\n汤丹镇,100.00,1,甲\n汤丹镇,1,甲\n200.00,2,乙\n"
    file, rows = read(tmp_path, NAME, content)
    assert file["rows_read"] == 3
    assert column(rows, "quarantine_field") == [None, "row", "row"]
    assert str(rows[1]["quarantine_reason"]).startswith("column_count: ")


def test_empty_cells_at_the_end_may_be_left_out(tmp_path: Path) -> None:
    """Where a writer does so throughout, and every cell that is there can be read under its header."""
    content = "乡镇,金额,人数,日期,文号\n汤丹镇,100.00,1,2019-01-02,甲\n阿旺镇,200.00,2,2019-01-02\n乌龙镇,300.00,3\n"
    _, rows = read(tmp_path, NAME, content)
    assert column(rows, "amount_yuan") == [Decimal(100), Decimal(200), Decimal(300)]
    assert column(rows, "quarantine_field") == [None] * 3


def test_a_delimiter_may_end_each_line(tmp_path: Path) -> None:
    """In the header too or in the rows alone."""
    content = "乡镇,金额,文号\n汤丹镇,100.00,甲,\n阿旺镇,200.00,,\n"
    assert column(read(tmp_path, NAME, content)[1], "document_no") == ["甲", None]
    content = "乡镇,金额,文号,\n汤丹镇,100.00,甲,\n阿旺镇,200.00,乙\n"
    assert column(read(tmp_path / "header", NAME, content)[1], "document_no") == ["甲", "乙"]


@pytest.mark.parametrize("row", ["汤丹镇,1,000.00,", "汤丹镇,1,000.00,甲", "汤丹镇,100.00,甲,乙"])
def test_a_row_with_a_cell_too_many_is_quarantined(row: str, tmp_path: Path) -> None:
    """A comma that nobody quoted splits an amount in two."""
    _, rows = read(tmp_path, NAME, f"乡镇,金额,文号\n阿旺镇,100.00,\n{row}\n")
    assert column(rows, "quarantine_field") == [None, "row"]


def test_a_tax_row_with_a_missing_cell_is_not_taken_for_another_tax(tmp_path: Path) -> None:
    """Its levy item may stand in another column."""
    content = (
        "姓名,证件号码,征收项目,实缴金额,征收结果,入库日期\n"
        "张三,530113199501010015,10210,100,成功,2019-06-01\n"
        "530113199501010015,10210,100,成功,2019-06-01\n"
    )
    _, rows = read(tmp_path, "tax_returns/a.csv", content)
    assert column(rows, "quarantine_field") == [None, "row"]
    assert column(rows, "dropped_reason") == [None, None]


def test_a_file_whose_last_row_is_cut_off_is_refused(tmp_path: Path) -> None:
    """As a broken transfer leaves it."""
    file, _ = read(tmp_path, NAME, "乡镇,金额,文号\n汤丹镇,100.00,甲\n阿旺镇,20")
    assert (file["status"], str(file["reason"]).split(":")[0]) == ("refused", "truncated")
