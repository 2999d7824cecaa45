"""The tables of figures as this count has them: townships, district, funding levels, coverage ladder."""

from collections import Counter
from typing import Any

from pipeline.checks.second_count.counted import Table, Totals, table_of_rows
from pipeline.checks.second_count.lines import REFUND
from pipeline.checks.second_count.money import add_counts, rate
from pipeline.checks.second_count.rates import benefit_disbursement_rate, satisfaction
from pipeline.checks.second_count.states import ELIGIBLE

POLICY_LEVELS = ("municipal", "district")


def participation(totals: Totals) -> list[dict[str, Any]]:
    """From the roll to the covered, a row a township."""
    states: Counter[tuple[str, str]] = Counter()
    channels: Counter[tuple[str, str | None]] = Counter()
    for (township_code, _, state, _, channel, _), count in totals.groups.items():
        states[township_code, state] += count
        channels[township_code, channel] += count
    rows = []
    for code, fund in totals.funds.townships.items():
        excluded, unconfirmed, eligible = (states[code, state] for state in ("excluded", "unconfirmed", ELIGIBLE))
        refunded, collected = channels[code, REFUND], channels[code, "collection"]
        covered = refunded + collected
        rows.append(
            {
                "township_code": code,
                "township_name": totals.township_name(code),
                "roll_count": excluded + unconfirmed + eligible,
                "planned_count": fund.planned_count,
                "excluded_count": excluded,
                "unconfirmed_count": unconfirmed,
                "eligible_count": eligible,
                "refunded_count": refunded,
                "paid_on_behalf_count": collected,
                "covered_count": covered,
                "uncovered_count": eligible - covered,
                "participation_rate": rate(covered, eligible),
                "target_completion_rate": rate(covered, fund.planned_count),
            }
        )
    return rows


def _levels(totals: Totals) -> set[str]:
    return {level.name for level in totals.run.policy.fund_levels}


def township_funds(totals: Totals) -> list[dict[str, Any]]:
    """The money of each township."""
    levels = _levels(totals)
    return [
        {
            "township_code": code,
            "township_name": totals.township_name(code),
            "allocated_yuan": fund.allocated,
            "paid_out_yuan": fund.paid_out,
            "used_yuan": fund.used,
            **{f"used_{level}_yuan": fund.used_by_level[level] if level in levels else None for level in POLICY_LEVELS},
            "disputed_yuan": fund.paid_out - fund.used,
            "balance_yuan": fund.allocated - fund.used,
            "cash_balance_yuan": fund.allocated - fund.paid_out,
            "utilisation_rate": rate(fund.used, fund.allocated),
        }
        for code, fund in totals.funds.townships.items()
    ]


def district(totals: Totals, participation: list[dict[str, Any]], townships: list[dict[str, Any]]) -> dict[str, Any]:
    """The one row of the district: the townships' sums, the budget, and the rates of the sums."""
    row: dict[str, Any] = {}
    for column in participation[0]:
        if column.endswith("_count"):
            row[column] = add_counts(township[column] for township in participation)
    for column in townships[0]:
        if column.endswith("_yuan"):
            row[column] = add_counts(township[column] for township in townships)
    funds, levels = totals.funds, _levels(totals)
    row["township_balance_yuan"] = row["balance_yuan"]
    row["balance_yuan"] = funds.budget - funds.used
    row |= {
        "participation_rate": rate(row["covered_count"], row["eligible_count"]),
        "target_completion_rate": rate(row["covered_count"], row["planned_count"]),
        "utilisation_rate": rate(funds.used, funds.allocated),
        "execution_rate": rate(funds.used, funds.budget),
        "budget_yuan": funds.budget,
        "bureau_balance_yuan": funds.budget - funds.allocated,
        "benefit_disbursement_rate": benefit_disbursement_rate(totals.benefits),
    }
    for level in POLICY_LEVELS:
        granted = funds.granted_by_level[level] if level in levels else None
        row[f"budget_{level}_yuan"] = granted
        row[f"balance_{level}_yuan"] = None if granted is None else granted - funds.used_of_level(level)
    return row | satisfaction(totals.answers, was_asked=totals.has_read("satisfaction_survey"))


def fund_levels(totals: Totals) -> list[dict[str, Any]]:
    """One row a level for the district, of the grants, and one for each township, of the transfers' parts."""
    rows = []
    for level in totals.run.policy.fund_levels:
        of_district = (None, totals.funds.granted_by_level[level.name], totals.funds.used_of_level(level.name))
        of_townships = (
            (code, fund.allocated_by_level[level.name], fund.used_by_level[level.name])
            for code, fund in totals.funds.townships.items()
        )
        for code, granted, used in (of_district, *of_townships):
            rows.append(
                {
                    "township_code": code,
                    "fund_level": level.name,
                    "granted_yuan": granted,
                    "used_yuan": used,
                    "balance_yuan": granted - used,
                }
            )
    return rows


def ladder(totals: Totals) -> Table:
    """From the roll to the covered, a rung a reason; roll, eligible and covered for every township, also with 0."""
    counts: Counter[tuple[str, int, str | None]] = Counter()
    for code in totals.funds.townships:
        for step in (1, 4, 6):
            counts[code, step, None] = 0
    for (code, _, state, reason, channel, why_uncovered), count in totals.groups.items():
        counts[code, 1, None] += count
        if state != ELIGIBLE:
            counts[code, 2 if state == "excluded" else 3, reason] += count
            continue
        counts[code, 4, None] += count
        counts[(code, 6, None) if channel else (code, 5, why_uncovered)] += count
    key_columns = ("township_code", "step", "reason")
    return table_of_rows(
        "mart.coverage_ladder",
        (*key_columns, "person_count"),
        key_columns,
        [(*rung, count) for rung, count in counts.items()],
    )
