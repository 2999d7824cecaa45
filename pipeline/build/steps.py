"""Building one year's tables in a session: landed files into ``raw``, then each table by its SQL or its Python.

The order of the tables comes from their contracts (`pipeline.contracts.tables.build_order`); who calls these steps,
Dagster or a test, does not matter here.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipeline import landing
from pipeline.build.indicators.rows import performance_indicators
from pipeline.build.suggestions import suggestions
from pipeline.contracts import tables
from pipeline.contracts.codes import vocabulary
from pipeline.contracts.tables import Table, TableName
from pipeline.errors import DaijiaoError, UsageError
from pipeline.landing import Layouts, load_layouts, load_own_words
from pipeline.log import LOGGER, PROGRESS
from pipeline.policy import PACKAGE_FOLDER, Policy
from pipeline.warehouse.folder import PARSE_CACHE
from pipeline.warehouse.outbound import masker
from pipeline.warehouse.reference import township_aliases
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

NEEDED_SOURCES = ("poverty_roll", "classification", "bank_returns", "tax_returns", "fund_documents", "allocations")
# Who is dead or insured elsewhere stands there: a file of them that was sent and can't be read stops publication.
EVIDENCE_SOURCES = ("pension_register", "category_rolls")
# Of a source that has such a file something could be read; others of its files may have the same bytes or rows.
READABLE = ("read", "later")
LANDED_FILE, LANDED_ROW = TableName("raw", "landed_file"), TableName("raw", "landed_row")
# A folder beside the policies, for the layouts that a person adds.
OWN_LAYOUTS = "layouts"
# A file beside the policies, for the words that a bureau adds.
OWN_WORDS = "words.yaml"
# A row's number within the year is its file's number followed by its place in the file.
ROWS_PER_FILE = 1_000_000_000
FILES_PER_SOURCE = 1_000_000


class Built(NamedTuple):
    """A table that was built, and how many rows of the year it has."""

    name: TableName
    row_count: int


class _Place(NamedTuple):
    """The township of a table that has none of its own: of all rows of a sheet, or of a text file."""

    file_number: int
    sheet: str | None
    township: str


PYTHON_TABLES: dict[TableName, Callable[[Session, Run], pl.DataFrame]] = {
    TableName("core", "suggestion"): suggestions,
    TableName("mart", "performance_indicator"): performance_indicators,
}


def check_landing_folder(raw: Path, year: int) -> None:
    """Make sure that there is something to read before anything is begun.

    Raises:
        UsageError: the year's folder is missing or empty, or that of a needed source is.
    """
    folder = raw / str(year)
    if not folder.is_dir() or not landing.holds_entries(folder):
        raise UsageError(
            f"There is nothing to read in {folder}. Put the year's files there, a folder a source, or write a synthetic "
            f"district with `daijiao sample --year {year}`.",
            f"{folder} 中没有可读的文件。请按来源建立文件夹,放入该年度的文件;"
            f"没有真实文件时,可以先运行 `daijiao sample --year {year}` 生成模拟数据。",
        )
    missing = [source for source in NEEDED_SOURCES if not _holds_a_file(folder / source)]
    if missing:
        raise UsageError(
            f"Needed folders are missing or empty in {folder}: {', '.join(missing)}. Put the files of these sources there "
            "and run again; `daijiao template --all --out DIR` writes an empty workbook of each.",
            f"{folder} 中缺少需要的文件夹,或文件夹是空的:{', '.join(missing)}。请放入这些来源的文件后重新运行;"
            "`daijiao template --all --out 文件夹` 可写出各来源的空白模板。",
        )


def own_layouts(policy_folder: Path | None) -> Path:
    """The folder of the layouts that a person adds: it lies beside the policies."""
    return (policy_folder or PACKAGE_FOLDER) / OWN_LAYOUTS


def known_layouts(policy_folder: Path | None, policy: Policy | None = None) -> Layouts:
    """The layouts with what a person adds beside the policies, as they hold for a year's files.

    Args:
        policy: that of the year; null where a file is looked at by itself.

    Raises:
        UsageError: an own layout or the file of own words can't be used.
    """
    own = own_words(policy_folder or PACKAGE_FOLDER, policy)
    return load_layouts(own_layouts(policy_folder), own, policy.policy_year if policy else None)


def own_words(policy_folder: Path, policy: Policy | None = None) -> dict[str, dict[str, str]]:
    """The words that a bureau adds beside its policies: by field, what each of them means.

    Args:
        policy: that of the year, whose words of funding levels are listed; null where no year is known.

    Raises:
        UsageError: the file can't be used.
    """
    levels = tuple(level.word for level in policy.fund_levels) if policy else None
    answers = tuple(code.chinese for code in vocabulary("answer").codes)
    return load_own_words(policy_folder / OWN_WORDS, {"fund_level": levels, "answer_code": answers})


def build_raw(session: Session, run: Run) -> Iterator[Built]:
    """Read the landed files and load every source, table by table."""
    LOGGER.info("Reading the landed files of %s", run.year)
    yield Built(LANDED_FILE, land_files(session, run))
    names = sorted(table for table in tables.load_tables() if table.schema == "raw" and table != LANDED_FILE)
    for number, name in enumerate(names, start=1):
        PROGRESS.info("Loading %s of %s tables of rows: %s", number, len(names), name)
        yield Built(name, load_rows(session, run, name, list(landing.SOURCES) if name == LANDED_ROW else [name.name]))


def build_core(session: Session, run: Run) -> Iterator[Built]:
    """Build every table of the schemas stated and core, table by table.

    Raises:
        DaijiaoError: all files of a needed source were refused or skipped.
    """
    LOGGER.info("Judging persons and lines")
    yield from _build_schemas(session, run, (tables.STATED, "core"))
    check_needed_sources(session, run)


def build_mart(session: Session, run: Run) -> Iterator[Built]:
    """Build every table of the schema mart, table by table."""
    LOGGER.info("Adding up townships and district")
    return _build_schemas(session, run, ("mart",))


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
    cache = str(run.warehouse / PARSE_CACHE).replace("'", "''")
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


def build_table(session: Session, run: Run, table: Table, schema: str) -> int:
    """Build one table from those that it reads; returns the row count."""
    if table.sql is not None:
        return session.build(table, schema)
    session.show(*table.reads)
    make = PYTHON_TABLES[table.full_name]
    return session.build_frame(table, schema, lambda: make(session, run), session.hash_of_inputs(table, schema))


def check_needed_sources(session: Session, run: Run) -> None:
    """Make sure that what the year can't be judged without could be read.

    Raises:
        DaijiaoError: all files of a needed source were refused or skipped, or all their rows quarantined; nobody is on the
            roll of the year, unless it is looked back on; or a file of the bureau's evidence was refused, or all its files
            skipped.
    """
    folder = run.raw / str(run.year)
    files = session.find("SELECT source, file_name, status, reason FROM core.file_status ORDER BY file_number")
    readable = set(files.filter(pl.col("status").is_in(READABLE))["source"])
    fates = session.find("SELECT DISTINCT source, fate = 'quarantined' AS is_quarantined FROM core.row_fate")
    quarantined, used = (
        set(fates.filter(each)["source"]) for each in (pl.col("is_quarantined"), ~pl.col("is_quarantined"))
    )
    for source in NEEDED_SOURCES:
        if source not in readable:
            mask = masker(session.query, run.year, run.key)
            first = (
                files.filter(source=source).sort(pl.col("status") != "refused", maintain_order=True).row(0, named=True)
            )
            raise DaijiaoError(
                f"No file of the needed source {source} could be read in {folder}, the first being "
                f"{mask(first['file_name'])} ({mask(first['reason'])}). The last published tables stay; correct the files and "
                "run again.",
                f"{folder} 中需要的来源 {source} 没有一个文件可读,第一个是 {mask(first['file_name'])}({mask(first['reason'])})。"
                "上次发布的数据表没有变化;请更正文件后重新运行。",
            )
        if source in quarantined - used:
            raise DaijiaoError(
                f"Every row of the needed source {source} in {folder} is quarantined, so no file of it could be read. The last "
                "published tables stay; correct the files and run again.",
                f"{folder} 中需要的来源 {source} 的每一行都被隔离,"
                "没有一个文件可用。上次发布的数据表没有变化;请更正文件后重新运行。",
            )
    if run.as_of is None and session.find("SELECT 1 FROM core.person LIMIT 1").is_empty():
        raise DaijiaoError(
            f"No snapshot of the source poverty_roll in {folder} that could be used is dated in {run.year}, so that nobody is on "
            "the roll. The last published tables stay; put a list of the year there, or correct the dates (数据日期, or the "
            "eight digits in the file's name), and run again.",
            f"{folder} 中来源 poverty_roll 没有一份 {run.year} 年的名单可用,名单上没有人。上次发布的数据表没有变化;"
            "请放入该年度的名单,或更正数据日期(“数据日期”列或文件名中的八位数字)后重新运行。",
        )
    for source in EVIDENCE_SOURCES:
        own = files.filter(source=source)
        refused = own.filter(status="refused") if source in readable else own
        if not refused.is_empty():
            first = refused.row(0, named=True)
            mask = masker(session.query, run.year, run.key)
            raise DaijiaoError(
                f"A file of the source {source} in {folder} could not be read, so nobody knows whom it excludes: "
                f"{mask(first['file_name'])} ({mask(first['reason'])}). The last published tables stay; have it sent anew in a "
                "form that can be read, or take it out of the folder, and run again.",
                f"{folder} 中来源 {source} 的一个文件无法读取,"
                f"不知道其中排除了哪些人:{mask(first['file_name'])}({mask(first['reason'])})。上次发布的数据表没有变化;"
                "请重新报送可读的文件,或把它移出文件夹,再重新运行。",
            )


def _build_schemas(session: Session, run: Run, schemas: tuple[str, ...]) -> Iterator[Built]:
    order = tables.build_order()
    for number, (table, schema) in enumerate(order, start=1):
        if schema in schemas:
            PROGRESS.info("Building %s of %s tables: %s.%s", number, len(order), schema, table.name)
            yield Built(TableName(schema, table.name), build_table(session, run, table, schema))


def _holds_a_file(folder: Path) -> bool:
    return landing.holds_entries(folder)
