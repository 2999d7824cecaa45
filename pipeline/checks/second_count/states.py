"""Who is eligible (rules.md, section 4): the state that follows from evidence, class and holds."""

from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from pipeline.checks.second_count.evidence import INELIGIBLE, Evidence, PersonEvidence, Verification
from pipeline.checks.second_count.roll import HOLDING_KINDS, Person
from pipeline.checks.second_count.row_types import Place

ELIGIBLE, EXCLUDED, UNCONFIRMED = "eligible", "excluded", "unconfirmed"
UNREADABLE_EVIDENCE = "evidence_unreadable"
# Of several reasons for `unconfirmed` the first is the state's; the table of rules adds one behind these.
HOLDS = (*HOLDING_KINDS, UNREADABLE_EVIDENCE)
HOLDING: frozenset[str] = frozenset(HOLDING_KINDS)
NO_HOLDS: frozenset[str] = frozenset()


@dataclass(slots=True)
class State:
    """A person's state with its reason.

    Attributes:
        table_mismatch: the kind of mismatch that the table of rules raises.
        unreadable_place: the first row that shows evidence that can't be read, where that is a mismatch.
        first_evidence: the day from which evidence holds, with its register row, where lines before it are judged without.
        before: the state on days before that.
    """

    state: str
    reason: str | None
    table_mismatch: str | None = None
    unreadable_place: Place | None = None
    first_evidence: tuple[date, Place] | None = None
    before: "State | None" = None

    def on(self, day: date) -> "State":
        """The state by which a payment of a day is judged."""
        if self.before is not None and self.first_evidence is not None and day < self.first_evidence[0]:
            return self.before
        return self


@dataclass
class Lifted:
    """What replies change: kinds that no longer hold a person, and states that were confirmed, by the person's key."""

    holds: Mapping[Hashable, set[str]] = field(default_factory=dict)
    states: Mapping[Hashable, tuple[str, str | None]] = field(default_factory=dict)


def states_of(
    persons: Mapping[Hashable, Person], holding: Mapping[Hashable, Person], evidence: Evidence, lifted: Lifted
) -> dict[Hashable, State]:
    """The state of each person; what holds a person is what the roll shows of him in `holding`, without the replies."""
    states: dict[Hashable, State] = {}
    for key, person in persons.items():
        held = person if holding is persons else holding.get(key)
        holds = HOLDING & held.roll_kinds.keys() if held is not None and held.roll_kinds else NO_HOLDS
        states[key] = _state(person, evidence, holds, lifted.holds.get(key, NO_HOLDS) if lifted.holds else NO_HOLDS)
    for key, (state, reason) in lifted.states.items():
        states[key] = State(state, reason)
    return states


def _state(person: Person, evidence: Evidence, holds: Set[str], lifted: Set[str]) -> State:
    against = evidence.of_person(person)
    verification = evidence.verification(person.person_id)
    state = _by_table(evidence.reason(against), verification)
    places = () if against.is_any else evidence.unreadable_places(person)
    if places:
        state.unreadable_place = min(places)
        holds = holds | {UNREADABLE_EVIDENCE}
    held = next((kind for kind in HOLDS if kind in holds - lifted), None) if holds else None
    if held:
        state.state, state.reason = UNCONFIRMED, held
    elif against.dated:
        _add_days_before(state, person, evidence, against)
    return state


def _add_days_before(state: State, person: Person, evidence: Evidence, against: PersonEvidence) -> None:
    """Add the state before the first day of dated evidence: without evidence, by the class verified before it."""
    first = against.first
    if first is not None and person.person_id is not None:
        day, place, _ = first
        state.first_evidence = (day, place)
        state.before = _by_table(None, evidence.verification_before(person.person_id, day))


def _by_table(reason: str | None, verification: Verification | None) -> State:
    """The table of rules: bureau evidence, the township's class, the state and the mismatch."""
    if verification is not None and verification.is_twice:
        return State(EXCLUDED, reason) if reason else State(UNCONFIRMED, "classified_twice", "classified_twice")
    class_ = verification.class_ if verification else None
    if class_ is not None and class_ != INELIGIBLE:
        if reason:
            return State(UNCONFIRMED, "classification_conflict", "classification_conflict")
        return State(ELIGIBLE, None)
    if reason:
        return State(EXCLUDED, reason)
    if verification is None:
        return State(UNCONFIRMED, "unclassified", "unclassified")
    if verification.reason:
        return State(EXCLUDED, f"township:{verification.reason}")
    return State(EXCLUDED, "township:unstated", "exclusion_without_reason")
