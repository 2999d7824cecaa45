"""How persons are paid, as data: which lines a person has, and what must become of each.

`dealing.py` deals the scenarios out to the people and `payments.py` makes the lines of them.
"""

from dataclasses import dataclass, replace
from typing import Literal

from pipeline.sample.statuses import COLLECTION, REFUND

Who = Literal["eligible", "turning_60", "turned_60", "died_late", "excluded", "unconfirmed"]
"""`turned_60` are those who turn 60 before the last round of payments, `died_late` those who die after them."""

SLOW, LOST = "slow", "lost"
"""A township that pays late, and one of whose lists of June is lost on the way."""


@dataclass(frozen=True)
class LinePlan:
    """One line of a person.

    `round` is the round of payments (1 June, 2 September, 3 November, 4 January of the next year). `channel` is `own`
    (that of the township's class), `other`, `refund` or `collection`. `change` names what is done to the line, a
    function of `changes.py`.
    """

    round: int
    disposition: str = "written_off"
    outcome: str = "success"
    channel: str = "own"
    mismatch: str | None = None
    change: str | None = None
    failure_reason: str | None = None


@dataclass(frozen=True)
class Scenario:
    """The lines of a person, and how many such persons there are.

    `groups` counts the groups of `group_size` persons in a district of full size; the persons of a group are of
    different households. `class_word`, `bank_layout` and `township` limit whom the scenario may happen to.
    `uncovered_reason` is set where an eligible person stays uncovered.
    """

    name: str
    groups: int
    lines: tuple[LinePlan, ...]
    who: Who = "eligible"
    class_word: str | None = None
    bank_layout: str | None = None
    township: str | None = None
    group_size: int = 1
    uncovered_reason: str | None = None

    @property
    def is_planted(self) -> bool:
        """Whether a mismatch or a lost list comes of it; a clean sample has no such scenario."""
        return self.name == LOST_LIST or any(
            line.mismatch or line.change or line.channel == "other" for line in self.lines
        )


FAILURES = {
    "no_such_account": 420,
    "name_mismatch": 160,
    "account_closed": 90,
    "account_frozen": 40,
    "account_lost": 60,
    "id_mismatch": 70,
    "amount_error": 12,
    "duplicate": 14,
    "other": 30,
}
"""Failure reasons and the persons of a full district who are paid in the round after such a failure."""


def _failed(round_: int, reason: str) -> LinePlan:
    return LinePlan(round_, "failed", outcome="failed", failure_reason=reason)


def _disputed(round_: int, mismatch: str, change: str | None = None, channel: str = "own") -> LinePlan:
    return LinePlan(round_, "disputed", mismatch=mismatch, change=change, channel=channel)


def _of_failure(name: str, groups: int, reason: str, lines: tuple[LinePlan, ...]) -> Scenario:
    """A scenario with a failure: only a code says `amount_error`, and only the pipe layout has codes."""
    is_by_code = reason == "amount_error"
    return Scenario(
        name, groups, lines, class_word=REFUND if is_by_code else None, bank_layout="pipe" if is_by_code else None
    )


REVERSED = (LinePlan(1, "reversed"), LinePlan(2, "reversal", outcome="reversed"))
UNKNOWN = LinePlan(1, "unknown", outcome="unknown")
UNRECOGNISED = LinePlan(1, "unrecognised", "unrecognised", mismatch="unknown_outcome")

DIED_AFTER_PAYMENT = "died_after_payment"
"""Whoever has it is in the register as deceased since November, after his payment in June."""

WITHDRAWN = "withdrawn"
"""What becomes of a success that stands only in a list that another one replaces: it is no line."""

PLAIN = (
    Scenario("paid_in_june", 66, (LinePlan(1),)),
    Scenario("paid_in_september", 27, (LinePlan(2),)),
    Scenario("paid_in_november", 7, (LinePlan(3),)),
)
"""Dealt out by weight to every eligible person without another scenario; `turning_60` all have the first."""

SLOW_WEIGHTS = (12, 33, 55)
"""The weights in the slow township."""

LOST_LIST = "on_the_lost_list"
PAID_AFTER_LOSS = Scenario(
    LOST_LIST, 120, (LinePlan(2),), class_word=REFUND, bank_layout="pipe", township=LOST, group_size=2
)
"""Their list of June came cut off and never whole; where everybody is covered they are paid again in September."""

ORDINARY = (
    *(
        _of_failure(f"{reason}_then_paid", groups, reason, (_failed(1, reason), LinePlan(2)))
        for reason, groups in FAILURES.items()
    ),
    Scenario("failed_twice_then_paid", 24, (_failed(1, "no_such_account"), _failed(2, "account_closed"), LinePlan(3))),
    Scenario("unknown_then_paid", 60, (UNKNOWN, LinePlan(2))),
    Scenario("reversed_then_paid", 110, (*REVERSED, LinePlan(3))),
    Scenario("ineligible_failed", 45, (_failed(1, "no_such_account"),), who="excluded"),
)

PLANTED = (
    Scenario("line_with_invalid_id", 40, (_disputed(1, "invalid_id", "wrong_digit"), LinePlan(2))),
    Scenario("line_with_lost_digits", 24, (_disputed(1, "id_precision_lost", "lost_digits"), LinePlan(2))),
    Scenario("line_of_neighbour", 30, (_disputed(1, "not_on_roll", "neighbour"), LinePlan(2))),
    Scenario("line_with_other_name", 44, (_disputed(1, "name_mismatch", "other_name"), LinePlan(2))),
    Scenario("line_with_unreadable_name", 36, (LinePlan(1, change="unreadable_name"),)),
    Scenario("wrong_amount", 26, (_disputed(1, "amount_mismatch", "amount"), LinePlan(2))),
    Scenario("paid_after_the_year", 22, (LinePlan(2), _disputed(4, "outside_window"))),
    Scenario(
        "period_of_another_year",
        10,
        (_disputed(1, "outside_window", "period"), LinePlan(2)),
        class_word=COLLECTION,
    ),
    Scenario("paid_after_60", 16, (LinePlan(1), _disputed(3, "paid_after_60")), who="turned_60"),
    Scenario(
        "refund_before_self_payment",
        28,
        (_disputed(1, "refund_without_self_payment"), LinePlan(2)),
        class_word=REFUND,
    ),
    Scenario("refunded_twice", 20, (LinePlan(1), _disputed(2, "paid_twice")), class_word=REFUND),
    Scenario("collected_twice", 16, (LinePlan(1), _disputed(2, "paid_twice")), class_word=COLLECTION),
    Scenario(
        "refunded_and_collected",
        18,
        (LinePlan(1), _disputed(2, "paid_in_both_channels", channel="other")),
        class_word=REFUND,
    ),
    Scenario("paid_by_other_township", 34, (LinePlan(1, change="paying_township"),)),
    Scenario("collected_instead", 30, (LinePlan(1, channel="other"),), class_word=REFUND),
    Scenario("refunded_instead", 26, (LinePlan(1, channel="other"),), class_word=COLLECTION),
    Scenario("account_of_two", 12, (LinePlan(1, change="shared_account"),), class_word=REFUND, group_size=2),
    Scenario("account_of_many", 1, (LinePlan(1, change="shared_account"),), class_word=REFUND, group_size=8),
    Scenario("collection_without_township", 3, (LinePlan(1, change="unknown_township"),), class_word=COLLECTION),
    Scenario("batch_without_township", 4, (LinePlan(2, change="unknown_township"),), class_word=REFUND),
    Scenario("ineligible_paid", 52, (_disputed(1, "paid_ineligible", channel="collection"),), who="excluded"),
    Scenario("ineligible_refunded", 38, (_disputed(2, "paid_ineligible", channel="refund"),), who="excluded"),
    Scenario(
        "reversal_of_nothing",
        8,
        (LinePlan(2, "disputed", "reversed", "refund", "reversal_without_payment"),),
        who="excluded",
    ),
    Scenario("outcome_in_an_unknown_word", 24, (UNRECOGNISED, LinePlan(2))),
    Scenario(
        "outcome_unclear",
        24,
        (
            _disputed(1, "outcome_unclear"),
            LinePlan(2, "unrecognised", "unrecognised", mismatch="unknown_outcome"),
            LinePlan(3),
        ),
    ),
    Scenario(DIED_AFTER_PAYMENT, 24, (LinePlan(1, mismatch="changed_after_payment"),), who="died_late"),
    Scenario(
        "success_withdrawn",
        24,
        (LinePlan(1, WITHDRAWN, mismatch="success_withdrawn"), LinePlan(2)),
        class_word=REFUND,
        bank_layout="pipe",
    ),
    Scenario("unconfirmed_paid", 20, (_disputed(1, "paid_unconfirmed"),), who="unconfirmed"),
)

UNCOVERED = (
    replace(PAID_AFTER_LOSS, lines=(), uncovered_reason="silent"),
    Scenario("silent", 460, (), uncovered_reason="silent"),
    Scenario("silent_in_the_slow_township", 300, (), township=SLOW, uncovered_reason="silent"),
    Scenario("silent_turning_60", 20, (), who="turning_60", uncovered_reason="silent"),
    Scenario("disputed", 48, (_disputed(1, "amount_mismatch", "amount"),), uncovered_reason="disputed"),
    Scenario("reversed", 40, REVERSED, uncovered_reason="reversed"),
    Scenario(
        "reversal_only",
        6,
        (LinePlan(2, "disputed", "reversed", mismatch="reversal_without_payment"),),
        uncovered_reason="reversed",
    ),
    Scenario(
        "outcome_unknown",
        66,
        (_failed(1, "account_lost"), LinePlan(2, "unknown", "unknown")),
        uncovered_reason="outcome_unknown",
    ),
    Scenario("outcome_unrecognised", 30, (UNRECOGNISED,), uncovered_reason="outcome_unrecognised"),
    *(
        replace(
            _of_failure(f"{reason}_only", groups // 2, reason, (UNKNOWN, _failed(2, reason))),
            uncovered_reason=f"return_failed:{reason}",
        )
        for reason, groups in FAILURES.items()
    ),
)
"""Eligible persons who stay uncovered; only years whose figures allow it have them."""
