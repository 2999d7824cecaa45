"""Publishing a year's tables after they were counted a second time.

How the file is written and signed is the business of ``pipeline.warehouse.publication``; how the second count works, of
``pipeline.checks.second_count``.
"""

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

import duckdb

from pipeline import landing
from pipeline.build.own_files import known_layouts, own_words
from pipeline.checks.counted_again import compare_year, stop_where_counts_differ
from pipeline.checks.second_count import Comparison
from pipeline.log import LOGGER
from pipeline.policy import PACKAGE_FOLDER
from pipeline.warehouse import publication
from pipeline.warehouse.folder import PARSE_CACHE
from pipeline.warehouse.proof import Counted
from pipeline.warehouse.run import Run, code_version
from pipeline.warehouse.session import Session


def publish(session: Session, run: Run, tell: Callable[[Comparison], None]) -> None:
    """Count the year's tables again and put them in the published file, unless they stand there already.

    Args:
        tell: called with what the second count came to, also where it stops publication.

    Raises:
        DaijiaoError: nothing was published; the last published file stays.
    """
    publication.publish(session, run, partial(_count_again, tell=tell))


def _count_again(run: Run, published: duckdb.DuckDBPyConnection, tell: Callable[[Comparison], None]) -> Counted:
    """How many values a second count of a fresh file compared.

    Raises:
        DaijiaoError: a value differs; the sentence names table, key and both values.
    """
    LOGGER.info("Counting %s a second time", run.year)
    versions = {"policy_sha256": run.policy_sha256, "code_version": code_version()}
    comparison = compare_again(run, published, run.warehouse / PARSE_CACHE, versions=versions)
    tell(comparison)
    stop_where_counts_differ(run.year, comparison)
    return Counted(comparison.compared_count, len(comparison.differences))


def compare_again(
    run: Run,
    published: duckdb.DuckDBPyConnection,
    parse_cache: Path,
    without: Collection[str] = (),
    versions: Mapping[str, str] | None = None,
) -> Comparison:
    """The second count of a year against a file of published tables.

    Args:
        run: the year, its landed files, policy and key.
        published: a file of published tables.
        parse_cache: folder of what landing kept of the files; what it lacks is parsed into it.
        without: names of landed files that are left out, because they came later.
        versions: those of policy and code with which the tables are said to be made, by their column in mart.refresh.
    """
    layouts = known_layouts(run.policy_folder, run.policy)
    landed = landing.land_year(run.raw, run.year, layouts, parse_cache, without)
    words = own_words(run.policy_folder or PACKAGE_FOLDER, run.policy)
    return compare_year(run, landed, layouts, words, published, versions or {})
