"""The YAML files that a bureau writes: policies, templates, narratives, layouts and words, each checked by its own model.

What is wrong with one is said here, in one paragraph that names file, line or key. What may stand in it is stated by its model.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.errors import UsageError
from pipeline.yaml_file import DoubledKeyError, read_yaml

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class BureauFile:
    """A file that a bureau writes, and what such a file is called."""

    path: Path
    english: str
    chinese: str

    def content(self, *, as_text: bool = False) -> Any:
        """What stands in it; with `as_text` every value is the text that was written.

        Raises:
            UsageError: it can't be read.
        """
        try:
            return read_yaml(self.path, as_text=as_text)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise self.unreadable(error) from None

    def checked(self, model: type[Model], complete: Callable[[Any], Any] | None = None) -> Model:
        """What stands in it, as the model that it must fit.

        Args:
            model: what may stand there.
            complete: adds to the content what stands elsewhere.

        Raises:
            UsageError: it can't be read, or a key of it can't be used.
        """
        content = self.content()
        try:
            return model.model_validate(content if complete is None else complete(content))
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            key = ".".join(str(part) for part in first["loc"])
            is_unknown = first["type"] == "extra_forbidden"
            allowed = model.model_fields
            english = f"there is no such key; there may stand: {', '.join(allowed)}" if is_unknown else first["msg"]
            chinese = f"没有这样的项目,可用的有:{'、'.join(allowed)}" if is_unknown else first["msg"]
            raise self.unusable(key, english, chinese) from None

    def unusable(self, key: str, english: str, chinese: str) -> UsageError:
        """The error that a key of it can't be used, with the reason in both languages."""
        return UsageError(
            f"The {self.english} {self.path} can't be used: {key or 'whole file'}: {english}. Correct this key and run again.",
            f"{self.chinese} {self.path} 不能使用:{key or '整个文件'}:{chinese}。请改正这一项后重新运行"
            "(`daijiao policy check` 会一次列出所有问题)。",
        )

    def unreadable(self, error: Exception) -> UsageError:
        """The error that it can't be read as a whole; a fault of YAML is said by its line, whose text isn't quoted."""
        mark = error.problem_mark if isinstance(error, yaml.MarkedYAMLError) else None
        english = f" in line {mark.line + 1}" if mark else f": {error}"
        chinese = f",第 {mark.line + 1} 行" if mark else f":{error}"
        what = type(error).__name__
        if isinstance(error, DoubledKeyError):
            english, what = f"{english}: {error.problem}", f"{error.key} 写了两次"
        return UsageError(
            f"The {self.english} {self.path} can't be read ({type(error).__name__}{english}). Correct it and run again.",
            f"无法读取{self.chinese} {self.path}({what}{chinese})。请改正后重新运行。",
        )
