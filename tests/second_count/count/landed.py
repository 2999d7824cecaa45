"""What becomes of each landed file (read, refused, replaced ...) and of each row (accepted, quarantined, dropped)."""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Generic, TypeVar

from ..world import (
    Answer,
    BankLine,
    ClassRow,
    Grant,
    Place,
    RegisterRow,
    Reply,
    Row,
    TaxLine,
    Transfer,
    World,
    WorldFile,
    Written,
)
from .identity import full_form
from .outcomes import tax_outcome
from .townships import township_code

R = TypeVar("R", bound=Row)
SUFFIXES = ("csv", "txt", "xlsx", "xls")
DATE_FIELDS: dict[type, str] = {
    ClassRow: "verified_date",
    RegisterRow: "self_paid_date",
    BankLine: "paid_date",
    TaxLine: "paid_date",
    Grant: "document_date",
    Transfer: "document_date",
    Reply: "answered_date",
}


@dataclass(frozen=True)
class LandedRow(Generic[R]):
    """An accepted row with its file and place."""

    row: R
    file: WorldFile
    place: Place

    @property
    def source_order(self) -> tuple[str, str, int]:
        """File name, sheet, row: the last resort of every order in the rules."""
        return self.file.file_name, self.place.sheet or "", self.place.row_number or 0


@dataclass
class LandedFile:
    """One file of mart.source_file with its rows by what became of them."""

    file: WorldFile
    written: Written
    status: str = "read"
    file_date: date | None = None
    accepted: list[LandedRow[Any]] = field(default_factory=list)
    quarantined: list[LandedRow[Any]] = field(default_factory=list)
    dropped: list[LandedRow[Any]] = field(default_factory=list)


@dataclass
class Landed:
    """All files of the world, and the accepted rows that count as of its day."""

    files: list[LandedFile]
    as_of: date | None

    def read_files(self, source: str) -> list[LandedFile]:
        """The files of a folder that were read."""
        return [file for file in self.files if file.file.source == source and file.status == "read"]

    def rows(self, row_type: type[R]) -> list[LandedRow[R]]:
        """The accepted rows of one kind, without those dated after the as-of date."""
        accepted = (row for file in self.files if file.status == "read" for row in file.accepted)
        return [row for row in accepted if isinstance(row.row, row_type) and not self._is_later(row)]

    def _is_later(self, landed: LandedRow[Any]) -> bool:
        row_date = row_date_of(landed)
        return self.as_of is not None and row_date is not None and row_date > self.as_of


def land(world: World, written: dict[str, Written]) -> Landed:
    """Decide the status of every file and the fate of every row, folder by folder, in order of path."""
    files = [LandedFile(file, written[file.file_name]) for file in sorted(world.files, key=lambda file: file.file_name)]
    for source in {file.file.source for file in files}:
        _decide_folder([file for file in files if file.file.source == source], world)
    return Landed(files, world.as_of)


def _decide_folder(files: list[LandedFile], world: World) -> None:
    first_with: dict[Hashable, str] = {}
    for file in files:
        file.file_date = file_date_of(file.file)
        is_repeated = first_with.setdefault(file.written.sha256, file.file.file_name) != file.file.file_name
        if is_repeated:
            file.status = "same_bytes"
        elif file.file.suffix not in SUFFIXES:
            file.status = "skipped"
        elif file.file.damage:
            file.status = "refused"
        elif world.as_of is not None and file.file_date is not None and file.file_date > world.as_of:
            file.status = "later"
    _mark_same_rows(_read(files), world)
    if files[0].file.source == "bank_returns":
        _mark_replaced(_read(files), world)
    _sort_rows(_read(files))


def _read(files: Iterable[LandedFile]) -> list[LandedFile]:
    return [file for file in files if file.status == "read"]


def _mark_same_rows(files: list[LandedFile], world: World) -> None:
    first_with: set[Hashable] = set()
    for file in files:
        content = (
            file.file.stated_date,
            file.file.batch_no,
            township_code(file.file.township, world.policy),
            frozenset(Counter(map(_fields, file.file.rows)).items()),
        )
        if content in first_with:
            file.status = "same_rows"
        first_with.add(content)


def _fields(row: Row) -> Row:
    """What the contract's fields say; the number of a questionnaire is none of them."""
    return replace(row, number="") if isinstance(row, Answer) else row


def _mark_replaced(files: list[LandedFile], world: World) -> None:
    last_with: dict[tuple[str, str], LandedFile] = {}
    for file in files:
        batch = (township_code(file.file.township, world.policy), file.file.batch_no)
        if batch in last_with:
            last_with[batch].status = "replaced"
        last_with[batch] = file


def _sort_rows(files: list[LandedFile]) -> None:
    file_with: dict[Hashable, str] = {}
    for file in files:
        for row, place in zip(file.file.rows, file.written.places, strict=True):
            landed: LandedRow[Any] = LandedRow(row, file.file, place)
            payment = _payment(row)
            if isinstance(row, TaxLine) and not is_pension_levy(row):
                file.dropped.append(landed)
            elif row.bad_cell:
                file.quarantined.append(landed)
            elif payment and file_with.setdefault(payment, file.file.file_name) != file.file.file_name:
                file.dropped.append(landed)
            else:
                file.accepted.append(landed)


def _payment(row: Row) -> Hashable | None:
    """What makes a tax line that another file brought the same line; None where no voucher is stated.

    Bank files of one batch replace one another whole, so no read file repeats another's line.
    """
    if not isinstance(row, TaxLine) or not row.voucher_no or row.bad_cell:
        return None
    return row.voucher_no, full_form(row.id_no), abs(row.amount_yuan), row.paid_date, tax_outcome(row)[0]


def is_pension_levy(line: TaxLine) -> bool:
    """Whether a tax row is about this pension scheme."""
    return line.levy_item.startswith("10210") or line.levy_item == "城乡居民基本养老保险费"


def file_date_of(file: WorldFile) -> date | None:
    """The date that a file's content or name states, else the latest date of its rows, else None."""
    if file.stated_date:
        return file.stated_date
    return max((day for day in map(_own_date, file.rows) if day), default=None)


def row_date_of(landed: LandedRow[Any]) -> date | None:
    """The date of one row; for a row without one of its own that of its file's name or head."""
    return _own_date(landed.row) or landed.file.stated_date


def _own_date(row: Row) -> date | None:
    """The date that a row itself states and that can be read."""
    name = DATE_FIELDS.get(type(row), "")
    is_bad = row.bad_cell is not None and row.bad_cell[0] == name
    return None if is_bad else getattr(row, name, None)


def snapshot_date_of(landed: LandedRow[Any]) -> date:
    """The date of the snapshot that a roll's row belongs to."""
    assert landed.file.stated_date is not None, "a roll without a date is refused"
    return landed.file.stated_date
