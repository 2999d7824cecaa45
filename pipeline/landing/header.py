"""Finding a table's header by its aliases, in the first rows of a sheet or text file.

Which rows belong to a header by their place is told by ``header_rows``. What stands above the header is read in
``titles``, the rows below it in ``row_kinds`` and ``rows``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.landing.header_rows import could_be_second, holds_digits, numbers_columns
from pipeline.landing.labels import find_alias, header_label, other_unit, split_unit
from pipeline.landing.layouts import Layout
from pipeline.landing.sheet_xml import MergedRange

_DIGIT = re.compile(r"\d")
_SHOWN_HEADERS = 30
# What lists have behind 姓名, beside the words of the layouts.
_BESIDE_NAMES = (
    "性别",
    "民族",
    "年龄",
    "人数",
    "与户主关系",
    "出生日期",
    "出生年月",
    "电话",
    "联系电话",
    "家庭住址",
    "地址",
)

# Fields of which two columns with the same word leave open which of them is meant, beside those that its layout requires.
_NEVER_DOUBLED = ("name", "id_no", "account", "amount", "outcome")

_BRACKETS = tuple("([【〔〈<{")

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Header:
    """A header that was found.

    Attributes:
        first, last: its rows among the rows that were searched, from 0; a row that numbers the columns is the last one.
        labels: the text that counts for each column.
        columns: the column of each field.
        words: the alias by which each field was found.
        units: the unit that stands behind a field's alias.
        doubled: all columns of a field that has several with the very same alias.
    """

    first: int
    last: int
    labels: tuple[str, ...]
    columns: dict[str, int]
    words: dict[str, str]
    units: dict[str, str]
    doubled: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def width(self) -> int:
        """The number of columns up to the last one that has a label."""
        return max((index + 1 for index, label in enumerate(self.labels) if label), default=0)

    @property
    def unused(self) -> tuple[str, ...]:
        """The labels of the columns that no field takes."""
        used = {*self.columns.values(), *(index for columns in self.doubled.values() for index in columns)}
        return tuple(label for index, label in enumerate(self.labels) if label and index not in used)


@dataclass(frozen=True)
class Nearest:
    """How near a layout comes to a file that has no header of it: labels found and labels missing."""

    layout: Layout
    found: tuple[str, ...]
    missing: tuple[str, ...]
    labels: tuple[str, ...]


def label_rows(rows: Rows, merged: Sequence[MergedRange] = ()) -> list[list[str]]:
    """The first rows of a table as labels.

    Args:
        merged: merged ranges of the sheet; a merged cell has the value of its first cell.
    """
    labels = [[header_label(cell) for cell in row] for row in rows]
    for area in merged:
        if area.first_row > len(labels):
            continue
        value = labels[area.first_row - 1][area.first_column : area.first_column + 1]
        for row in labels[area.first_row - 1 : area.last_row]:
            last = min(area.last_column + 1, len(row))
            row[area.first_column : last] = value * (last - area.first_column)
    return labels


def find_header(labels: Rows, layout: Layout) -> Header | None:
    """Find the header of a table layout, of one row or two.

    Args:
        labels: the first rows of the table, in order, as `label_rows` gives them.
    """
    for index, row in enumerate(labels):
        below = labels[index + 1] if index + 1 < len(labels) else None
        if has_required(row, layout):
            if below is not None and could_be_second(below, row, _needed_columns(row, layout), layout):
                both = _combined(row, below, layout)
                # A second label such as 千元 makes of a column something that no layout knows.
                if not has_required(both, layout):
                    return None
                return _with_numbers(_header(both, index, index + 1, layout), labels)
            if index > 0 and _is_first_row(labels[index - 1], row, layout):
                header = _header(_combined(labels[index - 1], row, layout), index - 1, index, layout)
                return _with_numbers(header, labels)
            return _with_numbers(_header(row, index, index, layout), labels)
        if below is not None and not has_required(below, layout):
            both = _combined(row, below, layout)
            if has_required(both, layout):
                return _with_numbers(_header(both, index, index + 1, layout), labels)
    return None


def near_labels(name: str, labels: Sequence[str], layout: Layout) -> tuple[str, ...]:
    """The labels that look like a field for which no column was found: they contain an alias or a near word of it."""
    words = (*layout.aliases.get(name, ()), *layout.near_words.get(name, ()))
    return tuple(dict.fromkeys(label for label in labels if any(word in label for word in words)))


def nearest_layout(tables: Sequence[Rows], layouts: Sequence[Layout]) -> Nearest | None:
    """The table layout, and the row, in which most required headers are found; null when no table layout is there.

    Args:
        tables: the first rows of each table, as `label_rows` gives them.
    """
    best: Nearest | None = None
    for layout in layouts:
        if layout.form != "table":
            continue
        for row in (row for labels in tables for row in labels):
            found = _matches(row, layout)
            names = _shown(row, layout)[:_SHOWN_HEADERS]
            nearest = Nearest(layout, tuple(word for _, word in found.values()), _missing(found, layout), names)
            if best is None or len(nearest.found) > len(best.found):
                best = nearest
    return best


def _shown(row: Sequence[str], layout: Layout) -> tuple[str, ...]:
    """The labels that may be told of a row that looks most like a header: a form has a person's values between its words.

    Where a cell has a digit, only the layout's own words are told; else all but what follows 姓名.
    """
    is_form = any(_DIGIT.search(label) for label in row)
    names = layout.aliases.get("name", ())
    shown = []
    for before, label in zip(("", *row), row, strict=False):
        is_value = is_form or (label not in _BESIDE_NAMES and find_alias(before, names) is not None)
        if label and (not is_value or _is_alias(label, layout) or _is_near(label, layout)):
            shown.append(label)
    return tuple(shown)


def _is_near(label: str, layout: Layout) -> bool:
    """Whether a label looks like a required field without being one of its aliases, and can be no person's value."""
    required = [name for group in layout.required_groups for name in group]
    return not _DIGIT.search(label) and any(near_labels(name, [label], layout) for name in required)


def _matches(labels: Sequence[str], layout: Layout) -> dict[str, tuple[int, str]]:
    """The column and alias of each field that is found; of several columns the one whose alias stands first."""
    found: dict[str, tuple[int, int, str]] = {}
    for index, label in enumerate(labels):
        base, _ = split_unit(label)
        places = {name: (place, index, base) for name, place in layout.fields_by_alias.get(base, {}).items()}
        places |= {name: (place, index, label) for name, place in layout.fields_by_alias.get(label, {}).items()}
        for name, place in places.items():
            found[name] = min(found.get(name, place), place)
    return {name: found[name][1:] for name in layout.fields if name in found}


def _is_alias(label: str, layout: Layout) -> bool:
    return label in layout.fields_by_alias or split_unit(label)[0] in layout.fields_by_alias


def _is_known(label: str, layout: Layout) -> bool:
    """Whether a label is an alias of any field, one that the layout doesn't look for too."""
    return _is_alias(label, layout) or find_alias(label, layout.known_words) is not None


def _missing(found: dict[str, tuple[int, str]], layout: Layout) -> tuple[str, ...]:
    groups = [group for group in layout.required_groups if not any(field in found for field in group)]
    return tuple("或".join(layout.aliases[field][0] for field in group) for group in groups)


def has_required(labels: Sequence[str], layout: Layout) -> bool:
    """Whether the labels of a row give the required fields of a layout."""
    found = _matches(labels, layout)
    return all(any(field in found for field in group) for group in layout.required_groups)


def _combined(upper: Sequence[str], lower: Sequence[str], layout: Layout) -> list[str]:
    """Two header rows as one.

    A cell counts by the lower text if that is an alias, else by both joined in either order, else by the upper one's.
    """
    width = max(len(upper), len(lower))
    above = [*upper, *[""] * (width - len(upper))]
    below = [*lower, *[""] * (width - len(lower))]
    return [
        (_of_group(above, below, index, layout) if below[index] and not above[index] else None)
        or _joined(above[index], below[index], layout)
        for index in range(width)
    ]


def _of_group(above: Sequence[str], below: Sequence[str], index: int, layout: Layout) -> str | None:
    """The alias that a lower label is with the upper one of its group: a text file has merged cells' text in the first alone."""
    place = index
    while place and not above[place] and below[place - 1]:
        place -= 1
    label = _joined(above[place], below[index], layout)
    is_of_group = label not in (above[place], below[index]) and not _is_known(below[index], layout)
    return label if is_of_group and _is_known(label, layout) else None


def _joined(top: str, bottom: str, layout: Layout) -> str:
    base, bottom_unit = split_unit(bottom)
    if bottom and base == "" and not bottom.startswith(_BRACKETS):
        return f"{top}({bottom_unit})"
    if other_unit(bottom) and not _is_known(bottom, layout):
        return f"{top}({bottom})"
    if base == "":
        return (top + bottom) if top else bottom
    top_base, top_unit = split_unit(top)
    unit = f"({top_unit})" if top_unit else ""
    joined = [bottom, bottom + top, top + bottom, base + top_base + unit, top_base + bottom, top]
    return next((label for label in joined if _is_known(label, layout)), bottom)


def _needed_columns(labels: Sequence[str], layout: Layout) -> dict[int, str]:
    """The columns of a header row under which a required field stands, with its name."""
    found = _matches(labels, layout)
    return {found[name][0]: name for group in layout.required_groups for name in group if name in found}


def _is_first_row(upper: Sequence[str], lower: Sequence[str], layout: Layout) -> bool:
    """Whether a row above one that gives the required fields adds to it: a field that has no text below it."""
    below = [*lower, *[""] * len(upper)]
    # Labels with their values in the next cells are a head: 批次号, B201906-003.
    is_head = any(holds_digits(label) for label in upper)
    return not is_head and any(not below[index] and _is_alias(label, layout) for index, label in enumerate(upper))


def _with_numbers(header: Header, labels: Rows) -> Header:
    """The header with the row below it that numbers its columns, if there is one."""
    for index, row in enumerate(labels[header.last + 1 :], start=header.last + 1):
        if any(row):
            return replace(header, last=index) if numbers_columns(row, header.columns) else header
    return header


def _header(labels: Sequence[str], first: int, last: int, layout: Layout) -> Header:
    found = _matches(labels, layout)
    units = {field: split_unit(labels[index])[1] for field, (index, word) in found.items() if labels[index] != word}
    return Header(
        first=first,
        last=last,
        labels=tuple(labels),
        columns={field: index for field, (index, _) in found.items()},
        words={field: word for field, (_, word) in found.items()},
        units={field: unit for field, unit in units.items() if unit},
        doubled=_doubled(labels, {name: place for name, place in found.items() if name in _never_doubled(layout)}),
    )


def _never_doubled(layout: Layout) -> set[str]:
    return {*_NEVER_DOUBLED, *(name for group in layout.required_groups for name in group)}


def _doubled(labels: Sequence[str], found: dict[str, tuple[int, str]]) -> dict[str, tuple[int, ...]]:
    columns = {
        name: tuple(index for index, label in enumerate(labels) if word in (label, split_unit(label)[0]))
        for name, (_, word) in found.items()
    }
    return {name: indices for name, indices in columns.items() if len(indices) > 1}
