"""The hour that a 制表时间 states, in the forms of the clock that offices write."""

from datetime import date, datetime

import pytest

from pipeline.checks.second_count.texts import read_hour
from pipeline.landing.dates import read_moment


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2019年6月12日下午3时05分", 15, 5),
        ("2019年6月12日 上午9点", 9, 0),
        ("2019/6/12 下午3:05", 15, 5),
        ("2019-06-12 中午12点整", 12, 0),
        ("20190612 晚上8点30分", 20, 30),
        ("2019-06-12 15:30:00", 15, 30),
        ("20190612 153000", 15, 30),
    ],
)
def test_an_hour_of_the_clock_is_read_alike_in_both_counts(text: str, hour: int, minute: int) -> None:
    """A head with such an hour still states its date; 下午 counts on from noon."""
    moment = read_moment(text)
    assert moment is not None
    assert moment == (datetime(2019, 6, 12, hour, minute), True)
    assert read_hour(text) == (date(2019, 6, 12), hour, minute, 0)


def test_a_cell_that_holds_a_day_alone_states_no_hour() -> None:
    """Its reader writes midnight behind the day."""
    assert read_moment("2019-06-12 00:00:00") == (datetime(2019, 6, 12), False)
    assert read_hour("2019-06-12 00:00:00") is None
