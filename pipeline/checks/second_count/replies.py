"""Replies of townships and bureau (rules.md, section 8): which are refused, which wait, and what they change."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from pipeline.checks.second_count.facts import RunFacts
from pipeline.checks.second_count.identity import full_form, keyed_hash, read_identity
from pipeline.checks.second_count.mismatches import Found
from pipeline.checks.second_count.roll import TWO_NAMES, Person
from pipeline.checks.second_count.row_types import Place, ReplyRow
from pipeline.checks.second_count.states import ELIGIBLE, EXCLUDED, HOLDS, Lifted
from pipeline.checks.second_count.words import Words
from pipeline.contracts.codes import load_codes

MAKER, CHECKER = "maker", "checker"
APPLIED, WAITING, REFUSED = "applied", "waiting", "refused"
IDENTITY, CONFIRM_ELIGIBLE, CONFIRM_EXCLUDED = "confirm_identity", "confirm_eligible", "confirm_excluded"
IDENTITY_OF_ROLL = frozenset(("invalid_id", "id_precision_lost"))
# The cells that a row's token covers, behind the mismatch's number, in this order.
PROTECTED = (
    "差异类型", "级别", "乡镇", "行政村", "姓名", "证件号码", "渠道", "金额", "来源文件", "工作表", "行号", "应为",
    "实际", "处理要求", "疑似人员", "疑似理由", "办理状态",
)  # fmt: skip


AMOUNT_CELL = "金额"
MAKER_CELL = "乡镇填报人"
# An amount as a cell shows it, and a file that was saved as text holds it.
_SHOWN = re.compile(r"(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)\.[0-9]{1,2}")


@dataclass
class Settlements:
    """What the replies change, and the status of each reply and mismatch.

    Attributes:
        named_persons: the ID of the roll person that a line means, by the line's place.
        repaired_ids: the right ID of a roll person, by his key.
        holds: kinds that no longer hold a person, by his key.
        confirmed: a person's state and reason, by his key.
        statuses: answered or settled, by mismatch_id.
        reply_rows: each reply with its answer and status.
    """

    named_persons: dict[Place, str] = field(default_factory=dict)
    repaired_ids: dict[Hashable, str] = field(default_factory=dict)
    holds: dict[Hashable, set[str]] = field(default_factory=lambda: defaultdict(set))
    confirmed: dict[Hashable, tuple[str, str | None]] = field(default_factory=dict)
    statuses: dict[str, str] = field(default_factory=dict)
    reply_rows: list[tuple[ReplyRow, str | None, str]] = field(default_factory=list)

    @property
    def lifted(self) -> Lifted:
        """Holds and states by the key under which a person is known once his ID is repaired."""
        holds: dict[Hashable, set[str]] = defaultdict(set)
        for key, kinds in self.holds.items():
            holds[self.repaired_ids.get(key, key)] |= kinds
        return Lifted(holds, {self.repaired_ids.get(key, key): state for key, state in self.confirmed.items()})


@dataclass(frozen=True)
class _Settled:
    """A mismatch's answer that counts: the maker's row, the day of its confirmation."""

    mismatch_id: str
    row: ReplyRow
    checked: date


class Replies:
    """Judges the replies to the mismatches of a year."""

    def __init__(
        self,
        run: RunFacts,
        rows: Sequence[ReplyRow],
        mismatches: Mapping[str, Found],
        persons: Mapping[Hashable, Person],
    ) -> None:
        self._run, self._rows, self._mismatches, self._persons = run, rows, mismatches, persons
        self._words = Words(run.own_words)
        self._answers = {code.chinese: code.code for code in load_codes()["answer"].codes}
        self._row_tokens = {row.place: self._row_token(row) for row in self._rows}

    def settle(self) -> Settlements:
        """Judge every reply, and apply the latest settled answer of each mismatch."""
        settlements = Settlements()
        times = Counter((row.place[0], row.mismatch_id) for row in self._rows)
        answers: list[ReplyRow] = []
        good: dict[str, list[ReplyRow]] = defaultdict(list)
        for row in self._rows:
            is_as_sent_out = self._is_as_sent_out(row)
            if self._is_unanswered(row) and (is_as_sent_out or self._is_of_township_list(row)):
                continue
            is_doubled = times[row.place[0], row.mismatch_id] > 1
            if is_doubled or not is_as_sent_out or not self._is_acceptable(row):
                settlements.reply_rows.append((row, self._answer(row), REFUSED))
            else:
                answers.append(row)
        # Who is only given his ID by another answer may be meant by a line, which waits until that one is settled.
        given = {meant_id(row) for row in answers if row.role == MAKER and self._gives_id(row)}
        for row in answers:
            if self._is_off_roll(row) and meant_id(row) not in given:
                settlements.reply_rows.append((row, self._answer(row), REFUSED))
            else:
                good[row.mismatch_id or ""].append(row)
        of_lines = {key for key, rows in good.items() if any(map(self._is_off_roll, rows))}
        settled = self._settle_all(good, good.keys() - of_lines, frozenset(), settlements)
        ids = frozenset(meant_id(each.row) for each in settled if self._gives_id(each.row))
        settled += self._settle_all(good, of_lines, ids, settlements)
        # The latest answer is applied last; of equal dates that of the mismatch whose number is first.
        settled.sort(key=lambda each: each.mismatch_id, reverse=True)
        for each in sorted(settled, key=lambda each: (each.row.own_date or date.min, each.checked)):
            self._apply(each, settlements)
        return settlements

    def _settle_all(
        self, good: Mapping[str, list[ReplyRow]], keys: Set[str], ids: Set[str], settlements: Settlements
    ) -> list[_Settled]:
        """The answers that count of these mismatches; `ids` are those that roll rows were given."""
        return [found for key in sorted(keys) if (found := self._settle(key, good[key], ids, settlements))]

    def _row_token(self, row: ReplyRow) -> str:
        """The token that a row carries over its protected cells in a township's list."""
        cells = {label: str(text or "") for label, text in json.loads(row.cells).items()}
        cells[AMOUNT_CELL] = _as_sent(cells.get(AMOUNT_CELL, ""))
        content = "|".join([row.mismatch_id or "", *(cells.get(label, "") for label in PROTECTED)])
        return keyed_hash(self._run.key, content)

    def _is_as_sent_out(self, row: ReplyRow) -> bool:
        """Whether a row is one of its role's workbook; the bureau's tokens hold the answer and who gave it."""
        expected = self._row_tokens[row.place]
        if row.role == CHECKER:
            maker = str(json.loads(row.cells).get(MAKER_CELL) or "")
            content = f"checker|{expected}|{row.answer_code or ''}|{row.answer_value or ''}|{maker}"
            expected = keyed_hash(self._run.key, content)
        return row.token == expected

    def _is_of_township_list(self, row: ReplyRow) -> bool:
        """Whether the bureau's answer stands in a township's list, where it confirms nothing."""
        return row.role == CHECKER and row.token == self._row_tokens[row.place]

    def _is_unanswered(self, row: ReplyRow) -> bool:
        """Whether nothing was filled in; the bureau's workbook has the townships' answers filled in already."""
        is_empty = not row.answer_code and not row.answer_value
        return is_empty or (row.role == CHECKER and not row.person and not row.own_date)

    def _answer(self, row: ReplyRow) -> str | None:
        return self._answers.get(self._words.listed("answer_code", row.answer_code or ""))

    def _is_acceptable(self, row: ReplyRow) -> bool:
        """Whether a reply is to a mismatch that exists, is signed and says what fits it."""
        mismatch = self._mismatches.get(row.mismatch_id or "")
        if mismatch is None or not row.person or not row.own_date:
            return False
        answer, is_of_person = self._answer(row), mismatch.about is not None
        if answer == IDENTITY:
            meant = meant_id(row)
            if mismatch.line:
                return True
            if mismatch.kind == TWO_NAMES:
                return meant == mismatch.person_id
            is_valid = read_identity(meant, is_number=False).person_id(date(self._run.year, 12, 31)) is not None
            return is_of_person and mismatch.kind in IDENTITY_OF_ROLL and is_valid
        if answer == CONFIRM_EXCLUDED:
            return is_of_person and _reason(row) in self._run.policy.exclusion_reasons
        return is_of_person if answer == CONFIRM_ELIGIBLE else answer is not None

    def _gives_id(self, row: ReplyRow) -> bool:
        """Whether an answer gives a roll row its right ID."""
        mismatch = self._mismatches[row.mismatch_id or ""]
        return self._answer(row) == IDENTITY and not mismatch.line and mismatch.kind in IDENTITY_OF_ROLL

    def _is_off_roll(self, row: ReplyRow) -> bool:
        """Whether a line is said to mean somebody who isn't on the roll by this ID as the files have it."""
        is_of_line = self._mismatches[row.mismatch_id or ""].line is not None
        return self._answer(row) == IDENTITY and is_of_line and meant_id(row) not in self._persons

    def _settle(
        self, mismatch_id: str, rows: Sequence[ReplyRow], ids: Set[str], settlements: Settlements
    ) -> _Settled | None:
        """Judge the replies to one mismatch; the maker's that counts, None where none does."""
        makers = [row for row in rows if row.role == MAKER]
        checkers = [row for row in rows if row.role == CHECKER]
        confirmed = []
        for maker in makers:
            days = [
                checker.own_date or date.min
                for checker in checkers
                if self._agree(checker, maker) and _is_another(checker, maker)
            ]
            if days and (meant_id(maker) in ids or not self._is_off_roll(maker)):
                confirmed.append((maker.own_date or date.min, min(days), maker.place, maker))
        latest = max(confirmed)[3] if confirmed else None
        confirmed_places = {place for _, _, place, _ in confirmed}
        for maker in makers:
            is_confirmed = maker.place in confirmed_places
            status = APPLIED if maker is latest else REFUSED if is_confirmed else WAITING
            settlements.reply_rows.append((maker, self._answer(maker), status))
        for checker in checkers:
            same = [maker for maker in makers if self._agree(checker, maker)]
            others = [maker for maker in same if _is_another(checker, maker)]
            if any(maker is latest for maker in others):
                status = APPLIED
            elif any(maker.place in confirmed_places for maker in others) or (same and not others):
                status = REFUSED
            else:
                status = WAITING
            settlements.reply_rows.append((checker, self._answer(checker), status))
        if makers:
            settlements.statuses[mismatch_id] = "settled" if latest else "answered"
        return _Settled(mismatch_id, latest, max(confirmed)[1]) if latest else None

    def _agree(self, checker: ReplyRow, maker: ReplyRow) -> bool:
        """Whether the checker says the same: the same answer, of the same ID, reason or text."""
        answer = self._answer(maker)
        if self._answer(checker) != answer:
            return False
        if answer == IDENTITY:
            return meant_id(checker) == meant_id(maker)
        return checker.answer_value == maker.answer_value

    def _apply(self, settled: _Settled, settlements: Settlements) -> None:
        mismatch, answer = self._mismatches[settled.mismatch_id], self._answer(settled.row)
        about = mismatch.about
        if answer == IDENTITY:
            if mismatch.line:
                settlements.named_persons[mismatch.line.row.place] = meant_id(settled.row)
            elif mismatch.kind == TWO_NAMES:
                settlements.holds[about].add(TWO_NAMES)
            else:
                settlements.repaired_ids[about] = meant_id(settled.row)
        if answer in (CONFIRM_ELIGIBLE, CONFIRM_EXCLUDED):
            settlements.confirmed.pop(about, None)
            settlements.holds[about].update(HOLDS)
        if answer == CONFIRM_ELIGIBLE:
            settlements.confirmed[about] = (ELIGIBLE, None)
        if answer == CONFIRM_EXCLUDED:
            settlements.confirmed[about] = (EXCLUDED, f"township:{_reason(settled.row)}")


def meant_id(row: ReplyRow) -> str:
    """The ID that an answer states."""
    text = "".join((row.answer_value or "").split()).lstrip("'").upper()
    return full_form(text)


def _reason(row: ReplyRow) -> str:
    """The word of the list that an answer states: blanks within it say nothing."""
    return "".join((row.answer_value or "").split())


def _as_sent(amount: str) -> str:
    """An amount without what a cell shows beside the number that it holds."""
    return amount.replace(",", "").rstrip("0").rstrip(".") if _SHOWN.fullmatch(amount) else amount


def _is_another(checker: ReplyRow, maker: ReplyRow) -> bool:
    """Whether two people signed."""
    return "".join((checker.person or "").split()) != "".join((maker.person or "").split())
