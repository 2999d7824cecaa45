"""The second count itself on what senders write: outcomes, schooling, categories, evidence, items, units, townships."""

from datetime import date

import pytest

from .literal import (
    ADULT,
    MONEY,
    NEIGHBOUR,
    Cells,
    Counter,
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


@pytest.mark.parametrize(
    ("code", "word", "text", "outcome"),
    [
        ("", "已 退 票", "", ("reversed", None)),
        ("", "代发成功", "", ("success", None)),
        ("", "未成功", "账号不存在,请核实", ("failed", "no_such_account")),
        ("", "退款中", "", ("unknown", None)),
        ("", "退回处理", "", ("unrecognised", None)),
        ("", "办结", "", ("unrecognised", None)),
        ("", "", "退票", ("unrecognised", None)),
        ("", "户名不符", "", ("failed", "name_mismatch")),
        ("", "成功", "户名不符", ("unrecognised", None)),
        ("", "失败", "已退票", ("unrecognised", None)),
        ("", "退票", "户名不符", ("reversed", None)),
        ("3056", "", "户名不符", ("reversed", None)),
        ("3056", "成功", "", ("unrecognised", None)),
        ("0000", "失败", "", ("unrecognised", None)),
        ("0000", "办结", "", ("success", None)),
        ("3063", "退票", "", ("unrecognised", None)),
        ("3014", "失败", "户名不符", ("failed", "amount_error")),
        ("0", "成功", "", ("success", None)),
        ("1", "", "交易成功", ("success", None)),
        ("0", "", "", ("unrecognised", None)),
        ("9999", "失败", "", ("failed", "other")),
        ("9999", "失败", "退票", ("unrecognised", None)),
        ("9999", "", "", ("unrecognised", None)),
        ("2007", "处理中", "", ("unknown", None)),
    ],
)
def test_an_outcome_is_what_code_and_words_say(
    code: str, word: str, text: str, outcome: tuple[str, str | None], counted: Counter
) -> None:
    """The table of words, the codes, and what contradicts."""
    line = refunded(outcome_code=code, outcome=word, outcome_text=text)
    assert counted(roll(in_roll()), batch(line)).outcomes == [outcome]


def test_what_nobody_knows_is_listed(counted: Counter) -> None:
    """The code where there is one, else the word; a contradiction of known words is none."""
    lines = [
        refunded(outcome_code="9999", outcome="办结"),
        refunded(outcome_code="", outcome="办 结", amount="50"),
        refunded(outcome_code="", outcome="", outcome_text="处理完毕"),
        refunded(outcome_code="", outcome="成功", outcome_text="失败"),
    ]
    result = counted(roll(in_roll()), batch(*lines))
    words = [
        (row["vocabulary"], row["word"], row["row_count"], row["amount_yuan"], row["first_row_number"])
        for row in result.rows("mart.unknown_word")
    ]
    assert words == [
        ("outcome_code", "9999", 1, 10000, 2), ("outcome", "办 结", 1, 5000, 3), ("outcome", "处理完毕", 1, 10000, 4),
    ]  # fmt: skip
    assert result.kinds.count("unknown_outcome") == 4


def test_the_bureaus_own_words_come_first(counted: Counter) -> None:
    """As whole words, for codes, outcomes and listed words."""
    own = {
        "outcome": {"退票成功": "reversed"},
        "outcome_code": {"8888": "failed"},
        "exclusion": {"参军": "现役军人"},
    }
    lines = batch(refunded(outcome_code="", outcome="退票成功"), refunded(outcome_code="8888"))
    result = counted(roll(in_roll()), lines, listed("pension_register", registered(exclusion="参 军")), own_words=own)
    assert result.outcomes == [("reversed", None), ("failed", "other")]
    assert result.state == ("excluded", "military")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "unclassified"),
        ("无", "unclassified"),
        ("非在校生", "unclassified"),
        ("高中毕业", "unclassified"),
        ("小学三年级", "in_school"),
        ("是", "in_school"),
        ("高中未毕业", "evidence_unreadable"),
        ("不详", "evidence_unreadable"),
    ],
)
def test_schooling_says_at_school_or_not_or_holds(text: str, reason: str, counted: Counter) -> None:
    """Never by default."""
    assert counted(roll(in_roll(schooling=text))).state[1] == reason


def test_a_row_with_another_number_of_cells_has_no_unknown_words(counted: Counter) -> None:
    """Nobody knows under which header they stand; what can be read of it is evidence still."""
    rows = registered(exclusion="参军"), registered(NEIGHBOUR, exclusion="死亡")
    register = listed("pension_register", *rows, is_misshapen=True)
    result = counted(roll(in_roll(), in_roll(NEIGHBOUR, name="李四")), register)
    assert result.rows("mart.unknown_word") == []
    assert sorted(result.states) == [("excluded", "deceased"), ("unconfirmed", "evidence_unreadable")]


def test_an_amount_that_cant_be_read_is_no_sum_of_an_unknown_word(counted: Counter) -> None:
    """A negative one is none, but of a reversal."""
    lines = listed("tax_returns", *(collected(levy_item="车船税", amount=amount) for amount in ("-70", "abc")))
    (word,) = counted(roll(in_roll()), lines).rows("mart.unknown_word")
    assert (word["row_count"], word["amount_yuan"]) == (2, None)


def test_only_the_latest_snapshots_schooling_counts(counted: Counter) -> None:
    """An earlier word that nobody knows is listed, and holds nobody."""
    result = counted(roll(in_roll(schooling="不详")), roll(in_roll(schooling="否"), day=date(2019, 9, 30)))
    assert result.state == ("unconfirmed", "unclassified")
    assert [row["word"] for row in result.rows("mart.unknown_word")] == ["不详"]


@pytest.mark.parametrize(
    ("category", "state", "quarantined"),
    [
        ("肢体残疾(二级)", ("unconfirmed", "classification_conflict"), 0),
        ("重度残疾（一级）", ("unconfirmed", "classification_conflict"), 0),
        ("2级", ("unconfirmed", "classification_conflict"), 0),
        ("视力三级", ("eligible", None), 0),
        ("农村低保户", ("eligible", None), 0),
        ("残疾人", ("unconfirmed", "evidence_unreadable"), 1),
        ("贫困户", ("eligible", None), 0),
    ],
)
def test_a_category_may_be_one_that_excludes(
    category: str, state: tuple[str, str | None], quarantined: int, counted: Counter
) -> None:
    """One and two are severe, three and four none; a word with 残 or 级 that nobody knows holds the person."""
    files = (roll(in_roll()), listed("classification", classed("代缴")))
    disabled = listed("category_rolls", {"name": "张三", "id_no": ADULT, "category": category}, name="20190131.csv")
    result = counted(*files, disabled)
    assert (result.state, result.fates("category_rolls")[0][1]) == (state, quarantined)
    of_last_year = listed("category_rolls", {"name": "张三", "id_no": ADULT, "category": category}, name="20180131.csv")
    assert counted(*files, of_last_year).state == ("eligible", None)


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"exclusion": "不知道"}, ("unconfirmed", "evidence_unreadable")),
        ({"benefit_status": "也许"}, ("unconfirmed", "evidence_unreadable")),
        ({"insured_status": "可能"}, ("eligible", None)),
        ({"exclusion": "死亡", "benefit_status": "也许"}, ("unconfirmed", "classification_conflict")),
        ({"benefit_status": "暂停领取", "self_paid_amount": "一百"}, ("unconfirmed", "classification_conflict")),
        ({"event_date": "2019-05-01"}, ("unconfirmed", "evidence_unreadable")),
    ],
)
def test_evidence_is_never_lost_with_its_row(cells: Cells, state: tuple[str, str | None], counted: Counter) -> None:
    """A row that is quarantined is evidence in every cell that can be read; what can't be read holds, where nothing else does."""
    register = listed("pension_register", {"id_no": ADULT, **cells})
    assert counted(roll(in_roll()), listed("classification", classed("代缴")), register).state == state


def test_a_date_of_death_is_a_death(counted: Counter) -> None:
    """Without a date where it can't be read."""
    for text, kinds in (("2019-05-01", ["paid_unconfirmed"]), ("五月", ["paid_unconfirmed"])):
        register = listed("pension_register", {"id_no": ADULT, "event_date": text}, aliases={"event_date": "死亡日期"})
        result = counted(
            roll(in_roll()), listed("classification", classed("代缴")), listed("tax_returns", collected()), register
        )
        assert result.state == ("unconfirmed", "classification_conflict")
        assert [kind for kind in result.kinds if kind.startswith("paid")] == kinds


def test_a_quarantined_self_payment_counts(counted: Counter) -> None:
    """The row is quarantined for what else it can't say; the payment in it is read."""
    cells = {"self_paid_amount": "100", "self_paid_date": "2019-02-01"}
    files = (roll(in_roll()), listed("classification", classed("返还")), batch(refunded()), *MONEY)
    for row in (registered(**cells), registered(**cells, sheet_filler="x")):
        result = counted(*files, listed("pension_register", row))
        assert result.dispositions == ["written_off"]
    misread = registered(**cells, benefit_status="也许")
    assert counted(*files, listed("pension_register", misread)).kinds == ["evidence_unreadable", "paid_unconfirmed"]
    confirmed = [misread, registered(exclusion="不知道", self_paid_amount="50")]
    assert counted(*files, listed("pension_register", *confirmed)).kinds == ["evidence_unreadable", "paid_unconfirmed"]


@pytest.mark.parametrize(
    ("item", "fate"),
    [
        ("10210", (1, 0, 0, 0)),
        ("10210城乡居民", (1, 0, 0, 0)),
        ("城乡居民社会养老保险", (1, 0, 0, 0)),
        ("城乡居保费", (1, 0, 0, 0)),
        ("城乡居保(费)", (1, 0, 0, 0)),
        ("城乡居民（基本）养老保险费", (1, 0, 0, 0)),
        ("城乡居民(补充)养老保险费", (0, 1, 0, 0)),
        ("10203职工养老", (0, 0, 1, 0)),
        ("城乡居民基本医疗保险费", (0, 0, 1, 0)),
        ("", (0, 1, 0, 0)),
        ("养老", (0, 1, 0, 0)),
    ],
)
def test_only_one_item_is_this_schemes(item: str, fate: tuple[int, int, int, int], counted: Counter) -> None:
    """Others are dropped before anything else in them is judged; a word that nobody knows is quarantined."""
    line = collected(levy_item=item, amount="壹佰") if fate[2] else collected(levy_item=item)
    assert counted(listed("tax_returns", line)).fates("tax_returns") == [fate]


def test_an_empty_payer_can_not_be_read_but_a_missing_column_is_public_money(counted: Counter) -> None:
    """Never by default, where there is a column."""
    assert counted(listed("tax_returns", collected(payer_kind=""))).fates("tax_returns") == [(0, 1, 0, 0)]
    assert counted(listed("tax_returns", collected(payer_kind="公司"))).fates("tax_returns") == [(0, 1, 0, 0)]
    assert counted(listed("tax_returns", collected())).fates("tax_returns") == [(1, 0, 0, 0)]
    assert counted(listed("tax_returns", collected(payer_kind="本人缴费"))).dispositions == ["self_paid"]


@pytest.mark.parametrize(
    ("source", "cells", "field"),
    [
        ("poverty_roll", {"name": ""}, "name"),
        ("classification", classed("随缘"), "class"),
        ("classification", classed("返还", day="2019-02-30"), "verified_date"),
        ("classification", without(classed("返还"), "verified_date"), "verified_date"),
        ("classification", classed("返还", day="51234"), "verified_date"),
        ("tax_returns", collected(amount="壹佰"), "amount"),
        ("tax_returns", collected(amount="100.001"), "amount"),
        ("tax_returns", collected(amount="-100"), "amount"),
        ("tax_returns", collected(day=""), "paid_date"),
        ("tax_returns", collected(period_from="去年"), "period_from"),
        ("fund_documents", {"fund_level": "省级", "amount": "1"}, "fund_level"),
        ("fund_documents", {"fund_level": "市级", "amount": "1", "persons": "许多"}, "persons"),
        ("fund_documents", {"fund_level": "市级", "amount": "1", "persons": "530199850615001"}, "persons"),
        ("fund_documents", {"fund_level": "市级", "amount": "530199850615001"}, "amount"),
        ("allocations", {"township": "-", "amount": "1"}, "township"),
        ("pension_register", registered(self_paid_date="20191332"), "self_paid_date"),
        ("benefit_payments", {"id_no": ADULT, "due_amount": "不详", "amount": "1"}, "due_amount"),
    ],
)
def test_a_row_is_quarantined_for_what_is_there_and_can_not_be_read(
    source: str, cells: Cells, field: str, counted: Counter
) -> None:
    """Or for a needed cell that is empty."""
    name = "20190331.csv" if source == "poverty_roll" else "a.csv"
    (row,) = counted(listed(source, {**cells, "sheet_filler": "1"}, name=name)).rows("mart.quarantined_row")
    assert row["field"] == frozenset([field])


def test_a_township_stands_in_column_head_title_or_folder(counted: Counter) -> None:
    """In this order; the sub-folders from the innermost outwards."""
    row = without(in_roll(), "township")

    def township(name: str, **sheet: object) -> str:
        result = counted(listed("poverty_roll", row, name=name, **sheet))
        return str(result.rows("core.person_year")[0]["township_code"])

    assert township("20190331.csv", head={"township": "因民镇"}, place_texts=("汤丹镇名单",)) == "530113103"
    assert township("因民镇/20190331.csv", place_texts=("汤丹镇名单",)) == "530113102"
    assert township("因民镇/汤丹镇/20190331.csv") == "530113102"
    assert township("因民镇/第1批/20190331.csv") == "530113103"
    assert township("第1批/20190331.csv") == "000000000"
