"""What lies beside the published file says what stands in it: every table and column, in Chinese and English."""

import json
from pathlib import Path

import duckdb
import frictionless
import pytest

from pipeline.contracts.dictionary import CHINESE_FILE, ENGLISH_FILE, PACKAGE_FILE
from tests.operations.district import District

Columns = list[tuple[str, str, str | None]]


@pytest.fixture(scope="module")
def folder(refreshed: District) -> Path:
    """The folder of a published file."""
    return refreshed.place.warehouse


@pytest.fixture(scope="module")
def columns(folder: Path) -> Columns:
    """Table, name and comment of every published column, in order."""
    with duckdb.connect(str(folder / "published.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE coalesce(comment, '') = ''"
        ).fetchall()
        assert tables == []
        return connection.execute(
            "SELECT schema_name || '.' || table_name, column_name, comment FROM duckdb_columns() "
            "WHERE NOT internal AND schema_name <> 'main' ORDER BY schema_name, table_name, column_index"
        ).fetchall()


def test_every_column_has_a_comment(columns: Columns) -> None:
    """The published file explains itself, to a client that shows comments."""
    assert [(table, name) for table, name, comment in columns if not comment] == []


def test_data_package_is_valid_and_complete(folder: Path, columns: Columns) -> None:
    """The descriptor fits the standard and names the tables and columns that are there, in their order."""
    descriptor = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    assert list(frictionless.Package.metadata_validate(descriptor)) == []
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    described = [
        (resource["dialect"]["table"], field["name"])
        for resource in descriptor["resources"]
        for field in resource["schema"]["fields"]
    ]
    assert described == [(table, name) for table, name, _ in columns]
    assert {resource["path"] for resource in descriptor["resources"]} == {"published.duckdb"}


def test_invalid_data_package_is_found(folder: Path) -> None:
    """The validator sees a wrong descriptor."""
    descriptor = json.loads((folder / PACKAGE_FILE).read_text(encoding="utf-8"))
    descriptor["resources"][0]["schema"]["fields"][0]["type"] = "amount of money"
    with pytest.raises(frictionless.FrictionlessException, match="amount of money"):
        list(frictionless.Package.metadata_validate(descriptor))


@pytest.mark.parametrize("name", [ENGLISH_FILE, CHINESE_FILE])
def test_dictionary_is_complete(folder: Path, columns: Columns, name: str) -> None:
    """Every published table has a section, every column a line with its meaning."""
    sections = (folder / name).read_text(encoding="utf-8").split("\n## ")[1:]
    told = []
    for section in sections:
        title, *lines = section.splitlines()
        for line in lines[lines.index("|---|---|---|---|---|") + 1 :]:
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            assert cells[2], line
            told.append((title.split()[-1], cells[0]))
    assert told == [(table, name) for table, name, _ in columns]
