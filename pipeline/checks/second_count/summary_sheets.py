"""Lists of transfers and grants that state them twice: row by row, and summed up in a sheet of their own (inputs.md)."""

from collections import defaultdict
from collections.abc import Hashable
from typing import Any

from pipeline.checks.second_count.file_content import township_of
from pipeline.checks.second_count.files import CountedFile, Table
from pipeline.checks.second_count.row_types import GrantRow
from pipeline.checks.second_count.texts import said

SUMMARY_WORDS = ("汇总", "合计", "总表")


def refuse_summaries(files: list[CountedFile]) -> None:
    """Refuse a file in which a summary's rows equal the sums of its other sheets, or of those that are none."""
    for file in files:
        filled = [at for at, table in enumerate(file.tables) if table]
        summaries = [at for at in filled if _is_summary(file, at)]
        for at in summaries:
            others = [other for other in filled if other != at]
            details = [other for other in others if other not in summaries]
            sums = [
                _sums([row for each in sheets for row in file.tables[each]]) for sheets in (others, details) if sheets
            ]
            if _sums(file.tables[at]) in sums:
                file.status = "refused"


def _is_summary(file: CountedFile, at: int) -> bool:
    sheet = said(file.facts.tables[at].sheet) or ""
    if sheet.startswith(SUMMARY_WORDS) or sheet.endswith(SUMMARY_WORDS):
        return True
    rows = file.tables[at]
    keys = [_owner(row) for row in rows]
    return len(set(keys)) == len(keys) and not any(row.own_date or row.document_no for row in rows)


def _owner(row: Any) -> Hashable:
    """The township of a transfer, the level of a grant."""
    if isinstance(row, GrantRow):
        return row.fund_level
    return township_of(row)


def _sums(rows: Table) -> dict[Hashable, int]:
    sums: dict[Hashable, int] = defaultdict(int)
    for row in rows:
        sums[_owner(row)] += row.amount_fen or 0
    return {owner: fen for owner, fen in sums.items() if fen}
