"""What the documents name is there: files, commands, targets, tables and columns."""

import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from pipeline.commands.cli import app
from pipeline.contracts.tables import TableName, load_tables, tables_of_published_file
from pipeline.settings import PROJECT_FOLDER, Settings

READMES = ("README.md", "README.zh-CN.md")
DOCUMENTS = sorted([*PROJECT_FOLDER.glob("*.md"), *PROJECT_FOLDER.glob("docs/*.md")])
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(r"`((?:assets|pipeline|tests|docs|benchmarks|notebooks)/[\w./-]+)`")
TABLE_COLUMN = re.compile(r"`((?:raw|core|mart)\.\w+)(?:\.(\w+))?`")
TARGET = re.compile(r"^([a-z-]+):.*##", re.MULTILINE)


def words_after(command: str, text: str) -> set[str]:
    """The words that follow a command in a text."""
    return set(re.findall(rf"(?<!\w){command} ([a-z][a-z-]*)", text))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_in_a_document_exists(path: Path) -> None:
    """Links are relative to the document, paths in code to the repository."""
    text = path.read_text(encoding="utf-8")
    missing = [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [name for name in PATH.findall(text) if not (PROJECT_FOLDER / name).exists()]
    assert missing == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_table_and_column_in_a_document_exists(path: Path) -> None:
    """As `schema.table` or `schema.table.column`."""
    tables = load_tables()
    unknown = []
    for full_name, column in TABLE_COLUMN.findall(path.read_text(encoding="utf-8")):
        table = tables.get(TableName(*full_name.split(".")))
        if table is None or (column and column not in table.column_names):
            unknown.append(f"{full_name}.{column}")
    assert unknown == []


@pytest.mark.parametrize("name", READMES)
def test_every_command_stands_in_the_readmes_and_has_a_help_text(name: str) -> None:
    """And no README names one that isn't there."""
    commands = get_command(app).commands  # type: ignore[attr-defined]
    named = words_after(r"\.venv/bin/daijiao", (PROJECT_FOLDER / name).read_text(encoding="utf-8"))
    assert named <= set(commands)
    assert {"refresh", "report", "intake", "trace", "inspect", "check-report", "explain"} <= named
    assert all(command.help for command in commands.values())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_in_a_document_exists(path: Path) -> None:
    """Targets are those that `make help` lists."""
    targets = set(TARGET.findall((PROJECT_FOLDER / "Makefile").read_text(encoding="utf-8")))
    assert words_after("`make", path.read_text(encoding="utf-8")) <= targets


def test_the_two_readmes_show_the_same_commands() -> None:
    """In the same order."""
    shown = [
        re.findall(r"\.venv/bin/daijiao (\S+)", (PROJECT_FOLDER / name).read_text(encoding="utf-8")) for name in READMES
    ]
    assert shown[0] == shown[1]


def test_every_setting_is_documented() -> None:
    """By its variable, and none that isn't there."""
    text = (PROJECT_FOLDER / "docs" / "operations.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `DAIJIAO_(\w+)` \|", text, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields} | {"KEY"}


def test_every_published_table_stands_in_the_glossary() -> None:
    """With its Chinese name."""
    text = (PROJECT_FOLDER / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [str(table.full_name) for table in tables_of_published_file() if f"`{table.full_name}" not in text] == []


def test_every_dependency_has_its_reason() -> None:
    """In the table of the decisions, and none that isn't there."""
    stated = tomllib.loads((PROJECT_FOLDER / "pyproject.toml").read_text(encoding="utf-8"))
    project = stated["project"]
    needed = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *stated["dependency-groups"].values(),
    ]
    names = {re.split(r"[=<>]", each)[0] for group in needed for each in group}
    text = (PROJECT_FOLDER / "docs" / "decisions.md").read_text(encoding="utf-8").partition("## Dependencies")[2]
    rows = re.findall(r"^\| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    told = {name for libraries, _ in rows[1:] for name in re.sub(r"\(.*?\)", "", libraries).replace(" ", "").split(",")}
    assert told == names


def test_make_help_lists_every_target() -> None:
    """Those that a person may call: each of .PHONY has a sentence."""
    text = (PROJECT_FOLDER / "Makefile").read_text(encoding="utf-8")
    phony = re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)
    assert set(" ".join(phony).split()) == set(TARGET.findall(text))
