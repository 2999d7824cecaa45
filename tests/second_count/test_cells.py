"""Reader and second count read every cell alike: texts as offices write them, and others that are near them."""

import os
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import polars as pl
import pytest

from pipeline.checks.second_count.identity import read_identity
from pipeline.checks.second_count.names import read_name
from pipeline.checks.second_count.texts import (
    UNREADABLE,
    read_amount,
    read_count,
    read_date,
    read_number,
    said,
)
from pipeline.checks.second_count.words import Words
from pipeline.contracts.codes import vocabulary
from pipeline.landing import fields
from pipeline.landing.amounts import fen
from pipeline.landing.dates import to_date
from pipeline.landing.words import EMPTY_WORDS, NOTHING, meaning

SEED = int(os.environ.get("DAIJIAO_SEED", "20190612"))
CELLS = 2000
# Besides these the reader takes control characters and texts written as formulas out of every cell.
CHARACTERS = (
    *"0123456789XxEe+-−.,,·•．.。/\\年月日时点分元万整人名户笔 ：:'`‘\"()（）【】<>|&%#@!?？□*￥¥",
    "\t", "\n", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u2028", "\u00ad", "\ufffd", "\ue000", "\U000f0000", "①", "Ⅳ", "½",
    "㎏", "ﬁ", "é", "e\u0301", "東", "İ", "０", "Ｘ", "٣", "²", "𠀀", "下午", "T", "级", "残", "毕业", "退", "失败", "未",
)  # fmt: skip
IDS = (
    "530199197003150112",
    "11010519491231002X",
    "530199700315011",
    "53019919700315011271",
    "5.30199E+17",
    "5301991970031500",
)
NUMBERS = ("353000000000000012", "B201906-003", "5.3E+17", "12E5", "'6217 0012")
AMOUNTS = ("100.00", "1,000.00", "100元", "523.544", "-100", "+100", "¥100", "0.08万元", "100元整")
DATES = (
    "20190315", "2019.3.15", "2019/3/15", "2019年3月15日", "43628", "2019-03-15 10:30:00", "2019年3月15日下午3点",
    "20190315103000", "0000-01-01", "0001-1-1",
)  # fmt: skip
WORDS = {
    "schooling": ("非在校生", "高中毕业", "小学", "应届毕业", "辍学", "在读"),
    "category": ("重度残疾(一级)", "低保户", "肢体二级", "五保", "三级"),
    "exclusion": ("死亡", "出国(境)", "省职保"),
    "levy_item": ("10210", "城乡居民基本养老保险费", "10212", "城乡居保费", "职工"),
    "outcome": ("成功", "已退票", "处理失败", "户名不符", "退款中", "作废"),
    "payer_kind": ("财政代缴", "自缴"),
    "class": ("返还", "不符合"),
}

Reading = tuple[Sequence[str], Callable[[pl.Expr], pl.Expr], Callable[[str], Any]]


def _read(value: Any) -> Any:
    return None if value is UNREADABLE else value


def _number(*, is_number: bool) -> Reading:
    return (
        NUMBERS,
        lambda text: fields.number(text, pl.lit(is_number)),
        lambda cell: read_number(cell, is_number=is_number),
    )


def _amount(unit: str) -> Reading:
    return AMOUNTS, lambda text: fen(text, unit), lambda cell: _read(read_amount(cell, unit))


def _word(field: str) -> Reading:
    says = Words({}).reader(field)
    return (
        WORDS[field],
        lambda text: meaning(text, vocabulary(field), {}).replace(NOTHING, None),
        lambda cell: None if says[said(cell)] == NOTHING else says[said(cell)],
    )


READINGS: dict[str, Reading] = {
    "text": (("/", "无", "汤丹镇", "昆财〔2019〕1号"), lambda text: text, said),
    "number": _number(is_number=False),
    "number in a numeric cell": _number(is_number=True),
    "count": (
        ("65,443", "65443.0", "412人", "-3", "+12"),
        lambda text: fields.count(text, is_signed=True),
        lambda cell: _read(read_count(cell)),
    ),
    "date": (
        DATES,
        lambda text: to_date(text, (), 2019).cast(pl.String),
        lambda cell: str(day) if (day := _read(read_date(cell, 2019))) else None,
    ),
    **{f"amount in {unit}": _amount(unit) for unit in ("元", "分", "万元")},
    **{f"word of {field}": _word(field) for field in WORDS},
}


def cells_near(samples: Sequence[str]) -> list[str]:
    """The samples themselves, and texts that differ from one in a few characters."""
    random = Random(SEED)
    found = list(samples)
    for _ in range(CELLS):
        text = list(random.choice(samples))
        for _ in range(random.choice((1, 1, 2))):
            at = random.randrange(len(text) + 1)
            text[at : at + random.choice((0, 0, 1))] = random.choice(CHARACTERS) if random.random() < 0.8 else ""
        found.append("".join(text))
    return found


def read_alike(cells: Sequence[str], frame: pl.DataFrame, reader: pl.Expr, second: Callable[[str], Any]) -> None:
    """Both read the same of each of the cells."""
    found = frame.select(value=reader)["value"].to_list()
    assert [
        (cell, value, again) for cell, value in zip(cells, found, strict=True) if value != (again := second(cell))
    ] == []


def cleaned(cells: Sequence[str]) -> pl.DataFrame:
    """The cells as the reader cleans them before it reads them."""
    return pl.DataFrame({"cell": cells}).select(text=fields.clean_text(pl.col("cell")))


@pytest.mark.parametrize("kind", READINGS)
def test_a_cell_is_read_alike(kind: str) -> None:
    """Be it a text, a number, an amount, a date or a word."""
    samples, reader, second = READINGS[kind]
    cells, text = cells_near(samples), pl.col("text")
    read_alike(cells, cleaned(cells), reader(pl.when(~text.is_in(EMPTY_WORDS)).then(text)), second)


def test_a_name_is_read_alike() -> None:
    """As it is shown, and on the key."""
    cells = cells_near(("张三", "买买提·艾力", "John Smith", "張東", "张?"))
    frame = cleaned(cells)
    read_alike(cells, frame, fields.name(pl.col("text")), lambda cell: read_name(cell).shown)
    read_alike(cells, frame, fields.name_key(pl.col("text")).fill_null(""), lambda cell: read_name(cell).key)


@pytest.mark.parametrize("is_number", [False, True])
def test_an_id_is_read_alike(*, is_number: bool) -> None:
    """In a text and in a numeric cell."""
    cells, text = cells_near(IDS), pl.col("text")
    frame = cleaned(cells).select(text=pl.when(~text.is_in(EMPTY_WORDS)).then(text))
    frame = fields.read_ids(frame, "text", pl.lit(is_number))
    read_alike(cells, frame, pl.col("id_text"), lambda cell: read_identity(cell, is_number=is_number).text)
