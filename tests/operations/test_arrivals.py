"""When the landing sensor asks for a run: looks at literal folders, one after the other."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.dagster import arrivals
from pipeline.dagster.arrivals import Seen

YEARS = ["2018", "2019"]
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Sensor:
    """A sensor that looks every 30 seconds and keeps what it saw as the text of a cursor."""

    def __init__(self, raw: Path) -> None:
        """Begin without a cursor."""
        self.raw = raw
        self.now = START
        self.cursor: str | None = None

    def look(self) -> list[str]:
        """The years for which this look asks."""
        self.now += timedelta(seconds=30)
        changed, seen = arrivals.look(self.raw, YEARS, Seen.from_cursor(self.cursor), self.now)
        self.cursor = seen.to_cursor()
        return changed

    def looks(self, number: int) -> list[list[str]]:
        """What the next looks ask for."""
        return [self.look() for _ in range(number)]

    def land(self, name: str, content: str, age_seconds: float = 3600) -> Path:
        """Write a file that was last changed before the coming look."""
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        changed = (self.now + timedelta(seconds=30 - age_seconds)).timestamp()
        os.utime(path, (changed, changed))
        return path


@pytest.fixture
def sensor(tmp_path: Path) -> Sensor:
    """A sensor that has asked for the one file that lies there, and has nothing to ask for."""
    made = Sensor(tmp_path)
    made.land("2019/bank_returns/a.txt", "one")
    assert made.looks(3) == [[], ["2019"], []]
    return made


def test_empty_folder_asks_for_nothing(tmp_path: Path) -> None:
    """No landing folder, or none of the years."""
    assert Sensor(tmp_path / "nothing").looks(2) == [[], []]


def test_new_file_asks_once(sensor: Sensor) -> None:
    """For its year, as soon as it stands as it stood at the look before."""
    sensor.land("2018/poverty_roll/汤丹/20180331.csv", "roll")
    assert sensor.looks(3) == [[], ["2018"], []]


def test_files_of_several_years_ask_for_each(sensor: Sensor) -> None:
    """A run of its own for every year."""
    sensor.land("2018/allocations/a.csv", "1")
    sensor.land("2019/allocations/a.csv", "1")
    assert sensor.looks(2) == [[], ["2018", "2019"]]


def test_changed_file_asks(sensor: Sensor) -> None:
    """Also when the change keeps the size."""
    sensor.land("2019/bank_returns/a.txt", "two", age_seconds=1800)
    assert sensor.looks(3) == [[], ["2019"], []]


def test_touched_file_asks_for_nothing(sensor: Sensor) -> None:
    """The same bytes at another time are no change."""
    sensor.land("2019/bank_returns/a.txt", "one", age_seconds=1800)
    assert sensor.looks(3) == [[], [], []]


def test_half_written_file_waits(sensor: Sensor) -> None:
    """A file that grows from look to look, then one that was written to a moment ago; another year goes on meanwhile."""
    sensor.land("2018/allocations/a.csv", "1")
    asked = []
    for text in ("1", "1,2", "1,2,3"):
        sensor.land("2019/bank_returns/b.txt", text, age_seconds=2)
        asked.append(sensor.look())
    assert asked == [[], ["2018"], []]
    assert sensor.looks(2) == [["2019"], []]


def test_file_just_written_waits(sensor: Sensor) -> None:
    """A file that stands still for two looks, but was changed within the last seconds, may still be written to."""
    sensor.land("2019/bank_returns/b.txt", "1", age_seconds=-28)
    assert sensor.looks(2) == [[], []]
    assert sensor.look() == ["2019"]


def test_time_in_the_future_does_not_hold_up(sensor: Sensor) -> None:
    """A file from a machine whose clock is ahead is whole when it stands still."""
    sensor.land("2019/bank_returns/b.txt", "1", age_seconds=-86_400)
    assert sensor.looks(3) == [[], ["2019"], []]


def test_deleted_file_asks(sensor: Sensor) -> None:
    """Its rows must go out of the tables; so must those of the last file of a year."""
    path = sensor.land("2019/bank_returns/b.txt", "two")
    assert sensor.looks(2) == [[], ["2019"]]
    path.unlink()
    assert sensor.looks(2) == [["2019"], []]
    (sensor.raw / "2019/bank_returns/a.txt").unlink()
    assert sensor.looks(2) == [["2019"], []]


def test_renamed_file_asks(sensor: Sensor) -> None:
    """Paths decide between files of one batch."""
    path = sensor.raw / "2019/bank_returns/a.txt"
    path.rename(path.with_name("z.txt"))
    assert sensor.looks(2) == [[], ["2019"]]


def test_reverted_file_asks(sensor: Sensor) -> None:
    """The earlier content again is a change too."""
    sensor.land("2019/bank_returns/a.txt", "two", age_seconds=1800)
    assert sensor.looks(2) == [[], ["2019"]]
    sensor.land("2019/bank_returns/a.txt", "one")
    assert sensor.looks(3) == [[], ["2019"], []]


def test_change_that_is_taken_back_in_time_asks_for_nothing(sensor: Sensor) -> None:
    """A file that came and went before it was whole changes nothing."""
    sensor.land("2019/bank_returns/b.txt", "two").unlink()
    assert sensor.looks(2) == [[], []]


def test_hidden_and_lock_files_are_not_looked_at(sensor: Sensor) -> None:
    """Nor are files outside the folders of the sources."""
    for name in ("bank_returns/.b.txt.part", "bank_returns/~$b.xlsx", "notes/b.txt", "b.txt"):
        sensor.land(f"2019/{name}", "two")
    assert sensor.looks(2) == [[], []]


def test_file_that_vanishes_under_the_look_counts_as_gone(sensor: Sensor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Listed, and gone when its size is asked for."""
    path = sensor.raw / "2019/bank_returns/b.txt"
    listed = arrivals.landing.visible_files
    monkeypatch.setattr(
        arrivals.landing, "visible_files", lambda folder: [*listed(folder), *([path] if folder == path.parent else [])]
    )
    assert sensor.looks(2) == [[], []]


def test_cursor_that_was_reset_asks_again(sensor: Sensor) -> None:
    """A run that failed can be asked for once more: reset the sensor's cursor (or launch the run again by hand)."""
    sensor.cursor = None
    assert sensor.looks(3) == [[], ["2019"], []]
