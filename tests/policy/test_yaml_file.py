"""YAML files that are short and stand for much, or are nested without end: refused before they are built."""

from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from pipeline.errors import UsageError
from pipeline.landing import load_layouts
from pipeline.landing.words import load_own_words
from pipeline.policy import load_policy
from pipeline.yaml_file import DoubledKeyError, read_yaml
from tests.policies import copied_policies

LETTERS = "abcdefghij"
BOMB = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n" for before, name in pairwise(LETTERS)
)
TOO_MUCH = {
    "aliases of aliases": (BOMB, "more than 100,000 values"),
    "itself": ("a: &a [*a]", "within what it stands for"),
    "lists": ("[" * 100_000, "nested more than 100 levels"),
    "lists in blocks": ("- " * 100_000, "nested more than 100 levels"),
    "maps": ("{a: " * 100_000, "nested more than 100 levels"),
    "keys": ("? " * 100_000, "nested more than 100 levels"),
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_file_that_stands_for_too_much_is_refused(tmp_path: Path, name: str) -> None:
    """Whoever reads it gets an error of YAML, as for any other mistake."""
    content, words = TOO_MUCH[name]
    path = tmp_path / "file.yaml"
    path.write_text(content)
    with pytest.raises(yaml.YAMLError, match=words):
        read_yaml(path)


@pytest.mark.parametrize(
    ("content", "value"),
    [("a: &a [1]\nb: *a\n", {"a": [1], "b": [1]}), ("", None), ("[" * 90 + "]" * 90, None), ("a: 1", {"a": 1})],
)
def test_other_files_are_read(tmp_path: Path, content: str, value: object) -> None:
    """Aliases of people, empty files, deep ones."""
    path = tmp_path / "file.yaml"
    path.write_text(content)
    read = read_yaml(path)
    assert read == value or value is None


@pytest.mark.parametrize(
    ("content", "key", "line"),
    [
        ("premium_yuan: 100\nage_from: 16\npremium_yuan: 200\n", "premium_yuan", 3),
        ("levels:\n  - {name: x, share: 1, name: y}\n", "name", 2),
        ("exclusion:\n  参军: 现役军人\n\nexclusion:\n  外嫁: 迁出\n", "exclusion", 4),
    ],
)
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, content: str, key: str, line: int) -> None:
    """Nobody knows which of the two is meant; the line of the second is named."""
    path = tmp_path / "file.yaml"
    path.write_text(content, encoding="utf-8")
    for as_text in (False, True):
        with pytest.raises(DoubledKeyError, match=f"the key {key} stands there twice") as refused:
            read_yaml(path, as_text=as_text)
        assert refused.value.problem_mark is not None and refused.value.problem_mark.line == line - 1


def test_policies_layouts_and_words_say_it_in_a_sentence(tmp_path: Path) -> None:
    """With file and reason."""
    policies = copied_policies(tmp_path / "policies")
    (policies / "2019.yaml").write_text(BOMB)
    with pytest.raises(UsageError, match=r"2019.yaml can't be read .*100,000 values"):
        load_policy(2019, policies)
    (policies / "layouts" / "own.yaml").write_text(BOMB)
    with pytest.raises(UsageError, match=r"own.yaml can't be read .*100,000 values"):
        load_layouts(policies / "layouts")
    (policies / "words.yaml").write_text(BOMB)
    with pytest.raises(UsageError, match=r"words.yaml can't be read .*100,000 values"):
        load_own_words(policies / "words.yaml")
