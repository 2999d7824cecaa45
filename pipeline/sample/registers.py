"""What is known of the people beside the poverty roll: townships' verification, pension register, category rolls.

Only rows are made here. People of the district who are not on the poverty roll stand in some of these lists, too.
"""

from datetime import date

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.figures import at_least_one, scaled
from pipeline.sample.identity import stranger_ids, with_lost_digits, with_wrong_digit
from pipeline.sample.names import draw_given_names, draw_surnames
from pipeline.sample.scenarios import DIED_AFTER_PAYMENT
from pipeline.sample.statuses import COLLECTION, INELIGIBLE, REFUND
from pipeline.sample.working_days import next_working_days

FIRST_ROUND = 1
SECOND_ROUND = 2
HOUSEHOLD_KINDS = {"低保": "低保贫困户", "特困": "特困供养贫困户"}
"""The poverty roll's word for the households whose members stand on a category's list."""

STRANGER_COUNT = 150
CHANGED_CLASS_COUNT = 1_900
CLASSIFIED_STRANGER_COUNT = 20
CLASSIFIED_INVALID_COUNT = 9
CLASSIFIED_LOST_COUNT = 7


def make_strangers(people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Persons of the district who are not on the poverty roll: name, ID, and the village of somebody who is."""
    count = min(STRANGER_COUNT, people.height)
    is_male = rng.random(count) < 0.5
    places = people.filter(pl.col("township_code") != "000000000")
    return (
        places.gather(np.sort(rng.choice(places.height, count, replace=False)))
        .select("township_code", "township", "village_name", "birth_date")
        .with_columns(
            name=draw_surnames(count, rng) + draw_given_names(is_male, rng),
            id_no=stranger_ids(pl.col("birth_date")),
        )
    )


def make_classification(
    people: pl.DataFrame, strangers: pl.DataFrame, policy: Policy, rng: np.random.Generator, is_clean: bool
) -> pl.DataFrame:
    """One row a verification; `round` is 1 in spring and 2 in autumn, `mismatch` the kind that a row raises by itself.

    Some persons were verified in spring with another class than the one that stands.
    """
    known = people.filter(pl.col("class").is_not_null() & ~pl.col("status").is_in(["invalid_id", "id_precision_lost"]))
    chance = pl.Series(rng.random(known.height))
    changed = scaled(CHANGED_CLASS_COUNT, people.height) / known.height
    is_second = (chance < changed) & (pl.col("status") != "classified_twice")
    rows = _verified(known.with_columns(round=pl.when(is_second).then(SECOND_ROUND).otherwise(FIRST_ROUND)))
    earlier = rows.filter(pl.col("round") == SECOND_ROUND).with_columns(
        pl.lit(INELIGIBLE).alias("class"),
        pl.lit("外出失联").alias("class_reason"),
        pl.lit(FIRST_ROUND).alias("round"),
    )
    parts = [rows, earlier]
    if not is_clean:
        twice = known.filter(pl.col("status") == "classified_twice")["person"]
        parts += [_second_class(rows.filter(pl.col("person").is_in(twice.implode())))]
        parts += [_of_strangers(strangers, people.height), *_without_valid_id(rows, people.height)]
    days = {FIRST_ROUND: date(policy.policy_year, 4, 8), SECOND_ROUND: date(policy.policy_year, 10, 14)}
    verified = pl.col("round").replace_strict(days, return_dtype=pl.Date) + pl.duration(days=pl.col("person") % 25)
    rows = pl.concat(parts, how="vertical_relaxed").with_columns(verified_date=verified)
    rows = rows.with_columns(verified_date=next_working_days(rows["verified_date"], policy.policy_year))
    return rows.sort("round", "township_code", "person", maintain_order=True)


def make_register(people: pl.DataFrame, year: int) -> pl.DataFrame:
    """One row a person of 16 or more, with self-payments where the register has them.

    Of those who died after their payment every other one has the day of his death alone.
    """
    has_died_late = pl.col("scenario") == DIED_AFTER_PAYMENT
    is_paid = pl.col("is_self_paid_in_register")
    is_insured = pl.col("state").is_in(["eligible", "unconfirmed"]) | (pl.col("benefit_status") != "未领取")
    ended = pl.col("exclusion").is_in(["死亡", "迁出", "出国(境)"])
    return people.filter(pl.col("age") >= 16).select(
        "person",
        "id_no",
        "name",
        pl.when(has_died_late & (pl.col("person") % 2 == 0))
        .then(pl.lit("死亡"))
        .otherwise("exclusion")
        .alias("exclusion"),
        pl.when(has_died_late).then(date(year, 11, 20) + pl.duration(days=pl.col("person") % 9)).alias("death_date"),
        "benefit_status",
        pl.when(is_insured)
        .then(pl.lit("正常参保"))
        .when(ended)
        .then(pl.lit("终止参保"))
        .when(pl.col("exclusion").is_not_null())
        .then(pl.lit("暂停参保"))
        .otherwise(pl.lit("未参保"))
        .alias("insured_status"),
        pl.when(is_paid).then("self_paid_amount_yuan").alias("self_paid_amount_yuan"),
        pl.when(is_paid).then("self_paid_date").alias("self_paid_date"),
    )


def make_category_rolls(people: pl.DataFrame, strangers: pl.DataFrame) -> pl.DataFrame:
    """One row a person and category: 低保 and 特困 by household, and the 重度残疾 for whom the province pays."""
    sound = people.filter(~pl.col("status").is_in(["invalid_id", "id_precision_lost"]))
    disabled = sound.filter(pl.col("is_severely_disabled")).with_columns(category=pl.lit("重度残疾"))
    parts = [disabled.select("person", "name", "id_no", "category")]
    for category, household_kind in HOUSEHOLD_KINDS.items():
        picked = sound.filter(pl.col("household_kind") == household_kind)
        outside = strangers.with_columns(person=pl.lit(None, pl.Int64))
        named = [rows.select("person", "name", "id_no") for rows in (picked, outside)]
        parts.append(pl.concat(named).with_columns(category=pl.lit(category)))
    return pl.concat(parts)


def _verified(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select(
        "person",
        "township_code",
        "township",
        "village_name",
        "name",
        pl.col("id_no").alias("id_text"),
        "class",
        "class_reason",
        "round",
        pl.lit(None, pl.String).alias("mismatch"),
    )


def _second_class(rows: pl.DataFrame) -> pl.DataFrame:
    """The other row of those who are classified twice on one day."""
    other = pl.when(pl.col("class") == REFUND).then(pl.lit(COLLECTION)).otherwise(pl.lit(REFUND))
    return rows.with_columns(other.alias("class"))


def _of_strangers(strangers: pl.DataFrame, persons: int) -> pl.DataFrame:
    rows = strangers.head(at_least_one(CLASSIFIED_STRANGER_COUNT, persons)).with_columns(
        pl.lit(0, pl.Int64).alias("person"),
        pl.lit(REFUND).alias("class"),
        pl.lit(None, pl.String).alias("class_reason"),
        pl.lit(FIRST_ROUND).alias("round"),
    )
    return _verified(rows).with_columns(mismatch=pl.lit("classified_not_on_roll"))


def _without_valid_id(rows: pl.DataFrame, persons: int) -> list[pl.DataFrame]:
    """Rows that a township wrote once more, with a damaged ID, for persons whose right row stands beside them."""
    invalid_count = at_least_one(CLASSIFIED_INVALID_COUNT, persons)
    lost_count = at_least_one(CLASSIFIED_LOST_COUNT, persons)
    sound = rows.filter(pl.col("class") == REFUND)
    invalid = sound.gather_every(7).head(invalid_count)
    lost = sound.gather_every(7, offset=3).head(lost_count)
    return [
        invalid.with_columns(id_text=with_wrong_digit(pl.col("id_text")), mismatch=pl.lit("invalid_id")),
        lost.with_columns(id_text=with_lost_digits(pl.col("id_text")), mismatch=pl.lit("id_precision_lost")),
    ]
