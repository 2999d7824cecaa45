"""`daijiao verify`: the landed files, every published table and the signature, without the warehouse."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipeline.ask.verify import as_text, verify
from pipeline.commands import cli
from pipeline.contracts.tables import tables_of_published_file
from pipeline.errors import DaijiaoError
from pipeline.warehouse.proof import problems
from tests.deep import IS_DEEP, only_deep
from tests.operations.world import CLASS_HEADER, FILES, IDS, NAMES, YEAR, land_second_batch, write_file
from tests.policies import copied_policies
from tests.warehouse.conftest import Installation

BATCH = "bank_returns/B201906-001.txt"


def test_everything_agrees_without_the_warehouse(installation: Installation) -> None:
    """With the restricted tables and all that landing kept gone."""
    installation.run.store.unlink()
    shutil.rmtree(installation.folder / "warehouse" / "parsed")
    found = verify(installation.settings)
    assert [(each.policy_year, each.differences, each.newer_files) for each in found] == [(YEAR, (), ())]
    assert not installation.run.store.exists()


def test_a_newer_file_is_named_and_no_difference(installation: Installation) -> None:
    """The next refresh takes it."""
    land_second_batch(installation.folder / "raw")
    (found,) = verify(installation.settings, YEAR)
    assert found.is_proven
    assert found.newer_files == ("bank_returns/B201907-001.txt",)


def test_a_newer_copy_of_a_published_file_is_no_difference(installation: Installation) -> None:
    """Even where its name sorts before that of the file that was read."""
    path = installation.folder / "raw" / str(YEAR) / BATCH
    shutil.copy(path, path.with_name("A.txt"))
    (found,) = verify(installation.settings, YEAR)
    assert (found.differences, found.newer_files) == ((), ("bank_returns/A.txt",))


def _change_file(installation: Installation) -> None:
    path = installation.folder / "raw" / str(YEAR) / BATCH
    path.write_bytes(path.read_bytes() + b"\n")


def _remove_file(installation: Installation) -> None:
    (installation.folder / "raw" / str(YEAR) / BATCH).unlink()


def _change_table(installation: Installation) -> None:
    installation.change(installation.run.published, "UPDATE mart.township_fund SET utilisation_rate = 0.5")


def _change_view(installation: Installation) -> None:
    installation.change(
        installation.run.published,
        "CREATE OR REPLACE VIEW main.reply AS SELECT * FROM mart.reply WHERE status <> 'refused'",
    )


def _change_signature(installation: Installation) -> None:
    installation.change(installation.run.published, "UPDATE mart.proof SET signature = reverse(signature)")


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_change_file, f"报送文件在发布后被改动:{BATCH}"),
        (_remove_file, f"报送文件已不在原处:{BATCH}"),
        (_change_table, "mart.township_fund"),
        (_change_view, "视图与发布时不同:main.reply"),
        (_change_signature, "签名与密钥不符"),
    ],
)
def test_whatever_differs_is_named(
    installation: Installation, tamper: Callable[[Installation], None], words: str
) -> None:
    """By file, by table, or as the signature."""
    tamper(installation)
    found = verify(installation.settings, YEAR)
    assert not found[0].is_proven
    assert words in as_text(found)


@pytest.mark.parametrize(("tamper", "status"), [(None, 0), (_change_table, 1), (shutil.rmtree, 2)])
def test_exit_status(
    installation: Installation,
    tamper: Callable[[object], None] | None,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """0 when everything agrees, 1 when something differs, 2 when there is nothing to verify."""
    if tamper is not None:
        tamper(installation if status == 1 else installation.folder / "warehouse")
    arguments = ["verify", "--year", str(YEAR), "--json", "--raw", str(installation.folder / "raw")]
    with pytest.raises(SystemExit) as ended:
        cli.main([*arguments, "--warehouse", str(installation.folder / "warehouse")])
    assert ended.value.code == status
    said = capsys.readouterr()
    if status == 2:
        assert "没有可核对的内容" in said.err
    else:
        assert json.loads(said.out)[0]["is_proven"] is (status == 0)


def test_a_year_that_was_touched_is_not_carried_on(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another year's refresh stops, and says which year is touched."""
    installation.change(
        installation.run.published,
        "INSERT INTO mart.reply SELECT 2018, 'x', 'note', 'applied', NULL, 'y', NULL, 1",
    )
    path = installation.folder / "raw" / str(YEAR) / BATCH
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(DaijiaoError, match=r"The year 2018 in .* is not what was signed"):
        installation.refresh()


# What of the publication before this one is told: no proof holds it.
UNPROVEN = "mart.change"
# The proof itself, and the digests from which a changed table is named.
PROVING = ("mart.digest", "mart.proof")


def _change_a_cell(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Change one cell of a table's year, or put a row where there is none; contracts refuse some values of some columns."""
    columns = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name || '.' || table_name = ? ORDER BY column_index",
        [table],
    ).fetchall()
    if not connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchall():
        given = {name: _OTHER[kind.partition("(")[0]] for name, kind in columns} | {"policy_year": str(YEAR)} | _ALLOWED
        connection.execute(f"INSERT INTO {table} SELECT {', '.join(given[name] for name, _ in columns)}")
        return
    for name, kind in reversed(columns[1:]):
        other = _OTHER[kind.partition("(")[0]]
        changed = f"coalesce({name} || ' ', {other})" if kind == "VARCHAR" else f"coalesce({name} + 1, {other})"
        if kind == "BOOLEAN":
            changed = f"coalesce(NOT {name}, true)"
        try:
            connection.execute(f"UPDATE {table} SET {name} = {changed} WHERE rowid = (SELECT min(rowid) FROM {table})")
        except duckdb.ConstraintException:
            continue
        return
    raise AssertionError(f"no cell of {table} can be changed")


# Words that contracts list.
_ALLOWED = {"answer": "'note'", "status": "'applied'"}
_OTHER = {
    "VARCHAR": "'x'",
    "DATE": "DATE '2019-01-01'",
    "BOOLEAN": "true",
    **dict.fromkeys(("INTEGER", "BIGINT", "SMALLINT", "DECIMAL", "DOUBLE"), "1"),
}


def test_one_changed_cell_of_any_table_is_seen(installation: Installation) -> None:
    """And the table is named, also by whoever looks at the proof alone."""
    digested = {str(table.full_name) for table in tables_of_published_file()} - {UNPROVEN, *PROVING}
    assert len(digested) > 15
    with duckdb.connect(str(installation.run.published)) as connection:
        assert problems(connection, YEAR, installation.run.key) == []
        for table in digested:
            _change_a_cell(connection, table)
        told = problems(connection, YEAR, installation.run.key)[0]
    assert set(told.removeprefix("数据表与发布时不同:").split("、")) == digested


@pytest.mark.parametrize("table", [UNPROVEN, *PROVING])
def test_one_changed_cell_of_what_proves_the_others_is_seen(installation: Installation, table: str) -> None:
    """The table is named; of what is told of the publication before there is no proof."""
    with duckdb.connect(str(installation.run.published)) as connection:
        _change_a_cell(connection, table)
        found = problems(connection, YEAR, installation.run.key)
    assert bool(found) is (table != UNPROVEN)
    assert table == UNPROVEN or table in ";".join(found)


@pytest.mark.parametrize("name", list(FILES) if IS_DEEP else list(FILES)[::4])
def test_any_changed_landed_file_is_seen(installation: Installation, name: str) -> None:
    """Also where a copy of what it was has landed beside it, before or behind it in order."""
    path = installation.folder / "raw" / str(YEAR) / name
    for copy in (f"0{path.name}", f"{path.stem}~{path.suffix}"):
        shutil.copyfile(path, path.with_name(copy))
    path.write_bytes(path.read_bytes() + b"\n")
    (found,) = verify(installation.settings, YEAR)
    assert f"报送文件在发布后被改动:{name}" in found.differences


def test_a_masked_file_is_known_by_its_name(installation: Installation) -> None:
    """A copy of what it was isn't taken for it, and it isn't taken for one that came later."""
    raw, landed = installation.folder / "raw", f"classification/{NAMES[0]}名单.csv"
    write_file(raw, landed, [CLASS_HEADER, f"汤丹镇,{NAMES[3]},{IDS[3]},返还,,2019-04-11"])
    installation.refresh()
    (found,) = verify(installation.settings, YEAR)
    assert (found.differences, found.newer_files) == ((), ())
    path = raw / str(YEAR) / landed
    shutil.copyfile(path, path.with_name("0.csv"))
    path.write_bytes(path.read_bytes() + b"\n")
    (found,) = verify(installation.settings, YEAR)
    assert found.newer_files == ("classification/0.csv",)
    assert any(each.startswith("报送文件在发布后被改动:classification/***") for each in found.differences)


def test_another_policy_is_said_and_no_difference_by_itself(installation: Installation, tmp_path: Path) -> None:
    """The name of the bureau changes no figure."""
    policies = copied_policies(tmp_path / "policies")
    policy = policies / f"{YEAR}.yaml"
    policy.write_text(
        policy.read_text(encoding="utf-8").replace("bureau_name: ", "bureau_name: 新的"), encoding="utf-8"
    )
    (found,) = verify(installation.settings.model_copy(update={"policy": policies}), YEAR)
    assert found.is_proven
    assert found.notes == ("政策文件在发布后有改动,二次核算按现行政策进行",)


@only_deep("carrying a year on looks at the same")
def test_another_year_that_was_touched_is_seen(installation: Installation) -> None:
    """By verifying every year, which is what no year means."""
    other = YEAR + 1
    shutil.copytree(installation.folder / "raw" / str(YEAR), installation.folder / "raw" / str(other))
    installation.refresh(other)
    assert [(each.policy_year, each.is_proven) for each in verify(installation.settings)] == [
        (YEAR, True),
        (other, True),
    ]
    installation.change(
        installation.run.published,
        f"UPDATE mart.district_summary SET roll_count = roll_count + 1 WHERE policy_year = {other}",
    )
    assert [(each.policy_year, each.is_proven) for each in verify(installation.settings)] == [
        (YEAR, True),
        (other, False),
    ]
