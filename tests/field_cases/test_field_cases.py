"""Files as the field sends them: every case gives its one right result (``cases/README.md`` tells what each is about)."""

from pathlib import Path

import pytest

from tests.deep import IS_DEEP, IS_WHOLE

from .worlds import differences, expectations, refreshed

CASES = expectations()
BASE = CASES.pop("base")
# A refresh each: the first variant of every 36th kind stands in make test, of every 12th in make test-whole, and all of them in
# make test-deep; tests/sql and tests/landing try what the kinds are about by literal rows and files.
FIRST_OF_KIND = {name.partition("/")[0]: name for name in reversed(CASES)}
TRIED = list(CASES) if IS_DEEP else sorted(FIRST_OF_KIND.values())[:: 12 if IS_WHOLE else 36]


@pytest.mark.parametrize("name", TRIED)
def test_a_case_gives_its_right_result(name: str, tmp_path: Path) -> None:
    """Figures, mismatches, ladder, files and what is told."""
    want = {**BASE, **CASES[name], "district": {**BASE["district"], **CASES[name].get("district", {})}}
    assert differences(want, refreshed(name, CASES, tmp_path)) == []
