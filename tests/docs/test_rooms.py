"""The rooms of the package, and that no import runs upwards."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pipeline

PACKAGE = Path(pipeline.__file__).parent
# From the ground up: a module imports from its own room and from those before it.
FLOORS = (
    ("errors", "settings", "log", "yaml_file", "bureau_file", "privacy", "paper", "restricted"),
    ("policy",),
    ("contracts",),
    ("landing",),
    ("warehouse",),
    ("checks",),
    ("build",),
    ("reports",),
    ("ask",),
    ("sample",),
    ("province",),
    ("dagster",),
    ("commands",),
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "pipeline":
            parts = (node.module or "").split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("pipeline."))


def test_no_import_runs_upwards() -> None:
    """Every import leads to the same room or to one below it."""
    upwards = [
        f"{path.relative_to(PACKAGE)} imports {room}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent != PACKAGE or path.stem in FLOOR_OF
        for room in _imported(path)
        if FLOOR_OF[room] > FLOOR_OF[_room(path)]
    ]
    assert upwards == []


def test_every_room_has_its_floor() -> None:
    """No folder or module of the package stands beside the floors."""
    rooms = {_room(path) for path in PACKAGE.rglob("*.py")} - {"__init__"}
    assert rooms == set(FLOOR_OF)


NAMED = re.compile(r"``([a-z_.]+)``")
# More of them are not seen at a glance.
FEW_MODULES = 15


def test_what_a_docstring_names_is_there() -> None:
    """A module or a file; any other name between the marks stands in the code."""
    known: set[str] = set()
    for path in PACKAGE.rglob("*"):
        whole = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        known |= {whole, path.stem, path.name}
    docstrings, code = {}, ""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        docstring = ast.get_docstring(ast.parse(text), clean=False) or ""
        docstrings[path.relative_to(PACKAGE)] = docstring
        code += text.replace(docstring, "")
    lost = [
        f"{path} names {name}"
        for path, docstring in docstrings.items()
        for name in NAMED.findall(docstring)
        if name not in known and (name.startswith("pipeline.") or name not in code)
    ]
    assert lost == []


def test_a_large_room_lists_its_modules_by_what_they_are_for() -> None:
    """All of them, so that a newcomer finds the one that he looks for."""
    rooms = [path.parent for path in PACKAGE.rglob("__init__.py") if path.parent != PACKAGE]
    large = {room: {path.stem for path in room.glob("*.py")} - {"__init__"} for room in rooms}
    large = {room: modules for room, modules in large.items() if len(modules) > FEW_MODULES}
    assert {room.name for room in large} >= {"landing", "second_count"}
    listed = {
        room: ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or "" for room in large
    }
    assert {room.name: modules - set(NAMED.findall(listed[room])) for room, modules in large.items()} == {
        room.name: set() for room in large
    }


# What Dagster offers no public way for (docs/decisions.md).
PRIVATE_OF_DAGSTER = {
    ("pipeline/dagster/history.py", "dagster._core.storage.event_log"),
    ("pipeline/commands/servers.py", "dagster._core.workspace.context"),
    ("pipeline/commands/servers.py", "dagster._core.workspace.load_target"),
    ("pipeline/commands/servers.py", "dagster._daemon.controller"),
}


def test_private_names_of_dagster_are_those_that_were_decided_on() -> None:
    """Any release may change them."""
    found = {
        (path.relative_to(PACKAGE.parent).as_posix(), name)
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in _modules(node)
        if name.startswith("dagster") and any(part.startswith("_") for part in name.split("."))
    }
    assert found == PRIVATE_OF_DAGSTER


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
