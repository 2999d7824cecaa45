"""What a bureau should look at though it stops nothing: files refused or overdue, words that nobody knows, what shrank.

Each is a warning on a table that says what came in, with a line a finding. What stops publishing is judged elsewhere.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import polars as pl

from pipeline.checks.identities import Check, Verdict
from pipeline.contracts import tables
from pipeline.contracts.codes import vocabulary
from pipeline.contracts.tables import TableName
from pipeline.policy import Policy
from pipeline.warehouse.reading import reading
from pipeline.warehouse.session import Session

SOURCE_FILES = TableName("mart", "source_file")
UNKNOWN_WORDS = TableName("mart", "unknown_word")
CHANGES = TableName("mart", "change")
# A file of such a status has not arrived: it can't be used, or is dated after the day looked back from.
NOT_ARRIVED = tuple(code.code for code in vocabulary("file_status").codes if not code.attributes["has_arrived"])
# More lines than these are in the table, which is named beside them.
MOST_NOTES = 100


def _warning(table: TableName, name: str, sentence: str) -> Check:
    return Check(table, name, sentence, is_blocking=False)


SOURCES_ARRIVED = _warning(
    SOURCE_FILES,
    "sources_arrived",
    "Files of every source that the policy expects have arrived by their due date; counted are the days overdue. 文件按期到达",
)
REFUSED_FILES = _warning(
    SOURCE_FILES,
    "refused_files",
    "No landed file was refused; each refused one is named with what to do. 没有不予接收的文件",
)
NO_UNKNOWN_WORDS = _warning(
    UNKNOWN_WORDS,
    "unknown_words",
    "Every word in a column of listed words is known; rows with others are held. 没有不认识的词语",
)
SHRUNK_OR_GONE = _warning(
    SOURCE_FILES,
    "shrunk_or_gone",
    "Nothing shrank and no landed file is gone since the last publication. 与上次发布相比没有减少或缺失",
)


# The table that each is judged by: a check of a table that there isn't is none.
_JUDGED_BY = {
    SOURCES_ARRIVED: SOURCE_FILES,
    REFUSED_FILES: SOURCE_FILES,
    NO_UNKNOWN_WORDS: UNKNOWN_WORDS,
    SHRUNK_OR_GONE: CHANGES,
}


def intake_checks() -> list[Check]:
    """The warnings on what came in."""
    return [check for check, table in _JUDGED_BY.items() if table in tables.load_tables()]


def judge_intake(session: Session, policy: Policy, today: date) -> Iterator[Verdict]:
    """Judge what came in, by the tables of the year.

    Args:
        session: holds the year's tables.
        policy: the year's policy; a source that it doesn't expect is never overdue.
        today: the day looked back from, else the day of the refresh.
    """
    yield _sources_arrived(session, policy, today)
    refused = f"select file_name, reason from {SOURCE_FILES} where status = 'refused' order by file_name"
    yield _told(REFUSED_FILES, session.find(refused))
    if NO_UNKNOWN_WORDS in intake_checks():
        words = f"select source_file, vocabulary, word, row_count from {UNKNOWN_WORDS}"
        yield _told(NO_UNKNOWN_WORDS, session.find(f"{words} order by source_file, vocabulary, word"))


def judge_changes(published: Path, year: int) -> Iterator[Verdict]:
    """Judge what the published file says of a year beside its last publication: each line has subject, before and after."""
    if SHRUNK_OR_GONE in intake_checks():
        with reading(published) as connection:
            changes = connection.sql(
                f"select subject, before, after from {CHANGES} where policy_year = ? order by subject", params=[year]
            ).pl()
        yield _told(SHRUNK_OR_GONE, changes)


def _sources_arrived(session: Session, policy: Policy, today: date) -> Verdict:
    statuses = ", ".join(f"'{status}'" for status in NOT_ARRIVED)
    found = session.find(f"select distinct source from {SOURCE_FILES} where status not in ({statuses})")
    arrived = set(found["source"])
    days_overdue = {
        batch.source: 0 if batch.source in arrived else max((today - batch.due_date).days, 0)
        for batch in policy.expected_batches
    }
    notes = tuple(f"{source}: {days} days overdue 逾期 {days} 天" for source, days in days_overdue.items() if days)
    return Verdict(SOURCES_ARRIVED, sum(days_overdue.values()), days_overdue, notes)


def _told(check: Check, findings: pl.DataFrame) -> Verdict:
    """A verdict that counts the rows of a frame and says each of them in a line."""
    notes = [
        ": ".join("" if cell is None else str(cell) for cell in row) for row in findings.head(MOST_NOTES).iter_rows()
    ]
    if findings.height > MOST_NOTES:
        notes.append(f"… {findings.height - MOST_NOTES} more in {_JUDGED_BY[check]}")
    return Verdict(check, findings.height, notes=tuple(notes))
