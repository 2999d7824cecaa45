"""The second count: every published table counted once more from the texts of the cells, and compared.

It follows docs/rules.md and docs/inputs.md sentence by sentence and shares nothing with the SQL, nor with how landing reads
texts, but the policy and the codes (``assets/codes``), which it reads by a matcher of its own. It is plain Python over rows,
and over columns where tables are made of them, written to be read beside the rules:

- what it is given: ``facts``
- what a cell says: ``texts``, ``words``, ``identity``, ``names``, ``divisions``, ``outcomes``; for a whole run: ``readings``
- rows: ``row_types``, from the ``columns`` of a table, source by source in ``rows``
- what becomes of files and rows: ``files``, ``fates``, with ``file_content``, ``file_counts``, ``batch_lists``,
  ``summary_sheets``, ``controls``
- the rules: ``roll``, ``evidence``, ``states``, ``lines``, ``mismatches``, ``replies``, ``money``, ``rates``
- what follows from them: ``count``, ``counted``, ``tables``, with ``figure_tables``, ``file_tables``, ``handling``,
  ``payments``, ``payment_status``, ``indicators``, ``reference``
- what is published against it: ``comparison``, ``privacy``
- rows that are too many to be counted at once: ``parts``, ``in_parts``
"""

from pipeline.checks.second_count.comparison import Comparison, Difference
from pipeline.checks.second_count.facts import FileFacts, Published, RunFacts, SenderWords, TableFacts
from pipeline.checks.second_count.in_parts import compare

__all__ = ["Comparison", "Difference", "FileFacts", "Published", "RunFacts", "SenderWords", "TableFacts", "compare"]
