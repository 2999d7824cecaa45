"""The township of a table that has no column of it and no head: by its title, its sheet's name, or the folders of its file.

Which texts may say it is kept with the parsed file; what they say depends on the townships of the year, and on the path, so it
is found when the rows are loaded.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from pipeline.landing.labels import clean_label
from pipeline.landing.table_facts import TableFacts

# In a text of more than a township's name only these forms are one: the bare name may be part of another word.
_WHOLE_FORM = re.compile("(?:镇|乡|街道|办事处)$")


def place_of(table: TableFacts, file_name: str, aliases: Mapping[str, str]) -> str | None:
    """The code of the township that a table without one is from; null where nothing says it.

    Args:
        file_name: the path below the year's folder, the source's folder first.
        aliases: the code of each spelling of a township.
    """
    folders = PurePosixPath(file_name).parts[1:-1]
    for texts in (table.place_texts, (table.sheet or "",), *((folder,) for folder in reversed(folders))):
        found = _stated(texts, aliases)
        if found is not None:
            return found
    return None


def _stated(texts: Sequence[str], aliases: Mapping[str, str]) -> str | None:
    """The one township that texts state; null where they state none or several."""
    codes = {code for text in texts if (code := _in_text(clean_label(text), aliases)) is not None}
    return codes.pop() if len(codes) == 1 else None


def _in_text(text: str, aliases: Mapping[str, str]) -> str | None:
    if text in aliases:
        return aliases[text]
    codes = {code for alias, code in aliases.items() if _WHOLE_FORM.search(alias) and alias in text}
    return codes.pop() if len(codes) == 1 else None
