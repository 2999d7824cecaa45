"""Headers of two rows whose second labels nobody knows, of every source in every format, are read like those of one row.

How many headers are tried says DAIJIAO_WORLDS, from which seed on DAIJIAO_SEED; both are printed.
"""

import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import polars as pl
import pytest

from pipeline.contracts.sources import SOURCES
from pipeline.landing import load_layouts
from pipeline.landing.layouts import Layout
from pipeline.landing.parse import ParsedFile, parse_content
from tests.deep import IS_DEEP
from tests.landing import pollution
from tests.landing.files import YEAR, text, xls, xlsx

HEADERS = max(int(os.environ.get("DAIJIAO_WORLDS", "100")) // 100, 1)
SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
LAYOUTS = load_layouts(policy_year=YEAR)
OF_FORM = {"sheet", "row_number"}
UNKNOWN = (
    "基本情况", "核实后", "系统导出", "本次", "请如实填写", "以证件为准", "文本格式", "2018年", "(1)", "第1批", "1-6月",
    "上年度结转", "必填项", "口径说明", "按户填报", "甲方填写", "二、核查", "单位 人",
)  # fmt: skip
MARKS = ("*{}", "{}*", "※{}", "★{}", "{}(必填)", "{}（必填项）", "{}\n", " {} ", "{}")

Row = list[str]


def tables() -> dict[str, list[Row]]:
    """A clean table a source: the header, then rows; a bank's with its total."""
    ids, people = pollution.IDS, pollution.PEOPLE
    found = {name.partition("/")[0]: table for name, table in pollution.clean_tables().items()}
    found["category_rolls"] = [
        ["姓名", "证件号码", "类别", "数据日期"],
        *([name, id_no, "重度残疾(一级)", "2019-06-30"] for name, id_no in zip(people, ids, strict=True)),
    ]
    found["fund_documents"] = [
        ["文号", "资金级次", "金额", "人数", "下达日期"],
        *([f"财{number}号", "市级", f"{number}.5", "7", "2019-02-01"] for number in range(1, 6)),
    ]
    found["benefit_payments"] = [
        ["证件号码", "应发金额", "实发金额", "发放月份"],
        *([id_no, "103", "103", "201901"] for id_no in ids),
    ]
    found["satisfaction_survey"] = [["编号", "总体满意度"], *([str(number), "满意"] for number in range(1, 6))]
    found["township_replies"] = [
        ["差异编号", "校验码", "处理答复", "答复内容", "填报人", "填报日期"],
        *([f"m{number}", f"t{number}", "说明", "已核实", "甲", "2019-12-01"] for number in range(1, 6)),
    ]
    return found


def gb18030(table: list[Row]) -> bytes:
    """A table as text of the encoding that most offices use."""
    return text(table).encode("gb18030")


FORMATS: dict[str, Callable[[list[Row]], bytes]] = {
    "xlsx": xlsx,
    "xls": xls,
    "csv": gb18030,
    "tsv": lambda table: text(table, delimiter="\t").encode(),
    "semicolons": lambda table: text(table, delimiter=";").encode("utf-16"),
}


def parsed(source: str, content: bytes, folder: Path) -> tuple[ParsedFile, list[tuple[object, ...]]]:
    """What is said of a file, and its rows without what only tells where they stand."""
    target = folder / "rows.parquet"
    file = parse_content(content, LAYOUTS.of(source), target)
    rows = pl.read_parquet(target) if file.status == "read" else pl.DataFrame()
    return file, list(rows.select(name for name in rows.columns if name not in OF_FORM).iter_rows())


def needed(label: str, layout: Layout) -> str | None:
    """The field that a label gives, where it is a required one."""
    required = [name for group in layout.required_groups for name in group]
    return next((name for name in required if label in layout.aliases[name]), None)


def unknown(random: Random, label: str, layout: Layout) -> str:
    """A label of the second row that nobody knows, such as may stand below the first row's."""
    name = needed(label, layout)
    if name is None:
        return random.choice(("", *UNKNOWN))
    types = {field.name: field.type for field in SOURCES[layout.source].fields}
    is_word = types.get(name) in ("name", "word", "text") or name in ("outcome", "outcome_text", "township", "answer")
    words = [word for word in UNKNOWN if not any(character.isdigit() for character in word)]
    return random.choice(("", label, random.choice(MARKS).format(label), *([] if is_word else words)))


def second_below(header: Row, layout: Layout, random: Random) -> list[Row]:
    """The known labels above, the unknown ones below them."""
    lower = [unknown(random, label, layout) for label in header]
    if not any(cell.strip() for cell in lower):
        lower[0] = header[0]
    return [[random.choice(MARKS).format(label) for label in header], lower]


def second_above(header: Row, layout: Layout, random: Random) -> list[Row]:
    """The unknown labels above, the known ones below them; a cell that goes over both rows stands above."""
    upper = [random.choice(("", *UNKNOWN)) for _ in header]
    lower = [random.choice(MARKS).format(label) for label in header]
    for index in range(len(header)):
        if random.random() < 0.3 and needed(header[index], layout) is None:
            upper[index], lower[index] = lower[index], ""
    return [upper, lower]


@pytest.mark.parametrize("arrange", [second_below, second_above])
@pytest.mark.parametrize("source", sorted(SOURCES))
def test_a_header_of_two_rows_is_read_like_one_of_one(
    source: str, arrange: Callable[[Row, Layout, Random], list[Row]], tmp_path: Path
) -> None:
    """No row is taken for a header's, no header's row for data; the columns are those of the known labels."""
    print(f"DAIJIAO_SEED={SEED}, headers: {HEADERS}")
    random = Random(f"{SEED} {source} {arrange.__name__}")
    table = tables()[source]
    clean, expected = parsed(source, text(table).encode(), tmp_path)
    assert clean.status == "read" and len(expected) == 5
    layout = next(each for each in LAYOUTS.of(source) if each.name == clean.layout)
    for form in FORMATS if IS_DEEP else random.sample(sorted(FORMATS), 2):
        for _ in range(HEADERS):
            header = arrange(table[0], layout, random)
            if len(table[0]) > 2 and random.random() < 0.3:
                header.append([str(number) for number in range(1, len(table[0]) + 1)])
            titles = random.choice(([], [["2019年名单"]], [["附件2"], []]))
            file, rows = parsed(source, FORMATS[form]([*titles, *header, *table[1:]]), tmp_path)
            assert (file.status, rows) == ("read", expected), f"{form} {header} {file.reason}"
