"""The faults of a file of policies: what its model refuses, put beside its line, in the language of the terminal."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.commands.language import Say
from pipeline.yaml_file import DoubledKeyError, read_yaml

Key = tuple[str | int, ...]

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


@dataclass(frozen=True)
class Fault:
    """A fault of a folder of policies: its file below the folder, the line (null: of none), the key and what is wrong."""

    file_name: str
    line: int | None
    key: str
    text: str


class YamlFile:
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
        for key, text in refusals(model, content, self._say):
            if key[:1] != ("divisions",):
                yield self.fault(key, text)


def refusals(model: type[BaseModel], content: Any, say: Say) -> Iterator[tuple[Key, str]]:
    """The keys of a content that a model refuses, each with why."""
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
