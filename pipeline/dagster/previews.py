"""What a run adds to a table's page beside its row count: sums and counts only, never a row about a person.

Dagster plots each number under its name, over all runs and in the order of the names: so a name begins with its year, and
with its place among the others.
"""

from collections.abc import Mapping

import dagster as dg
import polars as pl

from pipeline.contracts.codes import load_codes
from pipeline.contracts.sources import SOURCES
from pipeline.contracts.tables import TableName, load_tables
from pipeline.warehouse.session import Session

# Folders that are no source are what somebody called them.
_FOLDER = f"case when source in ({', '.join(repr(source) for source in SOURCES)}) then source else 'other' end"
# A table without an entry shows its row count alone. Texts are codes and names of divisions: nothing that a sender wrote.
_PREVIEWS: Mapping[TableName, str] = {
    TableName("raw", "landed_file"): f"""
        select {_FOLDER} as source, status, count(*) as file_count, sum(rows_read) as rows_read
        from raw.landed_file group by {_FOLDER}, status order by source, status""",
    TableName("core", "person_year"): """
        select state, state_reason, count(*) as person_count
        from core.person_year group by state, state_reason order by state, person_count desc, state_reason""",
    TableName("core", "return_line"): """
        select channel, disposition, count(*) as line_count, sum(amount_yuan) as amount_yuan
        from core.return_line group by channel, disposition order by channel, disposition""",
    TableName("core", "fund_posting"): """
        select fund_level, count(*) as posting_count, sum(amount_yuan) as amount_yuan
        from core.fund_posting group by fund_level order by fund_level""",
    TableName("mart", "roster_mismatch"): """
        select severity, kind, status, count(*) as mismatch_count
        from mart.roster_mismatch group by severity, kind, status order by severity, mismatch_count desc, kind, status""",
    TableName("mart", "source_file"): f"""
        select {_FOLDER} as source, status, count(*) as file_count, sum(rows_read) as rows_read,
               sum(rows_accepted) as rows_accepted, sum(rows_quarantined) as rows_quarantined, sum(rows_dropped) as rows_dropped
        from mart.source_file group by {_FOLDER}, status order by source, status""",
    TableName("mart", "coverage_ladder"): """
        select step, reason, sum(person_count) as person_count
        from mart.coverage_ladder group by step, reason order by step, person_count desc, reason""",
    TableName("mart", "township_participation"): """
        select township_name, roll_count, planned_count, eligible_count, covered_count, uncovered_count, participation_rate
        from mart.township_participation order by township_code""",
    TableName("mart", "township_fund"): """
        select township_name, allocated_yuan, paid_out_yuan, used_yuan, disputed_yuan, balance_yuan, utilisation_rate
        from mart.township_fund order by township_code""",
    TableName("mart", "fund_level"): """
        select fund_level, granted_yuan, used_yuan, balance_yuan
        from mart.fund_level where township_code is null order by fund_level""",
}
# Rows of a kind of mismatch and a number, each plotted over the runs of its year.
_PLOTTED: Mapping[TableName, str] = {
    TableName("mart", "roster_mismatch"): """
        select kind, count(*) as mismatch_count from mart.roster_mismatch group by kind order by mismatch_count desc, kind""",
}
_DISTRICT = TableName("mart", "district_summary")
# What is asked first of a district comes first.
_DISTRICT_FIGURES = (
    "participation_rate",
    "utilisation_rate",
    "balance_yuan",
    "roll_count",
    "eligible_count",
    "covered_count",
    "uncovered_count",
    "budget_yuan",
    "paid_out_yuan",
    "used_yuan",
    "disputed_yuan",
    "satisfaction_rate",
)


def preview(session: Session, year: int, name: TableName) -> dict[str, dg.MetadataValue]:  # type: ignore[type-arg]
    """The metadata of a table that was built: sums as a table, and figures as numbers, which Dagster plots over time.

    Args:
        session: holds the table.
        year: policy year.
        name: of the table.
    """
    if name == _DISTRICT:
        figures = session.find(f"select {', '.join(_DISTRICT_FIGURES)} from {name}").row(0, named=True)
        words = {column.name: column.chinese for column in load_tables()[name].columns}
        return {
            f"{year} {place:02} {words[key]} {key}": dg.MetadataValue.float(float(value))
            for place, (key, value) in enumerate(figures.items(), start=1)
            if value is not None
        }
    shown: dict[str, dg.MetadataValue] = {}  # type: ignore[type-arg]
    if name in _PREVIEWS:
        shown["preview"] = dg.MetadataValue.md(_markdown(session.find(_PREVIEWS[name])))
    if name in _PLOTTED:
        kinds = load_codes()["mismatch_kind"].by_code
        shown |= {
            f"{year} {kinds[key].chinese} {key}": dg.MetadataValue.int(number)
            for key, number in session.find(_PLOTTED[name]).iter_rows()
        }
    return shown


def _markdown(frame: pl.DataFrame) -> str:
    lines = ["| " + " | ".join(frame.columns) + " |", "|" + "---|" * frame.width]
    lines += ["| " + " | ".join("" if cell is None else str(cell) for cell in row) + " |" for row in frame.iter_rows()]
    return "\n".join(lines)
