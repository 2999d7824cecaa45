"""Clean files of our own layouts, and the kinds of pollution that files of strangers have.

The kinds are those of the HPI's Pollock benchmark for loading (delimiter, quote, escape, record separator, encoding,
multibyte characters, cells missing or too many, header rows, preambles): a table has one kind at a time. Nothing here knows
how such a file is read.
"""

import csv
import io
from collections.abc import Callable, Sequence
from random import Random

Row = list[str]
Table = list[Row]
Kind = Callable[[Table, Random], bytes]

IDS = ("530113199501010015", "530113199601010012", "11010519491231002X", "530113195302070011", "530113196005050039")
PEOPLE = ("张三", "李 四", "阿依·古丽", "王小兰", "赵六")
TOWNSHIPS = ("汤丹镇", "铜都街道", "舍块乡", "红土地镇", "因民镇")


def clean_tables() -> dict[str, Table]:
    """A table a source, by file name: the header, then rows whose cells are all filled, with a last column of free text."""
    return {
        "allocations/a.csv": [
            ["乡镇", "金额", "人数", "拨付日期", "文号"],
            *([town, f"{index + 1},000.50", str(index + 1), f"2019-03-{index + 1:02}", f"财〔2019〕{index}号"]
              for index, town in enumerate(TOWNSHIPS)),
        ],
        "classification/a.csv": [
            ["乡镇", "姓名", "证件号码", "分类", "核查日期", "不符合原因"],
            *([town, name, id_no, "代缴", "2019-05-20", "核查,无误"]
              for town, name, id_no in zip(TOWNSHIPS, PEOPLE, IDS, strict=True)),
        ],
        "tax_returns/a.csv": [
            ["序号", "姓名", "证件号码", "征收项目", "实缴金额", "入库日期", "征收结果", "电子税票号码", "备注"],
            *([str(index), name, id_no, "10210", "100.00", "20190612", "成功", f"V{index:03}", "无"]
              for index, (name, id_no) in enumerate(zip(PEOPLE, IDS, strict=True), start=1)),
        ],
        "poverty_roll/20190331.csv": [
            ["乡镇", "行政村", "户编号", "姓名", "证件号码", "与户主关系", "在校生状况"],
            *([town, "梨坪村委会", f"H{index}", name, id_no, "户主", "非在校生"]
              for index, (town, name, id_no) in enumerate(zip(TOWNSHIPS, PEOPLE, IDS, strict=True))),
        ],
        "pension_register/a.csv": [
            ["证件号码", "参保状态", "待遇状态", "个人缴费金额", "个人缴费日期"],
            *([id_no, "正常参保", "未领取", "100", "2019/2/3"] for id_no in IDS),
        ],
        "bank_returns/a.csv": [
            ["批次号", "序号", "姓名", "身份证号", "账号", "金额", "返还日期", "处理标志", "返回信息"],
            *(["B1", str(index), name, id_no, f"622848{index:010}", "100", "2019年6月12日", "成功", "处理成功"]
              for index, (name, id_no) in enumerate(zip(PEOPLE, IDS, strict=True), start=1)),
            ["合计", "5笔", "", "", "", "500.00", "", "", ""],
        ],
    }  # fmt: skip


def dumped(
    table: Sequence[Sequence[str]],
    delimiter: str = ",",
    newline: str = "\n",
    quote: str = '"',
    quoting: int = csv.QUOTE_MINIMAL,
    escape: str | None = None,
) -> str:
    """A table as delimited text."""
    stream = io.StringIO()
    writer = csv.writer(
        stream,
        delimiter=delimiter,
        lineterminator=newline,
        quotechar=quote,
        quoting=quoting,  # type: ignore[arg-type]
        escapechar=escape,
        doublequote=escape is None,
    )
    writer.writerows(table)
    return stream.getvalue()


def other_delimiter(table: Table, random: Random) -> bytes:
    """A delimiter of senders."""
    return dumped(table, random.choice("\t;|")).encode()


def strange_delimiter(table: Table, random: Random) -> bytes:
    """A delimiter that nobody sends."""
    return dumped(table, random.choice("^~:")).encode()


def delimiter_with_blank(table: Table, random: Random) -> bytes:
    """A blank behind each delimiter."""
    delimiter = random.choice(",;|")
    return dumped(table, delimiter, quoting=csv.QUOTE_ALL).replace(f'"{delimiter}"', f'"{delimiter} "').encode()


def quoted(table: Table, random: Random) -> bytes:
    """Every cell in quotes, of one kind or the other."""
    return dumped(table, quote=random.choice("\"'"), quoting=csv.QUOTE_ALL).encode()


def quotes_in_text(table: Table, random: Random) -> bytes:
    """Quotes within a cell, doubled or behind a backslash."""
    row = random.randrange(1, len(table))
    return dumped(_with(table, row, -1, '又名"大伟",见附件'), escape=random.choice((None, "\\"))).encode()


def quote_left_open(table: Table, random: Random) -> bytes:
    """A cell whose quote never ends."""
    lines = dumped(table).splitlines()
    row = random.randrange(1, len(lines))
    lines[row] = '"' + lines[row]
    return "\n".join([*lines, ""]).encode()


def quote_within_a_cell(table: Table, random: Random) -> bytes:
    """A quote in the middle of a cell that nobody quoted."""
    lines = dumped(_with(table, random.randrange(1, len(table)), -1, "见附件〃")).replace("〃", '"')
    return lines.encode()


def line_break_in_text(table: Table, random: Random) -> bytes:
    """A quoted cell over two lines."""
    return dumped(_with(table, random.randrange(1, len(table)), -1, "第一行\n第二行")).encode()


def record_separator(table: Table, random: Random) -> bytes:
    """CRLF, CR, or some of each; the last one missing."""
    lines = dumped(table, quoting=csv.QUOTE_ALL).splitlines()
    separators = random.choice((["\r\n"], ["\r"], ["\n", "\r\n"]))
    return "".join(line + random.choice(separators) for line in lines).rstrip("\r\n").encode()


def blank_lines(table: Table, random: Random) -> bytes:
    """Blank lines, of blanks or of delimiters, between the rows and at the end."""
    lines = dumped(table).splitlines()
    for _ in range(random.randint(1, 4)):
        lines.insert(random.randrange(len(lines) + 1), random.choice(("", "   ", "," * (len(table[0]) - 1))))
    return "\n".join([*lines, "", ""]).encode()


def encoding(table: Table, random: Random) -> bytes:
    """Any of the encodings of senders."""
    return dumped(table).encode(random.choice(("utf-8-sig", "utf-16", "gbk", "gb18030")))


def two_encodings(table: Table, random: Random) -> bytes:
    """A row in another encoding than the rest."""
    lines = dumped(table).splitlines(keepends=True)
    row = random.randrange(1, len(lines))
    return b"".join(line.encode("gbk" if index == row else "utf-8") for index, line in enumerate(lines))


def multibyte(table: Table, random: Random) -> bytes:
    """Characters outside the basic plane, full width and invisible ones."""
    text = random.choice(("\U00020164说明", "说明\u200b", "ＡＢＣ", "é說明"))
    return dumped(_with(table, random.randrange(1, len(table)), -1, text)).encode(random.choice(("utf-8", "gb18030")))


def cell_missing(table: Table, random: Random) -> bytes:
    """A row without one of its cells, or two rows."""
    rows = [list(row) for row in table]
    for row in random.sample(rows[1:], random.randint(1, 2)):
        del row[random.randrange(len(row))]
    return dumped(rows).encode()


def cell_too_many(table: Table, random: Random) -> bytes:
    """A row with one more cell, filled or empty, somewhere."""
    rows = [list(row) for row in table]
    row = random.choice(rows[1:])
    row.insert(random.randrange(len(row) + 1), random.choice(("", "多余", "1")))
    return dumped(rows).encode()


def comma_unquoted(table: Table, random: Random) -> bytes:
    """Amounts or texts with a comma, and no quotes anywhere."""
    return "\n".join([",".join(row) for row in table] + [""]).encode()


def delimiter_at_the_end(table: Table, random: Random) -> bytes:
    """Of each line, with or without the header's."""
    first = random.choice((0, 1))
    return dumped([[*row, ""] if index >= first else row for index, row in enumerate(table)]).encode()


def columns_without_header(table: Table, random: Random) -> bytes:
    """A column whose header is empty."""
    place = random.randrange(len(table[0]) + 1)
    return dumped([[*row[:place], "" if index == 0 else "x", *row[place:]] for index, row in enumerate(table)]).encode()


def header_missing(table: Table, random: Random) -> bytes:
    """Rows alone."""
    return dumped(table[1:]).encode()


def header_repeated(table: Table, random: Random) -> bytes:
    """On each page, as it stands or with blanks."""
    rows = [list(row) for row in table]
    again = [" " + label for label in table[0]] if random.random() < 0.5 else list(table[0])
    rows.insert(random.randrange(2, len(rows)), again)
    return dumped(rows).encode()


def header_of_two_rows(table: Table, random: Random) -> bytes:
    """A group above some of the columns."""
    start = random.randrange(1, len(table[0]) - 1)
    upper = [*table[0][:start], "基本情况", *[""] * (len(table[0]) - start - 1)]
    lower = [*[""] * start, *table[0][start:]]
    return dumped([upper, lower, *table[1:]]).encode()


def preamble(table: Table, random: Random) -> bytes:
    """Lines above the table: titles, units, blank ones, with delimiters or without."""
    lines = ["附件2", "2019年名单(模拟数据)", "", "填报单位:某某局,,,2019年6月", "单位:元", "sep=,", "共5人,见下表"]
    return ("\n".join(random.sample(lines, random.randint(1, 5))) + "\n" + dumped(table)).encode()


def footer(table: Table, random: Random) -> bytes:
    """Lines below the table: signatures, notes, a day, page numbers."""
    width = len(table[0])
    lines = [
        "制表人:甲,,审核人:乙",
        "注:以上为模拟数据",
        "2019年6月30日",
        "第1页,共1页",
        "填报单位(盖章):",
        "联系人:丙",
        "打印时间:2019-06-30",
    ]
    rows = [[*line.split(","), *[""] * width][:width] for line in random.sample(lines, random.randint(1, 4))]
    return (dumped(table) + dumped(rows)).encode()


def cut_off(table: Table, random: Random) -> bytes:
    """The end of the file is lost."""
    content = dumped(table).encode()
    last = content.rstrip(b"\n").rindex(b"\n")
    return content[: random.randrange(last + 2, len(content) - 1)]


KINDS: tuple[Kind, ...] = (
    other_delimiter, strange_delimiter, delimiter_with_blank, quoted, quotes_in_text, quote_left_open,
    quote_within_a_cell, line_break_in_text, record_separator, blank_lines, encoding, two_encodings, multibyte,
    cell_missing, cell_too_many, comma_unquoted, delimiter_at_the_end, columns_without_header, header_missing,
    header_repeated, header_of_two_rows, preamble, footer, cut_off,
)  # fmt: skip


def _with(table: Table, row: int, column: int, text: str) -> Table:
    """The table with another text in one cell."""
    changed = [list(each) for each in table]
    changed[row][column] = text
    return changed
