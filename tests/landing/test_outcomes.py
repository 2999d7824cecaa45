"""What a returned line says: by its code, its word and the text beside it; nothing unknown is turned into something known."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.landing.files import Cell, land, read, typed_rows, xlsx

ID = "530199198506150010"
Said = tuple[object, object, object]

REVERSED = (
    "退票 已退票 退汇 已退汇 冲正 已冲正 冲正成功 退库 已退库 退库成功 退费 已退费 退款 已退款 退回 已退回 "
    "撤销 已撤销 作废 已作废"
)
WORDS = {
    "success": "成功 处理成功 全部成功 交易成功 扣款成功 代发成功 返还成功 征收成功 已入库 已到账 成　功",
    "reversed": REVERSED,
    "unknown": "处理中 超时 待处理 退款中 退库中 待核实",
    "failed": "失败 交易失败 未成功 代发不成功 退票失败 户名不符 账号不存在,请核实 该账户已销户 重复",
    "unrecognised": "已代付完成 退票处理 户名不符退汇 部分冲正 0000 作废单 1",
}
CODES = {
    "success": "0000 001 ００００",
    "reversed": "3019 3029 3056",
    "unknown": "2000 2007 3028",
    "failed": "3009 3030 3031 3018 3039 3017 3020 3006 3016 3063 3014 3040 3051",
    "unrecognised": "9999 E0499 0001 0 1 成功",
}


def said(folder: Path, rows: Sequence[Sequence[Cell]]) -> list[Said]:
    """The outcome, the unknown code and the unknown word of lines with a code, a word and a text."""
    table: list[Sequence[Cell]] = [["身份证号", "返还日期", "金额", "返回码", "处理标志", "返回信息"]]
    table += [[ID, "2019-06-01", "1", *row] for row in rows]
    table += [["合计", "", len(rows)]]
    landing = land(folder, {"bank_returns/a.xlsx": xlsx(table)})
    found = typed_rows(landing, "bank_returns").select("outcome", "unknown_outcome_code", "unknown_outcome")
    return found.rows()


@pytest.mark.parametrize("outcome", WORDS)
def test_words_without_a_code(outcome: str, tmp_path: Path) -> None:
    """A word that nobody knows is no failure: it is told as it stands there."""
    words = WORDS[outcome].split(" ")
    expected = [(outcome, None, word if outcome == "unrecognised" else None) for word in words]
    assert said(tmp_path, [(None, word, None) for word in words]) == expected


@pytest.mark.parametrize("outcome", CODES)
def test_codes_without_a_word(outcome: str, tmp_path: Path) -> None:
    """A code that isn't listed says nothing, without any text too."""
    codes = CODES[outcome].split(" ")
    expected = [(outcome, code if outcome == "unrecognised" else None, None) for code in codes]
    assert said(tmp_path, [(code, None, None) for code in codes]) == expected


@pytest.mark.parametrize(
    ("code", "word", "text", "expected"),
    [
        ("0000", "成功", "交易成功", ("success", None, None)),
        ("0000", None, "已退票", ("unrecognised", None, None)),
        ("0000", "失败", None, ("unrecognised", None, None)),
        ("0000", None, "处理中", ("unrecognised", None, None)),
        ("0000", None, "退票处理", ("success", None, None)),
        ("3031", "成功", None, ("unrecognised", None, None)),
        ("3031", None, "退汇", ("unrecognised", None, None)),
        ("3031", None, "处理中", ("failed", None, None)),
        ("3056", None, "户名不符", ("reversed", None, None)),
        ("3056", None, "成功", ("unrecognised", None, None)),
        ("3056", None, "处理中", ("reversed", None, None)),
        ("2000", "成功", None, ("unrecognised", None, None)),
        ("2000", "失败", "退票", ("unknown", None, None)),
        ("9999", None, "户名不符", ("failed", "9999", None)),
        ("9999", "失败", "退票", ("unrecognised", "9999", None)),
        ("9999", "成功", "户名不符", ("unrecognised", "9999", None)),
        ("E0499", None, "账户异常已退回原账户", ("unrecognised", "E0499", None)),
        (None, "成功", "户名不符", ("unrecognised", None, None)),
        (None, "成功", "补发", ("success", None, None)),
        (None, "失败", "成功", ("unrecognised", None, None)),
        (None, "失败", "退票", ("unrecognised", None, None)),
        (None, "退票", "户名不符", ("reversed", None, None)),
        (None, "处理中", "失败", ("unknown", None, None)),
        (None, None, "成功", ("unrecognised", None, None)),
        (None, None, "已受理", ("unrecognised", None, "已受理")),
        (None, "已受理", "另一句", ("unrecognised", None, "已受理")),
        (None, None, None, ("unrecognised", None, None)),
        (None, "无", "/", ("unrecognised", None, None)),
        (0, None, "成功", ("success", None, None)),
        (1, "交易成功", None, ("success", None, None)),
        ("0.0", None, "成功", ("success", None, None)),
        ("1.0", "交易成功", None, ("success", None, None)),
        (0, None, None, ("unrecognised", "0", None)),
        (1, "户名不符", None, ("failed", "1", None)),
    ],
)
def test_together(code: Cell, word: Cell, text: Cell, expected: Said, tmp_path: Path) -> None:
    """A code counts unless a word contradicts it; what contradicts is no unknown word."""
    assert said(tmp_path, [(code, word, text)]) == [expected]


def test_the_reason_is_sought_in_the_text_before_the_word(tmp_path: Path) -> None:
    """`账号不存在` stands first among the words, but in the word alone."""
    _, rows = read(
        tmp_path,
        "bank_returns/a.csv",
        f"身份证号,返还日期,金额,状态,备注\n{ID},20190601,1,账号不存在,挂失\n合计,,1,,\n",
    )
    assert [(row["outcome"], row["failure_reason"]) for row in rows] == [("failed", "account_lost")]


def test_amounts_that_came_back_lose_their_sign(tmp_path: Path) -> None:
    """Of a reversed and of an unrecognised line; any other negative amount is a row error and no amount."""
    content = f"身份证号,返还日期,金额,状态\n{ID},20190601,-1,退票\n{ID},20190601,-2,已受理\n{ID},20190601,-3,失败\n合计,,-6,\n"
    _, rows = read(tmp_path, "bank_returns/a.csv", content)
    assert [(str(row["amount_yuan"]), row["quarantine_field"]) for row in rows] == [
        ("1.00", None), ("2.00", None), ("None", "amount"),
    ]  # fmt: skip
