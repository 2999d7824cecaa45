"""The whole recount: every published table of outputs.md as a list of rows."""

from collections.abc import Hashable
from dataclasses import dataclass
from itertools import chain

from ..world import Policy, World, Written
from .eligibility import Evidence, State, class_of, gather_evidence, holds_of, state_of
from .file_tables import quarantined_rows, replies, source_files
from .landed import Landed, land
from .lines import Line, judge_lines, read_lines, uncovered_reason
from .mismatches import (
    Mismatch,
    account_mismatches,
    classification_mismatches,
    eligibility_mismatches,
    line_mismatches,
    money_mismatches,
    roll_mismatches,
    township_mismatches,
)
from .money import Funds, count_money
from .money_tables import district_summary, fund_level, township_fund
from .people_tables import Outcome, Table, coverage_ladder, person_year, return_line, township_participation
from .replies import Exported, Settlements, settle
from .roll import Person, roll_of_year


@dataclass
class Recount:
    """The tables by name, the mismatches behind mart.roster_mismatch, and the lines after the replies."""

    tables: dict[str, Table]
    mismatches: list[Mismatch]
    lines: list[Line]


@dataclass
class _Judged:
    """Persons, states, lines and money, before or after the replies."""

    persons: dict[Hashable, Person]
    states: dict[Hashable, State]
    lines: list[Line]
    funds: Funds


def recount(world: World, written: dict[str, Written], exported: dict[str, Exported] | None = None) -> Recount:
    """Count the world once without its replies, for the mismatches, and once with them, for everything else.

    `exported` are the mismatches that the townships' workbooks show, by mismatch_id; replies to any other are refused.
    """
    policy = world.policy
    landed = land(world, written)
    evidence = gather_evidence(landed, policy)
    stated = _judge(landed, evidence, policy, Settlements(), None)
    mismatches = list(
        chain(
            roll_mismatches(stated.persons),
            eligibility_mismatches(stated.persons, stated.states, evidence),
            classification_mismatches(stated.persons, evidence, policy),
            line_mismatches(stated.lines, stated.persons, evidence),
            account_mismatches(stated.lines, stated.persons),
            township_mismatches(landed, stated.lines, stated.persons, policy),
            money_mismatches(landed, stated.funds, policy),
        )
    )
    settlements = settle(landed, exported or {}, mismatches, stated.persons, policy)
    judged = _judge(landed, evidence, policy, settlements, stated.persons)
    tables = _tables(landed, evidence, judged, policy)
    tables["mart.roster_mismatch"] = [
        mismatch.as_row(policy, settlements.mismatch_statuses.get(mismatch, "open")) for mismatch in mismatches
    ]
    tables["mart.reply"] = replies(settlements, policy)
    return Recount(tables, mismatches, judged.lines)


def _judge(
    landed: Landed,
    evidence: Evidence,
    policy: Policy,
    settlements: Settlements,
    stated_persons: dict[Hashable, Person] | None,
) -> _Judged:
    """Judge everybody; what holds a person is what the roll shows without the replies."""
    persons = roll_of_year(landed, policy, settlements.repaired_ids)
    holding = persons if stated_persons is None else stated_persons
    states = {}
    for key, person in persons.items():
        holds = holds_of(holding[key]) if key in holding else set()
        states[key] = state_of(person, evidence, policy, holds - settlements.lifted[key])
    for key, (state, reason) in settlements.confirmed.items():
        states[settlements.repaired_ids.get(key, key)] = State(state, reason)
    lines = read_lines(landed, policy)
    judge_lines(lines, persons, states, evidence, policy, settlements.named_persons)
    return _Judged(persons, states, lines, count_money(landed, lines, persons.values(), policy))


def _tables(landed: Landed, evidence: Evidence, judged: _Judged, policy: Policy) -> dict[str, Table]:
    outcomes = _outcomes(judged, evidence)
    participation = township_participation(outcomes, judged.funds, policy)
    funds = township_fund(judged.funds, policy)
    return {
        "mart.township_participation": participation,
        "mart.township_fund": funds,
        "mart.district_summary": [district_summary(participation, funds, judged.funds, landed, policy)],
        "mart.coverage_ladder": coverage_ladder(outcomes, judged.funds, policy),
        "mart.fund_level": fund_level(judged.funds, policy),
        "mart.source_file": source_files(landed, policy),
        "mart.quarantined_row": quarantined_rows(landed, policy),
        "core.person_year": [person_year(outcome, evidence, policy) for outcome in outcomes],
        "core.return_line": [return_line(line, policy) for line in judged.lines],
    }


def _outcomes(judged: _Judged, evidence: Evidence) -> list[Outcome]:
    lines_of: dict[Hashable, list[Line]] = {key: [] for key in judged.persons}
    for line in judged.lines:
        if line.meant_id in lines_of:
            lines_of[line.meant_id].append(line)
    outcomes = []
    for key, person in judged.persons.items():
        written_off = next((line for line in lines_of[key] if line.disposition == "written_off"), None)
        is_uncovered = judged.states[key].state == "eligible" and written_off is None
        outcomes.append(
            Outcome(
                person=person,
                state=judged.states[key],
                class_=class_of(key, evidence),
                written_off=written_off,
                uncovered_reason=uncovered_reason(lines_of[key]) if is_uncovered else None,
            )
        )
    return outcomes
