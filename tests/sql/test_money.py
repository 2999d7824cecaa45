"""Sections 6 and 7: postings of double entry, level parts to the fen, the figures of townships and district, and rates."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from pipeline.policy import Policy, load_policy

from .results import Row, results

TOWN, OTHER = "530113001", "530113102"
MAY, JUNE = date(2019, 5, 1), date(2019, 6, 1)


def postings(
    policy: Policy | None = None, columns: str = "from_account to_account fund_level amount_yuan", **inputs: Any
) -> list[Any]:
    """The postings of grants, transfers and lines."""
    return results("core.posting", columns, policy=policy, **inputs)


def three_thirds(premium: str) -> Policy:
    """A county in which three levels pay a third each; the last one takes what is left of a fen."""
    thirds = [Decimal("0.33"), Decimal("0.33"), Decimal("0.34")]
    levels = [
        {"name": name, "word": name, "share": share}
        for name, share in zip(("province", "city", "county"), thirds, strict=True)
    ]
    document = load_policy(2019).model_dump() | {"premium_yuan": Decimal(premium), "fund_levels": levels}
    return Policy.model_validate(document)


def paid(row_key: int, disposition: str, **values: Any) -> tuple[Row, Row]:
    """A line of A in one township, and its judgement."""
    row = {"channel": "refund", "outcome": "success", "amount_yuan": 100, "township_code": TOWN, "row_key": row_key}
    judgement = {"row_key": row_key, "person_id": "A", "disposition": disposition}
    other = {"other_row_key": values.pop("other_row_key", None)}
    return row | values, judgement | other


def of_lines(*lines: tuple[Row, Row], **values: Any) -> list[Any]:
    """The postings of these lines."""
    rows, judgements = [row for row, _ in lines], [judgement for _, judgement in lines]
    return postings(return_row=rows, line_judgement=judgements, **values)


def test_a_grant_comes_through_its_level_to_the_bureau() -> None:
    """Two postings of the whole amount."""
    grant = {"fund_level": "municipal", "share": "0.80", "amount_yuan": "5235440.00"}
    amount = Decimal("5235440.00")
    assert postings(grant_document=[grant]) == [
        ("grant", "level:municipal", "municipal", amount),
        ("level:municipal", "bureau", "municipal", amount),
    ]


def test_a_transfer_is_split_by_level() -> None:
    """80 and 20 of each 100."""
    assert postings(township_transfer=[{"township_code": TOWN, "amount_yuan": 100}]) == [
        ("bureau", f"township:{TOWN}", "district", Decimal(20)),
        ("bureau", f"township:{TOWN}", "municipal", Decimal(80)),
    ]


def test_a_refund_goes_to_the_person_and_a_collection_to_the_tax_bureau() -> None:
    """Under the disposition of the line; what a person paid himself, failed lines and reversals of nothing move no money."""
    assert of_lines(paid(1, "written_off")) == [
        (f"township:{TOWN}", "person:written_off", "district", Decimal(20)),
        (f"township:{TOWN}", "person:written_off", "municipal", Decimal(80)),
    ]
    accounts = of_lines(paid(1, "disputed", channel="collection"), columns="to_account")
    assert accounts == [("tax:disputed",), ("tax:disputed",)]
    assert of_lines(paid(1, "self_paid", channel="collection", is_self_paid=True)) == []
    assert of_lines(paid(1, "failed", outcome="failed"), paid(2, "disputed", outcome="reversed")) == []


def test_a_reversal_mirrors_what_it_undoes() -> None:
    """Back to the township that had paid, whichever sent the reversal."""
    success = paid(1, "reversed", other_row_key=2)
    reversal = paid(2, "reversal", outcome="reversed", township_code=OTHER, other_row_key=1)
    assert of_lines(success, reversal) == [
        ("person:reversed", f"township:{TOWN}", "district", Decimal(20)),
        ("person:reversed", f"township:{TOWN}", "municipal", Decimal(80)),
        (f"township:{TOWN}", "person:reversed", "district", Decimal(20)),
        (f"township:{TOWN}", "person:reversed", "municipal", Decimal(80)),
    ]


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        ("100.00", ("34.00", "33.00", "33.00")),
        ("0.01", ("0.01", "0.00", "0.00")),
        ("0.02", ("0.00", "0.01", "0.01")),
        ("99.99", ("33.99", "33.00", "33.00")),
        ("50.01", ("17.01", "16.50", "16.50")),
        ("0.50", ("0.16", "0.17", "0.17")),
    ],
)
def test_parts_are_rounded_half_up_and_the_last_level_takes_the_remainder(amount: str, parts: tuple[str, ...]) -> None:
    """So they make the whole amount again; 0.50 × 0.33 = 0.165 becomes 0.17."""
    transfer = {"township_code": TOWN, "amount_yuan": amount}
    found = postings(three_thirds("100.00"), "fund_level amount_yuan", township_transfer=[transfer])
    by_level = dict(found)
    assert tuple(str(by_level[level]) for level in ("county", "city", "province")) == parts
    assert sum(by_level.values()) == Decimal(amount)


def test_a_posting_keeps_its_number_whatever_its_file_is_called() -> None:
    """Twins are told apart."""

    def numbers(*names: str) -> set[str]:
        transfers = [{"township_code": TOWN, "amount_yuan": 100, "file_name": name} for name in names]
        return {number for (number,) in postings(columns="posting_id", township_transfer=transfers)}

    assert numbers("a.csv") == numbers("b.csv")
    assert len(numbers("a.csv", "b.csv")) == 4


def posted(from_account: str, to_account: str, level: str, amount: int, township: str | None = TOWN) -> Row:
    """A posting."""
    accounts = {"from_account": from_account, "to_account": to_account}
    return accounts | {"fund_level": level, "amount_yuan": amount, "township_code": township}


LEDGER = [
    posted("grant", "level:municipal", "municipal", 160, None),
    posted("level:municipal", "bureau", "municipal", 160, None),
    posted("bureau", f"township:{TOWN}", "municipal", 160),
    posted("bureau", f"township:{TOWN}", "district", 40),
    posted(f"township:{TOWN}", "person:written_off", "municipal", 80),
    posted(f"township:{TOWN}", "person:written_off", "district", 20),
    posted(f"township:{TOWN}", "tax:disputed", "municipal", 80),
    posted(f"township:{TOWN}", "tax:disputed", "district", 20),
    posted(f"township:{TOWN}", "person:reversed", "municipal", 80),
    posted("person:reversed", f"township:{TOWN}", "municipal", 80),
]


def test_the_figures_of_a_level_are_sums_of_postings() -> None:
    """To a township its part of the transfers is granted; the district's grant is that of the documents."""
    rows = results(
        "mart.fund_level",
        "township_code fund_level granted_yuan used_yuan balance_yuan",
        fund_posting=LEDGER,
        township_of_year=[{"township_code": TOWN}],
    )
    assert [tuple(str(value) for value in row) for row in rows] == [
        (TOWN, "district", "40.00", "20.00", "20.00"),
        (TOWN, "municipal", "160.00", "80.00", "80.00"),
        ("None", "district", "0.00", "20.00", "-20.00"),
        ("None", "municipal", "160.00", "80.00", "80.00"),
    ]


def test_the_figures_of_a_township_are_sums_of_postings() -> None:
    """Paid out is what was written off and what is disputed; what came back counts in neither."""
    rows = results(
        "mart.township_fund",
        "township_code allocated_yuan paid_out_yuan used_yuan disputed_yuan balance_yuan cash_balance_yuan utilisation_rate",
        fund_posting=LEDGER,
        township_of_year=[{"township_code": TOWN}, {"township_code": OTHER}],
    )
    assert [tuple(str(value) for value in row) for row in rows] == [
        (TOWN, "200.00", "200.00", "100.00", "100.00", "100.00", "0.00", "0.500000"),
        (OTHER, "0.00", "0.00", "0.00", "0.00", "0.00", "0.00", "None"),
    ]


def district(columns: str, **inputs: Any) -> tuple[str, ...]:
    """Columns of the one row of the district, as text."""
    (row,) = results("mart.district_summary", columns, **inputs)
    return tuple(str(value) for value in row)


def test_the_district_is_the_sum_of_its_townships_with_rates_of_the_sums() -> None:
    """A rate over 0 is null."""
    participation = [
        {"township_code": TOWN, "roll_count": 10, "eligible_count": 3, "covered_count": 2, "planned_count": 4},
        {"township_code": OTHER, "roll_count": 5, "eligible_count": 3, "covered_count": 2, "planned_count": None},
    ]
    fund = [
        {"township_code": TOWN, "allocated_yuan": 400, "used_yuan": 200, "balance_yuan": 200},
        {"township_code": OTHER, "allocated_yuan": 0, "used_yuan": 200, "balance_yuan": -200},
    ]
    levels = [{"fund_level": "municipal", "granted_yuan": 600, "used_yuan": 320, "balance_yuan": 280}]
    counts = "roll_count planned_count participation_rate target_completion_rate"
    money = (
        "balance_yuan township_balance_yuan bureau_balance_yuan utilisation_rate execution_rate budget_district_yuan"
    )
    inputs: Any = {"township_participation": participation, "township_fund": fund, "fund_level": levels}
    assert district(counts, **inputs) == ("15", "4", "0.666667", "1.000000")
    assert district(money, **inputs) == ("200.00", "0.00", "200.00", "1.000000", "0.666667", "None")
    assert district("execution_rate utilisation_rate participation_rate") == ("None", "None", "None")


def benefits(*payments: tuple[str | None, int, int], is_there: bool = True) -> str:
    """The rate of persons who were paid in full: ID, due, paid of each row."""
    rows = [
        {"row_key": number, "due_amount_yuan": due, "amount_yuan": amount}
        for number, (_, due, amount) in enumerate(payments, start=1)
    ]
    persons = [{"row_key": number, "person_id": payment[0]} for number, payment in enumerate(payments, start=1)]
    files = [{"source": "benefit_payments", "status": "read"}] if is_there else []
    (rate,) = district("benefit_disbursement_rate", benefit_payments=rows, row_identity=persons, file_status=files)
    return rate


def test_who_got_all_that_was_due_over_the_year_is_paid_in_full() -> None:
    """Rows without a valid ID are nobody's; a year without the source has no rate."""
    assert benefits(("A", 103, 103), ("B", 103, 0), ("B", 103, 103), (None, 103, 0)) == "0.500000"
    assert benefits(("A", 103, 0), ("A", 103, 206)) == "1.000000"
    assert benefits((None, 103, 0)) == "None"
    assert benefits(is_there=False) == "None"


def survey(*answers: str, is_there: bool = True) -> tuple[str, ...]:
    """Rate, interval and answers of a survey."""
    rows = [{"row_key": number, "answer": answer} for number, answer in enumerate(answers, start=1)]
    return district(
        "satisfaction_rate satisfaction_low satisfaction_high satisfaction_answers",
        satisfaction_survey=rows,
        row_fate=[{"row_key": row["row_key"], "fate": "accepted"} for row in rows],
        file_status=[{"source": "satisfaction_survey", "status": "read"}] if is_there else [],
    )


def test_satisfaction_has_the_wilson_interval_of_its_answers() -> None:
    """18 of 20 is 90 %, with 69.9-97.2 %; whatever is no answer counts in neither."""
    assert survey(*["满意"] * 18, *["不满意"] * 2) == ("0.900000", "0.698966", "0.972134", "20")
    satisfied, not_satisfied = ("非常满意", "满 意", "基本满意"), ("不满意", "非常不满意", "不太满意", "很不满意")
    assert survey(*satisfied, *not_satisfied, "说不清", "")[::3] == ("0.428571", "7")
    assert survey("说不清") == ("None", "None", "None", "0")
    assert survey(is_there=False) == ("None", "None", "None", "None")


@pytest.mark.parametrize(
    ("covered", "eligible", "rate"),
    [
        (1, 3, "0.333333"),
        (2, 3, "0.666667"),
        (1, 8_000_000, "0.000000"),
        (1, 2_000_000, "0.000001"),
        (3, 2_000_000, "0.000002"),
    ],
)
def test_rates_are_rounded_half_up_to_six_places(covered: int, eligible: int, rate: str) -> None:
    """Never by way of a float: 0.0000005 becomes 0.000001, 0.0000015 becomes 0.000002."""
    rows = [{"eligible_count": eligible, "covered_count": covered}]
    assert district("participation_rate", township_participation=rows) == (rate,)


def test_a_document_without_a_date_takes_that_of_its_file_alone() -> None:
    """Never the date of another row."""
    files = [{"file_name": "a.csv", "file_date": JUNE}, {"file_name": "b.csv", "file_date": JUNE, "stated_date": JUNE}]
    fates = [{"row_key": row_key} for row_key in range(3)]

    def dates(table: str, **rows: Any) -> list[Any]:
        return sorted(results(table, "row_key document_date", file_status=files, row_fate=fates, **rows))

    places = ({"file_name": "a.csv"}, {"file_name": "a.csv", "document_date": MAY}, {"file_name": "b.csv"})
    grants = [place | {"row_key": row_key, "fund_level": "市 级"} for row_key, place in enumerate(places)]
    transfers = [place | {"row_key": row_key, "township": "汤丹镇"} for row_key, place in enumerate(places)]
    expected = [(0, None), (1, MAY), (2, JUNE)]
    assert dates("core.grant_document", fund_documents=grants) == expected
    assert dates("core.township_transfer", allocations=transfers) == expected
