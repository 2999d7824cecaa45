"""A small published file, written by hand: rows in, and what a command prints of them out."""

from pathlib import Path

import duckdb

YEAR = 2019
_PARTICIPATION = (
    "policy_year, township_code, township_name, roll_count, planned_count, excluded_count, unconfirmed_count, eligible_count, "
    "covered_count, uncovered_count, participation_rate"
)
_FUND = (
    "policy_year, township_code, township_name, allocated_yuan, paid_out_yuan, used_yuan, disputed_yuan, balance_yuan, "
    "utilisation_rate"
)


def write_published(folder: Path, *statements: str) -> Path:
    """A published file of two townships, and whatever the statements add to it.

    What an older publication lacks (mart.unknown_word, mart.change, a file's unit) is for a statement to make.
    """
    path = folder / "published.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA mart; CREATE SCHEMA core")
        connection.execute(
            f"CREATE TABLE mart.township_participation AS SELECT * FROM (VALUES "
            f"({YEAR}, '530113001', '铜都街道', 65443, 65443, 3000, 721, 61722, 61722, 0, 1.000000::DECIMAL(18,6)), "
            f"({YEAR}, '530113102', '汤丹镇', 10, NULL, 0, 0, 0, 0, 0, NULL)) AS rows({_PARTICIPATION})"
        )
        connection.execute(
            f"CREATE TABLE mart.township_fund AS SELECT * FROM (VALUES "
            f"({YEAR}, '530113001', '铜都街道', 6544300.00, 6172200.00, 6172200.00, 0.00, 372100.00, 0.943141::DECIMAL(18,6)), "
            f"({YEAR}, '530113102', '汤丹镇', 0.00, 80.00, 0.00, 80.00, 0.00, NULL)) AS rows({_FUND})"
        )
        connection.execute(
            "CREATE TABLE mart.district_summary AS SELECT *, 6712140.00 AS budget_yuan, 167840.00 AS bureau_balance_yuan, "
            "0.919558 AS execution_rate, 0.943141 AS target_completion_rate, NULL AS benefit_disbursement_rate, "
            "0.900000 AS satisfaction_rate FROM mart.township_participation "
            "INNER JOIN mart.township_fund USING (policy_year, township_code, township_name) WHERE township_name = '铜都街道'"
        )
        connection.execute(
            "CREATE TABLE mart.source_file (policy_year INTEGER, source VARCHAR, file_name VARCHAR, layout VARCHAR, "
            "status VARCHAR, reason VARCHAR, rows_read BIGINT, rows_accepted BIGINT, rows_quarantined BIGINT, "
            "rows_dropped BIGINT)"
        )
        connection.execute(
            "CREATE TABLE mart.quarantined_row (policy_year INTEGER, source_file VARCHAR, sheet VARCHAR, row_number INTEGER, "
            "field VARCHAR, reason VARCHAR)"
        )
        connection.execute(
            "CREATE TABLE core.return_line (policy_year INTEGER, channel VARCHAR, outcome VARCHAR, disposition VARCHAR, "
            "amount_yuan DECIMAL(18,2))"
        )
        connection.execute(
            "CREATE TABLE mart.roster_mismatch (policy_year INTEGER, severity VARCHAR, kind VARCHAR, status VARCHAR)"
        )
        for statement in statements:
            connection.execute(statement)
    return path
