"""Why figures changed between two days: counted by hand on the small world."""

import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import duckdb
import polars as pl
import pytest

from pipeline.ask.explain import FIGURES, Explanation, explain
from pipeline.ask.explain_text import describe
from pipeline.build.refresh import refresh_year
from pipeline.errors import UsageError
from pipeline.settings import Settings
from tests.deep import only_deep
from tests.operations.world import YEAR, write_file
from tests.policies import copied_policies

from .world import LATE_BATCH

MIDSUMMER, YEAR_END = date(2019, 6, 30), date(2019, 12, 31)
# Figure: as of 30 June, as of 31 December.
FIGURES_BY_HAND = {
    "roll_count": (3, 4),
    "planned_count": (3, 4),
    "excluded_count": (1, 0),
    "unconfirmed_count": (0, 0),
    "eligible_count": (2, 4),
    "refunded_count": (2, 1),
    "paid_on_behalf_count": (0, 1),
    "covered_count": (2, 2),
    "uncovered_count": (0, 2),
    "allocated_yuan": (300, 400),
    "paid_out_yuan": (200, 400),
    "used_yuan": (200, 200),
    "used_municipal_yuan": (160, 160),
    "used_district_yuan": (40, 40),
    "disputed_yuan": (0, 200),
    "balance_yuan": (300, 300),
    "cash_balance_yuan": (100, 0),
    "budget_yuan": (500, 500),
    "budget_municipal_yuan": (400, 400),
    "budget_district_yuan": (100, 100),
    "township_balance_yuan": (100, 200),
    "bureau_balance_yuan": (200, 100),
    "balance_municipal_yuan": (240, 240),
    "balance_district_yuan": (60, 60),
}


@pytest.fixture(scope="module")
def contents_before(settings: Settings) -> dict[str, str]:
    """What the warehouse folder holds before anything is explained."""
    return contents(settings)


@pytest.fixture(scope="module")
def explanation(settings: Settings, contents_before: dict[str, str]) -> Explanation:
    """The second half of the year, explained."""
    return explain(settings, YEAR, MIDSUMMER, YEAR_END)


def contents(settings: Settings) -> dict[str, str]:
    """The files right in the warehouse folder, by the hash of what they hold."""
    files = [path for path in settings.warehouse.iterdir() if path.is_file()]
    folders = {path.name: "folder" for path in settings.warehouse.iterdir() if path.is_dir()}
    return folders | {path.name: sha256(path.read_bytes()).hexdigest() for path in files}


def changes_of(explanation: Explanation, *, of_persons: bool = True) -> list[dict[str, int]]:
    """The parts that aren't 0 and no balance, for each person, or each row that names nobody."""
    figures = [figure for figure in FIGURES if "balance" not in figure and "_municipal" not in figure]
    figures.remove("used_district_yuan")
    names_somebody = pl.coalesce("id_masked_after", "id_masked_before").is_not_null()
    rows = explanation.changes.filter(names_somebody == of_persons)
    return [{f: int(row[f]) for f in figures if row[f]} for row in rows.select(figures).iter_rows(named=True)]


def test_the_figures_of_both_days(explanation: Explanation) -> None:
    """Both states are those that a refresh as of the day gives."""
    found = {figure: (before, after) for figure, before, after, _ in explanation.figures.iter_rows()}
    assert found == {figure: (Decimal(old), Decimal(new)) for figure, (old, new) in FIGURES_BY_HAND.items()}


def test_every_change_is_the_sum_of_its_parts(explanation: Explanation) -> None:
    """To the person and to the fen, for every figure, those that stayed the same on the whole too."""
    sums = explanation.changes.select(pl.col(FIGURES).sum()).row(0, named=True)
    assert sums == dict(explanation.figures.select("figure", "change").iter_rows())


def test_each_person_has_his_part(explanation: Explanation) -> None:
    """Four persons changed: refunded twice, included and paid for, come onto the roll, reversed."""
    assert sorted(changes_of(explanation), key=str) == sorted(
        [
            {"paid_out_yuan": 100, "disputed_yuan": 100},
            {
                "excluded_count": -1,
                "eligible_count": 1,
                "paid_on_behalf_count": 1,
                "covered_count": 1,
                "paid_out_yuan": 100,
                "used_yuan": 100,
            },
            {"roll_count": 1, "eligible_count": 1, "uncovered_count": 1},
            {
                "refunded_count": -1,
                "covered_count": -1,
                "uncovered_count": 1,
                "paid_out_yuan": -100,
                "used_yuan": -100,
            },
        ],
        key=str,
    )


def test_rows_that_name_nobody_have_theirs(explanation: Explanation) -> None:
    """The line without a valid ID, and the second transfer: known by their place."""
    assert sorted(changes_of(explanation, of_persons=False), key=str) == sorted(
        [{"planned_count": 1, "allocated_yuan": 100}, {"paid_out_yuan": 100, "disputed_yuan": 100}], key=str
    )
    places = explanation.changes.filter(pl.col("id_masked_after").is_null())["subject"].unique().sort().to_list()
    assert places == ["allocations/拨付表2.csv 第2行", f"{LATE_BATCH} 第4行"]


def test_a_person_names_the_rows_that_changed_him(explanation: Explanation) -> None:
    """王磊 changed by the row that gave his refund back, and stands on a later roll."""
    (key,) = explanation.changes.filter(uncovered_reason_after="reversed")["subject"]
    assert explanation.rows.filter(subject=key).rows() == [
        (key, LATE_BATCH, None, 3, True),
        (key, "poverty_roll/20191130_名单.csv", None, 4, True),
    ]


def test_each_has_one_cause(explanation: Explanation) -> None:
    """What befell the five people, and the second transfer."""
    causes = explanation.changes.group_by("cause").len().sort("cause").rows()
    assert causes == sorted([("新进名单", 1), ("资金拨付", 1), ("退票或退库", 1), ("付款并核销", 1), ("付款存疑", 2)])


def test_causes_come_first_and_persons_only_when_asked_for(explanation: Explanation) -> None:
    """A line a cause, for the district and for the township; no person in the short text."""
    text = describe(explanation)
    assert "- 退票或退库(1 项):返还人数-1,已覆盖人数-1,未覆盖人数+1,付出金额(元)-100,核销金额(元)-100" in text
    assert text.index("按原因") < text.index("- 汤丹镇")
    assert "**" not in text
    assert len(text.splitlines()) < 40


@only_deep("four other causes are told of days that are explained once")
def test_a_classification_is_a_cause(settings: Settings) -> None:
    """Between two days on which townships judged and nobody paid."""
    explained = explain(settings, YEAR, date(2019, 4, 5), date(2019, 5, 1))
    assert explained.changes.group_by("cause").len().rows() == [("乡镇重新分类", 3)]


def test_the_text_says_it_in_chinese(explanation: Explanation) -> None:
    """Figures first, then a line a person: how he stood and stands, his part, his rows; no full name or ID."""
    text = describe(explanation, with_persons=True)
    assert "符合条件人数:2 → 4(+2)" in text
    assert "存疑金额(元):0 → 200(+200)" in text
    (line,) = [line for line in text.splitlines() if "不符合(乡镇核定:拒绝参保) → 符合条件,已代缴" in line]
    assert line.startswith("- 付款并核销:李** 530198********0341 汤丹镇(")
    assert "已覆盖人数+1" in line
    assert "tax_returns/税务返盘.csv 第2行" in line
    assert not any(name in text for name in ("张小明", "李秀兰", "王芳", "王磊", "19850512"))


def test_nothing_is_left_behind_and_nothing_touched(
    settings: Settings, contents_before: dict[str, str], explanation: Explanation
) -> None:
    """The published file and the warehouse are those of before; the temporary folder is gone."""
    assert not explanation.changes.is_empty()
    assert contents(settings) == contents_before


def test_no_change_is_said_in_one_sentence(explanation: Explanation) -> None:
    """Two states that give the same figures need no persons."""
    figures = explanation.figures.with_columns(change=pl.lit(Decimal(0)))
    same = replace(explanation, figures=figures, changes=explanation.changes.clear())
    title = "2019 年,2019-06-30 与 2019-12-31 相比(两日均按现行政策和规则计算)"
    assert describe(same) == f"{title}:各项数字没有变化。"


def test_days_in_the_wrong_order_are_refused(settings: Settings) -> None:
    """The earlier day comes first."""
    with pytest.raises(UsageError, match="not before"):
        explain(settings, YEAR, YEAR_END, MIDSUMMER)


@pytest.fixture
def published_in_june(settings: Settings, tmp_path: Path) -> Settings:
    """The world with its state of midsummer published at its time; the June refunds were judged by a lower premium then."""
    shutil.copytree(settings.raw, tmp_path / "raw")
    then = copied_policies(tmp_path / "policies")
    policy = then / f"{YEAR}.yaml"
    text = policy.read_text(encoding="utf-8")
    assert 'premium_yuan: "100.00"' in text
    policy.write_text(text.replace('premium_yuan: "100.00"', 'premium_yuan: "90.00"'), encoding="utf-8")
    refresh_year(tmp_path / "raw", tmp_path / "warehouse", YEAR, then, as_of=MIDSUMMER)
    return Settings(raw=tmp_path / "raw", warehouse=tmp_path / "warehouse")


@only_deep("four refreshes")
def test_another_policy_since_then_is_a_cause(published_in_june: Settings) -> None:
    """What was published in June is the beginning, and all causes together are the difference to the end."""
    explained = explain(published_in_june, YEAR, MIDSUMMER, YEAR_END)
    figures = {figure: (before, after) for figure, before, after, _ in explained.figures.iter_rows()}
    assert figures["used_yuan"] == (0, 200)
    assert figures["disputed_yuan"] == (200, 200)
    assert explained.notes == ("前一日为当时发布的数字,其后有变化的是:政策",)
    sums = explained.changes.select(pl.col(FIGURES).sum()).row(0, named=True)
    assert sums == dict(explained.figures.select("figure", "change").iter_rows())
    text = describe(explained)
    assert "- 政策或规则变更(2 项):返还人数+2,已覆盖人数+2,未覆盖人数-2,核销金额(元)+200,存疑金额(元)-200" in text
    assert text.index("政策或规则变更") < text.index("付款并核销")
    # A file that landed later, and speaks of an earlier day.
    write_file(
        published_in_june.raw,
        "allocations/补报.csv",
        ["乡镇,金额,人数,日期,文号", "汤丹镇,50.00,1,2019-04-01,拨9号"],
    )
    explained = explain(published_in_june, YEAR, MIDSUMMER, YEAR_END)
    assert "政策、规则或报送文件变更" in describe(explained)
    sums = explained.changes.select(pl.col(FIGURES).sum()).row(0, named=True)
    assert sums == dict(explained.figures.select("figure", "change").iter_rows())


@only_deep("three refreshes")
def test_what_was_published_and_touched_is_not_taken(published_in_june: Settings) -> None:
    """It is said, and both days are computed."""
    with duckdb.connect(str(published_in_june.warehouse / "as_of" / f"{MIDSUMMER}.duckdb")) as connection:
        connection.execute("UPDATE mart.district_summary SET execution_rate = 0.123456")
    explained = explain(published_in_june, YEAR, MIDSUMMER, YEAR_END)
    assert "与发布时不同,未采用:数据表与发布时不同:mart.district_summary" in explained.notes[0]
    assert dict(explained.figures.select("figure", "before").iter_rows())["used_yuan"] == 200
