"""The sample is a place that could be: a census's ages and sexes, the same people over the years, offices' working days."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from pipeline.policy import load_policy
from pipeline.sample.dealing import township_of
from pipeline.sample.district import District, make_district
from pipeline.sample.population import FIRST_YEAR, make_population, village_keys
from pipeline.sample.pyramid import GROUP_YEARS, shares
from pipeline.sample.rolls import LATEST, make_roll
from pipeline.sample.scenarios import LOST, LOST_LIST, SLOW
from pipeline.sample.summary import fund
from pipeline.sample.working_days import next_working_day

SEED = 11
PERSONS = 4_000


def district_of(year: int, is_clean: bool = False) -> District:
    """A district of some thousand persons."""
    return make_district(load_policy(year), PERSONS, np.random.default_rng(SEED), is_clean)


@pytest.fixture(scope="module")
def districts() -> dict[int, District]:
    """The same district in four years."""
    return {year: district_of(year) for year in (2017, 2018, 2019, 2020)}


def test_ages_and_sexes_are_those_of_the_census() -> None:
    """By five-year groups, to a third of a per cent of all; no group is empty that the census has."""
    people = make_population(SEED, 20_000, ["一", "二"], FIRST_YEAR, age_limit=60, workers=0)
    age = FIRST_YEAR - people["birth_date"].dt.year().to_numpy()
    found = np.zeros_like(shares())
    np.add.at(found, (people["is_male"].to_numpy().astype(int), age // GROUP_YEARS), 1 / people.height)
    assert np.abs(found - shares()).max() < 0.0033
    assert abs(people["is_male"].mean() - 0.5189) < 0.001  # type: ignore[operator]


def test_birthdays_are_in_all_months_and_children_are_younger_than_their_parents(
    districts: dict[int, District],
) -> None:
    """A fifth more or less of a twelfth; a head is 15 years older than his child."""
    people = districts[2019].people
    months = people.group_by(people["birth_date"].dt.month()).len()["len"] / people.height
    assert months.len() == 12
    assert months.is_between(0.8 / 12, 1.2 / 12).all()
    heads = people.filter(pl.col("place") == 0).select("household", head_age="age")
    children = people.filter(pl.col("relation").is_in(["之子", "之女"])).join(heads, on="household")
    assert (children["head_age"] - children["age"] >= 15).mean() > 0.99  # type: ignore[operator]


def test_the_same_people_grow_older(districts: dict[int, District]) -> None:
    """With the same ID, name and household in each year; some die or leave, and as many are born or marry in."""
    for year in (2018, 2019, 2020):
        before, now = districts[year - 1].people, districts[year].people
        both = now.join(before, on="id_no", suffix="_before")
        assert both.height > 0.98 * PERSONS
        assert (both["age"] - both["age_before"]).unique().to_list() == [1]
        for same in ("name", "household", "number", "birth_date"):
            assert both[same].equals(both[f"{same}_before"], check_names=False)
        gone = before.join(now, on="id_no", how="anti")
        new = now.join(before, on="id_no", how="anti")
        assert gone.height == new.height == PERSONS - both.height
        assert {"deceased", "moved_out"} <= set(gone["state_reason"])
        assert (new["birth_date"] >= date(year, 1, 1)).any()
        assert before.filter(pl.col("state_reason") == "deceased").join(now, on="id_no").is_empty()


def test_most_have_the_same_papers_in_the_next_year(districts: dict[int, District]) -> None:
    """Whoever is severely disabled stays so, and nine in ten have the same status."""
    both = districts[2018].people.join(districts[2019].people, on="id_no", suffix="_after")
    assert (both["status"] == both["status_after"]).mean() > 0.9  # type: ignore[operator]


def test_a_village_that_gets_another_code_keeps_its_people(districts: dict[int, District]) -> None:
    """碧谷街道 was made of villages of 铜都街道; whoever lived there lives there."""
    before, now = districts[2019].people, districts[2020].people
    both = now.join(before.filter(pl.col("township") != "模拟新田乡"), on="id_no", suffix="_before")
    both = both.filter(pl.col("township") != "模拟新田乡")
    assert village_keys(both["village_name"].to_list()) == village_keys(both["village_name_before"].to_list())
    moved = both.filter(both["township"] != both["township_before"])
    assert moved.select("township_before", "township").unique().rows() == [("铜都街道", "碧谷街道")]


def test_a_villages_name_without_its_kind_is_the_same_before_and_after() -> None:
    """As the division tables of two years write them."""
    assert village_keys(["新街社区居委会", "大寨村委会", "老村村委会", "鲁嘎社区"]) == village_keys(
        ["新街社区居民委员会", "大寨村村民委员会", "老村村村民委员会", "鲁嘎社区居民委员会"]
    )


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2019, 6, 6), date(2019, 6, 6)),
        (date(2019, 6, 7), date(2019, 6, 10)),
        (date(2019, 10, 1), date(2019, 10, 8)),
        (date(2020, 1, 24), date(2020, 2, 3)),
        (date(2018, 12, 29), date(2019, 1, 2)),
        (date(2031, 5, 1), date(2031, 5, 2)),
    ],
)
def test_the_next_working_day(day: date, working: date) -> None:
    """After the dragon boat festival, the national days, a long spring festival, the turn of the year."""
    assert next_working_day(day) == working


def test_banks_and_the_tax_bureau_work_on_working_days(districts: dict[int, District]) -> None:
    """Lines, self-payments, transfers and grants."""
    for each in districts.values():
        days = [*each.bank["paid_date"], *each.tax["paid_date"], *each.people["self_paid_date"].drop_nulls()]
        days += [*each.allocations["document_date"], *each.grants["document_date"]]
        assert all(next_working_day(day) == day for day in set(days))


def test_townships_differ(districts: dict[int, District]) -> None:
    """One pays late and has much left, one got too little, one's list of June never came whole."""
    district = districts[2019]
    slow, lost = township_of(district.policy, SLOW), township_of(district.policy, LOST)
    late = pl.col("paid_date").dt.month() >= 11
    shares_late = district.bank.group_by("township_code").agg(late.mean().alias("late"))
    assert shares_late.sort("late")["township_code"][-1] == slow
    known = fund(district).filter(pl.col("township_code") != "000000000")
    assert known.sort("utilisation_rate")["township_code"][0] == slow
    assert known.filter(pl.col("balance_yuan") < 0).height == 1
    assert set(district.lost["township_code"]) == {lost}
    paid_later = district.bank.filter(pl.col("scenario") == LOST_LIST)
    assert paid_later["paid_date"].dt.month().min() == 9
    silent = districts[2020].people.filter(pl.col("scenario") == LOST_LIST)
    assert set(silent["uncovered_reason"]) == {"silent"}


def test_a_clean_sample_has_no_lost_list() -> None:
    """Nothing is amiss in it."""
    assert district_of(2020, is_clean=True).lost.is_empty()


def test_low_income_households_stand_on_both_lists(districts: dict[int, District]) -> None:
    """Whoever is 低保 by the poverty roll stands on the list of 低保; the list has others of the district, too."""
    district = districts[2019]
    listed = district.category_rolls.filter(pl.col("category") == "低保")
    roll = make_roll(district.people, district.policy, district.seed, LATEST)
    by_roll = roll.filter(pl.col("household_kind") == "低保贫困户")
    sound = by_roll.filter(~pl.col("status").is_in(["invalid_id", "id_precision_lost"]))
    assert set(sound["id_text"]) <= set(listed["id_no"])
    assert set(listed["id_no"]) - set(district.people["id_no"])
    assert 0.05 < sound["id_text"].n_unique() / PERSONS < 0.12
