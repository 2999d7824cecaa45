"""The second count: every published table counted once more from the texts of the cells, and compared.

It follows docs/rules.md and docs/inputs.md sentence by sentence and shares nothing with the SQL, nor with how landing reads
texts, but the policy and the codes (``assets/codes``), which it reads by a matcher of its own. It is plain Python over rows,
and over columns where tables are made of them, written to be read beside the rules: ``facts`` (what it is given), ``texts``,
``words``, ``identity``, ``names``, ``divisions`` and ``outcomes`` (what a cell says), ``rows``, ``files``, ``controls`` (what
becomes of files and rows), ``roll``, ``evidence``, ``states``, ``lines``, ``mismatches``, ``replies``, ``money`` and ``rates``
(the rules), ``counted``, ``handling``, ``indicators``, ``reference`` and ``tables`` (what follows from them), ``privacy`` and
``comparison``.
"""

from pipeline.checks.second_count.comparison import Comparison, Difference, compare
from pipeline.checks.second_count.facts import FileFacts, Published, RunFacts, SenderWords, TableFacts

__all__ = ["Comparison", "Difference", "FileFacts", "Published", "RunFacts", "SenderWords", "TableFacts", "compare"]
