"""The poverty roll's snapshots, with the mismatches that a roll can show.

The columns are those of the office's export. Only rows are made here; files come from `roll_files.py`.
"""

from datetime import date
from functools import partial

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.changes import OTHER_CHARACTERS, UNKNOWN_TOWNSHIP, UNKNOWN_TOWNSHIP_CODE
from pipeline.sample.figures import at_least_one
from pipeline.sample.identity import with_lost_digits, with_wrong_digit
from pipeline.sample.population import dealt_by_share, scores

SNAPSHOT_DAYS = ((3, 31), (6, 30), (11, 30))
LATEST = len(SNAPSHOT_DAYS) - 1

FEWEST_POOR_YEARS = 7
"""Years from 2014 on in which households leave poverty, as many in each."""

ROLL_COLUMNS = {
    "行政县": "county",
    "乡镇": "township",
    "行政村": "village_name",
    "自然村": "hamlet",
    "户编号": "household_no",
    "人编号": "member_no",
    "姓名": "name",
    "证件号码": "id_text",
    "人数": "household_size",
    "与户主关系": "relation",
    "民族": "nation",
    "文化程度": "education",
    "在校生状况": "schooling",
    "健康状况": "health",
    "劳动技能": "skill",
    "务工状况": "migrant_work",
    "务工时间": "migrant_months",
    "参加大病医疗": "serious_illness_insurance",
    "脱贫属性": "poverty_status",
    "脱贫年度": "poverty_left_year",
    "贫困户属性": "household_kind",
    "主要致贫原因": "cause",
    "危房户": "unsafe_house",
    "饮水安全": "safe_water",
    "饮水困难": "water_shortage",
    "人均纯收入": "income",
    "联系电话": "phone",
}
"""The headers of the office's export, and the column of each."""

OF_A_ROW = ("person", "number", "household", "age", "township_code", "status", "roll_plant", "id_is_number")
"""What else is known of each of its rows."""

ROLL_PLANTS = {"duplicate_on_roll": 30, "unknown_township": 4, "moved": 40, "member_with_two_ids": 24}
"""Persons of a full district who stand twice in the latest snapshot, in a township that nobody knows, who moved, or who
have the number of their household's head."""


def snapshot_dates(year: int) -> list[date]:
    """The dates of the year's snapshots."""
    return [date(year, month, day) for month, day in SNAPSHOT_DAYS]


def with_roll_plants(people: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """The people with `roll_plant`, and with the unknown township where they have it on the roll."""
    plants = np.full(people.height, "", dtype=object)
    is_throughout = (people["first_snapshot"] == 0) & (people["last_snapshot"] == LATEST)
    is_sound = is_throughout & people["mismatch"].is_null()
    heads = people.filter(is_sound & (people["place"] == 0))["household"]
    masks = {
        "unknown_township": is_sound & (people["status"] == "under_16"),
        "member_with_two_ids": is_sound & (people["place"] == 1) & people["household"].is_in(heads.implode()),
    }
    for plant, count in ROLL_PLANTS.items():
        mask = masks.get(plant, is_sound)
        fitting = np.flatnonzero(mask.to_numpy() & (plants == ""))
        plants[rng.choice(fitting, min(at_least_one(count, people.height), len(fitting)), replace=False)] = plant
    is_unknown = pl.col("roll_plant") == "unknown_township"
    return people.with_columns(roll_plant=pl.Series(plants.astype(str))).with_columns(
        township_code=pl.when(is_unknown).then(pl.lit(UNKNOWN_TOWNSHIP_CODE)).otherwise("township_code"),
        township=pl.when(is_unknown).then(pl.lit(UNKNOWN_TOWNSHIP)).otherwise("township"),
        member_no=pl.when(pl.col("roll_plant") == "member_with_two_ids")
        .then(pl.col("household_no") + "01")
        .otherwise("member_no"),
    )


def make_roll(people: pl.DataFrame, policy: Policy, seed: int, snapshot: int) -> pl.DataFrame:
    """One row a person of a snapshot (counted from 0), and the rows that make a person stand twice in it."""
    rows = _with_roll_ids(people)
    is_standing = pl.lit(snapshot).is_between(pl.col("first_snapshot"), pl.col("last_snapshot"))
    known = [column for column in ROLL_COLUMNS.values() if column in rows.columns]
    standing = rows.select(*known, *OF_A_ROW).filter(rows.select(is_standing).to_series())
    of_latest = standing if snapshot == LATEST else standing.clear()
    parts = [
        _moved(standing, policy) if snapshot < LATEST else standing,
        of_latest.filter(pl.col("roll_plant") == "duplicate_on_roll"),
        _on_other_roll(standing.filter(pl.col("status") == "on_two_township_rolls"), policy, snapshot),
        _with_second_name(of_latest.filter(pl.col("status") == "id_with_two_names")),
    ]
    return _with_export_columns(pl.concat(parts).sort("person", maintain_order=True), policy, seed)


def _with_roll_ids(people: pl.DataFrame) -> pl.DataFrame:
    """`id_text` as the roll has it: damaged for the unidentified, some of them as a number of the latest workbooks."""
    turn = pl.col("person").rank("ordinal").over("status").cast(pl.Int32)
    is_number = (pl.col("status") == "id_precision_lost") & (turn % 2 == 0)
    invalid = (
        pl.when(turn % 4 == 1)
        .then(with_wrong_digit(pl.col("id_no")))
        .when(turn % 4 == 2)
        .then(pl.col("id_no").str.head(17))
        .when(turn % 4 == 3)
        .then(pl.lit("无身份证"))
        .otherwise(pl.lit(""))
    )
    return people.with_columns(
        id_text=pl.when(pl.col("status") == "invalid_id")
        .then(invalid)
        .when(is_number)
        .then(pl.col("id_no").str.head(15) + "000")
        .when(pl.col("status") == "id_precision_lost")
        .then(with_lost_digits(pl.col("id_no")))
        .otherwise("id_no"),
        id_is_number=is_number,
        first_snapshot=pl.when(is_number).then(LATEST).otherwise("first_snapshot"),
    )


def _with_export_columns(people: pl.DataFrame, policy: Policy, seed: int) -> pl.DataFrame:
    """The columns of the office's export that no rule reads; those of a household are equal for its members.

    Most stay as they are from year to year.
    """
    year = policy.policy_year
    by_household, by_person = people["household"], people["number"]

    def of_household(column: str, words: dict[str, float]) -> pl.Series:
        return dealt_by_share(scores(seed, column, by_household), words)

    def of_person(column: str, words: dict[str, float]) -> pl.Series:
        return dealt_by_share(scores(seed, column, by_person), words)

    word = partial(pl.lit, dtype=pl.Categorical)
    is_adult = pl.col("age") >= 16
    is_student = pl.col("schooling").is_not_null()
    is_working = is_adult & (pl.col("age") < 60) & ~is_student
    left_year = pl.Series(2014 + (scores(seed, "poverty_left_year", by_household) * FEWEST_POOR_YEARS).astype(int))
    is_left = left_year < policy.policy_year
    columns = people.with_columns(
        county=word(policy.district_name),
        hamlet=of_household("hamlet", {"一组": 0.3, "二组": 0.3, "三组": 0.2, "四组": 0.2}),
        nation=of_household("nation", {"汉族": 0.80, "彝族": 0.11, "苗族": 0.04, "回族": 0.03, "布依族": 0.02}),
        education=pl.when(is_adult & ~is_student).then(
            of_person("education", {"文盲或半文盲": 0.12, "小学": 0.48, "初中": 0.34, "高中": 0.06})
        ),
        health=of_person("health", {"健康": 0.88, "长期慢性病": 0.08, "患有大病": 0.02, "残疾": 0.02}),
        skill=pl.when(is_working).then(of_person("skill", {"普通劳动力": 0.86, "技能劳动力": 0.06, "无劳动力": 0.08})),
        migrant_work=pl.when(is_working).then(
            of_person("migrant_work", {"": 0.62, "县外省内务工": 0.22, "省外务工": 0.16})
        ),
        months=pl.Series(2 + (scores(seed, f"months {year}", by_person) * 10).astype(int))
        .cast(pl.String)
        .cast(pl.Categorical),
        serious_illness_insurance=word("是"),
        poverty_status=pl.when(is_left).then(word("已脱贫")).otherwise(word("未脱贫")),
        cause=of_household("cause", {"缺资金": 0.31, "缺技术": 0.36, "因病": 0.14, "因学": 0.09, "交通条件落后": 0.10}),
        unsafe_house=of_household("unsafe_house", {"否": 0.97, "是": 0.03}),
        safe_water=of_household("safe_water", {"是": 0.98, "否": 0.02}),
        water_shortage=of_household("water_shortage", {"否": 0.98, "是": 0.02}),
        income=pl.Series(3_800 + (scores(seed, f"income {year}", by_household) * 5_800).astype(int)),
        phone=pl.lit("100") + (pl.col("household") * 7_919 % 100_000_000).cast(pl.String).str.zfill(8),
    )
    return columns.with_columns(
        schooling=pl.when(is_student).then("schooling").when(is_adult).then(word("非在校生")),
        migrant_months=pl.when(pl.col("migrant_work") != "").then("months"),
        poverty_left_year=pl.when(pl.col("poverty_status") == "已脱贫").then(
            left_year.cast(pl.String).cast(pl.Categorical)
        ),
        phone=pl.when(is_adult).then("phone"),
    )


def _moved(standing: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Before the latest snapshot, those who moved stood on the following township's roll."""
    has_moved = pl.col("roll_plant") == "moved"
    return pl.concat([standing.filter(~has_moved), _elsewhere(standing.filter(has_moved), policy)])


def _on_other_roll(standing: pl.DataFrame, policy: Policy, snapshot: int) -> pl.DataFrame:
    """A second row in the following township: in the latest snapshot only where its code is the greater."""
    is_after = pl.col("township_code") < policy.townships[-1].code
    in_latest = is_after & (pl.col("person") % 2 == 0)
    return _elsewhere(standing.filter(pl.lit(snapshot) == pl.when(in_latest).then(LATEST).otherwise(0)), policy)


def _elsewhere(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """The rows in the first village of the following township, in a household of its own."""
    townships = list(policy.townships)
    following = {each.code: other for each, other in zip(townships, townships[1:] + townships[:1], strict=True)}
    first_village = {village.parent_code: village for village in reversed(policy.villages or policy.townships)}
    code = pl.col("township_code")
    village_names = {
        each: first_village[other.code].name if other.code in first_village else other.name
        for each, other in following.items()
    }
    return rows.with_columns(
        township=code.replace_strict({each: other.name for each, other in following.items()}).cast(pl.Categorical),
        village_name=code.replace_strict(village_names).cast(pl.Categorical),
        household_no=pl.concat_str(
            code.replace_strict({each: other.code for each, other in following.items()}),
            pl.lit("001"),
            (pl.col("person") % 1000 + 9000).cast(pl.String),
        ),
    )


def _with_second_name(rows: pl.DataFrame) -> pl.DataFrame:
    character = pl.lit(OTHER_CHARACTERS).str.slice(pl.int_range(pl.len()) % len(OTHER_CHARACTERS), 1)
    return rows.with_columns(name=pl.col("name").str.head(-1) + character, member_no=pl.col("household_no") + "99")
