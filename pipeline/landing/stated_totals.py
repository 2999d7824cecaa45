"""What a total row states: counts of rows, sums of amounts and of persons, of all lines or of successes and failures apart.

Whether it is right is told by ``totals``; which rows are totals by ``row_kinds``.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Literal, NamedTuple

from pipeline.contracts.codes import vocabulary
from pipeline.contracts.sources import SOURCES, Source
from pipeline.landing.amounts import capital_fen, read_fen
from pipeline.landing.labels import clean_label, split_unit
from pipeline.landing.tables import Record

Measure = Literal["count", "amount", "persons"]
Part = Literal["success", "failed"]
# What a count counts that is no row of the whole list.
Counted = Literal["households", "listed"]

_DIGIT = re.compile(r"[0-9]")
_COUNTERS = "笔|人次|人|户|条|行|份"
_PLAIN = re.compile(rf"([0-9]+|[0-9]{{1,3}}(?:,[0-9]{{3}})+)(?:\.0*)?({_COUNTERS})?")
_IN_TEXT = re.compile(rf"([^0-9]*?)(-?[0-9][0-9,]*(?:\.[0-9]+)?)(万元|元|分|{_COUNTERS})?")
_BEFORE_CAPITALS = re.compile(r"^(?:人民币)?(?:\(?大写\)?)?:?(?:人民币)?")
_COUNT_WORD = re.compile(r"(?:笔|人|户|条)数?(?:合计|总计)?[:为]?$")
_COUNT_UNIT = re.compile(r"(?:笔|人|户|条)数?")
_AMOUNT_WORD = re.compile(r"(?:金额|总额|款|小写|实[缴发付])(?:合计|总计)?[:为]?$")
# What was due is a sum of its own, of which nothing is said here.
_DUE_WORD = re.compile(r"应(?:缴|发|付|处理)(?:金额|总额)?(?:合计|总计)?[:为]?$")
_FAILED = re.compile(r"失败|未成功|不成功")
_WHOLE = re.compile(r"总|合计|共|全部")
_PART_ALONE = re.compile(r"(?:成功|失败|未成功|不成功)[:为]?$")
# Words of columns whose total row holds the column's own sum.
_AMOUNT_LABEL = re.compile(
    r"额|费|款|补助|补贴|标准|资金|工资|利息|本金|税|收入|支出|财政|市级|省级|中央|区级|县级|其中"
)
_MONEY_UNITS = ("元", "分", "万元")
_PERSON_UNITS = ("人", "人次")
_HOUSEHOLDS = re.compile(r"户数?[:为]?$")
_COUNTED_BEHIND = re.compile(r"(?:(?:人|户|笔|条)数?)?[:为]?$")
# A total above the header: ``总笔数:3``, ``成功金额:300.00元``; a sum of more than this list is none.
_ABOVE = re.compile(
    r"(?<!累计)(?<!年度)(?<!全年)(?<!计划)(?<!应发)(?<!每人)"
    r"(?P<whole>总|合计|总计|共计|成功|失败|未成功|不成功)\s*(?P<what>笔\s*数|条\s*数|人\s*数|金\s*额|额)\s*(?:合计|总计)?\s*:?\s*"
    r"(?P<number>-?[0-9][0-9,]*(?:\.[0-9]+)?)\s*(?P<unit>万元|元|分|笔|条|人)?(?![0-9.])"
)
_LABEL_ABOVE = re.compile(r"[数额]\s*:?$")
_SEXES = ("男", "女", "男性", "女性")
_LINE_WORDS: dict[str, tuple[Measure, Part | None]] = {
    "total_count": ("count", None),
    "total_amount": ("amount", None),
    "success_count": ("count", "success"),
    "success_amount": ("amount", "success"),
    "failure_count": ("count", "failed"),
    "failure_amount": ("amount", "failed"),
}
CHINESE_LINE_WORDS = {
    "total_count": "总笔数",
    "total_amount": "总金额",
    "success_count": "成功笔数",
    "success_amount": "成功金额",
    "failure_count": "失败笔数",
    "failure_amount": "失败金额",
}
"""What the numbers of a line without a header are called where people read of them."""


@dataclass(frozen=True)
class Stated:
    """A number that a total row states.

    Attributes:
        row_number, column: its place; the column from 0.
        value: a count, or fen; null of a number that can't be read.
        part: the lines that it covers; null of all.
        may_be: a part that it may cover as well, where the text leaves it open.
        may_count: whether a sum of persons may be the count of rows as well.
        counted: what a count counts, where that is households, or the rows of one listed word (``返还6人``).
        is_of_persons: whether a count is one of persons by its unit.
    """

    row_number: int
    column: int
    measure: Measure
    value: int | None
    part: Part | None = None
    may_be: Part | None = None
    may_count: bool = False
    counted: Counted | None = None
    is_of_persons: bool = False


class TotalColumns(NamedTuple):
    """The columns of a table, as far as its total rows need them.

    Attributes:
        labels: the label of each column.
        fields: the column of each field.
        amount_unit: the unit of sums of which the cell states none.
        counted_beside: fields under which a total may also state the count of rows, as no rule adds them up.
        holds_numbers: whether the data cells of a column are numbers, as amounts are.
    """

    labels: Sequence[str]
    fields: Mapping[str, int]
    amount_unit: str
    counted_beside: Collection[str]
    holds_numbers: Callable[[int], bool]


def stated_in_row(row: Record, columns: TotalColumns, source: Source) -> Iterator[Stated]:
    """The numbers of a total row.

    The cell under `amount` is the sum of amounts, the one under `persons` that of persons. Any other number is the count of
    rows where it stands under a text column or beside a word of counting; under another column of amounts it is that
    column's own sum, of which nothing is said here. Of a row that counts persons too its households are no count of rows, and
    where it counts listed words apart (``返还6人,代缴4人``), their sum is the count unless it states the whole too.
    """
    # Sums of money are those of `amount`; of a source without it nothing is known of them.
    has_amount = any(field.name == "amount" for field in source.fields)
    stated = [each for each in _stated_in_cells(row, columns, source) if has_amount or each.measure != "amount"]
    # Where rows state how many persons they are for, 人 may count these as well as the rows.
    if "persons" in columns.fields and "persons" not in columns.counted_beside:
        stated = [replace(each, measure="persons", may_count=True) if each.is_of_persons else each for each in stated]
    counts = [each for each in stated if each.measure == "count" and each.part is None]
    listed = [each for each in counts if each.counted == "listed"]
    if any(each.counted is None for each in counts):
        counts = [each for each in counts if each.counted is None]
    elif listed:
        counts = [replace(listed[0], value=_sum_of(each.value for each in listed))]
    yield from (each for each in stated if each.measure != "count" or each.part is not None)
    yield from counts


def _stated_in_cells(row: Record, columns: TotalColumns, source: Source) -> Iterator[Stated]:
    names = {index: name for name, index in columns.fields.items()}
    own_sums = {field.name for field in source.fields if field.type == "amount"} | {"due_amount"}
    labels = [clean_label(cell) for cell in row.cells]
    part = _part(next((label for label in labels if label), ""))
    for index, label in enumerate(labels):
        name = names.get(index)
        in_capitals = capital_fen(_BEFORE_CAPITALS.sub("", label)) if name == "amount" else None
        if in_capitals is not None:
            yield Stated(row.row_number, index, "amount", in_capitals, part)
        if not _DIGIT.search(label):
            continue
        plain = _PLAIN.fullmatch(label)
        fen = read_fen(label, columns.amount_unit)
        if plain is None and fen is None:
            in_text = list(_stated_in_text(row.row_number, index, label, columns.amount_unit, part, source))
            # A sum that can't be read is none that agrees.
            yield from in_text or ([Stated(row.row_number, index, "amount", None, part)] if name == "amount" else [])
            continue
        before, behind = _neighbours(labels, index)
        is_text = name not in own_sums if name else _is_text_column(index, columns)
        measure = _measure(label, name, (before, behind), is_text=is_text)
        if measure is not None:
            value = fen if measure == "amount" else _integer(plain.group(1)) if plain else None
            may_count = measure == "persons" and "persons" in columns.counted_beside
            counter = plain.group(2) if plain and measure == "count" else None
            counted = _counted(before, counter, source) if measure == "count" else None
            yield Stated(
                *(row.row_number, index, measure, value, _part(before) or part),
                may_count=may_count,
                counted=counted,
                is_of_persons=counter in _PERSON_UNITS,
            )


def stated_in_line(row: Record, words: Sequence[str], amount_unit: str) -> Iterator[Stated]:
    """The numbers of the first or last line of a text without a header, whose cells are named.

    A line of successes or failures alone (``成功 3 300.00``) says so where the total's word stands.
    """
    of_line = next(
        (_part(clean_label(cell)) for word, cell in zip(words, row.cells, strict=False) if word == "total_word"), None
    )
    for index, (word, cell) in enumerate(zip(words, row.cells, strict=False)):
        label = clean_label(cell)
        if word in _LINE_WORDS and _DIGIT.search(label):
            measure, part = _LINE_WORDS[word]
            plain = _PLAIN.fullmatch(label)
            count = _integer(plain.group(1)) if plain else None
            value = count if measure == "count" else read_fen(label, amount_unit)
            yield Stated(row.row_number, index, measure, value, part or of_line)


def stated_in_head(row: Record, amount_unit: str, source: Source) -> Iterator[Stated]:
    """The totals of a row above the header: a label with its number, in one cell or in the next one."""
    own = {field.name for field in source.fields}
    cells = [unicodedata.normalize("NFKC", cell).strip() for cell in row.cells]
    for index, cell in enumerate(cells):
        behind = next(((place, text) for place, text in enumerate(cells[index + 1 :], start=index + 1) if text), None)
        is_label = behind is not None and _LABEL_ABOVE.search(cell) and _DIGIT.match(behind[1])
        column, text = (behind[0], f"{cell}{behind[1]}") if behind and is_label else (index, cell)
        for found in _ABOVE.finditer(text):
            what = found["what"].replace(" ", "")
            measure: Measure = "amount" if what.endswith("额") else "count"
            if what == "人数" and "persons" in own:
                measure = "persons"
            if measure == "amount" and "amount" not in own:
                continue
            number = found["number"]
            value = read_fen(f"{number}{found['unit'] or ''}", amount_unit) if measure == "amount" else _integer(number)
            yield Stated(row.row_number, column, measure, value, _part(found["whole"]))


def _stated_in_text(
    row_number: int, column: int, label: str, amount_unit: str, of_row: Part | None, source: Source
) -> Iterator[Stated]:
    """The numbers that stand in a text: ``总笔数:3成功笔数:2失败笔数:1``, ``合计:3笔,300.00元``."""
    carried: Part | None = None
    is_within = False
    for before, number, unit in _IN_TEXT.findall(label):
        own = _part(before)
        is_within |= "其中" in before
        if _WHOLE.search(before):
            carried = None
        carried = own or carried
        is_money = unit in _MONEY_UNITS or (not unit and bool(_AMOUNT_WORD.search(before)))
        is_count = (unit and unit not in _MONEY_UNITS) or (
            not unit and "." not in number and bool(_COUNT_WORD.search(before) or _PART_ALONE.search(before))
        )
        if not (is_money or is_count) or (is_within and carried is None) or _DUE_WORD.search(before):
            continue
        value = read_fen(f"{number}{unit}", amount_unit) if is_money else _integer(number)
        may_be = carried if own is None else None
        counted = None if is_money else _counted(before, unit, source)
        yield Stated(
            *(row_number, column, "amount" if is_money else "count", value, own or of_row, may_be),
            counted=counted,
            is_of_persons=unit in _PERSON_UNITS,
        )


def _counted(before: str, unit: str | None, source: Source) -> Counted | None:
    """What a count counts, by the text before it and the word behind it; null where that may be all rows."""
    if _COUNTED_BEHIND.sub("", before).endswith(_listed_words(source.name)):
        return "listed"
    return "households" if unit == "户" or _HOUSEHOLDS.search(before) else None


@cache
def _listed_words(source: str) -> tuple[str, ...]:
    """The words by which a list tells its rows apart; an item of the tax bureau's is that of all rows that count."""
    words = [field.vocabulary for field in SOURCES[source].fields if field.vocabulary and field.name != "levy_item"]
    listed = [word for name in words for rule in vocabulary(name).words for word in rule.whole]
    return (*_SEXES, *(word for word in listed if len(word) > 1))


def _sum_of(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return sum(value for value in known if value is not None) if None not in known else None


def _measure(label: str, name: str | None, beside: tuple[str, str], *, is_text: bool) -> Measure | None:
    """What a number states; null where it is a column's own sum."""
    before, behind = beside
    plain = _PLAIN.fullmatch(label)
    if name == "persons":
        return "persons"
    if plain and plain.group(2):
        return "count"
    if name == "amount":
        return "amount"
    if _COUNT_WORD.search(before) or _COUNT_UNIT.fullmatch(behind) or (plain and _PART_ALONE.search(before)):
        return "count"
    if _DUE_WORD.search(before):
        return None
    if _AMOUNT_WORD.search(before) or (is_text and not plain and label.endswith(_MONEY_UNITS)):
        return "amount"
    return "count" if plain and is_text else None


def _is_text_column(index: int, columns: TotalColumns) -> bool:
    has_label = index < len(columns.labels) and columns.labels[index] != ""
    return has_label and not _is_amount_column(index, columns)


def _is_amount_column(index: int, columns: TotalColumns) -> bool:
    base, unit = split_unit(columns.labels[index])
    return unit in _MONEY_UNITS or _AMOUNT_LABEL.search(base) is not None or columns.holds_numbers(index)


def _neighbours(labels: Sequence[str], index: int) -> tuple[str, str]:
    """The texts in the cells beside a cell, where they hold no number."""
    before = next((label for label in reversed(labels[:index]) if label), "")
    behind = next((label for label in labels[index + 1 :] if label), "")
    return "" if _DIGIT.search(before) else before, "" if _DIGIT.search(behind) else behind


def _part(text: str) -> Part | None:
    if _FAILED.search(text):
        return "failed"
    return "success" if "成功" in text else None


def _integer(text: str) -> int:
    return int(text.partition(".")[0].replace(",", ""))
