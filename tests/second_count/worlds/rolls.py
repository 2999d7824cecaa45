"""The files about people: snapshots of the roll and of the categories, classification, register."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ..world import (
    EXCLUSION_REASONS,
    BadCell,
    CategoryRow,
    ClassRow,
    Policy,
    RegisterRow,
    RollRow,
    WorldFile,
)
from .choices import Choices
from .people import NAMES, UNKNOWN_NAMES, Soul, said_id, said_name, unreadable_name

SUFFIXES = ("csv", "csv", "csv", "txt", "xlsx", "xls")
SUB_FOLDERS = ("", "", "", "汤丹/")
NOT_AT_SCHOOL = ("", "非在校生", "否", "高中毕业", "/", "不在校", "小学辍学")
AT_SCHOOL = ("高中", "是", "小学三年级", "在校生", "普通高中二年级")
UNKNOWN_SCHOOLING = ("不详", "应届毕业", "未毕业", "待业")
CLASSES = ("返还", "代缴", "返还", "代缴", "不符合")
CLASS_REASONS = (*EXCLUSION_REASONS, "", "随便写的")
CATEGORIES = ("重度残疾", "低保", "特困", "重残", "肢体残疾(二级)", "视力三级", "农村低保户", "五保")
EXCLUSIONS = (
    *("省职保", "机关保", "省外职保"),
    *("外地居保",) * 3,
    *("现役军人", "服刑", "出国(境)", "死亡", "迁出") * 2,
)


@dataclass(frozen=True)
class Setting:
    """What all makers of files need: chance, policy, people, townships in use, and whether all share one account."""

    choices: Choices
    policy: Policy
    people: list[Soul]
    townships: tuple[str, ...]
    has_one_account: bool


def file_name(choices: Choices, source: str, stem: str, suffixes: tuple[str, ...] = SUFFIXES) -> str:
    """A name for a file of a folder, perhaps in a sub-folder."""
    return f"{source}/{choices.pick(SUB_FOLDERS)}{stem}.{choices.pick(suffixes)}"


def is_workbook(name: str) -> bool:
    """Whether a file of this name is a workbook, in which an ID can be a number."""
    return name.endswith(("xlsx", "xls"))


def snapshot_files(setting: Setting) -> list[WorldFile]:
    """One to three snapshots of the roll, the first of them in the year, each in one or two files."""
    choices, year = setting.choices, setting.policy.year
    dates = [date(year, 3, 31)]
    dates += [day for day in (date(year, 9, 30), date(year - 1, 12, 31)) if choices.chance(45)]
    files = []
    for day in dates:
        named = [_named_snapshot(choices, day, part) for part in range(choices.number(1, 2))]
        rows: list[list[RollRow]] = [[] for _ in named]
        for index, soul in enumerate(setting.people):
            is_first_of_all = index == 0 and day == dates[0]
            if is_first_of_all or choices.chance(80):
                at = choices.number(0, len(named) - 1)
                in_workbook = is_workbook(named[at][0])
                rows[at] += _roll_rows(setting, soul, in_workbook=in_workbook, is_plain=is_first_of_all)
        files += [
            placed(
                choices,
                WorldFile(file_name=name, rows=tuple(part), stated_date=day, is_date_in_column=is_in_column),
                setting.townships,
            )
            for (name, is_in_column), part in zip(named, rows, strict=True)
            if part
        ]
    return files


def _named_snapshot(choices: Choices, day: date, part: int) -> tuple[str, bool]:
    """The name of a snapshot's file, and whether its date stands in a column instead of the name."""
    is_in_column = choices.chance(30)
    stem = f"名单{day:%y}年{day.month}月_{part}" if is_in_column else f"{day:%Y%m%d}_名单{part}"
    return file_name(choices, "poverty_roll", stem), is_in_column


def _roll_rows(setting: Setting, soul: Soul, *, in_workbook: bool, is_plain: bool) -> list[RollRow]:
    """The rows of one person in one snapshot: mostly one, sometimes a second that repeats or contradicts it."""
    choices = setting.choices
    cell = said_id(choices, soul, setting.policy, in_workbook=in_workbook, percent=0 if is_plain else 7)
    values: dict[str, Any] = {
        "name": soul.name,
        "township": soul.township,
        "village": soul.village,
        "household_no": soul.household_no,
        "member_no": soul.member_no,
        "id_no": cell.id_no,
        "id_is_number": cell.id_is_number,
        "schooling": "" if is_plain else _schooling(choices),
    }
    if is_plain:
        return [RollRow(**values)]
    if choices.chance(4):
        values["township"] = choices.pick(UNKNOWN_NAMES)
    if choices.chance(4):
        values["name"] = unreadable_name(choices, soul.name)
    rows = [RollRow(**values)]
    if choices.chance(5):
        rows.append(RollRow(**values | {"village": "", "household_no": choices.pick(("1", "3", ""))}))
    if choices.chance(4):
        rows.append(RollRow(**values | {"township": choices.pick(setting.townships)}))
    if choices.chance(4):
        rows.append(RollRow(**values | {"name": choices.pick(NAMES)}))
    if choices.chance(2):
        rows.append(RollRow(**values | {"name": "", "bad_cell": ("name", "")}))
    return rows


def _schooling(choices: Choices) -> str:
    """What a cell says: mostly that the person isn't at school, sometimes what nobody knows."""
    if choices.chance(88):
        return choices.pick(NOT_AT_SCHOOL)
    return choices.pick(AT_SCHOOL if choices.chance(70) else UNKNOWN_SCHOOLING)


def placed(choices: Choices, file: WorldFile, townships: tuple[str, ...]) -> WorldFile:
    """The file, perhaps without a column of townships: its title, its sheet's name or its folder names one."""
    if file.layout != "table" or not choices.chance(12):
        return file
    kind = choices.pick(("title", "sheet", "folder"))
    place = choices.pick((*townships, *UNKNOWN_NAMES[:1]))
    if kind == "sheet" and not is_workbook(file.file_name):
        kind = "title"
    name = file.file_name
    if kind == "folder":
        source, rest = name.split("/", 1)
        name = f"{source}/{place}/{rest}"
    return replace(file, file_name=name, place=place, place_kind=kind)


def classification_files(setting: Setting) -> list[WorldFile]:
    """One or two files in which the townships verify most people, some of them twice."""
    choices, year = setting.choices, setting.policy.year
    dates = (date(year, 5, 20), date(year, 4, 10), date(year, 6, 30), date(year - 1, 12, 1))
    files = []
    for part in range(choices.number(1, 2)):
        name = file_name(choices, "classification", f"分类{part}")
        rows = []
        for index, soul in enumerate(setting.people):
            times = 1 if index == 0 and part == 0 else choices.pick((1, 1, 1, 0, 2))
            for _ in range(times if part == 0 else times - 1):
                rows.append(_class_row(setting, soul, dates, in_workbook=is_workbook(name)))
        if rows:
            file = WorldFile(file_name=name, rows=tuple(rows), has_total=choices.chance(20))
            files.append(placed(choices, file, setting.townships))
    return files


def _class_row(setting: Setting, soul: Soul, dates: tuple[date, ...], *, in_workbook: bool) -> ClassRow:
    choices = setting.choices
    cell = said_id(choices, soul, setting.policy, in_workbook=in_workbook, percent=5)
    class_ = choices.pick(CLASSES)
    bad_cell: BadCell | None = None
    if choices.chance(4):
        bad_cell = choices.pick(
            (("class", ""), ("class", "随缘"), ("verified_date", "2019-02-30"), ("verified_date", ""))
        )
    return ClassRow(
        township=soul.township if choices.chance(95) else choices.pick(UNKNOWN_NAMES),
        village=soul.village,
        name=said_name(choices, soul.name),
        id_no=cell.id_no,
        id_is_number=cell.id_is_number,
        class_=class_,
        class_reason=choices.pick(CLASS_REASONS) if class_ == "不符合" or choices.chance(5) else "",
        verified_date=choices.pick(dates),
        bad_cell=bad_cell,
    )


def register_files(setting: Setting) -> list[WorldFile]:
    """No register, or one with most people, some of them twice, most of whom paid for themselves."""
    choices = setting.choices
    if choices.chance(25):
        return []
    name = file_name(choices, "pension_register", "参保登记")
    rows = []
    for soul in setting.people:
        for _ in range(choices.pick((1, 1, 1, 1, 0, 2))):
            rows.append(_register_row(setting, soul, in_workbook=is_workbook(name)))
    header = choices.pick(("情形发生日期", "发生日期", "终止日期", "死亡日期"))
    file = WorldFile(file_name=name, rows=tuple(rows), has_total=choices.chance(20), event_header=header)
    return [file] if rows else []


def _register_row(setting: Setting, soul: Soul, *, in_workbook: bool) -> RegisterRow:
    choices, year = setting.choices, setting.policy.year
    cell = said_id(choices, soul, setting.policy, in_workbook=in_workbook, percent=4)
    has_paid = choices.chance(80)
    premium = setting.policy.premium_yuan
    bad_cells = (
        ("exclusion", "不知道"),
        ("benefit_status", "也许"),
        ("insured_status", "可能"),
        ("self_paid_amount", "一百"),
        ("self_paid_date", "20191332"),
        ("event_date", "五月"),
        ("exclusion", "待查"),
    )
    exclusion = choices.pick(EXCLUSIONS) if choices.chance(26) else ""
    event_days = (
        date(year, 6, 12),
        date(year, 6, 15),
        date(year, 7, 1),
        date(year, 12, 31),
        date(year + 1, 1, 5),
        None,
    )
    has_event = choices.chance(80) if exclusion else choices.chance(2)
    return RegisterRow(
        id_no=cell.id_no,
        id_is_number=cell.id_is_number,
        # A row without an ID says something at least: a blank row is no row.
        insured_status=choices.pick(("正常参保", "", "未参保", "暂停参保", "终止参保")) if cell.id_no else "正常参保",
        exclusion=exclusion,
        benefit_status=choices.pick(("正常领取", "暂停领取")) if choices.chance(7) else choices.pick(("未领取", "")),
        self_paid_amount_yuan=choices.pick((premium, premium, premium * 2, premium / 2)) if has_paid else None,
        self_paid_date=choices.pick((date(year, 2, 15), date(year - 1, 12, 20), date(year, 11, 1), None))
        if has_paid
        else None,
        event_date=choices.pick(event_days) if has_event else None,
        bad_cell=choices.pick(bad_cells) if choices.chance(6) else None,
    )


def category_files(setting: Setting) -> list[WorldFile]:
    """No snapshot of the categories, or one or two."""
    choices, year = setting.choices, setting.policy.year
    files = []
    for part in range(choices.pick((1, 0, 2))):
        day = choices.pick((date(year, 1, 31), date(year, 7, 31), date(year - 1, 7, 31)))
        name = file_name(choices, "category_rolls", f"{day:%Y%m%d}救助名单{part}")
        rows = []
        for soul in setting.people:
            if choices.chance(15):
                cell = said_id(choices, soul, setting.policy, in_workbook=is_workbook(name), percent=5)
                rows.append(
                    CategoryRow(
                        name=soul.name,
                        id_no=cell.id_no,
                        id_is_number=cell.id_is_number,
                        category=choices.pick(CATEGORIES),
                        bad_cell=("category", choices.pick(("贫困", "残疾人", "等级不明")))
                        if choices.chance(12)
                        else None,
                    )
                )
        if rows:
            files.append(WorldFile(file_name=name, rows=tuple(rows), stated_date=day))
    return files
