"""The landed files of a year: which were read, refused or skipped, and where their rows lie.

Files are compared with one another only by their bytes. Whether two files have the same rows, or one replaces the other,
is decided by SQL.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import polars as pl

from pipeline.contracts.sources import SOURCES
from pipeline.landing.cache import ParseCache
from pipeline.landing.files import LandedFile, date_in_name, landed_files, order
from pipeline.landing.layouts import Layouts
from pipeline.landing.parse import READ, REFUSED, ParsedFile
from pipeline.landing.workers import FILES_AT_ONCE, parse_file
from pipeline.log import PROGRESS

SAME_BYTES = "same_bytes"
SKIPPED = "skipped"

FILES_SCHEMA: dict[str, type[pl.DataType] | pl.DataType] = {
    "source": pl.String,
    "file_name": pl.String,
    "sha256": pl.String,
    "kind": pl.String,
    "encoding": pl.String,
    "layout": pl.String,
    "status": pl.String,
    "reason": pl.String,
    "columns_unused": pl.String,
    "fields_not_found": pl.String,
    "hidden_rows": pl.Int32,
    "rows_read": pl.Int64,
    "control_count": pl.Int64,
    "control_yuan": pl.Decimal(18, 2),
    "unit": pl.String,
    "stated_date": pl.Date,
    "name_date": pl.Date,
    "made_at": pl.Datetime("us"),
    "made_at_has_hour": pl.Boolean,
    "head_township": pl.String,
    "parquet": pl.String,
}
_NO_SNAPSHOT_DATE = (
    "no_snapshot_date: 不知道名单的日期:没有“数据日期”或有的行没有填写,文件名中也没有 8 位日期。"
    "请在文件名中写明日期,如 20190331_名单.xlsx。"
)
_OTHER_SUFFIX = (
    "other_suffix: 不是 .xlsx、.xls、.csv、.txt、.tsv 或 .dat 文件,不读取。如其中有数据,请另存为 .xlsx 后重新报送。"
)
_SAME_BYTES = "same_bytes: 与 {file_name} 的内容完全相同,不重复读取,无需处理。"


class RowsFile(NamedTuple):
    """The rows of a file that was read: its name, and the Parquet file."""

    file_name: str
    parquet: Path


@dataclass(frozen=True)
class Landing:
    """The files of a year: `files` has a row a file, in the order in which they count (columns: FILES_SCHEMA).

    The Parquet files that it names lie in the folder `cache`, so that the rows stay known when the folder is moved.
    """

    files: pl.DataFrame
    cache: Path

    def rows(self, source: str) -> list[RowsFile]:
        """Where the rows of a source's files lie that were read, in order of file name."""
        read = self.files.filter((pl.col("source") == source) & (pl.col("status") == READ))
        return [
            RowsFile(name, self.cache / parquet) for name, parquet in read.select("file_name", "parquet").iter_rows()
        ]


def land_year(raw: Path, year: int, layouts: Layouts, cache: Path, without: Collection[str] = ()) -> Landing:
    """Scan raw/<year> and parse whatever the cache doesn't hold.

    Args:
        raw: folder that holds a folder a year.
        cache: folder of the parse cache; it is made when it is missing.
        without: names of files that are passed over as if they weren't there.
    """
    parse_cache = ParseCache(cache)
    files = [file for file in landed_files(raw, year) if file.file_name not in without]
    first_names = {(file.source, file.sha256): file.file_name for file in reversed(files) if file.is_table}

    def record(file: LandedFile) -> dict[str, object]:
        first_name = first_names.get((file.source, file.sha256), file.file_name)
        return _record(file, first_name, layouts, parse_cache)

    records: list[dict[str, object]] = []
    with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
        for landed in pool.map(record, files):
            records.append(landed)
            PROGRESS.info("Read %s of %s landed files", len(records), len(files))
    parse_cache.remember_used(raw / str(year))
    return Landing(pl.DataFrame(records, schema=FILES_SCHEMA), cache)


def _record(file: LandedFile, first_name: str, layouts: Layouts, cache: ParseCache) -> dict[str, object]:
    """What is known of a file; `first_name` is that of the source's first table with the same bytes, itself maybe."""
    known: dict[str, object] = dict.fromkeys(FILES_SCHEMA) | {
        "source": file.source,
        "file_name": file.file_name,
        "sha256": file.sha256,
        "kind": file.kind if file.is_table else "other",
        "rows_read": 0,
        "hidden_rows": 0,
    }
    if file.refusal is not None:
        return known | {"status": REFUSED, "reason": file.refusal}
    if first_name != file.file_name and order(first_name) < order(file.file_name):
        return known | {"status": SAME_BYTES, "reason": _SAME_BYTES.format(file_name=first_name)}
    if not file.is_table:
        return known | {"status": SKIPPED, "reason": _OTHER_SUFFIX}
    return known | _parsed(file, layouts, cache)


def _parsed(file: LandedFile, layouts: Layouts, cache: ParseCache) -> dict[str, object]:
    sha256 = file.sha256 or ""
    parse = partial(parse_file, file.path, sha256, layouts.of(file.source))
    entry = cache.entry(sha256, file.source, layouts.digest(file.source), parse)
    parsed = with_snapshot_date(entry.parsed, file.source, file.file_name)
    facts = {name: value for name, value in asdict(parsed).items() if name in FILES_SCHEMA}
    if SOURCES[file.source].has_snapshot_date:
        facts["name_date"] = date_in_name(file.file_name)
    return {**facts, "parquet": entry.parquet.name if entry.parquet and parsed.status == READ else None}


def with_snapshot_date(parsed: ParsedFile, source: str, file_name: str) -> ParsedFile:
    """A parsed snapshot, or its refusal where neither the content nor the name says of which day it is."""
    is_undated = parsed.has_undated_rows or parsed.stated_date is None
    is_snapshot = SOURCES[source].has_snapshot_date and parsed.status == READ
    if not (is_snapshot and is_undated and date_in_name(file_name) is None):
        return parsed
    return ParsedFile(
        REFUSED, parsed.kind, _NO_SNAPSHOT_DATE, parsed.encoding, parsed.layout, hidden_rows=parsed.hidden_rows
    )
