"""The year 2019 from landed files to the published file, through the job that the UI and the schedule run.

What is published is what was planned, of a small district in `make test`, and of the whole one in `make test-whole`. The
figures are those of the published evaluation report and what follows from them; the score is a judgement and apart.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import duckdb
import pytest
from rich.cells import cell_len

from pipeline.commands.console import WIDTH
from pipeline.contracts.codes import load_codes
from pipeline.sample import SampleSummary
from pipeline.warehouse.folder import PUBLISHED_FILE
from pipeline.warehouse.reading import reading
from tests.deep import only_whole
from tests.small_district import refreshed_district

WAN = Decimal(10_000)
PARTICIPATION = "mart.township_participation"
FUND = "mart.township_fund"
# IDs of the sample begin with an area code that was never assigned; its accounts with 9953.
PERSONAL = r"\b(530198(19|20)[0-9]{9}[0-9X]|9953[0-9]{15})\b"
# What the sample plants that nobody knows: outcomes, an exclusion, a schooling, a category and a status.
UNKNOWN_WORDS = {
    *(("outcome", word) for word in ("已受理", "等待回单", "已申报", "等待回执")),
    ("exclusion", "情形待核"),
    ("schooling", "学籍待查"),
    ("category", "残疾待评级"),
    ("benefit_status", "待核实"),
}


class Year(NamedTuple):
    """The plan of the sample, the published file, and what the command printed to stdout and stderr."""

    plan: SampleSummary
    published: duckdb.DuckDBPyConnection
    printed: str
    told: str


SMALL = pytest.param("small", id="small district")
WHOLE = pytest.param(
    "whole",
    id="whole district",
    marks=only_whole("the small district goes the same way, and tests/sample adds the figures up from the rows"),
)


@pytest.fixture(scope="module", params=[SMALL, WHOLE])
def year(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """A district, written and refreshed once."""
    if request.param == "small":
        district = request.getfixturevalue("small_district")
    else:
        district = refreshed_district(tmp_path_factory.mktemp("district"), None)
    with reading(district.folder / "warehouse" / PUBLISHED_FILE) as published:
        yield Year(district.plan, published, district.printed, district.told)


def district(year: Year) -> dict[str, object]:
    """The one row of mart.district_summary."""
    frame = year.published.sql("select * from mart.district_summary where policy_year = 2019").pl()
    return frame.row(0, named=True)


def test_the_command_tells_and_prints(year: Year) -> None:
    """Progress on stderr; on stdout the intake statement, townships, mismatches, and where the tables are."""
    assert year.told.splitlines()[0] == "第 1 / 5 步:正在读取 2019 年的文件"
    for words in ("收文说明", "铜都街道", "参保率", "下达金额与人数不符", PUBLISHED_FILE):
        assert words in year.printed
    assert [line for line in year.printed.splitlines()[:-1] if cell_len(line) > WIDTH] == []


@pytest.mark.parametrize("year", [WHOLE], indirect=True)
@pytest.mark.parametrize(
    ("column", "figure"),
    [
        ("planned_count", 65_443),
        ("covered_count", 61_722),
        ("eligible_count", 61_722),
        ("uncovered_count", 0),
        ("budget_municipal_yuan", Decimal("523.544") * WAN),
        ("budget_district_yuan", Decimal("147.67") * WAN),
        ("budget_yuan", Decimal("671.214") * WAN),
        ("allocated_yuan", Decimal("654.43") * WAN),
        ("used_yuan", Decimal("617.22") * WAN),
        ("used_municipal_yuan", Decimal("493.776") * WAN),
        ("used_district_yuan", Decimal("123.444") * WAN),
        ("township_balance_yuan", Decimal("37.21") * WAN),
        ("bureau_balance_yuan", Decimal("16.784") * WAN),
        ("balance_yuan", Decimal("53.994") * WAN),
        ("balance_municipal_yuan", Decimal("29.768") * WAN),
        ("balance_district_yuan", Decimal("24.226") * WAN),
        ("participation_rate", Decimal(1)),
        ("target_completion_rate", Decimal("0.943141")),
        ("utilisation_rate", Decimal("0.943141")),
        ("execution_rate", Decimal("0.919558")),
        ("benefit_disbursement_rate", Decimal(1)),
        ("satisfaction_answers", 20),
        ("satisfaction_rate", Decimal("0.9")),
        ("satisfaction_low", Decimal("0.698966")),
        ("satisfaction_high", Decimal("0.972134")),
    ],
)
def test_the_published_file_has_the_figure(year: Year, column: str, figure: object) -> None:
    """Exactly, to the person and to the fen."""
    assert district(year)[column] == figure


def test_the_townships_are_those_that_were_planned(year: Year) -> None:
    """Every count, amount and rate of both township tables, the unknown township's too."""
    plan, connection = year.plan, year.published
    for name, planned in ((PARTICIPATION, plan.township_participation), (FUND, plan.township_fund)):
        published = connection.sql(f"select * from {name} where policy_year = 2019 order by township_code").pl()
        shared = [column for column in published.columns if column in planned.columns]
        assert len(shared) >= len(planned.columns) - 2
        assert published.select(shared).rows() == planned.sort("township_code").select(shared).rows()


def test_every_planted_mismatch_is_found_and_no_other(year: Year) -> None:
    """Kind for kind; 2019 holds every kind but over_budget."""
    plan, connection = year.plan, year.published
    found = connection.execute("select kind, count(*) from mart.roster_mismatch group by kind order by kind").fetchall()
    assert dict(found) == plan.mismatch_counts
    assert set(plan.mismatch_counts) == {each.code for each in load_codes()["mismatch_kind"].codes} - {"over_budget"}


def unknown_words(year: Year) -> set[tuple[str, str]]:
    """The words that nobody knows, by vocabulary."""
    query = "select distinct vocabulary, word from mart.unknown_word where vocabulary <> 'outcome_code'"
    return set(year.published.execute(query).fetchall())


def test_no_word_is_unknown_but_those_that_were_planted(year: Year) -> None:
    """Every synonym is known."""
    found = unknown_words(year)
    assert found and found <= UNKNOWN_WORDS


@pytest.mark.parametrize("year", [WHOLE], indirect=True)
def test_every_word_that_was_planted_is_unknown(year: Year) -> None:
    """Of a small district some stand in no file."""
    assert unknown_words(year) == UNKNOWN_WORDS


def test_every_line_has_the_planned_disposition(year: Year) -> None:
    """By channel."""
    plan, connection = year.plan, year.published
    found = connection.execute("select channel, disposition, count(*) from core.return_line group by all").fetchall()
    assert {(channel, disposition): count for channel, disposition, count in found} == plan.disposition_counts


def test_every_file_has_the_planned_status_and_counts(year: Year) -> None:
    """Read, quarantined and dropped rows of each file."""
    plan, connection = year.plan, year.published
    columns = plan.files.columns
    published = connection.sql(f"select {', '.join(columns)} from mart.source_file order by file_name").pl()
    assert published.rows() == plan.files.sort("file_name").rows()


def test_the_reported_score_stands_beside_the_computed_one(year: Year) -> None:
    """97 was reported; what is computed is not made to be it."""
    query = "select score, reported_score from mart.performance_indicator where level1 = '总分'"
    found = year.published.execute(query).fetchall()
    assert [reported for _, reported in found] == [Decimal(97)]


def test_no_id_name_or_account_is_published(year: Year) -> None:
    """In no text column of any table."""
    connection = year.published
    texts = connection.execute(
        "select schema_name, table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and not internal"
    ).fetchall()
    for schema, table, column in texts:
        query = f"select count(*) from {schema}.{table} where regexp_matches({column}, '{PERSONAL}')"
        assert connection.execute(query).fetchall() == [(0,)], f"{schema}.{table}.{column}"


def test_every_table_and_column_has_a_comment(year: Year) -> None:
    """In Chinese and English, from the contracts."""
    connection = year.published
    for kind in ("tables", "columns"):
        bare = connection.execute(f"select * from duckdb_{kind}() where not internal and comment is null").fetchall()
        assert bare == []
