"""Spark beside DuckDB: what statements are translated to, and that both build the same tables."""
