"""The workbooks that go to the townships and to the bureau, and come back as files in ``township_replies``.

One a township (封面, 台账, 差异清单, 填报说明), one for the bureau with the mismatches that no township can answer, and one
with the townships' answers for the bureau's checker. They hold full names and IDs: the folder is open to its owner alone.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
from xlsxwriter import Workbook

from pipeline.log import PROGRESS
from pipeline.paper import make_folder
from pipeline.policy.model import UNKNOWN_TOWNSHIP
from pipeline.reports.archives import data_date
from pipeline.reports.workbooks.cover import Levels, write_cover, write_guide
from pipeline.reports.workbooks.files import new_workbook
from pipeline.reports.workbooks.ledger import empty_ledger, ledger_rows, write_ledger
from pipeline.reports.workbooks.mismatches import (
    mismatch_rows,
    rows_to_confirm,
    write_confirmations,
    write_mismatches,
)
from pipeline.reports.workbooks.reconciliation import Reconciliation, reconcile, write_offs
from pipeline.reports.workbooks.styles import Styles
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

_PROGRAMME = "建档立卡贫困人员城乡居民基本养老保险保费代缴"
_TOWNSHIP_FIGURES = """
    select *
    from mart.township_participation
    inner join mart.township_fund
        on township_participation.township_code = township_fund.township_code
    order by township_participation.township_code
"""
_LEVELS = """
    select
        fund.township_code,
        fund_level.word,
        fund.used_yuan
    from mart.fund_level as fund
    inner join policy.fund_level
        on fund.fund_level = fund_level.fund_level
    order by fund_level.position
"""


def write_township_workbooks(session: Session, run: Run, folder: Path) -> list[Path]:
    """Write the workbooks of a refreshed year into a folder that is closed to others (0700).

    Args:
        session: an open session of the year, in which every table is built.
        folder: made when it is missing; a workbook of the same name is replaced when the new one is whole.

    Returns:
        The paths (each 0600): the townships' by code, then the bureau's own list, then the one for its checker.

    Raises:
        DaijiaoError: the folder or a workbook can't be written.
    """
    make_folder(folder)
    figures = {row["township_code"]: row for row in session.find(_TOWNSHIP_FIGURES).iter_rows(named=True)}
    ledgers = ledger_rows(session)
    mismatches = mismatch_rows(session)
    levels: dict[str | None, list[tuple[str, Decimal]]] = {}
    for code, word, used in session.find(_LEVELS).iter_rows():
        levels.setdefault(code, []).append((word, used))
    paid = write_offs(session)
    made_on = data_date(session, run)
    lists = []
    paths = []
    for number, (code, row) in enumerate(figures.items(), start=1):
        PROGRESS.info("Writing %s of %s workbooks: %s", number, len(figures) + 2, row["township_name"])
        if code != UNKNOWN_TOWNSHIP:
            own = mismatches.filter(pl.col("township_code") == code)
            ledger = ledgers.get(code, empty_ledger())
            lists.append((row["township_name"], len(own)))
            paths.append(
                _write_township(run, folder, made_on, row, ledger, own, levels.get(code, ()), reconcile(paid, code))
            )
    of_bureau = mismatches.filter(
        pl.col("township_code").is_null() | ~pl.col("township_code").is_in(set(figures) - {UNKNOWN_TOWNSHIP})
    )
    district = session.find("select * from mart.district_summary").row(0, named=True)
    lists.append((f"{run.policy.bureau}（本清单，乡镇无法答复）", len(of_bureau)))
    unknown = ledgers.get(UNKNOWN_TOWNSHIP)
    paths.append(_write_bureau(run, folder, made_on, district, unknown, of_bureau, levels.get(None, ()), lists))
    paths.append(_write_checker(run, folder, made_on, rows_to_confirm(session)))
    return paths


def _write_township(
    run: Run,
    folder: Path,
    made_on: date,
    figures: Mapping[str, Any],
    ledger: pl.DataFrame,
    mismatches: pl.DataFrame,
    levels: Levels,
    reconciliation: Reconciliation,
) -> Path:
    name = figures["township_name"]
    path = folder / f"{run.year}年{name}台账与差异清单.xlsx"
    with new_workbook(path, made_on) as workbook:
        styles = Styles(workbook)
        titles = _titles(run, name, "台账与差异清单")
        write_cover(workbook, styles, titles, figures, mismatches, levels, reconciliation=reconciliation)
        _write_ledger(workbook, styles, run, name, ledger)
        write_mismatches(workbook, styles, f"{run.year}年{name}差异清单", run.policy.bureau, mismatches)
        write_guide(workbook, styles, run.policy)
    return path


def _write_bureau(
    run: Run,
    folder: Path,
    made_on: date,
    figures: Mapping[str, Any],
    ledger: pl.DataFrame | None,
    mismatches: pl.DataFrame,
    levels: Levels,
    lists: Sequence[tuple[str, int]],
) -> Path:
    """The bureau's own list: the district's figures, and whatever has no known township."""
    path = folder / f"{run.year}年{run.policy.bureau}差异清单.xlsx"
    with new_workbook(path, made_on) as workbook:
        styles = Styles(workbook)
        write_cover(
            workbook,
            styles,
            _titles(run, run.policy.district_name, "差异清单"),
            figures,
            mismatches,
            levels,
            lists=lists,
        )
        if ledger is not None:
            _write_ledger(workbook, styles, run, "（乡镇名称不明）", ledger)
        write_mismatches(workbook, styles, f"{run.year}年{run.policy.bureau}差异清单", run.policy.bureau, mismatches)
        write_guide(workbook, styles, run.policy)
    return path


def _write_checker(run: Run, folder: Path, made_on: date, rows: pl.DataFrame) -> Path:
    path = folder / f"{run.year}年{run.policy.bureau}复核.xlsx"
    with new_workbook(path, made_on) as workbook:
        write_confirmations(workbook, Styles(workbook), f"{run.year}年差异答复复核（{len(rows)}条待复核）", rows)
    return path


def _write_ledger(workbook: Workbook, styles: Styles, run: Run, name: str, rows: pl.DataFrame) -> None:
    write_ledger(workbook, styles, f"{run.year}年{name}{_PROGRAMME}台账", f"{_source(run)}    共 {len(rows)} 人", rows)


def _titles(run: Run, name: str, what: str) -> tuple[str, ...]:
    return (f"{run.year}年{name}{what}", _PROGRAMME, f"编制单位：{run.policy.bureau_name}    {_source(run)}")


def _source(run: Run) -> str:
    return "数据范围：全部已报送的文件" if run.as_of is None else f"数据范围：截至 {run.as_of:%Y-%m-%d} 的文件"
