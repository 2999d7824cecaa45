"""The whole count, from the files' facts to the tables: once without the replies, for the mismatches, and once with them."""

import gc
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from pipeline.checks.second_count.counted import Counted
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.evidence import Evidence
from pipeline.checks.second_count.facts import FileFacts, RunFacts
from pipeline.checks.second_count.fates import count_files
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.lines import Line, judge_lines, read_lines
from pipeline.checks.second_count.mismatches import Found, find_mismatches
from pipeline.checks.second_count.money import Funds, count_money
from pipeline.checks.second_count.replies import Replies, Settlements
from pipeline.checks.second_count.roll import Person, RollEntry, roll_entries, roll_of_year
from pipeline.checks.second_count.states import Lifted, State, states_of

Number = Callable[[Counted], Mapping[str, Found]]
"""Gives each mismatch of a count its mismatch_id."""


@dataclass
class _Judged:
    """Persons, states, lines and money, before or after the replies."""

    persons: dict[Hashable, Person]
    states: dict[Hashable, State]
    lines: list[Line]
    funds: Funds


def count(run: RunFacts, files: Sequence[FileFacts], number: Number) -> Counted:
    """Count a year.

    Args:
        number: gives each mismatch its number, by which the replies name it; called with the count before the replies.
    """
    with without_collection():
        divisions = Divisions(run.policy)
        landed = count_files(run, files, divisions)
        end_of_year = date(run.year, 12, 31)
        entries = roll_entries(landed, run.year, end_of_year)
        evidence = Evidence(run, landed)
        judge = _Judge(run, landed, entries, evidence, end_of_year)
        stated = judge.judged(Settlements(), None)
        found = find_mismatches(
            run, divisions, landed, entries, stated.persons, stated.states, stated.lines, evidence, stated.funds
        )
        counted = Counted(
            run, landed, stated.persons, stated.states, stated.lines, evidence, stated.funds,
            {str(place): each for place, each in enumerate(found)}, Settlements(), divisions, stated.persons,
        )  # fmt: skip
        counted.mismatches = number(counted)
        settlements = Replies(run, landed, counted.mismatches, stated.persons).settle()
        counted.settlements = settlements
        if settlements.named_persons or settlements.repaired_ids or settlements.holds or settlements.confirmed:
            judged = judge.judged(settlements, stated.persons)
            counted.persons, counted.states = judged.persons, judged.states
            counted.lines, counted.funds = judged.lines, judged.funds
        return counted


@dataclass(frozen=True)
class _Judge:
    """Judges everybody, with what replies change."""

    run: RunFacts
    files: Files
    entries: Sequence[RollEntry]
    evidence: Evidence
    end_of_year: date

    def judged(self, settlements: Settlements, stated_persons: dict[Hashable, Person] | None) -> _Judged:
        """Persons, states, lines and money; what holds a person is what the roll shows without the replies."""
        persons = roll_of_year(self.entries, settlements.repaired_ids)
        lifted = settlements.lifted if stated_persons is not None else Lifted()
        states = states_of(persons, stated_persons or persons, self.evidence, lifted)
        lines = read_lines(self.files, self.end_of_year)
        judge_lines(lines, self.files, persons, states, self.evidence, self.run, settlements.named_persons)
        return _Judged(persons, states, lines, count_money(self.files, lines, persons.values(), self.run.policy))


@contextmanager
def without_collection() -> Iterator[None]:
    """Without the search for cycles, which would look at every row again and again; rows hold none."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
