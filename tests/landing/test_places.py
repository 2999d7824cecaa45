"""The township of a table that states none itself: its title's, its sheet's, its folders', and never a guess."""

from dataclasses import replace

import pytest

from pipeline.landing import place_of
from pipeline.landing.table_facts import TableFacts
from pipeline.policy import load_policy
from pipeline.warehouse.reference import township_aliases

POLICY = load_policy(2019)
ALIASES = township_aliases(POLICY)
NAMES = {township.code: township.name for township in POLICY.townships}
NOWHERE = TableFacts("Sheet1", "tax_returns", {}, {}, {}, 0, has_township=False, place_texts=())


def place(file_name: str = "tax_returns/a.csv", sheet: str | None = None, *titles: str) -> str | None:
    """The township's name."""
    code = place_of(replace(NOWHERE, sheet=sheet, place_texts=titles), file_name, ALIASES)
    return None if code is None else NAMES[code]


@pytest.mark.parametrize(
    ("title", "township"),
    [
        ("汤丹镇2019年城乡居民养老保险征收返盘名单", "汤丹镇"),
        ("昆明市东川区 汤 丹 镇 代缴名单", "汤丹镇"),
        ("报送单位:汤丹镇人民政府", "汤丹镇"),
        ("铜都街道办事处名单", "铜都街道"),
        ("碧谷街道办事处名单", "铜都街道"),
        ("汤丹", "汤丹镇"),
        ("铜都办", "铜都街道"),
        ("2019年因民生保障需要统一征收的名单", None),
        ("汤丹名单", None),
        ("汤丹镇、因民镇名单", None),
        ("各乡镇名单", None),
    ],
)
def test_a_text_that_says_it(title: str, township: str | None) -> None:
    """It is a spelling as a whole, or holds exactly one township's name in a form that ends as such names do."""
    assert place("tax_returns/a.csv", None, title) == township
    assert place("tax_returns/a.csv", title) == township
    assert place(f"tax_returns/{title}/a.csv") == township


def test_what_stands_nearer_counts() -> None:
    """The title before the sheet, the sheet before the folders, the innermost folder first; the file's name never."""
    assert place("tax_returns/因民镇/a.csv", "阿旺镇", "汤丹镇名单") == "汤丹镇"
    assert place("tax_returns/因民镇/a.csv", "阿旺镇", "返盘名单") == "阿旺镇"
    assert place("tax_returns/因民镇/汤丹/返盘/a.csv", "Sheet1") == "汤丹镇"
    assert place("tax_returns/汤丹镇.csv") is None


def test_titles_that_contradict_each_other_say_nothing() -> None:
    """The sheet decides then."""
    assert place("tax_returns/a.csv", "阿旺镇", "汤丹镇名单", "因民镇报送") == "阿旺镇"
    assert place("tax_returns/a.csv", "阿旺镇", "汤丹镇名单", "报送:汤丹镇政府") == "汤丹镇"
