"""The published figures of 2019 as tables, dealt to two townships, for tests of what is written from them and held against them.

No person stands in them but two synthetic ones, by whom the premium is known.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from pipeline.build import steps as build
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.settings import Settings
from pipeline.warehouse.opening import session
from pipeline.warehouse.run import Run, make_run
from pipeline.warehouse.session import Session

YEAR = 2019
TONGDU, TANGDAN = "530113001", "530113102"

DISTRICT = {
    "roll_count": 103600,
    "planned_count": 65443,
    "excluded_count": 41878,
    "unconfirmed_count": 0,
    "eligible_count": 61722,
    "refunded_count": 38577,
    "paid_on_behalf_count": 23145,
    "covered_count": 61722,
    "uncovered_count": 0,
    "participation_rate": "1",
    "target_completion_rate": "0.943141",
    "allocated_yuan": 6544300,
    "paid_out_yuan": 6172200,
    "used_yuan": 6172200,
    "used_municipal_yuan": 4937760,
    "used_district_yuan": 1234440,
    "disputed_yuan": 0,
    "balance_yuan": 539940,
    "cash_balance_yuan": 372100,
    "utilisation_rate": "0.943141",
    "budget_yuan": 6712140,
    "budget_municipal_yuan": 5235440,
    "budget_district_yuan": 1476700,
    "township_balance_yuan": 372100,
    "bureau_balance_yuan": 167840,
    "balance_municipal_yuan": 297680,
    "balance_district_yuan": 242260,
    "execution_rate": "0.919558",
    "benefit_disbursement_rate": "1",
    "satisfaction_rate": "0.9",
    "satisfaction_low": "0.698966",
    "satisfaction_high": "0.972134",
    "satisfaction_answers": 20,
}
_PARTICIPATION = (
    (
        "township_code township_name roll_count planned_count excluded_count unconfirmed_count eligible_count refunded_count "
        "paid_on_behalf_count covered_count uncovered_count participation_rate target_completion_rate"
    ),
    (TONGDU, "铜都街道", 60000, 40000, 22000, 0, 38000, 24000, 14000, 38000, 0, "1", "0.95"),
    (TANGDAN, "汤丹镇", 43600, 25443, 19878, 0, 23722, 14577, 9145, 23722, 0, "1", "0.932359"),
)
_FUND = (
    (
        "township_code township_name allocated_yuan paid_out_yuan used_yuan used_municipal_yuan used_district_yuan disputed_yuan "
        "balance_yuan cash_balance_yuan utilisation_rate"
    ),
    (TONGDU, "铜都街道", 4000000, 3800000, 3800000, 3040000, 760000, 0, 200000, 200000, "0.95"),
    (TANGDAN, "汤丹镇", 2544300, 2372200, 2372200, 1897760, 474440, 0, 172100, 172100, "0.932359"),
)
_LEVELS = (
    "township_code fund_level granted_yuan used_yuan balance_yuan",
    (None, "municipal", 5235440, 4937760, 297680),
    (None, "district", 1476700, 1234440, 242260),
    (TONGDU, "municipal", 3200000, 3040000, 160000),
    (TONGDU, "district", 800000, 760000, 40000),
    (TANGDAN, "municipal", 2035440, 1897760, 137680),
    (TANGDAN, "district", 508860, 474440, 34420),
)
_LADDER = (
    "township_code step reason person_count",
    (TONGDU, 1, None, 60000),
    (TONGDU, 2, "under_16", 22000),
    (TONGDU, 4, None, 38000),
    (TONGDU, 6, None, 38000),
    (TANGDAN, 1, None, 43600),
    (TANGDAN, 2, "aged_60_or_over", 12418),
    (TANGDAN, 2, "township:外出失联", 7460),
    (TANGDAN, 4, None, 23722),
    (TANGDAN, 6, None, 23722),
)
_MISMATCHES = (
    "mismatch_id kind severity status action",
    ("m1", "grant_headcount_gap", "warning", "open", "核对"),
)
_FILES = (
    "source file_name sha256 status rows_read rows_accepted rows_quarantined rows_dropped rows_later hidden_rows",
    ("benefit_payments", "benefit_payments/a.csv", "1", "read", 10, 9, 1, 0, 0, 0),
    ("satisfaction_survey", "satisfaction_survey/a.csv", "2", "read", 20, 20, 0, 0, 0, 0),
    ("bank_returns", "bank_returns/a.txt", "3", "refused", 0, 0, 0, 0, 0, 0),
)
_GRANTS = (
    "row_key file_name row_number document_no fund_level share amount_yuan planned_count",
    (1, "fund_documents/a.csv", 2, "文〔2019〕1号", "municipal", "0.8", 5235440, 65443),
    (2, "fund_documents/a.csv", 3, None, "district", "0.2", 1476700, 65443),
)
_PERSONS = (
    "person_key id_masked name_masked township_code category state channel written_off_yuan",
    ("p1", "530113********0001", "测**", TONGDU, "registered_poor", "eligible", "refund", 100),
    ("p2", "530113********0002", "试**", TANGDAN, "registered_poor", "eligible", "collection", 100),
)
_TABLES = {
    TableName("mart", "township_participation"): _PARTICIPATION,
    TableName("mart", "township_fund"): _FUND,
    TableName("mart", "fund_level"): _LEVELS,
    TableName("mart", "coverage_ladder"): _LADDER,
    TableName("mart", "roster_mismatch"): _MISMATCHES,
    TableName("mart", "source_file"): _FILES,
    TableName("core", "grant_document"): _GRANTS,
    TableName("core", "person_year"): _PERSONS,
}


@contextmanager
def filled_session(folder: Path) -> Iterator[tuple[Session, Run]]:
    """A session whose tables hold the figures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY", "k" * 64)
        run = make_run(Settings(raw=folder / "raw", warehouse=folder / "warehouse"), YEAR)
    with session(run) as open_session:
        for name, (columns, *rows) in _TABLES.items():
            _fill(open_session, name, columns.split(), rows)
        _fill(open_session, TableName("mart", "district_summary"), list(DISTRICT), [tuple(DISTRICT.values())])
        indicators = tables.load_tables()[TableName("mart", "performance_indicator")]
        build.build_table(open_session, run, indicators, "mart")
        yield open_session, run


def _fill(open_session: Session, name: TableName, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = tables.load_tables()[name]
    cells = {column: [row[place] for row in rows] for place, column in enumerate(columns)}
    frame = pl.DataFrame(
        {
            column.name: [None if cell is None else str(cell) for cell in cells.get(column.name, [None] * len(rows))]
            for column in table.columns
            if column.name != "policy_year"
        },
        schema={column.name: pl.String for column in table.columns if column.name != "policy_year"},
    )
    open_session.replace_frame(table, name.schema, frame)
