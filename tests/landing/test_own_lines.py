"""Own layouts of text without a header: delimiters of several characters, fixed width, first lines of other makes."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.landing import Layouts, load_layouts
from tests.landing.files import column, land, only_file, typed_rows

ID = "530113199501010015"
WORDS = 'outcome_words: {success: ["0000"]}\n'
DELIMITED = f"""\
name: delimited
source: bank_returns
form: lines
delimiter: "|@|"
first_line: [batch_no, paid_date, township, total_count, total_amount]
columns: [line_no, name, account, amount, id_no, outcome_code, outcome_text]
is_total_required: true
{WORDS}"""
FIXED = f"""\
name: fixed
source: bank_returns
form: lines
first_line_positions: {{paid_date: [2, 9], batch_no: [10, 14], township: [15, 24], total_count: [25, 28], total_amount: [29, 36]}}
positions: {{line_no: [2, 5], name: [6, 15], account: [16, 25], id_no: [26, 43], amount: [44, 51], outcome_code: [52, 55]}}
amount_unit: 分
is_total_required: true
{WORDS}"""
COUNTED = f"""\
name: counted
source: bank_returns
form: lines
delimiter: "|"
first_line: [batch_no, total_count, total_amount, success_count, success_amount, failure_count, failure_amount]
columns: [line_no, name, account, amount, id_no, paid_date, outcome_code]
{WORDS}"""


def own(folder: Path, layout: str) -> Layouts:
    """The layouts with one of a person's own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "own.yaml").write_text(layout, encoding="utf-8")
    return load_layouts(folder)


def padded(text: str, width: int, encoding: str) -> str:
    """A text with blanks up to so many bytes."""
    return text + " " * (width - len(text.encode(encoding)))


def fixed_lines(encoding: str, *, end: str = "\n") -> bytes:
    """A list of fixed width, whose widths count bytes of an encoding."""
    lines = [f"H20190612B0001{padded('汤丹镇', 10, encoding)}000200030000"]
    for number, (name, fen) in enumerate((("张三", 10000), ("沙马·阿依"[:4], 20000)), start=1):
        lines.append(f"D{number:04}{padded(name, 10, encoding)}{padded('6228', 10, encoding)}{ID}{fen:08}0000")
    return (end.join(lines) + end).encode(encoding)


@pytest.mark.parametrize("trailing", ["", "|@|"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_delimiter_may_have_several_characters(trailing: str, encoding: str, tmp_path: Path) -> None:
    """And may end each line."""
    cells = [["B1", "20190612", "汤丹镇", "1", "100.00"], ["1", "张|三", "6228", "100.00", ID, "0000", "成功"]]
    content = "".join(f"{'|@|'.join(line)}{trailing}\n" for line in cells).encode(encoding)
    landing = land(tmp_path, {"bank_returns/a.txt": content}, layouts=own(tmp_path / "layouts", DELIMITED))
    rows = typed_rows(landing, "bank_returns").to_dicts()
    assert (only_file(landing)["layout"], only_file(landing)["control_count"]) == ("delimited", 1)
    assert [(row["name"], row["amount_yuan"], row["batch_no"]) for row in rows] == [("张|三", Decimal("100.00"), "B1")]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_columns_may_stand_at_byte_positions(encoding: str, end: str, tmp_path: Path) -> None:
    """Of the file's encoding, in which an ideograph has two bytes or three."""
    if encoding != "gb18030":
        layout = FIXED.replace("[6, 15]", "[6, 20]")
        for first, last in ((16, 25), (26, 43), (44, 51), (52, 55)):
            layout = layout.replace(f"[{first}, {last}]", f"[{first + 5}, {last + 5}]")
        layout = layout.replace("name: [6, 20], account: [21, 30]", "name: [6, 20], account: [21, 30]")
        content = fixed_lines("gb18030", end=end).decode("gb18030")
        first, *others = content.split(end)
        lines = [first[:14] + padded("汤丹镇", 10, "utf-8") + first[-12:]]
        for line in others[:-1]:
            cut = line.index("6228")
            lines.append(line[:5] + padded(line[5:cut].strip(), 15, "utf-8") + line[cut:])
        encoded = (end.join(lines) + end).encode(encoding)
    else:
        layout, encoded = FIXED, fixed_lines(encoding, end=end)
    landing = land(tmp_path, {"bank_returns/a.txt": encoded + b"\x1a"}, layouts=own(tmp_path / "layouts", layout))
    file = only_file(landing)
    assert (file["status"], file["layout"], file["control_yuan"]) == ("read", "fixed", Decimal("300.00")), file[
        "reason"
    ]
    rows = typed_rows(landing, "bank_returns").to_dicts()
    assert column(rows, "name") == ["张三", "沙马·阿"]
    assert column(rows, "account") == ["6228", "6228"]
    assert column(rows, "amount_yuan") == [Decimal("100.00"), Decimal("200.00")]
    assert {(row["township"], row["paid_date"], row["id_text"]) for row in rows} == {("汤丹镇", date(2019, 6, 12), ID)}


def test_a_false_head_of_fixed_width_names_line_and_field(tmp_path: Path) -> None:
    """Like any other first line."""
    content = fixed_lines("gbk").replace(b"000200030000", b"000200030001")
    file = only_file(land(tmp_path, {"bank_returns/a.txt": content}, layouts=own(tmp_path / "layouts", FIXED)))
    assert "第 1 行“总金额”写的金额合计是 300.01 元,明细为 300.00 元" in str(file["reason"])


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("B1|2|300.00|1|100.00|1|200.00", None),
        ("B1|2|300.00|2|300.00|0|0.00", "“成功笔数”写的成功笔数合计是 2,明细为 1"),
        ("B1|2|300.00|1|200.00|1|100.00", "“成功金额”写的成功金额合计是 200.00 元,明细为 100.00 元"),
        ("B1|2|300.00|2|200.00|1|200.00", "“成功笔数”写的成功与失败的笔数合计是 3,明细为 2"),
    ],
)
def test_a_head_may_count_successes_and_failures_and_lack_a_date(head: str, says: str | None, tmp_path: Path) -> None:
    """Each line then has its own date; a missing township stays unknown."""
    lines = [head, f"1|张三|6228|100.00|{ID}|20190612|0000", f"2|李四|6229|200.00|{ID}|20190613|3031"]
    landing = land(
        tmp_path, {"bank_returns/a.txt": "\n".join(lines) + "\n"}, layouts=own(tmp_path / "layouts", COUNTED)
    )
    file = only_file(landing)
    if says is not None:
        assert (file["status"], says in str(file["reason"])) == ("refused", True), file["reason"]
        return
    rows = typed_rows(landing, "bank_returns").to_dicts()
    assert [(row["paid_date"], row["township"]) for row in rows] == [
        (date(2019, 6, 12), None),
        (date(2019, 6, 13), None),
    ]


@pytest.mark.parametrize(
    ("layout", "old", "new", "says"),
    [
        (
            FIXED,
            "name: fixed",
            "name: fixed\nskool: [在校]",
            "skool: there is no such key; there may stand: name, source",
        ),
        (
            FIXED,
            "account: [16, 25]",
            "konto: [16, 25]",
            "positions: konto is not a known field here; there may stand: ",
        ),
        (FIXED, "account: [16, 25]", "account: [0, 25]", "positions.account.0"),
        (FIXED, "account: [16, 25]", "account: [25, 16]", "account ends at byte 16"),
        (FIXED, "account: [16, 25]", "account: [16]", "positions.account"),
        (FIXED, "total_count", "count_total", "first_line_positions.count_total"),
        (FIXED, "first_line_positions", "last_line: []\nfirst_line", "first_line"),
        (FIXED, "form: lines", "form: lines\ndelimiter: ','", "positions"),
        (DELIMITED, "batch_no, paid_date", "batch_no, pay_day", "first_line.1"),
        (DELIMITED, "form: lines", "form: lines\naliases: {sex: [性别]}", "aliases: sex is not a known field here"),
        (
            DELIMITED,
            "form: lines",
            "form: lines\nnear_words: {sex: [性别]}",
            "near_words: sex is not a known field here",
        ),
        (DELIMITED, "name, account", "name, konto", "columns: konto is not a known field here"),
        (DELIMITED, '"|@|"', '""', "delimiter"),
    ],
)
def test_a_fault_is_told_with_what_may_stand_there(layout: str, old: str, new: str, says: str, tmp_path: Path) -> None:
    """Before anything is read."""
    assert old in layout
    with pytest.raises(UsageError) as raised:
        own(tmp_path, layout.replace(old, new))
    assert str(tmp_path / "own.yaml") in str(raised.value) and says in str(raised.value), raised.value


@pytest.mark.parametrize(
    ("trailer", "status"),
    [
        ("合计 2 300.00元\n", "read"),
        ("小计 1 1\n合计      00002     00030000\n制表人: 甲   审核人: 乙\n", "read"),
        ("成功 2 30000\n失败 0 0\n合计 2 30000\n", "read"),
        ("合计 3 30000\n", "refused"),
        ("合计 2 30001\n", "refused"),
    ],
)
def test_the_last_lines_of_fixed_width_have_other_columns(trailer: str, status: str, tmp_path: Path) -> None:
    """Blanks set their cells apart: totals are checked, subtotals and signatures passed over."""
    content = fixed_lines("gb18030") + trailer.encode("gb18030")
    landing = land(tmp_path, {"bank_returns/a.txt": content}, layouts=own(tmp_path / "layouts", FIXED))
    file = only_file(landing)
    assert (file["status"], file["rows_read"]) == (status, 2 if status == "read" else 0), file["reason"]


WIDE_NAMES = f"""\
name: wide_names
source: bank_returns
form: lines
first_line_positions: {{batch_no: [1, 9], paid_date: [10, 17], township: [18, 27], total_count: [28, 31], total_amount: [32, 39]}}
positions: {{line_no: [1, 4], name: [5, 24], id_no: [25, 42], amount: [43, 50], outcome_code: [51, 54]}}
amount_unit: 分
is_total_required: true
{WORDS}"""


@pytest.mark.parametrize(
    ("total", "second", "is_named"),
    [("0002", "", None), ("0003", "", False), ("0002", "B00000002" + "20190613", True)],
)
def test_a_line_of_digits_begins_no_second_list(total: str, second: str, is_named: bool | None, tmp_path: Path) -> None:
    """The refusal of a false total names a second list only where a line states what the first one states."""
    place = padded("汤丹镇", 10, "gb18030")
    rows = [f"{number:04}{padded('张三', 20, 'gb18030')}{ID}{10000:08}0000" for number in (1, 2)]
    again = [f"{second}{place}{total}00020000", *rows] if second else []
    lines = [f"B0000000120190612{place}{total}00020000", *rows, *again, ""]
    landing = land(
        tmp_path, {"bank_returns/a.txt": "\n".join(lines).encode("gb18030")}, layouts=own(tmp_path / "own", WIDE_NAMES)
    )
    file = only_file(landing)
    assert (file["status"] == "read") == (is_named is None), file["reason"]
    assert ("另一份名单" in str(file["reason"])) == bool(is_named), file["reason"]
