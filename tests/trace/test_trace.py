"""A person's line of time: every row with its place, in order, by whatever he is asked for."""

from collections.abc import Iterator

import duckdb
import pytest

from pipeline.ask.trace import describe, trace
from pipeline.errors import UsageError
from pipeline.settings import Settings
from pipeline.warehouse.engine_duckdb import reading
from pipeline.warehouse.run import WAREHOUSE_FILE

from .world import FANG, LATE_BATCH, LEI, NOBODY, YEAR, ZHANG


@pytest.fixture(scope="module")
def warehouse(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The restricted warehouse, open for reading."""
    with reading(settings.warehouse / WAREHOUSE_FILE) as connection:
        yield connection


def told(warehouse: duckdb.DuckDBPyConnection, given: str) -> list[tuple[str, str, str, int]]:
    """The events of a person: day, kind, file, row."""
    events = trace(warehouse, YEAR, given).events
    return [
        (str(day), event, file_name, row_number)
        for day, event, file_name, row_number in events.select(
            "event_date", "event", "file_name", "row_number"
        ).iter_rows()
    ]


def test_every_row_is_told_in_order_of_time(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Rolls, register, classification, lines, postings, mismatch and reply, each at its row; what has no date comes last."""
    assert told(warehouse, ZHANG) == [
        ("2019-03-01", "register", "pension_register/参保登记.csv", 2),
        ("2019-03-31", "roll", "poverty_roll/20190331_名单.csv", 2),
        ("2019-04-10", "classification", "classification/第1轮.csv", 2),
        ("2019-06-12", "line", "bank_returns/B201906-001.txt", 2),
        ("2019-06-12", "posting", "bank_returns/B201906-001.txt", 2),
        ("2019-06-12", "posting", "bank_returns/B201906-001.txt", 2),
        ("2019-11-15", "line", LATE_BATCH, 2),
        ("2019-11-15", "posting", LATE_BATCH, 2),
        ("2019-11-15", "posting", LATE_BATCH, 2),
        ("2019-11-15", "mismatch", LATE_BATCH, 2),
        ("2019-11-30", "roll", "poverty_roll/20191130_名单.csv", 2),
        ("2019-12-20", "reply", "township_replies/汤丹镇.csv", 2),
    ]


def test_a_reversal_and_what_it_undoes_are_told(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Money that came back is posted back, at the row of the reversal."""
    events = trace(warehouse, YEAR, LEI).events
    lines = events.filter(event="line").select("row_number", "judgement").rows()
    assert lines == [(3, "reversed"), (3, "reversal")]
    subjects = events.filter(event="posting")["subject"].unique().sort().to_list()
    assert subjects == ["person:reversed → township:530113102", "township:530113102 → person:reversed"]


def test_the_person_stands_above_the_events(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The text begins with who he is and how he stands after the year."""
    text = describe(trace(warehouse, YEAR, ZHANG)).splitlines()
    assert text[0] == f"张小明 {ZHANG};汤丹镇 姑庄村委会;符合条件;乡镇分类 返还;2019-06-12 返还 100.00 元,已核销"
    assert text[4] == (
        "2019-06-12  返盘  返还;汤丹镇 批次 B201906-001 序号 1 张小明 100.00 元;核销  (bank_returns/B201906-001.txt 第2行)"
    )
    assert text[-1].startswith("2019-12-20  答复  追回;未采用;changed:")


@pytest.mark.parametrize(
    "given",
    [
        pytest.param(" 530198 19800512 0126 ", id="blanks"),
        pytest.param("５３０１９８１９８００５１２０１２６", id="full width"),
        pytest.param("530198800512012", id="15 digits"),
        pytest.param("53019819800512012644", id="20 digits"),
    ],
)
def test_an_id_is_read_as_files_write_it(warehouse: duckdb.DuckDBPyConnection, given: str) -> None:
    """Whatever form the ID is typed in, the same rows are told."""
    assert told(warehouse, given) == told(warehouse, ZHANG)


def test_a_person_key_is_followed(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Who found a key in the published tables can follow it."""
    key = trace(warehouse, YEAR, ZHANG).persons["person_key"].item()
    assert told(warehouse, key) == told(warehouse, ZHANG)


def test_who_is_on_no_roll_is_told_by_his_lines(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A line whose ID nobody can have is found by what it says."""
    traced = trace(warehouse, YEAR, NOBODY)
    assert traced.persons.is_empty()
    assert told(warehouse, NOBODY) == [
        ("2019-11-15", "line", LATE_BATCH, 4),
        ("2019-11-15", "mismatch", LATE_BATCH, 4),
    ]
    assert describe(traced).splitlines()[0] == "2019 年各期名单均无此人。"


def test_who_is_silent_has_no_lines(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The text says that nothing was paid."""
    assert [event for _, event, _, _ in told(warehouse, FANG)] == ["roll", "classification"]
    assert "未覆盖:没有付款记录" in describe(trace(warehouse, YEAR, FANG)).splitlines()[0]


def test_nobody_at_all_is_said_plainly(warehouse: duckdb.DuckDBPyConnection) -> None:
    """An ID without a row is an answer, not an error."""
    assert describe(trace(warehouse, YEAR, "53019819621231061x")) == (
        "2019 年各期名单均无此人。\n2019 年的文件中没有此人的记录。"
    )


def test_an_unknown_key_and_an_unknown_year_are_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A key that nobody has was copied wrongly; a year without tables was never refreshed."""
    with pytest.raises(UsageError, match="this person_key"):
        trace(warehouse, YEAR, "0" * 32)
    with pytest.raises(UsageError, match="no tables of 2018"):
        trace(warehouse, 2018, ZHANG)
