"""The tables of persons and lines: township_participation, coverage_ladder, person_year, return_line."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from ..world import Policy
from .eligibility import Evidence, State
from .identity import birth_date_of, masked_id, masked_name
from .lines import Line
from .money import Funds, rate
from .roll import Person
from .townships import township_name

TableRow = dict[str, Any]
Table = list[TableRow]


@dataclass
class Outcome:
    """What became of one person of the roll."""

    person: Person
    state: State
    class_: str | None
    written_off: Line | None
    uncovered_reason: str | None


def township_participation(outcomes: list[Outcome], funds: Funds, policy: Policy) -> Table:
    """One row a township."""
    table: Table = []
    for code, fund in funds.townships.items():
        here = [outcome for outcome in outcomes if outcome.person.township_code == code]
        states = Counter(outcome.state.state for outcome in here)
        channels = Counter(outcome.written_off.channel for outcome in here if outcome.written_off)
        table.append(
            {
                "policy_year": policy.year,
                "township_code": code,
                "township_name": township_name(code, policy),
                "roll_count": len(here),
                "planned_count": fund.planned_count,
                "excluded_count": states["excluded"],
                "unconfirmed_count": states["unconfirmed"],
                "eligible_count": states["eligible"],
                "refunded_count": channels["refund"],
                "paid_on_behalf_count": channels["collection"],
                "covered_count": channels.total(),
                "uncovered_count": states["eligible"] - channels.total(),
                "participation_rate": rate(channels.total(), states["eligible"]),
                "target_completion_rate": rate(channels.total(), fund.planned_count),
            }
        )
    return table


def coverage_ladder(outcomes: list[Outcome], funds: Funds, policy: Policy) -> Table:
    """One row a township, step and reason."""
    counts: Counter[tuple[str, int, str | None]] = Counter()
    for code in funds.townships:
        for step in (1, 4, 6):
            counts[code, step, None] = 0
    for outcome in outcomes:
        code, state = outcome.person.township_code, outcome.state
        counts[code, 1, None] += 1
        if state.state != "eligible":
            counts[code, 2 if state.state == "excluded" else 3, state.reason] += 1
            continue
        counts[code, 4, None] += 1
        counts[(code, 6, None) if outcome.written_off else (code, 5, outcome.uncovered_reason)] += 1
    return [
        {"policy_year": policy.year, "township_code": code, "step": step, "reason": reason, "person_count": count}
        for (code, step, reason), count in counts.items()
    ]


def person_year(outcome: Outcome, evidence: Evidence, policy: Policy) -> TableRow:
    """The row of one person of the roll."""
    person, line = outcome.person, outcome.written_off
    birth_date = birth_date_of(person.person_id) if person.person_id else None
    return {
        "policy_year": policy.year,
        "person_key": person.person_id,
        "id_masked": masked_id(person.person_id or person.entry.identity.text),
        "name_masked": masked_name(person.name),
        "township_code": person.township_code,
        "village_code": policy.villages.get((person.township_code, person.village)),
        "category": _category(person, evidence, policy),
        "birth_year": birth_date.year if birth_date else None,
        "state": outcome.state.state,
        "state_reason": outcome.state.reason,
        "class": outcome.class_,
        "channel": line.channel if line else None,
        "paid_date": line.paid_date if line else None,
        "written_off_yuan": line.amount_yuan if line else None,
        "uncovered_reason": outcome.uncovered_reason,
    }


def _category(person: Person, evidence: Evidence, policy: Policy) -> str:
    """The first of the person's categories in the policy's order; everybody on the roll is registered poor."""
    found = {"registered_poor"} | evidence.categories.get(person.person_id or "", set())
    return next(category for category in policy.categories if category in found)


def return_line(line: Line, policy: Policy) -> TableRow:
    """The row of one returned line."""
    return {
        "policy_year": policy.year,
        "channel": line.channel,
        "person_key": line.identity.person_id,
        "township_code": line.township_code,
        "batch_no": (line.document_no or None) if line.channel == "refund" else None,
        "line_no": line.line_no or None,
        "paid_date": line.paid_date,
        "amount_yuan": line.amount_yuan,
        "outcome": line.outcome,
        "disposition": line.disposition,
        "failure_reason": line.failure_reason,
        "mismatch_kind": line.mismatch_kind,
        "source_file": line.landed.file.file_name,
        "sheet": line.landed.place.sheet,
        "row_number": line.landed.place.row_number,
    }
