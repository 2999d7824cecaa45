"""All faults of a folder of policies at once, each with its file, line and key.

What a policy, a template and a layout may say is stated by their own models; here they are all asked. How what they refuse is put
beside its line is told in ``policy_faults``.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from pipeline.build.indicators.template import Template
from pipeline.build.own_files import OWN_WORDS, own_words
from pipeline.commands.language import Say
from pipeline.commands.policy_faults import Fault, YamlFile, refusals
from pipeline.contracts.sources import SOURCES
from pipeline.errors import UsageError
from pipeline.landing import load_layouts
from pipeline.landing.layouts import LayoutFile
from pipeline.policy import load_policy, policy_years
from pipeline.policy.model import DIVISION_COLUMNS, NEEDED_DIVISION_COLUMNS, Division, Policy
from pipeline.policy.narrative import Narrative

_TEXT_SUFFIXES = (".yaml", ".yml", ".csv", ".md")
_ID = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")


def check_policy_folder(folder: Path, say: Say) -> list[Fault]:
    """Every fault of every year's policy, of the files that they name, and of layouts and words beside them.

    Raises:
        UsageError: the folder isn't there.
    """
    if not folder.is_dir():
        raise UsageError(
            f"There is no folder {folder}. Make one with `daijiao policy new {folder}`.",
            f"没有文件夹 {folder}。请用 `daijiao policy new {folder}` 建立。",
        )
    years = policy_years(folder)
    if not years:
        text = say("没有任何年度的政策文件,例如 2019.yaml", "no policy of a year is there, such as 2019.yaml")
        return [Fault(".", None, "", text)]
    faults = [fault for year in years for fault in _of_year(folder, year, say)]
    faults += _of_layouts(folder / "layouts", say)
    faults += _of_words(folder, years, say)
    faults += _numbers_of_persons(folder, say)
    return list(dict.fromkeys(faults))


def _of_year(folder: Path, year: int, say: Say) -> Iterator[Fault]:
    file = YamlFile(folder, folder / f"{year}.yaml", say)
    yield from file.faults
    if not isinstance(file.content, dict):
        yield from file.refusals(Policy, file.content) if not file.faults else ()
        return
    content: dict[str, Any] = file.content
    if "policy_year" in content and content["policy_year"] != year:
        yield file.fault(("policy_year",), say(f"应与文件名一致:{year}", f"must be that of the file's name: {year}"))
    divisions, faults = _divisions(folder, file, content.get("divisions_file"), say)
    yield from faults
    yield from file.refusals(Policy, {**content, "divisions": divisions})
    yield from _unknown_names(file, content, divisions, say)
    yield from _named_file(folder, file, "self_evaluation_file", Template, say)
    if content.get("narrative_file") is not None:
        yield from _named_file(folder, file, "narrative_file", Narrative, say)


def _divisions(folder: Path, file: YamlFile, name: object, say: Say) -> tuple[list[dict[str, str]], list[Fault]]:
    """The rows of the division table that can be used, and the faults of the others."""
    if not isinstance(name, str):
        return [], []
    path = folder / name
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            columns = reader.fieldnames or []
            rows = [(reader.line_num, row) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error):
        return [], [file.fault(("divisions_file",), say(f"读不了 {name}", f"{name} can't be read"))]
    missing = [each for each in NEEDED_DIVISION_COLUMNS if each not in columns]
    if missing:
        return [], [Fault(name, 1, ", ".join(missing), say("表头缺少这些列", "the header lacks these columns"))]
    usable: list[dict[str, str]] = []
    faults: list[Fault] = []
    lines_of_codes: dict[str, int] = {}
    for line, row in rows:
        division = {each: row[each] for each in DIVISION_COLUMNS if row.get(each)}
        found = list(refusals(Division, division, say))
        faults += [Fault(name, line, ".".join(str(part) for part in key), text) for key, text in found]
        code = division.get("code", "")
        if code in lines_of_codes:
            text = say(f"与第 {lines_of_codes[code]} 行的代码相同", f"has the code of line {lines_of_codes[code]}")
            faults.append(Fault(name, line, "code", text))
        lines_of_codes.setdefault(code, line)
        if not found:
            usable.append(division)
    townships = {each["code"] for each in usable if each["level"] == "township"}
    for line, row in rows:
        if row.get("level") == "village" and row.get("parent_code") not in townships:
            text = say("没有这个代码的乡镇", "there is no township of this code")
            faults.append(Fault(name, line, "parent_code", text))
    return usable, faults


def _unknown_names(
    file: YamlFile, content: Mapping[str, Any], divisions: list[dict[str, str]], say: Say
) -> Iterator[Fault]:
    """Names that lead nowhere: an alias of no township, a batch of no source."""
    townships = {each["name"] for each in divisions if each["level"] == "township"}
    aliases = content.get("township_aliases")
    for alias, name in aliases.items() if isinstance(aliases, dict) else ():
        if name not in townships:
            text = say(f"没有名为 {name} 的乡镇", f"there is no township {name}")
            yield file.fault(("township_aliases", alias), text)
    batches = content.get("expected_batches")
    for number, batch in enumerate(batches if isinstance(batches, list) else ()):
        if isinstance(batch, dict) and "source" in batch and batch["source"] not in SOURCES:
            text = say(f"没有这个来源,可用 {'、'.join(SOURCES)}", f"is no source; use one of {', '.join(SOURCES)}")
            yield file.fault(("expected_batches", number, "source"), text)


def _named_file(folder: Path, file: YamlFile, key: str, model: type[BaseModel], say: Say) -> Iterator[Fault]:
    name = file.content.get(key)
    if not isinstance(name, str):
        return
    if not (folder / name).is_file():
        yield file.fault((key,), say(f"没有文件 {name}", f"there is no file {name}"))
        return
    named = YamlFile(folder, folder / name, say)
    yield from named.faults
    if not named.faults:
        # A narrative of comments alone says nothing yet, and that is no fault.
        is_empty = named.content is None and model is Narrative
        yield from named.refusals(model, {} if is_empty else named.content)


def _of_layouts(folder: Path, say: Say) -> Iterator[Fault]:
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml")) if folder.is_dir() else []
    found = False
    for path in paths:
        file = YamlFile(folder.parent, path, say)
        for fault in (*file.faults, *(file.refusals(LayoutFile, file.content) if not file.faults else ())):
            found = True
            yield fault
    if paths and not found:
        try:
            load_layouts(folder)
        except UsageError as error:
            yield Fault(folder.name, None, "", say(error.chinese, str(error)))


def _of_words(folder: Path, years: Sequence[int], say: Say) -> Iterator[Fault]:
    """What is wrong with the bureau's own words, by itself and beside the policy of each year that can be used."""
    for year in (None, *years):
        try:
            policy = None if year is None else load_policy(year, folder)
        except UsageError:
            continue
        try:
            own_words(folder, policy)
        except UsageError as error:
            yield Fault(OWN_WORDS, None, "", say(error.chinese, str(error)))


def _numbers_of_persons(folder: Path, say: Say) -> Iterator[Fault]:
    """Lines that hold what may be an ID: the texts of a policy stand in reports, where nothing of a person may."""
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _TEXT_SUFFIXES and path.is_file()):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if _ID.search(line):
                text = say(
                    "这一行有18位号码,疑为证件号码;政策中的文字会写进报告,请删去",
                    "holds what may be an ID: take it out",
                )
                yield Fault(path.relative_to(folder).as_posix(), number, "", text)
