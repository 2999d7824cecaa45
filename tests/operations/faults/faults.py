"""The list of faults: ``faults.yaml``, to which every later rule adds the ways in which it could be wrong."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.yaml_file import read_yaml


@dataclass(frozen=True)
class Fault:
    """A fault: a text in a file of the job that stands there wrongly, or rows of a stored table that were changed.

    `stopped_by` are words of the sentence that stops publication; `told` are words of the log where the job repairs it, and one
    that `is_built_again` is gone from what is published, since the rows were made anew from what was landed. What a person may
    change, as a policy's figures, `is_published`: that it changed is told.
    """

    name: str
    file: str = ""
    before: str = ""
    after: str = ""
    database: str = ""
    statement: str = ""
    stopped_by: str = ""
    told: str = ""
    is_built_again: bool = False
    is_published: bool = False
    is_quick: bool = False


def load_faults() -> tuple[Fault, ...]:
    """Every fault of the list."""
    return tuple(Fault(name, **fields) for name, fields in read_yaml(Path(__file__).with_name("faults.yaml")).items())


BY_NAME = {fault.name: fault for fault in load_faults()}
