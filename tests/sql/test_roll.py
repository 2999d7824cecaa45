"""Section 3: the roll of the year, and what its snapshots contradict."""

from datetime import date
from typing import Any

from .results import Row, results

MARCH, SEPTEMBER = date(2019, 3, 31), date(2019, 9, 30)
FIRST, SECOND, UNKNOWN = "530113001", "530113102", "000000000"


def on_roll(**values: Any) -> Row:
    """A roll row of 张三 in March."""
    usual = {"person_id": "A", "person_no": "A", "name": "张三", "name_key": "张三", "township_code": FIRST}
    return usual | {"snapshot_date": MARCH} | values


def without(row: Row, *columns: str) -> Row:
    """The row without some columns."""
    return {column: value for column, value in row.items() if column not in columns}


def person(*rows: Row, columns: str = "person_no township_code village name") -> list[tuple[Any, ...]]:
    """The persons of these rows."""
    return results("core.person", columns, person_row=list(rows))


def findings(*rows: Row, agreeing: list[Row] | None = None) -> list[tuple[Any, ...]]:
    """What the roll shows of these rows: kind, person, row."""
    roll = [without(row, "person_no") for row in rows]
    return results("core.roll_finding", "kind person_id row_number", roll_row=roll, unreadable_name=agreeing or [])


def test_only_snapshots_dated_in_the_year_make_its_roll() -> None:
    """Townships by code under every spelling; a row without a valid ID is known by place, name and text."""
    rows = [
        {"row_key": 1, "snapshot_date": MARCH, "township": "汤丹镇人民政府", "name_key": "张三"},
        {"row_key": 2, "snapshot_date": date(2018, 12, 31), "township": "汤丹", "name_key": "张三"},
        {"row_key": 3, "snapshot_date": MARCH, "township": "火星镇", "village": "甲村", "name_key": "李四"},
    ]
    identities = [
        {"row_key": 1, "person_id": "A", "id_text": "A"},
        {"row_key": 2, "person_id": "A", "id_text": "A"},
        {"row_key": 3, "id_text": "5301", "id_problem": "invalid_id"},
    ]
    assert results(
        "core.roll_row", "row_key township_code stated_person_no", poverty_roll=rows, row_identity=identities
    ) == [
        (1, SECOND, "A"),
        (3, UNKNOWN, "|000000000|甲村|李四|5301"),
    ]


def test_a_person_is_as_his_latest_snapshot_shows_him() -> None:
    """Whoever was on the roll at any time of the year is a person of it."""
    moved = person(on_roll(village="甲村"), on_roll(snapshot_date=SEPTEMBER, township_code=SECOND, village="乙村"))
    assert moved == [("A", SECOND, "乙村", "张三")]
    assert person(on_roll(), on_roll(person_no="B", person_id="B", snapshot_date=SEPTEMBER)) == [
        ("A", FIRST, None, "张三"),
        ("B", FIRST, None, "张三"),
    ]


def test_of_several_rows_the_first_by_township_village_and_name_counts() -> None:
    """A row with a known township before one without."""
    assert person(on_roll(township_code=SECOND), on_roll(township_code=FIRST, village="乙")) == [
        ("A", FIRST, "乙", "张三")
    ]
    assert person(on_roll(village="乙"), on_roll(village="甲")) == [("A", FIRST, "乙", "张三")]
    assert person(on_roll(name="李四"), on_roll(name="张三")) == [("A", FIRST, None, "张三")]
    assert person(on_roll(township_code=UNKNOWN), on_roll(township_code=SECOND)) == [("A", SECOND, None, "张三")]


def test_who_was_born_on_29_february_has_his_birthday_on_1_march() -> None:
    """In years that have no 29 February."""
    born = [{"id_text": "A", "birth_date": date(1988, 2, 29)}, {"id_text": "B", "birth_date": date(1959, 6, 15)}]
    assert results(
        "core.person",
        "person_no entry_birthday_date end_birthday_date birth_year",
        person_row=[on_roll(), on_roll(person_no="B", person_id="B")],
        identity_number=born,
    ) == [
        ("A", date(2004, 2, 29), date(2048, 2, 29), 1988),
        ("B", date(1975, 6, 15), date(2019, 6, 15), 1959),
    ]
    later = [{"id_text": "A", "birth_date": date(2003, 3, 1)}, {"id_text": "B", "birth_date": date(2004, 2, 29)}]
    assert results(
        "core.person",
        "entry_birthday_date",
        person_row=[on_roll(), on_roll(person_no="B", person_id="B")],
        identity_number=later,
    ) == [(date(2019, 3, 1),), (date(2020, 2, 29),)]


def test_what_may_be_shown_of_a_person_is_masked() -> None:
    """Six and four characters of 18, the first of the name; of any other text nothing."""
    shown = person(
        on_roll(person_no="530199198506150017", person_id="530199198506150017"),
        on_roll(person_no="|x", person_id=None, id_text="5301"),
        columns="id_masked name_masked",
    )
    assert shown == [("******", "张**"), ("530199********0017", "张**")]


def test_the_same_name_and_township_twice_is_a_duplicate() -> None:
    """Within one snapshot; a name that agrees but for a lost character is the same."""
    assert findings(on_roll(), on_roll(village="甲村")) == [("duplicate_on_roll", "A", 1)]
    assert findings(on_roll(), on_roll(snapshot_date=SEPTEMBER)) == []
    pair = [{"name_key": "张三", "other_name_key": "张?"}, {"name_key": "张?", "other_name_key": "张三"}]
    assert findings(on_roll(), on_roll(name="张?", name_key="张?"), agreeing=pair) == [("duplicate_on_roll", "A", 2)]


def test_two_townships_or_two_names_of_one_id_are_found() -> None:
    """In any one snapshot of the year, at the first row of the latest that shows it."""
    assert findings(on_roll(township_code=SECOND), on_roll()) == [("on_two_township_rolls", "A", 2)]
    assert findings(on_roll(name="李四", name_key="李四"), on_roll()) == [("id_with_two_names", "A", 2)]
    moved = on_roll(snapshot_date=SEPTEMBER, township_code=SECOND, name="李四", name_key="李四")
    assert findings(on_roll(), moved) == []


def test_rows_without_a_valid_id_are_compared_with_nothing() -> None:
    """Two of them may be two persons."""
    assert findings(on_roll(person_id=None), on_roll(person_id=None, township_code=SECOND)) == []


def test_names_agree_where_every_character_that_both_give_is_the_same() -> None:
    """And they are equally long; names of different IDs are not compared."""
    roll = [{"person_id": "A", "name_key": "张?"}, {"person_id": "B", "name_key": "李四"}]
    lines = [
        {"person_id": "A", "name_key": "张三"},
        {"person_id": "A", "name_key": "王三"},
        {"person_id": "A", "name_key": "张三丰"},
        {"person_id": "B", "name_key": "李?"},
        {"person_id": "C", "name_key": "李四"},
    ]
    pairs = results("core.unreadable_name", "name_key other_name_key", roll_row=roll, return_row=lines)
    assert ("张三", "张?") in pairs and ("李?", "李四") in pairs
    assert ("王三", "张?") not in pairs and ("张三丰", "张?") not in pairs and ("张?", "李?") not in pairs
