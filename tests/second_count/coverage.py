"""What the random worlds must hold between them: every kind, state, reason, disposition and status of the contract."""

from collections import Counter

from pipeline.checks.second_count.tables import Counted, tables_of

from .world import EXCLUSION_REASONS

Fact = tuple[str, str]

KINDS = (
    "invalid_id",
    "id_precision_lost",
    "duplicate_on_roll",
    "on_two_township_rolls",
    "id_with_two_names",
    "unknown_township",
    "exclusion_without_reason",
    "unclassified",
    "classification_conflict",
    "classified_twice",
    "classified_not_on_roll",
    "not_on_roll",
    "name_mismatch",
    "paid_ineligible",
    "paid_unconfirmed",
    "amount_mismatch",
    "outside_window",
    "paid_after_60",
    "refund_without_self_payment",
    "paid_twice",
    "paid_in_both_channels",
    "township_mismatch",
    "channel_mismatch",
    "name_unreadable",
    "duplicate_account",
    "reversal_without_payment",
    "over_allocated",
    "over_budget",
    "grant_headcount_gap",
)
BUREAU_REASONS = (
    "unidentified",
    "deceased",
    "under_16",
    "aged_60_or_over",
    "receiving_benefits",
    "in_school",
    "employee_scheme",
    "insured_elsewhere",
    "military",
    "imprisoned",
    "abroad",
    "moved_out",
    "other_fund",
)
UNCONFIRMED_REASONS = (
    "on_two_township_rolls",
    "id_with_two_names",
    "classified_twice",
    "classification_conflict",
    "unclassified",
)
FAILURE_REASONS = (
    "no_such_account",
    "name_mismatch",
    "account_closed",
    "account_frozen",
    "account_lost",
    "id_mismatch",
    "amount_error",
    "duplicate",
    "other",
)
EXPECTED: tuple[Fact, ...] = (
    *(("kind", kind) for kind in KINDS),
    *(("warning", kind) for kind in ("invalid_id", "id_precision_lost", "duplicate_account")),
    *(("error", kind) for kind in ("invalid_id", "id_precision_lost", "duplicate_account")),
    ("state", "eligible"),
    *(("excluded", reason) for reason in BUREAU_REASONS),
    *(("excluded", f"township:{reason}") for reason in (*EXCLUSION_REASONS, "unstated")),
    *(("unconfirmed", reason) for reason in UNCONFIRMED_REASONS),
    *(("uncovered", reason) for reason in ("disputed", "reversed", "outcome_unknown", "silent")),
    *(("uncovered", f"return_failed:{reason}") for reason in FAILURE_REASONS),
    *(("failure", reason) for reason in FAILURE_REASONS),
    *(
        ("disposition", disposition)
        for disposition in ("self_paid", "failed", "unknown", "reversal", "reversed", "written_off", "disputed")
    ),
    *(("reply", status) for status in ("applied", "waiting", "refused")),
    *(("answer", answer) for answer in ("confirm_identity", "confirm_eligible", "confirm_excluded", "recover", "note")),
    *(("status", status) for status in ("open", "answered", "settled")),
    *(("file", status) for status in ("read", "refused", "same_bytes", "same_rows", "replaced", "skipped", "later")),
)


def facts_of(counted: Counted) -> Counter[Fact]:
    """How often each fact occurs in a world."""
    tables = {
        table.name: [dict(zip(table.columns, row, strict=True)) for row in table.rows] for table in tables_of(counted)
    }
    facts: Counter[Fact] = Counter()
    for row in tables["mart.roster_mismatch"]:
        facts["kind", row["kind"]] += 1
        facts[row["severity"], row["kind"]] += 1
        facts["status", row["status"]] += 1
    for row in tables["mart.reply"]:
        facts["reply", row["status"]] += 1
        facts["answer", row["answer"]] += row["status"] == "applied"
    for row in tables["core.person_year"]:
        facts["state", row["state"]] += 1
        facts[row["state"], row["state_reason"]] += 1
        facts["uncovered", row["uncovered_reason"]] += 1
    for row in tables["core.return_line"]:
        facts["disposition", row["disposition"]] += 1
        facts["failure", row["failure_reason"]] += 1
        facts["outcome", row["outcome"]] += 1
    for row in tables["mart.source_file"]:
        facts["file", row["status"]] += 1
        facts["rows", "dropped"] += row["rows_dropped"]
        facts["rows", "later"] += row["rows_later"]
    for row in tables["mart.quarantined_row"]:
        for field in row["field"]:
            facts["quarantined", field] += 1
    for row in tables["mart.unknown_word"]:
        facts["unknown word", row["vocabulary"]] += 1
    return facts
