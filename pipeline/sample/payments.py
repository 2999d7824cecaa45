"""The lines of bank and tax bureau: payments by scenario, self-payments, and other items that the tax bureau levies.

`disposition`, `mismatch` and the columns `is_…` say what must become of a line; they come from its scenario. How lines
are laid out in files is the business of `return_files.py`.
"""

from datetime import date

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.changes import UNKNOWN_TOWNSHIP, UNKNOWN_TOWNSHIP_CODE, apply_changes
from pipeline.sample.dealing import scenarios_of
from pipeline.sample.figures import YearFigures, scaled
from pipeline.sample.population import word
from pipeline.sample.scenarios import LOST_LIST, PLAIN, LinePlan
from pipeline.sample.statuses import REFUND
from pipeline.sample.working_days import next_working_days

PENSION_ITEM = "10210城乡居民基本养老保险费"
HEALTH_ITEM = "10212城乡居民基本医疗保险费"
HEALTH_ITEM_COUNT = 2_400
"""Rows of the health insurance in a full district's tax files; they are dropped."""

FIRST_BANK_DAY = {1: (6, 3), 2: (9, 9), 3: (11, 11), 4: (1, 8)}
FIRST_TAX_DAY = {1: (5, 6), 2: (9, 2), 3: (11, 4), 4: (1, 4)}
TAX_DAYS = {1: 46, 2: 21, 3: 19, 4: 12}
LATE_SELF_PAYMENT = "refund_before_self_payment"


def make_lines(
    people: pl.DataFrame, policy: Policy, figures: YearFigures, rng: np.random.Generator, is_clean: bool
) -> pl.DataFrame:
    """Every line of the people's scenarios: channel, paying township, date, amount, outcome, what must become of it."""
    rows_of = people.partition_by("scenario", as_dict=True)
    parts = [
        _planned(rows_of[(scenario.name,)], plan)
        for scenario in (*scenarios_of(figures, is_clean), *PLAIN)
        if (scenario.name,) in rows_of
        for plan in scenario.lines
    ]
    lines = pl.concat(parts).with_columns(
        amount_yuan=pl.lit(policy.premium_yuan, dtype=pl.Decimal(18, 2)),
        period_year=pl.lit(policy.policy_year),
        is_name_unreadable=pl.lit(False),
        is_township_mismatch=pl.lit(False),
        is_account_shared=pl.lit(False),
    )
    return _dated(apply_changes(lines, policy), policy, rng)


def lost_lines(people: pl.DataFrame, policy: Policy, rng: np.random.Generator) -> pl.DataFrame:
    """The lines of June that stand only in a list that never came whole."""
    lines = _planned(people.filter(pl.col("scenario") == LOST_LIST), LinePlan(1, channel="refund"))
    amount = pl.lit(policy.premium_yuan, dtype=pl.Decimal(18, 2))
    return bank_lines(_dated(lines.with_columns(amount_yuan=amount), policy, rng), policy).with_columns(
        batch_no=pl.col("batch_no") + "-2"
    )


def with_self_payments(
    people: pl.DataFrame, lines: pl.DataFrame, policy: Policy, rng: np.random.Generator
) -> pl.DataFrame:
    """Whoever has a refund paid himself before, by the register, by the tax bureau's rows, or by both."""
    refunded = lines.filter(pl.col("channel") == "refund").select("person").unique()
    year, count = policy.policy_year, people.height
    early = next_working_days(pl.Series(np.datetime64(date(year, 1, 8)) + rng.integers(0, 110, count)), year)
    late = next_working_days(pl.Series(np.datetime64(date(year, 7, 5)) + rng.integers(0, 45, count)), year)
    times = pl.Series(rng.choice([1, 1, 1, 1, 2, 3, 5, 10, 20], count))
    chance = pl.Series(rng.random(count))
    is_late = pl.col("scenario") == LATE_SELF_PAYMENT
    is_paid = pl.col("person").is_in(refunded["person"].implode())
    return people.with_columns(
        self_paid_date=pl.when(is_paid).then(pl.when(is_late).then(late).otherwise(early)),
        self_paid_amount_yuan=pl.when(is_paid).then((times * int(policy.premium_yuan)).cast(pl.Decimal(18, 2))),
        is_self_paid_in_register=is_paid & (is_late | (chance < 0.65)),
        is_self_paid_in_tax=is_paid & ~is_late & (chance >= 0.55),
    )


def bank_lines(lines: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The refunds with batch and line number, in the order of their batches."""
    return (
        lines.filter(pl.col("channel") == "refund")
        .sort("round", "township_code", "person", maintain_order=True)
        .with_columns(
            batch_no=pl.lit("B")
            + pl.col("paid_date").dt.strftime("%Y%m")
            + "-"
            + (_position(policy) + 1).cast(pl.String).str.zfill(3),
        )
        .with_columns(line_no=pl.int_range(1, pl.len() + 1).over("batch_no"))
    )


def tax_lines(lines: pl.DataFrame, people: pl.DataFrame, policy: Policy, rng: np.random.Generator) -> pl.DataFrame:
    """Collections, self-payments and health insurance as the tax bureau's rows, with vouchers, in order of date."""
    collected = lines.filter(pl.col("channel") == "collection").with_columns(
        levy_item=word(PENSION_ITEM), payer_kind=word("财政代缴")
    )
    self_paid = _self_paid(people.filter("is_self_paid_in_tax"), policy)
    insured = people.filter(pl.col("age") >= 16)
    count = scaled(HEALTH_ITEM_COUNT, people.height)
    health = _health(insured.gather(np.sort(rng.choice(insured.height, count, replace=False))), policy, rng)
    rows = pl.concat([collected, self_paid, health], how="diagonal_relaxed")
    rows = rows.sort("paid_date", "person", maintain_order=True)
    voucher = pl.lit(f"3530198{policy.policy_year}") + pl.int_range(1, pl.len() + 1).cast(pl.String).str.zfill(9)
    return rows.with_columns(
        voucher_no=voucher,
        **{
            name: pl.col(name).fill_null(False)
            for name in ("is_name_unreadable", "is_township_mismatch", "is_account_shared", "is_channel_mismatch")
        },
    )


def _planned(people: pl.DataFrame, plan: LinePlan) -> pl.DataFrame:
    own = pl.when(pl.col("class") == REFUND).then(word("refund")).otherwise(word("collection"))
    other = pl.when(pl.col("class") == REFUND).then(word("collection")).otherwise(word("refund"))
    channel = {"own": own, "other": other}.get(plan.channel, word(plan.channel))
    return people.select(
        "person",
        "scenario",
        "group",
        "name",
        "id_no",
        "account",
        "township_code",
        pl.col("township_code").alias("roll_township_code"),
        channel.alias("channel"),
        pl.lit(plan.round).alias("round"),
        word(plan.outcome).alias("outcome"),
        word(plan.failure_reason).alias("failure_reason"),
        word(plan.disposition).alias("disposition"),
        word(plan.mismatch).alias("mismatch"),
        word(plan.change).alias("change"),
        pl.lit(plan.channel == "other").alias("is_channel_mismatch"),
    )


def _dated(lines: pl.DataFrame, policy: Policy, rng: np.random.Generator) -> pl.DataFrame:
    """A bank's batch has one date a township and round; the tax bureau enters each row on a working day of its own."""
    chance = pl.Series(rng.random(lines.height))
    bank_day = _first_day(FIRST_BANK_DAY, policy) + pl.duration(days=_position(policy) % 8 * 3)
    tax_days = pl.col("round").replace_strict(TAX_DAYS)
    tax_day = _first_day(FIRST_TAX_DAY, policy) + pl.duration(days=(chance * tax_days).cast(pl.Int64))
    dated = lines.with_columns(
        paid_date=pl.when(pl.col("channel") == "refund").then(bank_day).otherwise(tax_day),
        township=_township_name(policy),
    )
    return dated.with_columns(paid_date=next_working_days(dated["paid_date"], policy.policy_year))


def _first_day(days: dict[int, tuple[int, int]], policy: Policy) -> pl.Expr:
    year = policy.policy_year
    dates = {each: date(year + (each == 4), month, day) for each, (month, day) in days.items()}
    return pl.col("round").replace_strict(dates, return_dtype=pl.Date)


def _position(policy: Policy) -> pl.Expr:
    positions = {township.code: position for position, township in enumerate(policy.townships)}
    return pl.col("township_code").replace_strict({**positions, UNKNOWN_TOWNSHIP_CODE: 99}, return_dtype=pl.Int64)


def _township_name(policy: Policy) -> pl.Expr:
    names = {township.code: township.name for township in policy.townships}
    return (
        pl.col("township_code").replace_strict({**names, UNKNOWN_TOWNSHIP_CODE: UNKNOWN_TOWNSHIP}).cast(pl.Categorical)
    )


def _self_paid(people: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    return people.select(
        "person",
        "name",
        "id_no",
        "township_code",
        "township",
        word("collection").alias("channel"),
        pl.col("self_paid_amount_yuan").alias("amount_yuan"),
        pl.col("self_paid_date").alias("paid_date"),
        pl.lit(policy.policy_year).alias("period_year"),
        word("success").alias("outcome"),
        word("self_paid").alias("disposition"),
        word(PENSION_ITEM).alias("levy_item"),
        word("个人缴费").alias("payer_kind"),
    )


def _health(people: pl.DataFrame, policy: Policy, rng: np.random.Generator) -> pl.DataFrame:
    days = pl.Series(np.datetime64(date(policy.policy_year, 2, 1)) + rng.integers(0, 300, people.height))
    return people.select(
        "person",
        "name",
        "id_no",
        "township_code",
        "township",
        word("collection").alias("channel"),
        pl.lit("250.00").cast(pl.Decimal(18, 2)).alias("amount_yuan"),
        next_working_days(days, policy.policy_year).alias("paid_date"),
        pl.lit(policy.policy_year).alias("period_year"),
        word("success").alias("outcome"),
        word("dropped").alias("disposition"),
        word(HEALTH_ITEM).alias("levy_item"),
        word("个人缴费").alias("payer_kind"),
    )
