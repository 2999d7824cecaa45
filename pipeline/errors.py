"""The errors that a user can meet, each with the exit status of its kind.

A message is one paragraph: what happened, where, what to do. It never holds a personal value.
"""


class DaijiaoError(Exception):
    """Not published: a check failed, no file could be read, the warehouse can't be written, or another run holds it."""

    exit_status = 1


class UsageError(DaijiaoError):
    """The command can't begin: wrong usage, an unknown year, a missing or empty folder."""

    exit_status = 2
