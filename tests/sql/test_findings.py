"""Sections 5 and 8: the warnings that hold nothing, and the mismatches with their numbers."""

from datetime import date
from typing import Any

from .results import Row, results

FIRST, SECOND, UNKNOWN = "530113001", "530113102", "000000000"
DAY = date(2019, 6, 12)


def refunded(row_key: int = 1, **values: Any) -> Row:
    """A line of A in the first township."""
    usual = {"channel": "refund", "outcome": "success", "amount_yuan": 100, "township_code": FIRST, "person_id": "A"}
    return usual | {"row_key": row_key, "line_order": row_key, "paid_date": DAY, "name_key": "张三"} | values


def judgement(row_key: int = 1, person_no: str = "A", **values: Any) -> Row:
    """A live line that passed the tests of identity."""
    passed = {"is_live": True, "is_identified": True, "is_on_roll": True, "disposition": "written_off"}
    return {"row_key": row_key, "person_no": person_no} | passed | values


def person(person_no: str = "A", **values: Any) -> Row:
    """A person of the first township."""
    return {"person_no": person_no, "person_id": person_no, "township_code": FIRST, "name": "张三"} | values


def kinds(line: Row, class_: str | None = None, *, on_roll: Row | None = None, **values: Any) -> list[str]:
    """The kinds of mismatch of one line."""
    found = results(
        "core.line_finding",
        "kind",
        return_row=[line],
        line_judgement=[judgement(**values)],
        person=[on_roll or person()],
        eligibility=[{"person_no": "A", "state": "eligible", "class": class_}],
    )
    return [kind for (kind,) in found]


def test_another_township_than_the_rolls_is_a_warning() -> None:
    """Not where either is unknown, and only for a live line that passed the tests 1-3."""
    assert kinds(refunded()) == []
    assert kinds(refunded(township_code=SECOND)) == ["township_mismatch"]
    assert kinds(refunded(township_code=UNKNOWN)) == []
    assert kinds(refunded(township_code=SECOND), on_roll=person(township_code=UNKNOWN)) == []
    assert kinds(refunded(township_code=SECOND), is_identified=False) == []


def test_another_channel_than_the_class_is_a_warning() -> None:
    """Only where such a class stands."""
    assert kinds(refunded(), "代缴") == ["channel_mismatch"]
    assert kinds(refunded(channel="collection"), "返还") == ["channel_mismatch"]
    assert kinds(refunded(), "返还") == kinds(refunded(), "不符合") == kinds(refunded()) == []


def test_an_unreadable_name_is_a_warning_beside_whatever_becomes_of_the_line() -> None:
    """The test that it fails is a mismatch of its own."""
    assert kinds(refunded(), is_name_unreadable=True) == ["name_unreadable"]
    assert kinds(refunded(), is_name_unreadable=True, disposition="disputed", mismatch_kind="paid_ineligible") == [
        "name_unreadable",
        "paid_ineligible",
    ]


def accounts(*households: str | None, account: str | None = "6228") -> list[tuple[Any, ...]]:
    """What is found about one account that was refunded for persons of these households."""
    numbers = range(1, len(households) + 1)
    return results(
        "core.line_finding",
        "kind is_warning row_number person_no",
        return_row=[refunded(number, account=account) for number in numbers],
        line_judgement=[judgement(number, str(number)) for number in numbers],
        person=[person(str(number), household_no=household) for number, household in enumerate(households, start=1)],
    )


def test_one_account_for_two_households_is_a_warning_above_six_persons_an_error() -> None:
    """It names the first line and no person; who has no household number is a household of his own."""
    assert accounts("1", "1") == []
    assert accounts("1", "2") == [("duplicate_account", True, 1, None)]
    assert accounts(None, None) == [("duplicate_account", True, 1, None)]
    assert accounts("1", "1", "1", "1", "1", "2") == [("duplicate_account", True, 1, None)]
    assert accounts("1", "1", "1", "1", "1", "1", "2") == [("duplicate_account", False, 1, None)]
    assert accounts("1", "1", "1", "1", "1", "1", "1") == []
    assert accounts("1", "2", account=None) == []


def money(columns: str = "kind township_code file_name", **inputs: Any) -> list[tuple[Any, ...]]:
    """What is found about townships' names and the money."""
    return results("core.money_finding", columns, **inputs)


def test_a_grant_is_held_against_its_headcount() -> None:
    """At the level's share of the premium; a grant without persons is not checked."""

    def grant(amount: int, persons: int | None) -> Row:
        level = {"fund_level": "district", "share": "0.20", "file_name": "a.csv"}
        return level | {"amount_yuan": amount, "planned_count": persons}

    assert money(grant_document=[grant(1_308_860, 65_443)]) == []
    assert money(grant_document=[grant(1_476_700, 65_443)]) == [("grant_headcount_gap", None, "a.csv")]
    assert money(grant_document=[grant(1_476_700, None)]) == []


def test_nothing_is_used_above_what_was_allocated_nor_allocated_above_the_budget() -> None:
    """The unknown township is no township here; the budget is that of all grants."""

    def found(allocated: int, used: int, granted: int, township: str = FIRST) -> list[tuple[Any, ...]]:
        return money(
            grant_document=[{"fund_level": "district", "share": "0.20", "amount_yuan": granted}],
            township_transfer=[{"township_code": township, "amount_yuan": allocated}] if allocated else [],
            return_row=[refunded(amount_yuan=used, township_code=township)],
            line_judgement=[judgement()],
        )

    assert found(100, 100, 100) == []
    assert found(99, 100, 100) == [("over_allocated", FIRST, None)]
    assert found(0, 100, 100) == [("over_allocated", FIRST, None)]
    assert found(101, 100, 100) == [("over_budget", None, None)]
    assert [kind for kind, *_ in found(99, 100, 100, UNKNOWN)] == ["unknown_township"]
    given_back = {"township_code": FIRST, "amount_yuan": -50}
    assert money(township_transfer=[given_back]) == [("over_allocated", FIRST, None)]


def test_an_unknown_townships_file_is_the_same_fact_however_the_name_is_written() -> None:
    """Its mismatch keeps its number when the file comes again with the district before the name, or blanks in it."""

    def fact(head: str) -> list[tuple[Any, ...]]:
        file = {"source": "bank_returns", "status": "read", "file_name": "b.txt", "head_township": head}
        return money("fact", file_status=[file])

    assert fact("火星镇") == fact("东川区火星镇") == fact("火星 镇人民政府")
    assert fact("火星镇") != fact("金星镇")


def test_an_unknown_township_is_found_once_a_row_or_once_a_bank_file() -> None:
    """One per row in tax_returns and allocations; of a bank file the head counts, or rows where it is silent."""
    tax = refunded(1, channel="collection", township_code=UNKNOWN, file_name="t.csv")
    assert money(return_row=[tax, tax | {"row_key": 2}]) == [("unknown_township", UNKNOWN, "t.csv")] * 2
    assert money("kind person_no", return_row=[tax], line_judgement=[judgement()]) == [("unknown_township", "A")]
    transfer = {"township_code": UNKNOWN, "file_name": "a.csv"}
    assert ("unknown_township", UNKNOWN, "a.csv") in money(township_transfer=[transfer])

    def bank(head: str | None, *codes: str) -> list[tuple[Any, ...]]:
        file = {"source": "bank_returns", "status": "read", "file_name": "b.txt", "head_township": head}
        lines = [refunded(number, file_name="b.txt", township_code=code) for number, code in enumerate(codes)]
        return money("kind row_number", file_status=[file], return_row=lines)

    assert bank("汤丹镇", SECOND) == []
    assert bank("火星镇", UNKNOWN, UNKNOWN) == [("unknown_township", None)]
    assert bank(None, UNKNOWN) == [("unknown_township", None)]
    assert bank(None, SECOND) == []


def test_a_persons_mismatches_are_one_a_kind() -> None:
    """The roll's own, those of an invalid ID, an unknown township, and what the table of states raises."""
    found = results(
        "core.person_finding",
        "kind person_no row_number is_warning",
        person=[
            person(row_number=1),
            person("|x", person_id=None, id_problem="invalid_id", row_number=2, township_code=UNKNOWN),
            person("C", row_number=3),
        ],
        person_state=[
            {"person_no": "A", "mismatch_kind": "unclassified", "state": "unconfirmed"},
            {"person_no": "|x", "state": "excluded"},
            {"person_no": "C", "mismatch_kind": "classification_conflict", "state": "unconfirmed"},
        ],
        eligibility=[{"person_no": each} for each in ("A", "|x", "C")],
        roll_finding=[{"kind": "duplicate_on_roll", "person_id": "A", "row_number": 7}],
        classification_row=[
            {"person_id": "C", "verified_date": DAY, "row_number": 11},
            {"person_id": "D", "verified_date": DAY, "row_number": 12},
            {"person_id": None, "verified_date": DAY, "row_number": 13, "id_problem": "id_precision_lost"},
        ],
        classification_of_year=[{"person_id": each, "verified_date": DAY} for each in "CD"],
    )
    assert found == [
        ("classification_conflict", "C", 11, False),
        ("classified_not_on_roll", None, 12, True),
        ("duplicate_on_roll", "A", 7, False),
        ("id_precision_lost", None, 13, True),
        ("invalid_id", "|x", 2, False),
        ("unclassified", "A", 1, False),
        ("unknown_township", "|x", 2, False),
    ]


def numbered(*findings: Row) -> dict[int, str]:
    """The mismatch_id of findings, by the number of their row."""
    usual = {"kind": "paid_twice", "subject": "line"}
    found = results("core.mismatch", "row_number mismatch_id", line_finding=[usual | each for each in findings])
    return dict(found)


def test_a_mismatch_keeps_its_number_whatever_its_file_is_called() -> None:
    """The number is a hash of the fact; twins are told apart, in whatever file they stand."""
    fact = {"fact": "paid_twice|A|refund|B01|1|100.00|2019-06-12"}
    alone = numbered(fact | {"file_name": "a.txt", "row_number": 4})
    moved = numbered(fact | {"file_name": "b.txt", "row_number": 9})
    assert alone[4] == moved[9]
    twins = numbered(fact | {"row_number": 4}, fact | {"row_number": 5}, {"fact": "another", "row_number": 6})
    assert len(set(twins.values())) == 3 and alone[4] == twins[4]


def test_severity_is_that_of_the_kind_unless_the_finding_warns() -> None:
    """An invalid ID of a classification row only warns."""
    findings = [
        {"kind": "invalid_id", "fact": "1"},
        {"kind": "invalid_id", "fact": "2", "is_warning": True},
        {"kind": "duplicate_on_roll", "fact": "3"},
    ]
    assert results("core.mismatch", "kind severity", person_finding=findings) == [
        ("duplicate_on_roll", "warning"),
        ("invalid_id", "error"),
        ("invalid_id", "warning"),
    ]


def test_the_line_states_its_fact_without_its_path() -> None:
    """Kind, ID, channel, document, line, amount and date; a name that is corrected changes no number."""
    line = refunded(id_text="5301", document_no="B01", line_no="7", file_name="bank_returns/a.txt")
    assert results(
        "core.line_finding",
        "fact",
        return_row=[line],
        line_judgement=[judgement(mismatch_kind="paid_twice", disposition="disputed")],
        person=[person()],
        eligibility=[{"person_no": "A", "state": "eligible"}],
    ) == [("paid_twice|5301|refund|B01|7|100.00|2019-06-12",)]


def test_how_far_a_mismatch_is_settled_is_said_by_its_replies() -> None:
    """A refused one says nothing."""
    mismatches = [{"mismatch_id": number, "kind": "paid_twice", "severity": "error"} for number in "123"]
    replies = [
        {"mismatch_id": "1", "role": "maker", "status": "applied"},
        {"mismatch_id": "2", "role": "maker", "status": "waiting"},
        {"mismatch_id": "3", "role": "maker", "status": "refused"},
    ]
    columns = "mismatch_id status status_text severity_text"
    assert results("core.mismatch_sheet", columns, mismatch=mismatches, reply=replies) == [
        ("1", "settled", "已办结", "错误"),
        ("2", "answered", "待复核", "错误"),
        ("3", "open", "待答复", "错误"),
    ]


def test_what_is_published_of_a_mismatch_is_masked() -> None:
    """An account or a sum has no ID to mask."""
    mismatches = [
        {"mismatch_id": "1", "kind": "paid_twice", "subject": "line", "id_text": "530199198506150017", "name": "张三"},
        {"mismatch_id": "2", "kind": "invalid_id", "subject": "line"},
        {"mismatch_id": "3", "kind": "duplicate_account", "subject": "account"},
    ]
    sheets = [{"mismatch_id": "1", "status": "settled"}, {"mismatch_id": "2", "status": "open"}]
    columns = "mismatch_id status id_masked name_masked"
    assert results("mart.roster_mismatch", columns, mismatch=mismatches, mismatch_sheet=sheets) == [
        ("1", "settled", "530199********0017", "张**"),
        ("2", "open", "******", None),
        ("3", None, None, None),
    ]
