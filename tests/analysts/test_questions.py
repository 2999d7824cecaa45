"""The twenty questions of docs/analysts.md, asked of a year (in `make test-whole` of two), and held against other tables."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import polars as pl
import pytest

from .conftest import YEARS

PAGE = Path(__file__).parents[2] / "docs" / "analysts.md"
QUESTIONS = dict(
    re.findall(r"^## (.+?)\n+```sql\n(.+?);\n```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
)

FAILURE_REASONS = {
    "no_such_account",
    "name_mismatch",
    "account_closed",
    "account_frozen",
    "account_lost",
    "id_mismatch",
    "amount_error",
    "duplicate",
    "other",
}


class Analyst:
    """Asks the page's questions, and others, of one year of a published file."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, year: int) -> None:
        """Of an open published file."""
        self._connection = connection
        self.year = year

    def ask(self, question: str) -> pl.DataFrame:
        """The answer to a question of the page, which asks about 2019."""
        frame: pl.DataFrame = self._connection.sql(QUESTIONS[question].replace("2019", str(self.year))).pl()
        return frame

    def find(self, sql: str) -> pl.DataFrame:
        """The answer to any other question; ``$year`` stands for the year."""
        frame: pl.DataFrame = self._connection.sql(sql.replace("$year", str(self.year))).pl()
        return frame

    def figure(self, name: str) -> int | Decimal:
        """A figure of the district."""
        value = self.find(f"select {name} from mart.district_summary where policy_year = $year").item()
        assert isinstance(value, int | Decimal)
        return value


@pytest.fixture(scope="module", params=YEARS, ids=str)
def analyst(warehouse: Path, request: pytest.FixtureRequest) -> Iterator[Analyst]:
    """An analyst who has opened the published file read-only."""
    with duckdb.connect(str(warehouse / "published.duckdb"), read_only=True) as connection:
        yield Analyst(connection, request.param)


def test_the_page_has_twenty_questions() -> None:
    """A question that the pattern doesn't find would go untested."""
    text = PAGE.read_text(encoding="utf-8")
    assert len(QUESTIONS) == text.count("```sql") == text.count("\n## ") == 20


def test_who_is_silent(analyst: Analyst) -> None:
    """As many as the ladder's rung says; in 2019 everybody eligible is covered."""
    silent = analyst.ask("Who is eligible and silent, township by township?")
    rung = analyst.find(
        "select coalesce(sum(person_count), 0) from mart.coverage_ladder "
        "where policy_year = $year and step = 5 and reason = 'silent'"
    ).item()
    assert silent["silent_count"].sum() == rung
    assert (rung > 0) == (analyst.year == 2020)
    assert silent["silent_count"].is_sorted(descending=True)


def test_which_townships_lag(analyst: Analyst) -> None:
    """The lowest rate comes first, each rate is that of its counts, and the townships add up to the district."""
    townships = analyst.ask("Which townships lag behind?")
    rated = townships.filter(pl.col("participation_rate").is_not_null())
    assert rated["participation_rate"].is_sorted()
    assert townships["covered_count"].sum() == analyst.figure("covered_count")
    assert (townships["eligible_count"] == townships["covered_count"] + townships["uncovered_count"]).all()
    exact = rated["covered_count"] / rated["eligible_count"]
    assert (rated["participation_rate"].cast(pl.Float64) - exact).abs().max() < 1e-6


def test_what_failed(analyst: Analyst) -> None:
    """Every failed line has a reason of the list, and none is left out."""
    failed = analyst.ask("What failed, and why?")
    lines = analyst.find("select outcome, disposition from core.return_line where policy_year = $year")
    assert failed["line_count"].sum() == lines.filter(outcome="failed").height > 0
    assert set(failed["failure_reason"]) <= FAILURE_REASONS
    assert (failed["person_count"] <= failed["line_count"]).all()


def test_how_the_balance_is_made_up(analyst: Analyst) -> None:
    """Three ways to the same balance: budget less used, places, levels."""
    row = analyst.ask("How is the district's balance made up?").row(0, named=True)
    assert row["balance_yuan"] == row["budget_yuan"] - row["used_yuan"]
    assert row["balance_yuan"] == row["township_balance_yuan"] + row["bureau_balance_yuan"]
    assert row["balance_yuan"] == row["balance_municipal_yuan"] + row["balance_district_yuan"]
    assert row["used_yuan"] == analyst.figure("covered_count") * 100


def test_how_persons_become_covered(analyst: Analyst) -> None:
    """The ladder adds up to the person, from the roll to the covered."""
    ladder = analyst.ask("How do persons become covered, from the roll on?")
    roll, excluded, unconfirmed, eligible, uncovered, covered = (
        int(ladder.filter(step=step)["person_count"].sum()) for step in range(1, 7)
    )
    assert roll == analyst.figure("roll_count") == 300
    assert roll - excluded - unconfirmed == eligible
    assert eligible - uncovered == covered == analyst.figure("covered_count")


def test_which_mismatches_wait(analyst: Analyst) -> None:
    """Every open mismatch waits for one township, or for none."""
    waiting = analyst.ask("Which mismatches wait for which township?")
    every = analyst.find("select kind, status from mart.roster_mismatch where policy_year = $year")
    assert waiting["mismatch_count"].sum() == every.filter(status="open").height > 0
    assert waiting.select("township_code", "kind", "severity").is_unique().all()
    assert waiting.filter(kind="grant_headcount_gap")["township_code"].to_list() == [None]


def test_which_money_is_disputed(analyst: Analyst) -> None:
    """To the fen what the district has paid out and not written off; each line with the test that it fails."""
    disputed = analyst.ask("Which money left a township without being written off?")
    assert disputed["disputed_yuan"].sum() == analyst.figure("disputed_yuan") > 0
    assert disputed["mismatch_kind"].null_count() == 0


def test_which_files_were_not_read(analyst: Analyst) -> None:
    """Each says in Chinese why, beginning with a word that can be looked up."""
    files = analyst.ask("Which files were not read, and what is to be done?")
    statuses = analyst.find("select status from mart.source_file where policy_year = $year")["status"]
    assert files.height == (statuses != "read").sum() > 0
    assert files["reason"].str.contains(r"^[a-z_]+: .*[\p{Han}]").all()


def test_when_the_money_was_paid(analyst: Analyst) -> None:
    """The months add up to everything written off, and lie in the year's window."""
    months = analyst.ask("When was the money paid?")
    assert months["used_yuan"].sum() == analyst.figure("used_yuan") > 0
    assert months["person_count"].sum() == analyst.figure("covered_count")
    assert set(months["month"].dt.year()) == {analyst.year}


def test_what_each_account_holds(analyst: Analyst) -> None:
    """Double entry: everything adds up to nothing, and the accounts are the published balances."""
    accounts = analyst.ask("What does each account hold, by its postings?")
    held = dict(accounts.iter_rows())
    assert sum(held.values()) == 0
    assert held["grant"] == -analyst.figure("budget_yuan")
    assert held["bureau"] == analyst.figure("bureau_balance_yuan")
    assert held["person:written_off"] + held["tax:written_off"] == analyst.figure("used_yuan")
    townships = sum(amount for account, amount in held.items() if account.startswith("township:"))
    assert townships == analyst.figure("cash_balance_yuan")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_has_an_answer(analyst: Analyst, question: str) -> None:
    """It runs, and there is something to see; nobody is silent in 2019."""
    answer = analyst.ask(question)
    assert answer.height > 0 or (question.startswith("Who is eligible and silent") and analyst.year == 2019)


def test_what_a_code_means(analyst: Analyst) -> None:
    """Every code of the year's rows is there, in both languages."""
    codes = analyst.ask("What does a code mean?")
    assert codes.select(pl.all().exclude("severity")).null_count().sum_horizontal().item() == 0
    kinds = analyst.find("select distinct kind from mart.roster_mismatch where policy_year = $year")["kind"]
    assert set(kinds) <= set(codes.filter(vocabulary="mismatch_kind")["code"])


def test_which_villages_wait_for_a_visit(analyst: Analyst) -> None:
    """Everybody who is unconfirmed, none twice."""
    waiting = analyst.ask("Which villages have persons who wait for a visit?")
    assert waiting["person_count"].sum() == analyst.figure("unconfirmed_count")


def test_who_has_paid(analyst: Analyst) -> None:
    """Everybody on the roll has one status."""
    assert analyst.ask("Who has paid, and who hasn't?")["person_count"].sum() == analyst.figure("roll_count")


def test_how_participation_rose(analyst: Analyst) -> None:
    """It ends with the year's covered persons."""
    months = analyst.ask("How did participation rise through the year?")
    assert months["covered_so_far"].is_sorted()
    assert months["covered_so_far"].last() == analyst.figure("covered_count")


def test_how_old_they_are(analyst: Analyst) -> None:
    """From 16 on and below 60; all who are eligible."""
    ages = analyst.ask("How old are those who are covered, and those who aren't?")
    assert ages["eligible_count"].sum() == analyst.figure("eligible_count")
    assert set(ages["age_from"]) <= {10, 20, 30, 40, 50, 60}


def test_the_mismatches_in_words(analyst: Analyst) -> None:
    """None is left out."""
    kinds = analyst.ask("Which mismatches are there, in words, and how much money hangs on them?")
    every = analyst.find("select count(*) from mart.roster_mismatch where policy_year = $year").item()
    assert kinds["mismatch_count"].sum() == every
