"""A refreshed world of seven small files, which every test of this folder may damage."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipeline.build.refresh import refresh_year
from pipeline.settings import Settings
from pipeline.warehouse.engine_duckdb import DuckDBEngine
from pipeline.warehouse.run import Run, make_run
from tests.operations.world import YEAR, write_world


@dataclass(frozen=True)
class Installation:
    """A folder with landed files, key and warehouse."""

    folder: Path

    @property
    def settings(self) -> Settings:
        """Its settings."""
        return Settings(raw=self.folder / "raw", warehouse=self.folder / "warehouse", key_file=self.folder / "key")

    @property
    def run(self) -> Run:
        """The facts of a refresh."""
        return make_run(self.settings, YEAR)

    def refresh(self, year: int = YEAR) -> None:
        """Refresh a year."""
        refresh_year(self.folder / "raw", self.folder / "warehouse", year)

    def change(self, database: Path, statement: str) -> None:
        """Run a statement on a database by hand."""
        with duckdb.connect(str(database)) as connection:
            connection.execute(statement)

    def published(self, query: str) -> list[tuple[object, ...]]:
        """Rows of the published file."""
        with duckdb.connect(str(self.run.published), read_only=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="package")
def refreshed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a world that was refreshed once."""
    folder = tmp_path_factory.mktemp("refreshed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAIJIAO_KEY_FILE", str(folder / "key"))
        write_world(folder / "raw")
        refresh_year(folder / "raw", folder / "warehouse", YEAR)
    return folder


@pytest.fixture
def installation(refreshed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A copy of the refreshed world."""
    folder = tmp_path / "installation"
    shutil.copytree(refreshed, folder)
    monkeypatch.setenv("DAIJIAO_KEY_FILE", str(folder / "key"))
    return Installation(folder)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDBEngine]:
    """An empty store, with the keys and constraints of every table."""
    folder = tmp_path_factory.mktemp("store")
    engine = DuckDBEngine(folder / "spill", "key of the tests")
    engine.attach(folder / "warehouse.duckdb")
    yield engine
    engine.close()
