"""A policy that can't be used is refused with its file and key, before anything is begun."""

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.policy import load_policy, policy_years
from tests.policies import copied_policies


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the district's policies, to be changed."""
    return copied_policies(tmp_path / "policies")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('premium_yuan: "100.00"', 'premium_yuan: "100.01"', "not a whole number of fen"),
        ('share: "0.80"', 'share: "0.70"', "do not add up to 1"),
        ("age_from: 16", "age_form: 16", "age_from: Field required"),
        ('premium_yuan: "100.00"', "premium_yuan: much", "premium_yuan"),
        ("word: 区级", "word: 市级", "stands there twice"),
        ("divisions/530113.csv", "divisions/nowhere.csv", "can't be read"),
        ("self_evaluation_file: self_evaluation.yaml", "self_evaluation_file: nowhere.yaml", "nowhere.yaml"),
        ("policy_year: 2019", "policy_year: 2018", "policy_year"),
        ("policy_year: 2019", "policy_year: 2019\npremium_yuan: 200", "the key premium_yuan stands there twice"),
        ("policy_year: 2019", "policy_year: [2019", "can't be read"),
        ("age_from: 16", "age_from: -1", "age_from"),
        ("age_from: 16", "age_from: 60", "age_below: it must be above age_from"),
        ("first_date: 2019-01-01", "first_date: 2020-01-01", "last_date: it is before first_date"),
        ("  - {name: 重度残疾, paid_by_this_fund: false}\n", "", "categories: 重度残疾 must stand there"),
    ],
)
def test_what_is_wrong_is_named(folder: Path, old: str, new: str, words: str) -> None:
    """One key at a time."""
    path = folder / "2019.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(UsageError, match=words) as refusal:
        load_policy(2019, folder)
    assert str(path) in str(refusal.value) and "\n" not in f"{refusal.value}{refusal.value.chinese}"


def test_an_unknown_year_names_the_known_ones(folder: Path) -> None:
    """And the file that would have to be added."""
    with pytest.raises(UsageError, match=r"2017, 2018, 2019, 2020.*2021\.yaml"):
        load_policy(2021, folder)


def test_streets_are_those_of_the_year() -> None:
    """碧谷街道 was split from 铜都街道 in 2020."""
    names = {year: {township.name for township in load_policy(year).townships} for year in policy_years()}
    assert names[2020] - names[2019] == {"碧谷街道"}
    assert names[2017] == names[2018] == names[2019]
    assert len(names[2019]) == 8
    assert len(load_policy(2019).villages) == 169
