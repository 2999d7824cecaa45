"""What is checked before anything is published, and what is only counted.

Identities of the accounts are SQL files in ``assets/checks`` that must return no row; every kind of mismatch is counted, and
so are the days for which an expected source is overdue. All are judged here, without Dagster. The shape of the published
tables is judged in ``pipeline.checks.suites``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from pipeline.contracts import tables
from pipeline.contracts.tables import ASSETS_FOLDER, TableName
from pipeline.errors import DaijiaoError
from pipeline.policy import Policy, load_policy, policy_years
from pipeline.settings import Settings
from pipeline.warehouse.reference import mismatch_kinds
from pipeline.warehouse.session import Session

IDENTITIES_FOLDER = ASSETS_FOLDER / "checks"
MISMATCHES = TableName("mart", "roster_mismatch")
SOURCE_FILES = TableName("mart", "source_file")
# A file of such a status has not arrived: it can't be used, or is dated after the day looked back from.
NOT_ARRIVED = ("refused", "skipped", "later")


@dataclass(frozen=True)
class Check:
    """A rule that is checked on a table; a blocking one stops publishing where it doesn't hold."""

    table: TableName
    name: str
    sentence: str
    is_blocking: bool
    is_warning: bool = False


@dataclass(frozen=True)
class Verdict:
    """What became of a check: how many rows or values were found against it, in all and by rule where it has several."""

    check: Check
    found_count: int
    count_by_rule: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_passed(self) -> bool:
        """Whether nothing was found."""
        return self.found_count == 0


@cache
def identity_checks() -> tuple[Check, ...]:
    """A blocking check for each SQL file in ``assets/checks``: its first line names the table, its second is the sentence."""
    return tuple(Check(*_heading(name, sql), is_blocking=True) for name, sql in _identities().items())


@cache
def mismatch_checks() -> tuple[Check, ...]:
    """A check that counts for each kind of mismatch: findings never stop publishing."""
    return tuple(
        Check(
            MISMATCHES,
            kind,
            f"{words['en']} {words['zh']}",
            is_blocking=False,
            is_warning=words["severity"] == "warning",
        )
        for kind, words in mismatch_kinds().items()
    )


@cache
def arrival_checks() -> tuple[Check, ...]:
    """A check for each source that a policy expects by a date; what is overdue is a warning and never stops publishing."""
    folder = Settings().policy
    expected = {batch.source for year in policy_years(folder) for batch in load_policy(year, folder).expected_batches}
    return tuple(
        Check(
            SOURCE_FILES,
            f"{source}_arrived",
            f"Files of {source} have arrived by the policy's due date; counted are the days overdue. 文件按期到达",
            is_blocking=False,
            is_warning=True,
        )
        for source in sorted(expected)
    )


def judge_arrivals(session: Session, policy: Policy, today: date) -> Iterator[Verdict]:
    """How many days each expected source is overdue: past its due date, and no file of it could be used.

    Args:
        session: holds the year's tables.
        policy: the year's policy; a source that it doesn't expect is never overdue.
        today: the day looked back from, else the day of the refresh.
    """
    statuses = ", ".join(f"'{status}'" for status in NOT_ARRIVED)
    found = session.find(f"select distinct source from {SOURCE_FILES} where status not in ({statuses})")
    arrived = set(found["source"])
    due_dates = {batch.source: batch.due_date for batch in policy.expected_batches if batch.source not in arrived}
    for check in arrival_checks():
        due_date = due_dates.get(check.name.removesuffix("_arrived"), today)
        yield Verdict(check, max((today - due_date).days, 0))


def judge_identities(session: Session, schema: str | None = None) -> Iterator[Verdict]:
    """Run the identities on the session's year: those that judge a table of the schema, or all."""
    for check in identity_checks():
        if schema in (None, check.table.schema):
            yield Verdict(check, session.find(_identities()[check.name]).height)


def judge_mismatches(session: Session) -> Iterator[Verdict]:
    """Count the mismatches of every kind."""
    counted = session.find(f"select kind, count(*) as mismatch_count from {MISMATCHES} group by kind")
    counts = dict(counted.iter_rows())
    for check in mismatch_checks():
        yield Verdict(check, counts.get(check.name, 0))


def stop_where_checks_fail(verdicts: Iterable[Verdict]) -> None:
    """Refuse to go on where a blocking check doesn't hold.

    Raises:
        DaijiaoError: names the first such check and how much was found.
    """
    for verdict in verdicts:
        if verdict.check.is_blocking and not verdict.is_passed:
            raise DaijiaoError(
                f"Not published: the check {verdict.check.name} of {verdict.check.table} found {verdict.found_count} against "
                f"its rule ({verdict.check.sentence}) The last published tables stay; report this sentence."
            )


@cache
def _identities() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(IDENTITIES_FOLDER.glob("*.sql"))}


def _heading(name: str, sql: str) -> tuple[TableName, str, str]:
    """The table that an identity judges, its name, and what it says.

    Raises:
        ValueError: the first line names no built table that the statement reads.
    """
    first, sentence, *_ = sql.splitlines()
    mark, _, table = first.partition(":")
    judged = TableName(*table.strip().split(".")) if table.count(".") == 1 else None
    if mark != "-- judges" or judged not in tables.references(sql, "core"):
        raise ValueError(
            f"assets/checks/{name}.sql: the first line is `-- judges: schema.table`, a table that it reads"
        )
    return judged, name, sentence.removeprefix("--").strip()
