"""`daijiao verify`: the landed files, every published table and the signature, without the warehouse."""

import json
import shutil
from collections.abc import Callable

import pytest

from pipeline.ask.verify import as_text, verify
from pipeline.commands import cli
from pipeline.errors import DaijiaoError
from tests.operations.world import YEAR, land_second_batch
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


def _change_file(installation: Installation) -> None:
    path = installation.folder / "raw" / str(YEAR) / BATCH
    path.write_bytes(path.read_bytes() + b"\n")


def _remove_file(installation: Installation) -> None:
    (installation.folder / "raw" / str(YEAR) / BATCH).unlink()


def _change_table(installation: Installation) -> None:
    installation.change(installation.run.published, "UPDATE mart.township_fund SET utilisation_rate = 0.5")


def _change_signature(installation: Installation) -> None:
    installation.change(installation.run.published, "UPDATE mart.proof SET signature = reverse(signature)")


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (_change_file, f"报送文件在发布后被改动:{BATCH}"),
        (_remove_file, f"报送文件已不在原处:{BATCH}"),
        (_change_table, "mart.township_fund"),
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
        assert "nothing to verify" in said.err
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
