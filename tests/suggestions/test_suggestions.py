"""Who is named for a row that matches nobody, and who isn't: literal rows in, literal suggestions out."""

from collections.abc import Iterator

import duckdb
import polars as pl
import pytest

from pipeline.build import suggestions
from pipeline.build.suggestions import most_probable
from pipeline.contracts import tables
from pipeline.contracts.tables import MACROS, TableName

# Persons of the roll: ID, name, township, village, household. The area code 530198 was never assigned.
ROLL = [
    ("530198198005120126", "张小明", "T1", "V1", "H1"),
    ("530198198505120341", "李秀兰", "T1", "V2", "H2"),
    ("530198197511030452", "王芳", "T2", "V3", "H3"),
    ("530198199008200564", "王磊", "T2", "V3", "H3"),
]

STORE = """
create schema core;
create schema stated;
create schema policy;
create table stated.person (
    person_no text, person_id text, id_text text, id_problem text, name_key text,
    township_code text, village_code text, household_no text
);
create table core.mismatch (mismatch_id text, kind text, subject text, id_text text, person_no text, row_key int);
create table core.return_row (row_key int, name_key text, township_code text);
create table core.classification_row (row_key int, name_key text, township_code text, village text);
create table policy.village_alias (township_code text, alias text, village_code text);
insert into policy.village_alias values ('T1', '甲村', 'V1'), ('T1', '乙村', 'V2'), ('T2', '丙村', 'V3');
"""


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with the tables that the candidates are made of."""
    with duckdb.connect() as connection:
        connection.execute(MACROS.read_text(encoding="utf-8"))
        connection.execute(STORE)
        yield connection


@pytest.fixture
def store(database: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database, whose tables are empty for each test."""
    database.execute("BEGIN")
    yield database
    database.execute("ROLLBACK")


def add_person(
    store: duckdb.DuckDBPyConnection, person_id: str, name: str, township: str, village: str, household: str
) -> None:
    """Put a person with a valid ID on the roll."""
    store.execute(
        "insert into stated.person values (?, ?, ?, null, ?, ?, ?, ?)",
        [person_id, person_id, person_id, name, township, village, household],
    )


def add_unidentified(store: duckdb.DuckDBPyConnection, id_text: str | None, problem: str = "invalid_id") -> None:
    """Put 张小明 on the roll with an ID that isn't valid; his number there is ``unidentified``."""
    store.execute(
        "insert into stated.person values ('unidentified', null, ?, ?, '张小明', 'T1', 'V1', 'H1')", [id_text, problem]
    )


def add_line(
    store: duckdb.DuckDBPyConnection,
    kind: str,
    id_text: str | None,
    name: str | None,
    township: str = "T1",
    holder: str | None = None,
) -> None:
    """Put the one unmatched line there; `holder` is the roll person of its ID."""
    store.execute("insert into core.return_row values (1, ?, ?)", [name, township])
    store.execute("insert into core.mismatch values ('m', ?, 'line', ?, ?, 1)", [kind, id_text, holder])


def add_verification(
    store: duckdb.DuckDBPyConnection, kind: str, id_text: str, name: str, township: str, village: str
) -> None:
    """Put the one unmatched verification there."""
    store.execute("insert into core.classification_row values (1, ?, ?, ?)", [name, township, village])
    store.execute("insert into core.mismatch values ('m', ?, 'classification', ?, null, 1)", [kind, id_text])


def named(store: duckdb.DuckDBPyConnection) -> list[tuple[str, str]]:
    """The suggestions of the store: number of the roll person, reason."""
    sql = tables.load_tables()[TableName("core", "suggestion_candidate")].sql
    assert sql is not None
    pairs: pl.DataFrame = store.sql(sql).pl()
    return most_probable(pairs).select("person_no", "reason").rows()


@pytest.mark.parametrize(
    ("kind", "id_text", "name", "reason"),
    [
        ("invalid_id", "530198198005130126", "张小明", "证件号有一位不同,姓名相同,同乡镇"),
        ("invalid_id", "530918198005120126", "张小明", "证件号相邻两位对调,姓名相同,同乡镇"),
        ("invalid_id", "530198198050120126", "张小明", "证件号相邻两位对调,姓名相同,同乡镇"),
        ("invalid_id", "530198198005210126", "张小明", "证件号相邻两位对调,姓名相同,同乡镇"),
        ("invalid_id", "530198198005102126", "张小明", "证件号相邻两位对调,姓名相同,同乡镇"),
        ("invalid_id", "530198198005120127", "张小明", "证件号仅校验码不同,姓名相同,同乡镇"),
        ("invalid_id", "53019819800512012", "张小明", "证件号比名单缺一位,姓名相同,同乡镇"),
        ("invalid_id", "53019819805120126", "张小明", "证件号比名单缺一位,姓名相同,同乡镇"),
        ("invalid_id", "5301981980051201126", "张小明", "证件号比名单多一位,姓名相同,同乡镇"),
        ("invalid_id", "530198196805120126", "张小明", "证件号有两处不同,姓名相同,同乡镇"),
        ("invalid_id", "530198108905120126", "张小明", "证件号有两位对调,姓名相同,同乡镇"),
        ("id_precision_lost", "530198198005120000", "张小明", "证件号末几位丢失,其余相同,姓名相同,同乡镇"),
        ("id_precision_lost", "530198800512012", "张小明", "旧号升位后与十八位号相同,姓名相同,同乡镇"),
        ("id_precision_lost", "530198198005120", "张小明", "证件号末几位丢失,其余相同,姓名相同,同乡镇"),
        # Landing took 530198198005120 for an old number and widened it.
        ("invalid_id", "530198191980051208", "张小明", "证件号末几位丢失,其余相同,姓名相同,同乡镇"),
        ("id_precision_lost", "530198198005120000", "章小明", "证件号末几位丢失,其余相同,姓名同音,同乡镇"),
        ("id_precision_lost", "5.30198E+17", "张小明", "证件号为空或不完整,姓名相同,同乡镇"),
        ("invalid_id", None, "张小明", "证件号为空或不完整,姓名相同,同乡镇"),
        ("not_on_roll", "530198198005129876", "张小明", "出生日期相同,姓名相同,同乡镇"),
        ("invalid_id", "530198198005130126", "章小明", "证件号有一位不同,姓名同音,同乡镇"),
        ("invalid_id", "530198198005102126", "章小明", "证件号相邻两位对调,姓名同音,同乡镇"),
        ("invalid_id", "530198198005130126", "张小朋", "证件号有一位不同,姓名相似,同乡镇"),
        ("invalid_id", "530198198005130126", "张小?", "证件号有一位不同,姓名除不能识别的字外相同,同乡镇"),
        ("invalid_id", "530198198005130126", None, "证件号有一位不同,未报姓名,同乡镇"),
    ],
)
def test_a_damaged_id_or_name_still_names_the_person(
    store: duckdb.DuckDBPyConnection, kind: str, id_text: str | None, name: str | None, reason: str
) -> None:
    """Each slip is recognised by its own rule, and the reason says which."""
    for person in ROLL:
        add_person(store, *person)
    add_line(store, kind, id_text, name)
    assert named(store) == [("530198198005120126", reason)]


@pytest.mark.parametrize(
    ("kind", "id_text", "name"),
    [
        pytest.param("invalid_id", "530198198005130126", "赵铁柱", id="near ID, another name"),
        pytest.param("not_on_roll", "53019819621231061X", "张小明", id="a namesake with an ID of his own"),
        pytest.param("id_precision_lost", "530198198005120000", "张", id="lost digits, hardly a name"),
        pytest.param("not_on_roll", "530198198005129876", "张晓敏", id="birth date and surname alone"),
        pytest.param("not_on_roll", "530198198005129876", "张小朋", id="birth date and a similar name, no village"),
        pytest.param("invalid_id", None, "王芳", id="no ID, a name of another township"),
        pytest.param("invalid_id", None, None, id="nothing stated"),
        pytest.param("invalid_id", None, "赵铁柱", id="no ID, a name of nobody"),
    ],
)
def test_who_only_resembles_somebody_is_not_named(
    store: duckdb.DuckDBPyConnection, kind: str, id_text: str | None, name: str | None
) -> None:
    """Too little in common names nobody."""
    for person in ROLL:
        add_person(store, *person)
    add_line(store, kind, id_text, name)
    assert named(store) == []


def test_of_two_who_are_equally_good_nobody_is_named(store: duckdb.DuckDBPyConnection) -> None:
    """Two persons of one name and township, and a line without an ID."""
    add_person(store, "530198198005120126", "张小明", "T1", "V1", "H1")
    add_person(store, "530198198505120341", "张小明", "T1", "V2", "H2")
    add_line(store, "invalid_id", None, "张小明")
    assert named(store) == []


def test_the_village_decides_between_namesakes(store: duckdb.DuckDBPyConnection) -> None:
    """Of two namesakes born on one day, the one of the stated village is meant."""
    add_person(store, "530198198005120126", "张小明", "T1", "V1", "H1")
    add_person(store, "530198198005120134", "张小明", "T1", "V2", "H2")
    add_verification(store, "classified_not_on_roll", "530198198005129876", "张小明", "T1", "乙村")
    assert named(store) == [("530198198005120134", "出生日期相同,姓名相同,同村")]


def test_a_wrong_village_does_not_hide_the_person(store: duckdb.DuckDBPyConnection) -> None:
    """The ID with one wrong digit and the name are enough in another township, too."""
    for person in ROLL:
        add_person(store, *person)
    add_verification(store, "invalid_id", "530198198005130126", "张小明", "T2", "丙村")
    assert named(store) == [("530198198005120126", "证件号有一位不同,姓名相同")]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("王方", [("530198197511030452", "证件号相同,姓名同音,同乡镇")], id="her name misspelt"),
        pytest.param("王磊", [("530198199008200564", "证件号属于同户另一人,姓名相同,同乡镇")], id="the ID of his wife"),
        pytest.param("赵铁柱", [], id="another name altogether"),
    ],
)
def test_a_name_that_does_not_fit_the_id(
    store: duckdb.DuckDBPyConnection, name: str, expected: list[tuple[str, str]]
) -> None:
    """Either the name of the ID's holder is misspelt, or the ID is that of somebody in the same household."""
    for person in ROLL:
        add_person(store, *person)
    add_line(store, "name_mismatch", "530198197511030452", name, "T2", "530198197511030452")
    assert named(store) == expected


def test_half_a_name_of_two_characters_is_enough_beside_a_near_id(store: duckdb.DuckDBPyConnection) -> None:
    """A surname and one wrong character say little alone; the ID says the rest."""
    for person in ROLL:
        add_person(store, *person)
    add_line(store, "invalid_id", "530198199008210564", "王刚", "T2")
    assert named(store) == [("530198199008200564", "证件号有一位不同,姓名有一字相同,同乡镇")]


def test_a_roll_row_with_an_unusable_id_is_found_in_another_snapshot(store: duckdb.DuckDBPyConnection) -> None:
    """The person stands on the roll twice: once with a good ID, once with a damaged one."""
    add_person(store, "530198198005120126", "张小明", "T1", "V1", "H1")
    add_unidentified(store, "530198198005120000", "id_precision_lost")
    store.execute(
        "insert into core.mismatch values ('m', 'id_precision_lost', 'person', '530198198005120000', 'unidentified', null)"
    )
    assert named(store) == [("530198198005120126", "证件号末几位丢失,其余相同,姓名相同,同村")]


def test_a_roll_row_with_an_unusable_id_is_no_answer_to_another(store: duckdb.DuckDBPyConnection) -> None:
    """A township puts a row of the roll right with a valid ID, which neither of two damaged rows has."""
    add_unidentified(store, "53019819800512012")
    store.execute("insert into stated.person values ('x', null, '53019819800512012', null, '张小明', 'T1', 'V2', 'H1')")
    store.execute("insert into core.mismatch values ('m', 'invalid_id', 'person', '53019819800512012', 'x', null)")
    assert named(store) == []


@pytest.mark.parametrize(
    ("kind", "id_text", "roll_id_text", "problem", "reason"),
    [
        ("not_on_roll", "530198198005120126", "530198198005130126", "invalid_id", "证件号有一位不同,姓名相同"),
        ("not_on_roll", "530198198005120126", "53019819800512012", "invalid_id", "证件号比名单多一位,姓名相同"),
        (
            "not_on_roll",
            "530198198005120126",
            "530198198005120000",
            "id_precision_lost",
            "证件号末几位丢失,其余相同,姓名相同",
        ),
        ("not_on_roll", "530198198005120126", None, "invalid_id", "证件号为空或不完整,姓名相同"),
        ("invalid_id", "530198198005130126", "530198198005130126", "invalid_id", "证件号相同,姓名相同"),
    ],
)
def test_the_roll_itself_may_have_the_damaged_id(
    store: duckdb.DuckDBPyConnection, kind: str, id_text: str, roll_id_text: str | None, problem: str, reason: str
) -> None:
    """Whoever stands on the roll without a valid ID is meant all the same; the reason says where to correct."""
    for person in ROLL[1:]:
        add_person(store, *person)
    add_unidentified(store, roll_id_text, problem)
    add_line(store, kind, id_text, "张小明")
    assert named(store) == [("unidentified", f"{reason},同乡镇,名单证件号待更正")]


def test_a_valid_id_that_is_near_comes_before_the_same_bad_one(store: duckdb.DuckDBPyConnection) -> None:
    """A person who is on the roll with both IDs is named by the one that a township can answer with."""
    add_person(store, "530198198005120126", "张小明", "T1", "V1", "H1")
    add_unidentified(store, "530198198005130126")
    add_line(store, "invalid_id", "530198198005130126", "张小明")
    assert named(store) == [("530198198005120126", "证件号有一位不同,姓名相同,同乡镇")]


def test_the_order_of_rows_decides_nothing(store: duckdb.DuckDBPyConnection) -> None:
    """The same candidates in any order give the same suggestions."""
    for person in ROLL:
        add_person(store, *person)
    add_line(store, "invalid_id", "530198198005130126", "张小明")
    store.execute("insert into core.return_row values (2, '王方', 'T2')")
    store.execute("insert into core.mismatch values ('n', 'invalid_id', 'line', '530198197511040452', null, 2)")
    pairs = store.sql(str(tables.load_tables()[TableName("core", "suggestion_candidate")].sql)).pl()
    forwards = most_probable(pairs.sort("mismatch_id", "person_no"))
    backwards = most_probable(pairs.sort("mismatch_id", "person_no", descending=True))
    assert forwards.equals(backwards)
    assert forwards["mismatch_id"].to_list() == ["m", "n"]


@pytest.mark.parametrize("pairs_at_once", [1, 2, 3, 1000])
def test_some_mismatches_at_a_time_give_all_suggestions(
    store: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch, pairs_at_once: int
) -> None:
    """However few candidates are compared at once; those of one mismatch stay together."""
    monkeypatch.setattr(suggestions, "PAIRS_AT_ONCE", pairs_at_once)
    for person in (*ROLL, ("530198198005120134", "张小明", "T1", "V1", "H5")):
        add_person(store, *person)
    add_line(store, "invalid_id", "530198198005130126", "张小明")
    for number, (name, id_text) in enumerate(
        [("王方", "530198197511040452"), ("王磊", "530198199008200565"), ("周七", "110101190001010000")], start=2
    ):
        store.execute("insert into core.return_row values (?, ?, 'T2')", [number, name])
        store.execute(
            "insert into core.mismatch values (?, 'invalid_id', 'line', ?, null, ?)", [f"n{number}", id_text, number]
        )
    sql = tables.load_tables()[TableName("core", "suggestion_candidate")].sql
    store.execute(f"create table core.suggestion_candidate as {sql}")
    found = suggestions.suggested(lambda query: store.sql(query).pl())
    assert found["mismatch_id"].to_list() == ["m", "n2", "n3"]
    assert found["person_no"].to_list() == ["530198198005120126", "530198197511030452", "530198199008200564"]
    store.execute("delete from core.suggestion_candidate")
    assert suggestions.suggested(lambda query: store.sql(query).pl()).equals(found.clear())


def test_no_reason_holds_a_value(store: duckdb.DuckDBPyConnection) -> None:
    """What stands in a reason are words of the rules: no digit of an ID, no name."""
    for person in ROLL:
        add_person(store, *person)
    add_line(store, "invalid_id", "530198198005130126", "章小明")
    ((_, reason),) = named(store)
    assert not any(character in reason for character in "0123456789张章小明")


def test_no_candidates_give_no_suggestions(store: duckdb.DuckDBPyConnection) -> None:
    """A year without mismatches is an empty table with the same columns."""
    pairs = store.sql(str(tables.load_tables()[TableName("core", "suggestion_candidate")].sql)).pl()
    assert most_probable(pairs).schema == {"mismatch_id": pl.String, "person_no": pl.String, "reason": pl.String}


def test_a_name_that_very_many_share_tells_nobody_apart(store: duckdb.DuckDBPyConnection) -> None:
    """201 namesakes are no candidates; with one less they would be compared."""
    for number in range(200):
        add_person(store, f"5301981990010{number:04d}X", "张伟", "T1", "V1", f"H{number}")
    add_line(store, "not_on_roll", "530198196001010000", "张伟")
    sql = str(tables.load_tables()[TableName("core", "suggestion_candidate")].sql)
    assert store.sql(sql).pl().height == 200
    add_person(store, "5301981990020200X", "张伟", "T1", "V1", "H200")
    assert store.sql(sql).pl().height == 0
