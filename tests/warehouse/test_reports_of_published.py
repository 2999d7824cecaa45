"""Reports are written from published tables that are what was signed, and from nothing else; the evaluation report says so."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader

from pipeline.build.year import build_year, open_year
from pipeline.errors import DaijiaoError
from pipeline.reports.release import write_reports
from pipeline.warehouse.proof import require_proven
from tests.deep import only_deep
from tests.operations.world import YEAR, land_second_batch
from tests.warehouse.conftest import Installation

LONG = only_deep("a refresh each")


def write(installation: Installation) -> list[Path]:
    """Write every report of the year."""
    with open_year(installation.run, 0) as opened:
        return list(write_reports(opened.session, installation.run, installation.folder / "reports"))


def test_the_evaluation_report_carries_the_proof(installation: Installation) -> None:
    """Its three forms say that two counts agree, and by which proof."""
    proof = require_proven(installation.run.published, YEAR, installation.run.key)
    paths = {path.suffix: path for path in write(installation) if "绩效评价报告" in path.name}
    texts = {
        ".docx": "".join(each.text for each in Document(str(paths[".docx"])).paragraphs),
        ".html": paths[".html"].read_text(encoding="utf-8"),
        ".pdf": "".join(page.extract_text() for page in PdfReader(paths[".pdf"]).pages).replace("\n", ""),
    }
    for form, text in texts.items():
        assert "二次核算一致" in text, form
        assert f"发布证明：{proof.short_hash}" in text.replace(" ", ""), form


def edit_published(installation: Installation) -> None:
    """Somebody edits a published figure."""
    installation.change(installation.run.published, "UPDATE mart.district_summary SET execution_rate = 0.5")


def unsign(installation: Installation) -> None:
    """Somebody takes the proof away."""
    installation.change(installation.run.published, "DELETE FROM mart.proof")


def edit_stored(installation: Installation) -> None:
    """Somebody edits two tables behind the reports."""
    installation.change(installation.run.store, "UPDATE core.person SET village = '别村'")
    installation.change(installation.run.store, "UPDATE mart.township_fund SET utilisation_rate = 0.5")


def build_more(installation: Installation) -> None:
    """A refresh builds its tables and ends before it publishes."""
    land_second_batch(installation.folder / "raw")
    with open_year(installation.run, 0) as opened:
        for _ in build_year(opened):
            pass


def put_an_older_one_back(installation: Installation) -> None:
    """The published file of before, which was signed too."""
    shutil.copyfile(installation.run.published, installation.folder / "older")
    land_second_batch(installation.folder / "raw")
    installation.refresh()
    shutil.copyfile(installation.folder / "older", installation.run.published)


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        (edit_published, r"not what was signed .*mart\.district_summary.* run `daijiao refresh --year 2019`"),
        pytest.param(unsign, r"not what was signed .*没有发布证明.* run `daijiao refresh --year 2019`", marks=LONG),
        (edit_stored, r"stored rows of core\.person, mart\.township_fund of 2019 .* Run `daijiao refresh --year 2019`"),
        pytest.param(build_more, r"built later and not published.* Run `daijiao refresh --year 2019`", marks=LONG),
        pytest.param(
            put_an_older_one_back, r"or the published file was replaced\. Run `daijiao refresh --year 2019`", marks=LONG
        ),
    ],
)
def test_nothing_is_written_from_what_is_not_proven(
    installation: Installation,
    tamper: Callable[[Installation], None],
    sentence: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """What is said to be done helps: a refresh, and the reports are written. An edited table is told by its name."""
    tamper(installation)
    with pytest.raises(DaijiaoError, match=sentence):
        write(installation)
    assert not (installation.folder / "reports").exists()
    caplog.clear()
    installation.refresh()
    if tamper is edit_stored:
        for name in ("core.person", "mart.township_fund"):
            assert (
                f"The stored rows of {name} of {YEAR} are not those that were built; they are built again"
                in caplog.text
            )
    assert len(write(installation)) > 5


def test_an_edited_table_is_told_whatever_it_is_built_again_for(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """A new file changes its inputs, so that nobody asks for the old rows."""
    installation.change(installation.run.store, "UPDATE core.return_line SET amount_yuan = 1")
    land_second_batch(installation.folder / "raw")
    installation.refresh()
    assert f"The stored rows of core.return_line of {YEAR} are not those that were built" in caplog.text
    caplog.clear()
    installation.refresh()
    assert "not those that were built" not in caplog.text


def test_the_year_of_the_last_refresh_is_remembered(installation: Installation) -> None:
    """By whatever refreshed it, and also when nothing was new; a state looked back on is no refresh of the year."""
    last = installation.run.warehouse / "last_year"
    assert last.read_text(encoding="ascii") == str(YEAR)
    last.write_text("2017", encoding="ascii")
    installation.refresh()
    assert last.read_text(encoding="ascii") == str(YEAR)
