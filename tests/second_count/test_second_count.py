"""Pipeline and recount agree on every published table, over as many random worlds as DAIJIAO_WORLDS says.

The seed is printed; DAIJIAO_SEED sets another. What differs is shown table by table, for a world that was shrunk.
"""

import os
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from pipeline.checks.second_count.counted import Counted

from .coverage import EXPECTED, Fact, facts_of
from .published import compared, key_of_tests, publish_replies, publish_world, shown
from .world import World, policy_of_2019
from .worlds import SeededChoices, make_landing, make_world, worlds

WORLDS = int(os.environ.get("DAIJIAO_WORLDS", "10"))
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
DEEP_WORLDS = 2000
LEAST_OCCURRENCES = 20
# A refresh costs more than a small world: several of them lie in one landing folder, each among people of its own; so few that
# of the many worlds of make test-deep what a landing can hold once alone is seen often enough.
WORLDS_OF_A_LANDING = 10
LANDINGS = max(WORLDS // WORLDS_OF_A_LANDING, 1)
PERSONS_OF_2019 = 65_443

examples = partial(settings, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def test_the_counts_agree_on_random_worlds(tmp_path: Path) -> None:
    """And the worlds contain between them every kind, state, reason, disposition and file status."""
    seen: Counter[Fact] = Counter()

    # A world is made of more choices than Hypothesis draws for an example, so it draws the seed of a landing folder.
    @seed(SEED)
    @examples(max_examples=LANDINGS, phases=(Phase.generate,))
    @given(landing_seed=st.integers(0, 2**63 - 1))
    def agree(landing_seed: int) -> None:
        note(f"landing seed {landing_seed}")
        world = make_landing(SeededChoices(landing_seed), policy_of_2019(), WORLDS_OF_A_LANDING)
        seen.update(_agreeing(world, tmp_path))

    print(f"worlds: {LANDINGS * WORLDS_OF_A_LANDING}, DAIJIAO_SEED={SEED}")
    with key_of_tests():
        agree()
    rare = {fact: seen[fact] for fact in EXPECTED if seen[fact] < LEAST_OCCURRENCES}
    print("rarest: ", sorted((seen[fact], *fact) for fact in EXPECTED)[:10])
    assert WORLDS < DEEP_WORLDS or not rare


def test_the_counts_agree_on_a_world_alone(tmp_path: Path) -> None:
    """Here every choice is Hypothesis's own, so that a world that fails comes out as small as it can be."""

    @seed(SEED)
    @examples(max_examples=1 if WORLDS < DEEP_WORLDS else WORLDS // 40, phases=(Phase.generate, Phase.shrink))
    @given(world=worlds())
    def agree(world: World) -> None:
        _agreeing(world, tmp_path)

    with key_of_tests():
        agree()


@pytest.mark.skipif(WORLDS < DEEP_WORLDS, reason="a world of 65,443 persons is counted in make test-deep")
def test_the_counts_agree_on_a_world_of_a_whole_district(tmp_path: Path) -> None:
    """As many persons as the district planned for in 2019, with every file of the year."""
    world = make_world(SeededChoices(SEED), policy_of_2019(), PERSONS_OF_2019)
    with key_of_tests():
        _agreeing(replace(world, as_of=None, reply_seed=None), tmp_path)


def _agreeing(world: World, folder: Path) -> Counter[Fact]:
    """What a world contains, once both counts of it agree; replies come back when its mismatches are known."""
    place = folder / "world"
    publish_world(world, place)
    counted = _agree(world, place)
    facts = facts_of(counted)
    if world.reply_seed is not None:
        publish_replies(world, place, counted)
        facts += facts_of(_agree(world, place))
    return facts


def _agree(world: World, place: Path) -> Counted:
    counted, comparison = compared(place, world.policy.year, world.as_of)
    differences = shown(comparison)
    assert not differences, f"dirt {world.dirt_seed}, as of {world.as_of}, replies {world.reply_seed}\n{differences}"
    return counted
