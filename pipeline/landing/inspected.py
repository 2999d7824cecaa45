"""What is seen in one file. The rows are masked: no ID, name, account or phone number is in it."""

from dataclasses import dataclass

from pipeline.landing.header import Nearest
from pipeline.landing.parse import ParsedFile


@dataclass(frozen=True)
class TableSeen:
    """A sheet or text file: its header's rows (from 1), and the header's labels by field.

    A table that fits no layout has no header rows and no columns.
    """

    sheet: str | None
    header_rows: tuple[int, int] | None = None
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Inspection:
    """What is seen in a file.

    Attributes:
        source: the folder whose layouts were tried, or in which the file would be read; null where none fits.
        is_source_known: whether the folder was named or stands in the path.
        parsed: status, kind, encoding, layout, reason and control totals.
        nearest: the layout that comes nearest, where none fits.
        row_fates: how many rows are accepted, quarantined and dropped by themselves, before files are compared.
        problems: row number, field and reason of the first quarantined rows.
        numeric_id_count: how many IDs are stored as numbers, which have lost digits.
        first_rows: row number and masked cells by field; of a file that fits no layout the shapes of its cells.
    """

    file_name: str
    source: str | None
    is_source_known: bool
    parsed: ParsedFile
    tables: tuple[TableSeen, ...] = ()
    nearest: Nearest | None = None
    row_fates: tuple[int, int, int] = (0, 0, 0)
    problems: tuple[tuple[int, str, str], ...] = ()
    first_rows: tuple[tuple[int, dict[str, str]], ...] = ()
    numeric_id_count: int = 0
