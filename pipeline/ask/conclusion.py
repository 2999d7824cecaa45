"""Why a person is or isn't covered, and what to do next: the last line of a trace.

Steps stand in ``next_steps.yaml``; what became of the person is decided by the rules in ``assets``.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pipeline.contracts.codes import vocabulary
from pipeline.yaml_file import read_yaml


def conclusion(person: Mapping[str, Any] | None, open_kinds: Sequence[str] = ()) -> str:
    """The last line about a person, in Chinese.

    Args:
        person: state, state_reason, uncovered_reason (codes), and written_off_yuan; null for who is on no roll.
        open_kinds: the kinds of the person's mismatches that nobody has answered yet.
    """
    if not open_kinds:
        return _own_conclusion(person)
    words = vocabulary("mismatch_kind").by_code
    told = "、".join(words[kind].chinese for kind in dict.fromkeys(open_kinds))
    to_answer = f"另有 {len(open_kinds)} 条差异待答复({told}),请核实后在差异清单中答复。"
    if person is not None and person["written_off_yuan"] is not None:
        return f"结论:已覆盖,已核销。{to_answer}"
    return _own_conclusion(person) + to_answer


def _own_conclusion(person: Mapping[str, Any] | None) -> str:
    if person is None:
        return f"结论:不在名单。下一步:{_steps()['not_on_roll']}"
    if person["written_off_yuan"] is not None:
        return f"结论:已覆盖。{_steps()['covered']}"
    if person["state"] == "eligible":
        group, reason, said = "uncovered", person["uncovered_reason"], "符合条件,未覆盖"
    else:
        group, reason, said = (
            person["state"],
            person["state_reason"],
            vocabulary("state").by_code[person["state"]].chinese,
        )
    return f"结论:{said}({_reason(group, reason)})。下一步:{step(group, reason)}"


def step(group: str, reason: str) -> str:
    """What is done next: the step of the reason, else that of the longest beginning that fits.

    Raises:
        KeyError: no step fits.
    """
    steps: dict[str, str] = _steps()[group]
    if reason in steps:
        return steps[reason]
    beginnings = [each for each in steps if reason.startswith(each) and (each.endswith(":") or not each)]
    if not beginnings:
        raise KeyError(f"{group}: {reason}")
    return steps[max(beginnings, key=len)]


def _reason(group: str, reason: str) -> str:
    codes = vocabulary("uncovered_reason" if group == "uncovered" else "state_reason").by_code
    return codes[reason].chinese if reason in codes else f"乡镇核定:{reason.partition(':')[2]}"


@cache
def _steps() -> dict[str, Any]:
    steps: dict[str, Any] = read_yaml(Path(__file__).with_name("next_steps.yaml"))
    return steps
