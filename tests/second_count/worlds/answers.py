"""The replies that come back to mismatches: makers' and checkers' files, some of them tampered with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from pipeline.checks.second_count.identity import keyed_hash
from pipeline.checks.second_count.mismatches import Found

from ..world import Policy, Reply, WorldFile
from .choices import Choices

MAKERS = ("杨经办", "杨 经办", "李二")
CHECKERS = ("王复核", "赵复核", "杨经办")
ANSWER_CODES = ("确认身份", "确认符合", "确认不符合", "追回", "说明")
MOST_ANSWERED = 20
MAKER_CELL = "乡镇填报人"
# A valid one that is on no roll, until an answer gives it to somebody whom a line may mean as well.
ID_OF_NOBODY = "530199198506150098"
# Under which the pipeline hashes persons and rows.
KEY = "the key of the second count, long enough"


@dataclass(frozen=True)
class Exported:
    """A mismatch as its workbook shows it: the token, and the protected cells."""

    token: str
    cells: tuple[tuple[str, str], ...]


def answer_files(
    choices: Choices,
    mismatches: Mapping[str, Found],
    exported: Mapping[str, Exported],
    ids: Sequence[str],
    policy: Policy,
) -> list[WorldFile]:
    """One or two files of makers and as many of checkers; `ids` are those of the roll's persons."""
    makers: list[list[Reply]] = [[], []]
    checkers: list[list[Reply]] = [[], []]
    for mismatch_id in sorted(mismatches):
        if sum(map(len, makers)) >= MOST_ANSWERED or not choices.chance(60):
            continue
        for _ in range(choices.pick((1, 1, 1, 2))):
            sent = exported[mismatch_id]
            reply = _reply(choices, mismatches[mismatch_id], ids, policy)
            cells = _as_shown(sent.cells) if choices.chance(20) else sent.cells
            reply = replace(reply, mismatch_id=mismatch_id, token=sent.token, cells=cells)
            choices.pick(makers).append(_tampered(choices, reply))
            if choices.chance(75):
                choices.pick(checkers).append(_tampered(choices, _checked(choices, reply, sent.token, policy)))
    files = [_file(f"答复{number}", "maker", rows) for number, rows in enumerate(makers) if rows]
    return files + [_file(f"复核{number}", "checker", rows) for number, rows in enumerate(checkers) if rows]


def _file(stem: str, role: str, rows: list[Reply]) -> WorldFile:
    return WorldFile(file_name=f"township_replies/{stem}.xlsx", rows=tuple(rows), role=role)


def _as_shown(cells: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The cells of a list that was saved as text: amounts as they are shown."""
    return tuple((label, f"{Decimal(text):,.2f}" if label == "金额" and text else text) for label, text in cells)


def _reply(choices: Choices, mismatch: Found, ids: Sequence[str], policy: Policy) -> Reply:
    """Mostly an answer that fits, not yet in a row of the workbook."""
    codes: tuple[str, ...] = ("追回", "说明")
    if mismatch.about is not None:
        codes = ("确认符合", "确认符合", "确认不符合")
    if mismatch.line or mismatch.kind in ("invalid_id", "id_precision_lost", "id_with_two_names"):
        codes = (*codes, "确认身份", "确认身份")
    code = choices.pick(codes) if choices.chance(85) else choices.pick((*ANSWER_CODES, "同意", ""))
    own_id = (mismatch.id_text,) if mismatch.kind == "id_with_two_names" and mismatch.id_text else ()
    values = {
        "确认身份": (*ids, *[ID_OF_NOBODY] * 6, *own_id * len(ids), "530113199001011234", ""),
        "确认不符合": (*policy.exclusion_reasons, "死 亡", "不知道"),
    }
    return Reply(
        mismatch_id="",
        token="",
        answer_code=code,
        answer_value=choices.pick(values.get(code, ("", "入户核实"))),
        person=choices.pick(MAKERS),
        answered_date=_day(choices, policy),
    )


def _checked(choices: Choices, reply: Reply, row_token: str, policy: Policy) -> Reply:
    """The checker's row: mostly the same answer, in the bureau's workbook that was written for it, not in a township's list."""
    answer_value = reply.answer_value if choices.chance(85) else choices.pick(("", "同意", "死亡"))
    person, day = choices.pick(CHECKERS), _day(choices, policy)
    cells = (*reply.cells, (MAKER_CELL, reply.person))
    checked = replace(reply, answer_value=answer_value, person=person, answered_date=day, cells=cells)
    return replace(checked, token=checker_token(row_token, checked)) if choices.chance(93) else checked


def checker_token(row_token: str, reply: Reply) -> str:
    """The token of a row of the bureau's workbook: over the row's own, the answer, and who gave it."""
    maker = dict(reply.cells).get(MAKER_CELL, "")
    return keyed_hash(KEY, f"checker|{row_token}|{reply.answer_code}|{reply.answer_value}|{maker}")


def _day(choices: Choices, policy: Policy) -> date:
    return choices.pick((date(policy.year, 9, 1), date(policy.year, 9, 2), date(policy.year, 9, 9)))


def _tampered(choices: Choices, reply: Reply) -> Reply:
    """The row as it was sent out, or changed, added or unsigned."""
    if not choices.chance(12):
        return reply
    (label, text), *others = reply.cells
    return choices.pick(
        (
            replace(reply, cells=((label, f"{text}改"), *others)),
            replace(reply, token="1234"),
            replace(reply, mismatch_id="5678"),
            replace(reply, person=""),
            replace(reply, answered_date=None),
        )
    )
