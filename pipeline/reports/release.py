"""The reports of a year, by name: what `daijiao report` writes and the Dagster assets of the group release show.

What each report says is decided in its own module.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.log import LOGGER
from pipeline.privacy import write_whole
from pipeline.reports.evaluation.write import write_evaluation_report
from pipeline.reports.notice.write import write_notice_lists
from pipeline.reports.self_evaluation.write import write_self_evaluation
from pipeline.reports.workbooks.write import write_township_workbooks
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.publication import require_published
from pipeline.warehouse.reading import reading
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

# Beside the warehouse: from which state of a year's tables its reports were last written.
WRITTEN_FILE = "reports.json"
_STATE_COLUMNS = "policy_sha256, code_version, input_sha256, cast(as_of as varchar)"

REPORT_NAMES = {
    "township_workbooks": "台账与差异清单",
    "notice_lists": "公示名单",
    "self_evaluation": "绩效自评表",
    "evaluation_report": "绩效评价报告",
}
"""What the reports are called in Chinese."""

REPORTS: Mapping[str, Callable[[Session, Run, Path], list[Path]]] = {
    "township_workbooks": write_township_workbooks,
    "notice_lists": write_notice_lists,
    "self_evaluation": write_self_evaluation,
    "evaluation_report": write_evaluation_report,
}


def write_report(name: str, session: Session, run: Run, folder: Path) -> list[Path]:
    """Write one report of a refreshed year into a folder; returns the files.

    Raises:
        UsageError: the year was never refreshed.
        DaijiaoError: a file can't be written.
    """
    if session.find("select 1 from mart.refresh").is_empty():
        raise UsageError(
            f"The warehouse holds no tables of {run.year}. Run `daijiao refresh --year {run.year}` first.",
            f"数据仓库中没有 {run.year} 年的数据表。请先运行 `daijiao refresh --year {run.year}`。",
        )
    told = {"number": list(REPORTS).index(name) + 1, "count": len(REPORTS), "name": name, "chinese": REPORT_NAMES[name]}
    LOGGER.info("Writing report %(number)s of %(count)s: %(name)s", told)
    return REPORTS[name](session, run, folder)


def write_reports(session: Session, run: Run, folder: Path) -> Iterator[Path]:
    """Write every report of a published year into a folder, file by file.

    Raises:
        UsageError: the year was never published.
        DaijiaoError: the tables aren't those that were published and signed, or a file can't be written.
    """
    require_published(session, run)
    for name in REPORTS:
        yield from write_report(name, session, run, folder)


def note_written(session: Session, run: Run) -> None:
    """Remember from which state of the year's tables all its reports were written."""
    written = _written(run.warehouse) | {str(run.year): state_of_tables(session)}
    write_whole(run.warehouse / WRITTEN_FILE, json.dumps(written))


def state_of_tables(session: Session) -> str | None:
    """A short hash of what the year's tables were made from: files, policy, code and day; null where there are none."""
    rows = session.find(f"select {_STATE_COLUMNS} from mart.refresh").rows()
    return _state(rows[0]) if rows else None


def stale_reports(warehouse: Path) -> dict[int, str]:
    """The published years whose reports were written from another state of the tables, or never; each with its state."""
    if not (warehouse / PUBLISHED_FILE).is_file():
        return {}
    with reading(warehouse / PUBLISHED_FILE) as connection:
        rows = connection.execute(
            f"select policy_year, {_STATE_COLUMNS} from mart.refresh order by policy_year"
        ).fetchall()
    written = _written(warehouse)
    states = {int(year): _state(row) for year, *row in rows}
    return {year: state for year, state in states.items() if written.get(str(year)) != state}


def _written(warehouse: Path) -> dict[str, str | None]:
    """What was remembered; nothing where that can't be read, so that the reports are written again."""
    try:
        found = json.loads((warehouse / WRITTEN_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _state(row: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(list(row), default=str).encode()).hexdigest()[:16]
