"""docs/rules.md names SQL and tests that are there, and no rule is left out of it."""

import ast
import re
from pathlib import Path

from pipeline.contracts.codes import vocabulary

REPOSITORY = Path(__file__).parents[2]
DOCUMENT = (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")
# What staff and analysts read beside the rules, and whom a line may mean; nothing is judged there.
NO_RULES = {"suggestion_candidate", "capacity_silence", "capacity_township", "capacity_village", "payment_status"}


def test_every_file_that_is_named_is_there() -> None:
    """Statements and tests."""
    named = re.findall(r"`((?:assets|tests)/[^`:]+)(?:::\w+)?`", DOCUMENT)
    assert named
    assert [path for path in named if not (REPOSITORY / path).is_file()] == []


def test_every_test_that_is_named_is_there() -> None:
    """By its name in its file."""
    named = re.findall(r"`(tests/[^`:]+)::(\w+)`", DOCUMENT)
    assert named
    for path, name in named:
        tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"


def test_every_rule_in_sql_is_named() -> None:
    """So a rule without its reason and its test is seen."""
    folders = (REPOSITORY / "assets" / name for name in ("core", "judged", "mart", "checks"))
    stated = [path for folder in folders for path in folder.glob("*.sql") if path.stem not in NO_RULES]
    missing = [path.relative_to(REPOSITORY).as_posix() for path in stated]
    assert [path for path in missing if f"`{path}`" not in DOCUMENT] == []


def test_every_kind_of_mismatch_is_named() -> None:
    """With the rule that raises it."""
    assert [kind for kind in vocabulary("mismatch_kind").code_names if f"`{kind}`" not in DOCUMENT] == []


def test_every_row_has_rule_reason_statement_and_test() -> None:
    """Four cells, none empty, the last one a test."""
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| ") and not line.startswith("| rule")]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 4 and all(cells), row
        assert cells[3].startswith("`tests/"), row
