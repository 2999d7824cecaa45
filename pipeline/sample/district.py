"""The synthetic district of a year as rows, before any file is written."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.dealing import deal_scenarios
from pipeline.sample.figures import YearFigures, year_figures
from pipeline.sample.funds import make_allocations, make_answers, make_benefits, make_grants
from pipeline.sample.payments import bank_lines, lost_lines, make_lines, tax_lines, with_self_payments
from pipeline.sample.people import make_people
from pipeline.sample.registers import make_category_rolls, make_classification, make_register, make_strangers
from pipeline.sample.rolls import with_roll_plants


@dataclass(frozen=True)
class District:
    """One frame a source, with the columns that say what must become of each row, and the people behind them.

    The poverty roll alone isn't kept: `make_roll` makes a snapshot of the people and the seed when it is written.
    """

    policy: Policy
    seed: int
    figures: YearFigures
    is_clean: bool
    people: pl.DataFrame
    category_rolls: pl.DataFrame
    classification: pl.DataFrame
    register: pl.DataFrame
    bank: pl.DataFrame
    lost: pl.DataFrame
    tax: pl.DataFrame
    grants: pl.DataFrame
    allocations: pl.DataFrame
    benefits: pl.DataFrame
    answers: pl.DataFrame


def make_district(policy: Policy, persons: int | None, rng: np.random.Generator, is_clean: bool) -> District:
    """The district of the policy's year; the same cells for the same seed.

    Args:
        policy: the year's policy; its townships and villages are the district's.
        persons: persons on the roll (null: as many as the year's figures say).
        rng: source of every random draw.
        is_clean: whether to leave out every planted mismatch but the grant's; its senders have one word for each meaning.
    """
    figures = year_figures(policy.policy_year, persons)
    seed = int(rng.integers(2**32))
    people = make_people(policy, figures, seed, is_clean)
    people = people.with_columns(roll_plant=pl.lit("")) if is_clean else with_roll_plants(people, rng)
    people = deal_scenarios(people, policy, figures, rng, is_clean)
    lines = make_lines(people, policy, figures, rng, is_clean)
    people = with_self_payments(people, lines, policy, rng)
    strangers = make_strangers(people, rng)
    written_off = lines.filter(pl.col("disposition") == "written_off").group_by("township_code").len()
    return District(
        policy=policy,
        seed=seed,
        figures=figures,
        is_clean=is_clean,
        people=people,
        category_rolls=make_category_rolls(people, strangers),
        classification=make_classification(people, strangers, policy, rng, is_clean),
        register=make_register(people, policy.policy_year),
        bank=bank_lines(lines, policy),
        lost=lost_lines(people, policy, rng),
        tax=tax_lines(lines, people, policy, rng),
        grants=make_grants(policy, figures),
        allocations=make_allocations(policy, figures, dict(written_off.iter_rows()), is_clean),
        benefits=make_benefits(people, policy),
        answers=make_answers(figures, rng),
    )
