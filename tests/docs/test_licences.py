"""The table of licences: it is what the command writes here, and a package that nobody decided on stops it."""

import importlib.util
import tomllib
from collections import Counter
from email.message import Message
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
from packaging.utils import canonicalize_name

SCRIPT = Path(__file__).parents[2] / "docs" / "make_licences.py"
LOCK = Path(__file__).parents[2] / "uv.lock"


@pytest.fixture(scope="module")
def licences() -> ModuleType:
    """The command's module."""
    spec = importlib.util.spec_from_file_location("make_licences", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_of_the_environment_stands_in_the_table(licences: ModuleType) -> None:
    """With this version and licence (`make licences` writes it); of another Python there may be more in the table.

    Of a package that is locked in one version for each Python the table has the one of the Python that wrote it.
    """
    written = set(licences.TABLE.read_text(encoding="utf-8").splitlines())
    locked = Counter(package["name"] for package in tomllib.loads(LOCK.read_text(encoding="utf-8"))["package"])
    of_any_version = {
        (name, *rest) for name, _, *rest in (line.strip("| ").split(" | ") for line in written if " | " in line)
    }
    missing = []
    for name, version, *rest in licences.packages():
        is_of_another_version = locked[canonicalize_name(name)] > 1 and (name, *rest) in of_any_version
        if not is_of_another_version and f"| {name} | {version} | {' | '.join(rest)} |" not in written:
            missing.append(name)
    assert missing == []
    assert {line for line in written if line.startswith("| ")} >= {
        f"| {what} | {licence} | {where} |" for what, licence, where in licences.SHIPPED
    }


def test_what_is_needed_to_run_is_told_from_what_tests_need(licences: ModuleType) -> None:
    """By the requirements of the package and of its extras."""
    parts = {canonicalize_name(name): part for name, _, _, part in licences.packages()}
    assert {parts[name] for name in ("duckdb", "dagster", "starlette", "lxml")} == {"run"}
    assert {parts[name] for name in ("pytest", "playwright", "ruff")} == {"development"}
    assert (parts["marimo"], parts["apprise"]) == ("notebook", "alert")


@pytest.mark.parametrize("licence", ["Proprietary", "GPL-3.0-only", "", "MIT AND AGPL-3.0-only"])
def test_a_licence_that_nobody_decided_on_stops_the_command(licences: ModuleType, licence: str) -> None:
    """With the name of the package."""
    said = Message()
    said["Name"], said["License-Expression"] = "something", licence
    with pytest.raises(SystemExit, match="something"):
        licences.licence_of(said)


def test_environments_have_no_old_installers() -> None:
    """Those that Python brings are old, and have known faults; uv does their work."""
    installed = {canonicalize_name(each.name) for each in metadata.distributions()}
    assert not installed & {"pip", "setuptools"}
