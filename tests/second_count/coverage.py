"""What the random worlds must hold between them: every kind, state, reason, disposition and status of the contract."""

from collections import Counter, defaultdict

from pipeline.checks.second_count.counted import Counted
from pipeline.checks.second_count.files import CountedFile
from pipeline.checks.second_count.names import simplified
from pipeline.checks.second_count.row_types import LineRow, RegisterRow, TransferRow
from pipeline.checks.second_count.tables import tables_of

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
    "member_with_two_ids",
    "evidence_unreadable",
    "unknown_outcome",
    "outcome_unclear",
    "changed_after_payment",
    "success_withdrawn",
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
    "evidence_unreadable",
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
    *(
        ("uncovered", reason)
        for reason in ("disputed", "reversed", "outcome_unknown", "outcome_unrecognised", "silent")
    ),
    *(("uncovered", f"return_failed:{reason}") for reason in FAILURE_REASONS),
    *(("failure", reason) for reason in FAILURE_REASONS),
    *(
        ("disposition", disposition)
        for disposition in (
            "self_paid",
            "failed",
            "unknown",
            "unrecognised",
            "reversal",
            "reversed",
            "written_off",
            "disputed",
        )
    ),
    *(
        ("unknown word", vocabulary)
        for vocabulary in (
            "outcome",
            "outcome_code",
            "exclusion",
            "benefit_status",
            "insured_status",
            "schooling",
            "category",
            "class",
            "payer_kind",
            "levy_item",
            "fund_level",
        )
    ),
    *(("dropped", source) for source in ("tax_returns", "bank_returns", "fund_documents", "allocations")),
    *(
        ("rows", kind)
        for kind in (
            "later",
            "dated evidence",
            "contradicting outcome",
            "own payment given back",
            "traditional name",
            "transfer given back",
            "quarantined evidence",
            "township of title, sheet or folder",
        )
    ),
    *(("list", kind) for kind in ("added", "reprinted", "replaced by hour")),
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
        facts["rows", "later"] += row["rows_later"]
        facts["dropped", row["source"]] += row["rows_dropped"]
    for row in tables["mart.unknown_word"]:
        facts["unknown word", row["vocabulary"]] += 1
    for file in counted.files.all:
        facts += _facts_of_file(file)
    facts["list", "added"] += _added_lists(counted)
    return facts


def _facts_of_file(file: CountedFile) -> Counter[Fact]:
    facts: Counter[Fact] = Counter()
    if file.status == "same_rows" and file.made_on:
        facts["list", "reprinted"] += 1
    if file.status == "replaced" and file.made_at:
        facts["list", "replaced by hour"] += 1
    for row in file.accepted:
        facts["rows", "dated evidence"] += isinstance(row, RegisterRow) and bool(row.exclusion and row.event_date)
        facts["rows", "transfer given back"] += isinstance(row, TransferRow) and (row.amount_fen or 0) < 0
        if isinstance(row, LineRow):
            facts += _facts_of_line(row)
    is_evidence = file.facts.source in ("pension_register", "category_rolls")
    facts["rows", "quarantined evidence"] += len(file.quarantined) if is_evidence else 0
    has_township = any("township" in table.aliases or "township" in table.head for table in file.facts.tables)
    if file.facts.source in ("poverty_roll", "classification", "tax_returns") and not has_township:
        facts["rows", "township of title, sheet or folder"] += len(file.accepted)
    return facts


def _facts_of_line(row: LineRow) -> Counter[Fact]:
    outcome = row.outcome
    is_contradicting = outcome.outcome == "unrecognised" and not outcome.unknown_word
    return Counter(
        {
            ("rows", "contradicting outcome"): int(is_contradicting),
            ("rows", "own payment given back"): int(row.is_self_paid and outcome.outcome == "reversed"),
            ("rows", "traditional name"): int(any(simplified(each) != each for each in row.name.key)),
        }
    )


def _added_lists(counted: Counted) -> int:
    """How many lists stand beside an earlier one of their batch."""
    files_of: dict[tuple[str, str], set[int]] = defaultdict(set)
    for file in counted.files.read("bank_returns"):
        for row in file.rows:
            if row.document_no:
                files_of[row.document_no, row.township_code].add(file.number)
    return sum(len(files) - 1 for files in files_of.values())
