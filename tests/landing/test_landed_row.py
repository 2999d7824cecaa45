"""Rows of two files are compared by what they say, not by how it is written; what can't be read counts by its text."""

from pathlib import Path

from tests.landing.files import read

ID = "530199198506150010"


def digests(folder: Path, name: str, content: str) -> list[tuple[object, object]]:
    """The digest of each row of one file."""
    return [(row["content_upper"], row["content_lower"]) for row in read(folder, name, content)[1]]


def test_spelling_is_no_content(tmp_path: Path) -> None:
    """Words of one meaning, blanks, units and forms of dates; the township is compared elsewhere."""
    header = "乡镇,姓名,证件号码,征收项目,实缴金额,征收结果,入库日期,缴费方式"
    rows = digests(
        tmp_path, "tax_returns/a.csv",
        f"{header}\n汤丹镇,张 三,{ID},10210,100,成功,20190601,代缴\n汤丹,张三,{ID},城乡居保,100.00元,已入库,2019-6-1,政府代缴\n"
        f"汤丹镇,张三,{ID},10210,100,退库,20190601,代缴\n",
    )  # fmt: skip
    assert rows[0] == rows[1] != rows[2]


def test_what_can_not_be_read_counts_by_its_text(tmp_path: Path) -> None:
    """In every cell of the row, not in the first alone."""
    header = "身份证号,排除情形,个人缴费金额,个人缴费日期"
    rows = digests(
        tmp_path, "pension_register/a.csv",
        f"{header}\n{ID},失踪,一百,昨天\n{ID},失踪,一百,今天\n{ID},失联,一百,昨天\n{ID},失 踪,一百,昨天\n{ID},失踪,一百,昨天\n",
    )  # fmt: skip
    assert len(set(rows[:3])) == 3 and rows[4] == rows[0]


def test_a_reprint_says_the_same(tmp_path: Path) -> None:
    """The time of making is no content of a batch's lines, even where it is their only date; a stated date is."""

    def lines(name: str, head: str) -> list[tuple[object, object]]:
        content = f"{head}\n身份证号,金额,状态\n{ID},1,成功\n合计,1,\n"
        return digests(tmp_path / name, "bank_returns/a.csv", content)

    first = lines("a", "制表时间:2019-06-12 批次号:B1")
    assert lines("b", "制表时间:2020-01-05 批次号:B1") == first
    assert lines("c", "制表时间:2019-06-12 批次号:B1 付款日期:2019-06-12") != first
    assert lines("d", "制表时间:2019-06-12") != lines("e", "制表时间:2020-01-05")


def test_a_documents_number_is_compared_without_blanks_and_kinds_of_brackets(tmp_path: Path) -> None:
    """Another number is another document."""
    numbers = (
        "昆财社〔2019〕1号",
        "昆财社[2019] 1号",
        "昆财社（2019）1 号",
        "昆财社【2019】1号",
        "昆财社〔2019〕11号",
        "昆财社2019-1号",
    )
    lines = "".join(f"{number},市级,1\n" for number in numbers)
    _, rows = read(tmp_path, "fund_documents/a.csv", f"文号,资金级次,金额\n{lines}")
    keys = [row["repeat_key"] for row in rows]
    assert len(set(keys[:4])) == 1 and len(set(keys[3:])) == 3
    assert rows[1]["document_no"] == "昆财社[2019] 1号"
