"""What becomes of files and rows that come again, can't be read or are dated later; and one refresh as of a day."""

from datetime import date
from typing import Any

from pipeline.contracts.tables import TableName, load_tables

from .results import Row, results

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
    """Content, status and fate of the files and their rows."""
    numbered: dict[str, list[Row]] = {}
    key = 0
    for source, rows in sources.items():
        numbered[source] = []
        for row in rows:
            key += 1
            numbered[source].append({"row_key": key} | row)
    content = rows_of("core.row_content", as_of=as_of, **numbered)
    status = rows_of("core.file_status", as_of=as_of, row_content=content, landed_file=files)
    fate = rows_of("core.row_fate", as_of=as_of, row_content=content, file_status=status, **numbered)
    return {"row_content": content, "file_status": status, "row_fate": fate}


def rows_of(name: str, *, as_of: date | None, **inputs: list[Row]) -> list[Row]:
    """All columns of a table, by their names."""
    table = load_tables()[TableName(*name.split("."))]
    columns = [column for column in table.column_names if column != "policy_year"]
    found = results(name, " ".join(columns), as_of=as_of, **inputs)
    return [dict(zip(columns, row, strict=True)) for row in found]


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
    assert "新增 3 行,减少 1 行,变更 1 行" in status["bank_returns/a.txt"]["reason"]


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
    grants = [{"file_name": "fund_documents/a.csv", "fund_level": level} for level in ("市级", "省级")]
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
    """And those without a date; a line dated later in an earlier file is accepted, but not used."""
    files = [file("bank_returns/a.txt", stated_date=JUNE), file("bank_returns/b.txt", stated_date=JULY)]
    rows = [
        bank("bank_returns/a.txt", "1"),
        bank("bank_returns/a.txt", "2", paid_date=JULY),
        bank("bank_returns/a.txt", "3", paid_date=None, outcome="failed"),
        bank("bank_returns/b.txt", "1", batch_no="B02", paid_date=JULY),
    ]
    assert statuses(files, bank_returns=rows, as_of=JUNE) == ["read", "later"]
    assert fates(files, bank_returns=rows, as_of=JUNE) == ["accepted", "later", "accepted"]
    assert statuses(files, bank_returns=rows, as_of=JULY) == ["read", "read"]


def test_a_later_version_of_a_batch_replaces_nothing_before_its_day() -> None:
    """So any past state can be computed again."""
    files = [file("bank_returns/a.txt", stated_date=JUNE), file("bank_returns/b.txt", stated_date=JULY)]
    rows = [bank("bank_returns/a.txt", "1"), bank("bank_returns/b.txt", "2", paid_date=JULY)]
    assert statuses(files, bank_returns=rows, as_of=JUNE) == ["read", "later"]
    assert statuses(files, bank_returns=rows) == ["replaced", "read"]


def test_the_rows_of_a_file_add_up() -> None:
    """Read are those accepted, quarantined and dropped; of a file that is not read none is counted."""
    files = [file("tax_returns/a.csv"), file("tax_returns/b.csv", status="refused")]
    fates_of_rows = ["accepted", "accepted", "later", "quarantined", "dropped"]
    assert results(
        "mart.source_file",
        "file_name status rows_read rows_accepted rows_quarantined rows_dropped",
        landed_file=files,
        file_status=files,
        row_fate=[{"file_name": "tax_returns/a.csv", "fate": fate} for fate in fates_of_rows],
    ) == [("tax_returns/a.csv", "read", 5, 3, 1, 1), ("tax_returns/b.csv", "refused", 0, 0, 0, 0)]
