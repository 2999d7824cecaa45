"""The vocabularies of ``assets/codes`` and the dictionary of columns as plain data."""

import pytest

from pipeline.contracts.codes import CODES_FOLDER, WordRule, load_codes, vocabulary
from pipeline.contracts.tables import ASSETS_FOLDER, load_tables
from pipeline.yaml_file import read_yaml


def test_every_file_is_a_vocabulary() -> None:
    """Each file is read; its codes keep the file's order."""
    assert set(load_codes()) == {path.stem for path in CODES_FOLDER.iterdir()}
    assert vocabulary("state").code_names == ("eligible", "excluded", "unconfirmed")


def test_rules_say_known_codes() -> None:
    """What a rule says is a code of its vocabulary, or nothing."""
    for each in load_codes().values():
        said = {rule.says for rule in each.words} - {"nothing"}
        assert said <= set(each.code_names), each.name


def test_what_evidence_says_is_evidence() -> None:
    """Words of the register that exclude name a code of the evidence."""
    evidence = set(vocabulary("evidence").code_names)
    for name in ("exclusion", "benefit_status"):
        named = {code.attributes["evidence"] for code in vocabulary(name).codes} - {None}
        assert named <= evidence


def test_a_rule_without_a_word_is_refused() -> None:
    """A rule that nothing can fit is a fault of the file."""
    with pytest.raises(ValueError, match="names no word"):
        WordRule(says="success")


def test_every_column_that_is_described_is_one_of_a_table() -> None:
    """That no table has one without a description is refused when contracts are read."""
    described = set(read_yaml(ASSETS_FOLDER / "columns.yaml"))
    assert described - {column for table in load_tables().values() for column in table.column_names} == set()
