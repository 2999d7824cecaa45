"""Landed files: readers, layouts and the parse cache.

Files become typed rows here, each by itself. Nothing here knows of Dagster or DuckDB, of people or of money.
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
