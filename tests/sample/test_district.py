"""What the sample says that it planted is what the second count finds in its files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pipeline import landing
from pipeline.checks.counted_again import file_facts
from pipeline.checks.second_count import RunFacts
from pipeline.checks.second_count.count import count
from pipeline.checks.second_count.tables import Counted, Table, tables_of
from pipeline.contracts.codes import load_codes
from pipeline.policy import load_policy
from pipeline.sample import summary, write_sample
from pipeline.sample.district import District, make_district
from pipeline.sample.rolls import LATEST, make_roll
from tests.deep import only_deep, only_whole

CASES = [
    pytest.param(2020, 700, False, 3, marks=only_whole("tests/pipeline holds a dirty sample of 2019 against its plan")),
    (2018, 300, True, 5),
    pytest.param(2019, 2000, False, 2, marks=only_deep("further samples")),
    pytest.param(2017, 700, False, 4, marks=only_deep("further samples")),
    pytest.param(2019, None, False, 2019, marks=only_deep("a whole district")),
]
KEY = "a key for invented persons, of no use elsewhere"

FIGURES_OF_2019 = {
    "roll_count": 103_600,
    "planned_count": 65_443,
    "eligible_count": 61_722,
    "covered_count": 61_722,
    "budget_municipal_yuan": Decimal("5235440.00"),
    "budget_district_yuan": Decimal("1476700.00"),
    "budget_yuan": Decimal("6712140.00"),
    "allocated_yuan": Decimal("6544300.00"),
    "used_yuan": Decimal("6172200.00"),
    "used_municipal_yuan": Decimal("4937760.00"),
    "used_district_yuan": Decimal("1234440.00"),
    "township_balance_yuan": Decimal("372100.00"),
    "bureau_balance_yuan": Decimal("167840.00"),
    "balance_yuan": Decimal("539940.00"),
    "balance_municipal_yuan": Decimal("297680.00"),
    "balance_district_yuan": Decimal("242260.00"),
    "participation_rate": Decimal("1.000000"),
    "target_completion_rate": Decimal("0.943141"),
    "utilisation_rate": Decimal("0.943141"),
    "execution_rate": Decimal("0.919558"),
    "benefit_disbursement_rate": Decimal("1.000000"),
    "satisfaction_rate": Decimal("0.900000"),
    "satisfaction_answers": 20,
}


def district_of(year: int, persons: int | None, is_clean: bool = False, seed: int = 7) -> District:
    """A district as rows."""
    return make_district(load_policy(year), persons, np.random.default_rng(seed), is_clean)


def latest_roll(district: District) -> pl.DataFrame:
    """The latest snapshot of the district's poverty roll."""
    return make_roll(district.people, district.policy, district.seed, LATEST)


def second_count(raw: Path, year: int) -> Counted:
    """The second count of a year's landed files."""
    layouts = landing.load_layouts(policy_year=year)
    landed = landing.land_year(raw, year, layouts, raw / "cache")
    run = RunFacts(policy=load_policy(year), year=year, key=KEY, as_of=None)
    return count(run, file_facts(landed, layouts), lambda stated: stated.mismatches)


def counted_rows(tables: Sequence[Table], name: str) -> list[dict[str, object]]:
    """A counted table's rows in yuan and rates, as the published tables have them."""
    (table,) = [each for each in tables if each.name == name]
    units = {column: 100 if column.endswith("_yuan") else 1_000_000 for column in table.columns}
    rows = []
    for row in table.rows:
        values = dict(zip(table.columns, row, strict=True))
        scaled = {
            column: Decimal(value) / units[column]
            for column, value in values.items()
            if column.endswith(("_yuan", "_rate")) and value is not None
        }
        rows.append(values | scaled)
    return rows


def assert_as_planned(rows: Sequence[Mapping[str, object]], plan: pl.DataFrame) -> None:
    """The counted rows are those of the plan, in the columns that both have."""
    shared = [column for column in plan.columns if rows and column in rows[0]]
    assert len(shared) >= 4
    counted = sorted((tuple(row[column] for column in shared) for row in rows), key=str)
    assert counted == sorted(plan.select(shared).iter_rows(), key=str)


@pytest.mark.parametrize(("year", "persons", "is_clean", "seed"), CASES)
def test_the_second_count_finds_what_was_planted(
    year: int, persons: int | None, is_clean: bool, seed: int, tmp_path: Path
) -> None:
    """In the files of every year, at every size, clean or dirty: every figure, mismatch and disposition."""
    plan = write_sample(tmp_path, year, persons, seed, is_clean=is_clean)
    counted = second_count(tmp_path, year)
    tables = tables_of(counted)
    participation = counted_rows(tables, "mart.township_participation")
    assert_as_planned(participation, plan.township_participation)
    assert_as_planned(counted_rows(tables, "mart.township_fund"), plan.township_fund)
    ladder = plan.coverage_ladder.filter((pl.col("person_count") > 0) | pl.col("step").is_in([1, 4, 6]))
    assert_as_planned(counted_rows(tables, "mart.coverage_ladder"), ladder)
    (district,) = counted_rows(tables, "mart.district_summary")
    assert {name: district[name] for name in plan.district if name in district} == {
        name: figure for name, figure in plan.district.items() if name in district
    }
    assert Counter(found.kind for found in counted.mismatches.values()) == plan.mismatch_counts
    assert Counter((line.channel, line.disposition) for line in counted.lines) == plan.disposition_counts


def test_the_figures_of_2019_come_out_of_the_rows() -> None:
    """Every published figure but the score, over 8 townships and 169 villages."""
    district = district_of(2019, None, seed=2019)
    figures = summary.district_figures(district)
    assert {name: figures[name] for name in FIGURES_OF_2019} == FIGURES_OF_2019
    known = district.people.filter(district.people["township_code"] != "000000000")
    assert (known["township_code"].n_unique(), known["village_code"].n_unique()) == (8, 169)


@only_deep("a whole district is planned again")
def test_the_figures_of_2019_do_not_depend_on_what_is_planted() -> None:
    """A clean sample has the same figures, and no mismatch but the grant's."""
    district = district_of(2019, None, is_clean=True)
    figures = summary.district_figures(district)
    assert {name: figures[name] for name in FIGURES_OF_2019} == FIGURES_OF_2019
    assert summary.mismatches(district) == {"grant_headcount_gap": 1}


def test_2019_holds_every_kind_of_mismatch_but_one_and_2020_that_one_too() -> None:
    """`over_budget` can't stand beside the figures of 2019."""
    of_2019, of_2020 = (summary.mismatches(district_of(year, 2000)) for year in (2019, 2020))
    assert "over_budget" not in of_2019
    assert set(of_2020) == {*of_2019, "over_budget"}
    assert set(of_2020) == {each.code for each in load_codes()["mismatch_kind"].codes}


def test_2020_holds_every_uncovered_reason_and_silent_persons_of_all_ages() -> None:
    """Nine townships; whoever is silent is anything from 16 to 60 years old."""
    district = district_of(2020, 20_000)
    uncovered = district.people.filter(district.people["uncovered_reason"].is_not_null())
    failures = {"account_closed", "account_frozen", "account_lost", "amount_error", "duplicate", "id_mismatch"}
    failures |= {"name_mismatch", "no_such_account", "other"}
    expected = {"disputed", "reversed", "outcome_unrecognised", "outcome_unknown", "silent"} | {
        f"return_failed:{each}" for each in failures
    }
    assert set(uncovered["uncovered_reason"]) == expected
    ages = uncovered.filter(uncovered["uncovered_reason"] == "silent")["age"]
    assert set(ages // 10) == {1, 2, 3, 4, 5, 6}
    assert district.people.filter(district.people["township_code"] != "000000000")["township_code"].n_unique() == 9


def test_people_live_in_households_of_one_to_seven() -> None:
    """Members share household number, account and size; the head comes first."""
    people = district_of(2019, 2000).people
    sizes = people.group_by("household").len()["len"]
    assert (sizes.min(), sizes.max()) == (1, 7)
    assert people.group_by("household").agg(people["account"].n_unique()).height == sizes.len()
    assert set(people.filter(people["place"] == 0)["relation"]) == {"户主"}


def test_the_same_seed_gives_the_same_rows() -> None:
    """And another seed gives others."""
    first, second = (district_of(2019, 700, seed=11) for _ in range(2))
    for name in ("people", "classification", "register", "category_rolls", "bank", "tax", "allocations", "answers"):
        assert getattr(first, name).equals(getattr(second, name))
    assert latest_roll(first).equals(latest_roll(second))
    assert not latest_roll(first).equals(latest_roll(district_of(2019, 700, seed=12)))
