"""The recount itself on literal worlds, each reasoned from a sentence of rules.md."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from .count import Recount, recount
from .count.identity import birthday, masked_id, read_identity
from .count.names import compare_names
from .count.rates import wilson_interval
from .count.townships import township_code
from .world import (
    Answer,
    BankLine,
    Benefit,
    ClassRow,
    Grant,
    Place,
    RegisterRow,
    RollRow,
    Row,
    TaxLine,
    Transfer,
    World,
    WorldFile,
    Written,
    policy_of_2019,
)
from .worlds.people import id_of

POLICY = policy_of_2019()
PREMIUM = Decimal("100.00")
ADULT = id_of("530199", date(1985, 6, 15), "001")
NEIGHBOUR = id_of("530199", date(1985, 6, 15), "002")
TURNS_60_IN_JUNE = id_of("530199", date(1959, 6, 15), "001")


def in_roll(id_no: str = ADULT, **values: Any) -> RollRow:
    """A row of the roll: 张三 of 汤丹镇, unless told otherwise."""
    usual: dict[str, Any] = {"name": "张三", "township": "汤丹镇", "id_no": id_no}
    return RollRow(**usual | values)


def classed(class_: str, id_no: str = ADULT, **values: Any) -> ClassRow:
    """A classification by 汤丹镇 on 20 May."""
    usual: dict[str, Any] = {"name": "张三", "township": "汤丹镇", "id_no": id_no, "class_": class_}
    usual |= {"verified_date": date(2019, 5, 20)}
    return ClassRow(**usual | values)


def collected(id_no: str = ADULT, **values: Any) -> TaxLine:
    """A successful collection of the premium on 20 June."""
    usual: dict[str, Any] = {
        "line_no": "1",
        "township": "汤丹镇",
        "name": "张三",
        "id_no": id_no,
        "amount_yuan": PREMIUM,
    }
    usual |= {"paid_date": date(2019, 6, 20), "voucher_no": "V1", "outcome": "成功"}
    return TaxLine(**usual | values)


def refunded(id_no: str = ADULT, **values: Any) -> BankLine:
    """A successful refund of the premium."""
    usual: dict[str, Any] = {
        "line_no": "1",
        "name": "张三",
        "id_no": id_no,
        "amount_yuan": PREMIUM,
        "outcome_code": "0000",
    }
    return BankLine(**usual | values)


def roll(*rows: RollRow, day: date = date(2019, 3, 31)) -> WorldFile:
    """A snapshot of the roll."""
    return WorldFile(file_name=f"poverty_roll/{day:%Y%m%d}.csv", rows=rows, stated_date=day)


def listed(source: str, *rows: Row, name: str = "a.csv") -> WorldFile:
    """A file of any folder without a date of its own."""
    return WorldFile(file_name=f"{source}/{name}", rows=rows)


def batch(*rows: BankLine, name: str = "a.txt", batch_no: str = "B01", township: str = "汤丹镇") -> WorldFile:
    """A bank batch of 12 June."""
    return WorldFile(
        file_name=f"bank_returns/{name}",
        rows=rows,
        stated_date=date(2019, 6, 12),
        batch_no=batch_no,
        township=township,
        layout="pipe",
        has_total=True,
    )


def counted(*files: WorldFile, as_of: date | None = None) -> Recount:
    """The recount of these files, each row standing on the line of its number."""
    world = World(policy=POLICY, files=files, as_of=as_of)
    written = {
        file.file_name: Written(
            sha256=file.file_name,
            places=tuple(Place(sheet=None, row_number=number) for number, _ in enumerate(file.rows, start=1)),
        )
        for file in files
    }
    return recount(world, written)


MONEY = (
    listed("fund_documents", Grant(document_no="1", fund_level="市级", amount_yuan=Decimal(1000))),
    listed("allocations", Transfer(township="汤丹镇", amount_yuan=Decimal(1000))),
)


def kinds(result: Recount) -> list[str]:
    """The kinds of the mismatches, sorted."""
    return sorted(mismatch.kind for mismatch in result.mismatches)


def states(result: Recount) -> list[tuple[str, str | None]]:
    """State and reason of every person."""
    return [(row["state"], row["state_reason"]) for row in result.tables["core.person_year"]]


def dispositions(result: Recount) -> list[str]:
    """The dispositions of the lines, in order of file and row."""
    lines = sorted(result.tables["core.return_line"], key=lambda row: (row["source_file"], row["row_number"]))
    return [line["disposition"] for line in lines]


def test_an_id_is_valid_by_check_date_and_province() -> None:
    """A wrong check, 30 February, a future birth and a province 99 make an ID invalid; 15 digits are widened."""
    end_of_year = date(2019, 12, 31)
    assert read_identity(ADULT, False, end_of_year).person_id == ADULT
    assert read_identity(ADULT[:6] + ADULT[8:17], False, end_of_year).person_id == ADULT
    assert read_identity(ADULT + "31", False, end_of_year).person_id == ADULT
    assert read_identity(ADULT, True, end_of_year).kind == "id_precision_lost"
    assert read_identity(ADULT[:15] + "000", False, end_of_year).kind == "id_precision_lost"
    born_in_may = id_of("530199", date(2019, 5, 1), "001")
    assert read_identity(born_in_may, False, date(2019, 3, 31)).kind == "invalid_id"
    assert read_identity(born_in_may, False, end_of_year).person_id == born_in_may
    assert read_identity("", False, end_of_year).kind == "invalid_id"
    assert masked_id("530113195006151234") == "530113********1234"
    assert masked_id("5301") == "******"


def test_who_was_born_on_29_february_has_his_birthday_on_1_march() -> None:
    """In common years; in leap years it is 29 February."""
    assert birthday(date(1988, 2, 29), 31) == date(2019, 3, 1)
    assert birthday(date(1960, 2, 29), 60) == date(2020, 2, 29)


@pytest.mark.parametrize(
    ("name", "other", "result"),
    [
        ("买买提·艾力", "买买提艾力", "same"),
        ("张？", "张三", "name_unreadable"),
        ("张?", "张三丰", "name_mismatch"),
        ("张三", "张四", "name_mismatch"),
    ],
)
def test_names_are_compared_on_the_key(name: str, other: str, result: str) -> None:
    """Without blanks and dots; an unreadable character agrees with any other."""
    assert compare_names(name, other) == result


def test_a_township_has_many_names() -> None:
    """Also the one that was split off later; others are unknown."""
    assert township_code("昆明市东川区铜都办", POLICY) == "530113001"
    assert township_code("碧谷街道", POLICY) == "530113001"
    assert township_code("舍块", POLICY) == "530113201"
    assert township_code("火星镇", POLICY) == "000000000"


def test_a_classified_person_whose_collection_came_is_covered() -> None:
    """One line passes every test: written off, with its money used in the township that paid."""
    result = counted(roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", collected()))
    assert (states(result), dispositions(result), kinds(result)) == (
        [("eligible", None)],
        ["written_off"],
        ["over_allocated"],
    )
    fund = next(row for row in result.tables["mart.township_fund"] if row["township_code"] == "530113102")
    assert (fund["used_yuan"], fund["used_municipal_yuan"], fund["used_district_yuan"]) == (100, 80, 20)
    assert fund["utilisation_rate"] is None


def test_who_turns_60_on_1_january_is_excluded_and_who_turns_60_later_pays_before_it() -> None:
    """60th birthday on or before 1 January excludes; a payment on the birthday comes too late."""
    on_new_year = id_of("530199", date(1959, 1, 1), "001")
    assert states(counted(roll(in_roll(on_new_year)))) == [("excluded", "aged_60_or_over")]
    files = (roll(in_roll(TURNS_60_IN_JUNE)), listed("classification", classed("代缴", TURNS_60_IN_JUNE)))
    on_birthday = collected(TURNS_60_IN_JUNE, paid_date=date(2019, 6, 15))
    assert kinds(counted(*files, listed("tax_returns", on_birthday))) == ["paid_after_60"]


def test_the_townships_class_meets_the_bureaus_evidence() -> None:
    """Each cell of the table of section 4."""
    dead = listed("pension_register", RegisterRow(id_no=ADULT, exclusion="死亡"))
    cases: list[tuple[tuple[WorldFile, ...], tuple[str, str | None], list[str]]] = [
        ((), ("unconfirmed", "unclassified"), ["unclassified"]),
        ((listed("classification", classed("返还")),), ("eligible", None), []),
        ((listed("classification", classed("不符合", class_reason="在校")),), ("excluded", "township:在校"), []),
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
        ((dead,), ("excluded", "deceased"), []),
        (
            (dead, listed("classification", classed("返还"))),
            ("unconfirmed", "classification_conflict"),
            ["classification_conflict"],
        ),
    ]
    for files, state, mismatches in cases:
        result = counted(roll(in_roll()), *files)
        assert (states(result), kinds(result)) == ([state], mismatches)


def test_the_roll_shows_what_is_wrong_within_one_snapshot() -> None:
    """A second township or name holds the person even where a later snapshot is clean."""
    classification = listed("classification", classed("代缴"))
    clean = roll(in_roll(), day=date(2019, 9, 30))
    twice = counted(roll(in_roll(), in_roll(village="梨坪村委会")), classification)
    assert (states(twice), kinds(twice)) == ([("eligible", None)], ["duplicate_on_roll"])
    two_townships = counted(roll(in_roll(), in_roll(township="因民镇")), clean, classification)
    assert states(two_townships) == [("unconfirmed", "on_two_township_rolls")]
    two_names = counted(roll(in_roll(), in_roll(name="李四")), clean, classification)
    assert states(two_names) == [("unconfirmed", "id_with_two_names")]
    moved = counted(roll(in_roll(township="因民镇", name="李四")), clean, classification)
    assert (states(moved), kinds(moved)) == ([("eligible", None)], [])


def test_somebody_without_a_valid_id_is_on_the_roll_but_excluded() -> None:
    """The same township, village, name and text in two snapshots is one person, with one mismatch."""
    result = counted(roll(in_roll("5301")), roll(in_roll("5301"), day=date(2019, 9, 30)))
    assert (states(result), kinds(result)) == ([("excluded", "unidentified")], ["invalid_id"])


def test_a_reversal_undoes_the_latest_success_before_it() -> None:
    """Of two successes of one person the later one; a reversal before both undoes nothing."""
    later = collected(paid_date=date(2019, 7, 1), voucher_no="V2")
    back = collected(paid_date=date(2019, 7, 2), voucher_no="V3", outcome="退库")
    files = (roll(in_roll()), listed("classification", classed("代缴")), *MONEY)
    assert dispositions(counted(*files, listed("tax_returns", collected(), later, back))) == [
        "written_off",
        "reversed",
        "reversal",
    ]
    early = replace(back, paid_date=date(2019, 6, 1))
    result = counted(*files, listed("tax_returns", collected(), early))
    assert (dispositions(result), kinds(result)) == (["written_off", "disputed"], ["reversal_without_payment"])


def test_only_one_line_of_a_person_is_written_off() -> None:
    """The earliest; on one date the collection."""
    register = listed(
        "pension_register", RegisterRow(id_no=ADULT, self_paid_amount_yuan=PREMIUM, self_paid_date=date(2019, 6, 12))
    )
    files = (roll(in_roll()), listed("classification", classed("代缴")), *MONEY)
    on_same_day = listed("tax_returns", collected(paid_date=date(2019, 6, 12)))
    both = counted(*files, register, batch(refunded()), on_same_day)
    assert dispositions(both) == ["disputed", "written_off"]
    assert kinds(both) == ["channel_mismatch", "paid_in_both_channels"]
    twins = counted(*files, register, batch(refunded(), refunded()))
    assert kinds(twins) == ["channel_mismatch", "channel_mismatch", "paid_twice"]
    others_only = listed("pension_register", RegisterRow(id_no=NEIGHBOUR))
    assert kinds(counted(*files, others_only, batch(refunded()))) == ["channel_mismatch", "refund_without_self_payment"]


def test_an_uncovered_person_has_one_reason() -> None:
    """The last line decides; on one date a reversal comes before an unknown before a failed one."""
    files = (roll(in_roll()), listed("classification", classed("代缴")))

    def reason(*lines: TaxLine) -> str:
        result = counted(*files, listed("tax_returns", *lines))
        return str(result.tables["core.person_year"][0]["uncovered_reason"])

    failed = collected(outcome="失败", outcome_text="账户冻结", voucher_no="V2")
    assert reason(collected(payer_kind="个人缴费")) == "silent"
    assert reason(failed) == "return_failed:account_frozen"
    assert reason(failed, collected(outcome="处理中", voucher_no="V3")) == "outcome_unknown"
    assert reason(collected(), collected(outcome="退库"), failed) == "reversed"
    assert reason(collected(amount_yuan=Decimal("50.00"))) == "disputed"


def test_one_account_for_two_households_is_a_warning_and_for_seven_people_an_error() -> None:
    """An empty household number is a household of its own."""
    ids = [id_of("530199", date(1985, 6, 15), f"{number:03}") for number in range(1, 8)]
    lines = [refunded(id_no, account="6228", line_no=str(number)) for number, id_no in enumerate(ids, start=1)]

    def severity(people: int) -> list[str]:
        result = counted(roll(*(in_roll(id_no) for id_no in ids)), batch(*lines[:people]))
        return [mismatch.severity for mismatch in result.mismatches if mismatch.kind == "duplicate_account"]

    assert (severity(1), severity(2), severity(7)) == ([], ["warning"], ["error"])


def test_a_line_that_a_later_list_repeats_is_dropped_and_a_batch_sent_again_replaces_the_first() -> None:
    """Twins within one file are two payments."""
    repeated = counted(
        roll(in_roll()),
        listed("tax_returns", collected(), collected()),
        listed("tax_returns", collected(line_no="9"), name="b.csv"),
    )
    rows = {row["file_name"]: row for row in repeated.tables["mart.source_file"]}
    assert (rows["tax_returns/a.csv"]["rows_accepted"], rows["tax_returns/b.csv"]["rows_dropped"]) == (2, 1)
    first, second = batch(refunded()), batch(refunded(NEIGHBOUR), name="b.txt")
    again = batch(refunded(), name="c.txt")
    result = counted(roll(in_roll()), first, second, again)
    assert [row["status"] for row in result.tables["mart.source_file"][:3]] == ["replaced", "read", "same_rows"]


def test_money_by_level_and_rates_of_the_district() -> None:
    """Budget 1,000; 600 transferred for 6 persons, 100 of it used; nothing overdrawn."""
    result = counted(
        roll(in_roll()),
        listed("classification", classed("代缴")),
        listed("tax_returns", collected()),
        listed(
            "fund_documents",
            Grant(document_no="1", fund_level="市级", amount_yuan=Decimal(800), persons=10),
            Grant(document_no="2", fund_level="区级", amount_yuan=Decimal(200), persons=11),
        ),
        listed("allocations", Transfer(township="汤丹", amount_yuan=Decimal(600), persons=6)),
        listed("benefit_payments", Benefit(id_no=ADULT, month="201901", due_amount_yuan=PREMIUM, amount_yuan=PREMIUM)),
        listed("satisfaction_survey", *[Answer(answer="满意")] * 18, *[Answer(answer="不满意")] * 2, Answer()),
    )
    assert kinds(result) == ["grant_headcount_gap"]
    district = result.tables["mart.district_summary"][0]
    assert district["bureau_balance_yuan"] == 400
    assert (district["balance_municipal_yuan"], district["balance_district_yuan"]) == (720, 180)
    assert district["target_completion_rate"] == Decimal("0.166667")
    assert (district["execution_rate"], district["benefit_disbursement_rate"]) == (Decimal("0.1"), 1)
    assert (district["satisfaction_rate"], district["satisfaction_answers"]) == (Decimal("0.9"), 20)
    assert wilson_interval(18, 20) == (Decimal("0.698966"), Decimal("0.972134"))


def test_the_state_as_of_an_earlier_day() -> None:
    """Files and lines dated later are not used."""
    files = (roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", collected()))
    before, after = counted(*files, as_of=date(2019, 6, 19)), counted(*files, as_of=date(2019, 6, 20))
    assert [row["status"] for row in before.tables["mart.source_file"]] == ["read", "read", "later"]
    assert before.tables["core.person_year"][0]["uncovered_reason"] == "silent"
    assert after.tables["core.person_year"][0]["written_off_yuan"] == 100
