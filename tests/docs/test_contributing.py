"""What CONTRIBUTING.md says is to be touched: one of each is added in a scratch copy, and a refresh there shows it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.settings import PROJECT_FOLDER
from tests.deep import only_deep, only_whole
from tests.field_cases.worlds import CASES

TEXT = (PROJECT_FOLDER / "CONTRIBUTING.md").read_text(encoding="utf-8")

REFRESH = """
import duckdb
from pathlib import Path
from pipeline.build.refresh import refresh_year
from pipeline.reports.release import REPORTS

here = Path("run")
refresh_year(here / "raw", here / "warehouse", 2019)
with duckdb.connect(str(here / "warehouse" / "published.duckdb"), read_only=True) as connection:
    print(connection.execute("SELECT chinese FROM mart.code WHERE code = 'made_up_kind'").fetchall())
    print(connection.execute("SELECT source, layout, rows_accepted FROM mart.source_file WHERE source = 'complaints'").fetchall())
    print(connection.execute("SELECT layout FROM mart.source_file WHERE file_name LIKE 'allocations/%'").fetchall())
print(sorted(REPORTS))
"""


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the code and of a clean world's files."""
    folder = tmp_path_factory.mktemp("scratch")
    for name in ("pipeline", "assets"):
        shutil.copytree(PROJECT_FOLDER / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CASES / "00-base" / "raw", folder / "run" / "raw")
    return folder


def listed(what: str) -> set[str]:
    """The files that a list of CONTRIBUTING.md names."""
    section = re.search(rf"\*\*{what}\*\*.*?\n(.*?)(?:\n\n|\Z)", TEXT, re.DOTALL)
    assert section is not None, what
    return set(re.findall(r"`([a-z_]+/[^`]*|words\.yaml)`", section.group(1)))


def change(path: Path, before: str, after: str) -> None:
    """Put a text in place of another one that stands in a file."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")


def run(folder: Path) -> subprocess.CompletedProcess[str]:
    """Refresh the world with the scratch copy's code."""
    (folder / "refresh.py").write_text(REFRESH, encoding="utf-8")
    shutil.rmtree(folder / "run" / "warehouse", ignore_errors=True)
    environment = os.environ | {
        "DAIJIAO_KEY": "a key for invented persons, of no use elsewhere",
        "PYTHONPATH": str(folder),
    }
    command = [sys.executable, str(folder / "refresh.py")]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


@only_whole("below the lists are held against the folders, and tests/landing adds layouts and words")
def test_one_of_each_is_added_by_touching_the_listed_files(scratch: Path) -> None:
    """A code, a source, a layout and a report; none of them needs another file than the lists name."""
    change(
        scratch / "assets/codes/mismatch_kind.yaml",
        "codes:\n",
        "codes:\n" + _like_the_first_code(scratch / "assets/codes/mismatch_kind.yaml"),
    )
    (scratch / "assets/sources/complaints.yaml").write_text(
        "english: One row a complaint.\nchinese: 投诉\nposition: 12\nfields:\n  complaint: {type: text}\n",
        encoding="utf-8",
    )
    change(scratch / "pipeline/landing/layouts/common.yaml", "aliases:\n", "aliases:\n  complaint: [投诉内容]\n")
    (scratch / "pipeline/landing/layouts/complaints.yaml").write_text(
        "name: complaints\nsource: complaints\nform: table\nfields: [complaint]\nrequired: [complaint]\n",
        encoding="utf-8",
    )
    contract = (scratch / "assets/raw/satisfaction_survey.yaml").read_text(encoding="utf-8")
    (scratch / "assets/raw/complaints.yaml").write_text(contract.replace("answer:", "complaint:"), encoding="utf-8")
    with (scratch / "assets/columns.yaml").open("a", encoding="utf-8") as columns:
        columns.write("complaint:\n  type: VARCHAR\n  en: What is complained of.\n  zh: 投诉内容\n")
    survey = '            "satisfaction_survey": self._answers,\n'
    change(
        scratch / "pipeline/checks/second_count/rows.py",
        survey,
        survey + survey.replace("satisfaction_survey", "complaints"),
    )
    change(
        scratch / "assets/subjects.yaml",
        "    - raw.satisfaction_survey\n",
        "    - raw.satisfaction_survey\n    - raw.complaints\n",
    )
    complaints = scratch / "run/raw/2019/complaints/list.csv"
    complaints.parent.mkdir()
    complaints.write_text("投诉内容\n没有收到返还款\n", encoding="utf-8")
    layout = (scratch / "pipeline/landing/layouts/allocations.yaml").read_text(encoding="utf-8")
    (scratch / "pipeline/landing/layouts/a_transfers.yaml").write_text(
        layout.replace("name: allocations", "name: transfers_of_ours"), encoding="utf-8"
    )
    change(
        scratch / "pipeline/reports/release.py",
        '    "evaluation_report": write_evaluation_report,\n',
        '    "evaluation_report": write_evaluation_report,\n    "second_report": write_evaluation_report,\n',
    )
    done = run(scratch)
    assert done.returncode == 0, done.stderr
    code, source, transfers, reports = done.stdout.strip().splitlines()[-4:]
    assert "新的差异" in code
    assert source == "[('complaints', 'complaints', 1)]"
    assert transfers == "[('transfers_of_ours',)]"
    assert "second_report" in reports
    assert listed("A source") >= {
        "assets/sources/<source>.yaml",
        "pipeline/landing/layouts/<source>.yaml",
        "assets/raw/<source>.yaml",
        "assets/subjects.yaml",
    }


@only_deep("each check is tried by tests/sql")
def test_an_added_check_stops_publication(scratch: Path) -> None:
    """A statement in the folder of checks is judged by the next refresh, which names it."""
    check = scratch / "assets/checks/nobody_is_covered.sql"
    check.write_text(
        "-- judges: mart.district_summary\n-- Nobody is covered.\n"
        "select covered_count from mart.district_summary where covered_count > 0\n",
        encoding="utf-8",
    )
    done = run(scratch)
    check.unlink()
    assert done.returncode != 0
    assert "nobody_is_covered" in done.stderr
    assert not (scratch / "run/warehouse/published.duckdb").exists()
    assert "assets/checks/<name>.sql" in listed("A check")


@pytest.mark.parametrize("what", ["A code", "A word of a sender", "A source", "A layout", "A check", "A report"])
def test_listed_folders_exist(what: str) -> None:
    """Each list names files, and their folders are there."""
    for name in listed(what):
        folder = Path(name.partition("<")[0])
        is_own = name.startswith(("words.yaml", "layouts/"))
        assert is_own or (PROJECT_FOLDER / (folder if "<" in name else folder.parent)).is_dir(), name


def _like_the_first_code(path: Path) -> str:
    """A code with the attributes of the vocabulary's first one."""
    lines = path.read_text(encoding="utf-8").split("codes:\n", 1)[1].splitlines()
    end = next(place for place, line in enumerate(lines[1:], start=1) if not line.startswith("    "))
    first = [line for line in lines[1:end] if not line.startswith("    chinese:")]
    return "\n".join(["  made_up_kind:", "    chinese: 新的差异", *first]) + "\n"
