"""The naive recount: dicts and loops over logical rows, following the rules sentence by sentence.

It shares no code with the pipeline. `recount` in `tables` is its one door.
"""

from .tables import Recount, recount

__all__ = ["Recount", "recount"]
