"""Other years and another county need policy files alone; both counts agree on them as on 2019."""

from dataclasses import replace
from pathlib import Path

from pipeline.build.refresh import refresh_year
from tests.deep import only_deep

from .county import policy_of_county, write_policy
from .files import write_world
from .published import TABLES, compared, key_of_tests, publish_world, read_published, shown
from .world import policy_of
from .worlds import SeededChoices, make_world

YEARS = (2017, 2018, 2019, 2020)
PERSONS = 15


@only_deep("tests/warehouse carries a year on")
def test_years_stand_side_by_side(tmp_path: Path) -> None:
    """Each with the townships that it had and the snapshots dated in it; a year refreshed again changes no other."""
    raw, warehouse = tmp_path / "raw", tmp_path / "warehouse"
    with key_of_tests():
        for year in YEARS:
            write_world(replace(make_world(SeededChoices(year), policy_of(year), PERSONS), as_of=None), raw)
            refresh_year(raw, warehouse, year)
        refresh_year(raw, warehouse, YEARS[0])
    names = list(TABLES)
    for year in YEARS:
        published = read_published(warehouse / "published.duckdb", names, year)
        assert shown(compared(tmp_path, year)[1]) == "", year
        townships = {row["township_name"] for row in published.tables["mart.township_fund"]} - {"未知"}
        assert ("碧谷街道" in townships, len(townships)) == ((True, 9) if year == 2020 else (False, 8))


def test_another_county_runs_by_its_policy_files(tmp_path: Path) -> None:
    """Four levels, another premium, other ages, a shorter window; a level that it hasn't is null, not 0."""
    policies = write_policy(tmp_path / "policies")
    world = replace(make_world(SeededChoices(2), policy_of_county(), PERSONS), dirt_seed=None)
    with key_of_tests():
        _, published = publish_world(world, tmp_path / "world", policies)
    assert shown(compared(tmp_path / "world", 2019, policy_folder=policies)[1]) == ""
    (district,) = published.tables["mart.district_summary"]
    assert district["used_district_yuan"] is None and district["used_municipal_yuan"] is not None
    assert {row["fund_level"] for row in published.tables["mart.fund_level"]} == {
        "central",
        "province",
        "municipal",
        "county",
    }
