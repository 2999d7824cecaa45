"""What the log says is said in Chinese on the terminal."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pipeline
from pipeline.commands.console import _CHINESE_MESSAGES, _STEPS

PACKAGE = Path(pipeline.__file__).parent
# These are logged where no command is at work: in the Dagster UI.
ELSEWHERE = {"pipeline.dagster"}


def messages() -> Iterator[tuple[str, str]]:
    """Every message that is logged, with its module."""
    for path in sorted(PACKAGE.rglob("*.py")):
        module = ".".join(("pipeline", *path.relative_to(PACKAGE).with_suffix("").parts))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("LOGGER", "PROGRESS")
                and node.func.attr in ("debug", "info", "warning", "error")
            ):
                text = node.args[0]
                named = getattr(import_module(module), text.id) if isinstance(text, ast.Name) else None
                yield module, named or ast.literal_eval(text)


def test_every_message_of_the_log_has_its_chinese() -> None:
    """And the steps of a refresh are messages that are logged."""
    logged = [(module, text) for module, text in messages() if not module.startswith(tuple(ELSEWHERE))]
    assert [each for each in logged if each[1] not in _CHINESE_MESSAGES] == []
    assert set(_STEPS) <= {text for _, text in logged}
    assert set(_CHINESE_MESSAGES) <= {text for _, text in messages()}
