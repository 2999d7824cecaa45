"""What the process that commands are forked from has loaded; see `commands`.

Nothing is computed here: a thread that was started before a fork would not be there behind it.
"""

import codecs

import dagster  # noqa: F401
import great_expectations.expectations  # noqa: F401

import pipeline.build.refresh  # noqa: F401
from pipeline.checks import suites
from pipeline.contracts import tables
from pipeline.warehouse import run

tables.build_order()
suites.suite_checks()
run.code_version()
# An ordinary user may not be able to read the libraries' folders once the rights of root are given up.
for encoding in ("utf-8-sig", "gb18030", "utf-16", "idna", "ascii"):
    codecs.lookup(encoding)
