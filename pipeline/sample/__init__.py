"""The synthetic district: people who don't exist, their papers, and files as a county sends them.

`write_sample` writes a year into the landing folder and returns what it planted. Nothing here knows the pipeline's
rules: what must come out is fixed while the rows are made.
"""

from pipeline.sample.summary import SampleSummary
from pipeline.sample.write import write_sample

__all__ = ["SampleSummary", "write_sample"]
