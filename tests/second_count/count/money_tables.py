"""The tables of money: township_fund, district_summary, fund_level."""

from decimal import Decimal

from ..world import Policy
from .landed import Landed
from .money import NOTHING, Funds, add_counts, rate
from .people_tables import Table, TableRow
from .rates import benefit_disbursement_rate, satisfaction
from .townships import township_name

ADDED_COUNTS = (
    "roll_count",
    "planned_count",
    "excluded_count",
    "unconfirmed_count",
    "eligible_count",
    "refunded_count",
    "paid_on_behalf_count",
    "covered_count",
    "uncovered_count",
)
ADDED_AMOUNTS = (
    "allocated_yuan",
    "paid_out_yuan",
    "used_yuan",
    "used_municipal_yuan",
    "used_district_yuan",
    "disputed_yuan",
    "cash_balance_yuan",
)


def township_fund(funds: Funds, policy: Policy) -> Table:
    """One row a township."""
    return [
        {
            "policy_year": policy.year,
            "township_code": code,
            "township_name": township_name(code, policy),
            "allocated_yuan": fund.allocated_yuan,
            "paid_out_yuan": fund.paid_out_yuan,
            "used_yuan": fund.used_yuan,
            "used_municipal_yuan": fund.used_by_level.get("municipal"),
            "used_district_yuan": fund.used_by_level.get("district"),
            "disputed_yuan": fund.paid_out_yuan - fund.used_yuan,
            "balance_yuan": fund.allocated_yuan - fund.used_yuan,
            "cash_balance_yuan": fund.allocated_yuan - fund.paid_out_yuan,
            "utilisation_rate": rate(fund.used_yuan, fund.allocated_yuan),
        }
        for code, fund in funds.townships.items()
    ]


def district_summary(
    participation: Table, township_funds: Table, funds: Funds, landed: Landed, policy: Policy
) -> TableRow:
    """The one row of the district: the townships' sums, the budget, and the rates of the sums."""
    row: TableRow = {"policy_year": policy.year}
    for column in ADDED_COUNTS:
        row[column] = add_counts(township[column] for township in participation)
    for column in ADDED_AMOUNTS:
        amounts = [township[column] for township in township_funds]
        row[column] = None if None in amounts else sum(amounts, NOTHING)
    budget, used = funds.budget_yuan, funds.used_yuan
    row |= {
        "balance_yuan": budget - used,
        "participation_rate": rate(row["covered_count"], row["eligible_count"]),
        "target_completion_rate": rate(row["covered_count"], row["planned_count"]),
        "utilisation_rate": rate(used, funds.allocated_yuan),
        "execution_rate": rate(used, budget),
        "budget_yuan": budget,
        "township_balance_yuan": sum((township["balance_yuan"] for township in township_funds), NOTHING),
        "bureau_balance_yuan": budget - funds.allocated_yuan,
        "benefit_disbursement_rate": benefit_disbursement_rate(landed, policy),
    }
    for level in ("municipal", "district"):
        granted = funds.granted_by_level.get(level)
        row[f"budget_{level}_yuan"] = granted
        row[f"balance_{level}_yuan"] = None if granted is None else granted - _used_by_level(funds, level)
    return row | satisfaction(landed)


def fund_level(funds: Funds, policy: Policy) -> Table:
    """One row a level for the district, of the grants, and one for each township, of the transfers' parts."""
    table: Table = []
    for level in policy.fund_levels:
        used = _used_by_level(funds, level.name)
        granted = funds.granted_by_level[level.name]
        table.append(_fund_level_row(policy, None, level.name, granted, used, granted - used))
        for code, fund in funds.townships.items():
            received, spent = fund.allocated_by_level[level.name], fund.used_by_level[level.name]
            table.append(_fund_level_row(policy, code, level.name, received, spent, received - spent))
    return table


def _fund_level_row(
    policy: Policy, code: str | None, level: str, granted: Decimal, used: Decimal, balance: Decimal
) -> TableRow:
    return {
        "policy_year": policy.year,
        "township_code": code,
        "fund_level": level,
        "granted_yuan": granted,
        "used_yuan": used,
        "balance_yuan": balance,
    }


def _used_by_level(funds: Funds, level: str) -> Decimal:
    return sum((fund.used_by_level[level] for fund in funds.townships.values()), NOTHING)
