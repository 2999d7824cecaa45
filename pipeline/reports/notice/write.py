"""The lists that villages put up (公示名单): who was paid for, masked, with the period and where to object.

A workbook a township with a sheet a village, set up to be printed on A4. Nothing in it is more than what the published tables
show of a person.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl

from pipeline.paper import make_folder
from pipeline.policy import narrative_of
from pipeline.policy.narrative import Narrative
from pipeline.reports.archives import data_date
from pipeline.reports.workbooks import words
from pipeline.reports.workbooks.files import new_workbook
from pipeline.reports.workbooks.styles import (
    SheetColumn,
    Styles,
    serial_date,
    set_page,
    write_header,
    write_note,
    write_rows,
    write_title,
)
from pipeline.warehouse.outbound import known_texts, masked_texts
from pipeline.warehouse.run import Run
from pipeline.warehouse.session import Session

_COLUMNS = (
    SheetColumn("序号", "number", 7, "number_cell"),
    SheetColumn("姓名", "name_masked", 14, "wrapped"),
    SheetColumn("证件号码", "id_masked", 26, "wrapped"),
    SheetColumn("参保方式", "channel", 12, "wrapped"),
    SheetColumn("办理日期", "paid_date", 14, "date_cell"),
    SheetColumn("代缴金额（元）", "written_off_yuan", 16, "amount_cell"),
)
_HEADER_ROW, _ROW_HEIGHT = 2, 20
_NO_VILLAGE = "村(社区)未填写"
# What Excel refuses in the name of a sheet, and how long it may be.
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_SHEET_NAME = 31
_PERSONS = """
    select
        person_year.township_code,
        township.township_name,
        coalesce(village.village_name, nullif(trim(person.village), ''), $no_village) as village,
        person_year.name_masked,
        person_year.id_masked,
        person_year.channel,
        person_year.paid_date,
        person_year.written_off_yuan
    from core.person_year
    inner join core.person
        on person_year.person_key = person.person_key
    inner join policy.township
        on person_year.township_code = township.township_code
    left join policy.village
        on person_year.village_code = village.village_code
    where person_year.written_off_yuan is not null
    order by
        person_year.township_code, person_year.village_code nulls last, village, person_year.name_masked,
        person_year.id_masked, person_year.person_key
"""


@dataclass(frozen=True)
class VillageNotice:
    """What hangs in a village: title, notes below it, its rows, and what stands at its foot."""

    village: str
    title: str
    note: str
    rows: pl.DataFrame
    foot: tuple[str, ...]


def write_notice_lists(session: Session, run: Run, folder: Path) -> list[Path]:
    """Write a workbook a township that has persons who were paid for; returns the paths.

    Raises:
        DaijiaoError: the folder can't be written.
    """
    make_folder(folder)
    found = session.find(_PERSONS.replace("$no_village", f"'{_NO_VILLAGE}'")).with_columns(
        words.in_chinese("channel", words.CHANNELS)
    )
    # What a township wrote for a village may name a person, and the list hangs in public.
    villages = found["village"].unique().to_list()
    masked = masked_texts(villages, known_texts(session.query, run.year, villages), run.key)
    found = found.with_columns(pl.col("village").replace(masked))
    narrative = narrative_of(run.policy, run.policy_folder)
    paths = []
    for (_, name), persons in found.partition_by(
        "township_code", "township_name", as_dict=True, maintain_order=True
    ).items():
        notices = _notices(run, str(name), persons, narrative)
        paths.append(_write_workbook(notices, data_date(session, run), folder / f"{run.year}年{name}公示名单.xlsx"))
    return paths


def _notices(run: Run, township: str, persons: pl.DataFrame, narrative: Narrative) -> list[VillageNotice]:
    period = narrative.notice_period or "____年__月__日至____年__月__日（由乡镇填写，不少于7天）"
    objections = (
        narrative.notice_objections
        or f"{township}____________、{run.policy.bureau_name}，电话____________（由乡镇填写）"
    )
    notices = []
    for (village,), rows in persons.partition_by("village", as_dict=True, maintain_order=True).items():
        total = rows["written_off_yuan"].sum() or Decimal(0)
        notices.append(
            VillageNotice(
                village=str(village),
                title=f"{run.year}年{township}{village}代缴城乡居民养老保险费公示名单",
                note=f"共 {len(rows)} 人，代缴 {total:,.2f} 元；每人每年 {run.policy.premium_yuan.normalize():f} 元。",
                rows=rows.with_row_index("number", offset=1).select(column.name for column in _COLUMNS),
                foot=(f"公示期：{period}", f"对名单有异议的，请在公示期内向以下单位反映：{objections}"),
            )
        )
    return notices


def _write_workbook(notices: Sequence[VillageNotice], made_on: date, path: Path) -> Path:
    last_column = len(_COLUMNS) - 1
    with new_workbook(path, made_on) as workbook:
        styles = Styles(workbook)
        for name, notice in zip(_sheet_names([notice.village for notice in notices]), notices, strict=True):
            worksheet = workbook.add_worksheet(name)
            set_page(worksheet, is_landscape=False, header_row=_HEADER_ROW)
            worksheet.set_default_row(_ROW_HEIGHT)
            for index, column in enumerate(_COLUMNS):
                worksheet.set_column(index, index, column.width)
            write_title(worksheet, styles, 0, last_column, notice.title)
            write_note(worksheet, styles, 1, last_column, notice.note, 20, "list_note")
            write_header(worksheet, styles, _HEADER_ROW, (column.title for column in _COLUMNS))
            formats = [styles[column.style] for column in _COLUMNS]
            write_rows(worksheet, _HEADER_ROW + 1, notice.rows.with_columns(serial_date("paid_date")), formats)
            for place, text in enumerate(notice.foot, start=_HEADER_ROW + 2 + len(notice.rows)):
                write_note(worksheet, styles, place, last_column, text, 34, "list_note")
    return path


def _sheet_names(villages: Sequence[str]) -> list[str]:
    """The villages as names of sheets: what Excel refuses is left out, and a name that comes again is numbered."""
    names: list[str] = []
    for number, village in enumerate(villages, start=1):
        name = _NOT_IN_SHEET_NAMES.sub("", village)[:_LONGEST_SHEET_NAME] or f"{number}"
        is_new = name.casefold() not in {other.casefold() for other in names}
        names.append(name if is_new else f"{name[: _LONGEST_SHEET_NAME - 6]}({number})")
    return names
