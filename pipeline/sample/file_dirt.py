"""Files that come again, are damaged or are no lists, and the forms of text files; with what must become of each."""

import re
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl

from pipeline.sample.cell_dirt import without_serial_dates
from pipeline.sample.files import MARK, PlannedFile, Table, exchanged, of_source, renamed
from pipeline.sample.workbooks import workbook_bytes
from pipeline.sample.writers import text_bytes

ENCODINGS = ("utf-8", "gb18030", "utf-8-sig", "utf-16")
DELIMITERS = (",", "\t", ";", "|")
PDF = f"%PDF-1.4\n% {MARK}\n%%EOF\n".encode()

PAGE = "<html><body><table><tr><td>姓名</td><td>应发金额</td></tr></table></body></html>\n".encode()
"""A table of a web page, named as a workbook."""

MADE_ON = re.compile(r"制表时间:(\d{4}-\d\d-\d\d)")

Files = list[PlannedFile]


def same_rows(files: Files) -> Files:
    """A tax workbook and a classification workbook that come again as text, in another order."""
    again = []
    for source in ("tax_returns", "classification"):
        sent = next((planned for planned in of_source(files, source) if planned.is_workbook), None)
        if sent is None:
            continue
        plain = Table(without_serial_dates(sent.table).rows.reverse())
        name = renamed(sent, "_重报", ".csv")
        again.append(replace(sent, name=name, tables=(plain,), encoding="utf-8", status="same_rows"))
    return again


def reprints(files: Files) -> Files:
    """A batch of a workbook printed again on a later day: the same rows under another 制表时间."""
    sent = next((each for each in of_source(files, "bank_returns") if each.is_workbook and each.rows_read), None)
    if sent is None:
        return []
    [title, [head]] = sent.table.preamble
    made = MADE_ON.search(head or "")
    if made is None:
        return []
    later = f"{date.fromisoformat(made[1]) + timedelta(days=2):%Y-%m-%d}"
    table = replace(sent.table, preamble=[title, [(head or "").replace(made[1], later)]])
    return [replace(sent.with_table(table), name=renamed(sent, "_重印"), status="same_rows")]


def lists_of_failures(files: Files) -> Files:
    """A batch's failed lines, listed once more; each of them stands in the batch already and is dropped."""
    for sent in of_source(files, "bank_returns"):
        failed = sent.table.rows.filter(pl.col("处理标志").str.contains("失败|不成功")) if sent.is_workbook else None
        if failed is not None and 0 < failed.height < sent.rows_read:
            total = sum((Decimal(amount) for amount in failed["金额"]), Decimal(0))
            foot = [["合计", f"{failed.height}笔", None, None, f"{total:.2f}"]]
            again = sent.with_table(replace(sent.table, rows=failed, footer=foot))
            name = renamed(sent, "_失败明细")
            return [replace(again, name=name, rows_read=failed.height, rows_dropped=failed.height)]
    return []


def with_cumulative_transfers(files: Files) -> Files:
    """The transfers of the first day in a list of their own; that of the whole year repeats them, and they are dropped."""
    whole = of_source(files, "allocations")[0]
    first = whole.table.rows.filter(pl.col("拨付日期") == pl.col("拨付日期").first())
    persons = str(first["人数"].cast(pl.Int64).sum())
    amount = f"{Decimal(first['金额'].cast(pl.Decimal(18, 2)).sum()):.2f}"
    table = replace(whole.table, rows=first, footer=[["合计", None, persons, amount]])
    spring = replace(whole.with_table(table), rows_read=first.height)
    cumulative = replace(whole, name=renamed(whole, "_累计"), rows_dropped=first.height)
    return [*exchanged(files, whole, cumulative), spring]


def with_sums_of_fees(files: Files) -> Files:
    """A batch of a workbook with a column of fees, whose 合计 row sums them too."""
    batches = _batches_of_workbooks(files)
    if not batches:
        return files
    sent = batches[-1]
    table = sent.table
    fees = table.rows.with_columns(pl.lit("0.50").alias("手续费"))
    [total, *others] = table.footer
    total = [*total, *[None] * (table.rows.width - len(total)), f"{Decimal('0.50') * fees.height:.2f}"]
    return exchanged(files, sent, sent.with_table(replace(table, rows=fees, footer=[total, *others])))


def without_batch_number(files: Files) -> Files:
    """A batch of a workbook whose head states no batch number."""
    batches = _batches_of_workbooks(files)
    if len(batches) < 2:
        return files
    sent = batches[-2]
    [title, [head]] = sent.table.preamble
    table = replace(sent.table, preamble=[title, [re.sub(r"批次号:\S+ ", "", head or "")]])
    return exchanged(files, sent, sent.with_table(table))


def _batches_of_workbooks(files: Files) -> Files:
    """The batches that are read whole, and that no other file brings again."""
    batches = [each for each in of_source(files, "bank_returns") if each.is_workbook]
    stems = [each.name.removesuffix(".xlsx") for each in batches]
    return [
        each
        for each, stem in zip(batches, stems, strict=True)
        if each.status == "read"
        and each.rows_read
        and sum(other.startswith(stem) for other in stems) == 1
        and not any(stem.startswith(other) for other in stems if other != stem)
    ]


def in_form(planned: PlannedFile, place: int) -> PlannedFile:
    """Encoding, delimiter, line break and quotes of a text file, each in turn of the files' places."""
    if planned.is_workbook:
        return planned
    formed = replace(planned, encoding=ENCODINGS[place % 4], newline="\r\n" if place % 3 == 0 else "\n")
    if planned.source == "bank_returns":
        return formed
    quote_style = "always" if place % 7 == 0 else "necessary"
    return replace(formed, delimiter=DELIMITERS[place // 2 % 4], quote_style=quote_style)


def same_bytes(files: Files) -> Files:
    """A batch and a snapshot under another name."""
    sent = [
        next(planned for planned in reversed(of_source(files, source)) if planned.status == "read")
        for source in ("bank_returns", "poverty_roll")
    ]
    return [replace(planned, name=renamed(planned, "_副本"), status="same_bytes") for planned in sent]


def damaged(files: Files) -> Files:
    """Files that are cut off, empty or of no known layout; the whole ones lie beside them.

    A county of few townships hasn't files of every form, and then none of that form that is damaged.
    """
    contents: list[tuple[str, str, bytes]] = []
    if (pipe := _first_batch(files, "|")) is not None:
        first_half = pipe.with_table(replace(pipe.table, rows=pipe.table.rows.head(pipe.rows_read // 2)))
        contents.append(("bank_returns", renamed(pipe, "_传输中断"), text_bytes(first_half)))
    if (padded := _first_batch(files, " ")) is not None:
        without_total = padded.with_table(replace(padded.table, footer=[]))
        contents.append(("bank_returns", renamed(padded, "_传输中断"), text_bytes(without_total)))
    if (book := next((each for each in of_source(files, "classification") if each.is_workbook), None)) is not None:
        page = replace(book.tables[-1], rows=book.tables[-1].rows.head(50), number_cells={}, is_hidden=False)
        contents.append(("classification", renamed(book, "_损坏"), workbook_bytes((page,))[:2_000]))
    contents += [
        ("tax_returns", f"tax_returns/{MARK}_空文件.csv", b""),
        ("benefit_payments", f"benefit_payments/{MARK}_网页导出.xls", PAGE),
        ("satisfaction_survey", f"satisfaction_survey/{MARK}_联系科室.csv", "科室,分机\n社会救助科,12\n".encode()),
    ]
    return [PlannedFile(source, name, (), status="refused", content=content) for source, name, content in contents]


def no_lists() -> Files:
    """Scans that lie beside the lists."""
    names = (("allocations", "拨付通知.pdf"), ("fund_documents", "下达文件扫描件.pdf"))
    return [PlannedFile(source, f"{source}/{MARK}_{name}", (), status="skipped", content=PDF) for source, name in names]


def strays() -> Files:
    """A file in a folder that is no source."""
    content = f"{MARK},会议签到表\n".encode()
    name = f"签到/{MARK}_会议签到表.csv"
    return [PlannedFile("签到", name, (), status="refused", content=content, listed_as="签到")]


def _first_batch(files: Files, delimiter: str) -> PlannedFile | None:
    batches = of_source(files, "bank_returns")
    fitting = (each for each in batches if each.delimiter == delimiter and each.rows_read > 3 and each.status == "read")
    return next(fitting, None)
