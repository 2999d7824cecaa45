"""What a report template may do: put values into a text, choose and repeat. It can't call, compute at length, or look inside.

Policy folders are data, wherever they come from, and so are the document templates beside them.
"""

from dataclasses import fields, is_dataclass
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment

FILTERS = frozenset({"default", "e", "escape", "first", "join", "last", "length", "round", "safe", "trim"})
TESTS = frozenset({"defined", "divisibleby", "eq", "even", "in", "none", "odd", "string", "true", "undefined"})
_LOOP = frozenset(
    {"changed", "first", "index", "index0", "last", "length", "nextitem", "previtem", "revindex", "revindex0"}
)


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for templates with the few filters and tests that reports need, and no functions."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        """Take the options of a Jinja environment; a name that isn't given is an error."""
        super().__init__(undefined=StrictUndefined, **options)
        self.globals.clear()
        self.filters = {name: made for name, made in self.filters.items() if name in FILTERS}
        self.tests = {name: made for name, made in self.tests.items() if name in TESTS}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether a template may look at an attribute: the fields of our own records, and those of a loop."""
        if isinstance(obj, LoopContext):
            return attr in _LOOP
        return is_dataclass(obj) and attr in {each.name for each in fields(obj)}

    def is_safe_callable(self, obj: Any) -> bool:
        """Nothing is called."""
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse what can make a short template take all memory."""
        raise SecurityError(f"{operator!r} is not allowed in a template")
