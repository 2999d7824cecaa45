"""The pipeline's side: a world's files written, refreshed and published, and the replies to its mismatches sent back."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from pipeline.build.refresh import refresh_year

from .compare import PLACE, Published, Row, read_published, restricted_rows
from .count import Recount
from .count.identity import masked_id, masked_name
from .count.mismatches import Mismatch
from .count.replies import KEY, Exported
from .files import write_world
from .world import World, Written
from .worlds import SeededChoices, answer_files

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
    return written, _refreshed(world, folder, policy_folder)


def publish_replies(
    world: World, folder: Path, before: Published, counted: Recount
) -> tuple[World, dict[str, Written], Published, dict[str, Exported]]:
    """Answer mismatches of a published world, and refresh it again: the world with its replies, and what was sent out."""
    assert world.reply_seed is not None
    year = world.policy.year
    sheet = restricted_rows(_place(world, folder), f"SELECT * FROM core.mismatch_sheet WHERE policy_year = {year}")
    exported = _exported(before, counted, {row["mismatch_id"]: row for row in sheet})
    ids = sorted(value for value in before.ids.values() if value)
    replies = answer_files(SeededChoices(world.reply_seed), exported, counted.mismatches, ids, world.policy)
    answered = replace(world, files=(*world.files, *replies))
    written = write_world(answered, folder / "raw")
    return answered, written, _refreshed(world, folder, None), exported


def _refreshed(world: World, folder: Path, policy_folder: Path | None) -> Published:
    refresh_year(folder / "raw", folder / "warehouse", world.policy.year, policy_folder, world.as_of)
    file = "published.duckdb" if world.as_of is None else f"{world.as_of}.duckdb"
    return read_published(_place(world, folder), list(TABLES), world.policy.year, file)


def _place(world: World, folder: Path) -> Path:
    """Where the tables of a world lie: those of a day looked back from apart from the current ones."""
    return folder / "warehouse" if world.as_of is None else folder / "warehouse" / "as_of"


def _exported(published: Published, counted: Recount, sheet: dict[str, Row]) -> dict[str, Exported]:
    """What was sent out of each mismatch of the recount; of two that can't be told apart neither is answered."""
    exported = {}
    for row in published.tables["mart.roster_mismatch"]:
        fitting = [place for place, mismatch in enumerate(counted.mismatches) if _fits(mismatch, row)]
        if len(fitting) == 1:
            sent = sheet[row["mismatch_id"]]
            cells = tuple((label, sent[column]) for column, label in PROTECTED_CELLS.items())
            exported[row["mismatch_id"]] = Exported(fitting[0], sent["token"], cells)
    return exported


def _fits(mismatch: Mismatch, row: Row) -> bool:
    """Whether a published mismatch may be this one of the recount."""
    id_masked = None if mismatch.id_text is None else masked_id(mismatch.id_text)
    name_masked = None if mismatch.name is None else masked_name(mismatch.name)
    if (mismatch.kind, id_masked, name_masked) != (row["kind"], row["id_masked"], row["name_masked"]):
        return False
    places = [(each.file.file_name, each.place.sheet, each.place.row_number) for each in mismatch.rows]
    is_of_sums = not places and mismatch.township_code == row["township_code"]
    return is_of_sums or tuple(row[column] for column in PLACE) in places
