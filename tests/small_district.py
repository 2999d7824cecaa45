"""A district of 2019 as `daijiao refresh` publishes it, with the plan that it was written by and what the command said."""

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from pipeline.sample import SampleSummary, write_sample
from tests.pipeline.commands import ended, working_in

YEAR = 2019
# As few as a sample can hold.
PERSONS = 300


class RefreshedDistrict(NamedTuple):
    """Its folder, the plan of the sample, and what the command printed to stdout and stderr."""

    folder: Path
    plan: SampleSummary
    printed: str
    told: str


def refreshed_district(folder: Path, persons: int | None) -> RefreshedDistrict:
    """Write a district and refresh it; None are as many persons as the district had."""
    plan = write_sample(folder / "raw", YEAR, persons)
    with working_in(folder), redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        assert ended("refresh", "--year", str(YEAR)) == 0
    return RefreshedDistrict(folder, plan, out.getvalue(), err.getvalue())
