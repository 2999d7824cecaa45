"""Replies of townships and bureau: which are refused, which wait for the second person, and what they change."""

import hashlib
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
MAKER_CELL = "乡镇填报人"
# Under which the pipeline hashes persons and rows.
KEY = "the key of the second count, long enough"
IDENTITY_OF_ROLL = {"invalid_id", "id_precision_lost", "id_with_two_names"}


@dataclass(frozen=True)
class Exported:
    """A mismatch as its workbook shows it: its place among the recount's mismatches, the token, and the protected cells."""

    position: int
    token: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sent:
    """A mismatch that was sent out, as the replies find it."""

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
    landed: Landed,
    exported: dict[str, Exported],
    mismatches: list[Mismatch],
    persons: dict[Hashable, Person],
    policy: Policy,
) -> Settlements:
    """Judge every reply, and apply the latest settled answer of each mismatch."""
    settlements = Settlements()
    sent = {key: Sent(mismatches[each.position], each.token, each.cells) for key, each in exported.items()}
    rows = landed.rows(Reply)
    times = Counter((row.file.file_name, row.row.mismatch_id) for row in rows)
    good: dict[str, list[LandedRow[Reply]]] = defaultdict(list)
    for row in rows:
        is_doubled = times[row.file.file_name, row.row.mismatch_id] > 1
        if _is_no_reply(row, sent):
            continue
        if is_doubled or not _is_as_sent_out(row, sent) or not _is_acceptable(row.row, sent, persons, policy):
            settlements.reply_rows.append((row, "refused"))
        else:
            good[row.row.mismatch_id].append(row)
    settled = []
    for mismatch_id, answers in good.items():
        pair = _settle_mismatch(sent[mismatch_id].mismatch, answers, settlements)
        if pair:
            settled.append((mismatch_id, *pair))
    # The latest answer is applied last; of equal dates that of the mismatch whose number is first.
    for mismatch_id, reply, _ in sorted(sorted(settled, key=lambda each: each[0], reverse=True), key=_days):
        _apply(sent[mismatch_id].mismatch, reply, settlements)
    return settlements


def _days(settled: tuple[str, Reply, date]) -> tuple[date, date]:
    """When the maker answered, and when the checker confirmed it."""
    return settled[1].answered_date or date.min, settled[2]


def _is_as_sent_out(row: LandedRow[Reply], sent: dict[str, Sent]) -> bool:
    """Whether a row is one of its role's workbook, with its protected cells unchanged."""
    reply, known = row.row, sent.get(row.row.mismatch_id)
    if known is None or tuple(cell for cell in reply.cells if cell[0] != MAKER_CELL) != known.cells:
        return False
    return reply.token == (checker_token(known.token, reply) if row.file.role == "checker" else known.token)


def _is_no_reply(row: LandedRow[Reply], sent: dict[str, Sent]) -> bool:
    """Whether a row came back as it was sent out: without an answer, or without the checker's name and day."""
    reply, is_of_checker = row.row, row.file.role == "checker"
    is_unsigned = is_of_checker and not reply.person and reply.answered_date is None
    known = sent.get(reply.mismatch_id)
    is_of_township_list = is_of_checker and known is not None and reply.token == known.token
    return (is_unsigned or not reply.answer_code) and (_is_as_sent_out(row, sent) or is_of_township_list)


def checker_token(row_token: str, reply: Reply) -> str:
    """The token of a row of the bureau's workbook: over the row's own, the answer, and who gave it."""
    maker = dict(reply.cells).get(MAKER_CELL, "")
    content = f"checker|{row_token}|{reply.answer_code}|{reply.answer_value}|{maker}"
    return _sha256(KEY + _sha256(KEY + content))[:32]


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _is_acceptable(reply: Reply, sent: dict[str, Sent], persons: dict[Hashable, Person], policy: Policy) -> bool:
    """Whether a reply is to a mismatch that exists, is signed and says what fits it."""
    if not reply.person or not reply.answered_date:
        return False
    answer, mismatch = ANSWERS.get(reply.answer_code), sent[reply.mismatch_id].mismatch
    if answer == "confirm_identity":
        meant = full_form(reply.answer_value)
        if mismatch.line:
            return meant in persons
        return (
            mismatch.about is not None
            and mismatch.kind in IDENTITY_OF_ROLL
            and is_valid(meant, date(policy.year, 12, 31))
        )
    if answer in ("confirm_eligible", "confirm_excluded"):
        is_reasoned = answer == "confirm_eligible" or reply.answer_value in policy.exclusion_reasons
        return mismatch.about is not None and is_reasoned
    return answer is not None


def _settle_mismatch(
    mismatch: Mismatch, answers: list[LandedRow[Reply]], settlements: Settlements
) -> tuple[Reply, date] | None:
    """Judge the replies to one mismatch; the maker's that counts with the day of its confirmation, None where none does."""
    makers = [row for row in answers if row.file.role == "maker"]
    checkers = [row for row in answers if row.file.role == "checker"]
    confirmed = []
    for maker in makers:
        days = [
            checker.row.answered_date or date.min
            for checker in checkers
            if _agrees(checker.row, maker.row) and _is_another(checker.row, maker.row)
        ]
        if days:
            confirmed.append((maker, min(days)))
    latest = max(
        confirmed, key=lambda each: (each[0].row.answered_date or date.min, each[1], each[0].source_order), default=None
    )
    for maker in makers:
        is_confirmed = any(maker is each for each, _ in confirmed)
        is_latest = latest is not None and maker is latest[0]
        settlements.reply_rows.append((maker, "applied" if is_latest else "refused" if is_confirmed else "waiting"))
    for checker in checkers:
        same = [maker for maker in makers if _agrees(checker.row, maker.row)]
        others = [maker for maker in same if _is_another(checker.row, maker.row)]
        is_applied = latest is not None and any(maker is latest[0] for maker in others)
        settlements.reply_rows.append((checker, "applied" if is_applied else "refused" if same else "waiting"))
    if makers:
        settlements.mismatch_statuses[mismatch] = "settled" if latest else "answered"
    return (latest[0].row, latest[1]) if latest else None


def _agrees(checker: Reply, maker: Reply) -> bool:
    """Whether the checker says the same: the same answer, of the same ID, reason or text."""
    if checker.answer_code != maker.answer_code:
        return False
    if ANSWERS[maker.answer_code] == "confirm_identity":
        return full_form(checker.answer_value) == full_form(maker.answer_value)
    return checker.answer_value == maker.answer_value


def _is_another(checker: Reply, maker: Reply) -> bool:
    """Whether two people signed."""
    return checker.person.replace(" ", "") != maker.person.replace(" ", "")


def _apply(mismatch: Mismatch, reply: Reply, settlements: Settlements) -> None:
    answer, about = ANSWERS[reply.answer_code], mismatch.about
    if answer == "confirm_identity":
        if mismatch.line:
            settlements.named_persons[mismatch.line.key] = full_form(reply.answer_value)
        elif mismatch.kind == "id_with_two_names":
            settlements.lifted[about].add(mismatch.kind)
        else:
            settlements.repaired_ids[about] = full_form(reply.answer_value)
    if answer in ("confirm_eligible", "confirm_excluded"):
        settlements.confirmed.pop(about, None)
    if answer == "confirm_eligible":
        settlements.confirmed[about] = ("eligible", None)
    if answer == "confirm_excluded":
        settlements.confirmed[about] = ("excluded", f"township:{reply.answer_value}")
    if answer in ("confirm_eligible", "confirm_excluded"):
        settlements.lifted[about].update(HOLDING_KINDS)
