"""What must not change what the pipeline publishes, or must change it in one known way."""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st

from tests.deep import only_deep

from .changes import (
    with_doubled_amounts,
    with_merged_lists,
    with_other_names,
    with_shuffled_rows,
    with_split_lists,
    with_strangers,
)
from .published import TABLES, Published, key_of_tests, publish_world
from .world import World, policy_of, policy_of_2019
from .worlds import SeededChoices, make_world, untied_worlds

WORLDS = max(int(os.environ.get("DAIJIAO_WORLDS", "100")) // 100, 1)
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
POLICY_FOLDER = Path(__file__).parents[2] / "pipeline" / "policy"
PLACE = {"source_file", "sheet", "row_number"}
FILE_TABLES = {"mart.source_file"}
SUGGESTIONS = {"suggested_person_key", "suggestion_reason"}

PUBLISHED: dict[tuple[str, Path | None], Published] = {}

Table = Counter[tuple[tuple[str, Any], ...]]
Change = Callable[[World], World]


@pytest.mark.parametrize(
    "change",
    [
        lambda world: with_shuffled_rows(world, SEED),
        pytest.param(with_split_lists, marks=only_deep("the order of rows is changed in the same way")),
        pytest.param(with_other_names, marks=only_deep("split lists have other names too")),
        pytest.param(with_merged_lists, marks=only_deep("split lists are the reverse")),
    ],
    ids=["order of rows", "split lists", "names of files", "merged lists"],
)
def test_how_rows_are_spread_over_files_changes_only_where_they_stand(change: Change, tmp_path: Path) -> None:
    """Not even a mismatch_id or a posting_id."""

    def same(world: World) -> None:
        before, after = _published(world, tmp_path), _published(change(world), tmp_path)
        for name in set(TABLES) - FILE_TABLES:
            assert _table(before, name, PLACE) == _table(after, name, PLACE), name

    _on_worlds(same)


@only_deep("the changes of rows and lists are quicker")
def test_unrelated_people_change_nothing_for_others(tmp_path: Path) -> None:
    """Every row of the other townships stays; suggestions may become less certain."""
    newcomer = "拖布卡镇"
    code = policy_of_2019().townships[newcomer]
    by_township = (
        "mart.township_participation",
        "mart.township_fund",
        "mart.coverage_ladder",
        "mart.roster_mismatch",
        "core.person_year",
        "core.return_line",
    )

    def same(world: World) -> None:
        assume(newcomer not in str(world.files))
        before, after = _published(world, tmp_path), _published(with_strangers(world, newcomer), tmp_path)
        for name in by_township:
            kept = [
                row for row in after.tables[name] if row["township_code"] != code and row.get("kind") != "over_budget"
            ]
            had = [
                row for row in before.tables[name] if row["township_code"] != code and row.get("kind") != "over_budget"
            ]
            assert _rows(kept, SUGGESTIONS) == _rows(had, SUGGESTIONS), name

    _on_worlds(same)


@only_deep("the changes of rows and lists are quicker")
def test_twice_the_premium_and_twice_the_money_give_twice_the_sums(tmp_path: Path) -> None:
    """Counts, states and rates stay."""
    policies = tmp_path / "policies"
    shutil.copytree(POLICY_FOLDER, policies, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    policy = (policies / "2019.yaml").read_text(encoding="utf-8")
    (policies / "2019.yaml").write_text(policy.replace('premium_yuan: "100.00"', 'premium_yuan: "200.00"'), "utf-8")
    of_amounts = {"mismatch_id", "posting_id", "expected", "found", "sha256", "control_yuan", "action"}
    of_benefits = {"benefit_disbursement_rate"}

    def doubled(world: World) -> None:
        before = _published(world, tmp_path)
        after = _published(with_doubled_amounts(world), tmp_path, policies)
        for name in TABLES:
            once = _table(before, name, of_amounts | of_benefits, factor=2)
            assert once == _table(after, name, of_amounts | of_benefits), name

    _on_worlds(doubled)


@only_deep("the changes of rows and lists are quicker")
@settings(max_examples=WORLDS, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@seed(SEED)
@given(seed_of_world=st.integers(0, 2**32))
def test_the_same_events_a_year_earlier_give_the_same_counts(
    tmp_path_factory: pytest.TempPathFactory, seed_of_world: int
) -> None:
    """Everybody and everything a year older: other ID numbers and dates, the same sums, states and mismatches."""
    folder = tmp_path_factory.mktemp("year")
    of_year = {"policy_year", "birth_year", "paid_date", "id_masked", "person_key", "mismatch_id", "batch_no"}
    of_texts = PLACE | SUGGESTIONS | {"expected", "found"}
    names = set(TABLES) - {"mart.source_file", "mart.quarantined_row", "core.fund_posting"}
    tables = []
    with key_of_tests():
        for year in (2019, 2018):
            world = make_world(SeededChoices(seed_of_world), policy_of(year), 8)
            published = _published(world, folder)
            tables.append({name: _table(published, name, of_year | of_texts) for name in names})
    assert tables[0] == tables[1]


def _on_worlds(check: Callable[[World], None]) -> None:
    """Run a check on random worlds."""

    @seed(SEED)
    @settings(
        max_examples=WORLDS,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(world=untied_worlds())
    def run(world: World) -> None:
        check(world)

    print(f"worlds: {WORLDS}, DAIJIAO_SEED={SEED}")
    with key_of_tests():
        run()


def _published(world: World, folder: Path, policy_folder: Path | None = None) -> Published:
    """What is published of a world; tests that begin with the same world share it."""
    known = (repr(world), policy_folder)
    if known not in PUBLISHED:
        PUBLISHED[known] = publish_world(world, folder / "world", policy_folder)[1]
    return PUBLISHED[known]


def _table(published: Published, name: str, ignored: set[str], factor: int = 1) -> Table:
    return _rows(published.tables[name], ignored, factor)


def _rows(rows: list[dict[str, Any]], ignored: set[str], factor: int = 1) -> Table:
    """Rows without the ignored columns, each amount multiplied."""
    return Counter(
        tuple((column, _times(column, value, factor)) for column, value in row.items() if column not in ignored)
        for row in rows
    )


def _times(column: str, value: Any, factor: int) -> Any:
    return value * factor if column.endswith("_yuan") and isinstance(value, Decimal) else value
