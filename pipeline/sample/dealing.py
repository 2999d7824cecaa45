"""Which scenario each person gets: an exact number of persons for each, drawn from those to whom it may happen."""

import numpy as np
import polars as pl

from pipeline.policy import Policy
from pipeline.sample.figures import YearFigures, at_least_one
from pipeline.sample.population import DIED_LATE
from pipeline.sample.scenarios import (
    LOST,
    ORDINARY,
    PAID_AFTER_LOSS,
    PLAIN,
    PLANTED,
    SLOW,
    SLOW_WEIGHTS,
    UNCOVERED,
    Scenario,
)

BANK_LAYOUTS = ("pipe", "sheet", "padded")
"""The layouts of the townships' banks, in turn by township code."""

LAST_ROUND_MONTH = 11

NEVER_PAID = ("under_16", "invalid_id", "id_precision_lost", "unstated")


def scenarios_of(figures: YearFigures, is_clean: bool) -> tuple[Scenario, ...]:
    """Every scenario that the year's sample has, in the order in which they are dealt out."""
    listed = (*(UNCOVERED if figures.has_uncovered else (PAID_AFTER_LOSS,)), *PLANTED, *ORDINARY)
    return tuple(scenario for scenario in listed if not (is_clean and scenario.is_planted))


def bank_layouts(policy: Policy) -> dict[str, str]:
    """The bank layout of each township, by its code."""
    return {
        township.code: BANK_LAYOUTS[position % len(BANK_LAYOUTS)] for position, township in enumerate(policy.townships)
    }


def township_of(policy: Policy, trait: str) -> str:
    """The code of the slow township, or of the one whose list is lost; its bank's lists have a head that counts."""
    codes = [township.code for township in policy.townships]
    places = {SLOW: 5, LOST: 3} if len(codes) > 5 else {SLOW: len(codes) - 1, LOST: 0}
    return codes[places[trait]]


def deal_scenarios(
    people: pl.DataFrame, policy: Policy, figures: YearFigures, rng: np.random.Generator, is_clean: bool
) -> pl.DataFrame:
    """The people with `scenario`, `uncovered_reason` and `group` (which shares something within a scenario)."""
    fitting = _Fitting(people, policy)
    names = np.full(people.height, "", dtype=object)
    groups = np.zeros(people.height, dtype=int)
    for scenario in scenarios_of(figures, is_clean):
        free = np.flatnonzero(fitting.persons(scenario) & (names == ""))
        picked = _picked(rng.permutation(free), scenario, people["household"].to_numpy())
        names[picked] = scenario.name
        groups[picked] = np.arange(len(picked)) // scenario.group_size
    is_plain = (fitting.is_who["eligible"] | fitting.is_who["died_late"]) & (names == "")
    is_slow = fitting.is_in[SLOW]
    for plain, listed in ((~is_slow, [scenario.groups for scenario in PLAIN]), (is_slow, SLOW_WEIGHTS)):
        weights = np.array(listed, dtype=float)
        chosen = is_plain & plain
        names[chosen] = rng.choice([scenario.name for scenario in PLAIN], chosen.sum(), p=weights / weights.sum())
    names[fitting.is_who["turning_60"] & (names == "")] = PLAIN[0].name
    reasons = {each.name: each.uncovered_reason for each in scenarios_of(figures, is_clean)}
    return people.with_columns(
        scenario=pl.Series(names.tolist(), dtype=pl.Categorical), group=pl.Series(groups)
    ).with_columns(
        uncovered_reason=pl.col("scenario")
        .replace_strict(reasons, default=None, return_dtype=pl.String)
        .cast(pl.Categorical)
    )


class _Fitting:
    """Masks over the people: to whom a scenario may happen."""

    def __init__(self, people: pl.DataFrame, policy: Policy) -> None:
        state = people["state"].to_numpy()
        is_turning = people["is_turning_60"].to_numpy()
        may_be_paid = ~people["status"].is_in(NEVER_PAID).to_numpy()
        layouts = people["township_code"].replace_strict(bank_layouts(policy), default=None, return_dtype=pl.String)
        is_dying = (people["exit_cause"] == DIED_LATE).fill_null(False).to_numpy()
        turns_early = (people["birth_date"].dt.month() < LAST_ROUND_MONTH).to_numpy()
        self.is_in = {
            trait: (people["township_code"] == township_of(policy, trait)).to_numpy() for trait in (SLOW, LOST)
        }
        self.is_who = {
            "eligible": (state == "eligible") & ~is_turning & ~is_dying,
            "turning_60": (state == "eligible") & is_turning,
            "turned_60": (state == "eligible") & is_turning & turns_early,
            "died_late": (state == "eligible") & is_dying,
            "excluded": (state == "excluded") & may_be_paid,
            "unconfirmed": state == "unconfirmed",
        }
        self._class_word = people["class"].to_numpy()
        self._layout = layouts.to_numpy()

    def persons(self, scenario: Scenario) -> np.ndarray:
        mask: np.ndarray = self.is_who[scenario.who]
        if scenario.class_word:
            mask = mask & (self._class_word == scenario.class_word)
        if scenario.bank_layout:
            mask = mask & (self._layout == scenario.bank_layout)
        if scenario.township:
            mask = mask & self.is_in[scenario.township]
        return mask


def _picked(candidates: np.ndarray, scenario: Scenario, household: np.ndarray) -> np.ndarray:
    groups = at_least_one(scenario.groups, len(household))
    if scenario.group_size > 1:
        first = np.unique(household[candidates], return_index=True)[1]
        candidates = candidates[np.sort(first)]
    groups = min(groups, len(candidates) // scenario.group_size)
    return candidates[: groups * scenario.group_size]
