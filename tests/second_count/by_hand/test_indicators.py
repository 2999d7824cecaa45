"""Indicators by hand: what is said of a rate above 100 %, and how a rate is written that is nearly all or nearly nothing."""

from decimal import Decimal

import pytest

from pipeline.checks.second_count.indicators import _measured, _percent

EXECUTION = {
    "unit": "%",
    "formula": "ratio",
    "target": {"value": 1},
    "actual": {"figure": "used_yuan", "over": "budget_yuan"},
}


@pytest.mark.parametrize(
    ("used", "actual", "reason"),
    [
        ("1000000", "100.00%(100.00 ÷ 100.00 万元)", None),
        ("1005300", "100.53%(100.53 ÷ 100.00 万元)", "【提示】实际完成值超过 100%，须核对分子和分母并说明原因。"),
        ("1000001", "100.0001%(100.0001 ÷ 100.00 万元)", "【提示】实际完成值超过 100%，须核对分子和分母并说明原因。"),
    ],
)
def test_more_than_the_whole_is_doubted(used: str, actual: str, reason: str | None) -> None:
    """It has all points, and a doubt beside them."""
    figures = {"used_yuan": Decimal(used), "budget_yuan": Decimal(1_000_000)}
    assert _measured(EXECUTION, figures, Decimal(10)) == ("100.00%", actual, Decimal("10.00"), reason)


@pytest.mark.parametrize(
    ("rate", "written"),
    [("0", "0.00%"), ("0.000029", "0.0029%"), ("0.00005", "0.01%"), ("0.999971", "99.9971%"), ("1", "100.00%")],
)
def test_a_rate_is_neither_none_nor_all_unless_it_is(rate: str, written: str) -> None:
    """Two places, and four where two would say 0 or 100."""
    assert _percent(Decimal(rate)) == written
