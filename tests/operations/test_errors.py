"""What leaves a step when something goes wrong in it: our sentences, an interruption, and nothing else."""

import dagster as dg
import duckdb
import pytest

from pipeline.errors import DaijiaoError
from pipeline.privacy import plain_errors


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), KeyboardInterrupt()], ids=["database", "python"])
def test_an_interruption_stays_one(error: BaseException) -> None:
    """The database tells of Ctrl-C by an error of its own."""
    with pytest.raises(KeyboardInterrupt), plain_errors("a step"):
        raise error


def test_an_interruption_of_the_orchestrator_stays_one() -> None:
    """Dagster's own is no Exception either."""
    with pytest.raises(dg.DagsterExecutionInterruptedError), plain_errors("a step"):
        raise dg.DagsterExecutionInterruptedError


class PanicException(BaseException):
    """What the readers raise when they can't have a thread."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("can't start new thread"),
        PanicException("could not spawn threads"),
        duckdb.OutOfMemoryException("Out of Memory Error"),
    ],
    ids=["python", "thread", "rust", "database"],
)
def test_missing_memory_is_named(error: BaseException) -> None:
    """Wherever it is noticed."""
    with pytest.raises(DaijiaoError, match="not enough memory"), plain_errors("a step"):
        raise error


def test_no_value_of_another_error_gets_out() -> None:
    """Its kind is named, its text is not."""
    with pytest.raises(DaijiaoError) as told, plain_errors("a step"):
        raise ValueError("'张三' 530198199001011234")
    assert "ValueError" in str(told.value)
    assert "530198" not in str(told.value)
    assert "张三" not in str(told.value)
