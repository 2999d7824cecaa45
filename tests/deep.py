"""What `make test` leaves to `make test-whole`, because it takes a minute, and to `make test-deep`, because it takes many."""

import os

import pytest

IS_DEEP = "DAIJIAO_DEEP" in os.environ
IS_WHOLE = IS_DEEP or "DAIJIAO_WHOLE" in os.environ


def only_deep(reason: str) -> pytest.MarkDecorator:
    """The mark of a test that runs in `make test-deep` alone."""
    return pytest.mark.skipif(not IS_DEEP, reason=f"only in make test-deep: {reason}")


def only_whole(reason: str) -> pytest.MarkDecorator:
    """The mark of a test that runs in `make test-whole` and `make test-deep`."""
    return pytest.mark.skipif(not IS_WHOLE, reason=f"only in make test-whole and make test-deep: {reason}")
