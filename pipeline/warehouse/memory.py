"""How much memory a database of ours takes, whatever it holds: what doesn't fit goes to the disk."""

from pipeline.settings import Settings

# What a database holds that waits while others work.
RESTING = "256MB"


def memory_limit() -> str:
    """The limit of a setting, as DuckDB takes it."""
    return f"{Settings().memory_gigabytes:g}GB"
