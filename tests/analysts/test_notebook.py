"""The notebook in a real browser: what an analyst sees, and that nothing of it comes from or goes to the internet."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
MISSING = [
    name
    for name, is_there in {
        "Chromium": Path(CHROMIUM).exists(),
        "marimo": find_spec("marimo") is not None,
        "playwright": find_spec("playwright") is not None,
    }.items()
    if not is_there
]
pytestmark = [
    pytest.mark.desktop,
    pytest.mark.skipif(
        bool(MISSING) and os.environ.get("DAIJIAO_DESKTOP") != "required",
        reason=f"{' and '.join(MISSING)} missing: the notebook is not tested.",
    ),
]

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "daijiao.py"
HEADINGS = ["代缴资金与参保情况", "2020 年概况", "各年比较", "各乡镇参保", "从名单到覆盖", "资金", "差异", "付款情况"]
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# What marimo writes in place of a cell that failed.
ERRORS = ("Traceback", "exception", "internal error")
HOST = "127.0.0.1"
SECONDS = 90


@contextmanager
def served(warehouse: Path, log: Path) -> Iterator[str]:
    """The address of the notebook, run as an app on a warehouse folder."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    address = f"http://{HOST}:{port}"
    command = [sys.executable, "-m", "marimo", "run", str(NOTEBOOK), "--headless", "--no-token", "--host", HOST]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)],
            env=os.environ | {"DAIJIAO_WAREHOUSE": str(warehouse)},
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_served(address, server, log)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=30)


def wait_until_served(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return once the server answers."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"The notebook was not served: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def opened(address: str, hosts: set[str]) -> Iterator[Any]:
    """A page of headless Chromium at an address; every host that it asks is noted."""
    # It may be missing, and then these tests are skipped.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1200, "height": 900}, locale="zh-CN")
        page.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
        page.on("websocket", lambda websocket: hosts.add(websocket.url.split("/")[2].split(":")[0]))
        page.goto(address, timeout=SECONDS * 1000)
        yield page
        browser.close()


def test_the_years_are_shown_without_the_internet(warehouse: Path, tmp_path: Path) -> None:
    """Headings, figures and charts in Chinese; another year and township can be chosen; no request leaves this machine."""
    hosts: set[str] = set()
    with served(warehouse, tmp_path / "marimo.log") as address, opened(address, hosts) as page:
        for heading in HEADINGS:
            page.get_by_role("heading", name=heading, exact=True).wait_for(timeout=SECONDS * 1000)
        page.locator("canvas, svg.marks").nth(5).wait_for(timeout=SECONDS * 1000)
        page.get_by_text("参保率").first.wait_for()
        page.get_by_label("年度").select_option("2019 年")
        page.get_by_role("heading", name="2019 年概况", exact=True).wait_for(timeout=SECONDS * 1000)
        page.get_by_text("100.00%").first.wait_for(timeout=SECONDS * 1000)
        text = page.inner_text("body")
        if folder := os.environ.get("DAIJIAO_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / "notebook.png", full_page=True)
    assert hosts - {""} == {HOST}
    assert not any(error in text for error in ERRORS)


def test_without_published_tables_it_says_what_to_do(tmp_path: Path) -> None:
    """A friendly paragraph instead of a traceback."""
    hosts: set[str] = set()
    with served(tmp_path, tmp_path / "marimo.log") as address, opened(address, hosts) as page:
        page.get_by_text("还没有已发布的数据").wait_for(timeout=SECONDS * 1000)
        page.get_by_text("daijiao refresh --year 2019").wait_for(timeout=SECONDS * 1000)
        text = page.inner_text("body")
    assert not any(error in text for error in ERRORS)
    assert hosts - {""} == {HOST}
