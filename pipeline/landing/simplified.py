"""The simplified form of traditional characters, by OpenCC's table (``assets/opencc``)."""

from functools import cache
from pathlib import Path

import assets

_TABLE = Path(assets.__file__).parent / "opencc" / "TSCharacters.txt"


@cache
def simplified_characters() -> dict[str, str]:
    """The usual simplified form of each traditional character; characters that are their own form are left out."""
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    forms = {traditional: simplified.split()[0] for traditional, simplified in pairs}
    return {traditional: form for traditional, form in forms.items() if form != traditional}
