"""A state of a year as it was published on a day looked back on, and by what else it was made than states are today.

``daijiao refresh --as-of`` publishes such a state to a file of its own. Comparing it with another one belongs to
``pipeline.ask.explain``.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipeline.warehouse import continuity
from pipeline.warehouse.proof import problems, published_years
from pipeline.warehouse.reading import quoted, reading
from pipeline.warehouse.run import Run

RULES_CAUSE = "政策或规则变更"
FILES_CAUSE = "报送文件补报、更换或撤回"
BOTH_CAUSE = "政策、规则或报送文件变更"
CAUSES = (RULES_CAUSE, FILES_CAUSE, BOTH_CAUSE)
# What a published year was made by, in Chinese, by the beginning of its subject in mart.digest.
_MADE_BY = {"policy": "政策", "rule": "规则", "macros": "规则", "readers": "读取程序", "vocabulary": "用语表"}
# The tables that figures are told from, as a published file has them: it has no transfers, but what each township planned.
_VIEWS = """
CREATE SCHEMA core;
CREATE VIEW core.person_year AS SELECT * FROM published.core.person_year WHERE policy_year = {year};
CREATE VIEW core.fund_posting AS SELECT * FROM published.core.fund_posting WHERE policy_year = {year};
CREATE VIEW core.township_of_year AS
    SELECT township_code, township_name FROM published.mart.township WHERE policy_year = {year};
CREATE VIEW core.township_transfer AS
    SELECT NULL AS file_name, NULL AS row_number, township_code, planned_count
    FROM published.mart.township_participation WHERE policy_year = {year} AND planned_count <> 0;
"""


@dataclass(frozen=True)
class Published:
    """A published state: the district's row, the parts of its figures, the landed files' hashes, and digests of its rules."""

    summary: pl.DataFrame
    parts: pl.DataFrame
    files: frozenset[str]
    rules: dict[str, str]


def read_published(path: Path, year: int, key: str, figures_sql: str) -> Published | str | None:
    """The state of a year in a published file.

    Returns:
        Null where the file or the year in it isn't there; what differs, in Chinese, where it isn't what was signed.
    """
    if not path.exists():
        return None
    with reading(path) as connection:
        if year not in published_years(connection):
            return None
        if found := problems(connection, year, key):
            return ";".join(found)
        rules = continuity.kept_digests(connection, year)
        files = connection.execute("SELECT sha256 FROM mart.source_file WHERE policy_year = ?", [year]).fetchall()
        summary = connection.sql(f"SELECT * FROM mart.district_summary WHERE policy_year = {year}").pl()
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH '{quoted(path)}' AS published (READ_ONLY)")
        connection.execute(_VIEWS.format(year=year))
        parts = connection.sql(figures_sql).pl()
    return Published(summary, parts, frozenset(sha256 for (sha256,) in files), rules)


def cause_since(published: Published, run: Run, files: frozenset[str]) -> tuple[str, str]:
    """Why a state of the same day is another one today, and of what it is made by which are others, in Chinese.

    Args:
        published: the state as it was published.
        run: of today.
        files: the hashes of the files that today's state is made of.
    """
    now = continuity.digests_of_rules(run)
    changed = {
        _MADE_BY[subject.partition(":")[0]]
        for subject in now.keys() | published.rules.keys()
        if now.get(subject) != published.rules.get(subject)
    }
    named = [word for word in dict.fromkeys(_MADE_BY.values()) if word in changed]
    if files == published.files:
        return RULES_CAUSE, "、".join(named)
    return (BOTH_CAUSE if changed else FILES_CAUSE), "、".join([*named, "报送文件"])
