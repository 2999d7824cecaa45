"""When the landing sensor asks for a run: looks at literal folders, one after the other."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.build.needed_sources import NEEDED_SOURCES
from pipeline.build.refresh import refresh_year
from pipeline.dagster import arrivals
from tests.operations.world import YEAR, land_second_batch, write_world

YEARS = ["2018", "2019"]
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Sensor:
    """A sensor that looks every 30 seconds and keeps what it saw as the text of a cursor."""

    def __init__(self, folder: Path) -> None:
        """Begin without a cursor."""
        self.raw = folder / "raw"
        self.warehouse = folder / "warehouse"
        self.now = START
        self.cursor: str | None = None
        self.unreadable: list[str] = []

    def look(self) -> list[str]:
        """The years for which this look asks."""
        self.now += timedelta(seconds=30)
        found = arrivals.look(self.raw, self.warehouse, YEARS, self.cursor, self.now)
        self.cursor = found.cursor
        self.unreadable += found.unreadable
        return found.changed

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

    def age(self) -> None:
        """Let every file be an hour old."""
        for path in self.raw.rglob("*.*"):
            os.utime(path, (self.now.timestamp() - 3600, self.now.timestamp() - 3600))

    def land_year(self, year: str) -> None:
        """Write a file of every source that a refresh needs."""
        for source in NEEDED_SOURCES:
            self.land(f"{year}/{source}/a.txt", "one")


@pytest.fixture
def sensor(tmp_path: Path) -> Sensor:
    """A sensor that has asked for the one year whose files lie there, and has nothing to ask for."""
    made = Sensor(tmp_path)
    made.land_year("2019")
    assert made.looks(3) == [[], ["2019"], []]
    return made


def test_empty_folder_asks_for_nothing(tmp_path: Path) -> None:
    """No landing folder, or none of the years."""
    assert Sensor(tmp_path / "nothing").looks(2) == [[], []]


def test_new_file_asks_once(sensor: Sensor) -> None:
    """For its year, as soon as it stands as it stood at the look before."""
    sensor.land_year("2018")
    assert sensor.looks(3) == [[], ["2018"], []]


def test_files_of_several_years_ask_for_each(sensor: Sensor) -> None:
    """A run of its own for every year."""
    sensor.land_year("2018")
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
    sensor.land_year("2018")
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
    """Its rows must go out of the tables."""
    path = sensor.land("2019/bank_returns/b.txt", "two")
    assert sensor.looks(2) == [[], ["2019"]]
    path.unlink()
    assert sensor.looks(2) == [["2019"], []]


def test_folder_that_is_taken_away_starts_no_run(sensor: Sensor) -> None:
    """A run could only fail: it is said once, the published tables stay, and the folder's return is no change."""
    folder = sensor.raw / "2019/bank_returns"
    folder.rename(sensor.raw / "away")
    assert sensor.looks(2) == [[], []]
    assert len(sensor.unreadable) == 1
    assert "bank_returns" in sensor.unreadable[0]
    (sensor.raw / "away").rename(folder)
    sensor.land("2019/bank_returns/b.txt", "two")
    assert sensor.looks(2) == [[], ["2019"]]


def test_year_waits_until_every_needed_source_is_there(sensor: Sensor) -> None:
    """What is missing is said, and the run is asked for when it has come."""
    sensor.land("2018/poverty_roll/20180331.csv", "roll")
    assert sensor.looks(2) == [[], []]
    assert "classification" in sensor.unreadable[0]
    sensor.land_year("2018")
    assert sensor.looks(2) == [[], ["2018"]]


def test_cursor_is_short(sensor: Sensor) -> None:
    """However many files there are."""
    for number in range(50):
        sensor.land(f"2019/bank_returns/{number}.txt", str(number))
    assert sensor.looks(2) == [[], ["2019"]]
    assert len(sensor.cursor or "") < 100


def test_what_was_just_built_is_not_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sensor that looks for the first time, after a command has published the same files; another file is asked for."""
    monkeypatch.setenv("DAIJIAO_KEY", "the key of the installation, 32 or more")
    sensor = Sensor(tmp_path)
    write_world(sensor.raw)
    sensor.age()
    refresh_year(sensor.raw, sensor.warehouse, YEAR)
    assert sensor.looks(3) == [[], [], []]
    land_second_batch(sensor.raw)
    sensor.age()
    assert sensor.looks(3) == [[], [str(YEAR)], []]


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
    assert sensor.looks(3) == [["2019"], [], []]
