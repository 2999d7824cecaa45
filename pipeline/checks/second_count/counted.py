"""What a count has found, from which each table is made; what of it adds up; and a table as this count has it.

Amounts are in fen, rates in millionths. A person stands in `person_id` by his ID (None: no valid one); his key is made where the
tables are compared. A place stands in `source_file`, `sheet` and `row_number`.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.checks.second_count.divisions import UNKNOWN, UNKNOWN_NAME, Divisions
from pipeline.checks.second_count.evidence import Evidence
from pipeline.checks.second_count.facts import RunFacts
from pipeline.checks.second_count.file_counts import FileCounts, WordKey, WordRows
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.lines import Line
from pipeline.checks.second_count.mismatches import Found
from pipeline.checks.second_count.money import Funds
from pipeline.checks.second_count.payments import Payments
from pipeline.checks.second_count.replies import Settlements
from pipeline.checks.second_count.roll import Person
from pipeline.checks.second_count.row_types import Place
from pipeline.checks.second_count.states import State


@dataclass(frozen=True)
class Table:
    """A counted table: the columns by which a row is known in a message, and the values of each column, row by row."""

    name: str
    key: tuple[str, ...]
    values: Mapping[str, Sequence[Any]]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(self.values)

    @property
    def row_count(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.values.values())))

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """Its rows, each with its values in the order of the columns."""
        return list(zip(*self.values.values(), strict=True))


def table_of_rows(name: str, columns: Sequence[str], key: tuple[str, ...], rows: Sequence[tuple[Any, ...]]) -> Table:
    """A table whose rows are given one by one."""
    return Table(name, key, {column: [row[at] for row in rows] for at, column in enumerate(columns)})


Group = tuple[str, str | None, str, str | None, str | None, str | None]
"""Township, village, state, its reason, channel and reason why the person is uncovered."""

Groups = Mapping[Group, int]
"""How many persons are so."""


Receipt = tuple[date, Place, int]
"""The day, the place and the fen of a transfer."""

Village = tuple[str, str | None]
"""A township, and one of its villages or none that is known."""

Silence = tuple[str, str | None, str]
"""Township, village and how old the verification of silent persons is."""


@dataclass
class Counted:
    """Everything that the tables are made of, after the replies; `mismatches` were found before them."""

    run: RunFacts
    files: Files
    persons: Mapping[Hashable, Person]
    states: Mapping[Hashable, State]
    lines: Sequence[Line]
    evidence: Evidence
    funds: Funds
    mismatches: Mapping[str, Found]
    settlements: Settlements
    divisions: Divisions
    stated_persons: Mapping[Hashable, Person]
    stated_funds: Funds

    def village_code(self, person: Person) -> str | None:
        """The village in which a person stands on the roll; None where no such village is known."""
        return self.divisions.village(person.township_code, person.row.village)

    def status(self, number: str) -> str:
        """What became of a mismatch."""
        return self.settlements.statuses.get(number, "open")

    def where(self, place: Place) -> tuple[str, str | None, int]:
        """File, sheet and row of a place."""
        number, sheet, row = place
        return self.files.all[number - 1].facts.file_name, sheet or None, row


@dataclass
class Totals:
    """What adds up over the persons, lines and files of a year, however many parts they are counted in.

    Attributes:
        groups: the persons, counted by what each of them is.
        funds: the money after the replies.
        stated_funds: the money before them.
        handled: by village what it handled.
        payments: the live successes.
        receipts: by township its transfers.
        benefits: who was entitled to benefits, and who got them.
        answers: the answers to the survey.
        files: the landed files in order, each with what became of its rows.
        words: the words that nobody knows, and their rows.
    """

    run: RunFacts
    divisions: Divisions
    funds: Funds
    stated_funds: Funds
    groups: Counter[Group] = field(default_factory=Counter)
    handled: dict[Village, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    payments: Payments = field(default_factory=Payments)
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    silences: Counter[Silence] = field(default_factory=Counter)
    benefits: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    files: dict[int, FileCounts] = field(default_factory=dict)
    words: dict[WordKey, WordRows] = field(default_factory=dict)

    def township_name(self, code: str) -> str:
        """The name of a township of the policy, or of the unknown one."""
        return UNKNOWN_NAME if code == UNKNOWN else self.divisions.names[code]

    def has_read(self, source: str) -> bool:
        """Whether a file of a folder is read."""
        return any(each.file.facts.source == source and each.file.is_read for each in self.files.values())
