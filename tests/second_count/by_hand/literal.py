"""Files of literal cells, as the reader would hand them over, and the second count of them.

A row is what its cells say, field by field; what a cell means is for the count to find.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.checks.second_count import FileFacts, RunFacts, TableFacts
from pipeline.checks.second_count.count import count
from pipeline.checks.second_count.counted import Counted
from pipeline.checks.second_count.tables import tables_of
from pipeline.policy import load_policy

from ..worlds.people import id_of

Cells = dict[str, str | None]
Row = dict[str, Any]

KEY = "literal"
POLICY = load_policy(2019)
ADULT = id_of("530199", date(1985, 6, 15), "001")
NEIGHBOUR = id_of("530199", date(1985, 6, 15), "002")
NUMBERS = ("id_no", "account", "batch_no", "household_no", "member_no", "voucher_no")


@dataclass(frozen=True)
class Sheet:
    """One table of a file; `numbers` are the fields whose cells hold numbers, `is_misshapen` says that rows have other cells."""

    rows: Sequence[Cells]
    name: str | None = None
    head: Mapping[str, str] | None = None
    units: Mapping[str, str] | None = None
    place_texts: tuple[str, ...] = ()
    aliases: Mapping[str, str] | None = None
    numbers: Sequence[str] = ()
    is_misshapen: bool = False


@dataclass(frozen=True)
class File:
    """A landed file."""

    file_name: str
    sheets: Sequence[Sheet]
    status: str = "read"
    content: str | None = None

    @property
    def source(self) -> str:
        """The folder that it lies in."""
        return self.file_name.split("/")[0]


def in_roll(id_no: str = ADULT, **cells: str) -> Cells:
    """A row of the roll: 张三 of 汤丹镇, unless told otherwise."""
    return {"name": "张三", "township": "汤丹镇", "id_no": id_no, **cells}


def classed(class_: str, id_no: str = ADULT, day: str = "2019-05-20", **cells: str) -> Cells:
    """A verification by 汤丹镇 on 20 May."""
    return {"name": "张三", "township": "汤丹镇", "id_no": id_no, "class": class_, "verified_date": day, **cells}


def collected(id_no: str = ADULT, day: str = "2019-06-20", **cells: str) -> Cells:
    """A successful collection of the premium on 20 June."""
    usual: Cells = {"line_no": "1", "township": "汤丹镇", "name": "张三", "id_no": id_no, "levy_item": "10210"}
    return usual | {"amount": "100.00", "paid_date": day, "voucher_no": "V1", "outcome": "成功", **cells}


def refunded(id_no: str = ADULT, **cells: str) -> Cells:
    """A successful refund of the premium."""
    return {"line_no": "1", "name": "张三", "id_no": id_no, "amount": "100.00", "outcome_code": "0000", **cells}


def registered(id_no: str = ADULT, **cells: str) -> Cells:
    """A row of the register."""
    return {"id_no": id_no, **cells}


def roll(*rows: Cells, day: date = date(2019, 3, 31), name: str = "") -> File:
    """A snapshot of the roll."""
    return File(f"poverty_roll/{day:%Y%m%d}{name}.csv", [Sheet(rows)])


def listed(source: str, *rows: Cells, name: str = "a.csv", **sheet: Any) -> File:
    """A file of any folder with one table."""
    return File(f"{source}/{name}", [Sheet(rows, **sheet)])


def batch(*rows: Cells, name: str = "a.txt", batch_no: str = "B01", **head: str) -> File:
    """A bank batch of 12 June from 汤丹镇."""
    stated = {"batch_no": batch_no, "township": "汤丹镇", "paid_date": "20190612"} | head
    return File(f"bank_returns/{name}", [Sheet(rows, head={key: text for key, text in stated.items() if text})])


MONEY = (
    listed("fund_documents", {"document_no": "1", "fund_level": "市级", "amount": "0.1"}, units={"amount": "万元"}),
    listed("allocations", {"township": "汤丹镇", "amount": "1000"}),
)


class Result:
    """The second count of literal files."""

    def __init__(self, counted: Counted) -> None:
        self.counted = counted
        self._tables = {table.name: table for table in tables_of(counted)}

    def rows(self, name: str) -> list[Row]:
        """The rows of a table."""
        table = self._tables[name]
        return [dict(zip(table.columns, row, strict=True)) for row in table.rows]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the mismatches, sorted."""
        return sorted(found.kind for found in self.counted.mismatches.values())

    @property
    def states(self) -> list[tuple[str, str | None]]:
        """State and reason of every person."""
        return [(row["state"], row["state_reason"]) for row in self.rows("core.person_year")]

    @property
    def state(self) -> tuple[str, str | None]:
        """State and reason of the one person."""
        (state,) = self.states
        return state

    @property
    def dispositions(self) -> list[str]:
        """The dispositions of the lines, in order of file and row."""
        lines = sorted(self.rows("core.return_line"), key=lambda row: (row["source_file"], row["row_number"]))
        return [line["disposition"] for line in lines]

    @property
    def outcomes(self) -> list[tuple[str, str | None]]:
        """Outcome and failure reason of each line, in order of file and row."""
        lines = sorted(self.rows("core.return_line"), key=lambda row: (row["source_file"], row["row_number"]))
        return [(line["outcome"], line["failure_reason"]) for line in lines]

    def statuses(self, source: str) -> list[str]:
        """The statuses of a folder's files, in their order."""
        return [file.status for file in self.counted.files.all if file.facts.source == source]

    def fates(self, source: str) -> list[tuple[int, int, int, int]]:
        """Accepted, quarantined, dropped and later rows of a folder's files, in their order."""
        return [
            (row["rows_accepted"], row["rows_quarantined"], row["rows_dropped"], row["rows_later"])
            for row in self.rows("mart.source_file")
            if row["source"] == source
        ]


class Counter:
    """Counts literal files; their cells are written below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(
        self, *files: File, as_of: date | None = None, own_words: Mapping[str, Mapping[str, str]] | None = None
    ) -> Result:
        """The second count of these files."""
        run = RunFacts(policy=POLICY, year=2019, key=KEY, as_of=as_of, own_words=own_words or {})
        return Result(count(run, facts_of(self._folder, files), lambda stated: stated.mismatches))


def facts_of(folder: Path, files: Sequence[File]) -> list[FileFacts]:
    """What the count is given of literal files, whose cells are written into a folder."""
    return [_facts(file, folder / f"{number}.parquet") for number, file in enumerate(files)]


def _facts(file: File, path: Path) -> FileFacts:
    pl.concat([_cells(sheet) for sheet in file.sheets], how="diagonal").write_parquet(path)
    return FileFacts(
        file_name=file.file_name,
        source=file.source,
        sha256=file.content or f"bytes of {file.file_name}",
        status=file.status,
        cells=path if file.status == "read" else None,
        tables=tuple(_table(sheet) for sheet in file.sheets),
    )


def _cells(sheet: Sheet) -> pl.DataFrame:
    fields = list(dict.fromkeys(field for row in sheet.rows for field in row))
    size = len(sheet.rows)
    columns: dict[str, Any] = {
        "sheet": pl.Series([sheet.name] * size, dtype=pl.String),
        "row_number": pl.Series(range(2, size + 2), dtype=pl.Int64),
    }
    for field in fields:
        columns[field] = pl.Series([row.get(field) for row in sheet.rows], dtype=pl.String)
        if field in NUMBERS:
            columns[f"number_{field}"] = pl.Series([field in sheet.numbers] * size, dtype=pl.Boolean)
    return pl.DataFrame({**columns, "is_misshapen": pl.Series([sheet.is_misshapen] * size, dtype=pl.Boolean)})


def _table(sheet: Sheet) -> TableFacts:
    fields = dict.fromkeys(field for row in sheet.rows for field in row)
    return TableFacts(
        sheet=sheet.name,
        layout="literal",
        units=sheet.units or {},
        head=sheet.head or {},
        place_texts=sheet.place_texts,
        aliases={field: field for field in fields} | dict(sheet.aliases or {}),
        rows_counted=len(sheet.rows),
    )


def without(cells: Cells, *fields: str) -> Cells:
    """The row without some of its cells."""
    return {field: text for field, text in cells.items() if field not in fields}


def renamed(file: File, name: str) -> File:
    """The file under another name in its folder."""
    return replace(file, file_name=f"{file.source}/{name}")
