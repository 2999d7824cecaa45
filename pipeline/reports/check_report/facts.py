"""The figures that the published file holds of a year, each under the measure that a report may claim.

Amounts are in yuan, rates in percent, counts in persons. Judging a report is the business of ``verdict``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipeline.contracts.codes import chinese_words
from pipeline.errors import UsageError
from pipeline.paper import NO_SOURCE
from pipeline.reports.check_report.blocks import half_width
from pipeline.reports.check_report.cues import MONEY, PERSONS, RATE, find_cues
from pipeline.warehouse.reading import reading

SUMMARY = "mart.district_summary"
PARTICIPATION = "mart.township_participation"
FUND = "mart.township_fund"
LEVEL = "mart.fund_level"
INDICATOR = "mart.performance_indicator"
LADDER = "mart.coverage_ladder"
PERSON = "core.person_year"
POSTING = "core.fund_posting"

PERSON_COLUMNS = {
    "roll": "roll_count",
    "planned": "planned_count",
    "excluded": "excluded_count",
    "unconfirmed": "unconfirmed_count",
    "eligible": "eligible_count",
    "refunded": "refunded_count",
    "paid_on_behalf": "paid_on_behalf_count",
    "covered": "covered_count",
    "uncovered": "uncovered_count",
}
MONEY_COLUMNS = {
    "budget": "budget_yuan",
    "allocated": "allocated_yuan",
    "paid_out": "paid_out_yuan",
    "used": "used_yuan",
    "balance": "balance_yuan",
    "cash_balance": "cash_balance_yuan",
    "disputed": "disputed_yuan",
}
RATE_COLUMNS = {
    "participation": "participation_rate",
    "target_completion": "target_completion_rate",
    "utilisation": "utilisation_rate",
    "execution": "execution_rate",
    "benefit": "benefit_disbursement_rate",
    "satisfaction": "satisfaction_rate",
    "low": "satisfaction_low",
    "high": "satisfaction_high",
}
_LEVEL_COLUMNS = {"budget": "granted_yuan", "used": "used_yuan", "balance": "balance_yuan"}
_TOWNSHIP_REASON = "township:"
# A township's reason that says too little to be recognised by its word.
_VAGUE_REASON = "其他"
_PERCENTAGE = re.compile(r"(\d+(?:\.\d+)?)%")


@dataclass(frozen=True)
class Claim:
    """What a figure may claim to be: a measure of a kind, of a township or a level of government or of the whole district.

    A single grant is claimed by its document, and by its number among the grants of that document and level.
    """

    kind: str
    measure: str
    township: str | None = None
    level: str | None = None
    document: str | None = None
    number: int = 0


@dataclass(frozen=True)
class Fact:
    """A value with the table and column that it stands in."""

    table: str
    column: str
    value: Decimal


@dataclass(frozen=True)
class Facts:
    """Everything that a report on the year can be held against."""

    year: int
    values: dict[Claim, Fact]
    townships: dict[str, str]
    reasons: frozenset[str]
    documents: frozenset[str] = frozenset()
    bureau_names: tuple[str, ...] = ()

    def district(self, measure: str, kind: str) -> Decimal | None:
        """The district's value of a measure; null if it has no source."""
        fact = self.values.get(Claim(kind, measure))
        return None if fact is None else fact.value


def load_facts(published: Path, year: int) -> Facts:
    """Read the facts of a year.

    Raises:
        DaijiaoError: there is no published file.
        UsageError: it doesn't hold the year.
    """
    with reading(published) as connection:
        summary = _rows(connection, f"SELECT * FROM {SUMMARY} WHERE policy_year = {year}")
        if not summary:
            raise UsageError(
                f"{published} holds no figures of {year}. Run `daijiao refresh --year {year}` first.",
                f"{published} 中没有 {year} 年的数据。请先运行 `daijiao refresh --year {year}`。",
            )
        participation = _rows(connection, f"SELECT * FROM {PARTICIPATION} WHERE policy_year = {year}")
        funds = _rows(connection, f"SELECT * FROM {FUND} WHERE policy_year = {year}")
        levels = _rows(connection, f"SELECT * FROM {LEVEL} WHERE policy_year = {year}")
        indicators = _rows(connection, f"SELECT * FROM {INDICATOR} WHERE policy_year = {year}")
        rungs = _rows(
            connection,
            f"SELECT reason, cast(sum(person_count) AS BIGINT) AS person_count FROM {LADDER} "
            f"WHERE policy_year = {year} AND reason IS NOT NULL GROUP BY reason",
        )
        premiums = _rows(
            connection,
            f"SELECT min(written_off_yuan) AS premium_yuan FROM {PERSON} WHERE policy_year = {year} "
            "HAVING min(written_off_yuan) = max(written_off_yuan)",
        )
        grants = _rows(
            connection,
            f"SELECT document_no, fund_level, amount_yuan FROM {POSTING} WHERE policy_year = {year} AND from_account = 'grant' "
            "ORDER BY document_no, fund_level, amount_yuan, posting_id",
        )
    values: dict[Claim, Fact] = {}
    _add_columns(values, SUMMARY, summary, None)
    _add_columns(values, PARTICIPATION, participation, "township_name")
    _add_columns(values, FUND, funds, "township_name")
    names = {row["township_code"]: row["township_name"] for row in participation}
    _add_levels(values, levels, names)
    _add_per_person(values, summary[0], premiums, levels)
    _add_indicators(values, indicators)
    reason_words = _add_reasons(values, rungs)
    documents = _add_grants(values, grants)
    return Facts(year, values, _township_spellings(list(names.values())), reason_words, documents)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    frame: pl.DataFrame = connection.sql(sql).pl()
    return frame.rows(named=True)


def _add_columns(
    values: dict[Claim, Fact], table: str, rows: Sequence[dict[str, Any]], township_column: str | None
) -> None:
    for row in rows:
        township = None if township_column is None else row[township_column]
        for kind, columns in ((PERSONS, PERSON_COLUMNS), (MONEY, MONEY_COLUMNS), (RATE, RATE_COLUMNS)):
            for measure, column in columns.items():
                if row.get(column) is not None:
                    value = Decimal(row[column]) * (100 if kind == RATE else 1)
                    values[Claim(kind, measure, township)] = Fact(table, column, value)
        if township is None:
            for measure, column in (
                ("township_balance", "township_balance_yuan"),
                ("bureau_balance", "bureau_balance_yuan"),
            ):
                values[Claim(MONEY, measure)] = Fact(table, column, Decimal(row[column]))
            if row["satisfaction_answers"] is not None:
                answers = Decimal(row["satisfaction_answers"])
                values[Claim("answers", "answers")] = Fact(table, "satisfaction_answers", answers)


def _add_levels(values: dict[Claim, Fact], levels: Sequence[dict[str, Any]], names: dict[str, str]) -> None:
    """The money of each level of government, of the district under the summary's columns where it has them."""
    for row in levels:
        level, code = row["fund_level"], row["township_code"]
        for measure, column in _LEVEL_COLUMNS.items():
            table, shown = LEVEL, column
            if code is None and level in ("municipal", "district"):
                table, shown = SUMMARY, f"{measure}_{level}_yuan"
            elif code is not None and measure == "used" and level in ("municipal", "district"):
                table, shown = FUND, f"used_{level}_yuan"
            # What is granted to a township is its part of the transfers.
            claimed = "allocated" if code is not None and measure == "budget" else measure
            township = None if code is None else names.get(code)
            values[Claim(MONEY, claimed, township, level)] = Fact(table, shown, Decimal(row[column]))
    for level in {row["fund_level"] for row in levels}:
        transfers = [row["granted_yuan"] for row in levels if row["fund_level"] == level and row["township_code"]]
        if transfers:
            fact = Fact(LEVEL, "granted_yuan", sum(map(Decimal, transfers), Decimal(0)))
            values[Claim(MONEY, "allocated", None, level)] = fact


def _add_grants(values: dict[Claim, Fact], grants: Sequence[dict[str, Any]]) -> frozenset[str]:
    """What each document granted each level, one by one; returns how a report names the documents."""
    counts: dict[Claim, int] = {}
    for row in grants:
        document = half_width(row["document_no"] or NO_SOURCE)
        of_level = Claim(MONEY, "budget", None, row["fund_level"], document)
        counts[of_level] = counts.get(of_level, 0) + 1
        values[replace(of_level, number=counts[of_level])] = Fact(POSTING, "amount_yuan", Decimal(row["amount_yuan"]))
    return frozenset(claim.document for claim in counts if claim.document)


def _add_reasons(values: dict[Claim, Fact], rungs: Sequence[dict[str, Any]]) -> frozenset[str]:
    """The persons of each reason under its words; reasons of the same words are added up. Returns the words."""
    known = {**chinese_words("state_reason"), **chinese_words("uncovered_reason")}
    counts: dict[str, int] = {}
    for rung in rungs:
        reason = rung["reason"]
        own = reason.removeprefix(_TOWNSHIP_REASON)
        is_own = reason.startswith(_TOWNSHIP_REASON) and reason not in known
        word = f"乡镇核定:{own}" if is_own else known.get(reason, reason)
        spellings = {word, word.replace(":", "："), *((own,) if is_own else ())}
        for spelling in spellings - {_VAGUE_REASON}:
            counts[spelling] = counts.get(spelling, 0) + rung["person_count"]
    values.update(
        {Claim(PERSONS, word): Fact(LADDER, "person_count", Decimal(count)) for word, count in counts.items()}
    )
    return frozenset(counts)


def _add_per_person(
    values: dict[Claim, Fact],
    summary: dict[str, Any],
    premiums: Sequence[dict[str, Any]],
    levels: Sequence[dict[str, Any]],
) -> None:
    """The premium of a person, the part that each level pays of it, and the levels' shares."""
    if premiums and premiums[0]["premium_yuan"] is not None:
        premium = Decimal(premiums[0]["premium_yuan"])
        values[Claim("per_person", "premium")] = Fact(PERSON, "written_off_yuan", premium)
    used = Decimal(summary["used_yuan"])
    if used:
        for row in levels:
            if row["township_code"] is None:
                part = Decimal(row["used_yuan"])
                level = row["fund_level"]
                per_person = Fact(LEVEL, "used_yuan", part / Decimal(summary["covered_count"]))
                values[Claim("per_person", "premium", None, level)] = per_person
                values[Claim(RATE, "share", None, level)] = Fact(LEVEL, "used_yuan", part / used * 100)
                if row["granted_yuan"]:
                    executed = part / Decimal(row["granted_yuan"]) * 100
                    values[Claim(RATE, "execution", None, level)] = Fact(LEVEL, "used_yuan", executed)


def _add_indicators(values: dict[Claim, Fact], indicators: Sequence[dict[str, Any]]) -> None:
    """Scores, and the targets of rates under the measure that their indicator's name means."""
    for row in indicators:
        if row["level2"] is None and row["level3"] is None:
            for measure, column in (("computed", "score"), ("reported", "reported_score")):
                if row[column] is not None:
                    values[Claim("score", measure)] = Fact(INDICATOR, column, Decimal(row[column]))
            continue
        target = _PERCENTAGE.search(row["target"] or "")
        cues = [cue for cue in find_cues(RATE, row["level3"] or "") if cue.is_strong]
        if target and cues:
            values[Claim("target", cues[0].measure)] = Fact(INDICATOR, "target", Decimal(target[1]))


def _township_spellings(names: Sequence[str]) -> dict[str, str]:
    """How a report may call the townships, longest spelling first."""
    spellings = {}
    for name in names:
        spellings[name] = name
        if name.endswith("街道"):
            spellings[name + "办事处"] = spellings[name.removesuffix("街道") + "办"] = name
        elif len(name) > 2 and name[-1] in "镇乡":
            spellings[name[:-1]] = name
    return dict(sorted(spellings.items(), key=lambda pair: -len(pair[0])))
