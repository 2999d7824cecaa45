"""The pipeline's side: a world's files written, refreshed and published."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipeline.refresh import refresh_year

from .compare import Published, read_published
from .files import write_world
from .world import World, Written

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
    os.environ["DAIJIAO_KEY"] = "second count"
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
    year = world.policy.year
    refresh_year(folder / "raw", folder / "warehouse", year, policy_folder, world.as_of)
    return written, read_published(folder / "warehouse", list(TABLES), year)
