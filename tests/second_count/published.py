"""The pipeline's side: a world's files written, refreshed and published, and the replies to its mismatches sent back."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from pipeline import landing
from pipeline.build.refresh import refresh_year
from pipeline.checks.counted_again import PublishedTables, file_facts
from pipeline.checks.second_count import Comparison, RunFacts, compare
from pipeline.checks.second_count.comparison import compare_counted, counted_against
from pipeline.checks.second_count.counted import Counted
from pipeline.policy import PACKAGE_FOLDER, load_policy
from pipeline.warehouse.folder import PARSE_CACHE
from pipeline.yaml_file import read_yaml

from .files import write_world
from .world import World, Written
from .worlds import KEY, Exported, SeededChoices, answer_files

Row = dict[str, Any]

# Few persons are counted in so many parts as well.
PARTS = 3

# The protected cells of the workbook 差异清单, by the columns of core.mismatch_sheet.
PROTECTED_CELLS = {
    "kind_text": "差异类型",
    "severity_text": "级别",
    "township_name": "乡镇",
    "village": "行政村",
    "name": "姓名",
    "id_text": "证件号码",
    "channel_text": "渠道",
    "amount_text": "金额",
    "file_name": "来源文件",
    "sheet": "工作表",
    "row_number_text": "行号",
    "expected": "应为",
    "found": "实际",
    "action": "处理要求",
    "suggestion_text": "疑似人员",
    "suggestion_reason": "疑似理由",
    "status_text": "办理状态",
}

TABLES = (
    "mart.township_participation",
    "mart.township_fund",
    "mart.district_summary",
    "mart.coverage_ladder",
    "mart.fund_level",
    "mart.source_file",
    "mart.quarantined_row",
    "mart.roster_mismatch",
    "mart.reply",
    "core.person_year",
    "core.return_line",
    "core.fund_posting",
)


@dataclass
class Published:
    """The published tables of a year by name."""

    tables: dict[str, list[Row]]


@contextmanager
def key_of_tests() -> Iterator[None]:
    """The key under which the pipeline hashes persons, for as long as the tests need it."""
    before = os.environ.get("DAIJIAO_KEY")
    os.environ["DAIJIAO_KEY"] = KEY
    try:
        yield
    finally:
        if before is None:
            del os.environ["DAIJIAO_KEY"]
        else:
            os.environ["DAIJIAO_KEY"] = before


def publish_world(
    world: World, folder: Path, policy_folder: Path | None = None
) -> tuple[dict[str, Written], Published]:
    """Write a world below an emptied folder, refresh its year from nothing, and read what was published."""
    shutil.rmtree(folder, ignore_errors=True)
    written = write_world(world, folder / "raw")
    _refresh(world, folder, policy_folder)
    return written, read_published(published_file(folder, world.as_of), list(TABLES), world.policy.year)


def publish_replies(world: World, folder: Path, counted: Counted) -> World:
    """Answer mismatches of a published world, and refresh it again with the replies."""
    assert world.reply_seed is not None
    year = world.policy.year
    sheet = restricted_rows(
        published_file(folder, world.as_of).parent, f"SELECT * FROM core.mismatch_sheet WHERE policy_year = {year}"
    )
    sent = {
        row["mismatch_id"]: Exported(
            row["token"], tuple((label, row[column]) for column, label in PROTECTED_CELLS.items())
        )
        for row in sheet
    }
    ids = sorted(person.person_id for person in counted.persons.values() if person.person_id)
    mismatches = {number: found for number, found in counted.mismatches.items() if number in sent}
    replies = answer_files(SeededChoices(world.reply_seed), mismatches, sent, ids, world.policy)
    answered = replace(world, files=(*world.files, *replies))
    write_world(answered, folder / "raw")
    _refresh(world, folder, None)
    return answered


def compared(
    folder: Path, year: int, as_of: date | None = None, policy_folder: Path | None = None
) -> tuple[Counted, Comparison]:
    """The second count of a published folder, and how the published tables compare with it: at once, and in parts."""
    policy = load_policy(year, policy_folder)
    template = read_yaml((policy_folder or PACKAGE_FOLDER) / policy.self_evaluation_file)
    run = RunFacts(policy=policy, year=year, key=KEY, as_of=as_of, template=template)
    layouts = landing.load_layouts(policy_year=year)
    landed = landing.land_year(folder / "raw", year, layouts, folder / "warehouse" / PARSE_CACHE)
    with duckdb.connect(str(published_file(folder, as_of)), read_only=True) as connection:
        published, files = PublishedTables(connection, year, KEY), file_facts(landed, layouts)
        counted = counted_against(run, files, published)
        at_once = compare_counted(counted, published)
        rows = sum(table.rows_counted for file in files for table in file.tables)
        with TemporaryDirectory(dir=folder) as scratch:
            in_parts = compare(run, files, published, scratch=Path(scratch), rows_at_once=rows // PARTS + 1)
        assert in_parts.compared_by_table == at_once.compared_by_table
        return counted, replace(at_once, differences=(*at_once.differences, *in_parts.differences))


def shown(comparison: Comparison, most: int = 12) -> str:
    """The differences, a line each; empty where both counts agree."""
    return "\n".join(str(each) for each in comparison.differences[:most])


def published_file(folder: Path, as_of: date | None) -> Path:
    """Where a refresh publishes: a state looked back on in a file of its own."""
    warehouse = folder / "warehouse"
    return warehouse / "published.duckdb" if as_of is None else warehouse / "as_of" / f"{as_of}.duckdb"


def read_published(file: Path, names: list[str], year: int) -> Published:
    """The published tables of a year."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return Published(
            {name: _rows(connection, f"SELECT * FROM {name} WHERE policy_year = {year}") for name in names}
        )


def restricted_rows(warehouse: Path, query: str) -> list[Row]:
    """Rows of the restricted warehouse, which nobody holds open."""
    with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
        return _rows(connection, query)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    cursor = connection.execute(query)
    columns = [column[0] for column in cursor.description or ()]
    return [dict(zip(columns, values, strict=True)) for values in cursor.fetchall()]


def _refresh(world: World, folder: Path, policy_folder: Path | None) -> None:
    refresh_year(folder / "raw", folder / "warehouse", world.policy.year, policy_folder, world.as_of)
