"""What else happens in a landing folder: files again, batches replaced, files that can't be read or used."""

from dataclasses import replace
from datetime import date, timedelta

from ..world import BankLine, Policy, TaxLine, WorldFile, file_date_of
from .choices import Choices

NEEDED_SOURCES = ("poverty_roll", "classification", "bank_returns", "tax_returns", "fund_documents", "allocations")
NOT_NEEDED_SOURCES = ("pension_register", "category_rolls", "benefit_payments", "satisfaction_survey")
# Of 65,536 rows some are titles, repeated headers and totals.
MOST_ROWS_OF_XLS = 50_000
TEXT_SUFFIXES = ("csv", "txt")


def more_files(choices: Choices, files: list[WorldFile]) -> list[WorldFile]:
    """The files with some that come again, replace another, or must be refused."""
    found = list(files)
    if choices.chance(25):
        found.append(_same_bytes(choices, files))
    if choices.chance(25):
        found.append(_same_rows(choices, files))
    if choices.chance(30):
        found += _next_versions(choices, files)
    if choices.chance(35):
        found.append(_refused(choices, files))
    if choices.chance(5):
        found.append(WorldFile(file_name="poverty_roll/扫描件.pdf"))
    return found


def fitting(file: WorldFile) -> WorldFile:
    """The file in the newer kind of workbook where the older one can't hold its rows."""
    is_too_long = file.suffix == "xls" and len(file.rows) > MOST_ROWS_OF_XLS
    return replace(file, file_name=f"{file.file_name}x") if is_too_long else file


def in_world(file: WorldFile, number: int) -> WorldFile:
    """The file in the sub-folder of its world, with a batch number of its own."""
    batch_no = f"{number}{file.batch_no}" if file.batch_no else ""
    same_bytes_as = file.same_bytes_as and _in_folder(file.same_bytes_as, number)
    return replace(file, file_name=_in_folder(file.file_name, number), batch_no=batch_no, same_bytes_as=same_bytes_as)


def _in_folder(file_name: str, number: int) -> str:
    source, name = file_name.split("/", 1)
    return f"{source}/{number:02}/{name}"


def _beside(file: WorldFile, word: str, suffix: str) -> str:
    """A name that sorts behind the file's own, in the same folder."""
    return f"{file.file_name.rsplit('.', 1)[0]}{word}.{suffix}"


def _same_bytes(choices: Choices, files: list[WorldFile]) -> WorldFile:
    file = choices.pick(files)
    return replace(file, file_name=_beside(file, "_副本", file.suffix), same_bytes_as=file.file_name)


def _same_rows(choices: Choices, files: list[WorldFile]) -> WorldFile:
    """The same rows in another order and kind of text; workbooks stay workbooks, as an ID can be a number there."""
    file = choices.pick(files)
    suffix = choices.pick(TEXT_SUFFIXES) if file.suffix in TEXT_SUFFIXES else choices.pick(("xlsx", "xls"))
    rows = tuple(reversed(file.rows))
    again = replace(file, file_name=_beside(file, "_重发", suffix), rows=rows, has_total=file.layout != "table")
    return fitting(again)


def _next_versions(choices: Choices, files: list[WorldFile]) -> list[WorldFile]:
    """A bank batch again with other rows, perhaps followed by the first version once more."""
    batch = choices.pick([file for file in files if file.source == "bank_returns"])
    rows = [row for row in batch.rows if isinstance(row, BankLine)]
    kind = choices.pick(("changed", "changed", "added", "reprint", "withdrawn", "corrected", "several"))
    if kind == "added":
        return _paid_again(choices, batch, rows)
    if kind == "reprint":
        return _reprints(choices, batch)
    if kind == "withdrawn" and len(rows) > 1:
        return [replace(batch, file_name=_beside(batch, "(1)", batch.suffix), rows=tuple(rows[1:]))]
    if kind == "corrected" and batch.layout == "sheet":
        return _corrected(choices, batch, rows)
    if kind == "several" and batch.layout == "sheet" and batch.stated_date:
        return [_another(choices, batch, rows, number) for number in range(2, 5)]
    changed = rows[1:] if len(rows) > 1 and choices.chance(50) else rows
    changed = [*changed[:-1], replace(changed[-1], name="王小兰", account="6228480009")]
    versions = [replace(batch, file_name=_beside(batch, "_更正", batch.suffix), rows=tuple(changed))]
    if choices.chance(30):
        again = tuple(reversed(batch.rows))
        versions.append(replace(batch, file_name=_beside(batch, "_更正再发", batch.suffix), rows=again))
    return versions


def _paid_again(choices: Choices, batch: WorldFile, rows: list[BankLine]) -> list[WorldFile]:
    """The failed lines of a batch once more, some of them paid now; perhaps with one that was no failure."""
    again = [row for row in rows if row.outcome_code not in ("0000", "001", "0", "1") and row.outcome != "成功"]
    if choices.chance(20):
        again += rows[:1]
    if not again:
        return []
    paid = (
        {"outcome_code": "0000", "outcome": ""} if batch.layout == "pipe" else {"outcome_code": "", "outcome": "成功"}
    )
    rows = [replace(row, **paid, outcome_text="") if choices.chance(60) else row for row in again]
    day = batch.stated_date and choices.pick((batch.stated_date, batch.stated_date + timedelta(days=20)))
    files = [
        replace(batch, file_name=_beside(batch, "(2)", batch.suffix), rows=tuple(rows), stated_date=day, made_at="")
    ]
    if choices.chance(25):
        files.append(
            replace(batch, file_name=_beside(batch, "(10)", batch.suffix), rows=tuple(batch.rows[1:] or batch.rows))
        )
    return files


def _reprints(choices: Choices, batch: WorldFile) -> list[WorldFile]:
    """The same list with another 制表时间, made before or after."""
    if batch.layout != "sheet" or not batch.stated_date:
        return []
    name = _beside(batch, choices.pick(("(1)", "_重印")), batch.suffix)
    if not batch.made_at:
        return [replace(batch, file_name=name, stated_date=batch.stated_date + timedelta(days=choices.pick((3, -3))))]
    hour = choices.pick(("2019-06-13 07:30", "2019-06-14", "2019-06-20 18:00"))
    return [replace(batch, file_name=name, made_at=hour)]


def _corrected(choices: Choices, batch: WorldFile, rows: list[BankLine]) -> list[WorldFile]:
    """Another list of a batch that was made at another hour; it may sort before the list that it corrects."""
    if not batch.stated_date:
        return []
    changed = (*rows[:-1], replace(rows[-1], name="王小兰", account="6228480009"))
    source, name = batch.file_name.split("/", 1)
    other = choices.pick((f"{source}/0更正/{name}", _beside(batch, "_更正", batch.suffix)))
    made_at = choices.pick(("2019-06-13 07:30", "2019-06-13 18:00", "2019-06-12", ""))
    return [replace(batch, file_name=other, rows=changed, made_at=made_at)]


def _another(choices: Choices, batch: WorldFile, rows: list[BankLine], number: int) -> WorldFile:
    """One of several more lists of a batch, of which some say when they were made: that may be no order."""
    other = (*rows[:-1], replace(rows[-1], account=f"622848{number}"))
    if choices.chance(40):
        name = _beside(batch, f"({number})", "txt")
        return replace(batch, file_name=name, rows=other, layout="pipe", made_at="")
    made_at = choices.pick(("2019-06-12", "2019-06-13 07:30", "2019-06-13 18:00", "2019-06-15"))
    return replace(batch, file_name=_beside(batch, f"({number})", batch.suffix), rows=other, made_at=made_at)


def _refused(choices: Choices, files: list[WorldFile]) -> WorldFile:
    """A file beside a good one that must be refused whole."""
    # A refused list of who is excluded would stop publication.
    file = choices.pick([file for file in files if file.source not in ("pension_register", "category_rolls")])
    damages = ["empty", "no_layout"]
    if file.suffix in ("xlsx", "xls"):
        damages.append("truncated")
    if file.has_total:
        damages.append("wrong_total")
    if file.layout in ("pipe", "padded"):
        damages.append("no_total")
    if file.source == "poverty_roll":
        damages.append("undated")
    damage = choices.pick(damages)
    name = _beside(file, "_坏", file.suffix)
    if damage == "undated":
        name = f"poverty_roll/无日期名单.{file.suffix}"
        return replace(file, file_name=name, stated_date=None, is_date_in_column=False, damage=damage)
    return replace(file, file_name=name, damage=damage)


def untied(files: list[WorldFile]) -> list[WorldFile]:
    """The files with a voucher of its own for each tax line, and a number of its own for each line and batch."""
    found = []
    for number, file in enumerate(files):
        rows = [
            replace(row, voucher_no=f"3530{number}{line:02}", line_no=str(line))
            if isinstance(row, TaxLine)
            else replace(row, line_no=str(line))
            if isinstance(row, BankLine)
            else row
            for line, row in enumerate(file.rows, start=1)
        ]
        batch_no = f"B{number}" if file.source == "bank_returns" else ""
        found.append(replace(file, rows=tuple(rows), batch_no=batch_no))
    return found


def possible_days(files: list[WorldFile], policy: Policy) -> list[date]:
    """The days as of which every needed source still has a file, and the roll one of the year."""
    usable = [file for file in files if not file.damage and not file.same_bytes_as and file.suffix != "pdf"]
    firsts = []
    for source in NEEDED_SOURCES:
        dates = [file_date_of(file) for file in usable if file.source == source]
        if source == "poverty_roll":
            dates = [day for day in dates if day and day.year == policy.year]
        known = [day for day in dates if day]
        if len(known) == len(dates):
            firsts.append(min(known))
    first = max(firsts)
    days = {day for file in usable if (day := file_date_of(file)) and day >= first}
    return sorted(days | {first})
