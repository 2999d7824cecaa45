"""The guide for another county, followed to the letter: every command and file of it, from an empty folder to the report."""

import re
import shlex
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest

from pipeline.settings import PROJECT_FOLDER
from tests.deep import only_whole
from tests.pipeline.commands import ended

GUIDE = PROJECT_FOLDER / "docs" / "own-county.md"
BLOCK = re.compile(r"^```(sh|csv)(?: (\S+))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
# A command leaves in the environment what its options say; what is set here is put back after the test.
FOLDERS = {
    "DAIJIAO_RAW": "data/raw",
    "DAIJIAO_WAREHOUSE": "data/warehouse",
    "DAIJIAO_REPORTS": "data/reports",
    "DAIJIAO_POLICY": "county",
}


def words_of(path: Path) -> str:
    """Everything that a workbook, a document or a page says, with its marks."""
    if path.suffix in (".xlsx", ".docx"):
        with ZipFile(path) as parts:
            return "".join(parts.read(name).decode("utf-8") for name in parts.namelist() if name.endswith(".xml"))
    return path.read_text(encoding="utf-8") if path.suffix == ".html" else ""


@only_whole("test_policies refreshes a county by its own policies, test_policy and test_template try its commands")
def test_the_guide_leads_from_nothing_to_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command ends with 0, and the county's own figures, townships and words stand in what it made."""
    monkeypatch.chdir(tmp_path)
    for variable, folder in FOLDERS.items():
        monkeypatch.setenv(variable, str(tmp_path / folder))
    for language, name, text in BLOCK.findall(GUIDE.read_text(encoding="utf-8")):
        if language == "csv":
            (tmp_path / name).write_text(text, encoding="utf-8")
            continue
        for line in text.splitlines():
            program, *arguments = shlex.split(line)
            assert program == "daijiao"
            assert ended(*arguments) == 0, line
    with duckdb.connect(str(tmp_path / "data/warehouse/published.duckdb"), read_only=True) as connection:
        townships = connection.execute(
            "SELECT township_name FROM mart.township_fund WHERE township_code <> '000000000'"
        )
        assert {name for (name,) in townships.fetchall()} == {"东山镇", "西河镇", "南坪乡"}
        levels = connection.execute("SELECT DISTINCT fund_level FROM mart.fund_level").fetchall()
        assert {name for (name,) in levels} == {"provincial", "municipal", "district"}
        used, covered = connection.execute("SELECT used_yuan, covered_count FROM mart.district_summary").fetchall()[0]
        assert used == 200 * covered > 0
    reports = {path.name for path in (tmp_path / "data/reports/2021").iterdir()}
    assert {"2021年东山镇台账与差异清单.xlsx", "2021年项目支出绩效评价报告.docx"} <= reports
    assert "2021年示范县城乡居民社会养老保险局差异清单.xlsx" in reports
    foreign = [
        path.name for path in (tmp_path / "data/reports/2021").iterdir() if "居保局" in path.name + words_of(path)
    ]
    assert foreign == []
    assert (tmp_path / "county/2022.yaml").is_file()
