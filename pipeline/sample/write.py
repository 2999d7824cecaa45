"""Writing a year's sample into the landing folder, whole or not at all."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from pipeline.errors import DaijiaoError, UsageError
from pipeline.policy import Policy, load_policy
from pipeline.sample import summary
from pipeline.sample.dirt import soil
from pipeline.sample.district import District, make_district
from pipeline.sample.files import PlannedFile
from pipeline.sample.fund_files import allocation_files, answer_files, benefit_files, grant_files
from pipeline.sample.return_files import bank_files, tax_files
from pipeline.sample.roll_files import category_files, classification_files, register_files, roll_files
from pipeline.sample.summary import SampleSummary
from pipeline.sample.writers import write_file

SMALLEST_SAMPLE = 300


def write_sample(
    raw: Path,
    year: int = 2019,
    persons: int | None = None,
    seed: int = 2019,
    policy: Policy | None = None,
    is_clean: bool = False,
) -> SampleSummary:
    """Write a synthetic district's files into `raw/<year>` and say what was planted.

    Args:
        raw: the landing folder.
        year: policy year.
        persons: persons on the roll, at least 300 (null: about 103,600, as in the published figures).
        seed: the same seed gives the same files.
        policy: the year's policy (null: the district's own).
        is_clean: whether to write only what needs no cleaning: no mismatch but the grant's, no dirt, no file twice, one word for
            each meaning.

    Raises:
        UsageError: the year's folder holds something already, or the sample would be too small.
        DaijiaoError: the folder can't be written.
    """
    if persons is not None and persons < SMALLEST_SAMPLE:
        raise UsageError(
            f"A sample of {persons} persons is too small for its plan. Ask for {SMALLEST_SAMPLE} or more.",
            f"{persons} 人的模拟数据太少,排不出所需的情形。请至少写 {SMALLEST_SAMPLE} 人。",
        )
    folder = raw / str(year)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(
            f"{folder} holds files already, and a sample is never written over them. Choose another folder.",
            f"{folder} 中已有文件,模拟数据不会覆盖它们。请换一个文件夹(--raw)。",
        )
    rng = np.random.default_rng(seed)
    district = make_district(policy or load_policy(year), persons, rng, is_clean)
    files = planned_files(district)
    if not is_clean:
        files = soil(files, district.policy, rng)
    return summarise(district, _write_whole(folder, files), folder)


def planned_files(district: District) -> Iterator[PlannedFile]:
    """The district's files as they are without dirt, by source; each is made when it is asked for."""
    makers = (
        roll_files,
        category_files,
        classification_files,
        register_files,
        bank_files,
        tax_files,
        grant_files,
        allocation_files,
        benefit_files,
        answer_files,
    )
    return (planned for maker in makers for planned in maker(district))


def summarise(district: District, files: list[PlannedFile], folder: Path) -> SampleSummary:
    """The plan of the sample."""
    return SampleSummary(
        policy_year=district.policy.policy_year,
        folder=folder,
        township_participation=summary.participation(district),
        township_fund=summary.fund(district),
        coverage_ladder=summary.ladder(district),
        district=summary.district_figures(district),
        mismatch_counts=summary.mismatches(district),
        disposition_counts=summary.dispositions(district),
        files=_file_plan(files),
    )


def _file_plan(files: list[PlannedFile]) -> pl.DataFrame:
    rows = []
    for planned in sorted(files, key=lambda each: each.name):
        read, quarantined, dropped = planned.rows_read, planned.rows_quarantined, planned.rows_dropped
        counts = (read, read - quarantined - dropped, quarantined, dropped) if planned.status == "read" else (0,) * 4
        rows.append((planned.source, planned.listed_as or planned.name, planned.status, *counts))
    columns = ["source", "file_name", "status", "rows_read", "rows_accepted", "rows_quarantined", "rows_dropped"]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _write_whole(folder: Path, files: Iterator[PlannedFile]) -> list[PlannedFile]:
    """Build in a folder beside the year's and rename it, so that an interrupted run leaves nothing half done.

    Returns the files without what stands in them.
    """
    building = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(building, ignore_errors=True)
    written = []
    try:
        for planned in files:
            write_file(building, planned)
            written.append(replace(planned, tables=(), content=None))
            # The greatest are made one after another, and the next one begins here.
            del planned
        if folder.exists():
            folder.rmdir()
        building.rename(folder)
        return written
    except OSError as error:
        raise DaijiaoError(
            f"The sample can't be written to {folder} ({error.strerror}). Give a folder with space that can be written.",
            f"不能把模拟数据写入 {folder}({error.strerror})。请指定可写且有空间的文件夹。",
        ) from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
