"""A register with a column 死亡日期 beside another day of its exclusions."""

from datetime import date
from pathlib import Path

import pytest

from tests.landing.files import read, text, xls, xlsx

ID = "530113199501010015"
HEADER = ["姓名", "身份证号", "排除情形", "情形发生日期", "死亡日期"]


@pytest.mark.parametrize(
    ("exclusion", "event", "death", "expected"),
    [
        ("", "", "2019-07-01", ("死亡", date(2019, 7, 1))),
        ("/", "2019-03-01", "20190701", ("死亡", date(2019, 7, 1))),
        ("", "", "不详", ("死亡", None)),
        ("迁出", "2019-03-01", "2019-07-01", ("迁出", date(2019, 3, 1))),
        ("迁出", "2019-03-01", "/", ("迁出", date(2019, 3, 1))),
        ("", "", "无", (None, None)),
    ],
)
def test_whoever_has_a_day_of_death_alone_has_died(
    exclusion: str, event: str, death: str, expected: tuple[str | None, date | None], tmp_path: Path
) -> None:
    """From that day on; what an exclusion says beside it stands, with its own day."""
    table = [HEADER, ["张三", ID, exclusion, event, death]]
    for name, content in {"a.xlsx": xlsx(table), "a.xls": xls(table), "a.csv": text(table)}.items():
        file, (row,) = read(tmp_path / name, f"pension_register/{name}", content)
        assert (row["exclusion"], row["event_date"]) == expected
        assert (row["is_evidence_unreadable"], file["columns_unused"]) == (False, "姓名")


def test_a_day_of_another_event_alone_is_still_unreadable_evidence(tmp_path: Path) -> None:
    """Nobody knows what happened on it."""
    _, (row,) = read(tmp_path, "pension_register/a.csv", text([HEADER, ["张三", ID, "", "2019-03-01", ""]]))
    assert (row["exclusion"], row["is_evidence_unreadable"]) == (None, True)
