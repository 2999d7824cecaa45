"""The project's log: plain sentences about steps and counts, never about a person or a value."""

import logging

LOGGER = logging.getLogger("daijiao")
