"""The files about money to the district and its townships, about benefits, and the survey."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from ..world import Answer, Benefit, Grant, Transfer, WorldFile
from .choices import Choices
from .people import UNKNOWN_NAMES, said_id
from .rolls import Setting, file_name, is_workbook

ANSWERS = ("非常满意", "满意", "基本满意", "不满意", "非常不满意", "不太满意", "很不满意", "说不清", "")


def fund_files(setting: Setting) -> list[WorldFile]:
    """One or two files of grants: of each level at least one, mostly of the headcount's amount."""
    choices, policy = setting.choices, setting.policy
    files = []
    for part in range(choices.number(1, 2)):
        grants = []
        for level in policy.fund_levels:
            for number in range(choices.pick((1, 1, 2)) if part == 0 else choices.number(0, 1)):
                persons = choices.number(0, 40)
                amount = persons * policy.premium_yuan * level.share
                grants.append(
                    Grant(
                        document_no=f"昆财[{policy.year}]{part}{number}",
                        fund_level=level.word,
                        amount_yuan=amount if choices.chance(70) else Decimal(choices.number(0, 5000)),
                        persons=persons if choices.chance(80) else None,
                        document_date=choices.pick((date(policy.year, 3, 1), date(policy.year, 5, 5), None)),
                        bad_cell=choices.pick(
                            (
                                ("fund_level", "省级"),
                                ("amount", "若干"),
                                ("amount", ""),
                                ("persons", "许多"),
                                ("fund_level", ""),
                            )
                        )
                        if choices.chance(4)
                        else None,
                    )
                )
        if grants:
            grants += _again(choices, files)
            name = file_name(choices, "fund_documents", f"下达{part}")
            files.append(WorldFile(file_name=name, rows=tuple(grants), has_total=choices.chance(40)))
    return files


def _again(choices: Choices, files: list[WorldFile]) -> list[Any]:
    """Rows of an earlier list in a cumulative one: some changed, none, or all of them."""
    if not files or not choices.chance(40):
        return []
    rows = [row for row in files[0].rows if choices.chance(70)]
    return [replace(row, document_date=None) if choices.chance(10) else row for row in rows]


def _given_back(choices: Choices, transfers: list[Transfer]) -> Transfer:
    """Money that a township gave back, with its persons, whatever their sign."""
    sent = choices.pick(transfers)
    persons = choices.pick((1, -1, None))
    return replace(sent, amount_yuan=-sent.amount_yuan / 2, persons=persons, document_no="清算退回", bad_cell=None)


def allocation_files(setting: Setting) -> list[WorldFile]:
    """One or two files of transfers, of some townships none, now and then to an unknown one."""
    choices, policy = setting.choices, setting.policy
    files = []
    for part in range(choices.number(1, 2)):
        transfers = []
        for index, township in enumerate(setting.townships):
            if (part == 0 and index == 0) or choices.chance(60):
                persons = choices.number(0, 12)
                is_to_nobody = choices.chance(6)
                transfers.append(
                    Transfer(
                        township=choices.pick(UNKNOWN_NAMES[:2]) if is_to_nobody else township,
                        amount_yuan=persons * policy.premium_yuan + choices.pick((0, 0, 0, 50)),
                        persons=persons if choices.chance(80) else None,
                        document_date=choices.pick((date(policy.year, 4, 1), date(policy.year, 6, 6), None)),
                        document_no=choices.pick(("", f"东居保[{policy.year}]{part}")),
                        bad_cell=choices.pick((("township", ""), ("amount", "-100.00元"), ("persons", "若干")))
                        if choices.chance(4)
                        else None,
                    )
                )
        if transfers:
            transfers += _again(choices, files)
            if choices.chance(25):
                transfers.append(_given_back(choices, transfers))
            name = file_name(choices, "allocations", f"拨付{part}")
            files.append(WorldFile(file_name=name, rows=tuple(transfers), has_total=choices.chance(40)))
    return files


def benefit_files(setting: Setting) -> list[WorldFile]:
    """No payment of benefits, or one file of them."""
    choices = setting.choices
    if choices.chance(50):
        return []
    name = file_name(choices, "benefit_payments", "待遇发放")
    rows = []
    for soul in setting.people:
        for number in range(choices.number(0, 2)):
            cell = said_id(choices, soul, setting.policy, in_workbook=is_workbook(name), percent=5)
            rows.append(
                Benefit(
                    id_no=cell.id_no,
                    id_is_number=cell.id_is_number,
                    month=f"{setting.policy.year}{number + 1:02}",
                    due_amount_yuan=Decimal("103.00"),
                    amount_yuan=choices.pick(
                        (Decimal("103.00"), Decimal("103.00"), Decimal("0.00"), Decimal("206.00"))
                    ),
                    bad_cell=("due_amount", "不详") if choices.chance(2) else None,
                )
            )
    return [WorldFile(file_name=name, rows=tuple(rows), has_total=choices.chance(40))] if rows else []


def survey_files(setting: Setting) -> list[WorldFile]:
    """No survey, or one or two files of questionnaires."""
    choices = setting.choices
    files = []
    for part in range(choices.pick((1, 0, 2))):
        answers = tuple(
            Answer(answer=choices.pick(ANSWERS), number=f"问{number}") for number in range(choices.number(1, 8))
        )
        name = file_name(choices, "satisfaction_survey", f"问卷{part}")
        files.append(WorldFile(file_name=name, rows=answers))
    return files
