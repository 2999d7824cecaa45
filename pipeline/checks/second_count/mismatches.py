"""Every mismatch of rules.md, as computed without the replies."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pipeline.checks.second_count.divisions import UNKNOWN, Divisions
from pipeline.checks.second_count.evidence import Evidence
from pipeline.checks.second_count.facts import RunFacts
from pipeline.checks.second_count.files import CountedFile, Files
from pipeline.checks.second_count.lines import REFUND, Line, compare_with_roll
from pipeline.checks.second_count.money import Funds
from pipeline.checks.second_count.names import MISMATCH, UNREADABLE_NAME
from pipeline.checks.second_count.roll import Person, RollEntry, members_with_two_ids, stated_key
from pipeline.checks.second_count.row_types import GrantRow, Place, TransferRow
from pipeline.checks.second_count.states import State
from pipeline.checks.second_count.texts import said
from pipeline.contracts.codes import load_codes

MANY_PERSONS = 6
# The contract doesn't say which row of a person's verifications these name.
WITHOUT_PLACE = frozenset(
    ("classification_conflict", "classified_twice", "exclusion_without_reason", "classified_not_on_roll")
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """One mismatch.

    Attributes:
        about: the roll person that it is about, by key.
        line: the returned line that it is about.
        has_id: whether it is about somebody who has an ID, if only an empty one.
        person_id: the valid ID behind its person_key; that of `about` who has none is not known here.
    """

    kind: str
    township_code: str | None
    severity: str | None = None
    id_text: str | None = None
    person_id: str | None = None
    name: str | None = None
    channel: str | None = None
    fen: int | None = None
    place: Place | None = None
    file: CountedFile | None = None
    about: Hashable = None
    line: Line | None = None
    has_id: bool = False


def severity_of(found: Found) -> str:
    """Error or warning, as the list of kinds says, unless the mismatch itself is the milder."""
    return found.severity or str(load_codes()["mismatch_kind"].by_code[found.kind].attributes["severity"])


def find_mismatches(
    run: RunFacts,
    files: Files,
    entries: Sequence[RollEntry],
    persons: Mapping[Hashable, Person],
    states: Mapping[Hashable, State],
    lines: Sequence[Line],
    evidence: Evidence,
) -> list[Found]:
    """The mismatches of persons, lines and rows."""
    return [
        *_of_roll(entries, persons),
        *_of_eligibility(persons, states, evidence, lines),
        *_of_classification(persons, evidence),
        *_of_lines(lines, persons, evidence),
        *_of_accounts(lines, persons),
        *_of_townships(files, lines, persons),
        *_of_replaced_files(run, files, persons),
        *_of_grants(run, files),
    ]


def find_in_whole(divisions: Divisions, lists: Iterable[tuple[CountedFile, bool]], funds: Funds) -> list[Found]:
    """The mismatches of whole files, and of the money of all rows.

    Args:
        lists: the lists of the bank that are read, and whether a row of each names a township that nobody knows.
    """
    return [*_of_lists(divisions, lists), *_of_funds(funds)]


def _of_roll(entries: Sequence[RollEntry], persons: Mapping[Hashable, Person]) -> Iterator[Found]:
    """One per person and kind that the roll raises, one per member number with two IDs."""
    for person in persons.values():
        for kind, entry in person.roll_kinds.items():
            yield _about_person(kind, person, entry.row.place)
    for entry in members_with_two_ids(entries):
        row = entry.row
        yield Found(
            kind="member_with_two_ids",
            township_code=row.township_code,
            id_text=row.identity.text,
            person_id=entry.person_id,
            name=row.name.shown,
            place=row.place,
            about=persons[stated_key(entry)].key,
            has_id=True,
        )


def _of_eligibility(
    persons: Mapping[Hashable, Person], states: Mapping[Hashable, State], evidence: Evidence, lines: Iterable[Line]
) -> Iterator[Found]:
    """What roll, classification and the bureau's evidence say against one another, one per person and kind."""
    for key, person in persons.items():
        state = states[key]
        if state.table_mismatch:
            verification = evidence.verification(person.person_id)
            yield _about_person(
                state.table_mismatch, person, verification.rows[0].place if verification else person.row.place
            )
        if state.unreadable_place:
            yield _about_person("evidence_unreadable", person, state.unreadable_place)
    for line in lines:
        if line.disposition == "written_off" and line.is_before_evidence and line.meant_id is not None:
            first = states[line.meant_id].first_evidence
            assert first is not None, "a line before the evidence has a first day of evidence"
            yield _about_person("changed_after_payment", persons[line.meant_id], first[1])


def _of_classification(persons: Mapping[Hashable, Person], evidence: Evidence) -> Iterator[Found]:
    """Classification rows that find nobody: one a row without a valid ID, one an ID that is not on the roll."""
    for row in evidence.bad_class_rows:
        yield Found(
            kind=row.identity.problem_kind,
            severity="warning",
            township_code=row.township_code,
            id_text=row.identity.text,
            name=row.name.shown,
            place=row.place,
            has_id=True,
        )
    for person_id in evidence.classes:
        verification = evidence.verification(person_id) if person_id not in persons else None
        if verification:
            first = verification.rows[0]
            yield Found(
                kind="classified_not_on_roll",
                township_code=first.township_code,
                id_text=person_id,
                person_id=person_id,
                name=first.name.shown,
                place=first.place,
                has_id=True,
            )


def _about_person(kind: str, person: Person, place: Place) -> Found:
    return Found(
        kind=kind,
        township_code=person.township_code,
        id_text=person.row.identity.text,
        person_id=person.person_id,
        name=person.row.name.shown,
        place=place,
        about=person.key,
        has_id=True,
    )


def _of_lines(lines: Iterable[Line], persons: Mapping[Hashable, Person], evidence: Evidence) -> Iterator[Found]:
    """What is wrong with each line, and the warnings of the live successes that passed the tests 1-3."""
    for line in lines:
        if line.mismatch_kind:
            yield _about_line(line.mismatch_kind, line, persons)
        if line.is_live:
            yield from (_about_line(kind, line, persons) for kind in _line_warnings(line, persons, evidence))


def _line_warnings(line: Line, persons: Mapping[Hashable, Person], evidence: Evidence) -> Iterator[str]:
    person = persons.get(line.meant_id) if line.meant_id else None
    result = compare_with_roll(line, person) if person else MISMATCH
    if person is None or result == MISMATCH:
        return
    townships = {line.row.township_code, person.township_code}
    if len(townships) > 1 and UNKNOWN not in townships:
        yield "township_mismatch"
    class_ = evidence.class_of(line.meant_id)
    channel = load_codes()["class"].by_code[class_].attributes["channel"] if class_ else None
    if channel and channel != line.channel:
        yield "channel_mismatch"
    if result == UNREADABLE_NAME:
        yield "name_unreadable"


def _about_line(kind: str, line: Line, persons: Mapping[Hashable, Person]) -> Found:
    return Found(
        kind=kind,
        township_code=line.row.township_code,
        id_text=line.row.identity.text,
        person_id=line.person_id,
        name=line.row.name.shown,
        channel=line.channel,
        fen=line.fen,
        place=line.row.place,
        about=line.meant_id if line.meant_id in persons else None,
        line=line,
        has_id=True,
    )


def _of_accounts(lines: Iterable[Line], persons: Mapping[Hashable, Person]) -> Iterator[Found]:
    """One per account that was refunded for persons of two or more households."""
    by_account: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.channel == REFUND and line.row.account and line.is_live and line.meant_id in persons:
            by_account[line.row.account].append(line)
    for same in by_account.values():
        if len(same) == 1:
            continue
        refunded = {line.meant_id for line in same}
        households = {persons[key].row.household_no or (key,) for key in refunded}
        if len(households) > 1:
            first = min(same, key=lambda line: (line.day, line.order))
            yield Found(
                kind="duplicate_account",
                severity="error" if len(refunded) > MANY_PERSONS else "warning",
                township_code=first.row.township_code,
                channel=REFUND,
                fen=first.fen,
                place=first.row.place,
            )


def _of_townships(files: Files, lines: Iterable[Line], persons: Mapping[Hashable, Person]) -> Iterator[Found]:
    """`unknown_township` outside the roll: a row of tax_returns or allocations."""
    kind = "unknown_township"
    for line in lines:
        if line.channel != REFUND and line.row.township_code == UNKNOWN:
            yield _about_line(kind, line, persons)
    for row in files.accepted(TransferRow, "allocations"):
        if row.township_code == UNKNOWN:
            yield Found(kind=kind, township_code=UNKNOWN, fen=row.amount_fen, place=row.place)


def _of_lists(divisions: Divisions, lists: Iterable[tuple[CountedFile, bool]]) -> Iterator[Found]:
    """`unknown_township` of the bank: one a file, by its head or its rows."""
    for file, names_unknown_township in lists:
        heads = [said(table.head.get("township")) for table in file.facts.tables]
        if names_unknown_township or any(head and divisions.township[head] == UNKNOWN for head in heads):
            yield Found(kind="unknown_township", township_code=UNKNOWN, channel=REFUND, file=file)


def _of_replaced_files(run: RunFacts, files: Files, persons: Mapping[Hashable, Person]) -> Iterator[Found]:
    """Successes that a list which replaces another one no longer has."""
    for row in files.withdrawn:
        person_id = row.identity.person_id(files.file_of(row).stated_date or date(run.year, 12, 31))
        yield Found(
            kind="success_withdrawn",
            township_code=row.township_code,
            id_text=row.identity.text,
            person_id=person_id,
            name=row.name.shown,
            channel=REFUND,
            fen=row.amount_fen,
            place=row.place,
            about=person_id if person_id in persons else None,
            has_id=True,
        )


def _of_grants(run: RunFacts, files: Files) -> Iterator[Found]:
    """Grants that don't fit their headcount."""
    shares = {level.name: level.share for level in run.policy.fund_levels}
    for row in files.accepted(GrantRow, "fund_documents"):
        if row.persons is not None and row.fund_level is not None:
            expected = row.persons * shares[row.fund_level] * run.policy.premium_yuan * 100
            if expected != row.amount_fen:
                yield Found(kind="grant_headcount_gap", township_code=None, fen=row.amount_fen, place=row.place)


def _of_funds(funds: Funds) -> Iterator[Found]:
    """Transfers or use above what there is."""
    for code, fund in funds.townships.items():
        if code != UNKNOWN and fund.used > fund.allocated:
            yield Found(kind="over_allocated", township_code=code)
    if funds.allocated > funds.budget:
        yield Found(kind="over_budget", township_code=None)
