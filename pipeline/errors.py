"""The errors that a user can meet, each with the exit status of its kind.

A message is one paragraph: what happened, where, what to do. It never holds a personal value. It is said in English, and in
Chinese where the staff of a bureau can meet it; faults of the program or of the machine are English alone.
"""


class DaijiaoError(Exception):
    """Not published: a check failed, no file could be read, the warehouse can't be written, or another run holds it.

    Args:
        english: the sentence.
        chinese: the same for the staff of a bureau.
    """

    exit_status = 1

    def __init__(self, english: str, chinese: str | None = None) -> None:
        super().__init__(english)
        self.chinese = chinese or english


class UsageError(DaijiaoError):
    """The command can't begin: wrong usage, an unknown year, a missing or empty folder."""

    exit_status = 2
