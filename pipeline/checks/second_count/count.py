"""The whole count, from the files' facts to the tables: once without the replies, for the mismatches, and once with them."""

import gc
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from pipeline.checks.second_count.counted import Counted, Totals
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.evidence import Evidence
from pipeline.checks.second_count.facts import FileFacts, RunFacts
from pipeline.checks.second_count.fates import Decided, count_files
from pipeline.checks.second_count.files import Files, names_unknown_township
from pipeline.checks.second_count.lines import Line, judge_lines, read_lines
from pipeline.checks.second_count.mismatches import Found, find_in_whole, find_mismatches
from pipeline.checks.second_count.money import Funds, count_money
from pipeline.checks.second_count.replies import Replies, Settlements
from pipeline.checks.second_count.roll import Person, roll_entries, roll_of_year
from pipeline.checks.second_count.row_types import ReplyRow
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
    """Count a year at once.

    Args:
        number: gives each mismatch its number, by which the replies name it; called with the count before the replies.
    """
    divisions = Divisions(run.policy)
    with without_collection():
        landed = count_files(run, files, divisions)
        judge = _Judge(run, divisions, landed)
        lists = [(file, names_unknown_township(file)) for file in landed.read("bank_returns")]
        whole = find_in_whole(divisions, lists, judge.stated.funds)
        return judge.counted([*judge.found(), *whole], landed.accepted(ReplyRow, "township_replies"), number)


def count_part(
    run: RunFacts, divisions: Divisions, files: Sequence[FileFacts], decided: Decided, number: Number
) -> Counted:
    """Count the rows of some persons, with the mismatches of persons, lines and rows.

    Args:
        files: every file of the year, with these rows.
        decided: what was decided of the whole files.
    """
    with without_collection():
        judge = _Judge(run, divisions, count_files(run, files, divisions, decided))
        return judge.counted(judge.found(), decided.replies, number, are_all=False)


def count_whole(totals: Totals, replies: Sequence[ReplyRow], number: Number) -> Counted:
    """What no part knows: the mismatches of whole files and of the money, and what becomes of the replies that are left."""
    files = Files([each.file for each in totals.files.values()], totals.run.as_of, set(), [])
    lists = [
        (each.file, each.names_unknown_township)
        for each in totals.files.values()
        if each.file.facts.source == "bank_returns" and each.file.is_read
    ]
    found = find_in_whole(totals.divisions, lists, totals.stated_funds)
    return _Judge(totals.run, totals.divisions, files).counted(found, replies, number)


class _Judge:
    """Judges everybody in some files, before the replies and after them.

    Attributes:
        stated: what the files say without the replies.
    """

    def __init__(self, run: RunFacts, divisions: Divisions, files: Files) -> None:
        self._run, self._divisions, self._files = run, divisions, files
        self._end_of_year = date(run.year, 12, 31)
        self._entries = roll_entries(files, run.year, self._end_of_year)
        self._evidence = Evidence(run, files)
        self.stated = self._judged(Settlements(), None)

    def found(self) -> list[Found]:
        """The mismatches of persons, lines and rows."""
        stated = self.stated
        return find_mismatches(
            self._run, self._files, self._entries, stated.persons, stated.states, stated.lines, self._evidence
        )

    def counted(
        self, found: Sequence[Found], replies: Sequence[ReplyRow], number: Number, *, are_all: bool = True
    ) -> Counted:
        """What is counted, after the replies.

        Args:
            are_all: whether all replies are judged, or only those to these mismatches.
        """
        stated = self.stated
        counted = Counted(
            self._run, self._files, stated.persons, stated.states, stated.lines, self._evidence, stated.funds,
            {str(place): each for place, each in enumerate(found)}, Settlements(), self._divisions, stated.persons,
            stated.funds,
        )  # fmt: skip
        counted.mismatches = number(counted)
        rows = [row for row in replies if are_all or row.mismatch_id in counted.mismatches]
        settlements = Replies(self._run, rows, counted.mismatches, stated.persons).settle()
        counted.settlements = settlements
        if settlements.named_persons or settlements.repaired_ids or settlements.holds or settlements.confirmed:
            judged = self._judged(settlements, stated.persons)
            counted.persons, counted.states = judged.persons, judged.states
            counted.lines, counted.funds = judged.lines, judged.funds
        return counted

    def _judged(self, settlements: Settlements, stated_persons: dict[Hashable, Person] | None) -> _Judged:
        """Persons, states, lines and money; what holds a person is what the roll shows without the replies."""
        persons = roll_of_year(self._entries, settlements.repaired_ids)
        lifted = settlements.lifted if stated_persons is not None else Lifted()
        states = states_of(persons, stated_persons or persons, self._evidence, lifted)
        lines = read_lines(self._files, self._end_of_year)
        judge_lines(lines, self._files, persons, states, self._evidence, self._run, settlements.named_persons)
        return _Judged(persons, states, lines, count_money(self._files, lines, persons.values(), self._run.policy))


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
