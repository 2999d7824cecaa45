"""The people of a world: few names, households and ID numbers, so that they collide, born around the rules' borders."""

from dataclasses import dataclass
from datetime import date, timedelta

from pipeline.checks.second_count.identity import check_character

from ..world import Policy
from .choices import Choices

NAMES = ("张三", "李四", "王小兰", "买买提·艾力", "张伟", "李四光")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华玉红梅春云文"
UNREADABLE = ("?", "？", "□", "*", "\ufffd", "\ue5e5")
TRADITIONAL = str.maketrans("张兰买伟", "張蘭買偉")
HOUSEHOLDS = ("1", "2", "10", "")
UNKNOWN_NAMES = ("火星镇", "城关镇", "")
SEQUENCES = ("001", "002", "011", "012", "101", "201")
AREAS = ("530199", "530199", "530199", "530201")


@dataclass(frozen=True, kw_only=True)
class Soul:
    """Somebody who may stand in any file, with what is true about him."""

    id_no: str
    name: str
    township: str
    village: str
    household_no: str
    member_no: str


@dataclass(frozen=True, kw_only=True)
class IdCell:
    """An ID number as a sender has it: right, or damaged."""

    id_no: str
    id_is_number: bool = False


def make_people(
    choices: Choices, policy: Policy, count: int, townships: tuple[str, ...], areas: tuple[str, ...] = AREAS
) -> list[Soul]:
    """People of a few townships, with IDs of these areas; a large world gets more names, births and numbers."""
    is_large = count > 100
    people = []
    for index in range(count):
        township = choices.pick(townships)
        birth_date = _any_birth_date(choices, policy) if is_large else choices.pick(border_births(policy))
        sequence = f"{index % 1000:03}" if is_large else choices.pick(SEQUENCES)
        people.append(
            Soul(
                id_no=id_of(choices.pick(areas), birth_date, sequence),
                name=_any_name(choices) if is_large else choices.pick(NAMES),
                township=township,
                village=choices.pick(_villages(policy, township)),
                household_no=str(index // 3) if is_large else choices.pick(HOUSEHOLDS),
                member_no="" if choices.chance(30) else f"{areas[0]}{index // 2 if choices.chance(15) else index:010}",
            )
        )
    return people


def border_births(policy: Policy) -> tuple[date, ...]:
    """Births of adults and around the borders: 16 or 60 about the turn of the year, 29 February, born in the year."""
    year = policy.year
    adults = (
        date(year - 34, 6, 15),
        date(year - 29, 1, 1),
        date(1988, 2, 29),
        date(year - 41, 10, 10),
        date(year - 34, 6, 16),
        date(year - 29, 12, 31),
    )
    return (
        *adults * 3,
        date(year - 60, 1, 1),
        date(year - 60, 1, 2),
        date(year - 60, 6, 15),
        date(year - 60, 12, 31),
        date(1960, 2, 29),
        date(year - 16, 12, 31),
        date(year - 15, 1, 1),
        date(year - 69, 3, 3),
        date(year, 5, 1),
    )


def _any_name(choices: Choices) -> str:
    return choices.pick(SURNAMES) + choices.pick(GIVEN_NAMES) + choices.pick(GIVEN_NAMES)


def _any_birth_date(choices: Choices, policy: Policy) -> date:
    return date(policy.year - 75, 1, 1) + timedelta(days=choices.number(0, 75 * 365))


def _villages(policy: Policy, township: str) -> tuple[str, ...]:
    code = policy.townships[township]
    known = tuple(name for township_code, name in policy.villages if township_code == code)
    return (*known, "梨坪村委会", "无名村", "")


def id_of(area: str, birth_date: date, sequence: str) -> str:
    """An ID number with its check character."""
    first_17 = f"{area}{birth_date:%Y%m%d}{sequence}"
    return first_17 + check_character(first_17)


def damaged_id(choices: Choices, id_no: str, policy: Policy, *, in_workbook: bool) -> IdCell:
    """An ID number that is not valid, or that lost its last digits."""
    kind = choices.number(0, 7)
    if kind == 0:
        return IdCell(id_no="")
    if kind == 1:
        return IdCell(id_no=id_no[:17] + ("0" if id_no[17] != "0" else "1"))
    if kind == 2:
        return _as_number(id_no, in_workbook=in_workbook)
    if kind == 3:
        cuts = (f"{id_no[:14]}{digit}000" for digit in range(10))
        return IdCell(id_no=next(cut for cut in cuts if check_character(cut[:17]) != "0"))
    if kind == 4:
        return IdCell(id_no=_with_check("99" + id_no[2:17]))
    if kind == 5:
        return IdCell(id_no=_with_check(id_no[:10] + "0230" + id_no[14:17]))
    if kind == 6:
        return IdCell(id_no=_with_check(f"{id_no[:6]}{policy.year + 1}{id_no[10:17]}"))
    return IdCell(id_no=id_no[:6])


def _with_check(first_17: str) -> str:
    return first_17 + check_character(first_17)


def _as_number(id_no: str, *, in_workbook: bool) -> IdCell:
    """The ID as a number that lost its last digits: whole in a workbook's cell, in exponent form as text."""
    number = int(float(id_no[:15] + "000"))
    return IdCell(id_no=str(number) if in_workbook else f"{number:.5E}", id_is_number=True)


def unreadable_name(choices: Choices, name: str) -> str:
    """The name with one of its characters lost."""
    at = choices.number(0, len(name) - 1)
    if name[at] == "·":
        at = 0
    return name[:at] + choices.pick(UNREADABLE) + name[at + 1 :]


def said_name(choices: Choices, name: str) -> str:
    """The name as a sender has it: mostly right."""
    kind = choices.number(0, 20)
    if kind == 20:
        return name.translate(TRADITIONAL)
    if kind == 19:
        return choices.pick(NAMES)
    if kind == 18:
        return unreadable_name(choices, name)
    return "" if kind == 17 and choices.chance(30) else name


def said_id(choices: Choices, soul: Soul, policy: Policy, *, in_workbook: bool, percent: int = 8) -> IdCell:
    """The ID as a sender has it: mostly right."""
    if choices.chance(percent):
        return damaged_id(choices, soul.id_no, policy, in_workbook=in_workbook)
    return IdCell(id_no=soul.id_no)
