"""The synthetic district: people who don't exist, their papers, and files as a county sends them.

`write_sample` writes a year into the landing folder and returns what it planted. Nothing here knows the pipeline's
rules: what must come out is fixed while the rows are made.

- people: ``population``, ``households``, ``pyramid``, ``names``, ``identity``, ``people``, ``statuses``
- their papers as rows: ``rolls``, ``registers``, ``payments``, ``scenarios``, ``dealing``, ``changes``, ``funds``,
  ``working_days``
- a year of them: ``district``, ``figures``, ``summary``
- files: ``files``, ``roll_files``, ``return_files``, ``fund_files``, ``write``, ``writers``, ``workbooks``
- dirt that counties send with them: ``dirt``, ``row_dirt``, ``cell_dirt``, ``file_dirt``
"""

from pipeline.sample.summary import SampleSummary
from pipeline.sample.write import write_sample

__all__ = ["SampleSummary", "write_sample"]
