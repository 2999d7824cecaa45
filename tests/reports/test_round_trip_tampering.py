"""Workbooks that were tampered with on their way: each way is caught, listed with its reason, and changes nothing.

The bureau confirms every one of them, so that only the rules of replies stand between a tampered row and the figures.
"""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from .round_trip import (
    HEADER_ROW,
    KEY,
    REPLIES,
    YEAR,
    SheetToFill,
    answer,
    key_of_tests,
    published,
    refresh,
    restricted,
)
from .round_trip_district import IDS, TAMPERED, classify_the_vanished

BOOK = "2019年铜都街道台账与差异清单.xlsx"
Tampering = Callable[[SheetToFill, int], None]
INVENTED = "f" * 32
FIRST_ROW = HEADER_ROW + 1


def untouched(sheet: SheetToFill, row: int) -> None:
    """Nothing is done to the row."""


def row_added(sheet: SheetToFill, row: int) -> None:
    """A row of one's own below the list, with a number and a token that nobody issued."""
    last = len(TAMPERED) + FIRST_ROW
    for title in sheet.columns:
        sheet.put(last, **{title: sheet.value(row, title)})
    sheet.put(last, 差异编号=INVENTED, 校验码=INVENTED)
    sheet.put(row, 处理答复=None)


def row_doubled(sheet: SheetToFill, row: int) -> None:
    """The whole row once more."""
    for title in sheet.columns:
        sheet.put(len(TAMPERED) + FIRST_ROW, **{title: sheet.value(row, title)})


def token_of_another(sheet: SheetToFill, row: int) -> None:
    """The token of a neighbouring row."""
    sheet.put(row, 校验码=sheet.value(row + 1 if row == FIRST_ROW else row - 1, "校验码"))


def number_of_another(sheet: SheetToFill, row: int) -> None:
    """The number of a neighbouring row."""
    sheet.put(row, 差异编号=sheet.value(row + 1 if row == FIRST_ROW else row - 1, "差异编号"))


def putting(**values: Any) -> Tampering:
    """Other contents in cells of the row."""
    return lambda sheet, row: sheet.put(row, **values)


CASES: tuple[tuple[str, Tampering, str, str | None], ...] = (
    ("改姓名", putting(姓名="改名"), "refused", "changed"),
    ("改全角", putting(级别="错误 "), "refused", "changed"),
    ("清空", putting(实际=None), "refused", "changed"),
    ("换校验码", token_of_another, "refused", "changed"),
    ("删校验码", putting(校验码=None), "refused", "changed"),
    ("换编号", number_of_another, "refused", "changed"),
    ("编号写证件号", putting(差异编号=IDS["编号写证件号"]), "refused", "added"),
    ("增行", row_added, "refused", "added"),
    ("重复", row_doubled, "refused", "doubled"),
    ("已消失", untouched, "refused", "stale"),
    ("同一人", putting(填报人="李复核"), "waiting", "no_checker"),
    ("同人空格", putting(填报人="李 复核"), "waiting", "no_checker"),
    ("乱答复", putting(处理答复="同意"), "refused", "unknown_answer"),
    ("无填报人", putting(填报人=None), "refused", "unsigned"),
    ("乱原因", putting(处理答复="确认不符合", 答复内容="不知道"), "refused", "unknown_reason"),
    ("未复核", untouched, "waiting", "no_checker"),
    ("复核不同", putting(处理答复="确认不符合", 答复内容="外出失联"), "waiting", "no_checker"),
    ("=1+1", untouched, "applied", None),
)


@dataclass(frozen=True)
class Landed:
    """What is published after the tampered workbooks came back."""

    replies: dict[str, list[tuple[Any, ...]]]
    states: dict[str, tuple[str, str | None]]
    files: dict[str, tuple[str, str | None]]


@pytest.fixture(scope="module")
def landed(sent_district: Path, tmp_path_factory: pytest.TempPathFactory) -> Landed:
    """Every tampered workbook in a file of its own, and one confirmation of all of them."""
    folder = tmp_path_factory.mktemp("tampering") / "district"
    shutil.copytree(sent_district, folder)
    raw, book = folder / "raw" / str(YEAR), folder / "sent" / BOOK
    for name, tamper, _, _ in CASES:
        sheet = SheetToFill(book, "差异清单")
        row = sheet.row_of("未报分类", name)
        answer(sheet, row, "确认符合")
        tamper(sheet, row)
        sheet.save(raw / REPLIES / f"{name}.xlsx")
    confirm(book, raw / REPLIES / "复核.xlsx", is_of_bureau=True)
    confirm(book, raw / REPLIES / "自行复核.xlsx", is_of_bureau=False)
    without_token = SheetToFill(book, "差异清单")
    without_token.rename(校验码="备用")
    without_token.save(raw / REPLIES / "删列.xlsx")
    classify_the_vanished(raw)
    with key_of_tests():
        refresh(folder)
    return look(folder)


def confirm(book: Path, path: Path, *, is_of_bureau: bool) -> None:
    """The list that was sent out as the checker's: 确认符合 for everybody but one.

    Args:
        book: a township's workbook.
        path: where the confirmation lands.
        is_of_bureau: with the tokens that only the bureau's workbook has; else those of the township's list.
    """
    sheet = SheetToFill(book, "差异清单")
    maker = max(sheet.columns.values()) + 1
    sheet.columns["乡镇填报人"] = maker
    sheet.worksheet.cell(HEADER_ROW, maker).value = "乡镇填报人"
    for name in TAMPERED:
        if name != "未复核":
            row = sheet.row_of("未报分类", name)
            sheet.put(row, 处理答复="确认符合", 填报人="李复核", 填报日期=date(YEAR, 10, 8), 乡镇填报人="杨经办")
            if is_of_bureau:
                sheet.put(row, 校验码=checker_token(sheet.value(row, "校验码"), "确认符合", "杨经办"))
    sheet.rename(填报人="复核人", 填报日期="复核日期")
    sheet.save(path)


def checker_token(row_token: str, answer: str, maker: str) -> str:
    """The token of a row of the bureau's workbook, by whoever has the key."""
    content = f"checker|{row_token}|{answer}||{maker}"
    return digest(KEY + digest(KEY + content))[:32]


def digest(text: str) -> str:
    """SHA-256 of a text, as text."""
    return hashlib.sha256(text.encode()).hexdigest()


def look(folder: Path) -> Landed:
    """The replies and files by name, and the states of 铜都街道's persons; a file is named as the person whom it is about."""
    rows = restricted(folder, "SELECT source_file, mismatch_id, answer, status, reason FROM mart.reply")
    replies: dict[str, list[tuple[Any, ...]]] = {}
    for file_name, *reply in rows:
        replies.setdefault(Path(file_name).stem, []).append(tuple(reply))
    states = published(folder, "SELECT id_masked, state, state_reason FROM core.person_year")
    files = restricted(folder, "SELECT file_name, status, reason FROM mart.source_file")
    return Landed(
        replies,
        {id_masked: (state, reason) for id_masked, state, reason in states},
        {Path(file_name).stem: (status, reason) for file_name, status, reason in files},
    )


def state_of(landed: Landed, name: str) -> tuple[str, str | None]:
    """State of a person, found by the last characters of his ID."""
    return landed.states[f"530199********{IDS[name][-4:]}"]


@pytest.mark.parametrize(("name", "status", "reason"), [(name, status, why) for name, _, status, why in CASES])
def test_a_row_is_listed_with_what_is_wrong(landed: Landed, name: str, status: str, reason: str | None) -> None:
    """Refused, or waiting for a second person; a row that was left alone is applied."""
    found = landed.replies[name]
    assert {given for _, _, given, _ in found} == {status}
    assert {text and text.split(":")[0] for *_, text in found} == {reason}
    assert len(found) == (2 if name == "重复" else 1)


@pytest.mark.parametrize("name", [name for name, *_ in CASES if name not in ("已消失", "=1+1")])
def test_a_tampered_row_changes_nothing(landed: Landed, name: str) -> None:
    """The person stays unconfirmed, as he was before the reply."""
    assert state_of(landed, name) == ("unconfirmed", "unclassified")


def test_what_looks_like_a_formula_comes_back_as_it_went_out(landed: Landed) -> None:
    """A name that begins with an equals sign: its row is unchanged, and the answer counts."""
    assert state_of(landed, "=1+1") == ("eligible", None)


def test_a_file_without_tokens_is_refused(landed: Landed) -> None:
    """As a whole: nothing in it could be verified."""
    status, reason = landed.files["删列"]
    assert status == "refused" and reason is not None and reason.startswith("no_token")


def test_the_other_sheets_of_a_list_are_nothing_to_look_at(landed: Landed) -> None:
    """They come back as they went out."""
    assert landed.files["未复核"] == ("read", "other_sheets: 工作表“封面”、“台账”、“选项”、“填报说明”不是答复,不读取。")


def test_the_checker_is_told_of_whom_he_is_the_maker(landed: Landed) -> None:
    """His two rows are refused, the blank in the name apart; no confirmation without a maker's reply counts."""
    reasons = [text.split(":")[0] for *_, status, text in landed.replies["复核"] if status == "refused" and text]
    assert sorted(reasons) == ["same_person", "same_person", "stale"]
    assert [given for _, _, given, _ in landed.replies["复核"]].count("applied") == 1


def test_a_township_confirms_nothing_itself(landed: Landed) -> None:
    """Its own list with the headers of the bureau's: every row that it signs is refused."""
    assert {(status, text.split(":")[0]) for *_, status, text in landed.replies["自行复核"]} == {
        ("refused", "not_of_bureau")
    }
    assert len(landed.replies["自行复核"]) == len(TAMPERED) - 1


def test_no_personal_text_is_published_as_a_number_of_a_mismatch(landed: Landed) -> None:
    """Whatever was typed over the number stays in the restricted tables."""
    assert [mismatch_id for mismatch_id, *_ in landed.replies["编号写证件号"]] == [None]
    assert [mismatch_id for mismatch_id, *_ in landed.replies["增行"]] == [INVENTED]
