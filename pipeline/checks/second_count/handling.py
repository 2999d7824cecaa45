"""What townships and villages handled, counted again for the tables by which staff work from day to day.

Persons stand under the roll's township and village; a line, a write-off and a mismatch under the township that paid or that has
to answer it, and under the person's village where that is the roll's township too. No known village is a row of its own.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date

from pipeline.checks.second_count.counted import (
    Counted,
    Groups,
    Receipt,
    Silence,
    Table,
    Totals,
    Village,
    table_of_rows,
)
from pipeline.checks.second_count.lines import REFUND, SELF_PAID, WRITTEN_OFF
from pipeline.checks.second_count.money import rate
from pipeline.checks.second_count.payments import Payment
from pipeline.checks.second_count.roll import Person
from pipeline.checks.second_count.row_types import TransferRow
from pipeline.checks.second_count.states import ELIGIBLE, EXCLUDED, UNCONFIRMED

AGES = ((30, "0-30"), (90, "31-90"), (180, "91-180"))
OLDEST, UNDATED = "over 180", "undated"
COUNTS = (
    "roll_count", "line_count", "failed_count", "mismatch_count", "open_mismatch_count", "mismatch_person_count",
    "written_off_count", "after_transfer_count", "write_off_days", "silent_count",
)  # fmt: skip


def village_participation(groups: Groups) -> Table:
    """From the roll to the covered, a row a village."""
    found: dict[Village, Counter[str | None]] = defaultdict(Counter)
    for (township_code, village_code, state, _, channel, _), count in groups.items():
        found[township_code, village_code][state] += count
        found[township_code, village_code][channel] += count
    columns = (
        "township_code", "village_code", "roll_count", "excluded_count", "unconfirmed_count", "eligible_count",
        "refunded_count", "paid_on_behalf_count", "covered_count", "uncovered_count", "participation_rate",
    )  # fmt: skip
    rows = []
    for village, counts in found.items():
        excluded, unconfirmed, eligible = (counts[state] for state in (EXCLUDED, UNCONFIRMED, ELIGIBLE))
        refunded, collected = counts[REFUND], counts["collection"]
        covered = refunded + collected
        rows.append(
            (
                *village,
                excluded + unconfirmed + eligible,
                excluded,
                unconfirmed,
                eligible,
                refunded,
                collected,
                covered,
                eligible - covered,
                rate(covered, eligible),
            )
        )
    return table_of_rows("mart.village_participation", columns, columns[:2], rows)


def payments(counted: Counted, villages: Mapping[Hashable, str | None]) -> Iterator[tuple[str, Payment]]:
    """The payments, each with its township."""
    for line in counted.lines:
        if line.is_live:
            code, village = _village_of(line.row.township_code, line.meant_id, counted.persons, villages)
            yield code, Payment(line.day, line.order, line.fen, village, line.disposition == WRITTEN_OFF)


def receipts(counted: Counted) -> Iterator[tuple[str, Receipt]]:
    """The transfers, each with its township; what a township gave back had not been spent."""
    for transfer in counted.files.accepted(TransferRow, "allocations"):
        day, fen = transfer.own_date or counted.files.file_of(transfer).stated_date, transfer.amount_fen or 0
        if day is not None and fen > 0:
            yield transfer.township_code, (day, transfer.place, fen)


def handled(
    counted: Counted, villages: Mapping[Hashable, str | None], groups: Groups
) -> defaultdict[Village, Counter[str]]:
    """What each village handled."""
    found: defaultdict[Village, Counter[str]] = defaultdict(Counter)
    for (township_code, village_code, *_, uncovered_reason), count in groups.items():
        found[township_code, village_code]["roll_count"] += count
        found[township_code, village_code]["silent_count"] += count if uncovered_reason == "silent" else 0
    for line in counted.lines:
        if line.disposition == SELF_PAID:
            continue
        counts = found[_village_of(line.row.township_code, line.meant_id, counted.persons, villages)]
        counts["line_count"] += 1
        counts["failed_count"] += line.row.outcome.outcome == "failed"
        counts["written_off_count"] += line.disposition == WRITTEN_OFF
    _count_mismatches(counted, found)
    return found


def capacities(totals: Totals) -> list[Table]:
    """What each village and each township handled."""
    found: dict[Village, Counter[str]] = defaultdict(Counter)
    found.update((place, counts.copy()) for place, counts in totals.handled.items())
    longest: dict[Village, int] = {}
    for code, paid in totals.payments.by_township():
        for village, days in _days_from_transfer(totals.receipts[code], paid):
            place = code, village
            found[place]["after_transfer_count"] += 1
            found[place]["write_off_days"] += days
            longest[place] = max(days, longest.get(place, 0))
    named = {village.code: village.name for village in totals.run.policy.villages}
    rows = [
        (
            code,
            totals.township_name(code),
            village,
            named.get(village or ""),
            *_figures(counts, longest.get((code, village))),
        )
        for (code, village), counts in found.items()
        if code in totals.funds.townships
    ]
    of_township: dict[str, Counter[str]] = {code: Counter() for code in totals.funds.townships}
    longest_of: dict[str, int] = {}
    for (code, village), counts in found.items():
        if code in of_township:
            of_township[code] += counts
        if (code, village) in longest:
            longest_of[code] = max(longest[code, village], longest_of.get(code, 0))
    township_rows = [
        (code, totals.township_name(code), *_figures(counts, longest_of.get(code)))
        for code, counts in of_township.items()
    ]
    columns = (*COUNTS, "longest_write_off_days", "failure_rate", "mismatch_rate", "average_write_off_days")
    return [
        table_of_rows(
            "mart.capacity_village",
            ("township_code", "township_name", "village_code", "village_name", *columns),
            ("township_code", "village_code"),
            rows,
        ),
        table_of_rows(
            "mart.capacity_township", ("township_code", "township_name", *columns), ("township_code",), township_rows
        ),
    ]


def _figures(counts: Counter[str], longest: int | None) -> tuple[int | None, ...]:
    return (
        *(counts[name] for name in COUNTS),
        longest,
        rate(counts["failed_count"], counts["line_count"]),
        rate(counts["mismatch_person_count"], counts["roll_count"]),
        rate(counts["write_off_days"], counts["after_transfer_count"]),
    )


def _village_of(
    township_code: str, key: Hashable, persons: Mapping[Hashable, Person], villages: Mapping[Hashable, str | None]
) -> Village:
    person = persons.get(key)
    return township_code, villages[key] if person and person.township_code == township_code else None


def _count_mismatches(counted: Counted, found: dict[Village, Counter[str]]) -> None:
    """Count mismatches, and the persons that have one, as the files say it before any reply."""
    persons, concerned = counted.stated_persons, set()
    villages = {
        mismatch.about: counted.village_code(persons[mismatch.about])
        for mismatch in counted.mismatches.values()
        if mismatch.about is not None
    }
    for number, mismatch in counted.mismatches.items():
        if mismatch.township_code is not None:
            counts = found[_village_of(mismatch.township_code, mismatch.about, persons, villages)]
            counts["mismatch_count"] += 1
            counts["open_mismatch_count"] += counted.status(number) == "open"
        if mismatch.about is not None and mismatch.about not in concerned:
            concerned.add(mismatch.about)
            found[persons[mismatch.about].township_code, villages[mismatch.about]]["mismatch_person_count"] += 1


def _days_from_transfer(received: Iterable[Receipt], paid: Iterable[Payment]) -> Iterator[tuple[str | None, int]]:
    """By write-off its village and the days from the transfer that paid for it, first in first out.

    A payment is covered by the transfer with which all that came reaches all that was spent up to it; there is none where no
    transfer covers it by then.
    """
    transfers = sorted(received)
    sums = list(_running(fen for _, _, fen in transfers))
    spent = 0
    for payment in sorted(paid):
        spent += payment.fen
        covering = bisect_left(sums, spent)
        if payment.is_written_off and covering < len(sums) and transfers[covering][0] <= payment.day:
            yield payment.village_code, (payment.day - transfers[covering][0]).days


def _running(amounts: Iterable[int]) -> Iterable[int]:
    total = 0
    for fen in amounts:
        total += fen
        yield total


def silences(
    counted: Counted, villages: Mapping[Hashable, str | None], uncovered: Mapping[Hashable, str]
) -> Counter[Silence]:
    """Eligible persons of whom no list says anything, by the age of their verification on the day of the newest list."""
    dates = [file.file_date for source in ("bank_returns", "tax_returns") for file in counted.files.read(source)]
    newest = counted.run.as_of or max((day for day in dates if day), default=None)
    counts: Counter[Silence] = Counter()
    for key, reason in uncovered.items():
        if reason == "silent":
            person = counted.persons[key]
            verification = counted.evidence.verification(person.person_id)
            verified = verification.rows[0].own_date if verification else None
            counts[person.township_code, villages[key], _age(newest, verified)] += 1
    return counts


def silence_table(totals: Totals) -> Table:
    """How many persons are silent, by the age of their verification."""
    named = {village.code: village.name for village in totals.run.policy.villages}
    rows = [
        (code, totals.township_name(code), village, named.get(village or ""), age, count)
        for (code, village, age), count in totals.silences.items()
    ]
    columns = ("township_code", "township_name", "village_code", "village_name", "batch_age", "person_count")
    return table_of_rows("mart.capacity_silence", columns, ("township_code", "village_code", "batch_age"), rows)


def _age(newest: date | None, verified: date | None) -> str:
    if newest is None or verified is None:
        return UNDATED
    days = (newest - verified).days
    return next((age for most, age in AGES if days <= most), OLDEST)
