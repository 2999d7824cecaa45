"""IDs of the sample: an area code that nobody has, and check characters that fit or fail as they are meant to."""

from datetime import date

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric

from pipeline.sample.identity import (
    AREA_CODE,
    as_15_digits,
    check_character,
    is_sound,
    of_neighbour,
    person_ids,
    stranger_ids,
    with_lost_digits,
    with_wrong_digit,
)

births = st.lists(st.dates(date(1925, 1, 1), date(2020, 12, 31)), min_size=1, max_size=50)


def ids_of(days: list[date]) -> pl.Series:
    """The IDs of as many women."""
    return person_ids(np.array(days, dtype="datetime64[D]"), np.zeros(len(days), dtype=bool))


@given(st.text("0123456789", min_size=17, max_size=17))
def test_the_check_character_is_that_of_the_standard(digits: str) -> None:
    """Compared with python-stdnum."""
    [character] = pl.DataFrame({"digits": [digits]}).select(check_character(pl.col("digits"))).to_series()
    assert character == ric.calc_check_digit(digits + "0")


@settings(deadline=None, max_examples=20)
@given(births)
def test_ids_are_distinct_and_sound(days: list[date]) -> None:
    """Each states its person's birth date, and the area code is none of Kunming's."""
    ids = ids_of(days)
    assert ids.n_unique() == len(days)
    assert ids.to_frame("id").select(is_sound(pl.col("id")).all()).item()
    assert [text[:14] for text in ids] == [f"{AREA_CODE}{day:%Y%m%d}" for day in days]


@settings(deadline=None, max_examples=8)
@given(births)
def test_damaged_ids_are_noticed_and_neighbours_are_not_on_the_roll(days: list[date]) -> None:
    """A wrong digit never fits; a neighbour's ID fits, but is nobody's."""
    frame = pl.DataFrame({"id": ids_of(days), "birth": days})
    texts = pl.col("id")
    made = frame.select(
        texts,
        wrong=is_sound(with_wrong_digit(texts)),
        lost=with_lost_digits(texts),
        is_lost_sound=is_sound(with_lost_digits(texts)),
        neighbour=of_neighbour(texts),
        stranger=stranger_ids(pl.col("birth")),
    )
    assert not made["wrong"].any()
    assert not made["is_lost_sound"].any()
    assert all(text.endswith(("000", "E+17")) for text in made["lost"])
    for column in ("neighbour", "stranger"):
        assert made.select(is_sound(pl.col(column)).all()).item()
        assert not set(made[column]) & set(made["id"])


def test_only_birth_years_of_the_19_hundreds_have_15_digits() -> None:
    """The old form left out the century and the check character."""
    frame = pl.DataFrame({"id": ["530198198306056033", "530198200506012633"]})
    assert frame.select(as_15_digits(pl.col("id"))).to_series().to_list() == ["530198830605603", "530198200506012633"]
