"""Programs of a desktop that some tests need: headless Chromium, and LibreOffice."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

HOST = "127.0.0.1"
SECONDS = 120
ADDRESS = re.compile(rf"http://{re.escape(HOST)}:\d+/\?token=\S+")
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PROGRAMS = {
    "Chromium": Path(CHROMIUM).exists,
    "playwright": lambda: find_spec("playwright") is not None,
    "marimo": lambda: find_spec("marimo") is not None,
    "LibreOffice": lambda: shutil.which("soffice") is not None,
}
BROWSER_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def needs(*programs: str) -> list[pytest.MarkDecorator]:
    """Marks of a test that needs programs: it is skipped where one is missing, and fails there in `make test-desktop`."""
    missing = [name for name in programs if not PROGRAMS[name]()]
    is_required = os.environ.get("DAIJIAO_DESKTOP") == "required"
    skip = pytest.mark.skipif(bool(missing) and not is_required, reason=f"{' and '.join(missing)} missing: not tested.")
    return [pytest.mark.desktop, skip]


@contextmanager
def served(command: Sequence[str], variables: dict[str, str], log: Path) -> Iterator[str]:
    """The address, with its token, that a server of this machine prints, from then on until it is ended.

    Args:
        command: prints the address when it serves.
        variables: further environment variables.
        log: file that takes what it prints.
    """
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, env=os.environ | variables, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield _address(server, log)
    finally:
        server.terminate()
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, 9)


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and server.poll() is None:
        if printed := ADDRESS.search(log.read_text(encoding="utf-8", errors="replace")):
            return printed.group()
        time.sleep(0.1)
    pytest.fail(f"Nothing was served: {log.read_text(encoding='utf-8', errors='replace')[-2000:]}")


@contextmanager
def opened(address: str, hosts: set[str]) -> Iterator[Any]:
    """A page of headless Chromium at an address; every host that it asks is noted."""
    # It may be missing, and then these tests are skipped.
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=BROWSER_ARGUMENTS)
        page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="zh-CN")
        page.set_default_timeout(SECONDS * 1000)
        page.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
        page.on("websocket", lambda websocket: hosts.add(websocket.url.split("/")[2].split(":")[0]))
        page.goto(address)
        yield page
        browser.close()


def screenshot(page: Any, name: str, *, full_page: bool = False) -> None:
    """Keep a picture of the page where DAIJIAO_SCREENSHOTS names a folder."""
    if folder := os.environ.get("DAIJIAO_SCREENSHOTS"):
        # Icons come last, and nothing says when they are there.
        page.wait_for_timeout(4000)
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=full_page)
