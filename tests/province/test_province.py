"""Three small districts in two prefectures, joined: sums through all levels, and a person who stands in two of them."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipeline.build.refresh import refresh_year
from pipeline.errors import DaijiaoError, UsageError
from pipeline.province.districts import districts_of
from pipeline.province.join import PROVINCE_FILE, join_districts
from pipeline.province.refresh import refresh_districts
from tests.deep import only_deep
from tests.published_texts import texts_of

from .world import KEY, YEAR, write_district

ZHANG, LI, WANG, ZHAO = (
    ("张伟一", "530199197003150112"),
    ("李秀英", "530199198112040187"),
    ("王桂兰", "530199199001010254"),
    ("赵国强", "530199196507300327"),
)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Districts 539911, 539912 (one prefecture) and 539821; 李秀英 stands in the first and the last."""
    folder = tmp_path_factory.mktemp("province")
    write_district(folder, "539911", "云岭市", [ZHANG, LI])
    write_district(folder, "539912", "云岭市", [WANG])
    write_district(folder, "539821", "河源市", [LI, ZHAO])
    before = os.environ.get("DAIJIAO_KEY")
    os.environ["DAIJIAO_KEY"] = KEY
    for district in districts_of(folder, YEAR):
        refresh_year(district.raw, district.warehouse, YEAR, district.policies)
    yield folder
    if before is None:
        del os.environ["DAIJIAO_KEY"]
    else:
        os.environ["DAIJIAO_KEY"] = before


@pytest.fixture(scope="module")
def joined(province: Path) -> Path:
    """The districts' joined file."""
    return join_districts(districts_of(province, YEAR), YEAR, province, KEY)


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """What a second process would read."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_no_district_is_written_over_by_another(province: Path) -> None:
    """One warehouse holds one district: a forgotten --policy or --warehouse changes nothing."""
    first, second, _ = districts_of(province, YEAR)
    published = second.warehouse / "published.duckdb"
    before = published.read_bytes()
    with pytest.raises(UsageError, match=f"{second.code}.*{first.code}"):
        refresh_year(first.raw, second.warehouse, YEAR, first.policies)
    assert published.read_bytes() == before
    (second.warehouse / "district_code").unlink()
    refresh_year(second.raw, second.warehouse, YEAR, second.policies)
    assert (second.warehouse / "district_code").read_text(encoding="utf-8") == second.code


def test_areas_add_up(joined: Path) -> None:
    """Districts add up to prefectures, prefectures to the province; rates are those of the sums."""
    found = rows(
        joined,
        "SELECT level, area_code, district_count, roll_count, covered_count, used_yuan, participation_rate "
        "FROM province.area_summary ORDER BY level, area_code",
    )
    one = Decimal("1.000000")
    assert found == [
        ("district", "539821", 1, 2, 2, Decimal("200.00"), one),
        ("district", "539911", 1, 2, 2, Decimal("200.00"), one),
        ("district", "539912", 1, 1, 1, Decimal("100.00"), one),
        ("prefecture", "539800", 1, 2, 2, Decimal("200.00"), one),
        ("prefecture", "539900", 2, 3, 3, Decimal("300.00"), one),
        ("province", "530000", 3, 5, 5, Decimal("500.00"), one),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        "UPDATE mart.township_participation SET roll_count = roll_count + 1, excluded_count = excluded_count + 1",
        "UPDATE mart.township_participation SET roll_count = 3, eligible_count = 3, uncovered_count = 1",
        "UPDATE mart.township_participation SET covered_count = 1, paid_on_behalf_count = 1, uncovered_count = 1",
        (
            "UPDATE mart.township_fund SET allocated_yuan = allocated_yuan + 0.01, balance_yuan = balance_yuan + 0.01, "
            "cash_balance_yuan = cash_balance_yuan + 0.01"
        ),
        (
            "UPDATE mart.township_fund SET used_yuan = used_yuan - 0.01, disputed_yuan = disputed_yuan + 0.01, "
            "balance_yuan = balance_yuan + 0.01"
        ),
        "UPDATE mart.coverage_ladder SET person_count = person_count + 1 WHERE step = 1",
        "UPDATE mart.coverage_ladder SET person_count = person_count + 1 WHERE step = 6",
        "UPDATE mart.district_summary SET covered_count = covered_count + 1",
        "DELETE FROM mart.township_participation",
        "DELETE FROM mart.township_fund",
        "DELETE FROM mart.coverage_ladder",
    ],
)
def test_what_does_not_add_up_is_not_joined(
    province: Path, joined: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """Townships, ladder and money of one district that say something else than its sums, though signed; the last file stays."""
    copy = shutil.copytree(province, tmp_path / "copy")
    monkeypatch.setattr("pipeline.province.join.require_proven", lambda *_: None)
    published = copy / "539911" / "warehouse" / "published.duckdb"
    published.chmod(0o600)
    with duckdb.connect(str(published)) as connection:
        connection.execute(fault)
    with pytest.raises(DaijiaoError, match="don't add up"):
        join_districts(districts_of(copy, YEAR), YEAR, copy, KEY)
    assert (copy / PROVINCE_FILE).read_bytes() == joined.read_bytes()


def test_a_person_in_two_districts_is_a_mismatch_in_both(joined: Path) -> None:
    """On both rolls and paid in both: a row for each of the two districts, and nobody else's."""
    found = rows(
        joined,
        "SELECT kind, district_code, other_district_code, amount_yuan FROM province.cross_district_mismatch ORDER BY ALL",
    )
    assert found == [
        ("on_two_district_rolls", "539821", "539911", None),
        ("on_two_district_rolls", "539911", "539821", None),
        ("paid_in_two_districts", "539821", "539911", Decimal("100.00")),
        ("paid_in_two_districts", "539911", "539821", Decimal("100.00")),
    ]
    assert rows(joined, "SELECT count(DISTINCT person_key) FROM province.cross_district_mismatch") == [(1,)]


def test_no_full_id_is_joined(joined: Path) -> None:
    """The province's file holds no ID and no name of a person."""
    values = [value for person in (ZHANG, LI, WANG, ZHAO) for value in person]
    assert [(column, text) for column, text in texts_of(joined) if any(value in text for value in values)] == []


def test_districts_of_different_keys_are_not_joined(province: Path, joined: Path) -> None:
    """A person would have another hash in each; the last file stays."""
    before = joined.read_bytes()
    fingerprint = province / "539912" / "warehouse" / "key.fingerprint"
    right = fingerprint.read_text(encoding="ascii")
    fingerprint.write_text("another", encoding="ascii")
    try:
        with pytest.raises(DaijiaoError, match="539912 differ"):
            join_districts(districts_of(province, YEAR), YEAR, province, KEY)
    finally:
        fingerprint.write_text(right, encoding="ascii")
    assert joined.read_bytes() == before


@pytest.mark.parametrize("key", [KEY, None, "a key that is in use for something else"])
def test_what_a_district_did_not_sign_is_not_joined(province: Path, joined: Path, key: str | None) -> None:
    """Its file was touched: it is named, whoever joins, and the last file stays."""
    before = joined.read_bytes()
    published = province / "539912" / "warehouse" / "published.duckdb"
    content = published.read_bytes()
    with duckdb.connect(str(published)) as connection:
        connection.execute("UPDATE mart.township_fund SET utilisation_rate = 0.5")
    try:
        with pytest.raises(DaijiaoError, match=r"539912.*mart\.township_fund"):
            join_districts(districts_of(province, YEAR), YEAR, province, key)
    finally:
        published.write_bytes(content)
    assert joined.read_bytes() == before


@only_deep("four districts are refreshed as processes")
def test_one_failing_district_leaves_the_others(province: Path) -> None:
    """Districts are refreshed in processes of their own; what one can't do doesn't touch another's published file."""
    districts = districts_of(province, YEAR)
    tax = province / "539912" / "raw" / str(YEAR) / "tax_returns" / "tax.csv"
    content = tax.read_bytes()
    tax.write_bytes(b"")
    try:
        ended = {each.district.code: each for each in refresh_districts(districts, YEAR, KEY, 2)}
    finally:
        tax.write_bytes(content)
    assert {code: each.status for code, each in ended.items()} == {"539821": 0, "539911": 0, "539912": 1}
    assert "tax_returns" in ended["539912"].sentence
    assert (province / "539912" / "warehouse" / "published.duckdb").is_file()


@only_deep("four districts are refreshed as processes")
def test_a_killed_district_leaves_the_others(province: Path) -> None:
    """Its own published file stays, byte for byte, until its next run; the others are published in the meantime."""
    districts = districts_of(province, YEAR)
    killed = next(each for each in districts if each.code == "539912")
    published, store = killed.warehouse / "published.duckdb", killed.warehouse / "warehouse.duckdb"
    for district in districts:
        _another_roll_row(district.raw)
    before, stored = published.read_bytes(), store.stat().st_mtime_ns
    with ThreadPoolExecutor(1) as beside:
        ending = beside.submit(
            lambda: {each.district.code: each for each in refresh_districts(districts, YEAR, KEY, 3)}
        )
        pid = _process_of(killed.warehouse)
        # Its log grows beside the store as soon as tables are built.
        while not store.with_suffix(".duckdb.wal").exists() and store.stat().st_mtime_ns == stored:
            assert not ending.done(), "the district had ended before it could be killed"
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        ended = ending.result()
    assert {code: each.status for code, each in ended.items()} == {"539821": 0, "539911": 0, "539912": -signal.SIGKILL}
    assert published.read_bytes() == before
    rolls = {each.code: _roll_count(each.warehouse / "published.duckdb") for each in districts}
    assert rolls == {"539821": 3, "539911": 3, "539912": 1}
    assert [each.status for each in refresh_districts([killed], YEAR, KEY, 1)] == [0]
    assert _roll_count(published) == 2


def _another_roll_row(raw: Path) -> None:
    """A person more on the roll, who isn't paid for."""
    path = raw / str(YEAR) / "poverty_roll" / "20190331_roll.csv"
    path.write_text(path.read_text(encoding="utf-8") + "大河镇,孙新民,530199198505050515\n", encoding="utf-8")


def _roll_count(published: Path) -> object:
    return rows(published, "SELECT roll_count FROM mart.district_summary")[0][0]


def _process_of(warehouse: Path) -> int:
    """The process that refreshes a warehouse."""
    wanted = str(warehouse).encode()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = path.read_bytes().split(b"\0")
                if b"refresh" in words and wanted in words:
                    return int(path.parent.name)
        time.sleep(0.01)
    raise AssertionError(f"nobody refreshes {warehouse}")


def test_a_folder_of_another_code_is_told(tmp_path: Path) -> None:
    """The folder's name and the policy's code agree, or nothing begins."""
    write_district(tmp_path, "539911", "云岭市", [ZHANG])
    (tmp_path / "539911").rename(tmp_path / "539999")
    with pytest.raises(UsageError, match="539911"):
        districts_of(tmp_path, YEAR)


def test_no_district_is_told(tmp_path: Path) -> None:
    """An empty folder is no province."""
    with pytest.raises(UsageError, match="no district"):
        districts_of(tmp_path, YEAR)
