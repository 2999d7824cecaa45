"""Where in a sheet or text file a second list begins, for the refusal of one whose total is wrong for that reason."""

from pipeline.landing.labels import clean_label
from pipeline.landing.matching import Table
from pipeline.landing.row_kinds import RowKind
from pipeline.landing.tables import CELL_SEPARATOR
from pipeline.landing.titles import head_values


def second_list_row(table: Table) -> int | None:
    """The row at which a second list begins: its title, else its head, else its header; null where there is none.

    A header that is repeated begins a list where a total or another title stands before it; else it is that of a page.
    """
    if table.later_first_lines is not None:
        return next(table.later_first_lines(), None)
    sorter = table.sorter()
    has_total = False
    first_title: int | None = None
    has_new_title = False
    for batch in table.batches(sorted(set(table.header.columns.values()))):
        for row_number, text in batch.select("row_number", "row_text").iter_rows():
            cells = text.split(CELL_SEPARATOR)
            if not any(clean_label(cell) for cell in cells):
                continue
            kind = sorter.kind(cells)
            if kind is RowKind.OTHER_HEADER or (kind is RowKind.HEADER and (has_total or has_new_title)):
                return row_number if first_title is None else first_title
            has_total |= kind is RowKind.TOTAL
            is_head = kind is RowKind.OTHER and bool(head_values([cells], table.layout).keys() - {"made_at"})
            is_new_title = is_head or (kind is RowKind.DATA and sorter.may_be_title(cells))
            if is_new_title or kind is RowKind.TITLE:
                first_title = row_number if first_title is None else first_title
                has_new_title |= is_new_title
            elif kind is not RowKind.OTHER:
                first_title, has_new_title = None, False
    return None
