"""The raw tables: the year's files as landing found them, and the rows that it parsed, with what each file's place gives."""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from pipeline import landing
from pipeline.build.own_files import known_layouts
from pipeline.contracts import tables
from pipeline.contracts.tables import TableName
from pipeline.warehouse.folder import PARSE_CACHE
from pipeline.warehouse.reading import quoted
from pipeline.warehouse.reference import township_aliases
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

LANDED_FILE, LANDED_ROW = TableName("raw", "landed_file"), TableName("raw", "landed_row")
# A row's number within the year is its file's number followed by its place in the file.
ROWS_PER_FILE = 1_000_000_000
FILES_PER_SOURCE = 1_000_000


class _Place(NamedTuple):
    """The township of a table that has none of its own: of all rows of a sheet, or of a text file."""

    file_number: int
    sheet: str | None
    township: str


def land_files(session: Session, run: Run) -> int:
    """Find and parse the year's files into ``raw.landed_file``; returns the number of files."""
    layouts = known_layouts(run.policy_folder, run.policy)
    landed = landing.land_year(run.raw, run.year, layouts, run.warehouse / PARSE_CACHE)
    numbers = pl.Series("file_number", _file_numbers(landed.files["source"].to_list()), dtype=pl.Int32)
    frame = landed.files.with_columns(numbers)
    table = tables.load_tables()[LANDED_FILE]
    return session.replace_frame(table, "raw", frame, session.hash_of_inputs(table, "raw", frame.write_json()))


def _file_numbers(sources: Sequence[str]) -> list[int]:
    """Numbers in the order of the files, those of each source from a beginning of its own.

    So a file that comes to one source leaves the numbers of the others, and with them their rows, as they are.
    """
    beginnings = {source: place * FILES_PER_SOURCE for place, source in enumerate(sorted(landing.SOURCES))}
    numbers: list[int] = []
    for source in sources:
        last = numbers[-1] if numbers else 0
        numbers.append(max(last, beginnings.get(source, 0)) + 1)
    return numbers


def load_rows(session: Session, run: Run, name: TableName, sources: Sequence[str]) -> int:
    """Load the parsed rows of the readable files of some sources into a raw table; returns the row count.

    Each file's rows have the table's columns but those that the file's place in the landing folder gives: key, name and source,
    the township of a table that has none of its own, and the day that a snapshot's name states.
    """
    table = tables.load_tables()[name]
    session.show(LANDED_FILE)
    files = session.query(
        f"SELECT file_number, file_name, source, name_date, parquet FROM {LANDED_FILE} WHERE parquet IS NOT NULL "
        "ORDER BY file_number"
    ).filter(pl.col("source").is_in(list(sources)))
    places = _places(run, files)
    made_from = session.hash_of_inputs(table, "raw", files.write_json(), repr(places))
    columns = [column for column in table.column_names if column != "policy_year"]
    if files.is_empty():
        nothing = ", ".join(f'NULL AS "{column}"' for column in columns)
        return session.replace(table, "raw", f"SELECT {nothing} WHERE false", made_from)
    given = {
        "row_key": f"landed_file.file_number * {ROWS_PER_FILE}::BIGINT + rows.file_row_number",
        "source": "landed_file.source",
        "file_name": "landed_file.file_name",
        "snapshot_date": "coalesce(rows.snapshot_date, landed_file.name_date)",
        "row_date": "coalesce(rows.row_date, landed_file.name_date)",
        **({"township": "coalesce(rows.township, place.township)"} if places else {}),
    }
    selected = ", ".join(f'{given.get(column, f"rows.{column}")} AS "{column}"' for column in columns)
    cache = quoted(run.warehouse / PARSE_CACHE)
    paths = ", ".join(f"'{cache}/{parquet}'" for parquet in files["parquet"])
    return session.replace(
        table,
        "raw",
        f"SELECT {selected} FROM read_parquet([{paths}], filename = 'parquet', file_row_number = true) AS rows "
        f"INNER JOIN {LANDED_FILE} ON rows.parquet = '{cache}/' || landed_file.parquet{_place_join(places)}",
        made_from,
    )


def _places(run: Run, files: pl.DataFrame) -> list[_Place]:
    """The townships of the tables that have none of their own, by what stands around them."""
    aliases = township_aliases(run.policy)
    names = {township.code: township.name for township in run.policy.townships}
    found = []
    for number, file_name, source, parquet in files.select("file_number", "file_name", "source", "parquet").iter_rows():
        if not landing.SOURCES[source].is_placed:
            continue
        for facts in landing.tables_of(run.warehouse / PARSE_CACHE / parquet):
            code = None if facts.has_township else landing.place_of(facts, file_name, aliases)
            if code is not None:
                found.append(_Place(number, facts.sheet, names[code]))
    return found


def _place_join(places: list[_Place]) -> str:
    if not places:
        return ""
    rows = ", ".join(f"({each.file_number}, {_literal(each.sheet)}, {_literal(each.township)})" for each in places)
    return (
        f" LEFT JOIN (VALUES {rows}) AS place (file_number, sheet, township) "
        "ON landed_file.file_number = place.file_number AND rows.sheet IS NOT DISTINCT FROM place.sheet"
    )


def _literal(text: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if text is None else "'" + text.replace("'", "''") + "'"
