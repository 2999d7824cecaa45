"""Section 8: which replies of townships and bureau count, and what a settled one changes."""

import hashlib
import json
from datetime import date
from typing import Any

import pytest

from tests.second_count.published import PROTECTED_CELLS

from .results import SECRET, Row, results

ID, OLD_ID = "530199198506150012", "530199850615001"
NEW_ID = "530199198506150098"

ABOUT_LINE = {"mismatch_id": "1", "kind": "not_on_roll", "subject": "line", "row_key": 77}
LINE = ABOUT_LINE | {"name": "张三"}
PERSON = {"mismatch_id": "1", "kind": "unclassified", "subject": "person", "person_no": "A"}
TWO_NAMES = PERSON | {"kind": "id_with_two_names", "person_no": ID}
NO_ID = {"mismatch_id": "1", "kind": "invalid_id", "subject": "person", "person_no": "|x"}


def sent_out(mismatch: Row) -> Row:
    """The row of the workbook that goes out: protected cells and token."""
    (row,) = results("core.mismatch_sheet", " ".join((*PROTECTED_CELLS, "token")), mismatch=[mismatch])
    cells = dict(zip(PROTECTED_CELLS.values(), row, strict=False))
    return {"mismatch_id": mismatch["mismatch_id"], "token": row[-1], "cells": json.dumps(cells, ensure_ascii=False)}


def said(sent: Row, answer: str | None, value: str | None = None, **values: Any) -> Row:
    """What 杨经办 of the township answers in June."""
    usual = {"person": "杨经办", "role": "maker", "file_name": "maker.xlsx", "answered_date": date(2019, 6, 1)}
    return sent | usual | {"answer_code": answer, "answer_value": value} | values


def checked(sent: Row, answer: str | None, value: str | None = None, **values: Any) -> Row:
    """What 李复核 of the bureau confirms, in the workbook that was written for this answer of 杨经办."""
    usual = {"person": "李复核", "role": "checker", "file_name": "checker.xlsx", "answered_date": date(2019, 6, 5)}
    return said(to_confirm(sent, answer, value), answer, value, **usual | values)


def to_confirm(sent: Row, answer: str | None, value: str | None = None, maker: str = "杨经办") -> Row:
    """The row of the bureau's workbook."""
    cells = json.loads(sent["cells"]) | {"乡镇填报人": maker}
    token = keyed_hash(f"checker|{sent['token']}|{answer or ''}|{value or ''}|{maker}")
    return sent | {"token": token, "cells": json.dumps(cells, ensure_ascii=False)}


def keyed_hash(content: str) -> str:
    """The keyed hash of a text, as the macro makes it."""
    inner = hashlib.sha256((SECRET + content).encode()).hexdigest()
    return hashlib.sha256((SECRET + inner).encode()).hexdigest()[:32]


def replies(*given: Row | None) -> list[tuple[str, str | None]]:
    """Status and the first word of the reason of each reply, in order; the mismatches stand before them."""
    mismatches = [each for each in given if each and "kind" in each]
    rows = [each for each in given if each and "kind" not in each]
    numbered = [{"row_key": number} | row for number, row in enumerate(rows, start=1)]
    found = results(
        "core.reply",
        "row_key status reason",
        township_replies=numbered,
        row_fate=[{"row_key": row["row_key"], "fate": "accepted"} for row in numbered],
        file_status=[
            {"file_name": name, "file_number": number}
            for number, name in enumerate(dict.fromkeys(row["file_name"] for row in rows), start=1)
        ],
        mismatch=mismatches,
        person=[{"person_no": ID, "person_id": ID}],
        identity_number=[
            {"id_text": id_text, "has_right_check": True, "has_province": True, "birth_date": date(1985, 6, 15)}
            for id_text in (ID, NEW_ID)
        ],
    )
    return [(status, reason and reason.partition(":")[0]) for _, status, reason in found]


def test_a_reply_counts_when_another_person_has_confirmed_it() -> None:
    """Until then it waits."""
    sent = sent_out(PERSON)
    maker, checker = said(sent, "确认符合"), checked(sent, "确认符合")
    assert replies(PERSON, maker) == [("waiting", "no_checker")]
    assert replies(PERSON, checker) == [("waiting", "no_maker")]
    assert replies(PERSON, maker, checker) == [("applied", None), ("applied", None)]
    assert replies(PERSON, maker, checked(sent, "追回")) == [("waiting", "no_checker"), ("waiting", "no_maker")]


def test_maker_and_checker_are_two_persons() -> None:
    """A blank in the name makes no other person."""
    sent = sent_out(PERSON)
    same = checked(sent, "确认符合", person="杨 经办")
    assert replies(PERSON, said(sent, "确认符合"), same) == [("waiting", "no_checker"), ("refused", "same_person")]


def test_a_checker_confirms_the_same_id_reason_or_text() -> None:
    """An ID of 15 digits is the one of 18 that is made of it."""
    line, person = sent_out(LINE), sent_out(PERSON)
    applied = [("applied", None), ("applied", None)]
    assert replies(PERSON, said(person, "追回", "已联系"), checked(person, "追回", "已联系")) == applied
    assert replies(PERSON, said(person, "追回", "已联系"), checked(person, "追回")) == [
        ("waiting", "no_checker"),
        ("waiting", "no_maker"),
    ]
    assert replies(LINE, said(line, "确认身份", ID), checked(line, "确认身份", OLD_ID)) == applied
    excluded = said(person, "确认不符合", "在校")
    assert replies(PERSON, excluded, checked(person, "确认不符合", "在校")) == applied
    assert replies(PERSON, excluded, checked(person, "确认不符合", "死亡"))[0] == ("waiting", "no_checker")


@pytest.mark.parametrize(
    ("token", "cells", "reason"),
    [
        ({"answer": "追回"}, {}, "changed"),
        ({"value": "另一答复"}, {}, "changed"),
        ({"maker": "另一人"}, {}, "changed"),
        ({}, {"乡镇填报人": "另一人"}, "changed"),
        ({}, {"姓名": "另一人"}, "changed"),
        (None, {}, "not_of_bureau"),
        (None, {"复核": "另一列"}, "not_of_bureau"),
        (None, {"姓名": "另一人"}, "changed"),
    ],
)
def test_a_confirmation_is_bound_to_the_bureau_and_to_the_answer(
    token: dict[str, str] | None, cells: dict[str, str], reason: str
) -> None:
    """A township's own list with other headers, and the bureau's with another answer in it, confirm nothing."""
    sent = sent_out(PERSON)
    made = {"answer": "确认符合", "value": "已核实", "maker": "杨经办"}
    row = sent if token is None else to_confirm(sent, **made | token)
    row = row | {"cells": json.dumps(json.loads(to_confirm(sent, **made)["cells"]) | cells, ensure_ascii=False)}
    confirmation = said(row, "确认符合", "已核实", person="李复核", role="checker", file_name="checker.xlsx")
    assert replies(PERSON, said(sent, "确认符合", "已核实"), confirmation) == [
        ("waiting", "no_checker"),
        ("refused", reason),
    ]


def test_the_bureaus_workbook_is_no_answer_of_a_township() -> None:
    """Its tokens are the checker's alone; a row of it that nobody signed is no reply, of whomever it is."""
    sent = sent_out(PERSON)
    assert replies(PERSON, said(to_confirm(sent, "确认符合"), "确认符合")) == [("refused", "changed")]
    for row in (to_confirm(sent, "确认符合"), sent):
        unsigned = said(row, "确认符合", role="checker", person=None, answered_date=None)
        assert replies(PERSON, unsigned) == []


def test_a_row_that_is_not_as_it_was_sent_out_is_refused() -> None:
    """Changed, added, doubled, or to a mismatch that is no longer there."""
    sent = sent_out(PERSON)
    changed = sent | {"cells": sent["cells"].replace("错误", "提示")}
    assert replies(PERSON, said(changed, "确认符合")) == [("refused", "changed")]
    assert replies(PERSON, said(sent | {"token": None}, "确认符合")) == [("refused", "changed")]
    assert replies(PERSON, said(sent | {"mismatch_id": "2", "token": "x"}, "确认符合")) == [("refused", "added")]
    assert replies(PERSON, said(sent, "确认符合"), said(sent, "追回")) == [("refused", "doubled")] * 2
    assert replies(None, said(sent, "确认符合")) == [("refused", "stale")]


@pytest.mark.parametrize(
    ("amount", "text", "result"),
    [
        ("100.00", "100.00", "waiting"),
        ("1250.50", "1,250.50", "waiting"),
        ("1250.50", "1,250.5", "waiting"),
        ("1250000.00", "1,250,000.00", "waiting"),
        ("100.00", "100.004", "refused"),
        ("100.00", "10,0", "refused"),
        ("100.00", "200.00", "refused"),
        ("100.00", "", "refused"),
    ],
)
def test_an_amount_is_the_same_as_a_spreadsheet_shows_it(amount: str, text: str, result: str) -> None:
    """A list that is saved as text holds what its cells show: separators of thousands, and the fen."""
    mismatch = LINE | {"amount_yuan": amount}
    sent = sent_out(mismatch)
    cells = json.loads(sent["cells"]) | {"金额": text}
    [(status, _)] = replies(mismatch, said(sent | {"cells": json.dumps(cells, ensure_ascii=False)}, "追回"))
    assert status == result


def test_a_row_without_an_answer_is_no_reply() -> None:
    """The others must be signed and dated, and in the words of the list."""
    sent = sent_out(PERSON)
    assert replies(PERSON, said(sent, None)) == []
    assert replies(PERSON, said(sent, None, "已入户核实")) == [("refused", "no_answer")]
    assert replies(PERSON, said(sent, "同意")) == [("refused", "unknown_answer")]
    assert replies(PERSON, said(sent, "确认 符合")) == replies(PERSON, said(sent, "确认符合"))
    assert replies(PERSON, said(sent, "追回", person=None)) == [("refused", "unsigned")]
    assert replies(PERSON, said(sent, "追回", answered_date=None)) == [("refused", "unsigned")]


@pytest.mark.parametrize(
    ("mismatch", "answer", "value", "reason"),
    [
        (LINE, "确认身份", ID, "no_checker"),
        (LINE, "确认身份", "'" + OLD_ID, "no_checker"),
        (LINE, "确认身份", "530199198506150020", "not_on_roll"),
        (LINE, "确认符合", None, "not_applicable"),
        (NO_ID, "确认身份", ID, "no_checker"),
        (NO_ID, "确认身份", "5301", "invalid_id"),
        (NO_ID, "确认符合", None, "no_checker"),
        (PERSON, "确认身份", ID, "not_applicable"),
        (TWO_NAMES, "确认身份", ID, "no_checker"),
        (TWO_NAMES, "确认身份", OLD_ID, "no_checker"),
        (TWO_NAMES, "确认身份", NEW_ID, "other_person"),
        (PERSON, "确认不符合", "在校", "no_checker"),
        (PERSON, "确认不符合", "在 校", "no_checker"),
        (PERSON, "确认不符合", "不知道", "unknown_reason"),
        (PERSON | {"subject": "account", "person_no": None}, "确认身份", ID, "not_applicable"),
        (PERSON | {"subject": "account", "person_no": None}, "说明", "一家人", "no_checker"),
    ],
)
def test_an_answer_must_fit_the_mismatch(mismatch: Row, answer: str, value: str | None, reason: str) -> None:
    """A line may mean a person of the roll; a roll row may get its right ID; a person may be confirmed."""
    assert replies(mismatch, said(sent_out(mismatch), answer, value))[0][1] == reason


def test_a_reason_is_the_word_of_the_list() -> None:
    """Blanks within it say nothing; a text keeps them."""

    def value(answer: str, text: str) -> str:
        reply = said(sent_out(PERSON), answer, text) | {"row_key": 1}
        ((found,),) = results(
            "core.reply",
            "answer_value",
            township_replies=[reply],
            row_fate=[{"row_key": 1, "fate": "accepted"}],
            file_status=[{"file_name": reply["file_name"], "file_number": 1}],
            mismatch=[PERSON],
        )
        return str(found)

    assert value("确认不符合", "在  校") == "在校"
    assert value("说明", "在  校") == "在  校"


def test_a_line_may_mean_whoever_is_given_his_id_by_another_answer() -> None:
    """Roll and bank have the same wrong ID: both answers may be sent at once, and the line's counts once the roll's does."""
    line, no_id = LINE | {"mismatch_id": "2"}, NO_ID
    means, gives = (said(sent_out(each), "确认身份", NEW_ID) for each in (line, no_id))
    checked_line, checked_id = (checked(sent_out(each), "确认身份", NEW_ID) for each in (line, no_id))
    refused, unchecked = ("refused", "not_on_roll"), ("waiting", "no_checker")
    assert replies(line, no_id, means) == [refused]
    assert replies(line, no_id, means, said(sent_out(no_id), "确认身份", ID)) == [refused, unchecked]
    assert replies(line, no_id, means, gives) == [unchecked, unchecked]
    too_early = ("waiting", "no_id_yet")
    assert replies(line, no_id, means, gives, checked_line) == [too_early, unchecked, too_early]
    assert replies(line, no_id, means, gives, checked_line, checked_id) == [("applied", None)] * 4


def test_a_line_means_nobody_once_his_id_was_given_by_mistake() -> None:
    """The roll row is answered anew, and the line's earlier answer counts again."""
    line, no_id = LINE | {"mismatch_id": "2"}, NO_ID
    answers: list[Row] = []
    for mismatch, code, value, day in (
        (line, "说明", "查无此人", 1),
        (line, "确认身份", NEW_ID, 2),
        (no_id, "确认身份", NEW_ID, 1),
        (no_id, "确认身份", ID, 2),
    ):
        file = {"file_name": f"{mismatch['mismatch_id']} {day}.xlsx"}
        answers.append(said(sent_out(mismatch), code, value, answered_date=date(2019, 6, day), **file))
        answers.append(checked(sent_out(mismatch), code, value, file_name=f"checked {file['file_name']}"))
    applied, superseded, too_early = ("applied", None), ("refused", "superseded"), ("waiting", "no_id_yet")
    assert replies(line, no_id, *answers) == [*[applied] * 2, *[too_early] * 2, *[superseded] * 2, *[applied] * 2]


def test_of_answers_of_one_day_that_of_the_file_that_sorts_last_counts() -> None:
    """A list (10) comes behind a list (2)."""
    sent = sent_out(PERSON)
    second, tenth = said(sent, "说明", "一", file_name="a(2).xlsx"), said(sent, "说明", "二", file_name="a(10).xlsx")
    confirmed = [checked(sent, "说明", value, file_name=f"checker{value}.xlsx") for value in "一二"]
    assert [status for status, _ in replies(PERSON, second, tenth, *confirmed)] == [
        "refused",
        "applied",
        "refused",
        "applied",
    ]


def test_the_latest_settled_answer_of_a_mismatch_counts() -> None:
    """A later one that nobody has confirmed supersedes nothing."""
    sent = sent_out(PERSON)
    first, second = said(sent, "确认符合"), said(sent, "追回", file_name="later.xlsx", answered_date=date(2019, 7, 1))
    check = checked(sent, "确认符合")
    assert replies(PERSON, first, check, second) == [("applied", None), ("applied", None), ("waiting", "no_checker")]
    both = replies(PERSON, first, check, second, checked(sent, "追回", file_name="later checker.xlsx"))
    assert both == [("refused", "superseded"), ("refused", "superseded"), ("applied", None), ("applied", None)]


def settled(**values: Any) -> Row:
    """A maker's reply that was applied."""
    return {"role": "maker", "status": "applied", "answered_date": date(2019, 6, 1)} | values


def test_who_gets_his_right_id_is_known_by_it() -> None:
    """Also in what else was confirmed of him; of several such answers the latest counts."""
    applied = results(
        "core.applied_reply",
        "mismatch_id settled_person_no is_latest_of_person",
        reply=[
            settled(**NO_ID, answer="confirm_identity", answer_person_id=ID),
            settled(mismatch_id="2", subject="person", person_no="|x", answer="confirm_eligible"),
            settled(
                mismatch_id="3",
                subject="person",
                person_no=ID,
                answer="confirm_excluded",
                answered_date=date(2019, 7, 1),
            ),
        ],
    )
    assert applied == [("1", ID, True), ("2", ID, False), ("3", ID, True)]


def test_confirm_identity_gives_a_roll_row_its_id() -> None:
    """The person of the row is that of the ID from then on."""
    rows = [
        {"row_number": 1, "stated_person_no": "|x", "name": "张三", "name_key": "张三"},
        {"row_number": 2, "stated_person_no": ID, "person_id": ID, "name": "张三", "name_key": "张三"},
    ]
    repair = NO_ID | {"answer": "confirm_identity", "confirmed_person_id": ID, "is_latest_of_person": True}
    assert results("core.person_row", "row_number person_id person_no", roll_row=rows, applied_reply=[repair]) == [
        (1, ID, ID),
        (2, ID, ID),
    ]
    assert results("core.person_row", "row_number person_id person_no", roll_row=rows) == [(1, None, "|x"), (2, ID, ID)]


def test_confirm_identity_makes_a_line_that_of_the_named_person() -> None:
    """Other answers, and other lines, change no person."""
    lines = [{"row_key": 77, "person_id": None}, {"row_key": 78, "person_id": "B"}]
    named = ABOUT_LINE | {"answer": "confirm_identity", "confirmed_person_id": ID, "is_latest_of_line": True}
    assert results("core.line_person", "row_key person_id is_confirmed", return_row=lines, applied_reply=[named]) == [
        (77, ID, True),
        (78, "B", False),
    ]
    note = ABOUT_LINE | {"answer": "note", "is_latest_of_line": True}
    assert results("core.line_person", "row_key person_id is_confirmed", return_row=lines, applied_reply=[note]) == [
        (77, None, False),
        (78, "B", False),
    ]


def state(
    answer: str, value: str | None = None, *, kind: str = "unclassified", hold: str | None = None
) -> tuple[Any, ...]:
    """State and reason of a person of 34 after a settled reply."""
    reply = {"kind": kind, "subject": "person", "person_no": "A", "settled_person_no": "A", "answer": answer}
    (row,) = results(
        "core.eligibility",
        "state state_reason",
        person=[
            {
                "person_no": "A",
                "person_id": "A",
                "entry_birthday_date": date(2001, 6, 15),
                "end_birthday_date": date(2045, 6, 15),
            }
        ],
        classification_of_year=[{"person_id": "A", "class": "返还"}],
        roll_finding=[{"person_id": "A", "kind": hold}] if hold else [],
        applied_reply=[reply | {"answer_value": value, "is_latest_of_person": True}],
    )
    return row


def test_a_confirmed_state_stands_and_lifts_every_hold() -> None:
    """The reason is one of the policy's list; a note and money to be taken back change no figure."""
    assert state("confirm_excluded", "死亡") == ("excluded", "township:死亡")
    assert state("confirm_eligible", hold="on_two_township_rolls") == ("eligible", None)
    assert state("confirm_excluded", "迁出", hold="id_with_two_names") == ("excluded", "township:迁出")
    assert state("recover") == state("note") == ("eligible", None)
    assert state("note", hold="on_two_township_rolls") == ("unconfirmed", "on_two_township_rolls")


def test_a_confirmed_identity_settles_two_names_and_nothing_else() -> None:
    """Two townships still hold the person."""
    identity = "confirm_identity"
    assert state(identity, kind="id_with_two_names", hold="id_with_two_names") == ("eligible", None)
    held = state(identity, kind="id_with_two_names", hold="on_two_township_rolls")
    assert held == ("unconfirmed", "on_two_township_rolls")
