"""The Dagster UI in a real browser: a year is chosen, built, checked and published from it, without the internet."""

import re
import sys
import time
from pathlib import Path
from typing import Any

from pipeline.sample import write_sample
from pipeline.warehouse.engine_duckdb import reading
from pipeline.warehouse.run import PUBLISHED_FILE
from tests.desktop import HOST, SECONDS, needs, opened, screenshot, served

pytestmark = needs("Chromium", "playwright")

DAIJIAO = Path(sys.executable).with_name("daijiao")


def test_a_year_is_published_from_the_ui(tmp_path: Path) -> None:
    """Graph, launch, columns, checks and automation are looked at; no request leaves this machine."""
    write_sample(tmp_path / "raw", 2019, persons=300)
    published = tmp_path / "warehouse" / PUBLISHED_FILE
    hosts: set[str] = set()
    command = [str(DAIJIAO), "ui", "--port"]
    with (
        served(command, "/server_info", {}, tmp_path / "ui.log") as address,
        opened(f"{address}/locations/daijiao/jobs/refresh", hosts) as page,
    ):
        launch(page, "2019")
        wait_for(published)
        page.goto(f"{address}/assets/mart/township_participation?view=overview")
        page.get_by_text("Persons covered.").first.wait_for()
        page.get_by_text("Latest materialization").first.wait_for()
        screenshot(page, "ui-table")
        page.goto(f"{address}/assets/mart/roster_mismatch?view=checks")
        page.get_by_text("The amount is not exactly the premium.").first.wait_for()
        page.get_by_text("found_count").first.wait_for()
        # The sensor has seen the files, too, and its run may be at work.
        page.get_by_text("Failed", exact=True).first.wait_for()
        screenshot(page, "ui-checks")
        page.goto(f"{address}/locations/daijiao/asset-groups/mart/lineage")
        page.get_by_text("Asset Group in").first.wait_for()
        page.wait_for_timeout(8000)
        screenshot(page, "ui-graph")
        page.goto(f"{address}/automation")
        page.get_by_text(re.compile(r"01:30.* GMT\+8")).first.wait_for()
        screenshot(page, "ui-automation")
    assert hosts - {""} == {HOST}
    # A clone's .env names another history.
    assert (tmp_path / "dagster" / "history" / "runs.db").exists()
    with reading(published) as connection:
        assert connection.execute("select policy_year from mart.district_summary").fetchall() == [(2019,)]


def launch(page: Any, year: str) -> None:
    """Materialize the job's tables for a year, as a person would."""
    page.get_by_role("button", name="Materialize all").click()
    page.get_by_role("dialog").get_by_text("Select a partition or create one").click()
    page.get_by_placeholder("Filter partitions").fill(year)
    page.wait_for_timeout(1000)
    choices = [choice for choice in page.get_by_text(year, exact=True).all() if choice.is_visible()]
    choices[-1].click()
    page.get_by_text("Launch runs to materialize").first.click()
    page.get_by_role("button", name="Launch 1 run").click()


def wait_for(path: Path) -> None:
    """Return once a file is there."""
    until = time.monotonic() + SECONDS
    while not path.exists():
        assert time.monotonic() < until, f"{path.name} was not published"
        time.sleep(0.5)
