"""The Dagster UI in a real browser: a year is chosen, built, checked and published from it, without the internet."""

import re
import sys
import time
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from pipeline.dagster.assets import YEARS_NAME
from pipeline.dagster.graph import shown_tables
from pipeline.sample import write_sample
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.reading import reading
from tests.desktop import HOST, SECONDS, needs, opened, screenshot, served
from tests.waiting import wait_for

pytestmark = needs("Chromium", "playwright")

DAIJIAO = Path(sys.executable).with_name("daijiao")
LEAST_SCALE = 0.4
# The scale of the graph, and whether it lies whole within what is seen of it but for its empty margin.
GRAPH_IN_VIEW = """() => {
    const graph = [...document.querySelectorAll("svg")].find((each) => each.querySelector("foreignObject"));
    const drawn = graph.getBoundingClientRect();
    const scale = drawn.width / graph.width.baseVal.value;
    let view = graph.parentElement;
    while (getComputedStyle(view).overflow !== "hidden") view = view.parentElement;
    const seen = view.getBoundingClientRect();
    const margin = 100 * scale;
    const isWhole = drawn.left + margin >= seen.left && drawn.right - margin <= seen.right
        && drawn.top + margin >= seen.top && drawn.bottom - margin <= Math.min(seen.bottom, innerHeight);
    return [scale, isWhole];
}"""


def test_a_year_is_published_from_the_ui(tmp_path: Path) -> None:
    """Graph, launch, columns, checks and automation are looked at; no request leaves this machine."""
    write_sample(tmp_path / "raw", 2019, persons=300)
    published = tmp_path / "warehouse" / PUBLISHED_FILE
    hosts: set[str] = set()
    command = [str(DAIJIAO), "ui", "--port", "0"]
    with served(command, {}, tmp_path / "ui.log") as with_token, opened(with_token, hosts) as page:
        address = with_token.partition("/?")[0]
        page.goto(f"{address}/locations/daijiao/jobs/refresh")
        # The year can be chosen once the landing sensor has seen its files.
        wait_until_known("2019", tmp_path / "dagster")
        page.reload()
        launch(page, "2019")
        wait_for("the publication", published.exists, seconds=3 * SECONDS)
        page.goto(f"{address}/runs")
        page.get_by_text("Success", exact=True).first.wait_for(timeout=1000 * SECONDS)
        page.goto(f"{address}/assets/mart/township_participation?view=overview")
        page.get_by_text("Persons covered.").first.wait_for()
        page.get_by_text("Latest materialization").first.wait_for()
        screenshot(page, "ui-table")
        page.goto(f"{address}/assets/mart/source_file?view=checks")
        page.get_by_text("refused_files").first.click()
        page.get_by_text("each refused one is named").first.wait_for()
        page.get_by_text("findings").first.wait_for()
        screenshot(page, "ui-checks")
        page.goto(f"{address}/locations/daijiao/asset-groups/mismatches/lineage")
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


@pytest.mark.parametrize("size", [(1440, 900), (1280, 800)], ids=["1440", "1280"])
def test_the_graph_of_every_subject_is_seen_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    """As it opens, at a scale at which the names can be read; nothing has to be built for that."""
    command = [str(DAIJIAO), "ui", "--port", "0"]
    subjects = {str(each.subject) for each in shown_tables()}
    found: dict[str, tuple[float, bool]] = {}
    with served(command, {}, tmp_path / "ui.log") as with_token, opened(with_token, set()) as page:
        address = with_token.partition("/?")[0]
        page.set_viewport_size({"width": size[0], "height": size[1]})
        for subject in sorted(subjects):
            page.goto(f"{address}/locations/daijiao/asset-groups/{subject}/lineage")
            page.locator("foreignObject").first.wait_for()
            # It is laid out again once the names have their font.
            page.wait_for_timeout(1500)
            found[subject] = page.evaluate(GRAPH_IN_VIEW)
    assert len(found) > 1
    assert {subject: seen for subject, seen in found.items() if not (seen[0] >= LEAST_SCALE and seen[1])} == {}


def wait_until_known(year: str, home: Path) -> None:
    """Return once a year is known to the history."""
    until = time.monotonic() + SECONDS
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(home))
        with dg.DagsterInstance.get() as history:
            while not history.has_dynamic_partition(YEARS_NAME, year):
                assert time.monotonic() < until, f"{year} was not seen"
                time.sleep(0.5)


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
