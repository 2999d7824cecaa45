"""Whole runs: by the command line, in Dagster, of the district of 2019."""
