"""The second count: the published tables recomputed by naive Python, and random worlds on which both counts agree.

Nothing here uses the pipeline's code or SQL; only the tests call the pipeline, to compare what it published.
"""
