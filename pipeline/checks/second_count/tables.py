"""The published tables as this count has them, in the columns of outputs.md."""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from pipeline.checks.second_count.controls import control_totals
from pipeline.checks.second_count.counted import Counted, Groups, Table, table_of_rows
from pipeline.checks.second_count.facts import FileFacts
from pipeline.checks.second_count.handling import capacities, silences, village_participation
from pipeline.checks.second_count.identity import masked_id
from pipeline.checks.second_count.indicators import indicators
from pipeline.checks.second_count.lines import REFUND, WRITTEN_OFF, Line, uncovered_reason
from pipeline.checks.second_count.mismatches import WITHOUT_PLACE, Found, severity_of
from pipeline.checks.second_count.money import POSTING_COLUMNS, add_counts, postings, rate
from pipeline.checks.second_count.names import masked_name
from pipeline.checks.second_count.payment_status import payment_statuses
from pipeline.checks.second_count.rates import benefit_disbursement_rate, satisfaction
from pipeline.checks.second_count.reference import reference_tables
from pipeline.checks.second_count.rows import Place
from pipeline.checks.second_count.states import ELIGIBLE
from pipeline.contracts.codes import load_codes

POLICY_LEVELS = ("municipal", "district")
REGISTERED_POOR = "registered_poor"
NO_VALID_ID = "no valid ID"
# What may be somebody's number is published masked in a word that nobody knows.
_LONG_NUMBER = re.compile(r"[0-9]{6,}")
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
    """All tables that are counted a second time."""
    written_off, lines_of = _lines_by_person(counted)
    uncovered = {
        key: uncovered_reason(lines_of.get(key, ()))
        for key, state in counted.states.items()
        if state.state == ELIGIBLE and key not in written_off
    }
    villages = {key: counted.village_code(person) for key, person in counted.persons.items()}
    person_years = _person_years(counted, villages, written_off, uncovered)
    groups = _groups(person_years)
    participation, funds = _participation(counted, groups), _township_funds(counted)
    district = _district(counted, participation, funds)
    tables = [
        _table("mart.township_participation", ("township_code",), participation),
        _table("mart.township_fund", ("township_code",), funds),
        _table("mart.district_summary", (), [district]),
        _table("mart.fund_level", ("township_code", "fund_level"), _fund_levels(counted)),
        _ladder(counted, groups),
        person_years,
        _return_lines(counted),
        _postings(counted),
        _mismatches(counted),
        _source_files(counted),
        _quarantined_rows(counted),
        _replies(counted),
        _unknown_words(counted),
        village_participation(groups),
        payment_statuses(counted, person_years, lines_of),
        *capacities(counted, villages, groups),
        silences(counted, villages, uncovered),
        *reference_tables(counted),
    ]
    return [*tables, indicators(counted, district)] if counted.run.template else tables


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


def _participation(counted: Counted, groups: Groups) -> list[dict[str, Any]]:
    states: Counter[tuple[str, str]] = Counter()
    channels: Counter[tuple[str, str | None]] = Counter()
    for (township_code, _, state, _, channel, _), count in groups.items():
        states[township_code, state] += count
        channels[township_code, channel] += count
    rows = []
    for code, fund in counted.funds.townships.items():
        excluded, unconfirmed, eligible = (states[code, state] for state in ("excluded", "unconfirmed", ELIGIBLE))
        refunded, collected = channels[code, REFUND], channels[code, "collection"]
        covered = refunded + collected
        rows.append(
            {
                "township_code": code,
                "township_name": counted.township_name(code),
                "roll_count": excluded + unconfirmed + eligible,
                "planned_count": fund.planned_count,
                "excluded_count": excluded,
                "unconfirmed_count": unconfirmed,
                "eligible_count": eligible,
                "refunded_count": refunded,
                "paid_on_behalf_count": collected,
                "covered_count": covered,
                "uncovered_count": eligible - covered,
                "participation_rate": rate(covered, eligible),
                "target_completion_rate": rate(covered, fund.planned_count),
            }
        )
    return rows


def _levels(counted: Counted) -> set[str]:
    return {level.name for level in counted.run.policy.fund_levels}


def _township_funds(counted: Counted) -> list[dict[str, Any]]:
    levels = _levels(counted)
    return [
        {
            "township_code": code,
            "township_name": counted.township_name(code),
            "allocated_yuan": fund.allocated,
            "paid_out_yuan": fund.paid_out,
            "used_yuan": fund.used,
            **{f"used_{level}_yuan": fund.used_by_level[level] if level in levels else None for level in POLICY_LEVELS},
            "disputed_yuan": fund.paid_out - fund.used,
            "balance_yuan": fund.allocated - fund.used,
            "cash_balance_yuan": fund.allocated - fund.paid_out,
            "utilisation_rate": rate(fund.used, fund.allocated),
        }
        for code, fund in counted.funds.townships.items()
    ]


def _district(counted: Counted, participation: list[dict[str, Any]], townships: list[dict[str, Any]]) -> dict[str, Any]:
    """The one row of the district: the townships' sums, the budget, and the rates of the sums."""
    row: dict[str, Any] = {}
    for column in participation[0]:
        if column.endswith("_count"):
            row[column] = add_counts(township[column] for township in participation)
    for column in townships[0]:
        if column.endswith("_yuan"):
            row[column] = add_counts(township[column] for township in townships)
    funds, levels = counted.funds, _levels(counted)
    row["township_balance_yuan"] = row["balance_yuan"]
    row["balance_yuan"] = funds.budget - funds.used
    row |= {
        "participation_rate": rate(row["covered_count"], row["eligible_count"]),
        "target_completion_rate": rate(row["covered_count"], row["planned_count"]),
        "utilisation_rate": rate(funds.used, funds.allocated),
        "execution_rate": rate(funds.used, funds.budget),
        "budget_yuan": funds.budget,
        "bureau_balance_yuan": funds.budget - funds.allocated,
        "benefit_disbursement_rate": benefit_disbursement_rate(counted.files, counted.run.year),
    }
    for level in POLICY_LEVELS:
        granted = funds.granted_by_level[level] if level in levels else None
        row[f"budget_{level}_yuan"] = granted
        row[f"balance_{level}_yuan"] = None if granted is None else granted - funds.used_of_level(level)
    return row | satisfaction(counted.files)


def _fund_levels(counted: Counted) -> list[dict[str, Any]]:
    """One row a level for the district, of the grants, and one for each township, of the transfers' parts."""
    rows = []
    for level in counted.run.policy.fund_levels:
        of_district = (None, counted.funds.granted_by_level[level.name], counted.funds.used_of_level(level.name))
        of_townships = (
            (code, fund.allocated_by_level[level.name], fund.used_by_level[level.name])
            for code, fund in counted.funds.townships.items()
        )
        for code, granted, used in (of_district, *of_townships):
            rows.append(
                {
                    "township_code": code,
                    "fund_level": level.name,
                    "granted_yuan": granted,
                    "used_yuan": used,
                    "balance_yuan": granted - used,
                }
            )
    return rows


def _ladder(counted: Counted, groups: Groups) -> Table:
    """From the roll to the covered, a rung a reason; roll, eligible and covered for every township, also with 0."""
    counts: Counter[tuple[str, int, str | None]] = Counter()
    for code in counted.funds.townships:
        for step in (1, 4, 6):
            counts[code, step, None] = 0
    for (code, _, state, reason, channel, why_uncovered), count in groups.items():
        counts[code, 1, None] += count
        if state != ELIGIBLE:
            counts[code, 2 if state == "excluded" else 3, reason] += count
            continue
        counts[code, 4, None] += count
        counts[(code, 6, None) if channel else (code, 5, why_uncovered)] += count
    key_columns = ("township_code", "step", "reason")
    return table_of_rows(
        "mart.coverage_ladder",
        (*key_columns, "person_count"),
        key_columns,
        [(*rung, count) for rung, count in counts.items()],
    )


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


def _source_files(counted: Counted) -> Table:
    columns = (
        "source", "file_name", "sha256", "status", "rows_read", "rows_accepted", "rows_quarantined", "rows_dropped",
        "rows_later", "control_count", "control_yuan", "file_date", "layout", "unit", "columns_unused", "fields_not_found",
        "hidden_rows",
    )  # fmt: skip
    rows = []
    for file in counted.files.all:
        facts = file.facts
        counts = [
            len(rows) if file.is_read else 0 for rows in (file.accepted, file.quarantined, file.dropped, file.later)
        ]
        totals = (*control_totals(file), file.file_date) if file.is_read else (None, None, None)
        rows_read = _rows_counted(facts) if file.is_read else 0
        rows.append(
            (
                *(facts.source, facts.file_name, facts.sha256, file.status, rows_read),
                *counts,
                *totals,
                *(facts.layout, _unit(facts), facts.columns_unused, facts.fields_not_found, facts.hidden_rows),
            )
        )
    return table_of_rows("mart.source_file", columns, ("file_name",), rows)


def _unit(facts: FileFacts) -> str | None:
    """The unit of each table's amounts, each once."""
    units = (next(iter(table.units.values()), None) for table in facts.tables)
    return "、".join(dict.fromkeys(unit for unit in units if unit)) or None


def _rows_counted(facts: FileFacts) -> int:
    """The data rows that the reader counted before it read a cell: each of them must have become of something."""
    return sum(table.rows_counted for table in facts.tables)


def _quarantined_rows(counted: Counted) -> Table:
    """One row a quarantined row; `field` holds all fields at fault, of which one is published."""
    rows = [
        (*counted.where(row.place), frozenset(field for field, _ in row.faults))
        for file in counted.files.all
        if file.is_read
        for row in file.quarantined
    ]
    key = ("source_file", "sheet", "row_number")
    return table_of_rows("mart.quarantined_row", (*key, "field"), key, rows)


def _replies(counted: Counted) -> Table:
    rows = [(*counted.where(row.place), answer, status) for row, answer, status in counted.settlements.reply_rows]
    key = ("source_file", "sheet", "row_number")
    return table_of_rows("mart.reply", (*key, "answer", "status"), key, rows)


def _unknown_words(counted: Counted) -> Table:
    """One row a file, vocabulary and word that nobody knows, of accepted and quarantined rows."""
    rows_of: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for file in counted.files.all:
        if file.is_read:
            for row in (*file.accepted, *file.quarantined):
                for vocabulary, word in row.unknown_words:
                    rows_of[file.facts.file_name, vocabulary, _LONG_NUMBER.sub("******", word)].append(row)
    rows = []
    for key, found in rows_of.items():
        amounts = [fen for row in found if (fen := _amount(row)) is not None]
        rows.append((*key, len(found), sum(amounts) if amounts else None, min(row.place[2] for row in found)))
    key_columns = ("source_file", "vocabulary", "word")
    return table_of_rows(
        "mart.unknown_word", (*key_columns, "row_count", "amount_yuan", "first_row_number"), key_columns, rows
    )


def _amount(row: Any) -> int | None:
    fen: int | None = getattr(row, "amount_fen", None)
    return fen
