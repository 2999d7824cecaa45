"""A refresh without Dagster on a world of seven small files: what is published follows from the landed files, to the line."""

from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.build.refresh import refresh_year
from pipeline.errors import DaijiaoError
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.reading import reading
from tests.operations.world import YEAR, write_world


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """The landing folder of a small world: a refund and a collection are written off."""
    write_world(tmp_path / "raw")
    return tmp_path / "raw"


def summary(raw: Path) -> dict[str, Decimal]:
    """The district_summary that a refresh publishes."""
    warehouse = raw.parent / "warehouse"
    refresh_year(raw, warehouse, YEAR)
    with reading(warehouse / PUBLISHED_FILE) as connection:
        return connection.sql("select * from mart.district_summary").pl().row(0, named=True)


def test_only_a_changed_line_changes_what_is_published(raw: Path) -> None:
    """A second refresh not a byte; a collection that failed after all, one person covered and 100 yuan used less."""
    before = summary(raw)
    published = raw.parent / "warehouse" / PUBLISHED_FILE
    content = published.read_bytes()
    assert summary(raw) == before
    assert published.read_bytes() == content
    path = raw / str(YEAR) / "tax_returns/税务返盘.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("成功", "失败"), encoding="utf-8")
    after = summary(raw)
    assert (before["covered_count"], after["covered_count"]) == (2, 1)
    assert (before["used_yuan"], after["used_yuan"]) == (Decimal(200), Decimal(100))


def test_a_needed_source_of_which_nothing_could_be_read_ends_with_1(raw: Path) -> None:
    """The message names a file and why it was refused; nothing is published."""
    for path in (raw / str(YEAR) / "fund_documents").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DaijiaoError, match=r"fund_documents.*empty_file") as told:
        refresh_year(raw, raw.parent / "warehouse", YEAR)
    assert told.value.exit_status == 1
    assert not (raw.parent / "warehouse" / PUBLISHED_FILE).exists()


def test_a_roll_without_a_snapshot_of_the_year_ends_with_1(raw: Path) -> None:
    """The message says what is missing; a year of nobody is no result."""
    folder = raw / str(YEAR) / "poverty_roll"
    for path in folder.iterdir():
        path.rename(folder / path.name.replace(str(YEAR), str(YEAR - 1)))
    with pytest.raises(DaijiaoError, match=r"snapshot.*poverty_roll.*2019") as told:
        refresh_year(raw, raw.parent / "warehouse", YEAR)
    assert told.value.exit_status == 1
    assert not (raw.parent / "warehouse" / PUBLISHED_FILE).exists()
