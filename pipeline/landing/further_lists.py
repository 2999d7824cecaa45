"""Whether a header within the rows of a table begins another list than the one at the top.

Rows take batch number, dates, township and unit from the head above the first header. Where a further header has another head,
or other columns, nobody knows from which of them its rows are, so such a file is refused; a page of the same list is read.
"""

import re

from pipeline.contracts.sources import SOURCES
from pipeline.landing.dates import read_date
from pipeline.landing.labels import clean_label, split_unit
from pipeline.landing.matching import Table
from pipeline.landing.row_kinds import FurtherHead
from pipeline.landing.titles import AMOUNT_FIELDS, head_values, place_texts, unit_above

_DATES = ("paid_date", "made_at", "snapshot_date", "document_date")
# A text that may name a township; a bare name of one has at most so many characters.
_PLACE = re.compile(r"[镇乡]|街道|办事处")
_BARE_NAME = 4
# What the title of a further page has beside that of the first; without its year a title may look like a bare name.
_OF_PAGE = re.compile(r"[((]?(?:续表?|第\d+页?|共?\d+页|\d+/\d+)[))]?|[((]\d+[))]|[-—\d]+$")


def begins_other_list(table: Table, head: FurtherHead) -> bool:
    """Whether the rows below a further header belong to another list."""
    if head.is_other:
        return True
    values = head_values(head.lines, table.layout)
    is_foot = values.keys() == {"made_at"} and not head.titles
    return (
        (not is_foot and any(_differs(table, name, value) for name, value in values.items()))
        or _has_other_unit(table, head)
        or _has_other_place(table, head)
    )


def _differs(table: Table, name: str, value: str) -> bool:
    own = table.head.get(name)
    if name == "made_at" and not SOURCES[table.layout.source].needs_paid_date:
        # Only a bank's rows are dated by it.
        return False
    if own is None or clean_label(own) == clean_label(value):
        return own is None
    layout, from_1904 = table.layout, table.counts_from_1904
    days = [
        read_date(text, layout.date_formats, layout.policy_year, counts_from_1904=from_1904) for text in (own, value)
    ]
    return name not in _DATES or days[0] is None or days[0] != days[1]


def _has_other_unit(table: Table, head: FurtherHead) -> bool:
    unit, header, layout = unit_above(head.lines), table.header, table.layout
    by_line = [
        name
        for name in AMOUNT_FIELDS
        if name in header.columns and split_unit(header.labels[header.columns[name]])[1] is None
    ]
    return unit is not None and any(header.units.get(name, layout.amount_unit) != unit for name in by_line)


def _has_other_place(table: Table, head: FurtherHead) -> bool:
    if not SOURCES[table.layout.source].is_placed or "township" in (table.header.columns.keys() | table.head.keys()):
        return False
    own = {_OF_PAGE.sub("", text) for text in table.place_texts}
    texts = (_OF_PAGE.sub("", text) for text in place_texts(head.titles))
    return any(_PLACE.search(text) or len(text) <= _BARE_NAME for text in texts if text and text not in own)
