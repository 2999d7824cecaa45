"""Who is eligible: the bureau's evidence, the townships' classes, and the state that follows from both."""

from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date

from ..world import CategoryRow, ClassRow, Policy, RegisterRow
from .identity import birth_date_of, birthday, read_identity
from .landed import Landed, LandedRow, snapshot_date_of
from .roll import HOLDING_KINDS, Person

EMPLOYEE_SCHEMES = ("省职保", "机关保", "省外职保")


@dataclass(frozen=True)
class Verification:
    """A person's latest classification: no `class_` where two differ; `rows` are those of the latest date."""

    class_: str | None
    reason: str | None
    rows: tuple[LandedRow[ClassRow], ...]

    @property
    def is_twice(self) -> bool:
        """Whether the latest rows have different classes."""
        return self.class_ is None


@dataclass
class Evidence:
    """What the year's sources say about IDs."""

    verifications: dict[str, Verification]
    register: dict[str, list[RegisterRow]]
    has_register: bool
    categories: dict[str, set[str]]
    bad_class_rows: list[LandedRow[ClassRow]]


@dataclass
class State:
    """A person's state with its reason, and the kind of mismatch that the table of rules raises."""

    state: str
    reason: str | None
    table_mismatch: str | None = None


def gather_evidence(landed: Landed, policy: Policy) -> Evidence:
    """Read classification, register and category rolls by ID; rows without a valid ID are not used."""
    end_of_year = date(policy.year, 12, 31)
    classified: dict[str, list[LandedRow[ClassRow]]] = defaultdict(list)
    bad_rows = []
    for class_row in landed.rows(ClassRow):
        person_id = read_identity(class_row.row.id_no, class_row.row.id_is_number, end_of_year).person_id
        if person_id:
            classified[person_id].append(class_row)
        else:
            bad_rows.append(class_row)
    register: dict[str, list[RegisterRow]] = defaultdict(list)
    for row in landed.rows(RegisterRow):
        person_id = read_identity(row.row.id_no, row.row.id_is_number, end_of_year).person_id
        if person_id:
            register[person_id].append(row.row)
    return Evidence(
        verifications={person_id: _verification(rows, policy) for person_id, rows in classified.items()},
        register=register,
        has_register=bool(landed.read_files("pension_register")),
        categories=_categories(landed, policy),
        bad_class_rows=bad_rows,
    )


def _verification(rows: list[LandedRow[ClassRow]], policy: Policy) -> Verification:
    latest = max(row.row.verified_date or date.min for row in rows)
    last_rows = tuple(row for row in rows if row.row.verified_date == latest)
    classes = {row.row.class_ for row in last_rows}
    reasons = {
        row.row.class_reason if row.row.class_reason in policy.exclusion_reasons else "其他"
        for row in last_rows
        if row.row.class_reason and row.row.class_ == "不符合"
    }
    return Verification(classes.pop() if len(classes) == 1 else None, min(reasons, default=None), last_rows)


def _categories(landed: Landed, policy: Policy) -> dict[str, set[str]]:
    """The categories of each ID in the snapshots dated in the year."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in landed.rows(CategoryRow):
        snapshot_date = snapshot_date_of(row)
        if snapshot_date.year == policy.year:
            person_id = read_identity(row.row.id_no, row.row.id_is_number, snapshot_date).person_id
            if person_id:
                found[person_id].add(row.row.category)
    return found


def state_of(person: Person, evidence: Evidence, policy: Policy, holds: set[str]) -> State:
    """The state by the table of rules, or `unconfirmed` where a mismatch of the roll holds the person."""
    by_table = _state_by_table(person, evidence, policy)
    if not holds:
        return by_table
    first = next(kind for kind in HOLDING_KINDS if kind in holds)
    return State("unconfirmed", first, by_table.table_mismatch)


def _state_by_table(person: Person, evidence: Evidence, policy: Policy) -> State:
    reason = bureau_reason(person, evidence, policy)
    verification = evidence.verifications.get(person.person_id) if person.person_id else None
    if verification and verification.is_twice:
        if reason:
            return State("excluded", reason)
        return State("unconfirmed", "classified_twice", "classified_twice")
    class_ = verification.class_ if verification else None
    if class_ in ("返还", "代缴"):
        if reason:
            return State("unconfirmed", "classification_conflict", "classification_conflict")
        return State("eligible", None)
    if reason:
        return State("excluded", reason)
    if class_ == "不符合":
        assert verification is not None
        if verification.reason:
            return State("excluded", f"township:{verification.reason}")
        return State("excluded", "township:unstated", "exclusion_without_reason")
    return State("unconfirmed", "unclassified", "unclassified")


def bureau_reason(person: Person, evidence: Evidence, policy: Policy) -> str | None:
    """The first of the bureau's reasons that holds, None where there is none."""
    if person.person_id is None:
        return "unidentified"
    rows = evidence.register.get(person.person_id, [])
    exclusions = {row.exclusion for row in rows}
    birth_date = birth_date_of(person.person_id)
    assert birth_date is not None
    reasons = (
        ("deceased", "死亡" in exclusions),
        ("under_16", birthday(birth_date, policy.age_from) > date(policy.year, 12, 31)),
        ("aged_60_or_over", birthday(birth_date, policy.age_below) <= date(policy.year, 1, 1)),
        ("receiving_benefits", any(row.benefit_status in ("正常领取", "暂停领取") for row in rows)),
        ("in_school", person.schooling not in ("", "非在校生")),
        ("employee_scheme", any(scheme in exclusions for scheme in EMPLOYEE_SCHEMES)),
        ("insured_elsewhere", "外地居保" in exclusions),
        ("military", "现役军人" in exclusions),
        ("imprisoned", "服刑" in exclusions),
        ("abroad", "出国(境)" in exclusions),
        ("moved_out", "迁出" in exclusions),
        ("other_fund", "重度残疾" in evidence.categories.get(person.person_id, set())),
    )
    return next((reason for reason, holds in reasons if holds), None)


def holds_of(person: Person) -> set[str]:
    """The kinds of roll mismatch that leave a person unconfirmed until a reply settles them."""
    return {kind for kind in HOLDING_KINDS if kind in person.roll_kinds}


def class_of(key: Hashable, evidence: Evidence) -> str | None:
    """The class that stands for a person, None where there is none or two differ."""
    verification = evidence.verifications.get(key) if isinstance(key, str) else None
    return verification.class_ if verification else None
