"""What help and wrong usage say, in the language of the terminal: what the library writes of its own accord is put into Chinese.

What a command or an option is for is told beside it, in both languages.
"""

import re
from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from pipeline.commands.language import SAY
from pipeline.paper import folded, text_width

_WIDTH = 80
# The library's own words in help, in the order in which they are replaced.
_HELP_WORDS = {
    "Usage:": "用法:",
    "Options:": "选项:",
    "Commands:": "命令:",
    "Arguments:": "参数:",
    "COMMAND [ARGS]...": "命令 [参数]...",
    "[OPTIONS]": "[选项]",
    "[required]": "[必填]",
    "[default: ": "[默认:",
    "Show this message and exit.": "显示本说明后退出。",
}
_WRONG_USAGE = (
    (r"Missing option '([^']+)'\.?", r"缺少选项 \1。"),
    (r"Missing argument '([^']+)'\.?", r"缺少参数 \1。"),
    (r"Missing command\.?", "没有写命令。"),
    (r"No such command '([^']+)'\.?", r"没有命令 \1。"),
    (r"No such option: (\S+?)\.?(?: .*)?", r"没有选项 \1。"),
    (r"Invalid value for '([^']+)': Input should be a valid integer.*", r"\1 应为整数。"),
    (r"Invalid value for '([^']+)': (.+)", r"\1 的值不对(\2)。"),
    (r"Option '([^']+)' requires an argument\.?", r"选项 \1 后面缺少值。"),
    (r"Got unexpected extra arguments? \((.+)\)", r"多出了参数 \1。"),
)


def wrong_usage(message: str) -> str:
    """A sentence for whoever called a command wrongly; what the library says otherwise stands in it as it is."""
    if SAY.language == "english":
        return f"{message} Run `daijiao --help` to see the commands."
    for pattern, chinese in _WRONG_USAGE:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found is not None:
            return f"{found.expand(chinese)}请运行 `daijiao --help` 查看用法。"
    return f"用法不对({message})。请运行 `daijiao --help` 查看用法。"


def in_chinese(text: str) -> str:
    """A page of help with the library's own words in Chinese, no line of it wider than a terminal."""
    for english, chinese in _HELP_WORDS.items():
        text = text.replace(english, chinese)
    return "\n".join(part for line in text.split("\n") for part in _lines(line))


def _lines(line: str) -> list[str]:
    if text_width(line) <= _WIDTH:
        return [line]
    # What continues stands under the text of the option, or of the paragraph.
    start = re.match(r" *(?:\S+(?: \S+)*  +)?", line)
    indent = text_width(start[0]) if start else 0
    first, *rest = folded(line[len(start[0]) if start else 0 :], _WIDTH - indent)
    return [(start[0] if start else "") + first, *(" " * indent + part for part in rest)]


class Command(TyperCommand):
    """A command whose help is in the language of the terminal."""

    def get_help(self, ctx: Any) -> str:
        """The page of help."""
        return _spoken(super().get_help(ctx))


class Group(TyperGroup):
    """Commands whose list is in the language of the terminal."""

    def get_help(self, ctx: Any) -> str:
        """The page of help."""
        return _spoken(super().get_help(ctx))


def _spoken(text: str) -> str:
    return text if SAY.language == "english" else in_chinese(text)


def command(app: typer.Typer, name: str | None, chinese: str, english: str) -> Callable[[Any], Any]:
    """Register a command: its line in the list of commands, and in Chinese its help; in English that is its docstring."""
    text = None if SAY.language == "english" else chinese
    return app.command(name, cls=Command, short_help=SAY(chinese, english), help=text)
