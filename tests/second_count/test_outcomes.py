"""Reader and second count say the same of every code beside every word and text, whatever words a sender or bureau adds."""

from itertools import product

import polars as pl
import pytest

from pipeline.checks.second_count.facts import SenderWords
from pipeline.checks.second_count.outcomes import Outcomes
from pipeline.checks.second_count.words import Words
from pipeline.landing import Layout, load_layouts, outcomes
from pipeline.landing.layouts import OutcomeWords

CODES = (None, "0000", "0", "0.0", "1", "1.0", "3031", "3056", "2000", "3014", "9999", "E1", "00")
TEXTS = (
    None, "成功", "交易 成功", "失败", "户名不符", "已销户", "退汇", "退汇失败", "处理中", "冻结退回", "代发", "已受理", "0000",
)  # fmt: skip
BUREAU = {
    "outcome": {"已受理": "success", "代发": "failed", "冻结退回": "reversed"},
    "outcome_code": {"1": "failed", "9999": "success"},
}
SENDER = {"success": ("已受理", "0"), "reversed": ("代发", "E1"), "failed": ("1", "处理中")}


def layout(own_words: dict[str, dict[str, str]], sender: dict[str, tuple[str, ...]]) -> Layout:
    """The layout of the bank's tables, with further words."""
    shipped = next(each for each in load_layouts(own_words=own_words).of("bank_returns") if each.name == "sheet")
    return shipped.model_copy(update={"outcome_words": OutcomeWords(**sender) if sender else None})


@pytest.mark.parametrize("sender", [{}, SENDER], ids=["no sender's words", "a sender's words"])
@pytest.mark.parametrize("bureau", [{}, BUREAU], ids=["no bureau's words", "a bureau's words"])
def test_a_line_says_the_same(bureau: dict[str, dict[str, str]], sender: dict[str, tuple[str, ...]]) -> None:
    """Its outcome, and the reason of a failure."""
    means = layout(bureau, sender)
    cells = list(product(CODES, TEXTS, TEXTS))
    texts = outcomes.Texts(pl.col("code"), pl.col("word"), pl.col("text"))
    said = [outcomes.text_meaning(each, means) for each in (texts.word, texts.text)]
    code = outcomes.restored_code(texts.code, said, means)
    outcome = outcomes.outcome(texts, outcomes.Meanings(outcomes.code_meaning(code, means), *said))
    reason = outcomes.failure_reason(code, texts, means)
    found = pl.DataFrame(cells, schema=dict.fromkeys(("code", "word", "text"), pl.String), orient="row").select(
        outcome.alias("outcome"), pl.when(outcome == outcomes.FAILED).then(reason).alias("reason")
    )
    own = {word: each for each, words in sender.items() for word in words}
    second = Outcomes(Words(bureau), SenderWords(outcomes=own)).of
    again = [(second[cell].outcome, second[cell].failure_reason) for cell in cells]
    assert [each for each in zip(cells, found.rows(), again, strict=True) if each[1] != each[2]] == []
