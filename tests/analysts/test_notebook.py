"""The dashboard in a real browser: what a bureau sees, in Chinese, whole on wide and narrow screens, and without the internet."""

import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.desktop import HOST, SECONDS, needs, opened, screenshot, served

pytestmark = needs("Chromium", "playwright", "marimo")

# A heading of each tab, by the tab's name.
TABS = {
    "今日": "待办",
    "参保": "谁交了,谁没交",
    "资金": "分级资金",
    "差异": "差异清单",
    "文件": "没有采用的文件和处理办法",
    "人员查询": "返盘记录",
    "历年": "各年比较",
}
# The pictures of docs/analysts.md.
PICTURES = {
    (1280, "今日"): "notebook",
    (1280, "参保"): "notebook-participation",
    (1280, "文件"): "notebook-files",
    (390, "人员查询"): "notebook-narrow",
}
# What marimo writes in place of a cell that failed, and what its own tables would say.
FOREIGN = ("Traceback", "exception", "internal error", "Search", "Download", "rows", "No selection")
COMMAND = [str(Path(sys.executable).with_name("daijiao")), "notebook", "--port", "0"]
# What sticks out of the page, on whose right side nothing can be seen.
CLIPPED = """() => [...document.querySelectorAll('*')].flatMap(each => {
    const inner = each.shadowRoot ? [...each.shadowRoot.querySelectorAll('*')] : [];
    return [each, ...inner];
}).filter(each => {
    const box = each.getBoundingClientRect();
    const isSeen = box.width > 0 && box.height > 0 && getComputedStyle(each).visibility !== 'hidden';
    return isSeen && box.right > window.innerWidth + 1 && !each.closest('.daijiao-table');
}).map(each => each.tagName + ' ' + each.className)"""


@pytest.fixture
def opens_on_2019(of_both_years: Path, tmp_path: Path) -> Path:
    """A warehouse folder in which 2019 was refreshed last, though it holds 2020 too."""
    shutil.copyfile(of_both_years / "published.duckdb", tmp_path / "published.duckdb")
    (tmp_path / "last_year").write_text("2019", encoding="ascii")
    return tmp_path


def show(page: Any, tab: str) -> None:
    """Open a tab and wait for what stands in it."""
    page.get_by_role("tab", name=tab, exact=True).click()
    page.get_by_role("heading", name=TABS[tab], exact=True).wait_for(timeout=SECONDS * 1000)


def test_every_tab_is_shown_whole_and_in_chinese(opens_on_2019: Path, tmp_path: Path) -> None:
    """On the year of the last refresh, at 1280 and at 390 pixels; the tiles follow the township; nothing leaves this machine."""
    with duckdb.connect(str(opens_on_2019 / "published.duckdb"), read_only=True) as connection:
        masked = connection.execute(
            "SELECT id_masked FROM core.return_line INNER JOIN core.person_year USING (policy_year, person_key) "
            "WHERE policy_year = 2019 ORDER BY id_masked LIMIT 1"
        ).fetchall()[0][0]
        roll = connection.execute(
            "SELECT roll_count FROM mart.township_participation WHERE policy_year = 2019 AND township_name = '汤丹镇'"
        ).fetchall()[0][0]
    hosts: set[str] = set()
    variables = {"DAIJIAO_WAREHOUSE": str(opens_on_2019)}
    with served(COMMAND, variables, tmp_path / "log") as address, opened(address, hosts) as page:
        page.get_by_role("heading", name="2019 年概况:全区", exact=True).wait_for(timeout=SECONDS * 1000)
        page.get_by_role("tab", name="人员查询", exact=True).click()
        page.get_by_label("人员代号或脱敏证件号").fill(masked)
        page.keyboard.press("Enter")
        said = ""
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            for tab in TABS:
                show(page, tab)
                said += page.locator("body").inner_text()
                assert page.evaluate(CLIPPED) == [], (width, tab)
                if picture := PICTURES.get((width, tab)):
                    screenshot(page, picture, full_page=tab != "参保")
        show(page, "今日")
        page.get_by_label("乡镇").select_option("汤丹镇")
        page.get_by_role("heading", name="2019 年概况:汤丹镇", exact=True).wait_for(timeout=SECONDS * 1000)
        page.get_by_role("tabpanel", name="今日").get_by_text(f"{roll}", exact=True).first.wait_for()
        page.get_by_label("年度").select_option("2020 年")
        page.get_by_role("heading", name="2020 年概况:全区", exact=True).wait_for(timeout=SECONDS * 1000)
    assert hosts - {""} == {HOST}
    assert not [word for word in FOREIGN if word in said]


def test_without_published_tables_it_says_what_to_do(tmp_path: Path) -> None:
    """A friendly paragraph instead of a traceback."""
    hosts: set[str] = set()
    variables = {"DAIJIAO_WAREHOUSE": str(tmp_path)}
    with served(COMMAND, variables, tmp_path / "log") as address, opened(address, hosts) as page:
        page.get_by_text("还没有已发布的数据").wait_for(timeout=SECONDS * 1000)
        page.get_by_text("daijiao refresh --year 2019").wait_for(timeout=SECONDS * 1000)
        text = page.inner_text("body")
    assert not any(error in text for error in FOREIGN)
    assert hosts - {""} == {HOST}


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        ("UPDATE mart.district_summary SET execution_rate = 0.123456", ("请勿使用", "mart.district_summary")),
        ("CREATE OR REPLACE VIEW main.change AS SELECT 1 AS one", ("请勿使用", "视图与发布时不同:main.change")),
        (None, ("不能使用", "文件不完整", "daijiao refresh --year")),
    ],
)
def test_what_was_touched_or_damaged_is_said_first(
    warehouse: Path, tmp_path: Path, tamper: str | None, words: tuple[str, ...]
) -> None:
    """In Chinese, with what to do; a damaged file isn't taken for none."""
    published = tmp_path / "published.duckdb"
    shutil.copyfile(warehouse / "published.duckdb", published)
    if tamper is None:
        published.write_bytes(published.read_bytes()[: published.stat().st_size // 2])
    else:
        with duckdb.connect(str(published)) as connection:
            connection.execute(tamper)
    variables = {"DAIJIAO_WAREHOUSE": str(tmp_path)}
    with served(COMMAND, variables, tmp_path / "log") as address, opened(address, set()) as page:
        for text in words:
            page.get_by_text(text).first.wait_for(timeout=SECONDS * 1000)
        said = page.inner_text("body")
    assert not [word for word in FOREIGN if word in said]
