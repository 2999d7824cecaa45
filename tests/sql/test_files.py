"""What becomes of files and rows that come again, can't be read or are dated later; and one refresh as of a day."""

from datetime import date, datetime
from typing import Any

import polars as pl

from pipeline.contracts.sources import SOURCES
from pipeline.contracts.tables import TableName, load_tables
from pipeline.landing.judgement import text_column
from pipeline.landing.landed_row import LANDED_ROW_COLUMNS, with_landed_row

from .results import Row, plain, results, rows_of

JUNE, JULY = date(2019, 6, 12), date(2019, 7, 12)


def file(name: str, **values: Any) -> Row:
    """A readable file of the folder that its name begins with."""
    return {"source": name.split("/")[0], "file_name": name, "status": "read"} | values


def bank(name: str, line_no: str, **values: Any) -> Row:
    """A line of batch B01 of 汤丹镇, one line after another."""
    usual = {"batch_no": "B01", "township": "汤丹镇", "amount_yuan": 100, "paid_date": JUNE, "outcome": "success"}
    return {"file_name": name, "line_no": line_no, "id_text": f"id {line_no}"} | usual | values


def tax(name: str, voucher_no: str | None, **values: Any) -> Row:
    """A collected line of 汤丹镇."""
    usual = {"township": "汤丹镇", "amount_yuan": 100, "paid_date": JUNE, "outcome": "success", "id_text": "A"}
    return {"file_name": name, "voucher_no": voucher_no} | usual | values


def landed(files: list[Row], *, as_of: date | None = None, **sources: list[Row]) -> dict[str, list[Row]]:
    """What the files hold, their lists and status, and the fate of their rows; files are given in the order of their paths."""
    known = [{"file_number": number} | each for number, each in enumerate(files, start=1)]
    numbered: dict[str, list[Row]] = {}
    landed_rows: list[Row] = []
    for source, rows in sources.items():
        numbered[source] = [{"row_key": len(landed_rows) + number} | row for number, row in enumerate(rows, start=1)]
        landed_rows += landed_rows_of(source, numbered[source])
    tables: dict[str, list[Row]] = {"landed_file": known, "landed_row": landed_rows, **numbered}
    for name in ("placed_row", "batch_line", "summary_sheet", "file_content", "batch_list", "file_status", "row_fate"):
        read = load_tables()[TableName("core", name)].references("core")
        inputs = {each.name: tables[each.name] for each in read if each.name in tables}
        tables[name] = rows_of(f"core.{name}", as_of=as_of, **inputs)
    return tables


def landed_rows_of(source: str, rows: list[Row]) -> list[Row]:
    """The rows of raw.landed_row that landing makes of typed rows whose cells could all be read."""
    table = load_tables()[TableName("raw", source)]
    types = {"VARCHAR": pl.String, "DATE": pl.Date, "DECIMAL(18,2)": pl.Decimal(18, 2), "BOOLEAN": pl.Boolean}
    schema = {column.name: types.get(column.type, pl.Int64) for column in table.columns}
    typed = pl.DataFrame(
        [{column.name: row.get(column.name, plain(column, 1)) for column in table.columns} for row in rows], schema
    )
    texts = [pl.lit(None, pl.String).alias(text_column(field.name)) for field in SOURCES[source].fields]
    made = with_landed_row(typed.with_columns(*texts, is_misshapen=pl.lit(value=False)), SOURCES[source])
    return made.select("row_key", "file_name", *LANDED_ROW_COLUMNS, source=pl.lit(source)).to_dicts()


def statuses(files: list[Row], **values: Any) -> list[str]:
    """The statuses of files, by their names."""
    found = landed(files, **values)["file_status"]
    return [row["status"] for row in sorted(found, key=lambda row: str(row["file_name"]))]


def fates(files: list[Row], **values: Any) -> list[str]:
    """The fates of rows, in the order in which they are given."""
    found = landed(files, **values)["row_fate"]
    return [row["fate"] for row in sorted(found, key=lambda row: int(row["row_key"]))]


def test_the_same_rows_in_another_order_are_not_read_again() -> None:
    """Of equal files the one whose path sorts first is read; a township is the same under every spelling."""
    rows = [tax("tax_returns/a.csv", "1"), tax("tax_returns/a.csv", "2")]
    again = [
        tax("tax_returns/b.csv", "2", township="东川区汤丹"),
        tax("tax_returns/b.csv", "1", township="汤丹镇人民政府"),
    ]
    files = [file("tax_returns/a.csv"), file("tax_returns/b.csv")]
    assert statuses(files, tax_returns=rows + again) == ["read", "same_rows"]
    twin = [tax("tax_returns/b.csv", "2"), tax("tax_returns/b.csv", "2")]
    assert statuses(files, tax_returns=rows + twin) == ["read", "read"]


def test_an_unknown_township_is_compared_by_its_bare_name() -> None:
    """Two transfers to two unknown townships are two; 政府 behind a name makes no other township of it."""
    files = [file("allocations/a.csv"), file("allocations/b.csv")]

    def transfers(first: str, second: str) -> list[str]:
        names = zip(("allocations/a.csv", "allocations/b.csv"), (first, second), strict=True)
        return statuses(
            files, allocations=[{"file_name": name, "township": town, "amount_yuan": 5} for name, town in names]
        )

    assert transfers("火星镇", "东川区火星镇人民政府") == ["read", "same_rows"]
    assert transfers("火星", "火星镇") == ["read", "same_rows"]
    assert transfers("火星镇", "木星镇") == ["read", "read"]


def test_one_list_under_two_batch_numbers_is_two_payments() -> None:
    """The batch number belongs to the rows."""
    rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/b.txt", "1", batch_no="B02")]
    assert statuses([file("bank_returns/a.txt"), file("bank_returns/b.txt")], bank_returns=rows) == ["read", "read"]


def test_a_batch_that_comes_again_is_replaced_whole() -> None:
    """By the file whose path sorts later; the reason counts the rows added, removed and changed."""
    rows = [bank("bank_returns/a.txt", line_no) for line_no in "123"]
    corrected = [bank("bank_returns/b.txt", "1"), bank("bank_returns/b.txt", "2", amount_yuan=50)]
    corrected += [bank("bank_returns/b.txt", line_no) for line_no in "456"]
    found = landed([file("bank_returns/a.txt"), file("bank_returns/b.txt")], bank_returns=rows + corrected)
    status = {row["file_name"]: row for row in found["file_status"]}
    assert status["bank_returns/b.txt"]["status"] == "read"
    assert status["bank_returns/a.txt"]["status"] == "replaced"
    assert "bank_returns/b.txt" in status["bank_returns/a.txt"]["reason"]
    assert "新增 4 行,减少 2 行,变更 0 行" in status["bank_returns/a.txt"]["reason"]


def test_a_changed_row_has_the_same_id_and_amount_and_another_outcome_name_account_or_date() -> None:
    """Rows of one ID and amount are compared as a multiset."""
    first = [bank("bank_returns/a.txt", line_no, name_key="张三", account="1") for line_no in "12345"]
    second = [
        bank("bank_returns/b.txt", "1", name_key="张三", account="1"),
        bank("bank_returns/b.txt", "2", name_key="李四", account="1"),
        bank("bank_returns/b.txt", "3", name_key="张三", account="2"),
        bank("bank_returns/b.txt", "4", name_key="张三", account="1", paid_date=JULY),
        bank("bank_returns/b.txt", "5", name_key="张三", account="1", outcome="failed"),
    ]
    found = landed([file("bank_returns/a.txt"), file("bank_returns/b.txt")], bank_returns=first + second)
    (reason,) = [row["reason"] for row in found["file_status"] if row["status"] == "replaced"]
    assert "新增 0 行,减少 0 行,变更 4 行" in reason


def test_the_list_that_was_made_later_replaces_the_other() -> None:
    """With its hour where both state one; where one states none, or both the same, the one whose path sorts later."""
    rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/b.txt", "2")]

    def made(first: datetime | None, second: datetime | None, *, has_hours: bool = False) -> list[str]:
        times = zip("ab", (first, second), strict=True)
        files = [file(f"bank_returns/{name}.txt", made_at=time, made_at_has_hour=has_hours) for name, time in times]
        return statuses(files, bank_returns=rows)

    noon, evening, next_day = datetime(2019, 6, 12, 12), datetime(2019, 6, 12, 18), datetime(2019, 6, 13)
    assert made(next_day, noon) == ["read", "replaced"]
    assert made(noon, next_day) == ["replaced", "read"]
    assert made(evening, noon, has_hours=True) == ["read", "replaced"]
    assert made(evening, noon) == ["replaced", "read"]
    assert made(next_day, None) == made(None, None) == ["replaced", "read"]


def test_a_reprint_has_the_same_rows_and_the_earlier_one_is_read() -> None:
    """Also where the day on which it was made is its only date; two lists without a batch number are two payments."""

    def reprinted(batch_no: str | None) -> list[str]:
        days = {"a": date(2020, 1, 5), "b": JUNE}
        dated = {"batch_no": batch_no, "is_dated_by_making": True}
        rows = [bank(f"bank_returns/{name}.txt", "1", paid_date=day, **dated) for name, day in days.items()]
        files = [
            file(f"bank_returns/{name}.txt", stated_date=day, made_at=datetime(day.year, day.month, day.day))
            for name, day in days.items()
        ]
        return statuses(files, bank_returns=rows)

    assert reprinted("B01") == ["same_rows", "read"]
    assert reprinted(None) == ["read", "read"]


def test_a_list_of_lines_that_failed_adds_to_the_standing_one() -> None:
    """Where all its lines are there and none was a success; then a later list replaces both."""
    first = [bank("bank_returns/a.txt", "1"), bank("bank_returns/a.txt", "2", outcome="failed")]
    again = [bank("bank_returns/b.txt", "2", paid_date=JULY)]
    files = [file("bank_returns/a.txt"), file("bank_returns/b.txt")]
    assert statuses(files, bank_returns=first + again) == ["read", "read"]
    (told,) = [row["reason"] for row in landed(files, bank_returns=first + again)["file_status"] if row["reason"]]
    assert told.startswith("adds:") and "bank_returns/a.txt" in told
    success_again = [bank("bank_returns/b.txt", "1", paid_date=JULY)]
    assert statuses(files, bank_returns=first + success_again) == ["replaced", "read"]
    another = [bank("bank_returns/b.txt", "2", amount_yuan=50)]
    assert statuses(files, bank_returns=first + another) == ["replaced", "read"]
    whole = [bank("bank_returns/c.txt", line_no, name_key="张三") for line_no in "12"]
    assert statuses([*files, file("bank_returns/c.txt")], bank_returns=first + again + whole) == [
        "replaced",
        "replaced",
        "read",
    ]
    once_more = [bank("bank_returns/c.txt", "2", paid_date=date(2019, 8, 1))]
    assert statuses([*files, file("bank_returns/c.txt")], bank_returns=first + again + once_more) == [
        "replaced",
        "replaced",
        "read",
    ]


def test_a_list_without_a_batch_number_replaces_nothing() -> None:
    """It may only be the same once more."""
    rows = [bank("bank_returns/a.txt", "1", batch_no=None), bank("bank_returns/b.txt", "2", batch_no=None)]
    assert statuses([file("bank_returns/a.txt"), file("bank_returns/b.txt")], bank_returns=rows) == ["read", "read"]


def test_a_list_of_an_unknown_township_replaces_those_of_the_same_name() -> None:
    """However it is written; a list that names no township replaces nothing."""
    files = [file("bank_returns/a.txt"), file("bank_returns/b.txt")]

    def lists(first: str | None, second: str | None) -> list[str]:
        rows = [bank("bank_returns/a.txt", "1", township=first), bank("bank_returns/b.txt", "2", township=second)]
        return statuses(files, bank_returns=rows)

    assert lists("火星镇", "东川区火星镇人民政府") == lists("火星", "火星镇") == ["replaced", "read"]
    assert lists("火星镇", "木星镇") == lists("火星镇", None) == lists(None, None) == ["read", "read"]
    beside = [
        bank("bank_returns/a.txt", "1"),
        bank("bank_returns/a.txt", "2", township=None),
        bank("bank_returns/b.txt", "3"),
    ]
    assert statuses(files, bank_returns=beside) == ["read", "read"]
    assert fates(files, bank_returns=beside) == ["dropped", "accepted", "accepted"]


def test_lines_without_an_id_or_an_amount_are_in_no_earlier_list() -> None:
    """So a list that holds one replaces."""
    files = [file("bank_returns/a.txt"), file("bank_returns/b.txt")]
    for unknown in ({"id_text": None}, {"amount_yuan": None, "quarantine_field": "amount"}):
        failed = {"outcome": "failed"} | unknown
        rows = [bank("bank_returns/a.txt", "1", **failed), bank("bank_returns/b.txt", "1", paid_date=JULY, **failed)]
        assert statuses(files, bank_returns=rows) == ["replaced", "read"]


def test_of_a_file_with_two_batches_only_the_replaced_one_is_left_out() -> None:
    """Its rows are dropped, quarantined ones too."""
    rows = [
        bank("bank_returns/a.txt", "1"),
        bank("bank_returns/a.txt", "2", quarantine_field="amount", amount_yuan=None),
        bank("bank_returns/a.txt", "3", batch_no="B02"),
        bank("bank_returns/b.txt", "4"),
    ]
    files = [file("bank_returns/a.txt"), file("bank_returns/b.txt")]
    assert statuses(files, bank_returns=rows) == ["read", "read"]
    assert fates(files, bank_returns=rows) == ["dropped", "dropped", "accepted", "accepted"]


def test_a_success_that_the_standing_lists_dont_know_is_withdrawn() -> None:
    """By ID and amount; stated as failed it is known."""

    def withdrawn(*second: Row) -> list[tuple[Any, ...]]:
        rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/a.txt", "2"), *second]
        tables = landed([file("bank_returns/a.txt"), file("bank_returns/b.txt")], bank_returns=rows)
        read = load_tables()[TableName("core", "withdrawn_success")].references("core")
        inputs = {each.name: tables[each.name] for each in read if each.name in tables}
        identities = [{"row_key": row["row_key"]} for row in tables["landed_row"]]
        return results("core.withdrawn_success", "file_name line_no", row_identity=identities, **inputs)

    assert withdrawn(bank("bank_returns/b.txt", "1", name_key="李四")) == [("bank_returns/a.txt", "2")]
    assert withdrawn(bank("bank_returns/b.txt", "1"), bank("bank_returns/b.txt", "2", outcome="failed")) == []


def test_a_document_counts_once() -> None:
    """A later list that repeats transfers and grants; without a number only by the same date and persons, which both state."""

    def transfers(**values: Any) -> list[str]:
        usual = {
            "township": "汤丹镇",
            "amount_yuan": 5,
            "document_no": "1号",
            "document_date": JUNE,
            "persons": 1,
        } | values
        rows = [usual | {"file_name": f"allocations/{name}.csv", "sheet": None} for name in "ab"]
        rows.append(rows[1] | {"amount_yuan": 6})
        return fates([file("allocations/a.csv"), file("allocations/b.csv")], allocations=rows)

    once, both = ["accepted", "dropped", "accepted"], ["accepted", "accepted", "accepted"]
    assert transfers() == transfers(document_date=None) == transfers(document_no=None) == once
    assert transfers(document_no=None, document_date=None) == transfers(document_no=None, persons=None) == both

    def grants(**values: Any) -> list[str]:
        usual = {"fund_level": "市级", "amount_yuan": 5, "document_no": "1号"} | values
        rows = [usual | {"file_name": f"fund_documents/{name}.csv"} for name in "ab"]
        rows.append(rows[1] | {"amount_yuan": 6})
        return fates([file("fund_documents/a.csv"), file("fund_documents/b.csv")], fund_documents=rows)

    assert grants() == grants(document_no=None, document_date=JUNE, persons=1) == once
    assert grants(document_no=None, document_date=JUNE) == both


def test_a_summary_beside_its_details_is_refused() -> None:
    """By its name, or by its shape; both sheets are named. Two transfers of the same sums are two."""

    def transfers(summary: str, *amounts: int, **values: Any) -> Row:
        usual = {"file_name": "allocations/a.xlsx", "township": "汤丹镇", "document_date": JUNE}
        rows = [usual | {"sheet": "明细", "amount_yuan": amount} for amount in (2, 3)]
        rows += [usual | {"sheet": summary, "amount_yuan": amount} | values for amount in amounts]
        (status,) = landed([file("allocations/a.xlsx")], allocations=rows)["file_status"]
        return status

    for found in (transfers("汇总", 5), transfers("6月汇总", 4, 1), transfers("Sheet1", 5, document_date=None)):
        assert found["status"] == "refused" and found["reason"].startswith("summary_beside_details")
        assert "明细" in found["reason"]
    assert transfers("汇总", 6)["status"] == transfers("第二批", 5)["status"] == "read"
    sums = [
        {"file_name": "allocations/a.xlsx", "sheet": sheet, "township": township, "amount_yuan": 5}
        for sheet in ("表1", "表2")
        for township in ("汤丹镇", "因民镇")
    ]
    assert statuses([file("allocations/a.xlsx")], allocations=sums) == ["refused"]


def test_another_townships_batch_of_that_number_is_another_batch() -> None:
    """Townships are compared by code."""
    rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/b.txt", "1", township="因民镇", amount_yuan=50)]
    files = [file("bank_returns/a.txt"), file("bank_returns/b.txt")]
    assert statuses(files, bank_returns=rows) == ["read", "read"]
    rows[1]["township"] = "汤丹"
    assert statuses(files, bank_returns=rows) == ["replaced", "read"]


def test_of_three_versions_the_repeated_first_is_no_new_one() -> None:
    """A, B, and A again: the third has the rows of the first, so B stands."""
    rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/b.txt", "2"), bank("bank_returns/c.txt", "1")]
    files = [file(f"bank_returns/{name}.txt") for name in "abc"]
    assert statuses(files, bank_returns=rows) == ["replaced", "read", "same_rows"]
    files[1]["status"] = "refused"
    assert statuses(files, bank_returns=[rows[0], rows[2]]) == ["read", "refused", "same_rows"]


def test_a_line_that_a_later_list_repeats_is_dropped() -> None:
    """By voucher, ID, amount, date and outcome; twins within one file are two payments."""
    rows = [
        tax("tax_returns/a.csv", "1"),
        tax("tax_returns/a.csv", "1"),
        tax("tax_returns/b.csv", "1", line_no="9"),
        tax("tax_returns/b.csv", "1", amount_yuan=50),
        tax("tax_returns/b.csv", None),
        tax("tax_returns/c.csv", None, line_no="9"),
    ]
    files = [file(f"tax_returns/{name}.csv") for name in "abc"]
    accepted = "accepted"
    assert fates(files, tax_returns=rows) == [accepted, accepted, "dropped", accepted, accepted, accepted]


def test_a_row_that_cant_be_read_is_quarantined_and_one_of_another_levy_dropped() -> None:
    """Neither makes another row a repeated one; a level that the policy doesn't know can't be read either."""
    rows = [
        tax("tax_returns/a.csv", "1", quarantine_field="payer_kind", quarantine_reason="?"),
        tax("tax_returns/a.csv", "2", dropped_reason="?"),
        tax("tax_returns/b.csv", "1", line_no="7"),
        tax("tax_returns/b.csv", "2", line_no="8"),
    ]
    files = [file("tax_returns/a.csv"), file("tax_returns/b.csv")]
    assert fates(files, tax_returns=rows) == ["quarantined", "dropped", "accepted", "accepted"]
    grants = [{"file_name": "fund_documents/a.csv", "fund_level": level} for level in ("市 级", "省级")]
    assert fates([file("fund_documents/a.csv")], fund_documents=grants) == ["accepted", "quarantined"]


def test_a_files_date_is_what_it_states_else_the_latest_of_its_rows() -> None:
    """Else it has none."""
    files = [file("tax_returns/a.csv"), file("tax_returns/b.csv", stated_date=JUNE), file("tax_returns/c.csv")]
    rows = [
        tax("tax_returns/a.csv", "1"),
        tax("tax_returns/a.csv", "2", paid_date=JULY),
        tax("tax_returns/b.csv", "3", paid_date=JULY),
        tax("tax_returns/c.csv", "4", paid_date=None, outcome="failed"),
    ]
    found = {row["file_name"][-5]: row["file_date"] for row in landed(files, tax_returns=rows)["file_status"]}
    assert found == {"a": JULY, "b": JUNE, "c": None}


def test_as_of_a_day_only_files_and_lines_up_to_it_are_used() -> None:
    """A file that states a date counts by it; of one that states none each row counts by its own, and those without one count."""
    files = [file("bank_returns/a.txt", stated_date=JUNE), file("bank_returns/b.txt", stated_date=JULY)]
    rows = [
        bank("bank_returns/a.txt", "1"),
        bank("bank_returns/a.txt", "2", paid_date=JULY),
        bank("bank_returns/b.txt", "1", batch_no="B02", paid_date=JULY),
    ]
    assert statuses(files, bank_returns=rows, as_of=JUNE) == ["read", "later"]
    assert fates(files, bank_returns=rows, as_of=JUNE) == ["accepted", "accepted"]
    assert statuses(files, bank_returns=rows, as_of=JULY) == ["read", "read"]
    lines = [
        tax("tax_returns/a.csv", "1"),
        tax("tax_returns/a.csv", "2", paid_date=JULY),
        tax("tax_returns/a.csv", "3", paid_date=JULY, quarantine_field="payer_kind"),
        tax("tax_returns/a.csv", "4", paid_date=None, outcome="failed"),
    ]
    assert statuses([file("tax_returns/a.csv")], tax_returns=lines, as_of=JUNE) == ["read"]
    assert fates([file("tax_returns/a.csv")], tax_returns=lines, as_of=JUNE) == [
        "accepted",
        "later",
        "later",
        "accepted",
    ]


def test_a_row_of_the_register_is_never_left_out() -> None:
    """Its self-payment and its exclusion count by their own dates."""
    rows = [{"file_name": "pension_register/a.csv", "self_paid_date": JULY}]
    assert fates([file("pension_register/a.csv")], pension_register=rows, as_of=JUNE) == ["accepted"]


def test_a_later_version_of_a_batch_replaces_nothing_before_its_day() -> None:
    """So any past state can be computed again."""
    files = [file("bank_returns/a.txt", stated_date=JUNE), file("bank_returns/b.txt", stated_date=JULY)]
    rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/b.txt", "2", paid_date=JULY)]
    assert statuses(files, bank_returns=rows, as_of=JUNE) == ["read", "later"]
    assert statuses(files, bank_returns=rows) == ["replaced", "read"]


def test_the_rows_of_a_file_add_up() -> None:
    """Read is what the reader counted, in all that became of it; of a file that is not read none is counted."""
    files = [file("tax_returns/a.csv", rows_read=5), file("tax_returns/b.csv", status="replaced", rows_read=7)]
    fates_of_rows = ["accepted", "accepted", "later", "quarantined", "dropped"]
    assert results(
        "mart.source_file",
        "file_name status rows_read rows_accepted rows_quarantined rows_dropped rows_later",
        landed_file=files,
        file_status=[{key: value for key, value in each.items() if key != "rows_read"} for each in files],
        row_fate=[{"file_name": "tax_returns/a.csv", "fate": fate} for fate in fates_of_rows],
    ) == [("tax_returns/a.csv", "read", 5, 2, 1, 1, 1), ("tax_returns/b.csv", "replaced", 0, 0, 0, 0, 0)]
