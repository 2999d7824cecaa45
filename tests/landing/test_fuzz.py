"""Damaged bytes: whatever happens to a file on its way, it is read or refused, and nothing else.

How many damages are tried says DAIJIAO_WORLDS; Hypothesis shrinks what fails, and DAIJIAO_SEED chooses others.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from pipeline.landing import load_layouts
from pipeline.landing.parse import READ, REFUSED, parse_content
from tests.landing.files import text, xls, xlsx, xlsxwriter_xlsx
from tests.landing.test_bank_files import PADDED, PIPE, SHEET

DAMAGES = max(int(os.environ.get("DAIJIAO_WORLDS", "100")) // 5, 10)
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
TABLE = [
    ["序号", "姓名", "身份证号", "账号", "金额", "处理标志", "返还日期"],
    *([row, "张三", "530113199501010015", 6228480000000001, 100.5, "成功", 43539] for row in range(1, 30)),
    ["合计", "29笔", None, None, 2914.5, None, None],
]
CONTENTS = {
    "xlsx of openpyxl": xlsx(TABLE, merged=["B2:B4"]),
    "xlsx of xlsxwriter": xlsxwriter_xlsx(TABLE),
    "xls": xls(TABLE, merged=[(0, 0, 7, 8)]),
    "csv": text(TABLE).encode(),
    "quoted csv": text(TABLE, quoting=1).encode("gb18030"),
    "utf-16": text(TABLE, delimiter="\t").encode("utf-16"),
    "pipe": PIPE.encode(),
    "padded": PADDED.encode("gbk"),
    "sheet": SHEET.encode("utf-8-sig"),
}
LAYOUTS = load_layouts().of("bank_returns")


def outcome(content: bytes, folder: Path) -> tuple[str, str]:
    """Status and reason of a bank file; any exception but a refusal would come out here."""
    path = folder / "a.csv"
    path.write_bytes(content)
    parsed = parse_content(path.read_bytes(), LAYOUTS, folder / "rows.parquet")
    return parsed.status, parsed.reason or ""


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_whole_files_are_read(kind: str, tmp_path: Path) -> None:
    """So that there is something to damage."""
    assert outcome(CONTENTS[kind], tmp_path)[0] == READ


@pytest.mark.parametrize("kind", CONTENTS)
def test_damaged_bytes_are_read_or_refused(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Flipped bits, bytes that are lost or doubled, and an end that is cut off, at any place."""
    folder = tmp_path_factory.mktemp("damaged")
    content = CONTENTS[kind]
    places = st.integers(0, len(content) - 1)

    @seed(SEED)
    @settings(max_examples=DAMAGES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(
        flips=st.lists(st.tuples(places, st.integers(0, 7)), max_size=6),
        lost=st.none() | st.tuples(places, st.integers(1, 64)),
        end=st.none() | places,
    )
    def damaged(flips: list[tuple[int, int]], lost: tuple[int, int] | None, end: int | None) -> None:
        changed = bytearray(content)
        for place, bit in flips:
            changed[place] ^= 1 << bit
        if lost:
            del changed[lost[0] : lost[0] + lost[1]]
        status, reason = outcome(bytes(changed[:end]), folder)
        assert status in (READ, REFUSED)
        assert status == READ or "请" in reason

    damaged()


@pytest.mark.parametrize("kind", ["xlsx of openpyxl", "xlsx of xlsxwriter"])
def test_a_flipped_bit_in_the_cells_of_a_workbook_is_never_read(kind: str, tmp_path: Path) -> None:
    """The package has check sums."""
    content = CONTENTS[kind]
    start = content.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    for place in range(start, start + 600, 37):
        changed = bytearray(content)
        changed[place] ^= 4
        assert outcome(bytes(changed), tmp_path)[0] == REFUSED, place


@given(content=st.binary(max_size=400))
@settings(max_examples=DAMAGES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@seed(SEED)
def test_any_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    """Also behind the marks of a workbook."""
    folder = tmp_path_factory.getbasetemp()
    for mark in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\xff\xfe", b"\xef\xbb\xbf"):
        assert outcome(mark + content, folder)[0] == REFUSED
