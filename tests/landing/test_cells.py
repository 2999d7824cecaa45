"""How single cells are read: IDs, names, accounts, amounts, dates, counts, formulas, in texts and in workbooks."""

import io
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from tests.landing.files import Cell, column, read, text, xls, xlsx

ID = "530113199501010015"
REGISTER = "pension_register/a"


def ids(tmp_path: Path, cells: Sequence[Cell], kind: str = "csv") -> list[tuple[object, object]]:
    """The ID of each cell, and whether it was a number."""
    table = [["证件号码", "参保状态"], *([cell, "正常参保"] for cell in cells)]
    write = {"csv": text, "xlsx": xlsx, "xls": xls}[kind]
    _, rows = read(tmp_path / kind, f"{REGISTER}.{kind}", write(table))
    return list(zip(column(rows, "id_text"), column(rows, "id_is_number"), strict=True))


@pytest.mark.parametrize(
    "written",
    [
        "530113 19950101 0015",
        "530113\u00a019950101\u00a00015",
        "\u200b530113199501010015\ufeff",
        "'530113199501010015",
        "＇530113199501010015",
        "５３０１１３１９９５０１０１００１５",
        "53011319950101001531",
    ],
)
def test_ids_are_repaired_silently(written: str, tmp_path: Path) -> None:
    """Blanks, invisible characters, apostrophe, full width; 20 digits are a disability certificate's."""
    assert ids(tmp_path, [written]) == [(ID, False)]


def test_ids_end_in_a_capital_x(tmp_path: Path) -> None:
    """Whatever the letter's case or width."""
    assert (
        ids(tmp_path, ["11010519491231002x", "11010519491231002Ｘ", "11010519491231002x43"])
        == [("11010519491231002X", False)] * 3
    )


def test_an_id_of_15_digits_is_widened_and_the_original_kept(tmp_path: Path) -> None:
    """With 19 and the check character."""
    _, rows = read(tmp_path, f"{REGISTER}.csv", "证件号码,参保状态\n530113950101001,正常参保\n")
    assert (rows[0]["id_text"], rows[0]["id_original"]) == (ID, "530113950101001")


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_ids_in_numeric_cells_are_known_as_numbers(kind: str, tmp_path: Path) -> None:
    """A number of 15 digits is not widened; texts of digits beside them stay texts. Excel keeps 15 digits of 18."""
    cells: list[Cell] = [530113199501010000, 530113950101001, ID, "530113950101001", None, "1"]
    read_ids = ids(tmp_path, cells, kind)
    assert read_ids[1:] == [("530113950101001", True), (ID, False), (ID, False), (None, False), ("1", False)]
    assert read_ids[0][1] is True


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_numbers_are_known_below_blank_rows(kind: str, tmp_path: Path) -> None:
    """Blank rows above the header and between rows move nothing."""
    table: list[list[Cell]] = [[None, None]] * 3
    table += [["证件号码", "参保状态"], [None, None], [530113950101001, "正常参保"], [ID, "正常参保"]]
    _, rows = read(tmp_path, f"{REGISTER}.{kind}", {"xlsx": xlsx, "xls": xls}[kind](table))
    assert [(row["row_number"], row["id_is_number"]) for row in rows] == [(6, True), (7, False)]


def test_ids_in_exponent_form_are_numbers(tmp_path: Path) -> None:
    """As a spreadsheet shows them, and saves them as text."""
    cells = ["5.30113E+17", "5.30113e17", "５．３０１１３Ｅ＋１７", "'5.30113E+17"]
    assert [is_number for _, is_number in ids(tmp_path, cells)] == [True] * 4


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_accounts_in_numeric_cells_of_more_than_15_digits_are_unknown(kind: str, tmp_path: Path) -> None:
    """A text of as many digits is not, nor a number of few."""
    table = [
        ["批次号", "身份证号", "账号", "金额", "处理标志", "返还日期"],
        *(
            ["B1", ID, account, 100, "成功", "2019-06-01"]
            for account in (6228480000000001234, "6228480000000001234", 62284800)
        ),
        ["合计", None, None, 300, None, None],
    ]
    write = xlsx if kind == "xlsx" else xls
    _, rows = read(tmp_path, f"bank_returns/a.{kind}", write(table))
    assert column(rows, "account") == [None, "6228480000000001234", "62284800"]


@pytest.mark.parametrize("dot", "·•・∙‧．.")
def test_names_are_shown_with_one_dot_and_compared_without(dot: str, tmp_path: Path) -> None:
    """Full-width letters become plain ones."""
    _, rows = read(tmp_path, "category_rolls/20190101.csv", f"姓名,身份证号,类别\n阿依{dot}古丽,{ID},低保\n")
    assert (rows[0]["name"], rows[0]["name_key"]) == ("阿依·古丽", "阿依古丽")


@pytest.mark.parametrize(
    ("written", "shown", "key"),
    [
        ("张 三", "张三", "张三"),
        ("张　三", "张三", "张三"),
        ("\u200b张\u00a0三 ", "张三", "张三"),
        ("ＴＯＭ　Li", "TOM Li", "TOMLi"),
        ("\U00020164三", "\U00020164三", "\U00020164三"),
        ("张?", "张?", "张?"),
        ("张？", "张?", "张?"),
        ("张□", "张□", "张?"),
        ("张*", "张*", "张?"),
        ("张\ufffd", "张\ufffd", "张?"),
        ("张\ue5e5", "张\ue5e5", "张?"),
    ],
)
def test_names_are_compared_on_a_key(written: str, shown: str, key: str, tmp_path: Path) -> None:
    """Blanks do not matter; what can't be read is one character of the key."""
    _, rows = read(tmp_path, "category_rolls/20190101.csv", f"姓名,身份证号,类别\n{written},{ID},低保\n")
    assert (rows[0]["name"], rows[0]["name_key"]) == (shown, key)


def amounts(tmp_path: Path, cells: Sequence[Cell], header: str = "金额") -> list[object]:
    """The amounts of an allocation list, as a workbook or, of texts, as text."""
    table = [["乡镇", header], *(["汤丹镇", cell] for cell in cells)]
    _, rows = read(tmp_path, "allocations/a.xlsx", xlsx(table))
    return column(rows, "amount_yuan")


def test_amounts_are_exact_decimals(tmp_path: Path) -> None:
    """The unit of an amount is that of the cell, else that of the header, else that of the layout."""
    cells = [
        "100元",
        "1,000.00",
        "１００",
        "100.0",
        "10000分",
        "0.01万元",
        " 100 ",
        "¥100",
        "+100",
        "100元整",
        "1，000",
    ]
    hundred = Decimal("100.00")
    assert amounts(tmp_path / "yuan", cells) == [
        hundred, Decimal("1000.00"), *[hundred] * 8, Decimal("1000.00"),
    ]  # fmt: skip
    assert amounts(tmp_path / "fen", ["10000", 10000, "100元"], "金额(分)") == [hundred] * 3
    assert amounts(tmp_path / "wan", ["523.544", 523.544, "100元"], "金额（万元）") == [Decimal("5235440.00")] * 2 + [
        hundred
    ]


def test_an_id_or_account_under_an_amount_or_a_count_is_none(tmp_path: Path) -> None:
    """A district has no such money and no such people."""
    numbers = ("530199850615001", "530199198506150010", "6217001234567", "999999999999.99", "9999999999")
    lines = "".join(f"汤丹镇,{number},{number}\n" for number in numbers)
    _, rows = read(tmp_path, "allocations/a.csv", f"乡镇,金额,人数\n{lines}")
    assert column(rows, "amount_yuan") == [None, None, None, Decimal("999999999999.99"), Decimal("9999999999.00")]
    assert column(rows, "persons") == [None, None, None, None, 9999999999]
    assert column(rows, "quarantine_field") == ["amount", "amount", "amount", "persons", None]


def test_amounts_in_numeric_cells_have_the_digits_that_a_spreadsheet_shows(tmp_path: Path) -> None:
    """Sums of floats do not bring their noise along."""
    assert amounts(tmp_path, [0.1 + 0.2, 65443000.009999998, 19.99 * 3]) == [
        Decimal("0.30"),
        Decimal("65443000.01"),
        Decimal("59.97"),
    ]


def test_grants_are_in_ten_thousand_yuan(tmp_path: Path) -> None:
    """With up to six decimals, which are whole fen."""
    _, rows = read(tmp_path, "fund_documents/a.csv", "文号,资金级次,金额\n甲,市级,523.544\n乙,区级,0.000001\n")
    assert column(rows, "amount_yuan") == [Decimal("5235440.00"), Decimal("0.01")]


@pytest.mark.parametrize("unreadable", ["一百", "1,00", "100.005", "1e2", "100美元", "--", "1.2.3"])
def test_an_amount_that_can_not_be_read_is_a_row_error(unreadable: str, tmp_path: Path) -> None:
    """So is one that is not a whole number of fen."""
    _, rows = read(tmp_path, "allocations/a.xlsx", xlsx([["乡镇", "金额"], ["汤丹镇", unreadable]]))
    assert (rows[0]["amount_yuan"], rows[0]["quarantine_field"]) == (None, "amount")


@pytest.mark.parametrize(
    "written",
    [
        "20190315",
        "2019.3.15",
        "2019-3-15",
        "2019/3/15",
        "2019年3月15日",
        "2019-03-15 00:00:00",
        "２０１９年３月１５日",
        "43539",
    ],
)
def test_dates_are_read_alike(written: str, tmp_path: Path) -> None:
    """In every form of the senders, with a time of day behind it too."""
    _, rows = read(tmp_path, "allocations/a.csv", f"乡镇,金额,日期\n汤丹镇,1,{written}\n")
    assert rows[0]["document_date"] == date(2019, 3, 15)


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_dates_in_cells_of_workbooks_are_read_alike(kind: str, tmp_path: Path) -> None:
    """As a date, as a serial number, and as a number of eight digits."""
    table: list[list[Cell]] = [["乡镇", "金额", "日期"], ["汤丹镇", 1, 43539], ["汤丹镇", 1, 20190315]]
    _, rows = read(tmp_path, f"allocations/a.{kind}", (xlsx if kind == "xlsx" else xls)(table))
    assert column(rows, "document_date") == [date(2019, 3, 15)] * 2
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["乡镇", "金额", "日期"])
        sheet.write_row(1, 0, ["汤丹镇", 1])
        sheet.write_datetime(1, 2, date(2019, 3, 15), book.add_format({"num_format": "yyyy-mm-dd"}))
    _, rows = read(tmp_path / "date", "allocations/a.xlsx", stream.getvalue())
    assert column(rows, "document_date") == [date(2019, 3, 15)]


@pytest.mark.parametrize("impossible", ["20190230", "2019-13-01", "0000-01-01", "2019年2月", "去年", "2019-3-15x"])
def test_an_impossible_date_is_a_row_error(impossible: str, tmp_path: Path) -> None:
    """And no other date."""
    _, rows = read(tmp_path, "allocations/a.csv", f"乡镇,金额,日期\n汤丹镇,1,{impossible}\n")
    assert (rows[0]["document_date"], rows[0]["quarantine_field"]) == (None, "document_date")


@pytest.mark.parametrize("kind", ["xlsx", "xls"])
def test_whole_numbers_in_numeric_cells_have_no_decimals(kind: str, tmp_path: Path) -> None:
    """序号 1.0, 人数 65443.0, 发放月份 201901."""
    write = xlsx if kind == "xlsx" else xls
    table: list[list[Cell]] = [["身份证号", "发放月份", "应发金额", "实发金额"], [ID, 201901.0, 103.0, 103]]
    _, rows = read(tmp_path, f"benefit_payments/a.{kind}", write(table))
    assert (rows[0]["month"], rows[0]["due_amount_yuan"]) == ("201901", Decimal("103.00"))
    _, rows = read(tmp_path, f"allocations/a.{kind}", write([["乡镇", "金额", "人数"], ["汤丹镇", 1, 65443.0]]))


@pytest.mark.parametrize(
    ("written", "expected"), [("65443", 65443), ("65,443", 65443), ("65443.0", 65443), ("412人", 412), ("+412", 412)]
)
def test_counts_are_whole_numbers(written: str, expected: int, tmp_path: Path) -> None:
    """With a thousands separator or a unit, if the sender likes."""
    _, rows = read(tmp_path, "allocations/a.csv", f'乡镇,金额,人数\n汤丹镇,1,"{written}"\n')
    assert rows[0]["persons"] == expected


def formulas(cells: Mapping[str, tuple[str, Cell]]) -> bytes:
    """An allocation list of one row whose cells are formulas with stored values."""
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, list(cells))
        for index, (formula, value) in enumerate(cells.values()):
            sheet.write_formula(1, index, formula, None, value)
    return stream.getvalue()


def test_a_formula_cell_is_its_stored_value(tmp_path: Path) -> None:
    """Nothing is computed; a formula without a stored value is an empty cell."""
    content = formulas({"乡镇": ('="汤丹"&"镇"', "汤丹镇"), "金额": ("=1+1", 100)})
    _, rows = read(tmp_path, "allocations/a.xlsx", content)
    assert (rows[0]["township"], rows[0]["amount_yuan"]) == ("汤丹镇", Decimal("100.00"))
    _, rows = read(tmp_path / "none", "allocations/a.xlsx", xlsx([["乡镇", "金额"], ["汤丹镇", "=50+50"]]))
    assert rows[0]["quarantine_reason"] == "empty_cell: 必填内容为空。请补齐后重新报送。"


def test_a_stored_number_in_a_formula_is_a_number(tmp_path: Path) -> None:
    """So its ID has lost digits; a stored text has not."""
    for value, is_number in ((530113199501010015, True), (ID, False)):
        content = formulas({"证件号码": ("=A9", value), "参保状态": ('="x"', "正常参保")})
        _, rows = read(tmp_path / str(is_number), f"{REGISTER}.xlsx", content)
        assert rows[0]["id_is_number"] is is_number


@pytest.mark.parametrize("sign", "=+-@")
def test_a_text_that_looks_like_a_formula_stays_that_text(sign: str, tmp_path: Path) -> None:
    """In text files."""
    _, rows = read(tmp_path, "allocations/a.csv", f"乡镇,金额,文号\n汤丹镇,1,{sign}1+1\n")
    assert rows[0]["document_no"] == f"{sign}1+1"


def test_a_failed_formula_can_not_be_read(tmp_path: Path) -> None:
    """As in a text file that is saved from the workbook; #N/A is no value, and a row of nothing else is blank."""
    table: list[list[Cell]] = [
        ["乡镇", "金额", "人数"],
        ["汤丹镇", 1, "#VALUE!"],
        ["因民镇", 1, "#N/A"],
        ["阿旺镇", "#REF!", 2],
        ["#N/A", "#N/A", "#N/A"],
    ]
    _, from_workbook = read(tmp_path, "allocations/a.xlsx", xlsx(table))
    _, from_text = read(tmp_path / "text", "allocations/a.csv", text(table[:4]))
    assert column(from_workbook, "quarantine_reason") == [
        "unreadable_count: 人数无法识别。请改为整数后重新报送。",
        None,
        "unreadable_amount: 金额无法识别或不是整分。请改为数字后重新报送。",
    ]
    assert column(from_workbook, "quarantine_field") == column(from_text, "quarantine_field")


def test_a_text_that_is_written_as_a_formula_is_that_text_in_a_workbook_too(tmp_path: Path) -> None:
    """As a text cell, and as a formula that states nothing but the text; any other formula needs its stored value."""
    book = openpyxl.Workbook()
    for row in (["乡镇", "证件号码", "分类", "核查日期"], *([town, None, "返还", "2019-05-01"] for town in "甲乙丙")):
        book.active.append(row)
    for place, formula in (("B2", f'="{ID}"'), ("B3", f'="{ID}"'), ("B4", f'="{ID}"&""')):
        book.active[place].value = formula
    book.active["B2"].data_type = "s"
    stream = io.BytesIO()
    book.save(stream)
    _, rows = read(tmp_path, "classification/a.xlsx", stream.getvalue())
    assert column(rows, "id_text") == [ID, ID, None]
    assert column(rows, "id_is_number") == [False] * 3


def test_headers_may_be_written_as_formulas(tmp_path: Path) -> None:
    """By programs that write every cell so."""
    content = f'="证件号码",="分类",="核查日期"\n="{ID}",="返还",="2019-05-01"\n'
    file, rows = read(tmp_path, "classification/a.csv", content)
    assert (file["status"], column(rows, "id_text"), column(rows, "class")) == ("read", [ID], ["返还"])


def test_a_head_that_states_no_township_is_read(tmp_path: Path) -> None:
    """A word for an empty cell is none."""
    for number, word in enumerate(("/", "-", "无")):
        head = f"批次号:B1 乡镇:{word} 制表时间:2019-06-12"
        content = f"{head}\n姓名,身份证号,账号,金额,处理标志\n张三,{ID},6228,100,成功\n合计,,,100,\n"
        file, rows = read(tmp_path / str(number), "bank_returns/a.csv", content)
        assert (file["status"], file["head_township"], column(rows, "township")) == ("read", None, [None])
