"""Townships and villages by the names that files give them (inputs.md), from the policy's division tables."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from pipeline.checks.second_count.texts import Memo, compact
from pipeline.policy import Policy

UNKNOWN = "000000000"
UNKNOWN_NAME = "未知"
STREET_FORMS = ("街道", "街道办事处", "办事处", "办", "")
TOWN_FORMS = ("", "人民政府", "政府")
CONTAINED_ENDINGS = ("镇", "乡", "街道", "办事处")
VILLAGE_FORMS = ("", "村", "村委会", "村民委员会", "社区", "社区居委会", "社区居民委员会", "居委会", "居民委员会")


class Divisions:
    """The townships and villages of the year."""

    def __init__(self, policy: Policy) -> None:
        self.names = {township.code: township.name for township in policy.townships}
        codes = {name: code for code, name in self.names.items()}
        spelt = [
            *codes.items(),
            *((former, codes[name]) for former, name in policy.township_aliases.items() if name in codes),
        ]
        prefixes = ("", policy.city_name, policy.district_name, policy.city_name + policy.district_name)
        self._aliases: dict[str, set[str]] = {}
        self._contained: dict[str, str] = {}
        for name, code in spelt:
            for form in township_forms(name):
                for prefix in prefixes:
                    self._aliases.setdefault(prefix + form, set()).add(code)
                if form.endswith(CONTAINED_ENDINGS):
                    self._contained[form] = code
        self._villages: dict[tuple[str, str], set[str]] = {}
        for village in policy.villages:
            for form in village_forms(village.name):
                self._villages.setdefault((village.parent_code, form), set()).add(village.code)
        # The code of a township that a cell names; 000000000 where no such township is known.
        self.township: Memo[str | None, str] = Memo(partial(_township_of, aliases=self._aliases))
        self._spelling: Memo[str, str] = Memo(_spelling)

    def in_text(self, text: str | None) -> str | None:
        """The township that a title, sheet or folder names: the whole text, or exactly one name contained in it."""
        if text is None:
            return None
        contained = {code for form, code in self._contained.items() if form in _spelling(text)}
        named = self.township[text]
        if named != UNKNOWN:
            return named
        return contained.pop() if len(contained) == 1 else None

    def in_place(self, titles: Sequence[str], sheet: str | None, file_name: str) -> str | None:
        """The township of a table that has none of its own: by its titles, its sheet, its sub-folders from the innermost."""
        of_titles = {code for title in titles if (code := self.in_text(title))}
        if len(of_titles) == 1:
            return of_titles.pop()
        folders = PurePosixPath(file_name).parts[1:-1]
        return next((code for text in (sheet, *reversed(folders)) if (code := self.in_text(text))), None)

    def village(self, township_code: str, text: str | None) -> str | None:
        """The code of a village of a township; None where no such village is known."""
        codes = self._villages.get((township_code, self._spelling[text or ""]), ())
        return next(iter(codes)) if len(codes) == 1 else None


def _township_of(text: str | None, aliases: Mapping[str, set[str]]) -> str:
    codes = aliases.get(_spelling(text or ""), ())
    return next(iter(codes)) if len(codes) == 1 else UNKNOWN


def bare_name(text: str | None) -> str | None:
    """What of an unknown township's name is the same however it is written: no city before it, no kind behind it."""
    if text is None:
        return None
    name = re.sub("^.*[市区县]", "", _spelling(text))
    for forms in (TOWN_FORMS, (*STREET_FORMS, "镇", "乡")):
        ending = next((form for form in sorted(forms, key=len, reverse=True) if form and name.endswith(form)), "")
        name = name.removesuffix(ending)
    return name


def township_forms(name: str) -> tuple[str, ...]:
    """The forms in which files write a township's name."""
    if name.endswith("街道"):
        return tuple(name.removesuffix("街道") + form for form in STREET_FORMS)
    if name.endswith(("镇", "乡")):
        return (*(name + form for form in TOWN_FORMS), name[:-1])
    return (name,)


def village_forms(name: str) -> set[str]:
    """The forms in which files write a village's name."""
    ending = next((form for form in sorted(VILLAGE_FORMS, key=len, reverse=True) if form and name.endswith(form)), "")
    base = name.removesuffix(ending) or name
    return {name, *(base + form for form in VILLAGE_FORMS)}


def _spelling(text: str) -> str:
    return compact(text).replace("/", "")
