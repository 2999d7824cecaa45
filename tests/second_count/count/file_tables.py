"""The tables of files and their rows: source_file, quarantined_row, reply."""

from ..world import Policy
from .landed import Landed, LandedFile
from .people_tables import Table, TableRow
from .replies import ANSWERS, Settlements


def source_files(landed: Landed, policy: Policy) -> Table:
    """One row a file; the row counts are 0 for every status but `read`, the control totals those of read files."""
    return [_source_file(file, policy) for file in landed.files]


def _source_file(file: LandedFile, policy: Policy) -> TableRow:
    is_read = file.status == "read"
    counts = [len(rows) if is_read else 0 for rows in (file.accepted, file.quarantined, file.dropped)]
    return {
        "policy_year": policy.year,
        "source": file.file.source,
        "file_name": file.file.file_name,
        "sha256": file.written.sha256,
        "status": file.status,
        "rows_read": sum(counts),
        "rows_accepted": counts[0],
        "rows_quarantined": counts[1],
        "rows_dropped": counts[2],
        "control_count": file.written.control_count if is_read else None,
        "control_yuan": file.written.control_yuan if is_read else None,
        "file_date": file.file_date if is_read else None,
    }


def quarantined_rows(landed: Landed, policy: Policy) -> Table:
    """One row a quarantined row of a read file."""
    return [
        {
            "policy_year": policy.year,
            "source_file": row.file.file_name,
            "sheet": row.place.sheet,
            "row_number": row.place.row_number,
            "field": row.row.bad_cell[0] if row.row.bad_cell else None,
        }
        for file in landed.files
        if file.status == "read"
        for row in file.quarantined
    ]


def replies(settlements: Settlements, policy: Policy) -> Table:
    """One row a reply."""
    return [
        {
            "policy_year": policy.year,
            "mismatch_id": row.row.mismatch_id,
            "answer": ANSWERS.get(row.row.answer_code),
            "status": status,
            "source_file": row.file.file_name,
            "sheet": row.place.sheet,
            "row_number": row.place.row_number,
        }
        for row, status in settlements.reply_rows
    ]
