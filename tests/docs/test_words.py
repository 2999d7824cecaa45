"""One word for one thing, in every table."""

import pytest

from pipeline.contracts.tables import Table, TableName, load_tables

TABLES = load_tables()
# The list of files itself, which says file_name in the published file too.
FILES = TableName("mart", "source_file")


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: str(table.full_name))
def test_a_file_is_source_file_where_it_is_published_and_file_name_elsewhere(table: Table) -> None:
    """As the published tables have it beside the other names of a row."""
    is_published = table.is_published and table.full_name != FILES
    assert ("file_name" if is_published else "source_file") not in table.column_names


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: str(table.full_name))
def test_no_table_has_two_words_for_the_number_of_a_document(table: Table) -> None:
    """A batch's is batch_no in the bank's lists alone; where documents of all kinds stand it is a document_no like others."""
    assert not {"batch_no", "document_no"} <= set(table.column_names)
