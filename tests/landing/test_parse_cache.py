"""The parse cache: no unchanged file is parsed twice, and nothing that befalls the cache changes what is read."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.landing import Layouts, land_year, load_layouts
from pipeline.landing import land as land_module
from pipeline.landing.parse import ParsedFile
from tests.landing.files import YEAR, land, typed_rows

GOOD = "乡镇,金额\n汤丹镇,100\n"
FILES: dict[str, bytes | str] = {
    "allocations/a.csv": GOOD,
    "allocations/b.csv": b"",
    "classification/a.csv": "证件号码,分类,核查日期\n1,返还,2019-01-01\n",
}


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed from now on; parsing itself stays as it is."""
    names: list[str] = []
    parse = land_module.parse_file

    def listening(path: Path, *others: Any) -> ParsedFile:
        names.append(path.name if path.parent.name == "allocations" else f"{path.parent.name}/{path.name}")
        return parse(path, *others)

    monkeypatch.setattr(land_module, "parse_file", listening)
    return names


def again(folder: Path, layouts: Layouts | None = None) -> pl.DataFrame:
    """The rows of the allocations after landing the folder once more."""
    return typed_rows(land_year(folder / "raw", YEAR, layouts or load_layouts(), folder / "cache"), "allocations")


def test_a_second_landing_parses_nothing(tmp_path: Path, parsed: list[str]) -> None:
    """Refused files neither."""
    rows = typed_rows(land(tmp_path, FILES), "allocations")
    assert sorted(parsed) == ["a.csv", "b.csv", "classification/a.csv"]
    parsed.clear()
    assert again(tmp_path).equals(rows)
    assert parsed == []


def test_a_moved_folder_changes_nothing(tmp_path: Path, parsed: list[str]) -> None:
    """Neither what is parsed nor a word of what is known of the files."""
    before = land(tmp_path / "here", FILES)
    rows = typed_rows(before, "allocations")
    parsed.clear()
    (tmp_path / "here").rename(tmp_path / "there")
    after = land_year(tmp_path / "there" / "raw", YEAR, load_layouts(), tmp_path / "there" / "cache")
    assert after.files.equals(before.files)
    assert typed_rows(after, "allocations").equals(rows)
    assert parsed == []


def test_a_renamed_file_is_not_parsed_again(tmp_path: Path, parsed: list[str]) -> None:
    """Content counts, not the name."""
    land(tmp_path, FILES)
    folder = tmp_path / "raw" / str(YEAR) / "allocations"
    (folder / "a.csv").rename(folder / "另一个名字.txt")
    parsed.clear()
    assert again(tmp_path)["township"].to_list() == ["汤丹镇"]
    assert parsed == []


def test_a_changed_layout_reads_its_files_again_and_no_others(tmp_path: Path, parsed: list[str]) -> None:
    """Amounts in 万元 from now on."""
    land(tmp_path, FILES)
    parsed.clear()
    layouts = load_layouts()
    changed = tuple(replace_unit(layout) for layout in layouts.of("allocations"))
    rows = again(tmp_path, replace(layouts, by_source={**layouts.by_source, "allocations": changed}))
    assert (sorted(parsed), str(rows["amount_yuan"][0])) == (["a.csv", "b.csv"], "1000000.00")


def replace_unit(layout: Any) -> Any:
    """A layout whose amounts are in 万元."""
    return layout.model_copy(update={"amount_unit": "万元"})


def damage_parquet(cache: Path) -> None:
    """Other bytes in the rows."""
    for path in cache.glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-20] + bytes(20))


def damage_json(cache: Path) -> None:
    """Half of what is said about the files."""
    for path in cache.glob("*.json"):
        path.write_text(path.read_text(encoding="utf-8")[:40], encoding="utf-8")


def lose_parquet(cache: Path) -> None:
    """No rows."""
    for path in cache.glob("*.parquet"):
        path.unlink()


def kill_between(cache: Path) -> None:
    """Rows were written and what is said about them was not, as when a parse is killed."""
    for path in cache.glob("*.json"):
        path.unlink()
    (cache / "tmpabc.parsing").write_bytes(b"half")


@pytest.mark.parametrize("damage", [shutil.rmtree, damage_parquet, damage_json, lose_parquet, kill_between])
def test_whatever_befalls_the_cache_the_same_rows_are_read(damage: Any, tmp_path: Path, parsed: list[str]) -> None:
    """What can't be used is parsed again."""
    rows = typed_rows(land(tmp_path, FILES), "allocations")
    parsed.clear()
    damage(tmp_path / "cache")
    assert again(tmp_path).equals(rows)
    assert "a.csv" in parsed


def test_the_cache_is_the_owner_s_alone(tmp_path: Path) -> None:
    """It holds full IDs and names."""
    land(tmp_path, FILES)
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


def test_a_parse_that_is_interrupted_leaves_nothing_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next landing reads the file as if nothing had been."""

    def interrupted(path: Path, sha256: str, layouts: Any, target: Path) -> ParsedFile:
        target.write_bytes(b"half a file")
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(land_module, "parse_file", interrupted)
        with pytest.raises(KeyboardInterrupt):
            land(tmp_path, FILES)
    assert list((tmp_path / "cache").iterdir()) == []
    assert again(tmp_path)["township"].to_list() == ["汤丹镇"]
