"""Why a whole file is refused: one exception, raised wherever a file turns out to be unusable.

Reasons are read by bureau staff, so they are Chinese and say what to do next. They name files, sheets, rows and headers,
never the content of a data cell.
"""


class Refusal(Exception):
    """A file that can't be used as a whole.

    Args:
        code: one of the words by which reports and tests know the kind of refusal.
        sentence: what is wrong, where, and what to do, in Chinese.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code

    @property
    def reason(self) -> str:
        """The text that ``mart.source_file`` shows."""
        return str(self)
