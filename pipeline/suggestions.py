"""Who is most probably meant by a line or row that matches nobody."""

import polars as pl

from pipeline.run import Run
from pipeline.warehouse import Session


def suggestions(session: Session, run: Run) -> pl.DataFrame:
    """The rows of ``core.suggestion``."""
    return pl.DataFrame(schema={"mismatch_id": pl.String, "person_no": pl.String, "reason": pl.String})
