"""What `make test` leaves to `make test-deep`, because it takes minutes."""

import os

import pytest

IS_DEEP = "DAIJIAO_DEEP" in os.environ


def only_deep(reason: str) -> pytest.MarkDecorator:
    """The mark of a test that runs in `make test-deep` alone."""
    return pytest.mark.skipif(not IS_DEEP, reason=f"only in make test-deep: {reason}")
