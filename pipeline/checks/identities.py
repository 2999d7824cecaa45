"""Checks and their verdicts, and the identities of the accounts: SQL files in ``assets/checks`` that must return no row.

The shape of the published tables is judged in ``pipeline.checks.suites``, what came in in ``pipeline.checks.intake``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from pipeline.contracts import tables
from pipeline.contracts.tables import ASSETS_FOLDER, TableName
from pipeline.errors import DaijiaoError
from pipeline.warehouse.session import Session

IDENTITIES_FOLDER = ASSETS_FOLDER / "checks"
# Under which it is kept that all of them held.
IDENTITIES = TableName("checks", "identities")


@dataclass(frozen=True)
class Check:
    """A rule that is checked on a table; a blocking one stops publishing where it doesn't hold, another only warns."""

    table: TableName
    name: str
    sentence: str
    is_blocking: bool


@dataclass(frozen=True)
class Verdict:
    """What became of a check: how much was found against it, in all and by rule where it has several, and a line a finding.

    `notes` are read by everybody who may read the published tables: never a personal value. `compared_count` says how many
    values were compared, where a check compares values.
    """

    check: Check
    found_count: int
    count_by_rule: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    compared_count: int | None = None

    @property
    def is_passed(self) -> bool:
        """Whether nothing was found."""
        return self.found_count == 0


@cache
def identity_checks() -> tuple[Check, ...]:
    """A blocking check for each SQL file in ``assets/checks``: its first line names the table, its second is the sentence."""
    return tuple(Check(*heading(name, sql), is_blocking=True) for name, sql in _identities().items())


def judge_identities(session: Session) -> Iterator[Verdict]:
    """Run the identities on the session's year, unless the rows that they read are those of which each held before."""
    statements = list(_identities().values())
    found_counts = dict.fromkeys(_identities(), 0)
    if not session.found_nothing(IDENTITIES, statements):
        found_counts = {name: session.find(sql).height for name, sql in _identities().items()}
        if not any(found_counts.values()):
            session.keep_found_nothing(IDENTITIES, statements)
    for check in identity_checks():
        yield Verdict(check, found_counts[check.name])


def stop_where_checks_fail(verdicts: Iterable[Verdict]) -> None:
    """Refuse to go on where a blocking check doesn't hold.

    Raises:
        DaijiaoError: names each such check, its rule and how much was found against it.
    """
    failed = [verdict for verdict in verdicts if verdict.check.is_blocking and not verdict.is_passed]
    if failed:
        told = "; ".join(
            f"{verdict.check.name} of {verdict.check.table} found {verdict.found_count} against its rule "
            f"({_broken_rules(verdict)})"
            for verdict in failed
        )
        raise DaijiaoError(
            f"Not published, because of what a check found: {told}. The last published tables stay; report this sentence.",
            f"没有发布,因为检查发现:{told}。上次发布的数据表没有变化;请把这句话报给维护人员。",
        )


def _broken_rules(verdict: Verdict) -> str:
    broken = [rule for rule, count in verdict.count_by_rule.items() if count]
    return ", ".join(broken) or verdict.check.sentence


@cache
def _identities() -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(IDENTITIES_FOLDER.glob("*.sql"))}


def heading(name: str, sql: str) -> tuple[TableName, str, str]:
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
