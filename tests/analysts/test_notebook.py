"""The notebook in a real browser: what an analyst sees, and that nothing of it comes from or goes to the internet."""

import sys
from pathlib import Path

from tests.desktop import HOST, SECONDS, needs, opened, screenshot, served

pytestmark = needs("Chromium", "playwright", "marimo")

HEADINGS = [
    "代缴资金与参保情况",
    "2020 年概况",
    "各年比较",
    "各乡镇参保",
    "从名单到覆盖",
    "资金",
    "差异",
    "付款情况",
    "谁交了,谁没交",
    "经办能力",
]
# What marimo writes in place of a cell that failed.
ERRORS = ("Traceback", "exception", "internal error")
COMMAND = [str(Path(sys.executable).with_name("daijiao")), "notebook", "--port", "0"]


def test_the_years_are_shown_without_the_internet(warehouse: Path, tmp_path: Path) -> None:
    """Headings, figures and charts in Chinese; another year and township can be chosen; no request leaves this machine."""
    hosts: set[str] = set()
    variables = {"DAIJIAO_WAREHOUSE": str(warehouse)}
    with served(COMMAND, variables, tmp_path / "log") as address, opened(address, hosts) as page:
        for heading in HEADINGS:
            page.get_by_role("heading", name=heading, exact=True).wait_for(timeout=SECONDS * 1000)
        page.locator("canvas, svg.marks").nth(7).wait_for(timeout=SECONDS * 1000)
        page.get_by_text("参保率").first.wait_for()
        page.get_by_label("年度").select_option("2019 年")
        page.get_by_role("heading", name="2019 年概况", exact=True).wait_for(timeout=SECONDS * 1000)
        page.get_by_text("100.00%").first.wait_for(timeout=SECONDS * 1000)
        text = page.inner_text("body")
        screenshot(page, "notebook", full_page=True)
    assert hosts - {""} == {HOST}
    assert not any(error in text for error in ERRORS)


def test_without_published_tables_it_says_what_to_do(tmp_path: Path) -> None:
    """A friendly paragraph instead of a traceback."""
    hosts: set[str] = set()
    variables = {"DAIJIAO_WAREHOUSE": str(tmp_path)}
    with served(COMMAND, variables, tmp_path / "log") as address, opened(address, hosts) as page:
        page.get_by_text("还没有已发布的数据").wait_for(timeout=SECONDS * 1000)
        page.get_by_text("daijiao refresh --year 2019").wait_for(timeout=SECONDS * 1000)
        text = page.inner_text("body")
    assert not any(error in text for error in ERRORS)
    assert hosts - {""} == {HOST}
