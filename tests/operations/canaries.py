"""An ID, an account and a name of the roll in every place where a sender can write, made from the templates of all sources.

A column that is new in a template is filled by itself; `places` says how many there are.
"""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.comments import Comment

from pipeline.landing import load_layouts
from pipeline.reports.workbooks.templates import template_sources, write_templates
from tests.operations.world import ACCOUNTS, IDS, NAMES, REPLY_HEADER, YEAR, write_file

ID, NAME, ACCOUNT = IDS[3], NAMES[3], ACCOUNTS[0]
CANARIES = {"id": ID, "name": NAME, "account": ACCOUNT}
# What a good row says, by a part of the header.
GOOD = {
    "乡镇": "汤丹镇",
    "行政村": "姑庄村委会",
    "姓名": NAMES[2],
    "证件号码": IDS[2],
    "账号": ACCOUNTS[2],
    "金额": "100.00",
    "月份": "201905",
    "人数": "1",
    "日期": "2019-05-20",
    "时间": "2019-05-20 10:00",
    "所属期起": "2019-01-01",
    "所属期止": "2019-12-31",
    "分类": "返还",
    "类别": "低保",
    "征收项目": "10210",
    "处理标志": "成功",
    "返回码": "0000",
    "缴费方式": "财政代缴",
    "资金级次": "市级",
    "满意度": "满意",
    "参保状态": "正常参保",
    "待遇状态": "未领取",
    "批次号": "B201905-009",
    "序号": "1",
    "文号": "拨8号",
    "电子税票号码": "T0008",
    "户编号": "05",
    "人编号": "06",
}
# What a column needs beside it, so that what it says is used.
WITH = {"不符合原因": {"分类": "不符合"}, "返回信息": {"处理标志": "失败", "返回码": "3031"}}
# A batch number of its own for each file, so that none replaces another.
BANK_HEAD = ["B201905-{number:03}", "20190520", "汤丹镇", "1", "100.00", ""]
BANK_LINE = ["1", NAMES[2], ACCOUNTS[2], "100.00", IDS[2], "0000", "处理成功", ""]
REPLY = ["x", "y", "说明", "已核实", "王经办", "2019-12-20"]


def land(raw: Path) -> int:
    """Land a file a source and kind of place; returns how many places there are."""
    folder = raw / str(YEAR)
    places = 0
    for source in template_sources():
        (template,) = write_templates([source], load_layouts(), folder / "templates")
        for column in range(1, len(_headers(template)) + 1):
            _fill(template, folder / source / f"{_stem(source)}第{column}列.xlsx", column)
            places += 1
        _surround(template, folder / source / NAME / ACCOUNT / f"{_stem(source)}{ID}{NAME}.xlsx")
        places += len(_SURROUNDINGS)
    shutil.rmtree(folder / "templates")
    for name, lines in _texts():
        write_file(raw, name, lines)
        places += 1
    return places


def _stem(source: str) -> str:
    """Files of some sources say by their name of which day they are."""
    return "20190430_" if source in ("poverty_roll", "category_rolls") else ""


def _headers(template: Path) -> list[str]:
    sheet = openpyxl.load_workbook(template).worksheets[0]
    return [str(cell.value) for cell in sheet[2]]


def _good(header: str, good: Mapping[str, str] = GOOD) -> str:
    found = [part for part in good if part in header]
    return good[max(found, key=len)] if found else ""


def _fill(template: Path, path: Path, column: int) -> None:
    """A good row, and rows in whose column stands a canary, alone and within a text."""
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    headers = _headers(template)
    sheet.append([_good(header) for header in headers])
    for canary in CANARIES.values():
        for text in (canary, f"见{canary}说明"):
            good = {**GOOD, **WITH.get(headers[column - 1], {})}
            sheet.append(
                [text if number == column else _good(header, good) for number, header in enumerate(headers, 1)]
            )
    _save(book, path)


# Places of a workbook that are no cell of a row.
_SURROUNDINGS = (
    "file",
    "folder",
    "sheet",
    "title",
    "header",
    "footer",
    "comment",
    "properties",
    "hidden sheet",
    "name",
)


def _surround(template: Path, path: Path) -> None:
    book = openpyxl.load_workbook(template)
    sheet = book.worksheets[0]
    headers = _headers(template)
    sheet.title = f"{NAME}{ID}"
    sheet.cell(1, 1, f"{NAME}({ACCOUNT})名单 证件{ID}")
    for number, text in enumerate((ID, NAME, f"{NAME}账号{ACCOUNT}"), 1):
        sheet.cell(2, len(headers) + number, text)
    sheet.append([_good(header) for header in headers])
    sheet.append([f"制表人:{NAME} {ID} 审核:{ACCOUNT}"])
    sheet.cell(3, 1).comment = Comment(f"{NAME} {ID}", NAME)
    book.create_sheet(ACCOUNT).sheet_state = "hidden"
    book.properties.creator, book.properties.title, book.properties.description = NAME, ID, ACCOUNT
    sheet.oddHeader.center.text, sheet.oddFooter.center.text = NAME, ID
    book.defined_names[f"_{ACCOUNT}"] = openpyxl.workbook.defined_name.DefinedName(
        f"_{ACCOUNT}", attr_text=f"'{sheet.title}'!$A$1"
    )
    _save(book, path)


def _save(book: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _texts() -> Iterator[tuple[str, list[str]]]:
    """Text files: the bank's with a canary in each part of head and line, replies with one in each column."""
    batch = 100
    for kind, canary in CANARIES.items():
        for place in range(len(BANK_HEAD)):
            batch += 1
            head = [canary if number == place else text for number, text in enumerate(BANK_HEAD)]
            yield f"bank_returns/头{kind}{place}.txt", ["|".join(head).format(number=batch), "|".join(BANK_LINE)]
        for place in range(len(BANK_LINE)):
            line = [canary if number == place else text for number, text in enumerate(BANK_LINE)]
            batch += 1
            yield f"bank_returns/行{kind}{place}.txt", ["|".join(BANK_HEAD).format(number=batch), "|".join(line)]
        replies = [
            ",".join(canary if number == place else text for number, text in enumerate(REPLY))
            for place in range(len(REPLY))
        ]
        yield f"township_replies/{canary}.csv", [REPLY_HEADER, *replies]
        yield f"{canary}/{canary}.csv", [canary, canary]
        yield f"{canary}.csv", [canary]
