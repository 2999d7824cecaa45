"""How figures are written on paper, and how a finished file is put in its folder.

Which figures stand where is the business of each report.
"""

import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from pipeline.errors import DaijiaoError
from pipeline.restricted import restrict_process

NO_SOURCE = "无数据来源"
OVER_ZERO = "—"
YUAN_PER_WAN_YUAN = 10_000
_LEAST_DECIMALS, _MOST_DECIMALS = 2, 4
_TOLD_EXACTLY = (0, 100)
_NEW = ".new"
# What isn't parted at the end of a line: a Latin word or a part of a path, any other character with the signs that open or end
# something beside it.
_UNBROKEN = re.compile(r"[“《(（]*(?:[\w.%+-]+/?|.)[，。、；：！？,;:!?)）》”…]*", re.ASCII | re.DOTALL)
# Control and format characters (which may turn the direction of a line), halves of characters, ends of lines and paragraphs.
_UNPRINTABLE = ("Cc", "Cf", "Cs", "Zl", "Zp")


def half_up(value: Decimal, decimals: int) -> Decimal:
    """A decimal rounded half up to so many places."""
    return value.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def percent(rate: Decimal | None) -> str:
    """A rate as a percentage with two places, rounded half up; a rate over 0 (null) as a dash.

    Nobody and everybody are told exactly: what two places would make 0 or 100 and isn't has four, as many as a rate has.
    """
    if rate is None:
        return OVER_ZERO
    shown = half_up(rate * 100, 2)
    is_told_too_round = shown in _TOLD_EXACTLY and shown != rate * 100
    return f"{half_up(rate * 100, 4) if is_told_too_round else shown}%"


def wan_yuan(*amounts_yuan: Decimal) -> list[str]:
    """Amounts in yuan as 万元, all with the places that the finest of them needs, so that sums still add up.

    They have at least two places, and at most four (a yuan), rounded half up: nobody reads a fen in 万元.
    """
    amounts = [half_up(amount / YUAN_PER_WAN_YUAN, _MOST_DECIMALS).normalize() for amount in amounts_yuan]
    decimals = max([_LEAST_DECIMALS, *(-int(amount.as_tuple().exponent) for amount in amounts)])
    return [f"{amount:.{decimals}f}" for amount in amounts]


def on_paper(name: str, value: object) -> str:
    """The value of a column of a mart table, in the form that its name asks for; null has no source.

    Amounts are given in 万元 without the unit, rates as percentages.
    """
    if value is None:
        return NO_SOURCE
    if name.endswith("_yuan"):
        return wan_yuan(Decimal(str(value)))[0]
    if name.endswith(("_rate", "_low", "_high")):
        return percent(Decimal(str(value)))
    return str(value)


def rate_of(numerator: Decimal | int | None, denominator: Decimal | int | None) -> Decimal | None:
    """A quotient rounded half up to six places; null where a part is missing or the denominator is 0."""
    if numerator is None or not denominator:
        return None
    return half_up(Decimal(numerator) / Decimal(denominator), 6)


def make_folder(folder: Path) -> None:
    """Make a folder that its owner alone can open (0700), or close one that stands there already.

    What a killed run left half written in it is removed.

    Raises:
        DaijiaoError: it can't be made or closed, or it is shared by all users of the machine.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        if folder.stat().st_mode & stat.S_ISVTX:
            raise DaijiaoError(
                f"{folder} is shared by all users of this machine. Give a folder of its own with --out.",
                f"{folder} 由本机所有用户共用。请用 --out 指定一个单独的文件夹。",
            )
        folder.chmod(0o700)
        for left in folder.glob(f".*{_NEW}"):
            left.unlink()
    except OSError as error:
        raise DaijiaoError(
            f"The folder {folder} can't be made or closed to others ({error.strerror}). Make its parent writable, or give "
            "another one with --out.",
            f"不能建立或关闭文件夹 {folder}({error.strerror})。请将其上级文件夹设为可写,或用 --out 指定另一个。",
        ) from None


@contextmanager
def put_in_place(path: Path) -> Iterator[Path]:
    """Give a temporary path beside `path`, and rename it to `path` once it is written whole.

    Raises:
        DaijiaoError: the folder can't be written, or the disk is full; an earlier file stays as it was.
    """
    temporary = path.with_name(f".{path.name}{_NEW}")
    restrict_process()
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise DaijiaoError(
            f"{path} could not be written ({error.strerror}). Free disk space, make the folder writable or close the file, "
            "and run again.",
            f"无法写入 {path}({error.strerror})。请腾出磁盘空间、将文件夹设为可写或关闭已打开的文件,再重新运行。",
        ) from None
    finally:
        temporary.unlink(missing_ok=True)


def printable(text: str) -> str:
    """A text of a file as a terminal may show it: whatever isn't a visible character is written as its escape."""
    return "".join(
        character.encode("unicode_escape").decode("ascii")
        if unicodedata.category(character) in _UNPRINTABLE
        else character
        for character in text
    )


def longest(texts: Sequence[str]) -> int:
    """The width of the widest text, in half-width characters."""
    return max((text_width(text) for text in texts), default=0)


def text_width(text: str) -> int:
    """The width of a text in half-width characters: Chinese characters take two."""
    return sum(1 if ord(character) < 0x2000 else 2 for character in text)


def folded(text: str, width: int) -> list[str]:
    """The text in parts that are at most so many half-width characters wide; nothing of it is lost.

    A word or a name of Latin letters and digits stays whole where a line holds it, and no line begins with a sign that ends
    what stands before it.
    """
    parts = [""]
    for word in _UNBROKEN.findall(text):
        pieces = [word] if text_width(word) <= width else list(word)
        for piece in pieces:
            if text_width(parts[-1] + piece) > width:
                parts.append("")
            parts[-1] += piece
    return parts
