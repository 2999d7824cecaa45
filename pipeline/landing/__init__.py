"""Landed files: readers, layouts and the parse cache.

Files become typed rows here, each by itself. Nothing here knows of Dagster or DuckDB, of people or of money.

- which files there are, and what is kept of each: ``files``, ``land``, ``cache``, ``refusals``
- parsing where it can do no harm: ``workers``, ``worker``, ``parse``
- from bytes to cells: ``content``, ``text_file``, ``text_reader``, ``workbook_reader``, ``workbook_parts``, ``sheet_xml``,
  ``xls_parts``, ``merged_cells``, ``tables``
- where a table stands: ``layouts``, ``matching``, ``header``, ``header_rows``, ``doubled_columns``, ``titles``, ``labels``,
  ``places``, ``further_lists``, ``second_list``
- which rows are data, and what they add up to: ``table_parse``, ``table_facts``, ``row_kinds``, ``row_shape``, ``totals``,
  ``stated_totals``
- from cells to values: ``rows``, ``fields``, ``amounts``, ``cell_units``, ``dates``, ``death_dates``, ``words``, ``outcomes``,
  ``simplified``
- what is said of a row: ``judgement``, ``landed_row``
- for whoever wonders what was seen: ``inspection``, ``inspected``, ``inspection_text``, ``masks``
"""

from pipeline.contracts.sources import SOURCES
from pipeline.landing.cache import tables_of
from pipeline.landing.files import holds_entries, visible_files
from pipeline.landing.land import Landing, RowsFile, land_year
from pipeline.landing.layouts import Layout, Layouts, load_layouts
from pipeline.landing.places import place_of
from pipeline.landing.table_facts import TableFacts
from pipeline.landing.words import load_own_words

__all__ = [
    "SOURCES",
    "Landing",
    "Layout",
    "Layouts",
    "RowsFile",
    "TableFacts",
    "holds_entries",
    "land_year",
    "load_layouts",
    "load_own_words",
    "place_of",
    "tables_of",
    "visible_files",
]
