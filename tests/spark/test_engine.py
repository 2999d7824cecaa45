"""The engine that lets Spark run the rules: what it refuses, what it tells, and what it leaves behind."""

import gc
import logging
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import polars as pl
import pytest

from pipeline.build.year import open_year, run_over_files
from pipeline.contracts.tables import TableName, load_tables
from pipeline.errors import DaijiaoError, UsageError
from pipeline.settings import Settings
from pipeline.warehouse.engine_spark import SparkEngine, address_of, connected, disconnect, stem
from tests.province.world import KEY, write_district

YEAR = 2019
PLACE = f"530102/{YEAR}"
TOWNSHIPS = TableName("core", "township_of_year")
OTHER = TableName("mart", "township")


@pytest.fixture
def opened(server: str, tmp_path: Path) -> Iterator[SparkEngine]:
    """An engine with an empty store and the table of a policy's townships."""
    engine = SparkEngine(tmp_path / "spill", "key", address_of(server), tmp_path / "lake", PLACE)
    engine.attach(tmp_path / "warehouse.duckdb")
    frame = pl.DataFrame({"township_code": ["530102001", "530102002"], "township_name": ["大河镇", "小河乡"]})
    engine.put("policy", {"township": frame})
    yield engine
    engine.close()
    assert list((tmp_path / "lake" / PLACE).iterdir()) == []


def replaced(engine: SparkEngine, select: str, name: TableName = TOWNSHIPS) -> int | None:
    """The number of rows that a statement puts into a table."""
    return engine.replace(load_tables()[name], name, YEAR, select, "made from").row_count


def stored(engine: SparkEngine, name: TableName = TOWNSHIPS) -> list[tuple[object, ...]]:
    """The rows of a table that the store keeps."""
    return sorted(engine.query(f"SELECT * FROM warehouse.{name}").rows())


def test_a_statement_reads_what_was_put_and_what_was_built(opened: SparkEngine) -> None:
    """A frame travels there, its rows come back with their year, and the next statement reads them where they are."""
    assert replaced(opened, "select township_code, township_name from policy.township") == 2
    assert stored(opened) == [(YEAR, "530102001", "大河镇"), (YEAR, "530102002", "小河乡")]
    opened.show(TOWNSHIPS, YEAR)
    opened.show_staged(TOWNSHIPS)
    again = "select township_code, '新' || township_name as township_name from stage.township_of_year"
    assert replaced(opened, again) == 2
    assert stored(opened) == [(YEAR, "530102001", "新大河镇"), (YEAR, "530102002", "新小河乡")]


def test_no_rows_come_back_as_none(opened: SparkEngine) -> None:
    """Spark writes no file then; whoever reads the table there still finds its columns."""
    assert replaced(opened, "select township_code, township_name from policy.township where false") == 0
    opened.show(TOWNSHIPS, YEAR)
    sql = "select township_code, township_name from core.township_of_year union all select 'a', 'b'"
    assert replaced(opened, sql) == 1


def test_rows_that_were_made_here_travel_when_they_are_named(opened: SparkEngine) -> None:
    """And the rows of another year in their place, when those are shown."""
    table = load_tables()[TOWNSHIPS]
    for year, name in ((YEAR - 1, "旧"), (YEAR, "新")):
        frame = pl.DataFrame({"township_code": ["530102009"], "township_name": [name]})
        opened.replace_frame(table, TOWNSHIPS, year, frame, "made from")
    read = "select township_code || '-' || township_name as township_code, township_name from core.township_of_year"
    found = []
    for year in (YEAR, YEAR - 1):
        opened.show(TOWNSHIPS, year)
        replaced(opened, read, OTHER)
        found += [code for _, code, _ in stored(opened, OTHER)]
    assert found == ["530102009-新", "530102009-旧"]


def test_a_row_that_stands_twice_is_refused(opened: SparkEngine) -> None:
    """The table keeps what it had."""
    replaced(opened, "select township_code, township_name from policy.township")
    before = stored(opened)
    doubled = "select '530102001' as township_code, township_name from policy.township"
    with pytest.raises(DaijiaoError, match="1 rows more than once"):
        replaced(opened, doubled)
    assert stored(opened) == before


def test_a_failing_statement_is_told_without_its_values(opened: SparkEngine, capfd: pytest.CaptureFixture[str]) -> None:
    """Spark's own message quotes them, and its client would log them."""
    failing = (
        "select cast(cast(township_name as integer) as varchar) as township_code, township_name from policy.township"
    )
    with pytest.raises(DaijiaoError, match=r"core\.township_of_year of 2019 could not be built by Spark") as told:
        replaced(opened, failing)
    assert "河" not in str(told.value)
    assert told.value.__cause__ is None and told.value.__suppress_context__
    assert "河" not in "".join(capfd.readouterr())


def test_the_client_of_spark_logs_no_value(server: str, caplog: pytest.LogCaptureFixture) -> None:
    """By none of the loggers that its modules name."""
    import pyspark

    connected(address_of(server)).stop()
    names = set()
    for path in Path(pyspark.__file__).parent.rglob("*.py"):
        if path.parent.name != "logger":
            names |= set(re.findall(r'PySparkLogger\.getLogger\("(\w+)"\)', path.read_text(encoding="utf-8")))
    for name in names:
        logging.getLogger(name).error("张三")
    assert names and caplog.text == ""


def test_a_server_that_is_gone_holds_nobody(tmp_path: Path) -> None:
    """The client would ask it for ten minutes whether the session may go; what lies in the lake goes at once."""
    sail = pytest.importorskip("pysail.spark", reason="pysail isn't installed").SparkConnectServer(
        ip="127.0.0.1", port=0
    )
    sail.start(background=True)
    host, port = sail.listening_address
    engine = SparkEngine(tmp_path / "spill", "key", address_of(f"sc://{host}:{port}"), tmp_path / "lake", PLACE)
    sail.stop()
    begun = time.monotonic()
    engine.close()
    assert time.monotonic() - begun < 20
    assert list((tmp_path / "lake" / PLACE).iterdir()) == []


def test_an_ended_session_that_is_collected_holds_no_other(server: str, tmp_path: Path) -> None:
    """Python may collect it at any moment: here while another session hands over a task, by a lock that all sessions share."""
    from pyspark.sql.connect.client.reattach import ExecutePlanResponseReattachableIterator as Reattachable

    ended = SparkEngine(tmp_path / "spill", "key", address_of(server), tmp_path / "lake", PLACE)
    ended.close()
    other = connected(address_of(server))
    assert other.sql("select 1").collect()[0][0] == 1
    pool = Reattachable._get_or_create_release_thread_pool()
    # As an error holds what it happened in.
    circle: list[object] = [ended]
    circle.append(circle)
    del ended, circle

    def collected() -> None:
        with pool._shutdown_lock:
            gc.collect()

    collecting = Thread(target=collected, daemon=True)
    collecting.start()
    collecting.join(20)
    assert not collecting.is_alive()
    assert other.sql("select 2").collect()[0][0] == 2
    disconnect(other)


def test_what_is_landed_and_what_is_recursive_is_found_here(opened: SparkEngine) -> None:
    """Neither is translated."""
    recursive = (
        "with recursive counted as (select 1 as number union all select number + 1 from counted where number < 3) "
        "select cast(number as varchar) as township_code, 'a' as township_name from counted"
    )
    assert replaced(opened, recursive) == 3


def test_folders_of_ended_sessions_are_taken_away(server: str, tmp_path: Path) -> None:
    """A killed one can't; those of other machines stay, since nobody here knows whether they run."""
    ended = subprocess.Popen(["true"])
    ended.wait()
    place = tmp_path / "lake" / PLACE
    mine, others = place / f"{stem()}{ended.pid}-1", place / f"session-elsewhere-{ended.pid}-1"
    for folder in (mine, others):
        (folder / "core.person").mkdir(parents=True)
    SparkEngine(tmp_path / "spill", "key", address_of(server), tmp_path / "lake", PLACE).close()
    assert list(place.iterdir()) == [others]


@pytest.mark.parametrize(("lake_mode", "folder_mode", "file_mode"), [(0o700, 0o700, 0o600), (0o770, 0o770, 0o660)])
def test_the_lake_is_as_open_as_its_folder(
    lake_mode: int, folder_mode: int, file_mode: int, server: str, tmp_path: Path
) -> None:
    """Spark may be another user of the lake's group; nobody else sees the rows."""
    lake = tmp_path / "lake"
    lake.mkdir()
    lake.chmod(lake_mode)
    engine = SparkEngine(tmp_path / "spill", "key", address_of(server), lake, PLACE)
    try:
        engine.attach(tmp_path / "warehouse.duckdb")
        engine.put("policy", {"township": pl.DataFrame({"township_code": ["1"], "township_name": ["a"]})})
        replaced(engine, "select township_code, township_name from policy.township")
        (sent,) = lake.rglob("policy.township.*")
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (sent.parent, sent, sent / "rows.parquet")]
        assert modes == [folder_mode, folder_mode, file_mode]
    finally:
        engine.close()


def test_a_lake_that_cannot_be_written_is_told(server: str, tmp_path: Path) -> None:
    """Before anything is built."""
    (tmp_path / "lake").write_text("a file", encoding="utf-8")
    with pytest.raises(DaijiaoError, match="DAIJIAO_LAKE"):
        SparkEngine(tmp_path / "spill", "key", address_of(server), tmp_path / "lake", PLACE)


def test_that_nobody_listens_is_told_at_once(tmp_path: Path) -> None:
    """With the way back."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(DaijiaoError, match=f"Nobody answers at sc://127.0.0.1:{port} .*unset DAIJIAO_ENGINE"):
        SparkEngine(
            tmp_path / "spill", "key", address_of(f"sc://127.0.0.1:{port}/;token=of-nobody"), tmp_path / "lake", PLACE
        )
    assert list((tmp_path / "lake" / PLACE).iterdir()) == []


@pytest.mark.parametrize(
    "url", ["spark://host:7077", "sc://host", "sc://host:0", "sc://host:99999", "sc://:15002", "Duck"]
)
def test_what_is_no_address_is_told(url: str) -> None:
    """And not shown: it may hold a token."""
    with pytest.raises(UsageError, match="DAIJIAO_ENGINE is neither") as told:
        address_of(url)
    assert url not in str(told.value)


def test_a_token_is_never_shown() -> None:
    """What follows the port is for the server alone."""
    assert address_of("sc://host:15002/;token=of-nobody;use_ssl=true").shown == "sc://host:15002"


def test_that_the_extra_is_missing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is built."""
    write_district(tmp_path, "539911", "云岭市", [("张伟一", "530199197003150112")])
    monkeypatch.setenv("DAIJIAO_KEY", KEY)
    monkeypatch.setitem(sys.modules, "pyspark.sql.connect.session", None)
    folder = tmp_path / "539911"
    settings = Settings(
        raw=folder / "raw",
        warehouse=folder / "warehouse",
        policy=folder / "policy",
        engine="sc://127.0.0.1:1",
        lake=tmp_path,
    )
    with pytest.raises(UsageError, match="extra spark"), open_year(run_over_files(settings, YEAR), 60):
        pass
