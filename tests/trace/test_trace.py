"""A person's line of time: every row with its place, in order, by whatever he is asked for."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO

import duckdb
import polars as pl
import pytest

from pipeline.ask.accesses import ACCESSES_FILE, key_of_id, read_accesses
from pipeline.ask.conclusion import step
from pipeline.ask.trace import describe, trace
from pipeline.commands import cli
from pipeline.contracts.codes import chinese_words, vocabulary
from pipeline.errors import UsageError
from pipeline.settings import Settings
from pipeline.warehouse.folder import WAREHOUSE_FILE
from pipeline.warehouse.reading import reading
from tests.operations.world import YEAR

from .world import FANG, LATE_BATCH, LEI, NOBODY, ZHANG


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
    told = describe(trace(warehouse, YEAR, LEI))
    assert "个人·已冲正 → 汤丹镇" in told and "汤丹镇 → 个人·已冲正" in told


def test_the_person_stands_above_the_events(warehouse: duckdb.DuckDBPyConnection) -> None:
    """The text begins with who he is and how he stands after the year."""
    text = describe(trace(warehouse, YEAR, ZHANG)).splitlines()
    assert text[0] == f"张小明 {ZHANG};汤丹镇 姑庄村委会;符合条件;乡镇分类 返还;2019-06-12 返还 100.00 元,已核销"
    assert text[4] == (
        "2019-06-12  返盘  返还;汤丹镇 批次 B201906-001 序号 1 张小明 100.00 元;已核销  (bank_returns/B201906-001.txt 第2行)"
    )
    assert text[-2].startswith("2019-12-20  答复  追回;未采用;changed:")
    assert "汤丹镇 → 个人·已核销;80.00 元;市级资金" in text[5] + text[6]
    assert text[-1] == ("结论:已覆盖,已核销。另有 1 条差异待答复(同渠道重复付款),请核实后在差异清单中答复。")


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
        "2019 年各期名单均无此人。\n2019 年的文件中没有此人的记录。\n"
        "结论:不在名单。下一步:不在本年度名单上,财政不代缴。如应在名单上,请扶贫(乡村振兴)部门在名单中补报后重新报送。"
    )


def test_the_last_line_says_what_to_do(warehouse: duckdb.DuckDBPyConnection) -> None:
    """Whose refund came back, and who was never paid."""
    reversed_, silent = (describe(trace(warehouse, YEAR, each)).splitlines()[-1] for each in (LEI, FANG))
    assert reversed_.startswith("结论:符合条件,未覆盖(已退票或退库)。下一步:款已退回。")
    assert silent.startswith("结论:符合条件,未覆盖(没有付款记录)。下一步:")


@pytest.mark.parametrize("disposition", chinese_words("disposition"))
def test_every_disposition_is_said_in_chinese(warehouse: duckdb.DuckDBPyConnection, disposition: str) -> None:
    """No code is shown to staff."""
    traced = trace(warehouse, YEAR, ZHANG)
    changed = traced.events.with_columns(judgement=pl.lit(disposition))
    text = describe(replace(traced, events=changed))
    assert disposition not in text and chinese_words("disposition")[disposition] in text


def test_every_reason_has_a_next_step() -> None:
    """Of the vocabularies, and of a township's own word."""
    for reason in vocabulary("uncovered_reason").code_names:
        assert step("uncovered", reason)
    for code in vocabulary("state_reason").codes:
        assert step(str(code.attributes["state"]), code.code)
    assert step("excluded", "township:拒绝参保").startswith("由乡镇核定为不符合")
    with pytest.raises(KeyError):
        step("uncovered", "of which nobody heard")


def test_an_id_on_the_command_line_is_refused(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """With 2, and without repeating it."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["trace", ZHANG, "--year", str(YEAR), "--warehouse", str(settings.warehouse)])
    assert ended.value.code == 2
    assert ZHANG not in "".join(capsys.readouterr())


def test_each_reading_is_recorded(
    settings: Settings,
    warehouse: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Who, when, which key, why; by key alone, also of somebody on no roll; the file is the owner's."""
    path = settings.warehouse / ACCESSES_FILE
    path.unlink(missing_ok=True)
    for given in (ZHANG, NOBODY):
        monkeypatch.setattr("sys.stdin", StringIO(f"{given}\n"))
        with pytest.raises(SystemExit) as ended:
            cli.main(
                ["trace", "-", "--year", str(YEAR), "--warehouse", str(settings.warehouse), "--purpose", "群众来访"]
            )
        assert ended.value.code == 0
    key = trace(warehouse, YEAR, ZHANG).persons["person_key"].item()
    found = read_accesses(settings.warehouse)
    assert [(each.command, each.policy_year, each.purpose) for each in found] == [("trace", YEAR, "群众来访")] * 2
    assert found[0].person_key == key
    assert found[1].person_key == key_of_id("the key of the small world, long enough", NOBODY)
    assert path.stat().st_mode & 0o777 == 0o600
    assert ZHANG not in path.read_text(encoding="utf-8")
    capsys.readouterr()
    with pytest.raises(SystemExit):
        cli.main(["accesses", "--warehouse", str(settings.warehouse)])
    assert capsys.readouterr().out.count("群众来访") == 2
    path.unlink()


def test_an_unknown_key_and_an_unknown_year_are_refused(warehouse: duckdb.DuckDBPyConnection) -> None:
    """A key that nobody has was copied wrongly; a year without tables was never refreshed."""
    with pytest.raises(UsageError, match="this person_key"):
        trace(warehouse, YEAR, "0" * 32)
    with pytest.raises(UsageError, match="no tables of 2018"):
        trace(warehouse, 2018, ZHANG)
