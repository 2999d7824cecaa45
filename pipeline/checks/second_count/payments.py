"""The payments of a year by township, as transfers pay for them: in memory, or in a folder where they are too many for it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from pipeline.checks.second_count.lines import Order


class Payment(NamedTuple):
    """A live success; its village is that of the person, where that is the township's."""

    day: date
    order: Order
    fen: int
    village_code: str | None
    is_written_off: bool


class Payments:
    """The payments of each township."""

    def __init__(self) -> None:
        self._by_township: dict[str, list[Payment]] = defaultdict(list)

    def add(self, payments: Iterable[tuple[str, Payment]]) -> None:
        """Add payments, each with its township."""
        for code, payment in payments:
            self._by_township[code].append(payment)

    def by_township(self) -> Iterator[tuple[str, list[Payment]]]:
        """The payments of one township after another."""
        yield from self._by_township.items()


class StoredPayments(Payments):
    """The payments of each township, in files of a folder that nobody else can read."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._files = 0

    def add(self, payments: Iterable[tuple[str, Payment]]) -> None:
        """Add payments, each with its township."""
        super().add(payments)
        for code, own in self._by_township.items():
            rows = [_row(payment) for payment in own]
            path = self._folder / code / f"{self._files:06}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pl.DataFrame(rows, schema=_COLUMNS, orient="row").write_parquet(path)
            self._files += 1
        self._by_township.clear()

    def by_township(self) -> Iterator[tuple[str, list[Payment]]]:
        """The payments of one township after another."""
        for folder in sorted(self._folder.glob("*")):
            yield folder.name, [_payment(row) for row in pl.read_parquet(folder).iter_rows()]


_COLUMNS = {
    "day": pl.Date,
    "document_no": pl.String,
    "line_no": pl.String,
    "file": pl.Int64,
    "sheet": pl.String,
    "row": pl.Int64,
    "fen": pl.Int64,
    "village_code": pl.String,
    "is_written_off": pl.Boolean,
}


def _row(payment: Payment) -> tuple[object, ...]:
    document_no, line_no, place = payment.order
    return (payment.day, document_no, str(line_no), *place, *payment[2:])


def _payment(row: tuple[Any, ...]) -> Payment:
    day, document_no, line_no, *place, fen, village_code, is_written_off = row
    return Payment(day, (document_no, Decimal(line_no), tuple(place)), fen, village_code, is_written_off)
