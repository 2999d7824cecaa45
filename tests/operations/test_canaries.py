"""Whatever a sender writes anywhere: nothing of a person comes through into what people read, or give away.

Township workbooks are left out: they go to the townships with full names by their nature, in a closed folder.
"""

import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import duckdb
import pytest
from pypdf import PdfReader

from tests.deep import only_whole
from tests.desktop import SECONDS, needs, opened, served
from tests.operations.canaries import ACCOUNT, ID, NAME, land
from tests.operations.world import IDS, NAMES, YEAR, write_world
from tests.pipeline.commands import ended, working_in
from tests.published_texts import texts_of

OLD_ID = ID[:6] + ID[8:17]
VALUES = (ID, OLD_ID, NAME, ACCOUNT, " ".join(ID), " ".join(NAME), " ".join(ACCOUNT), *IDS, *NAMES)
RESTRICTED = ("raw/", "warehouse/warehouse.duckdb", "warehouse/parsed/")
RESTRICTED_REPORTS = ("台账与差异清单.xlsx", "居保局差异清单.xlsx", "居保局复核.xlsx")
LEAST_PLACES = 61
EVERYWHERE = only_whole(
    "test_outbound looks for what senders wrote in tables and reports, test_canary in the history of runs"
)
DESKTOP, SKIP = needs("Chromium", "playwright", "marimo")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a canary in every place, refreshed by the command, with its reports, and what commands said."""
    made = tmp_path_factory.mktemp("canaries")
    write_world(made / "raw")
    assert land(made / "raw") >= LEAST_PLACES
    year = ("--year", str(YEAR))
    with working_in(made):
        for number, words in enumerate(
            (
                ("refresh", *year),
                ("intake", *year),
                ("report", *year),
                ("verify", *year),
                ("verify", *year, "--json"),
                ("explain", *year, "--from", "2019-03-01", "--to", "2019-12-31", "--persons"),
                (
                    "check-report",
                    str(made / "reports" / str(YEAR) / f"{YEAR}年项目支出绩效评价报告.docx"),
                    *year,
                    "--json",
                ),
                ("accesses",),
                *(("inspect", str(path)) for path in sorted((made / "raw").rglob("*列.xlsx"))[:1]),
            )
        ):
            status, said = _said(*words)
            # Of odd files a report may state what the tables contradict.
            assert status in ((0, 1) if words[0] == "check-report" else (0,)), said
            (made / f"said {number} {words[0]}").write_text(said, encoding="utf-8")
    return made


def _said(*words: str) -> tuple[int, str]:
    """The status of a command, and what it wrote to both outputs."""
    outputs = StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", outputs)
        patch.setattr(sys, "stderr", outputs)
        return ended(*words), outputs.getvalue()


@EVERYWHERE
def test_no_text_of_a_published_table_holds_a_canary(folder: Path) -> None:
    """In no column, of the file for the bureau and of the one that is given away."""
    for name in ("published.duckdb", "open.duckdb"):
        texts = texts_of(folder / "warehouse" / name)
        assert [(column, text) for column, text in texts if any(value in text for value in VALUES)] == [], name


@EVERYWHERE
def test_no_file_holds_a_canary(folder: Path) -> None:
    """Reports, dictionaries, outputs of commands, the history of runs with its events, metadata and logs."""
    looked_at = set()
    found = set()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name.startswith(RESTRICTED) or name.endswith(RESTRICTED_REPORTS):
            continue
        looked_at.add(path.suffix)
        for text in (name, *_texts(path)):
            found |= {(name, value) for value in VALUES if _stands_in(value, text)}
    assert found == set()
    assert {".docx", ".html", ".pdf", ".xlsx", ".db", ".json", ".md", ".duckdb"} <= looked_at


@EVERYWHERE
def test_no_property_of_a_document_holds_a_canary(folder: Path) -> None:
    """Of the workbooks with full names too: title, author and the like are shown before a document is opened."""
    found, looked_at = set(), 0
    for path in sorted((folder / "reports").rglob("*")):
        if path.suffix in (".xlsx", ".docx"):
            with ZipFile(path) as archive:
                for name in archive.namelist():
                    if name.startswith("docProps/"):
                        looked_at += 1
                        found |= {(path.name, value) for value in VALUES if _stands_in(value, archive.read(name))}
    assert found == set()
    assert looked_at > 20


@DESKTOP
@SKIP
def test_the_dashboard_shows_no_canary(folder: Path, tmp_path: Path) -> None:
    """What the browser is sent and what it shows, on every tab, of the year and of a person who is asked for."""
    variables = {
        "DAIJIAO_WAREHOUSE": str(folder / "warehouse"),
        "DAIJIAO_REPORTS": str(folder / "reports"),
        "DAIJIAO_KEY_FILE": str(folder / "key"),
    }
    with duckdb.connect(str(folder / "warehouse" / "published.duckdb"), read_only=True) as connection:
        [(masked,)] = connection.execute(
            "SELECT id_masked FROM core.return_line INNER JOIN core.person_year USING (policy_year, person_key) "
            "ORDER BY id_masked LIMIT 1"
        ).fetchall()
    sent: list[str | bytes] = []
    command = [str(Path(sys.executable).with_name("daijiao")), "notebook", "--port", "0"]
    with served(command, variables, tmp_path / "log") as address, opened(address, set()) as page:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: sent.append(frame)))
        page.reload()
        page.get_by_role("tab", name="人员查询", exact=True).click()
        page.get_by_label("人员代号或脱敏证件号").fill(masked)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="返盘记录", exact=True).wait_for(timeout=SECONDS * 1000)
        shown = [str(page.title())]
        for tab in page.get_by_role("tab").all():
            tab.click()
            page.wait_for_timeout(1000)
            shown += [page.locator("body").inner_text(), page.content()]
    assert sum(map(len, sent)) > 100_000 and "公示名单.xlsx" in "".join(shown)
    assert {value for value in VALUES for text in (*sent, *shown) if _stands_in(value, text)} == set()


def _texts(path: Path) -> Iterator[str | bytes]:
    """What a file says: its bytes, and where they are compressed what is in them."""
    yield path.read_bytes()
    if path.suffix in (".docx", ".xlsx"):
        with ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist())
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        yield from (page.extract_text() for page in reader.pages)
        yield str(reader.metadata)


def _stands_in(value: str, text: str | bytes) -> bool:
    if isinstance(text, str):
        return value in text
    forms = {value.encode(), value.encode("utf-16-le"), value.encode("gb18030"), ascii(value).strip("'").encode()}
    return any(form in text for form in forms)
