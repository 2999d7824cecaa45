"""Quoted text files: whichever lines are read together, the cells are those that the csv module reads one by one."""

import csv
import io
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.landing import text_file, text_reader
from pipeline.landing.refusals import Refusal
from pipeline.landing.tables import cell_column
from pipeline.landing.text_reader import Dialect

COLUMNS = [0, 1, 2]
Row = tuple[int, list[str | None]]

# Cells as writers put them down, and pieces that make quotes match or not.
CELLS = st.sampled_from(
    ["", "甲", " 乙", '"丙"', '" 丁"', '"a,b"', '"x""y"', '"行\n行"', ' "z"', 'a"b', '"', '"x"y', "\\", '"\\""']
)
LINES = st.lists(st.lists(CELLS, min_size=1, max_size=4).map(",".join), min_size=1, max_size=8)


def by_csv(content: str, escape: str | None, start_row: int) -> list[Row] | None:
    """The first three cells of every row from a line on, with the line on which it begins; null where quotes don't match."""
    reader = csv.reader(io.StringIO(content), escapechar=escape, skipinitialspace=True, strict=True)
    rows, line = list[Row](), 1
    try:
        for cells in reader:
            rows.append((line, [cells[index] if index < len(cells) else None for index in COLUMNS]))
            line = reader.line_num + 1
    except csv.Error:
        return None
    return [row for row in rows if row[0] >= start_row]


def by_reader(path: Path, escape: str | None, start_row: int) -> list[Row] | None:
    """The same of the reader."""
    file = text_file.open_text(path.read_bytes())
    try:
        batches = list(text_reader.batches(file, Dialect(",", escape=escape), COLUMNS, start_row, 3, frozenset()))
    except Refusal:
        return None
    rows = pl.concat(batches).select("row_number", *map(cell_column, COLUMNS))
    return [(number, list(cells)) for number, *cells in rows.iter_rows()]


@pytest.mark.parametrize("block_characters", [5, 1 << 23])
@settings(deadline=None)
@given(lines=LINES, escape=st.sampled_from([None, "\\"]), start_row=st.integers(1, 4))
def test_cells_are_those_of_the_csv_module(
    block_characters: int,
    lines: list[str],
    escape: str | None,
    start_row: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Also where a row goes on in the next block; a blank line has a first cell without text."""
    content = '"x"\n' + "\n".join(lines) + "\n"
    path = tmp_path_factory.getbasetemp() / "quoted.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_reader, "BLOCK_CHARACTERS", block_characters)
        found = by_reader(path, escape, start_row)
    expected = by_csv(content, escape, start_row)
    assert _filled(found) == _filled(expected)


def _filled(rows: list[Row] | None) -> list[Row] | None:
    return rows and [(line, cells) for line, cells in rows if any(cells)]
