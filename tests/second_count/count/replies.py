"""Replies of townships and bureau: which are refused, which wait for the second person, and what they change."""

from collections import Counter, defaultdict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date

from ..world import Policy, Reply
from .identity import full_form, is_valid
from .landed import Landed, LandedRow
from .mismatches import Mismatch
from .roll import HOLDING_KINDS, Person

ANSWERS = {
    "确认身份": "confirm_identity",
    "确认符合": "confirm_eligible",
    "确认不符合": "confirm_excluded",
    "追回": "recover",
    "说明": "note",
}
IDENTITY_OF_LINE = {"invalid_id", "id_precision_lost", "not_on_roll", "name_mismatch"}
IDENTITY_OF_ROLL = {"invalid_id", "id_precision_lost", "id_with_two_names"}


@dataclass(frozen=True)
class Exported:
    """A mismatch as its workbook shows it: the recount's mismatch, the token, and the protected cells."""

    mismatch: Mismatch
    token: str
    cells: tuple[tuple[str, str], ...]


@dataclass
class Settlements:
    """What the replies change, and the status of each reply and mismatch.

    `named_persons`: ID of the roll person that a line means, by the key of the line. `repaired_ids`: the right ID of a
    roll person, by his key. `lifted`: kinds that no longer hold a person. `confirmed`: a person's state and reason.
    """

    named_persons: dict[Hashable, str] = field(default_factory=dict)
    repaired_ids: dict[Hashable, str] = field(default_factory=dict)
    lifted: dict[Hashable, set[str]] = field(default_factory=lambda: defaultdict(set))
    confirmed: dict[Hashable, tuple[str, str | None]] = field(default_factory=dict)
    mismatch_statuses: dict[Mismatch, str] = field(default_factory=dict)
    reply_rows: list[tuple[LandedRow[Reply], str]] = field(default_factory=list)


def settle(
    landed: Landed, exported: dict[str, Exported], persons: dict[Hashable, Person], policy: Policy
) -> Settlements:
    """Judge every reply, and apply the latest settled answer of each mismatch."""
    settlements = Settlements()
    rows = landed.rows(Reply)
    times = Counter((row.file.file_name, row.row.mismatch_id) for row in rows)
    good: dict[str, list[LandedRow[Reply]]] = defaultdict(list)
    for row in rows:
        is_doubled = times[row.file.file_name, row.row.mismatch_id] > 1
        if is_doubled or not _is_acceptable(row.row, exported, persons, policy):
            settlements.reply_rows.append((row, "refused"))
        else:
            good[row.row.mismatch_id].append(row)
    for mismatch_id, answers in sorted(good.items()):
        _settle_mismatch(exported[mismatch_id].mismatch, answers, settlements)
    return settlements


def _is_acceptable(
    reply: Reply, exported: dict[str, Exported], persons: dict[Hashable, Person], policy: Policy
) -> bool:
    """Whether a reply is to a mismatch that exists, leaves its protected cells alone and says what fits it."""
    known = exported.get(reply.mismatch_id)
    if known is None or (reply.token, reply.cells) != (known.token, known.cells):
        return False
    answer, mismatch = ANSWERS.get(reply.answer_code), known.mismatch
    if answer == "confirm_identity":
        meant = full_form(reply.answer_value)
        if mismatch.line:
            return mismatch.kind in IDENTITY_OF_LINE and meant in persons
        return (
            mismatch.about is not None
            and mismatch.kind in IDENTITY_OF_ROLL
            and is_valid(meant, date(policy.year, 12, 31))
        )
    if answer in ("confirm_eligible", "confirm_excluded"):
        is_reasoned = answer == "confirm_eligible" or reply.answer_value in policy.exclusion_reasons
        return mismatch.about is not None and is_reasoned
    return answer is not None


def _settle_mismatch(mismatch: Mismatch, answers: list[LandedRow[Reply]], settlements: Settlements) -> None:
    makers = [row for row in answers if row.file.role == "maker"]
    checkers = [row for row in answers if row.file.role == "checker"]
    pairs = [(maker, checker) for maker in makers for checker in checkers if _confirms(checker.row, maker.row)]
    applied = {row.source_order for pair in pairs for row in pair}
    for row in answers:
        settlements.reply_rows.append((row, "applied" if row.source_order in applied else "waiting"))
    if pairs:
        latest = max(pairs, key=lambda pair: (pair[0].row.answered_date or date.min, pair[0].source_order))
        _apply(mismatch, latest[0].row, settlements)
    if makers:
        settlements.mismatch_statuses[mismatch] = "settled" if pairs else "answered"


def _confirms(checker: Reply, maker: Reply) -> bool:
    return checker.person != maker.person and (checker.answer_code, checker.answer_value) == (
        maker.answer_code,
        maker.answer_value,
    )


def _apply(mismatch: Mismatch, reply: Reply, settlements: Settlements) -> None:
    answer, about = ANSWERS[reply.answer_code], mismatch.about
    if answer == "confirm_identity":
        if mismatch.line:
            settlements.named_persons[mismatch.line.key] = full_form(reply.answer_value)
        elif mismatch.kind == "id_with_two_names":
            settlements.lifted[about].add(mismatch.kind)
        else:
            settlements.repaired_ids[about] = full_form(reply.answer_value)
    if answer == "confirm_eligible":
        settlements.confirmed[about] = ("eligible", None)
    if answer == "confirm_excluded":
        settlements.confirmed[about] = ("excluded", f"township:{reply.answer_value}")
    if answer in ("confirm_eligible", "confirm_excluded"):
        settlements.lifted[about].update(HOLDING_KINDS)
