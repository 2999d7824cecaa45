"""The second count itself on literal cells: evidence with a date, tests 8 and 9, files that come again, looking back."""

from dataclasses import replace
from datetime import date

import pytest

from ..worlds.people import id_of
from .literal import (
    ADULT,
    MONEY,
    NEIGHBOUR,
    Cells,
    Counter,
    File,
    Sheet,
    batch,
    classed,
    collected,
    in_roll,
    listed,
    refunded,
    registered,
    roll,
    without,
)

IN_PRISON_FROM_JULY = listed("pension_register", registered(exclusion="服刑", event_date="2019-07-01"))
CONFLICT = ("unconfirmed", "classification_conflict")
JUNE, JULY = collected(), collected(day="2019-07-01", voucher_no="V2")


@pytest.mark.parametrize(
    ("lines", "classes", "state", "dispositions", "kinds"),
    [
        ([JUNE], ["代缴"], ("eligible", None), ["written_off"], ["changed_after_payment"]),
        ([JULY], ["代缴"], CONFLICT, ["disputed"], ["classification_conflict", "paid_unconfirmed"]),
        ([JUNE, JULY], ["代缴"], ("eligible", None), ["written_off", "disputed"], ["changed_after_payment", "paid_unconfirmed"]),
        ([], ["代缴"], CONFLICT, [], ["classification_conflict"]),
        ([JUNE], [], ("excluded", "imprisoned"), ["disputed"], ["paid_ineligible"]),
        (
            [JUNE | {"amount": "50"}], ["代缴"], CONFLICT, ["disputed"],
            ["classification_conflict", "paid_unconfirmed"],
        ),
    ],
)  # fmt: skip
def test_evidence_holds_from_its_day(
    lines: list[Cells],
    classes: list[str],
    state: tuple[str, str | None],
    dispositions: list[str],
    kinds: list[str],
    counted: Counter,
) -> None:
    """A payment before it is judged without it; who has none written off is judged by the evidence in every line."""
    verified = [listed("classification", *map(classed, classes))] if classes else []
    paid = [listed("tax_returns", *lines)] if lines else []
    result = counted(roll(in_roll()), *verified, *paid, IN_PRISON_FROM_JULY, *MONEY)
    assert (result.state, result.dispositions, result.kinds) == (state, dispositions, kinds)


def test_the_class_before_the_evidence_counts(counted: Counter) -> None:
    """Verified as ineligible after he went to prison, he was to be paid for before; without one before, by the latest."""
    before, after = classed("代缴", day="2019-05-20"), classed("不符合", day="2019-08-01", class_reason="服刑")
    lines = listed("tax_returns", JUNE)
    both = counted(roll(in_roll()), listed("classification", before, after), lines, IN_PRISON_FROM_JULY, *MONEY)
    assert (both.state, both.kinds) == (("eligible", None), ["changed_after_payment"])
    only_after = counted(roll(in_roll()), listed("classification", after), lines, IN_PRISON_FROM_JULY, *MONEY)
    assert (only_after.state, only_after.kinds) == (("excluded", "imprisoned"), ["paid_ineligible"])


def test_evidence_of_the_whole_year_or_of_the_next(counted: Counter) -> None:
    """A benefit has no day; an event after the year is none; an undated exclusion holds the whole year."""
    files = (roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", JUNE), *MONEY)
    benefit = registered(benefit_status="正常领取", event_date="2019-07-01", exclusion="服刑")
    assert counted(*files, listed("pension_register", benefit)).state == CONFLICT
    assert counted(*files, listed("pension_register", registered(exclusion="服刑"))).state == CONFLICT
    next_year = registered(exclusion="服刑", event_date="2020-01-01")
    assert counted(*files, listed("pension_register", next_year)).state == ("eligible", None)


def test_an_exclusion_that_cant_be_read_counts_from_its_day(counted: Counter) -> None:
    """Looking back from a day before it, it holds nobody; an unknown benefit status has no day."""
    files = (roll(in_roll()), listed("classification", classed("代缴")))
    unknown = registered(exclusion="参军", event_date="2019-07-01")

    def state(row: Cells, day: date) -> tuple[str, str | None]:
        return counted(*files, listed("pension_register", row), as_of=day).state

    held = ("unconfirmed", "evidence_unreadable")
    assert (state(unknown, date(2019, 6, 30)), state(unknown, date(2019, 7, 1))) == (("eligible", None), held)
    assert state(unknown | {"exclusion": ""}, date(2019, 6, 30)) == ("eligible", None)
    assert state(unknown | {"benefit_status": "领取中"}, date(2019, 6, 30)) == held


def test_holds_stay_holds(counted: Counter) -> None:
    """Two townships hold the person before the evidence too."""
    result = counted(
        roll(in_roll(), in_roll(township="因民镇")), listed("classification", classed("代缴")), listed("tax_returns", JUNE),
        IN_PRISON_FROM_JULY,
    )  # fmt: skip
    assert result.state == ("unconfirmed", "on_two_township_rolls")


@pytest.mark.parametrize(
    ("row", "is_held"),
    [
        (classed("随缘", day="2019-06-01"), True),
        (classed("返还", day="六月"), True),
        (classed("随缘", day="2019-05-20"), True),
        (classed("随缘", day="2019-05-19"), False),
        (classed("随缘", "5301", day="2019-06-01"), False),
    ],
)
def test_a_quarantined_verification_that_may_be_the_latest_holds(row: Cells, is_held: bool, counted: Counter) -> None:
    """Unless it is dated before the latest accepted one, or nobody's."""
    result = counted(roll(in_roll()), listed("classification", classed("代缴"), row))
    assert (result.state == ("unconfirmed", "evidence_unreadable")) == is_held


OWN = collected(day="2019-03-01", payer_kind="个人缴费", voucher_no="P1")
BACK = OWN | {"paid_date": "2019-04-01", "outcome": "退库", "voucher_no": "P2"}
PAID_IN_REGISTER = registered(self_paid_amount="100", self_paid_date="2019-02-15")


@pytest.mark.parametrize(
    ("lines", "register", "has_paid"),
    [
        ([OWN], registered(), True),
        ([OWN, BACK], registered(), False),
        ([OWN, BACK | {"paid_date": "2019-06-13"}], registered(), True),
        ([OWN, OWN | {"paid_date": "2019-03-02"}, BACK], registered(), True),
        ([], PAID_IN_REGISTER, True),
        ([BACK], PAID_IN_REGISTER, False),
        ([BACK | {"paid_date": "2019-02-01"}], PAID_IN_REGISTER, True),
        ([OWN, BACK], PAID_IN_REGISTER, False),
        ([OWN, OWN | {"paid_date": "2019-05-01"}, BACK], PAID_IN_REGISTER, True),
        ([], registered(self_paid_amount="100"), False),
        ([], registered(self_paid_amount="99.99", self_paid_date="2019-02-15"), False),
        ([], registered(self_paid_amount="200", self_paid_date="2019-06-13"), False),
    ],
)
def test_a_refund_needs_a_payment_of_his_own_that_was_not_given_back(
    lines: list[Cells], register: Cells, has_paid: bool, counted: Counter
) -> None:
    """Dated on or before the refund of 12 June, of the premium at least; what was given back after the refund counts."""
    paid = [listed("tax_returns", *lines)] if lines else []
    result = counted(
        roll(in_roll()),
        listed("classification", classed("返还")),
        batch(refunded()),
        listed("pension_register", register),
        *paid,
    )
    assert ("refund_without_self_payment" in result.kinds) != has_paid


@pytest.mark.parametrize(
    ("line", "is_unclear"),
    [
        (collected(outcome="办结", day="2019-06-20", voucher_no="V2"), True),
        (collected(outcome="办结", day="2019-06-19", voucher_no="V2"), False),
        (collected(outcome="办结", day="", voucher_no="V2", amount="7"), True),
        (collected(outcome="退库", amount="壹佰", day="2019-07-01", voucher_no="V2"), True),
        (collected(outcome="退库", day="", voucher_no="V2"), True),
        (collected(outcome="失败", amount="壹佰", day="2019-07-01", voucher_no="V2"), False),
        (collected(NEIGHBOUR, outcome="办结", voucher_no="V2"), False),
    ],
)
def test_a_success_behind_which_nobody_knows_what_came_is_disputed(
    line: Cells, is_unclear: bool, counted: Counter
) -> None:
    """Dated on or after it, or undated; a quarantined reversal too."""
    result = counted(roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", JUNE, line))
    assert ("outcome_unclear" in result.kinds) == is_unclear


def test_a_quarantined_own_payment_makes_nothing_unclear(counted: Counter) -> None:
    """个人缴费 apart."""
    own = collected(outcome="退库", day="", payer_kind="个人缴费", voucher_no="V2")
    lines = listed("tax_returns", JUNE | {"payer_kind": "代缴"}, own)
    assert counted(roll(in_roll()), listed("classification", classed("代缴")), lines).dispositions == ["written_off"]


def test_the_same_bytes_and_the_same_rows_are_read_once(counted: Counter) -> None:
    """In another order and spelling; a batch number and a township are part of the rows."""
    first = batch(refunded(), refunded(NEIGHBOUR, name="李 四"))
    copy = File("bank_returns/b.txt", first.sheets, content="bytes of bank_returns/a.txt")
    again = batch(
        refunded(NEIGHBOUR, name="李四", amount="１00"),
        refunded(),
        name="c.txt",
        township="汤丹",
        paid_date="2019年6月12日",
    )
    other_batch = batch(refunded(), refunded(NEIGHBOUR, name="李四"), name="d.txt", batch_no="B02")
    result = counted(first, copy, again, other_batch)
    assert result.statuses("bank_returns") == ["read", "same_bytes", "same_rows", "read"]


def test_of_three_files_of_a_batch_the_last_with_other_rows_stands(counted: Counter) -> None:
    """A, B and A' with the rows of A: A' is the same rows, B stands; A's success that B lacks was withdrawn."""
    result = counted(
        roll(in_roll()), batch(refunded()), batch(refunded(NEIGHBOUR), name="b.txt"), batch(refunded(), name="c.txt")
    )
    assert result.statuses("bank_returns") == ["replaced", "read", "same_rows"]
    assert result.kinds == ["not_on_roll", "success_withdrawn", "unclassified"]


def test_the_list_made_later_replaces_wherever_it_sorts(counted: Counter) -> None:
    """By 制表时间 with its hour where both state one, else by the path."""
    changed = refunded(account="6228")

    def statuses(made: str, made_of_change: str) -> list[str]:
        return counted(
            batch(refunded(), name="b.txt", made_at=made), batch(changed, name="a.txt", made_at=made_of_change)
        ).statuses("bank_returns")

    assert statuses("2019-06-12 09:00", "2019-06-12 17:00") == ["read", "replaced"]
    assert statuses("2019-06-12 17:00", "2019-06-12 09:00") == ["replaced", "read"]
    assert statuses("2019-06-12", "2019-06-12 17:00") == ["replaced", "read"]
    assert statuses("2019-06-11", "2019-06-12 17:00") == ["read", "replaced"]
    assert statuses("", "2019-06-12 17:00") == ["replaced", "read"]


def test_lists_in_no_order_of_making_are_counted_by_those_that_each_is_behind(counted: Counter) -> None:
    """Where some state no 制表时间, a list may be behind one that is behind another, and yet before that one."""
    made = {"a": "2019-06-14", "b": "2019-06-13", "c": "", "d": "2019-06-12"}
    lists = [batch(refunded(account=f"622{name}"), name=f"{name}.txt", made_at=day) for name, day in made.items()]
    assert counted(*lists).statuses("bank_returns") == ["replaced", "replaced", "read", "replaced"]


def test_a_list_of_an_unknown_township_replaces_those_of_the_same_name(counted: Counter) -> None:
    """However it is written; a list that names no township replaces nothing."""

    def statuses(first: str, second: str) -> list[str]:
        lists = (
            batch(refunded(), township=first),
            batch(refunded(NEIGHBOUR), name="b.txt", township=second),
        )
        return counted(*lists).statuses("bank_returns")

    assert statuses("火星镇", "东川区火星镇人民政府") == statuses("火星", "火星镇") == ["replaced", "read"]
    assert statuses("火星镇", "木星镇") == statuses("火星镇", "") == statuses("", "") == ["read", "read"]
    once, again = batch(refunded(), refunded(NEIGHBOUR), township="火星镇"), refunded(outcome_code="3017")
    other = batch(refunded(), again, name="b.txt", township="木星镇")
    assert counted(once, other).fates("bank_returns") == [(2, 0, 0, 0), (2, 0, 0, 0)]


def test_lines_without_an_id_or_an_amount_are_in_no_earlier_list(counted: Counter) -> None:
    """So a list that holds one replaces."""
    for unknown in ({"id_no": ""}, {"amount": "abc"}):
        lists = (batch(refunded(outcome_code=code, **unknown), name=f"{code}.txt") for code in ("3017", "3018"))
        assert counted(*lists).statuses("bank_returns") == ["replaced", "read"]


def test_a_success_is_withdrawn_from_its_batch(counted: Counter) -> None:
    """Also where another batch of the file stands, or of another township; a row that can't be read was none."""
    several = [refunded(batch_no="B01"), refunded(NEIGHBOUR, batch_no="B02")]
    first = batch(*several, batch_no="")
    assert "success_withdrawn" in counted(roll(in_roll()), first, batch(refunded(NEIGHBOUR), name="b.txt")).kinds
    beside = batch(refunded(amount="abc", batch_no="B01"), *several, batch_no="")
    assert counted(beside, batch(refunded(NEIGHBOUR), name="b.txt")).fates("bank_returns")[0] == (1, 0, 2, 0)
    unborn = refunded(id_of("530199", date(2021, 6, 15), "001"), paid_date="2019-06-12")
    undated = (
        batch(unborn, paid_date=""),
        batch(refunded(NEIGHBOUR, paid_date="2019-06-12"), name="b.txt", paid_date=""),
    )
    (withdrawn,) = (
        found for found in counted(*undated).counted.mismatches.values() if found.kind == "success_withdrawn"
    )
    assert withdrawn.person_id is None
    unreadable = batch(refunded(paid_date="2019-02-30"), refunded(NEIGHBOUR))
    again = batch(refunded(NEIGHBOUR, account="6228"), name="b.txt")
    assert "success_withdrawn" not in counted(roll(in_roll()), unreadable, again).kinds


def test_a_list_of_failed_ones_again_adds_to_the_batch(counted: Counter) -> None:
    """With one that was a success it replaces; without a batch number lists never do."""
    failed = refunded(NEIGHBOUR, outcome_code="3017", line_no="2")
    paid = refunded(NEIGHBOUR, line_no="1")
    first = batch(refunded(), failed)
    assert counted(first, batch(paid, name="b.txt")).statuses("bank_returns") == ["read", "read"]
    assert counted(first, batch(paid, refunded(), name="b.txt")).statuses("bank_returns") == ["replaced", "read"]
    other_amount = batch(paid | {"amount": "50"}, name="b.txt")
    assert counted(first, other_amount).statuses("bank_returns") == ["replaced", "read"]
    both = counted(batch(refunded(), failed, batch_no=""), batch(paid, name="b.txt", batch_no=""))
    assert both.statuses("bank_returns") == ["read", "read"]


def test_a_list_behind_an_addition_replaces_them_all(counted: Counter) -> None:
    """One that replaces, replaces all that stand."""
    failed, paid = refunded(NEIGHBOUR, outcome_code="3017", line_no="2"), refunded(NEIGHBOUR, line_no="1")
    whole = batch(refunded(account="6228"), paid | {"line_no": "2"}, name="c.txt")
    result = counted(batch(refunded(), failed), batch(paid, name="b.txt"), whole)
    assert result.statuses("bank_returns") == ["replaced", "replaced", "read"]


def test_a_reprint_is_the_same_list(counted: Counter) -> None:
    """Even where 制表时间 is its only date; the one made earlier is read. Without a batch number it is another list."""
    for date_of_head in ("20190612", ""):
        later = batch(refunded(), name="a.txt", paid_date=date_of_head, made_at="2019-06-14")
        earlier = batch(refunded(), name="b.txt", paid_date=date_of_head, made_at="2019-06-13 10:00")
        assert counted(later, earlier).statuses("bank_returns") == ["same_rows", "read"]
    unnumbered = [
        batch(refunded(), name=f"{day}.txt", batch_no="", paid_date="", made_at=f"2019-06-{day}")
        for day in ("13", "14")
    ]
    assert counted(*unnumbered).statuses("bank_returns") == ["read", "read"]


def test_lists_of_which_one_says_nothing_of_its_making_are_no_reprints(counted: Counter) -> None:
    """Of equal ones the first is read; the hour counts only where each states it, and where they have a batch number."""

    def statuses(first: str, second: str, batch_no: str = "B01") -> list[str]:
        lists = [
            batch(refunded(), name=name, made_at=day, batch_no=batch_no)
            for name, day in (("a.txt", first), ("b.txt", second))
        ]
        return counted(*lists).statuses("bank_returns")

    assert statuses("", "2019-06-12") == statuses("2019-06-12 09:00", "2019-06-12") == ["read", "same_rows"]
    assert statuses("2019-06-13", "2019-06-12") == ["same_rows", "read"]
    assert statuses("2019-06-13", "2019-06-12", batch_no="") == ["read", "same_rows"]


def test_a_number_is_the_same_with_blanks_inside(counted: Counter) -> None:
    """Of a voucher, a batch, an account; and so is the one that a spreadsheet set an apostrophe before."""
    again = listed("tax_returns", JUNE | {"voucher_no": "'V 1"}, JULY, name="b.csv")
    assert counted(listed("tax_returns", JUNE), again).fates("tax_returns") == [(1, 0, 0, 0), (1, 0, 1, 0)]


def test_a_line_that_a_later_list_repeats_is_dropped(counted: Counter) -> None:
    """By its voucher; twins within one file are two payments, and an empty voucher equals none."""
    twice = counted(
        listed("tax_returns", JUNE, JUNE), listed("tax_returns", JUNE | {"line_no": "9"}, JULY, name="b.csv")
    )
    assert twice.fates("tax_returns") == [(2, 0, 0, 0), (1, 0, 1, 0)]
    unnumbered = JUNE | {"voucher_no": ""}
    again = counted(
        listed("tax_returns", unnumbered), listed("tax_returns", unnumbered | {"line_no": "9"}, name="b.csv")
    )
    assert again.fates("tax_returns") == [(1, 0, 0, 0), (1, 0, 0, 0)]


def test_a_document_counts_once(counted: Counter) -> None:
    """A cumulative list brings it again; without a number only where date and persons are stated and equal."""
    sent: Cells = {
        "document_no": "1号",
        "township": "汤丹镇",
        "amount": "100",
        "document_date": "2019-04-01",
        "persons": "1",
    }
    more = sent | {"document_no": "2号"}

    def fates(first: Cells, *second: Cells) -> list[tuple[int, int, int, int]]:
        return counted(listed("allocations", first), listed("allocations", *second, name="b.csv")).fates("allocations")

    assert fates(sent, sent | {"township": "汤丹", "persons": ""}, more) == [(1, 0, 0, 0), (1, 0, 1, 0)]
    assert fates(sent, sent | {"document_date": "2019-04-02"}, more) == [(1, 0, 0, 0), (2, 0, 0, 0)]
    written, other = sent | {"document_no": "财〔2019〕1号"}, sent | {"document_no": "财【2019】 1 号"}
    assert fates(written, other, more) == [(1, 0, 0, 0), (1, 0, 1, 0)]
    assert fates(written, other | {"document_no": "财〔2019〕2号"}, more) == [(1, 0, 0, 0), (2, 0, 0, 0)]
    unnumbered = without(sent, "document_no")
    assert fates(unnumbered, unnumbered, more) == [(1, 0, 0, 0), (1, 0, 1, 0)]
    assert fates(unnumbered, unnumbered | {"persons": "2"}, more) == [(1, 0, 0, 0), (2, 0, 0, 0)]
    assert fates(without(unnumbered, "persons"), without(unnumbered, "persons"), more)[1] == (2, 0, 0, 0)
    grant: Cells = {"document_no": "1号", "fund_level": "市级", "amount": "1", "document_date": "2019-04-01"}
    other = counted(
        listed("fund_documents", grant),
        listed("fund_documents", grant | {"document_date": "", "persons": "3"}, more, name="b.csv"),
    )
    assert other.fates("fund_documents")[1][2] == 1


def test_a_summary_beside_its_details_is_refused(counted: Counter) -> None:
    """By its name, or since it has one row a township and neither date nor number."""
    details = [
        {"township": "汤丹镇", "amount": "100", "document_date": "2019-04-01"},
        {"township": "汤丹", "amount": "50", "document_date": "2019-05-01"},
        {"township": "因民镇", "amount": "70", "document_date": "2019-04-01"},
    ]
    sums = [{"township": "汤丹镇", "amount": "150"}, {"township": "因民镇", "amount": "70"}]

    def status(name: str, rows: list[Cells]) -> str:
        file = File("allocations/a.xlsx", [Sheet(details, "明细"), Sheet(rows, name)])
        return counted(file).statuses("allocations")[0]

    assert status("汇总", sums) == "refused"
    assert status("表2", sums) == "refused"
    assert status("汇总", [*sums, {"township": "乌龙镇", "amount": "0"}]) == "refused"
    assert status("汇总", [sums[0] | {"amount": "151"}, sums[1]]) == "read"
    twice = File("allocations/a.xlsx", [Sheet(sums, "表1"), Sheet(sums, "表2")])
    assert counted(twice).statuses("allocations") == ["refused"]


def test_the_state_as_of_an_earlier_day(counted: Counter) -> None:
    """A file dated later is later; rows of one without a date count by their own; the register by its events and payments."""
    files = (
        roll(in_roll()), roll(in_roll(NEIGHBOUR), day=date(2019, 9, 30)), listed("classification", classed("代缴")),
        listed("tax_returns", JUNE, JULY), batch(refunded()), IN_PRISON_FROM_JULY,
    )  # fmt: skip
    before, after = counted(*files, as_of=date(2019, 6, 19)), counted(*files, as_of=date(2019, 6, 20))
    assert (before.statuses("poverty_roll"), before.statuses("bank_returns")) == (["read", "later"], ["read"])
    assert (before.fates("tax_returns"), after.fates("tax_returns")) == ([(0, 0, 0, 2)], [(1, 0, 0, 1)])
    assert before.fates("pension_register") == [(1, 0, 0, 0)]
    assert (before.states, before.rows("core.person_year")[0]["uncovered_reason"]) == ([("eligible", None)], "disputed")
    assert after.rows("core.person_year")[0]["written_off_yuan"] == 10000
    assert counted(*files, as_of=date(2019, 6, 11)).statuses("bank_returns") == ["later"]


def test_a_person_is_known_by_one_valid_id_alone(counted: Counter) -> None:
    """Born after the day of the snapshot nobody can stand in it."""
    assert counted(roll(in_roll(), in_roll(ADULT.lower()))).kinds == ["duplicate_on_roll", "unclassified"]


def test_an_undated_document_takes_no_date_of_another_row(counted: Counter) -> None:
    """It is posted on the day that its file states, and on none where the file states none."""
    grant: Cells = {"document_no": "1号", "fund_level": "市级", "amount": "1", "document_date": "2019-04-01"}
    transfer: Cells = {"document_no": "2号", "township": "汤丹镇", "amount": "1"}
    result = counted(listed("fund_documents", grant, without(grant, "document_date")), listed("allocations", transfer))
    posted = [row["posted_date"] for row in result.rows("core.fund_posting")]
    assert posted.count(date(2019, 4, 1)) == 2 and posted.count(None) == len(posted) - 2 > 2


@pytest.mark.parametrize(
    ("files", "statuses"),
    [
        ([("a.csv", "read"), ("b.csv", "read"), ("c.pdf", "skipped")], ["read", "same_bytes", "same_bytes"]),
        ([("a.pdf", "skipped"), ("b.pdf", "skipped")], ["skipped", "skipped"]),
        ([("a.pdf", "skipped"), ("b.csv", "read"), ("c.csv", "read")], ["skipped", "read", "same_bytes"]),
    ],
)
def test_a_copy_is_one_of_a_table(files: list[tuple[str, str]], statuses: list[str], counted: Counter) -> None:
    """Of two equal files that nobody reads neither is a copy."""
    landed = [
        replace(listed("allocations", {"township": "汤丹镇", "amount": "1"}, name=name), status=status, content="1")
        for name, status in files
    ]
    assert counted(*landed).statuses("allocations") == statuses
