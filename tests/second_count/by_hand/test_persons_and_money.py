"""The second count itself on literal cells, each reasoned from a sentence of the rules: roll, classes, lines, money."""

from datetime import date
from decimal import Decimal

import pytest

from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.files import path_order
from pipeline.checks.second_count.identity import birthday, masked_id, read_identity
from pipeline.checks.second_count.names import compare_names, read_name
from pipeline.checks.second_count.rates import wilson_interval

from ..worlds.people import id_of
from .literal import (
    ADULT,
    MONEY,
    NEIGHBOUR,
    POLICY,
    Cells,
    Counter,
    File,
    batch,
    classed,
    collected,
    in_roll,
    listed,
    refunded,
    registered,
    roll,
)

END_OF_YEAR = date(2019, 12, 31)
TURNS_60_IN_JUNE = id_of("530199", date(1959, 6, 15), "001")


@pytest.mark.parametrize(
    "text",
    [
        ADULT,
        ADULT[:6] + ADULT[8:17],
        f"{ADULT}31",
        f"'{ADULT}",
        f'="{ADULT}"',
        f" {ADULT[:6]} {ADULT[6:]}\u200b",
        ADULT.lower(),
    ],
)
def test_an_id_is_read_in_every_form(text: str) -> None:
    """15 digits are widened, a certificate is cut, blanks and apostrophes don't count."""
    assert read_identity(text, is_number=False).person_id(END_OF_YEAR) == ADULT


def test_an_id_is_valid_by_check_date_and_province() -> None:
    """A number and an exponent have lost digits; a birth after the date of the file makes no person."""
    assert read_identity(ADULT, is_number=True).problem == "id_precision_lost"
    assert read_identity("5.30113E+17", is_number=False).problem == "id_precision_lost"
    assert read_identity(ADULT[:15] + "000", is_number=False).problem == "id_precision_lost"
    assert read_identity("", is_number=False).problem == "invalid_id"
    assert read_identity(ADULT[:17] + ("0" if ADULT[17] != "0" else "1"), is_number=False).problem == "invalid_id"
    born_in_may = read_identity(id_of("530199", date(2019, 5, 1), "001"), is_number=False)
    assert born_in_may.person_id(date(2019, 3, 31)) is None
    assert born_in_may.person_id(END_OF_YEAR) == born_in_may.text
    assert (masked_id(ADULT), masked_id("5301")) == (f"530199********{ADULT[-4:]}", "******")


def test_who_was_born_on_29_february_has_his_birthday_on_1_march() -> None:
    """In common years; in leap years it is 29 February."""
    assert birthday(date(1988, 2, 29), 31) == date(2019, 3, 1)
    assert birthday(date(1960, 2, 29), 60) == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("name", "other", "result"),
    [
        ("买买提·艾力", "买买提 艾力", "same"),
        ("张？", "张三", "name_unreadable"),
        ("张\U000f0000", "张三", "name_unreadable"),
        ("张?", "张?", "name_unreadable"),
        ("张?", "张三丰", "name_mismatch"),
        ("常東楠", "常东楠", "name_unreadable"),
        ("張三", "张四", "name_mismatch"),
        ("张三", "张四", "name_mismatch"),
    ],
)
def test_names_are_compared_on_the_key(name: str, other: str, result: str) -> None:
    """Without blanks and dots; an unreadable character agrees with any other."""
    assert compare_names(read_name(name).key, read_name(other).key) == result


def test_a_township_has_many_names() -> None:
    """Also the one that was split off later; a sentence names it only in a form that ends in its kind."""
    divisions = Divisions(POLICY)
    names = ("昆明市/东川区铜都办", "碧谷街道", "舍块", "汤丹镇 人民政府", "火星镇")
    assert [divisions.township[name] for name in names] == [
        "530113001",
        "530113001",
        "530113201",
        "530113102",
        "000000000",
    ]
    assert [divisions.in_text(text) for text in ("汤丹镇代缴名单", "因民代缴名单", "因民", "汤丹镇和因民镇")] == [
        "530113102", None, "530113103", None,
    ]  # fmt: skip
    assert divisions.in_place((), None, "tax_returns/汤丹镇/第一批/a.csv") == "530113102"


def test_files_are_sorted_without_their_suffix_and_by_number() -> None:
    """a.txt before its corrections, the second before the tenth; a date at the end is no suffix."""
    names = ["a(10).txt", "a(2).txt", "a(更正).txt", "a(1).txt", "a.txt", "返盘2019.6.12", "返盘2019.6.2"]
    assert sorted(names, key=path_order) == [
        "a.txt", "a(1).txt", "a(2).txt", "a(10).txt", "a(更正).txt", "返盘2019.6.2", "返盘2019.6.12",
    ]  # fmt: skip


def test_a_classified_person_whose_collection_came_is_covered(counted: Counter) -> None:
    """One line passes every test: written off, with its money used in the township that paid."""
    result = counted(roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", collected()))
    assert (result.state, result.dispositions, result.kinds) == (
        ("eligible", None),
        ["written_off"],
        ["over_allocated"],
    )
    fund = next(row for row in result.rows("mart.township_fund") if row["township_code"] == "530113102")
    assert (fund["used_yuan"], fund["used_municipal_yuan"], fund["used_district_yuan"]) == (10000, 8000, 2000)
    assert fund["utilisation_rate"] is None
    accounts = [
        (row["from_account"], row["to_account"], row["amount_yuan"]) for row in result.rows("core.fund_posting")
    ]
    assert accounts == [
        ("township:530113102", "tax:written_off", 8000),
        ("township:530113102", "tax:written_off", 2000),
    ]


def test_who_turns_60_on_1_january_is_excluded_and_who_turns_60_later_pays_before_it(counted: Counter) -> None:
    """60th birthday on or before 1 January excludes; a payment on the birthday comes too late."""
    on_new_year = id_of("530199", date(1959, 1, 1), "001")
    assert counted(roll(in_roll(on_new_year))).state == ("excluded", "aged_60_or_over")
    files = (roll(in_roll(TURNS_60_IN_JUNE)), listed("classification", classed("代缴", TURNS_60_IN_JUNE)))
    on_birthday = listed("tax_returns", collected(TURNS_60_IN_JUNE, "2019-06-15"))
    assert counted(*files, on_birthday).kinds == ["paid_after_60"]


DEAD = listed("pension_register", registered(exclusion="死亡"))


@pytest.mark.parametrize(
    ("files", "state", "mismatches"),
    [
        ((), ("unconfirmed", "unclassified"), ["unclassified"]),
        ((listed("classification", classed("返还")),), ("eligible", None), []),
        ((listed("classification", classed("不符合", class_reason=" 在校 ")),), ("excluded", "township:在校"), []),
        ((listed("classification", classed("不符合", class_reason="不知")),), ("excluded", "township:其他"), []),
        (
            (listed("classification", classed("不符合")),),
            ("excluded", "township:unstated"),
            ["exclusion_without_reason"],
        ),
        (
            (listed("classification", classed("代缴"), classed("返还")),),
            ("unconfirmed", "classified_twice"),
            ["classified_twice"],
        ),
        ((DEAD,), ("excluded", "deceased"), []),
        ((DEAD, listed("classification", classed("代缴"), classed("返还"))), ("excluded", "deceased"), []),
        (
            (DEAD, listed("classification", classed("返还"))),
            ("unconfirmed", "classification_conflict"),
            ["classification_conflict"],
        ),
    ],
)
def test_the_townships_class_meets_the_bureaus_evidence(
    files: tuple[File, ...], state: tuple[str, str | None], mismatches: list[str], counted: Counter
) -> None:
    """Each cell of the table of section 4."""
    result = counted(roll(in_roll()), *files)
    assert (result.state, result.kinds) == (state, mismatches)


def test_the_roll_shows_what_is_wrong_within_one_snapshot(counted: Counter) -> None:
    """A second township or name holds the person even where a later snapshot is clean."""
    classification = listed("classification", classed("代缴"))
    clean = roll(in_roll(), day=date(2019, 9, 30))
    twice = counted(roll(in_roll(), in_roll(village="梨坪村委会")), classification)
    assert (twice.state, twice.kinds) == (("eligible", None), ["duplicate_on_roll"])
    two_townships = counted(roll(in_roll(), in_roll(township="因民镇")), clean, classification)
    assert two_townships.state == ("unconfirmed", "on_two_township_rolls")
    two_names = counted(roll(in_roll(), in_roll(name="李四")), clean, classification)
    assert two_names.state == ("unconfirmed", "id_with_two_names")
    moved = counted(roll(in_roll(township="因民镇", name="李四")), clean, classification)
    assert (moved.state, moved.kinds) == (("eligible", None), [])


def test_somebody_without_a_valid_id_is_on_the_roll_but_excluded(counted: Counter) -> None:
    """The same township, village, name and text in two snapshots is one person, with one mismatch."""
    result = counted(roll(in_roll("5301")), roll(in_roll("5301"), day=date(2019, 9, 30)))
    assert (result.state, result.kinds) == (("excluded", "unidentified"), ["invalid_id"])


def test_two_valid_ids_under_one_member_number_are_told_and_merge_nobody(counted: Counter) -> None:
    """Once a number; an empty number, or one that lost digits, is no one member."""
    rows = (in_roll(member_no="5301990001"), in_roll(NEIGHBOUR, member_no="5301990001"))
    both = counted(roll(*rows))
    assert (len(both.states), both.kinds) == (2, ["member_with_two_ids", "unclassified", "unclassified"])
    assert counted(roll(in_roll(member_no=""), in_roll(NEIGHBOUR, member_no=""))).kinds == ["unclassified"] * 2
    long = roll(in_roll(member_no="5301990000000001"), in_roll(NEIGHBOUR, member_no="5301990000000001"))
    lost = File(long.file_name, [type(long.sheets[0])(long.sheets[0].rows, numbers=("member_no",))])
    assert counted(lost).kinds == ["unclassified"] * 2


def test_a_reversal_undoes_the_latest_success_before_it(counted: Counter) -> None:
    """Of two successes of one person the later one; a reversal before both undoes nothing."""
    later = collected(day="2019-07-01", voucher_no="V2")
    back = collected(day="2019-07-02", voucher_no="V3", outcome="已退库", amount="-100.00")
    files = (roll(in_roll()), listed("classification", classed("代缴")), *MONEY)
    undone = counted(*files, listed("tax_returns", collected(), later, back))
    assert undone.dispositions == ["written_off", "reversed", "reversal"]
    early = counted(*files, listed("tax_returns", collected(), back | {"paid_date": "2019-06-01"}))
    assert (early.dispositions, early.kinds) == (["written_off", "disputed"], ["reversal_without_payment"])


def test_only_one_line_of_a_person_is_written_off(counted: Counter) -> None:
    """The earliest; on one date the collection."""
    paid = listed("pension_register", registered(self_paid_amount="100", self_paid_date="2019-06-12"))
    files = (roll(in_roll()), listed("classification", classed("代缴")), *MONEY)
    both = counted(*files, paid, batch(refunded()), listed("tax_returns", collected(day="2019-06-12")))
    assert (both.dispositions, both.kinds) == (
        ["disputed", "written_off"], ["channel_mismatch", "paid_in_both_channels"],
    )  # fmt: skip
    twins = counted(*files, paid, batch(refunded(), refunded()))
    assert twins.kinds == ["channel_mismatch", "channel_mismatch", "paid_twice"]
    others_only = listed("pension_register", registered(NEIGHBOUR))
    alone = counted(*files, others_only, batch(refunded()))
    assert alone.kinds == ["channel_mismatch", "refund_without_self_payment"]


FAILED = collected(outcome="失败", outcome_text="账户冻结", voucher_no="V2")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([collected(payer_kind="个人缴费")], "silent"),
        ([FAILED | {"payer_kind": "代缴"}], "return_failed:account_frozen"),
        ([FAILED, collected(outcome="处理中", voucher_no="V3")], "outcome_unknown"),
        (
            [FAILED, collected(outcome="处理中", voucher_no="V3"), collected(outcome="办结", voucher_no="V4")],
            "outcome_unrecognised",
        ),
        ([collected(), collected(outcome="退库"), FAILED], "reversed"),
        ([collected(amount="50.00")], "disputed"),
    ],
)
def test_an_uncovered_person_has_one_reason(lines: list[Cells], reason: str, counted: Counter) -> None:
    """The last line decides; on one date a reversal, then what nobody knows, then what is open, then a failure."""
    result = counted(roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", *lines))
    assert result.rows("core.person_year")[0]["uncovered_reason"] == reason


def test_one_account_for_two_households_is_a_warning_and_for_seven_people_an_error(counted: Counter) -> None:
    """An empty household number is a household of its own; an account that lost digits is shared by nobody."""
    ids = [id_of("530199", date(1985, 6, 15), f"{number:03}") for number in range(1, 8)]
    lines = [refunded(id_no, account="6228", line_no=str(number)) for number, id_no in enumerate(ids, start=1)]
    everybody = roll(*(in_roll(id_no) for id_no in ids))

    def severities(people: int) -> list[str]:
        result = counted(everybody, batch(*lines[:people]))
        return [row["severity"] for row in result.rows("mart.roster_mismatch") if row["kind"] == "duplicate_account"]

    assert (severities(1), severities(2), severities(7)) == ([], ["warning"], ["error"])


def test_money_by_level_and_rates_of_the_district(counted: Counter) -> None:
    """Budget 1,000; 600 transferred for 6 persons, 100 of it used; nothing overdrawn."""
    result = counted(
        roll(in_roll()),
        listed("classification", classed("代缴")),
        listed("tax_returns", collected()),
        listed(
            "fund_documents",
            {"document_no": "1", "fund_level": "市级", "amount": "0.08", "persons": "10人"},
            {"document_no": "2", "fund_level": "区级", "amount": "200元", "persons": "11.0"},
            units={"amount": "万元"},
        ),
        listed("allocations", {"township": "汤丹", "amount": "６00", "persons": "6"}),
        listed(
            "benefit_payments",
            {"id_no": ADULT, "month": "201901", "due_amount": "100", "amount": "10000"},
            units={"amount": "分"},
        ),
        listed("satisfaction_survey", *[{"answer": "满意"}] * 18, *[{"answer": "不满意"}] * 2, {"answer": "/"}),
    )
    assert result.kinds == ["grant_headcount_gap"]
    (district,) = result.rows("mart.district_summary")
    assert district["bureau_balance_yuan"] == 40000
    assert (district["balance_municipal_yuan"], district["balance_district_yuan"]) == (72000, 18000)
    assert district["target_completion_rate"] == 166667
    assert (district["execution_rate"], district["benefit_disbursement_rate"]) == (100000, 1000000)
    assert (district["satisfaction_rate"], district["satisfaction_answers"]) == (900000, 20)
    assert wilson_interval(18, 20) == (698966, 972134)


def test_a_transfer_taken_back_takes_its_persons_back(counted: Counter) -> None:
    """Whatever their sign; in the postings the money goes the other way."""
    sent = {"township": "汤丹镇", "amount": "1000", "persons": "10", "document_date": "2019-04-01"}
    for persons in ("3", "-3"):
        back = {"township": "汤丹镇", "amount": "-300", "persons": persons, "document_date": "2019-10-01"}
        result = counted(roll(in_roll()), listed("allocations", sent, back))
        fund = next(row for row in result.rows("mart.township_participation") if row["township_code"] == "530113102")
        assert fund["planned_count"] == 7
        accounts = {(row["from_account"], row["to_account"]) for row in result.rows("core.fund_posting")}
        assert accounts == {("bureau", "township:530113102"), ("township:530113102", "bureau")}


def test_a_premium_of_odd_fen_is_split_with_the_remainder_in_the_last_level(counted: Counter) -> None:
    """0.8 of 100.01 yuan is 80.008: 80.01 municipal, 20.00 district."""
    result = counted(roll(in_roll()), listed("allocations", {"township": "汤丹镇", "amount": "100.01"}))
    parts = {row["fund_level"]: row["amount_yuan"] for row in result.rows("core.fund_posting")}
    assert parts == {"municipal": 8001, "district": 2000}
    assert Decimal("80.01") + Decimal("20.00") == Decimal("100.01")


def test_a_payment_of_ones_own_is_no_work_of_a_village(counted: Counter) -> None:
    """Where nothing else was handled there is no row, not one of zeros."""
    elsewhere = collected(township="拖布卡镇", payer_kind="个人缴费")
    found = counted(roll(in_roll()), listed("tax_returns", elsewhere), *MONEY).rows("mart.capacity_village")
    assert {row["township_name"] for row in found} == {"汤丹镇"}
