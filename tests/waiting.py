"""Waiting for what another process does."""

import time
from collections.abc import Callable


def wait_for(what: str, is_so: Callable[[], bool], seconds: float = 60, between: float = 0.1) -> None:
    """Look again and again until something is so; fail when it isn't within so many seconds."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"{what} didn't happen within {seconds} seconds"
        time.sleep(between)
