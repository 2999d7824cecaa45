"""`daijiao template`: an empty workbook of each source, which the pipeline itself reads once it is filled."""

from pathlib import Path

import openpyxl
import pytest

from pipeline.landing import load_layouts
from pipeline.landing.inspection import inspect_file
from pipeline.reports.workbooks.templates import template_sources, write_templates
from tests.pipeline.commands import ended


@pytest.mark.parametrize("source", template_sources())
def test_a_template_has_a_header_that_is_read(tmp_path: Path, source: str) -> None:
    """By a layout of its own source; each head says what its column takes."""
    (path,) = write_templates([source], load_layouts(), tmp_path / "templates")
    inspection = inspect_file(path, load_layouts(), source)
    assert [table.sheet for table in inspection.tables] == [openpyxl.load_workbook(path).active.title]
    header = openpyxl.load_workbook(path).active[2]
    assert all(cell.value and cell.comment.text for cell in header)


def test_a_filled_template_is_read(tmp_path: Path) -> None:
    """Row by row."""
    (path,) = write_templates(["allocations"], load_layouts(), tmp_path)
    workbook = openpyxl.load_workbook(path)
    workbook.active.append(["铜都街道", 100, 1, "2019-03-18", "示范〔2019〕1号"])
    workbook.save(path)
    assert inspect_file(path, load_layouts(), "allocations").parsed.rows_read == 1


def test_wrong_use_names_the_sources(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a source nor --all, and a source that isn't one."""
    for arguments in (("template",), ("template", "roll")):
        assert ended(*arguments) == 2
        assert "poverty_roll" in capsys.readouterr().err
