"""Landed files: readers, layouts and the parse cache.

Files become typed rows here, each by itself. Nothing here knows of Dagster or DuckDB, of people or of money.
"""

from pipeline.landing.files import visible_files
from pipeline.landing.land import Landing, RowsFile, land_year
from pipeline.landing.layouts import Layout, Layouts, load_layouts
from pipeline.landing.words import load_own_words

__all__ = ["Landing", "Layout", "Layouts", "RowsFile", "land_year", "load_layouts", "load_own_words", "visible_files"]
