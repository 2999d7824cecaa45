"""YAML files, read by the parser in C, which takes a tenth of the time. What they must hold is checked by those who read them.

A file may be short and yet stand for millions of values, by aliases of aliases, or be nested so deeply that the parser in C
ends the process; such a file is refused before it is built. So is one in which a key stands twice: the parser would take the last
one, and nobody would know of the first.
"""

from pathlib import Path
from typing import Any

import yaml

_MOST_VALUES = 100_000
_DEEPEST = 100
# What begins a level without an indented line of its own; a file with few of them can't be deep.
_OPENINGS = ("[", "{", "- ", "? ")


class DoubledKeyError(yaml.MarkedYAMLError):
    """A key stands twice under the same one."""

    def __init__(self, key: yaml.ScalarNode) -> None:
        """Keep the name of the key, and where it stands the second time."""
        super().__init__(problem=f"the key {key.value} stands there twice", problem_mark=key.start_mark)
        self.key = str(key.value)


def read_yaml(path: Path, *, as_text: bool = False) -> Any:
    """The content of a YAML file.

    Args:
        path: the file.
        as_text: read every value as it is written: a code 0000 is no number.

    Raises:
        OSError, UnicodeDecodeError, yaml.YAMLError: it can't be read, or stands for more than it should.
    """
    text = path.read_text(encoding="utf-8")
    if sum(text.count(opening) for opening in _OPENINGS) > _DEEPEST:
        _check_depth(text)
    loader = yaml.CBaseLoader(text) if as_text else yaml.CSafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        if "*" in text:
            _check_size(node)
        _check_keys(node)
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check_depth(text: str) -> None:
    """Refuse a document that is nested more deeply than anything that people write."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"it is nested more than {_DEEPEST} levels deep")


def _check_size(root: yaml.Node) -> None:
    """Refuse a document whose aliases, written out, give too many values, or that holds itself."""
    sizes: dict[int, int] = {}
    above: set[int] = set()

    def size(node: yaml.Node) -> int:
        if id(node) in above:
            raise yaml.YAMLError("an alias stands within what it stands for")
        if id(node) not in sizes:
            above.add(id(node))
            sizes[id(node)] = 1 + sum(size(each) for each in _children(node))
            above.discard(id(node))
        if sizes[id(node)] > _MOST_VALUES:
            raise yaml.YAMLError(f"its aliases stand for more than {_MOST_VALUES:,} values")
        return sizes[id(node)]

    size(root)


def _check_keys(root: yaml.Node) -> None:
    """Refuse a document in which a key stands twice under the same one."""
    waiting, seen = [root], set[int]()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            found = set[tuple[str, str]]()
            for key, _ in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    continue
                if (key.tag, key.value) in found:
                    raise DoubledKeyError(key)
                found.add((key.tag, key.value))
        waiting += _children(node)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []
