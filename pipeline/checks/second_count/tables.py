"""The published tables as this count has them, in the columns of outputs.md."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from pipeline.checks.second_count.counted import Counted, Groups, Table, Totals, table_of_rows
from pipeline.checks.second_count.divisions import Divisions
from pipeline.checks.second_count.facts import RunFacts
from pipeline.checks.second_count.figure_tables import district, fund_levels, ladder, participation, township_funds
from pipeline.checks.second_count.file_counts import FileCounts
from pipeline.checks.second_count.file_tables import (
    add_word,
    quarantined_rows,
    replies,
    source_files,
    unknown_words,
    words_of,
)
from pipeline.checks.second_count.handling import (
    capacities,
    handled,
    payments,
    receipts,
    silence_table,
    silences,
    village_participation,
)
from pipeline.checks.second_count.identity import masked_id
from pipeline.checks.second_count.indicators import indicators
from pipeline.checks.second_count.lines import REFUND, WRITTEN_OFF, Line, uncovered_reason
from pipeline.checks.second_count.mismatches import WITHOUT_PLACE, Found, severity_of
from pipeline.checks.second_count.money import POSTING_COLUMNS, no_funds, postings
from pipeline.checks.second_count.names import masked_name
from pipeline.checks.second_count.payment_status import payment_statuses
from pipeline.checks.second_count.rates import answers, benefits
from pipeline.checks.second_count.reference import reference_tables
from pipeline.checks.second_count.row_types import Place
from pipeline.checks.second_count.states import ELIGIBLE
from pipeline.contracts.codes import load_codes

REGISTERED_POOR = "registered_poor"
NO_VALID_ID = "no valid ID"
TABLES = (
    "mart.township_participation",
    "mart.township_fund",
    "mart.district_summary",
    "mart.fund_level",
    "mart.coverage_ladder",
    "core.person_year",
    "core.return_line",
    "core.fund_posting",
    "mart.roster_mismatch",
    "mart.source_file",
    "mart.quarantined_row",
    "mart.reply",
    "mart.unknown_word",
    "mart.village_participation",
    "mart.payment_status",
    "mart.capacity_village",
    "mart.capacity_township",
    "mart.capacity_silence",
    "mart.code",
    "mart.township",
    "mart.village",
    "mart.refresh",
    "mart.performance_indicator",
)


def tables_of(counted: Counted) -> list[Table]:
    """All tables of a year that was counted at once."""
    totals = totals_of(counted.run, counted.divisions)
    rows = count_rows(counted, totals)
    return [*figure_tables(totals), *rows]


def count_rows(counted: Counted, totals: Totals) -> list[Table]:
    """The tables with a row a person, a line, a posting, a mismatch …; what adds up is added to the totals."""
    written_off, lines_of = _lines_by_person(counted)
    uncovered = {
        key: uncovered_reason(lines_of.get(key, ()))
        for key, state in counted.states.items()
        if state.state == ELIGIBLE and key not in written_off
    }
    villages = {key: counted.village_code(person) for key, person in counted.persons.items()}
    person_years = _person_years(counted, villages, written_off, uncovered)
    _add_up(totals, counted, _groups(person_years), villages, uncovered)
    return [
        person_years,
        _return_lines(counted),
        _postings(counted),
        _mismatches(counted),
        quarantined_rows(counted),
        replies(counted),
        payment_statuses(counted, person_years, lines_of),
    ]


def figure_tables(totals: Totals) -> list[Table]:
    """The tables that the totals make."""
    townships, funds = participation(totals), township_funds(totals)
    whole = district(totals, townships, funds)
    tables = [
        _table("mart.township_participation", ("township_code",), townships),
        _table("mart.township_fund", ("township_code",), funds),
        _table("mart.district_summary", (), [whole]),
        _table("mart.fund_level", ("township_code", "fund_level"), fund_levels(totals)),
        ladder(totals),
        source_files(totals.files.values()),
        unknown_words(totals.words),
        village_participation(totals.groups),
        *capacities(totals),
        silence_table(totals),
        *reference_tables(totals),
    ]
    return [*tables, indicators(totals, whole)] if totals.run.template else tables


def totals_of(run: RunFacts, divisions: Divisions) -> Totals:
    """The totals of nothing."""
    return Totals(run, divisions, no_funds(run.policy), no_funds(run.policy))


def _add_up(
    totals: Totals,
    counted: Counted,
    groups: Groups,
    villages: Mapping[Hashable, str | None],
    uncovered: Mapping[Hashable, str],
) -> None:
    totals.groups.update(groups)
    totals.funds.add(counted.funds)
    totals.stated_funds.add(counted.stated_funds)
    for place, counts in handled(counted, villages, groups).items():
        totals.handled[place].update(counts)
    totals.payments.add(payments(counted, villages))
    for code, receipt in receipts(counted):
        totals.receipts[code].append(receipt)
    totals.silences.update(silences(counted, villages, uncovered))
    totals.benefits.update(benefits(counted.files, counted.run.year))
    totals.answers.update(answers(counted.files))
    for file in counted.files.all:
        totals.files.setdefault(file.number, FileCounts(file)).add(file)
    for key, rows in words_of(counted.files.all).items():
        add_word(totals.words, key, rows)


def _table(name: str, key: tuple[str, ...], rows: list[dict[str, Any]]) -> Table:
    columns = tuple(rows[0]) if rows else key
    return table_of_rows(name, columns, key, [tuple(row.values()) for row in rows])


def _lines_by_person(counted: Counted) -> tuple[dict[Hashable, Line], dict[Hashable, list[Line]]]:
    written_off: dict[Hashable, Line] = {}
    lines_of: dict[Hashable, list[Line]] = defaultdict(list)
    for line in counted.lines:
        if line.meant_id is not None:
            lines_of[line.meant_id].append(line)
            if line.disposition == WRITTEN_OFF:
                written_off[line.meant_id] = line
    return written_off, lines_of


def _groups(person_years: Table) -> Groups:
    """The persons, counted by what each of them is."""
    columns = ("township_code", "village_code", "state", "state_reason", "channel", "uncovered_reason")
    return Counter(zip(*(person_years.values[column] for column in columns), strict=True))


def _person_years(
    counted: Counted,
    villages: Mapping[Hashable, str | None],
    written_off: Mapping[Hashable, Line],
    uncovered: Mapping[Hashable, str],
) -> Table:
    persons, evidence = counted.persons.values(), counted.evidence
    states = [counted.states[key] for key in counted.persons]
    lines = [written_off.get(key) for key in counted.persons]
    order = [category.name for category in counted.run.policy.categories]
    values = {
        "person_id": [person.person_id or NO_VALID_ID for person in persons],
        "id_masked": [masked_id(person.person_id or person.row.identity.text) for person in persons],
        "name_masked": [masked_name(person.row.name.shown) for person in persons],
        "township_code": [person.township_code for person in persons],
        "village_code": [villages[key] for key in counted.persons],
        "category": [_category(evidence.categories.get(person.person_id or ""), order) for person in persons],
        "birth_year": [
            person.birth_date.year if person.person_id and person.birth_date else None for person in persons
        ],
        "state": [state.state for state in states],
        "state_reason": [state.reason for state in states],
        "class": [evidence.class_of(person.person_id) for person in persons],
        "channel": [line.channel if line else None for line in lines],
        "paid_date": [line.row.own_date if line else None for line in lines],
        "written_off_yuan": [line.row.amount_fen if line else None for line in lines],
        "uncovered_reason": [uncovered.get(key) for key in counted.persons],
    }
    return Table("core.person_year", ("person_id",), values)


def _category(found: set[str] | None, order: Sequence[str]) -> str | None:
    """The first of a person's categories in the policy's order; everybody on the roll is registered poor."""
    if not found:
        return REGISTERED_POOR
    return next((category for category in order if category == REGISTERED_POOR or category in found), None)


def _return_lines(counted: Counted) -> Table:
    lines = counted.lines
    rows = [line.row for line in lines]
    files, sheets, row_numbers = _where([row.place for row in rows], counted)
    values = {
        "channel": [line.channel for line in lines],
        "person_id": [line.person_id for line in lines],
        "township_code": [row.township_code for row in rows],
        "batch_no": [line.row.document_no if line.channel == REFUND else None for line in lines],
        "line_no": [row.line_no for row in rows],
        "paid_date": [row.own_date for row in rows],
        "amount_yuan": [row.amount_fen for row in rows],
        "outcome": [row.outcome.outcome for row in rows],
        "disposition": [line.disposition for line in lines],
        "failure_reason": [row.outcome.failure_reason for row in rows],
        "mismatch_kind": [line.mismatch_kind for line in lines],
        "source_file": files,
        "sheet": sheets,
        "row_number": row_numbers,
    }
    return Table("core.return_line", ("source_file", "sheet", "row_number"), values)


def _where(places: Sequence[Place], counted: Counted) -> tuple[list[str], list[str | None], list[int]]:
    """File, sheet and row of places."""
    names = [file.facts.file_name for file in counted.files.all]
    files = [names[number - 1] for number, _, _ in places]
    return files, [sheet or None for _, sheet, _ in places], [row for _, _, row in places]


def _postings(counted: Counted) -> Table:
    found = postings(counted.files, counted.lines, counted.run.policy)
    values = {column: [posting[at] for posting in found] for at, column in enumerate(POSTING_COLUMNS)}
    files, _, row_numbers = _where(values.pop("place"), counted)
    key = ("source_file", "row_number", "from_account", "to_account", "fund_level")
    return Table("core.fund_posting", key, values | {"source_file": files, "row_number": row_numbers})


MISMATCH_COLUMNS = (
    "kind", "severity", "township_code", "person_id", "id_masked", "name_masked", "channel", "amount_yuan", "source_file",
    "sheet", "row_number",
)  # fmt: skip
# What the vocabulary of kinds says, with a gap for a value that is not counted a second time.
TEXT_COLUMNS = ("action", "expected", "found")
GAP = "{value}"


def mismatch_values(counted: Counted, found: Found) -> tuple[Any, ...]:
    """What a mismatch says in MISMATCH_COLUMNS; whoever is on the roll without a valid ID is somebody all the same."""
    where: tuple[Any, ...] = (None, None, None)
    if found.place is not None and found.kind not in WITHOUT_PLACE:
        where = counted.where(found.place)
    elif found.file is not None:
        where = (found.file.facts.file_name, None, None)
    is_somebody = found.about is not None and found.line is None
    return (
        found.kind,
        severity_of(found),
        found.township_code,
        found.person_id or (NO_VALID_ID if is_somebody else None),
        masked_id(found.id_text) if found.has_id else None,
        masked_name(found.name),
        found.channel,
        found.fen,
        *where,
    )


def _mismatches(counted: Counted) -> Table:
    kinds = load_codes()["mismatch_kind"].by_code
    said = {kind: tuple(code.attributes[name] for name in TEXT_COLUMNS) for kind, code in kinds.items()}
    rows = [
        (*mismatch_values(counted, found), counted.status(number), *said[found.kind])
        for number, found in counted.mismatches.items()
    ]
    columns = (*MISMATCH_COLUMNS, "status", *TEXT_COLUMNS)
    return table_of_rows("mart.roster_mismatch", columns, ("kind", "source_file", "sheet", "row_number"), rows)
