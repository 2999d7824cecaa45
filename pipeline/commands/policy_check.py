"""All faults of a folder of policies at once, each with its file, line and key.

What a policy, a template and a layout may say is stated by their own models; here they are all asked, and whatever they refuse is
put beside the line on which it stands.
"""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.build.indicators.template import Template
from pipeline.build.steps import OWN_WORDS, own_words
from pipeline.commands.language import Say
from pipeline.contracts.sources import SOURCES
from pipeline.errors import UsageError
from pipeline.landing import load_layouts
from pipeline.landing.layouts import LayoutFile
from pipeline.policy import load_policy, policy_years
from pipeline.policy.model import Division, Policy
from pipeline.policy.narrative import Narrative
from pipeline.policy.new import DIVISION_COLUMNS
from pipeline.yaml_file import DoubledKeyError, read_yaml

Key = tuple[str | int, ...]

_OPTIONAL_DIVISION_COLUMNS = ("valid_from", "valid_to")
# What pydantic says most, in Chinese; the names in braces are those of its context.
_CHINESE_FAULTS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这样的项目,请核对拼写",
    "string_type": "应为文字(数字写在引号里)",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "写法不对,应符合 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "decimal_parsing": "应为数字",
    "decimal_type": "应为数字",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不应小于 {ge}",
    "less_than_equal": "不应大于 {le}",
    "date_from_datetime_parsing": "应为日期,例如 2019-12-31",
    "date_parsing": "应为日期,例如 2019-12-31",
    "date_type": "应为日期,例如 2019-12-31",
    "bool_parsing": "应为 true 或 false",
    "too_short": "至少要有 {min_length} 项",
    "literal_error": "只能是 {expected}",
    "model_type": "应为若干“键: 值”",
    "dict_type": "应为若干“键: 值”",
    "tuple_type": "应为列表",
    "decimal_max_places": "最多写 {decimal_places} 位小数",
    "decimal_max_digits": "最多写 {max_digits} 位数字",
    "decimal_whole_digits": "整数部分最多写 {whole_digits} 位",
    "finite_number": "应为有限的数字",
    "dates_reversed": "不能早于 {first}",
    "shares_sum": "各级分担比例相加应等于 1",
    "share_fen": "代缴标准乘以 {level} 的比例不是整分",
    "ages_reversed": "应大于 age_from,否则没有人符合年龄",
    "doubled_name": "{name} 写了两次",
    "category_missing": "应有 {category}(用 paid_by_this_fund 写明本项资金是否为其代缴),否则这类名单排除不了任何人",
    "no_township": "{code} 在 {year} 年没有有效的乡镇",
}


_TEXT_SUFFIXES = (".yaml", ".yml", ".csv", ".md")
_ID = re.compile(r"(?<![0-9])[1-9][0-9]{16}[0-9Xx](?![0-9])")


@dataclass(frozen=True)
class Fault:
    """A fault of a folder of policies: its file below the folder, the line (null: of none), the key and what is wrong."""

    file_name: str
    line: int | None
    key: str
    text: str


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
    file = _YamlFile(folder, folder / f"{year}.yaml", say)
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


def _divisions(folder: Path, file: "_YamlFile", name: object, say: Say) -> tuple[list[dict[str, str]], list[Fault]]:
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
    missing = [each for each in DIVISION_COLUMNS if each not in columns and each not in _OPTIONAL_DIVISION_COLUMNS]
    if missing:
        return [], [Fault(name, 1, ", ".join(missing), say("表头缺少这些列", "the header lacks these columns"))]
    usable: list[dict[str, str]] = []
    faults: list[Fault] = []
    lines_of_codes: dict[str, int] = {}
    for line, row in rows:
        division = {each: row[each] for each in DIVISION_COLUMNS if row.get(each)}
        found = list(_refusals(Division, division, say))
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
    file: "_YamlFile", content: Mapping[str, Any], divisions: list[dict[str, str]], say: Say
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


def _named_file(folder: Path, file: "_YamlFile", key: str, model: type[BaseModel], say: Say) -> Iterator[Fault]:
    name = file.content.get(key)
    if not isinstance(name, str):
        return
    if not (folder / name).is_file():
        yield file.fault((key,), say(f"没有文件 {name}", f"there is no file {name}"))
        return
    named = _YamlFile(folder, folder / name, say)
    yield from named.faults
    if not named.faults:
        # A narrative of comments alone says nothing yet, and that is no fault.
        is_empty = named.content is None and model is Narrative
        yield from named.refusals(model, {} if is_empty else named.content)


def _of_layouts(folder: Path, say: Say) -> Iterator[Fault]:
    paths = sorted(path for path in folder.glob("*") if path.suffix in (".yaml", ".yml")) if folder.is_dir() else []
    found = False
    for path in paths:
        file = _YamlFile(folder.parent, path, say)
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


class _YamlFile:
    """A YAML file of the folder: its content, on which line each key stands, and what is wrong with it as YAML."""

    def __init__(self, folder: Path, path: Path, say: Say) -> None:
        self.name = path.relative_to(folder).as_posix()
        self.content: Any = None
        self.faults: list[Fault] = []
        self._say = say
        self._lines: dict[Key, int] = {}
        try:
            self.content = read_yaml(path)
            self._lines = _lines_of_keys(path)
        except DoubledKeyError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else None
            self.faults.append(Fault(self.name, line, error.key, say("这一项写了两次", "stands there twice")))
        except yaml.MarkedYAMLError as error:
            line = None if error.problem_mark is None else error.problem_mark.line + 1
            self.faults.append(Fault(self.name, line, "", say("不是正确的 YAML(缩进、冒号或引号)", "is no YAML")))
        except (OSError, UnicodeDecodeError, yaml.YAMLError):
            self.faults.append(Fault(self.name, None, "", say("读不了,请存为 UTF-8", "can't be read as UTF-8")))

    def fault(self, key: Key, text: str) -> Fault:
        """A fault of a key, at its line or at that of the nearest key around it."""
        known = next((key[:end] for end in range(len(key), 0, -1) if key[:end] in self._lines), None)
        line = None if known is None else self._lines[known]
        return Fault(self.name, line, ".".join(str(part) for part in key), text)

    def refusals(self, model: type[BaseModel], content: Any) -> Iterator[Fault]:
        """What a model refuses of a content."""
        for key, text in _refusals(model, content, self._say):
            if key[:1] != ("divisions",):
                yield self.fault(key, text)


def _refusals(model: type[BaseModel], content: Any, say: Say) -> Iterator[tuple[Key, str]]:
    try:
        model.model_validate(content)
    except ValidationError as error:
        for each in error.errors(include_input=False):
            key, message = each["loc"], each["msg"].removeprefix("Value error, ")
            # A model as a whole names the key at the beginning of its sentence.
            named = re.match(r"([a-z_]+(?:\.\w+)?): (.*)", message, re.DOTALL)
            if named and (not key or each["type"] == "dates_reversed"):
                key, message = (*key, *named[1].split(".")), named[2]
            chinese = _CHINESE_FAULTS.get(each["type"])
            text = chinese.format(**each.get("ctx", {})) if chinese and say.language == "chinese" else message
            yield key, text


def _lines_of_keys(path: Path) -> dict[Key, int]:
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    lines: dict[Key, int] = {}
    _walk(root, (), lines.__setitem__)
    return lines


def _walk(node: yaml.Node | None, key: Key, put: Callable[[Key, int], None]) -> None:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            put((*key, name.value), name.start_mark.line + 1)
            _walk(value, (*key, name.value), put)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            put((*key, number), value.start_mark.line + 1)
            _walk(value, (*key, number), put)
