"""The project's log: plain sentences about steps and counts, never about a person or a value."""

import logging

LOGGER = logging.getLogger("daijiao")

PROGRESS = logging.getLogger("daijiao.progress")
"""How far a long step is: shown on a terminal while the step lasts, and kept nowhere (Dagster keeps what LOGGER says)."""
PROGRESS.propagate = False
