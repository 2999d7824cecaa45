"""What was planted, counted from the rows as they were made: the figures and mismatches that a refresh must find.

Everything here is a count over the columns that say what must become of a row. No rule is applied.
"""

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import polars as pl

from pipeline.contracts.tables import TableName, load_tables
from pipeline.policy import Policy
from pipeline.sample.changes import UNKNOWN_TOWNSHIP_CODE
from pipeline.sample.district import District
from pipeline.sample.scenarios import WITHDRAWN

SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class SampleSummary:
    """The plan of a sample.

    Amounts are in yuan, rates have 6 places; a rate over 0 is null. `township_participation`, `township_fund` and
    `coverage_ladder` have the columns of the published tables, `files` has `source`, `file_name`, `status`,
    `rows_read`, `rows_accepted`, `rows_quarantined` and `rows_dropped`. `disposition_counts` is by channel and
    disposition.
    """

    policy_year: int
    folder: Path
    township_participation: pl.DataFrame
    township_fund: pl.DataFrame
    coverage_ladder: pl.DataFrame
    district: dict[str, int | Decimal | None]
    mismatch_counts: dict[str, int]
    disposition_counts: dict[tuple[str, str], int]
    files: pl.DataFrame

    @property
    def file_counts(self) -> dict[str, int]:
        """The number of files by status."""
        return dict(self.files.group_by("status").len().sort("status").iter_rows())


def rate(part: Decimal | int, whole: Decimal | int | None) -> Decimal | None:
    """Part ÷ whole, rounded half up to 6 places; null where the whole is 0 or unknown."""
    return (Decimal(part) / Decimal(whole)).quantize(SIX_PLACES, ROUND_HALF_UP) if whole else None


def participation(district: District) -> pl.DataFrame:
    """Persons by the roll's township, in the columns of mart.township_participation."""
    people = district.people
    is_covered = (pl.col("state") == "eligible") & pl.col("uncovered_reason").is_null()
    covering = _lines(district).filter(pl.col("disposition") == "written_off")
    channel_of = covering.select("person", "channel")
    counts = (
        people.join(channel_of, on="person", how="left")
        .group_by("township_code")
        .agg(
            roll_count=pl.len(),
            excluded_count=(pl.col("state") == "excluded").sum(),
            unconfirmed_count=(pl.col("state") == "unconfirmed").sum(),
            eligible_count=(pl.col("state") == "eligible").sum(),
            refunded_count=(pl.col("channel") == "refund").sum(),
            paid_on_behalf_count=(pl.col("channel") == "collection").sum(),
            covered_count=is_covered.sum(),
        )
    )
    planned = district.allocations.group_by("township_code").agg(planned_count=pl.col("persons").sum())
    rows = (
        _townships(district).join(counts, on="township_code", how="left").join(planned, on="township_code", how="left")
    )
    counted = [name for name in counts.columns if name.endswith("_count")]
    rows = rows.with_columns(pl.col(counted).fill_null(0)).with_columns(
        uncovered_count=pl.col("eligible_count") - pl.col("covered_count")
    )
    return rows.with_columns(
        _rates("participation_rate", rows["covered_count"], rows["eligible_count"]),
        _rates("target_completion_rate", rows["covered_count"], rows["planned_count"]),
    ).select(load_tables()[TableName("mart", "township_participation")].column_names)


def fund(district: District) -> pl.DataFrame:
    """Money by the paying township, in the columns of mart.township_fund (a level's share: `used_<level>_yuan`)."""
    is_live = pl.col("disposition").is_in(["written_off", "disputed"]) & (pl.col("outcome") == "success")
    paid = (
        _lines(district)
        .filter(is_live)
        .group_by("township_code")
        .agg(
            paid_out_yuan=pl.col("amount_yuan").sum(),
            used_yuan=pl.col("amount_yuan").filter(pl.col("disposition") == "written_off").sum(),
        )
    )
    allocated = district.allocations.group_by("township_code").agg(allocated_yuan=pl.col("amount_yuan").sum())
    rows = (
        _townships(district).join(paid, on="township_code", how="left").join(allocated, on="township_code", how="left")
    )
    rows = rows.with_columns(pl.col("allocated_yuan", "paid_out_yuan", "used_yuan").fill_null(Decimal(0)))
    levels = [
        pl.Series(
            f"used_{level.name}_yuan", [used * level.share for used in rows["used_yuan"]], dtype=pl.Decimal(18, 2)
        )
        for level in district.policy.fund_levels
    ]
    return rows.with_columns(
        *levels,
        disputed_yuan=pl.col("paid_out_yuan") - pl.col("used_yuan"),
        balance_yuan=pl.col("allocated_yuan") - pl.col("used_yuan"),
        cash_balance_yuan=pl.col("allocated_yuan") - pl.col("paid_out_yuan"),
        utilisation_rate=_rates("utilisation_rate", rows["used_yuan"], rows["allocated_yuan"]),
    ).select(
        "policy_year",
        "township_code",
        "township_name",
        "allocated_yuan",
        "paid_out_yuan",
        "used_yuan",
        *(level.name for level in levels),
        "disputed_yuan",
        "balance_yuan",
        "cash_balance_yuan",
        "utilisation_rate",
    )


def ladder(district: District) -> pl.DataFrame:
    """Persons by township, step and reason, in the columns of mart.coverage_ladder."""
    people = district.people
    totals = participation(district)
    parts = [
        totals.select(
            "township_code", pl.lit(step).alias("step"), pl.lit(None, pl.String).alias("reason"), person_count=count
        )
        for step, count in ((1, "roll_count"), (4, "eligible_count"), (6, "covered_count"))
    ]
    for step, state, reason in (
        (2, "excluded", "state_reason"),
        (3, "unconfirmed", "state_reason"),
        (5, "eligible", "uncovered_reason"),
    ):
        counted = people.filter((pl.col("state") == state) & pl.col(reason).is_not_null())
        parts.append(
            counted.group_by("township_code", reason)
            .agg(person_count=pl.len())
            .select(
                "township_code",
                pl.lit(step).alias("step"),
                pl.col(reason).cast(pl.String).alias("reason"),
                "person_count",
            )
        )
    year = pl.lit(district.policy.policy_year).alias("policy_year")
    rows = pl.concat(parts).with_columns(pl.col("person_count").cast(pl.Int64))
    return rows.select(year, pl.all()).sort("township_code", "step", "reason")


def district_figures(district: District) -> dict[str, int | Decimal | None]:
    """The district's figures under the names of mart.district_summary."""
    participation_rows, fund_rows = participation(district), fund(district)
    counts = {
        name: int(participation_rows[name].sum()) for name in participation_rows.columns if name.endswith("_count")
    }
    amounts = {name: Decimal(fund_rows[name].sum()) for name in fund_rows.columns if name.endswith("_yuan")}
    for level, granted in district.grants.select("level_name", "amount_yuan").iter_rows():
        amounts[f"budget_{level}_yuan"] = granted
        amounts[f"balance_{level}_yuan"] = granted - amounts[f"used_{level}_yuan"]
    budget, used = Decimal(district.grants["amount_yuan"].sum()), amounts["used_yuan"]
    answered = dict(district.figures.answers)
    satisfied = sum(answered.get(word, 0) for word in ("非常满意", "满意", "基本满意"))
    return {
        **counts,
        **amounts,
        "budget_yuan": budget,
        "township_balance_yuan": amounts["allocated_yuan"] - used,
        "bureau_balance_yuan": budget - amounts["allocated_yuan"],
        "balance_yuan": budget - used,
        "participation_rate": rate(counts["covered_count"], counts["eligible_count"]),
        "target_completion_rate": rate(counts["covered_count"], counts["planned_count"]),
        "utilisation_rate": rate(used, amounts["allocated_yuan"]),
        "execution_rate": rate(used, budget),
        "benefit_disbursement_rate": rate(1, 1) if district.benefits.height else None,
        "satisfaction_rate": rate(satisfied, sum(answered.values())),
        "satisfaction_answers": sum(answered.values()),
    }


def mismatches(district: District) -> dict[str, int]:
    """The number of mismatches of each kind."""
    lines = _lines(district)
    counts: Counter[str] = Counter()
    for kinds in (district.people["mismatch"], district.classification["mismatch"], lines["mismatch"]):
        counts.update(kind for kind in kinds if kind)
    plants = Counter(district.people["roll_plant"])
    shared = lines.filter(pl.col("is_account_shared"))["account"].n_unique()
    batches = district.bank.filter(pl.col("township_code") == UNKNOWN_TOWNSHIP_CODE)["batch_no"].n_unique()
    rows = district.tax.filter(pl.col("township_code") == UNKNOWN_TOWNSHIP_CODE).height
    counts.update(
        duplicate_on_roll=plants["duplicate_on_roll"],
        member_with_two_ids=plants["member_with_two_ids"],
        unknown_township=plants["unknown_township"] + batches + rows,
        township_mismatch=int(lines["is_township_mismatch"].sum()),
        channel_mismatch=int(lines["is_channel_mismatch"].sum()),
        name_unreadable=int(lines["is_name_unreadable"].sum()),
        duplicate_account=shared,
        over_allocated=int(district.allocations["is_short"].any()),
        over_budget=int(district.allocations["amount_yuan"].sum() > district.grants["amount_yuan"].sum()),
        grant_headcount_gap=int(district.grants["has_gap"].sum()),
    )
    return {kind: count for kind, count in sorted(counts.items()) if count}


def dispositions(district: District) -> dict[tuple[str, str], int]:
    """The number of lines by channel and disposition; dropped and withdrawn rows are no lines."""
    lines = _lines(district).filter(~pl.col("disposition").is_in(["dropped", WITHDRAWN]))
    rows = lines.group_by("channel", "disposition").len().sort("channel", "disposition")
    return {(channel, disposition): count for channel, disposition, count in rows.iter_rows()}


def _lines(district: District) -> pl.DataFrame:
    return pl.concat([district.bank, district.tax], how="diagonal_relaxed")


def _townships(district: District) -> pl.DataFrame:
    policy: Policy = district.policy
    named = {township.code: township.name for township in policy.townships}
    seen = {*district.people["township_code"], *_lines(district)["township_code"]}
    if UNKNOWN_TOWNSHIP_CODE in seen:
        named[UNKNOWN_TOWNSHIP_CODE] = "未知"
    return pl.DataFrame(
        {"policy_year": policy.policy_year, "township_code": list(named), "township_name": list(named.values())}
    ).sort("township_code")


def _rates(name: str, parts: pl.Series, wholes: pl.Series) -> pl.Series:
    values = [rate(part, whole) for part, whole in zip(parts, wholes, strict=True)]
    return pl.Series(name, values, dtype=pl.Decimal(18, 6))
