"""What the second count is given: the policy, the landed files as the reader recognised them, and the published tables.

Only what the reader alone can know is taken as a fact: that a file can't be read, where its tables stand, what their heads
say, and the texts of their cells. Everything that follows from a text is counted anew.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import polars as pl

from pipeline.policy import Policy

READ = "read"

Masker = Callable[[Iterable[str]], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class RunFacts:
    """What a run is about.

    Attributes:
        key: the secret under which persons are known outside the restricted tables.
        own_words: the bureau's own words, by field, each with the listed word that it means.
        template: the policy's self-evaluation template; the indicators aren't scored again where it is empty.
        versions: those of policy and code by their column in mart.refresh, where they are known.
    """

    policy: Policy
    year: int
    key: str
    as_of: date | None = None
    own_words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    template: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SenderWords:
    """What a layout says of the words of its sender, before those of the bureau and the listed ones.

    Attributes:
        date_formats: further forms of dates, as ``strptime`` has them.
        empty_word: a further word for an empty cell, of names too.
        outcomes: words and codes, each with the outcome that it means.
        failure_reasons: reasons with the codes and the words that mean them, in their order.
        levy_items: names of further levy items that are used.
        levy_item_beginnings: beginnings of such names.
        person_roles: the header words of who answered, each with the role.
    """

    date_formats: tuple[str, ...] = ()
    empty_word: str | None = None
    outcomes: Mapping[str, str] = field(default_factory=dict)
    failure_reasons: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = ()
    levy_items: tuple[str, ...] = ()
    levy_item_beginnings: tuple[str, ...] = ()
    person_roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """One table of a file, as the reader recognised it.

    Attributes:
        sheet: the sheet that it stands in; null in a text file.
        units: the unit of each amount (元, 分, 万元), where its cell states none.
        head: the texts that the lines above the header state, by field.
        place_texts: the texts above the table, which may say from which township it is.
        aliases: the fields that have a column, each with the header word that stands for it.
        rows_counted: the data rows that the reader counted before it read a cell.
        counts_from_1904: whether its days are counted from 1904.
        sender: what the layout says of its sender's own words.
    """

    sheet: str | None
    layout: str
    units: Mapping[str, str] = field(default_factory=dict)
    head: Mapping[str, str] = field(default_factory=dict)
    place_texts: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    rows_counted: int
    counts_from_1904: bool = False
    sender: SenderWords = field(default_factory=SenderWords)


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """One landed file.

    Attributes:
        file_name: its path below the year's folder.
        status: read, or what the reader made of the whole file (refused, skipped).
        cells: Parquet of the cells of its data rows; null for a file that is not read.
        columns_unused: the headers that no field takes, joined by 、; null where there is none.
        fields_not_found: the fields for which no column was found, likewise.
        hidden_rows: its hidden and struck rows.
    """

    file_name: str
    source: str
    sha256: str | None
    status: str
    layout: str | None = None
    cells: Path | None = None
    tables: tuple[TableFacts, ...] = ()
    control_count: int | None = None
    control_yuan: Decimal | None = None
    columns_unused: str | None = None
    fields_not_found: str | None = None
    hidden_rows: int = 0


class Published(Protocol):
    """A reader of the published tables, which knows what is masked in them."""

    def table(self, name: str) -> pl.DataFrame | None:
        """The year's rows of a table (``mart.township_fund``) with all its columns; None where there is no such table."""

    def sender_columns(self, name: str) -> Collection[str]:
        """The columns of a table in which what a sender wrote is published masked."""

    def part(self, name: str, column: str, part: int, count: int) -> pl.DataFrame | None:
        """The rows of a table in one of so many parts: by the first digits of a key, or by the remainder of a number."""

    def masker(self, numbers: pl.Series, names: pl.Series) -> Masker:
        """Gives those of the senders' texts that are published masked, each with what stands in its place.

        Args:
            numbers: the IDs and accounts that mustn't be published.
            names: the names of the roll.
        """
