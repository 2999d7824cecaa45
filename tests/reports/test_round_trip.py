"""The workbooks go out, are answered by townships, confirmed by the bureau, and change the figures of the next refresh.

Once as they are saved by the tests, and once with LibreOffice in between. Tampering is in `test_round_trip_tampering`.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.ask.explain import explain
from pipeline.ask.trace import describe, trace
from pipeline.settings import Settings
from pipeline.warehouse.folder import WAREHOUSE_FILE
from pipeline.warehouse.reading import reading
from tests.desktop import needs

from .round_trip import (
    HEADER_ROW,
    REPLIES,
    YEAR,
    Office,
    SheetToFill,
    answer,
    key_of_tests,
    published,
    refresh,
    straight,
    through_libreoffice,
    workbooks,
)
from .round_trip_district import IDS, INVALID_ID

TOWNSHIP_ANSWERS = (
    ("身份证号无效", "李二", "确认身份", IDS["李二"]),
    ("分类与登记矛盾", "王三", "确认符合", None),
    ("未报分类", "赵四", "确认不符合", "外出失联"),
    ("同一证件号两个姓名", "钱五", "确认身份", IDS["钱五"]),
    ("身份证号无效", "孙六", "确认身份", IDS["孙六"]),
    ("同渠道重复付款", "周七", "追回", "下月退库"),
    ("为不符合人员付款", "吴八", "说明", "正在核实"),
)
# The bureau does not confirm this one.
UNSIGNED_ANSWER = ("为未确认人员付款", "王三", "说明", "见分类与登记矛盾")
BUREAU_ANSWER = ("下达金额与人数不符", None, "说明", "已向财政局核对")
STATUSES = "SELECT kind, status FROM mart.roster_mismatch WHERE township_code IS DISTINCT FROM '530113001' ORDER BY ALL"
PARTICIPATION = (
    "SELECT roll_count, excluded_count, unconfirmed_count, eligible_count, refunded_count, paid_on_behalf_count, "
    "covered_count, uncovered_count FROM mart.township_participation WHERE township_code = '530113102'"
)
FUND = (
    "SELECT allocated_yuan, paid_out_yuan, used_yuan, disputed_yuan, balance_yuan, cash_balance_yuan "
    "FROM mart.township_fund WHERE township_code = '530113102'"
)
QUESTIONS = {"statuses": STATUSES, "participation": PARTICIPATION, "fund": FUND}

FIRST_ROW = HEADER_ROW + 1


@dataclass(frozen=True)
class Trip:
    """What was published before the replies, with the makers' answers, and with the checker's."""

    sent: dict[str, list[tuple[Any, ...]]]
    answered: dict[str, list[tuple[Any, ...]]]
    settled: dict[str, list[tuple[Any, ...]]]
    replies: list[tuple[Any, ...]]
    rows_to_confirm: int
    traces: dict[str, str]
    causes: list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def trip(sent_district: Path, tmp_path_factory: pytest.TempPathFactory) -> Trip:
    """The whole way of the workbooks, as the tests save them."""
    return trip_of(sent_district, tmp_path_factory.mktemp("straight"), straight)


def trip_of(sent_district: Path, folder: Path, office: Office) -> Trip:
    """The way of the workbooks of a district's copy, through an office."""
    shutil.copytree(sent_district, folder / "district")
    with key_of_tests():
        return play(folder / "district", office)


def play(folder: Path, office: Office) -> Trip:
    """Answer what was sent, and confirm the answers: two refreshes."""
    raw = folder / "raw" / str(YEAR)
    sent = ask(folder)
    books = folder / "sent"
    township = SheetToFill(books / "2019年汤丹镇台账与差异清单.xlsx", "差异清单")
    for kind, name, code, value in (*TOWNSHIP_ANSWERS, UNSIGNED_ANSWER):
        answer(township, township.row_of(kind, name), code, value)
    township.save(folder / "back" / "汤丹镇.xlsx")
    bureau = SheetToFill(books / "2019年居保局差异清单.xlsx", "差异清单")
    kind, name, code, value = BUREAU_ANSWER
    answer(bureau, bureau.row_of(kind, name), code, value, "陈会计")
    bureau.save(folder / "back" / "居保局.xlsx")
    land(folder / "back", raw, office)
    refresh(folder)
    answered = ask(folder)

    confirmations = SheetToFill(workbooks(folder, "to confirm") / "2019年居保局复核.xlsx", "复核")
    rows = [row for row in range(FIRST_ROW, confirmations.worksheet.max_row) if confirmations.value(row, "校验码")]
    for row in rows:
        if confirmations.value(row, "差异类型") != UNSIGNED_ANSWER[0]:
            confirmations.put(row, 复核人="李复核", 复核日期=date(YEAR, 10, 8))
    confirmations.save(folder / "confirmed" / "复核.xlsx")
    land(folder / "confirmed", raw, office)
    refresh(folder)
    replies = published(folder, "SELECT source_file, answer, status, reason FROM mart.reply ")
    with reading(folder / "warehouse" / WAREHOUSE_FILE) as warehouse:
        traces = {given: describe(trace(warehouse, YEAR, given)) for given in (IDS["孙六"], INVALID_ID)}
    settings = Settings(raw=folder / "raw", warehouse=folder / "warehouse")
    explained = explain(settings, YEAR, date(YEAR, 9, 29), date(YEAR, 12, 31)).changes
    parts = [pl.col(figure).sum().cast(pl.Int64) for figure in ("roll_count", "eligible_count", "used_yuan")]
    causes = explained.group_by("cause").agg(parts).sort("cause").rows()
    return Trip(sent, answered, ask(folder), replies, len(rows), traces, causes)


def land(folder: Path, raw: Path, office: Office) -> None:
    """Let the workbooks of a folder pass through an office, and lay them into the landing folder."""
    office(folder)
    (raw / REPLIES).mkdir(exist_ok=True)
    for path in folder.glob("*.xlsx"):
        path.replace(raw / REPLIES / path.name)


def ask(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the published tables say of 汤丹镇 and the bureau's mismatches."""
    return {name: published(folder, sql) for name, sql in QUESTIONS.items()}


def test_an_answer_alone_changes_no_figure(trip: Trip) -> None:
    """A reply counts only when a second person has confirmed it."""
    assert trip.answered["participation"] == trip.sent["participation"] == [(8, 2, 3, 3, 0, 2, 2, 1)]
    money = tuple(map(Decimal, ("800.00", "700.00", "200.00", "500.00", "600.00", "100.00")))
    assert trip.answered["fund"] == trip.sent["fund"] == [money]
    assert trip.rows_to_confirm == len(TOWNSHIP_ANSWERS) + len((UNSIGNED_ANSWER, BUREAU_ANSWER))


def test_statuses_go_from_open_to_answered_to_settled(trip: Trip) -> None:
    """Of the mismatches that were answered; none vanishes."""
    unsigned = {"paid_unconfirmed": "answered"}
    settled = dict.fromkeys(
        (
            "classification_conflict",
            "grant_headcount_gap",
            "id_with_two_names",
            "invalid_id",
            "paid_ineligible",
            "paid_twice",
            "unclassified",
        ),
        "settled",
    )
    kinds = [kind for kind, _ in trip.sent["statuses"]]
    assert kinds == [
        "classification_conflict",
        "classified_not_on_roll",
        "grant_headcount_gap",
        "id_with_two_names",
        "invalid_id",
        "invalid_id",
        "not_on_roll",
        "paid_ineligible",
        "paid_twice",
        "paid_unconfirmed",
        "unclassified",
    ]
    assert trip.sent["statuses"] == [(kind, "open") for kind in kinds]
    answered = dict.fromkeys(settled, "answered") | unsigned
    assert trip.answered["statuses"] == [(kind, answered.get(kind, "open")) for kind in kinds]
    assert trip.settled["statuses"] == [(kind, (settled | unsigned).get(kind, "open")) for kind in kinds]


def test_confirmed_answers_change_the_persons(trip: Trip) -> None:
    """李二 and 孙六 are identified, 王三 and 钱五 are no longer held, 赵四 is excluded; 周七 and 吴八 stay as they were."""
    roll, excluded, unconfirmed, eligible = 8, 2, 0, 6
    refunded, paid_on_behalf, covered, uncovered = 1, 4, 5, 1
    assert trip.settled["participation"] == [
        (roll, excluded, unconfirmed, eligible, refunded, paid_on_behalf, covered, uncovered)
    ]


def test_confirmed_answers_change_the_money(trip: Trip) -> None:
    """Of seven payments five are written off; the second one of 周七 and that of 吴八 stay disputed."""
    allocated, paid_out, used, disputed, balance, cash = "800.00", "700.00", "500.00", "200.00", "300.00", "100.00"
    assert trip.settled["fund"] == [tuple(map(Decimal, (allocated, paid_out, used, disputed, balance, cash)))]


def test_every_reply_is_listed_as_applied(trip: Trip) -> None:
    """The makers' and the checker's rows; rows that came back empty or unsigned are no replies."""
    township = ["confirm_eligible", "confirm_excluded", *["confirm_identity"] * 3, "note", "recover"]
    expected = [("汤丹镇.xlsx", given) for given in township] + [("居保局.xlsx", "note")]
    expected += [("复核.xlsx", given) for given in [*township, "note"]]
    waiting = (f"{REPLIES}/汤丹镇.xlsx", "note", "waiting", "no_checker: 等待居保局复核。")
    applied = [(f"{REPLIES}/{name}", given, "applied", None) for name, given in expected]
    assert sorted(trip.replies, key=str) == sorted([*applied, waiting], key=str)


def test_who_got_his_right_id_is_followed_by_either(trip: Trip) -> None:
    """He is on the roll, with what was wrong of him and how it was answered, also for who asks by the ID that the roll has."""
    by_right_id, by_wrong_id = (trip.traces[given].splitlines() for given in (IDS["孙六"], INVALID_ID))
    assert by_wrong_id == by_right_id
    assert by_right_id[0].startswith(f"孙六 {IDS['孙六']};汤丹镇 洒海村委会;符合条件")
    assert [sum(word in line for line in by_right_id) for word in ("差异  身份证号无效", "答复  确认身份;已采用")] == [
        1,
        2,
    ]


def test_what_the_answers_changed_is_said_to_come_of_them(trip: Trip) -> None:
    """Who gets his right ID neither leaves the roll nor comes onto it."""
    assert trip.causes == [("差异答复办结", 0, 3, 300)]


@needs("LibreOffice")[1]
@pytest.mark.desktop
def test_libreoffice_in_between_changes_nothing(trip: Trip, sent_district: Path, tmp_path: Path) -> None:
    """Every workbook is opened and saved there on its way back, those of the townships and the checker's."""
    assert trip_of(sent_district, tmp_path, through_libreoffice) == trip
