"""What the bureau's sources and the townships say of persons (rules.md, section 4): evidence, its dates, and classes."""

from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from pipeline.checks.second_count.facts import RunFacts
from pipeline.checks.second_count.files import Files
from pipeline.checks.second_count.identity import birthday
from pipeline.checks.second_count.roll import Person
from pipeline.checks.second_count.row_types import CategoryRow, ClassRow, Place, RegisterRow
from pipeline.checks.second_count.texts import Memo
from pipeline.contracts.codes import load_codes
from pipeline.policy import Policy

INELIGIBLE = "不符合"
OTHER_REASON = "其他"
SEVERELY_DISABLED = "重度残疾"


class Verification(NamedTuple):
    """A person's latest classification: no `class_` where two differ; `rows` are those of the latest date."""

    class_: str | None
    reason: str | None
    rows: tuple[ClassRow, ...]

    @property
    def is_twice(self) -> bool:
        """Whether the latest rows have different classes."""
        return self.class_ is None


@dataclass(frozen=True)
class PersonEvidence:
    """The evidence against one person.

    Attributes:
        of_year: codes that hold the whole year.
        dated: codes with the day from which they hold, and the place of the register row that says so.
    """

    of_year: Set[str]
    dated: Sequence[tuple[date, Place, str]]

    @property
    def is_any(self) -> bool:
        """Whether there is any."""
        return bool(self.of_year or self.dated)

    @property
    def first(self) -> tuple[date, Place, str] | None:
        """The first day of evidence and the row that gives it, where none holds before."""
        return None if self.of_year or not self.dated else min(self.dated)


NOTHING_AGAINST = PersonEvidence(frozenset(), ())
UNIDENTIFIED = PersonEvidence(frozenset(("unidentified",)), ())


class Evidence:
    """What the year's sources say about IDs."""

    def __init__(self, run: RunFacts, files: Files) -> None:
        self._run, self._policy = run, run.policy
        self._codes = load_codes()
        self._of_status = {code.code: code.attributes["evidence"] for code in self._codes["benefit_status"].codes}
        self._end_of_year = date(run.year, 12, 31)
        self._last_day = min(run.as_of or self._end_of_year, self._end_of_year)
        self.has_register = bool(files.read("pension_register"))
        self.classes: dict[str, list[ClassRow]] = defaultdict(list)
        self.bad_class_rows: list[ClassRow] = []
        self.register: dict[str, list[RegisterRow]] = defaultdict(list)
        # Those of its rows that speak against the person.
        self._against: dict[str, list[RegisterRow]] = defaultdict(list)
        self.categories: dict[str, set[str]] = defaultdict(set)
        # By ID the places of rows that say something of a person that can't be read.
        self.unreadable: dict[str, list[Place]] = defaultdict(list)
        self._gather_register(files)
        self._gather_categories(files)
        self._gather_classes(files)
        self._verifications = {person_id: _latest(rows, run.policy) for person_id, rows in self.classes.items()}
        # By birth date what the age is evidence of.
        self._of_age: Memo[date | None, frozenset[str]] = Memo(
            partial(_of_birth_date, policy=run.policy, year=run.year)
        )

    def _gather_register(self, files: Files) -> None:
        """A quarantined row is still evidence in every cell that can be read."""
        for file in files.read("pension_register"):
            stated = file.stated_date or self._end_of_year
            for row in (*file.accepted, *file.quarantined):
                person_id = row.identity.person_id(stated)
                if person_id:
                    self.register[person_id].append(row)
                    if row.exclusion or (row.benefit_status and self._of_status[row.benefit_status]):
                        self._against[person_id].append(row)
                    if row.is_unreadable and not self._is_later(row):
                        self.unreadable[person_id].append(row.place)

    def _is_later(self, row: RegisterRow) -> bool:
        """Whether all that can't be read of a row happened after the day that is looked back from."""
        if self._run.as_of is None or row.event_date is None or row.event_date <= self._run.as_of:
            return False
        return all(vocabulary != "benefit_status" for vocabulary, _ in row.unknown_words)

    def _gather_categories(self, files: Files) -> None:
        for file in files.read("category_rolls"):
            for row in (*file.accepted, *file.quarantined):
                self._note_category(row, row.identity.person_id(file.stated_date or self._end_of_year))

    def _note_category(self, row: CategoryRow, person_id: str | None) -> None:
        """A category roll of another year is no evidence and holds nobody."""
        is_of_year = row.own_date is not None and row.own_date.year == self._run.year
        if person_id is None or not is_of_year:
            return
        if row.category:
            self.categories[person_id].add(row.category)
        if row.is_unreadable:
            self.unreadable[person_id].append(row.place)

    def _gather_classes(self, files: Files) -> None:
        for file in files.read("classification"):
            stated = file.stated_date or self._end_of_year
            for row in file.accepted:
                person_id = row.identity.person_id(stated)
                if person_id:
                    self.classes[person_id].append(row)
                else:
                    self.bad_class_rows.append(row)
        for row in files.quarantined(ClassRow, "classification"):
            person_id = row.identity.person_id(files.file_of(row).stated_date or self._end_of_year)
            if person_id and self._may_be_latest(person_id, row.own_date):
                self.unreadable[person_id].append(row.place)

    def _may_be_latest(self, person_id: str, day: date | None) -> bool:
        """Whether a quarantined verification is not dated before the latest accepted one."""
        accepted = [row.own_date for row in self.classes.get(person_id, ()) if row.own_date]
        return day is None or not accepted or day >= max(accepted)

    def of_person(self, person: Person) -> PersonEvidence:
        """The evidence against a person."""
        if person.person_id is None:
            return UNIDENTIFIED
        of_age, rows = self._of_age[person.birth_date], self._against.get(person.person_id, ())
        is_pupil = person.row.schooling_says == "at_school"
        is_disabled = SEVERELY_DISABLED in self.categories.get(person.person_id, ())
        if not (of_age or rows or is_pupil or is_disabled):
            return NOTHING_AGAINST
        of_year, dated = set(of_age), list[tuple[date, Place, str]]()
        for row in rows:
            self._add_register_row(of_year, dated, row)
        if is_pupil:
            of_year.add("in_school")
        if is_disabled:
            of_year.add("other_fund")
        return PersonEvidence(of_year, dated)

    def _add_register_row(self, of_year: set[str], dated: list[tuple[date, Place, str]], row: RegisterRow) -> None:
        if row.benefit_status and (says := self._of_status[row.benefit_status]):
            of_year.add(str(says))
        if not row.exclusion:
            return
        code = str(self._codes["exclusion"].by_code[row.exclusion].attributes["evidence"])
        holds_from_date = self._codes["evidence"].by_code[code].attributes["holds_from_event_date"]
        if row.event_date is None or not holds_from_date:
            of_year.add(code)
        elif row.event_date <= self._last_day:
            dated.append((row.event_date, row.place, code))

    def reason(self, evidence: PersonEvidence) -> str | None:
        """The first of the bureau's reasons that holds, None where there is none."""
        if not evidence.is_any:
            return None
        found = evidence.of_year | {code for _, _, code in evidence.dated}
        return next((code for code in self._codes["evidence"].code_names if code in found), None)

    def unreadable_places(self, person: Person) -> Sequence[Place]:
        """Where something of a person's evidence can't be read; of his schooling in the row that he is known by."""
        if person.person_id is None:
            return ()
        places = self.unreadable.get(person.person_id, ())
        return (*places, person.row.place) if person.row.schooling_says == "unknown" else places

    def verification(self, person_id: str | None) -> Verification | None:
        """A person's latest verification."""
        return None if person_id is None else self._verifications.get(person_id)

    def verification_before(self, person_id: str, day: date) -> Verification | None:
        """His latest verification before a day; where there is none, his latest of all."""
        rows = [row for row in self.classes.get(person_id, ()) if row.own_date and row.own_date < day]
        return _latest(rows, self._policy) if rows else self.verification(person_id)

    def class_of(self, person_id: str | None) -> str | None:
        """The class that stands for a person, None where there is none or two differ."""
        verification = self.verification(person_id)
        return verification.class_ if verification else None


def _of_birth_date(birth_date: date | None, policy: Policy, year: int) -> frozenset[str]:
    assert birth_date is not None, "an ID of a person has a birth date"
    if birthday(birth_date, policy.age_from) > date(year, 12, 31):
        return frozenset(("under_16",))
    if birthday(birth_date, policy.age_below) <= date(year, 1, 1):
        return frozenset(("aged_60_or_over",))
    return frozenset()


def _latest(rows: Sequence[ClassRow], policy: Policy) -> Verification:
    if len(rows) == 1:
        return Verification(rows[0].class_, _reason(rows[0], policy), (rows[0],))
    latest = max(row.own_date or date.min for row in rows)
    last_rows = tuple(sorted((row for row in rows if row.own_date == latest), key=lambda row: row.place))
    classes = {row.class_ for row in last_rows}
    reasons = [reason for row in last_rows if (reason := _reason(row, policy))]
    return Verification(classes.pop() if len(classes) == 1 else None, min(reasons, default=None), last_rows)


def _reason(row: ClassRow, policy: Policy) -> str | None:
    """The township's reason why a person is not eligible: one of the policy's, or another."""
    if not row.class_reason or row.class_ != INELIGIBLE:
        return None
    return row.class_reason if row.class_reason in policy.exclusion_reasons else OTHER_REASON
