"""Money and what it is measured by: grants, transfers to the townships, benefits paid, questionnaires.

All add up to the year's figures, whatever the people's lines came to in each township.
"""

from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.dealing import township_of
from pipeline.sample.figures import YearFigures, at_least_one
from pipeline.sample.scenarios import SLOW
from pipeline.sample.working_days import next_working_day

GIVEN_BACK = 10
"""Persons for whom the greatest township got money too much in September, and gave it back in November."""

SHORT_BY = 60
"""Persons of a full district for whom one township received less than it used."""

SLOW_WEIGHT = 2
"""How many times its share the slow township has of the money that is left."""

MONTHLY_BENEFIT_YUAN = (103, 103, 103, 108, 112, 118, 126)


def make_grants(policy: Policy, figures: YearFigures) -> pl.DataFrame:
    """A grant a funding level: the planned headcount's share, and on the last level that of the gap, too."""
    rows = []
    for place, level in enumerate(policy.fund_levels):
        is_last = place == len(policy.fund_levels) - 1
        persons = figures.planned_count + (figures.grant_gap_count if is_last else 0)
        rows.append(
            {
                "document_no": f"模拟财社〔{policy.policy_year}〕{27 + place}号",
                "fund_level": level.word,
                "level_name": level.name,
                "amount_yuan": persons * policy.premium_yuan * level.share,
                "persons": figures.planned_count,
                "document_date": next_working_day(date(policy.policy_year, 3 + place % 9, 18)),
                "has_gap": is_last and figures.grant_gap_count != 0,
            }
        )
    return pl.DataFrame(rows, schema_overrides={"amount_yuan": pl.Decimal(18, 2)})


def make_allocations(policy: Policy, figures: YearFigures, used_counts: dict[str, int], is_clean: bool) -> pl.DataFrame:
    """The transfers: persons by township that add up to the planned headcount, each with its premium.

    `used_counts` is the number of persons written off by each township. One township is left short, unless the sample
    is clean. The greatest township gets its money in two transfers, the second with some too much that it
    gives back.
    """
    codes = [township.code for township in policy.townships]
    names = {township.code: township.name for township in policy.townships}
    used = {code: used_counts.get(code, 0) for code in codes}
    margin = figures.planned_count - sum(used.values())
    greatest, least = max(codes, key=lambda code: used[code]), min(codes, key=lambda code: used[code])
    short = 0 if is_clean else min(at_least_one(SHORT_BY, figures.roll_count), used[least])
    slow = township_of(policy, SLOW)
    weights = {code: used[code] * (SLOW_WEIGHT if code == slow else 1) for code in codes if is_clean or code != least}
    margins = _shared_out(margin + short, weights)
    planned = {code: used[code] + margins.get(code, -short) for code in codes}
    rows = [
        {"township_code": code, "township": names[code], "persons": persons, "document_date": day}
        for code in codes
        for persons, day in _transfers(
            planned[code], code == greatest, policy.policy_year, 0 if is_clean else GIVEN_BACK
        )
    ]
    return (
        pl.DataFrame(rows)
        .with_columns(
            amount_yuan=(pl.col("persons") * int(policy.premium_yuan * 100)).cast(pl.Decimal(18, 2)) / 100,
            document_no=pl.lit(f"模拟就扶办〔{policy.policy_year}〕")
            + pl.col("document_date").dt.month().cast(pl.String)
            + "号",
            is_short=pl.col("township_code") == (least if short else ""),
        )
        .with_columns(pl.col("amount_yuan").cast(pl.Decimal(18, 2)))
    )


def make_benefits(people: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """One row a month and person who receives benefits: some months are paid short and made good in the next."""
    receiving = people.filter(
        (pl.col("status") == "aged_60_or_over") & (pl.col("benefit_status") == "正常领取")
    ).select(
        "person",
        "id_no",
        "name",
        pl.lit(pl.Series(MONTHLY_BENEFIT_YUAN))
        .gather(pl.col("number") % len(MONTHLY_BENEFIT_YUAN))
        .alias("due_amount_yuan"),
    )
    months = pl.DataFrame({"month_number": range(1, 13)})
    is_late = pl.col("person") % 97 == 0
    return (
        receiving.join(months, how="cross")
        .with_columns(
            month=pl.lit(f"{policy.policy_year}") + pl.col("month_number").cast(pl.String).str.zfill(2),
            amount_yuan=pl.when(is_late & (pl.col("month_number") == 5))
            .then(0)
            .when(is_late & (pl.col("month_number") == 6))
            .then(pl.col("due_amount_yuan") * 2)
            .otherwise("due_amount_yuan")
            .cast(pl.Decimal(18, 2)),
            due_amount_yuan=pl.col("due_amount_yuan").cast(pl.Decimal(18, 2)),
        )
        .sort("month", "person")
    )


def make_answers(figures: YearFigures, rng: np.random.Generator) -> pl.DataFrame:
    """One row a questionnaire, in no order."""
    answers = [word for word, count in figures.answers for _ in range(count)]
    return pl.DataFrame({"answer": [answers[place] for place in rng.permutation(len(answers))]})


def _shared_out(total: int, weights: dict[str, int]) -> dict[str, int]:
    """The total in whole persons by weight, the remainders to the greatest fractions."""
    whole = Decimal(sum(weights.values()))
    exact = {code: total * weight / whole for code, weight in weights.items()}
    shares = {code: int(share) for code, share in exact.items()}
    left = total - sum(shares.values())
    for code in sorted(exact, key=lambda each: (shares[each] - exact[each], each))[:left]:
        shares[code] += 1
    return shares


def _transfers(persons: int, in_two: bool, year: int, given_back: int) -> list[tuple[int, date]]:
    if not in_two:
        return [(persons, next_working_day(date(year, 4, 26)))]
    first = persons * 4 // 5
    later = [(persons - first + given_back, next_working_day(date(year, 9, 2)))]
    returned = [(-given_back, next_working_day(date(year, 11, 8)))] if given_back else []
    return [(first, next_working_day(date(year, 4, 26))), *later, *returned]
